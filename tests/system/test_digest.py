"""test_digest.py - one mail for several notifications: a digest a day, and a flood.

Its mail is read by Python's own reader of mail; a day is waited for on a time-lapse clock.
"""
import html.parser
import json
import pathlib
import re
import signal
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import PAGES, Rig, event, raised, told_of, wait_for  # noqa: E402

MANAGER = "asc-manager@asc.northtown.example"
OTHER = "housing-manager@housing.northtown.example"
# A second is five minutes; Friday, and the digest comes an hour and a half after the first event.
CLOCK = "2026-12-18T16:59:00Zx300"
REFERENCES = ["D-1", "D-2", "D-3"]


class Words(html.parser.HTMLParser):
    """The words of a page, and the elements it is made of."""

    def __init__(self, text):
        super().__init__()
        self.words, self.elements, self.in_title = "", [], False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append(tag)
        self.in_title = tag == "title"

    def handle_data(self, data):
        if not self.in_title:
            self.words += data

    def handle_endtag(self, tag):
        self.in_title = False


class DigestTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)

    def write_ordinary(self, when):
        path = self.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        directory["people"]["asc-manager"]["ordinary"] = when
        path.write_text(json.dumps(directory))

    def to_manager(self, count):
        return wait_for(lambda: len(self.rig.mail.to(MANAGER)) >= count
                        and self.rig.mail.to(MANAGER), f"{count} mails to him")

    def start_and_raise(self, when):
        self.write_ordinary(when)
        daemon = self.rig.start("--clock", CLOCK)
        client = self.rig.client()
        for reference in REFERENCES:
            client.publish(raised(reference, time="2026-12-18T16:59:00Z"))
        return daemon

    def assert_settled(self, mail):
        """The outbox and each history say which digest it went in."""
        identity = mail["X-Concernd-Delivery"]
        rows = self.rig.rows("outbox", "--state", "gathered")
        self.assertEqual(sorted(row["reference"] for row in rows), REFERENCES)
        self.assertEqual({row["gathered_in"] for row in rows}, {identity})
        for reference in REFERENCES:
            lines = [line["payload"] for line in self.rig.rows("history", reference)
                     if line["type"] == "gathered"]
            self.assertEqual([line["in"] for line in lines], [identity])
        self.assertIn(f"in {identity}", self.rig.ctl("outbox", "--state", "gathered").stdout)


class Daily(DigestTest):
    def test_mail_is_one_and_names_each(self):
        self.start_and_raise("daily 18:30")
        wait_for(lambda: len(self.rig.mail.to(OTHER)) >= 3, "the others are told at once")
        waiting = [row for row in self.rig.rows("outbox") if row["person"] == "asc-manager"]
        if not self.rig.mail.to(MANAGER):
            self.assertTrue(all(row["state"] == "queued" for row in waiting))
        mail = self.to_manager(1)[0]
        self.assertEqual(mail["Subject"], "[Digest] 3 notifications of An invented board")
        self.assertFalse(mail.defects)
        self.assertEqual([part.get_content_type() for part in mail.walk()],
                         ["multipart/mixed", "multipart/alternative", "text/plain", "text/html",
                          "text/calendar"])
        self.assertEqual(sorted(told_of([mail])), REFERENCES)
        text = mail.get_body(("plain",)).get_content()
        page = Words(mail.get_body(("html",)).get_content())
        self.assertEqual(page.words.split(), re.sub(r"(?m)^- ", "", text).split())
        self.assertEqual(page.elements.count("li"), 3)
        self.assertIn("Stage 1 begins", " ".join(text.split()))
        self.assertIn("Answer by", " ".join(text.split()))
        self.assertNotIn("@", text)
        self.assertNotIn("Invented", text.replace("An invented board", ""))
        self.assertIsNone(mail["X-Concernd-Reference"])
        self.assert_settled(mail)
        self.assertEqual(len(self.rig.mail.to(MANAGER)), 1)

    def test_what_waits_is_there_after_a_crash(self):
        daemon = self.start_and_raise("daily 18:30")
        wait_for(lambda: len(self.rig.mail.to(OTHER)) >= 3, "the others are told at once")
        daemon.kill()
        self.rig.start("--clock", CLOCK.replace("16:59", "17:59"))
        self.assert_settled(self.to_manager(1)[0])
        self.assertEqual(len(self.rig.mail.to(MANAGER)), 1)

    def test_goes_at_once_when_the_directory_says_so(self):
        daemon = self.start_and_raise("daily 16:58")  # nearly a day: five minutes of ours
        wait_for(lambda: len(self.rig.mail.to(OTHER)) >= 3, "the others are told at once")
        self.assertFalse(self.rig.mail.to(MANAGER))
        self.write_ordinary("at once")
        daemon.signal(signal.SIGHUP)
        self.assert_settled(self.to_manager(1)[0])

    def test_urgent_one_comes_at_once(self):
        self.start_and_raise("daily 16:58")
        self.rig.client().publish(event("risk.changed", "D-2", {"risk": "life_threatening"},
                                        time="2026-12-18T16:59:30Z"))
        mail = self.to_manager(1)[0]
        self.assertIn("D-2", mail["Subject"])
        self.assertEqual(mail["Importance"], "high")


class CameBack(DigestTest):
    """The digest comes back, and what the deputy has of it too: all that was in it is undelivered."""

    def setUp(self):
        super().setUp()
        path = self.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        directory["agencies"]["northtown-asc"]["roles"]["line_manager"]["deputy"] = "asc-lead"
        path.write_text(json.dumps(directory))

    def bounce(self, mail):
        report = ("To: bounces@board.example\nContent-Type: multipart/report; "
                  'report-type=delivery-status; boundary="b"\n\n'
                  "--b\nContent-Type: message/delivery-status\n\n"
                  "Reporting-MTA: dns; mail.board.example\n\nAction: failed\nStatus: 5.1.1\n"
                  "Diagnostic-Code: smtp; 550 5.1.1 nobody\n\n"
                  "--b\nContent-Type: text/rfc822-headers\n\n"
                  f"X-Concernd-Bounce: {mail['X-Concernd-Bounce']}\n\n--b--\n")
        wait_for(lambda: self.rig.outbox("accepted") and
                 self.rig.status()["outbox"]["queued"] == 0, "its acceptance is kept")
        done = self.rig.ctl("bounce", stdin=report)
        self.assertIn("came back: it is refused now", done.stdout)

    def troubles(self, now):
        rows = self.rig.rows("report", "--from", "2026-12-01", "--to", "2027-04-01")
        return sorted((row["reference"], row["role"], row["agency"], bool(row["undelivered"]),
                       [(way["route"], way["state"], way["code"]) for way in row["tried"]])
                      for row in rows if row["report"] == "notification" and row["now"] == now)

    def test_each_that_was_in_it_is_counted(self):
        self.start_and_raise("daily 17:45")
        mail = self.to_manager(1)[0]
        self.assertEqual(sorted(told_of([mail])), REFERENCES)
        self.bounce(mail)
        told = wait_for(lambda: self.rig.mail.to("operator@board.example"), "the operator is told")
        self.assertIn("A notification that gathers several to the role line_manager",
                      told[0].get_body(("plain",)).get_content())
        deputy = "asc-lead@asc.northtown.example"
        deputys = [mail for mail in wait_for(lambda: self.rig.mail.to(deputy), "his deputy is told")
                   if mail["subject"].startswith("[Digest]")]
        self.assertEqual(sorted(told_of(deputys)), REFERENCES)
        ways = [("email", "refused", 550), ("email", "accepted", 250)]
        wait_for(lambda: self.troubles("delivered") ==
                 [(reference, "line_manager", "northtown-asc", False, ways)
                  for reference in REFERENCES], "the register has each, by its second way")
        self.bounce(deputys[0])
        wait_for(lambda: self.troubles("not delivered") ==
                 [(reference, "line_manager", "northtown-asc", True, [ways[0]] * 2)
                  for reference in REFERENCES], "the register has each, delivered to nobody")
        self.assertEqual(self.rig.status()["outbox"]["undelivered"], 1)
        wait_for(lambda: [mail for mail in self.rig.mail.to("unit@board.example")
                          if "3 notifications in one message" in
                          mail.get_body(("plain",)).get_content()], "the board's team is told")
        # What is sent again and accepted is delivered.
        self.rig.ctl("redrive", "D-1")
        wait_for(lambda: [reference for reference, *_ in self.troubles("delivered")] ==
                 REFERENCES, "it is delivered later")

    def test_what_was_seen_of_it_is_delivered(self):
        """One entry was confirmed by its link: it has none in what goes another way, and is told."""
        self.rig.write_settings(http=PAGES, acknowledge={"url": Links.PLACE})
        self.start_and_raise("daily 17:05")
        mail = self.to_manager(1)[0]
        found = Links.links(mail)
        self.assertEqual(self.rig.page("/acknowledge" + found["D-2"], "POST",
                                       "token=" + found["D-2"][1:], **Links.FORM)[0], 200)
        self.bounce(mail)
        deputy = "asc-lead@asc.northtown.example"
        (second,) = [mail for mail in wait_for(lambda: self.rig.mail.to(deputy), "his deputy is told")
                     if mail["subject"].startswith("[Digest]")]
        self.assertEqual(sorted(told_of([second])), REFERENCES)
        self.assertEqual(sorted(Links.links(second)), ["D-1", "D-3"])
        self.bounce(second)
        wait_for(lambda: [reference for reference, *_ in self.troubles("not delivered")] ==
                 ["D-1", "D-3"], "two are delivered to nobody")
        self.assertEqual([reference for reference, *_ in self.troubles("delivered")], ["D-2"])


class Links(DigestTest):
    """Each entry of a list is confirmed as seen by a link of its own."""
    PLACE = "https://concern.board.example/acknowledge"
    FORM = {"Host": "concern.board.example", "Content-Type": "application/x-www-form-urlencoded"}

    @classmethod
    def links(cls, mail):
        """{reference: the link below it, from its token on}"""
        text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
        return dict(re.findall(rf"(?m)^- (\S+)\n  {re.escape(cls.PLACE)}(/\S+)$", text))

    def acknowledged(self, reference):
        return [line["payload"] for line in self.rig.rows("history", reference)
                if line["type"] == "acknowledged"]

    def test_one_entry_is_confirmed_once_and_no_other(self):
        self.rig.write_settings(http=PAGES, acknowledge={"url": self.PLACE})
        daemon = self.start_and_raise("daily 18:30")
        mail = self.to_manager(1)[0]
        self.assertEqual(sorted(told_of([mail])), REFERENCES)
        text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
        found = self.links(mail)
        self.assertEqual(sorted(found), REFERENCES, text)
        self.assertEqual(len(set(found.values())), 3)
        self.assertIn("The link below a reference is for that notification alone",
                      " ".join(text.split()))
        page = mail.get_body(("html",)).get_content()
        self.assertEqual(sorted(re.findall(r'<a href="([^"]*)"', page)),
                         sorted(self.PLACE + path for path in found.values()))
        self.assertEqual(Words(page).words.split(), re.sub(r"(?m)^- ", "", text).split())

        path = "/acknowledge" + found["D-2"]
        form = "token=" + found["D-2"][1:]
        status, _, answer = self.rig.page(path, Host="concern.board.example")
        self.assertEqual(status, 200)
        self.assertIn("<td>D-2</td>", answer)
        self.assertEqual(self.acknowledged("D-2"), [])
        self.assertEqual(self.rig.page(path, "POST", form, **self.FORM)[0], 200)
        daemon.kill()
        self.rig.start("--clock", CLOCK.replace("16:59", "18:59"))
        self.assertEqual(self.rig.page(path, "POST", form, **self.FORM)[0], 409)
        self.assertEqual(self.rig.page(path, Host="concern.board.example")[0], 410)
        (line,) = self.acknowledged("D-2")
        self.assertEqual((line["role"], line["agency"], line["by"]),
                         ("line_manager", "northtown-asc", "link"))
        for other in ("D-1", "D-3"):
            self.assertEqual(self.acknowledged(other), [])
            self.assertEqual(self.rig.page("/acknowledge" + found[other],
                                           Host="concern.board.example")[0], 200)
        # And the list is what it went in, as before.
        rows = {row["reference"]: row for row in self.rig.rows("outbox", "--state", "gathered")}
        self.assertEqual({reference: "acknowledged_at" in row for reference, row in rows.items()},
                         {"D-1": False, "D-2": True, "D-3": False})


class Flood(DigestTest):
    def test_reaches_a_person_as_one_mail(self):
        self.rig.start("--clock", CLOCK)
        client = self.rig.client()
        references = [f"F-{number:03}" for number in range(200)]
        for reference in references:
            client.publish(raised(reference, time="2026-12-18T16:59:00Z"))
        found = wait_for(lambda: self.everything(references), "each is told", 120)
        # While they come some go one by one: a few in each half minute, which is none of ours.
        self.assertEqual(sorted(found), references, "one is told twice")
        self.rig.wait_delivered()
        self.assertEqual(self.rig.status()["outbox"]["undelivered"], 0)

    def everything(self, references):
        found = told_of(self.rig.mail.to(MANAGER))
        return found if len(found) >= len(references) else None


if __name__ == "__main__":
    unittest.main()
