"""concernctl preview: a notification as it will read, from files alone."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

CONCERNCTL = pathlib.Path(os.environ["CONCERN_BUILD"]) / "clients/concernctl/concernctl"
TEMPLATES = pathlib.Path(os.environ["CONCERN_SOURCE"]) / "config/templates"


def preview(*arguments):
    clean = {key: value for key, value in os.environ.items()
             if not key.startswith("CONCERN_") and not key.endswith("_DIRECTORY")}
    return subprocess.run([CONCERNCTL, "preview", *map(str, arguments)], text=True,
                          capture_output=True, env=clean, timeout=120, check=False)


class Preview(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="concern preview ")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def shown(self, *arguments):
        done = preview(*arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def refused(self, *arguments, code=1):
        done = preview(*arguments)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        return done.stderr

    def test_every_text_is_shown_in_both_languages(self):
        for path in sorted(TEMPLATES.glob("*.txt")):
            with self.subTest(path.stem):
                english = self.shown(path.stem)
                welsh = self.shown(path.stem, "--language", "cy")
                for text in (english, welsh):
                    self.assertRegex(text, r"\A(Subject|Title): \[?\S.*\n\n\S")
                    self.assertNotIn("{{", text)
                self.assertNotEqual(english, welsh)
                self.assertEqual(self.shown(TEMPLATES / f"cy/{path.name}"), welsh)

    def test_readers_and_references_are_chosen(self):
        text = self.shown("board_senior_involved", "--procedure", "plcsab-adults", "--role",
                          "board_team", "--reference", "D-2026-0193")
        self.assertIn("- ref D-2026-0193", text.splitlines()[0])
        flat = " ".join(text.split())
        self.assertIn("You receive this as LSAB Team of Northtown Safeguarding Board (board)", flat)

    def test_a_draft_stands_in_for_the_one_of_its_name(self):
        draft = self.folder / "hold.txt"
        draft.write_text("{{#headline}}Paused{{/headline}}\n{{#happened}}\nIt waits.\n"
                         "{{/happened}}\n")
        text = self.shown(draft)
        self.assertIn("Subject: [Information] Paused - ref", text)
        self.assertIn("\nIt waits.\n", text)
        self.assertIn("It waits.", self.shown(draft, "--html", self.folder / "x")
                      + (self.folder / "x").read_text())

    def test_a_digest_names_each_reference_once(self):
        text = self.shown("digest")
        for reference in ("D-2027-0192", "D-2027-0195", "D-2027-0201"):
            self.assertEqual(len(re.findall(rf"(?m)^- {reference}( \(.*\))?$", text)), 1, text)
        self.assertIn("- D-2027-0195 (withdrawn since)\n", text)
        self.assertIn("3 notifications", text.splitlines()[0])
        self.assertEqual(text.count("\n  https://"), 3)
        self.assertNotIn("- D-2027", self.shown("digest", "--route", "notify-text"))
        draft = self.folder / "digest.txt"
        draft.write_text("{{#subject}}News{{/subject}}\n{{#opening}}{{#parts}}Part {{part}} ,"
                         "{{/parts}}\n{{/opening}}\n{{#brief}}News{{/brief}}\n")
        done = preview(draft)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{draft}:", done.stderr)

    def test_page_behind_a_link_is_shown_in_every_state(self):
        for language, titles in (("en", ["Have you seen this message?", "Already confirmed"]),
                                 ("cy", ["A ydych wedi gweld y neges hon?", "Cadarnhawyd eisoes"])):
            text = self.shown("acknowledge", "--all", "--language", language)
            states = re.split(r"(?m)^=== (.*)$", text)[1:]
            self.assertEqual(states[::2], ["asks", "thanks", "used", "ended", "old", "unknown",
                                           "later", "wrong"])
            pages = [page.strip() for page in states[1::2]]
            self.assertEqual(len(set(pages)), 8)
            self.assertEqual([pages[0].splitlines()[0], pages[2].splitlines()[0]],
                             [f"Title: {title}" for title in titles])
            self.assertRegex(pages[0], r"\n\n\[[^\]]+\]\Z")
            self.assertRegex(" ".join(pages[2].split()), r" \d\d:\d\d (on|ddydd) \w+ \d+ \w+ \d{4}\b")
            self.assertEqual(sum("[" in page for page in pages), 1)
        self.assertEqual(self.shown("acknowledge").count("Title:"), 1)

    def test_page_behind_a_link_says_something_in_each_state(self):
        """What a state lacks is told by its name, by preview and by check."""
        shipped = (TEMPLATES / "acknowledge.txt").read_text()
        draft = self.folder / "acknowledge.txt"
        for change, words in (
                (("{{#title}}Thank you{{/title}}\n", ""), "gives an empty {{#title}} where {{#thanks}}"),
                (("{{/button}}\n{{/asks}}", "{{/button}}\n{{/asks}}\n{{#button}}Go{{/button}}"),
                 "has a needless {{#button}} where {{#thanks}}"),
                (("at {{seen_at}}.", "at {{seen_at}} ."), "a blank before a mark"),
                (("This link is too old", "Old " * 60),
                 "is cut, for it is too long: {{#title}} where {{#old}}")):
            self.assertIn(change[0], shipped)
            draft.write_text(shipped.replace(*change))
            done = preview(draft)
            self.assertEqual(done.returncode, 1, words)
            self.assertIn(f"{draft}:", done.stderr)
            self.assertIn(words, done.stderr)
        for change, words in ((("later}}", "asks}}"), "says nothing where {{#later}}"),
                              (("{{seen_at}}", "{{reference}}"), "no field \"reference\" here")):
            draft.write_text(shipped.replace(*change))
            self.assertIn(words, self.refused(draft))

    def test_what_is_wrong_is_told_with_its_place(self):
        draft = self.folder / "hold.txt"
        draft.write_text("{{#headline}}Paused{{/headline}}\n{{#happened}}\n{{nobody}}\n"
                         "{{/happened}}\n")
        self.assertIn(f"{draft}:3:1: no field \"nobody\" here", self.refused(draft))
        draft.write_text("{{#headline}}Paused{{/headline}}\n{{#happened}}\n"
                         "It waits until {{held_until}}.\n{{/happened}}\n")
        done = preview(draft)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{draft}:3: a blank before a mark in \"", done.stderr)
        self.assertIn("It waits until .", done.stdout)

    def test_every_shape_is_shown_once(self):
        text = self.shown("reminder", "--procedure", "plcsab-adults", "--all")
        shapes = re.split(r"(?m)^=== (.*)$", text)[1:]
        names, bodies = shapes[::2], shapes[1::2]
        self.assertGreater(len(names), 30)
        self.assertEqual(len(set(bodies)), len(bodies))
        for words in ("overdue", "a deputy", "on hold", "no date", "late", "three agencies"):
            self.assertTrue(any(words in name for name in names), words)

    def test_page_and_other_routes(self):
        page = self.folder / "page.html"
        self.assertEqual(self.shown("stage_entered", "--html", page, "--language", "cy"), "")
        self.assertRegex(page.read_text(), r"(?s)\A<!DOCTYPE html>\n<html lang=\"cy\">.*"
                                           r"<strong>BETH I&#39;W WNEUD:</strong>.*</html>\n\Z")
        card = json.loads(self.shown("hold", "--route", "teams"))
        self.assertEqual(card["attachments"][0]["content"]["type"], "AdaptiveCard")
        card = self.shown("hold", "--route", "teams", "--language", "cy")
        self.assertIn('"Cyfeirnod: "', card)
        self.assertNotIn('"Reference: "', card)
        event = json.loads(self.shown("hold", "--route", "webhook", "--reference", "D-7"))
        self.assertEqual((event["subject"], event["type"]), ("D-7", "concernd.notification"))
        text = json.loads(self.shown("hold", "--route", "notify-text"))
        self.assertIn("On hold - ref ", text["personalisation"]["text"])
        self.assertIn("Subject:", self.shown("hold", "--route", "email"))

    def test_wrong_words_name_what_is_near(self):
        self.assertIn("no message hodl (did you mean hold?)", self.refused("hodl"))
        self.assertIn("has no role line_manger (did you mean line_manager?)",
                      self.refused("hold", "--role", "line_manger"))
        self.assertIn("no texts in fr (there are en, cy)",
                      self.refused("hold", "--language", "fr"))
        self.assertIn("did you mean plcsab-adults", self.refused("hold", "--procedure",
                                                                 "plcsab-adult"))
        self.assertIn("did you mean teams", self.refused("hold", "--route", "temas", code=2))
        self.assertIn("a message is missing", self.refused(code=2))
        self.assertIn("--html or --all", self.refused("hold", "--all", "--html", "x", code=2))
        self.assertIn("cannot be opened", self.refused(self.folder / "no.txt"))

    def test_own_texts_and_procedures_of_the_settings(self):
        config = self.folder / "config"
        shutil.copytree(TEMPLATES.parent, config)
        (config / "own").mkdir()
        (config / "own/hold.txt").write_text("{{#headline}}Ours{{/headline}}\n"
                                             "{{#happened}}\nOur words.\n{{/happened}}\n")
        settings = self.folder / "settings.yaml"
        settings.write_text(f'data: "{config}"\ntemplates: "{config}/own"\n')
        self.assertIn("Our words.", self.shown("hold", "--config", settings))


if __name__ == "__main__":
    unittest.main(verbosity=2)
