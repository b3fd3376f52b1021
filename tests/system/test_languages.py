"""test_languages.py - a person who reads Welsh is written to in Welsh, in every part of a mail.

The mails are read by Python's own reader and by icalendar, who know nothing of the daemon.
"""
import json
import pathlib
import shutil
import sys
import unittest

import icalendar

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import SOURCE, Rig, event, raised, wait_for  # noqa: E402

MANAGERS = {"housing": "housing-manager@housing.northtown.example",
            "asc": "asc-manager@asc.northtown.example"}
DATE = r"\d\d:\d\d ddydd (Llun|Mawrth|Mercher|Iau|Gwener|Sadwrn|Sul) \d+ \w+ \d{4}"


class Languages(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)

    def speak(self, language):
        """One manager reads another language than the rest."""
        path = self.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        directory["people"]["asc-manager"]["language"] = language
        path.write_text(json.dumps(directory, indent=1))

    def mails(self, who, count=1):
        return wait_for(lambda: len(self.rig.mail.to(MANAGERS[who])) >= count
                        and self.rig.mail.to(MANAGERS[who]), f"{count} mails")

    def test_every_part_of_a_mail_is_welsh(self):
        self.speak("cy")
        self.rig.start()
        client = self.rig.client()
        client.publish(raised("D-1"))
        welsh, english = self.mails("asc")[0], self.mails("housing")[0]
        self.assertRegex(welsh["Subject"], r"^\[Gweithredu\] Mae Stage 1 yn dechrau - cyf D-1 - "
                                           r"ateb erbyn 17:00 (Llun|Maw|Mer|Iau|Gwe) \d+ \w+ \d+$")
        self.assertRegex(english["Subject"], r"^\[Action\] Stage 1 begins - ref D-1 - answer by")
        self.assertEqual((welsh["Content-Language"], english["Content-Language"]), ("cy", "en"))
        text = " ".join(welsh.get_body(("plain",)).get_content().split())
        page = welsh.get_body(("html",)).get_content()
        self.assertIn("BETH I'W WNEUD: - Siaradwch â'ch swyddog cyfatebol", text)
        self.assertRegex(text, f"ERBYN PRYD: {DATE}\\.")
        self.assertIn("Dywed y weithdrefn:", text)
        self.assertIn("yr ochr a herir", text)
        self.assertNotRegex(text, r"\b(Nothing|Reference|You receive|challenging|challenged|began|Action)\b")
        self.assertIn('<html lang="cy">', page)
        self.assertIn("<strong>BETH I&#39;W WNEUD:</strong>", page)
        self.assertIn('<html lang="en">', english.get_body(("html",)).get_content())
        self.assertFalse(welsh.defects)
        entry = next(part for part in welsh.walk() if part.get_content_type() == "text/calendar")
        entries = icalendar.Calendar.from_ical(entry.get_payload(decode=True)).walk("VEVENT")
        self.assertTrue(entries)
        for one in entries:
            self.assertRegex(str(one["SUMMARY"]), " - cyf D-1$")

    def test_subject_beyond_ascii_is_encoded_and_read_back(self):
        words = self.rig.folder / "templates/cy/words.yaml"
        words.parent.mkdir(parents=True)
        words.write_text("tag_action: Angen gweithredu – ŵyl\n")
        self.speak("cy")
        self.rig.start()
        self.rig.client().publish(raised("D-1"))
        mail = self.mails("asc")[0]
        self.assertRegex(mail["Subject"], r"^\[Angen gweithredu – ŵyl\] Mae Stage 1 yn dechrau")
        raw = mail.as_bytes().split(b"\n\n", 1)[0]
        self.assertTrue(raw.isascii())

    def test_language_nobody_has_worded_is_english_and_told(self):
        self.speak("fr")
        self.rig.start()
        said = self.rig.ctl("check", self.rig.folder).stderr
        self.assertRegex(said, r"directory\.yaml:\d+:\d+: warning: `\S+` reads `fr`, of which "
                               r"there are no texts")
        self.rig.client().publish(raised("D-1"))
        mail = self.mails("asc")[0]
        self.assertEqual(mail["Content-Language"], "en")
        self.assertIn("[Action] Stage 1 begins", mail["Subject"])

    def test_text_that_is_missing_is_english_with_english_dates(self):
        data = self.rig.folder / "data"
        shutil.copytree(SOURCE / "config", data)
        (data / "templates/cy/stage_entered.txt").unlink()
        self.rig.write_settings(data=str(data))
        self.speak("cy")
        self.rig.start()
        said = self.rig.ctl("check", self.rig.folder).stderr
        self.assertIn(f"{data}/templates/cy: warning: `stage_entered.txt` is missing", said)
        client = self.rig.client()
        client.publish(raised("D-1"))
        client.publish(event("stage.unresolved", "D-1", {"by": {"agency": "northtown-housing"}}))
        text = " ".join(self.mails("asc", 2)[1].get_body(("plain",)).get_content().split())
        self.assertRegex(text, r"Stage 2 of \d began at \d\d:\d\d on \w+day \d+ \w+ \d{4}")
        self.assertRegex(text, "Rydych yn cael y neges hon oherwydd eich rôl")


if __name__ == "__main__":
    unittest.main(verbosity=2)
