"""test_mail_readers.py - what mail programs and calendars make of our mails.

The daemon's mails are read by programs that nobody here wrote: Python's own reader of mail,
icalendar and vobject.
"""
import html.parser
import pathlib
import re
import sys
import unittest

import icalendar
import vobject

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import Rig, event, raised, wait_for  # noqa: E402

MANAGERS = {"housing": "housing-manager@housing.northtown.example",
            "asc": "asc-manager@asc.northtown.example"}
NEW_DUE = "2027-03-05T17:00:00+00:00"


class Words(html.parser.HTMLParser):
    """The words of a page, and the elements it is made of."""

    def __init__(self, text):
        super().__init__()
        self.words, self.elements, self.in_title = "", set(), False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.add(tag)
        self.in_title = tag == "title"

    def handle_data(self, data):
        if not self.in_title:
            self.words += data

    def handle_endtag(self, tag):
        self.in_title = False


def calendars(mail):
    return [part for part in mail.walk() if part.get_content_type() == "text/calendar"]


def events(mail):
    """(method, uid, sequence, status, due) of each event, as icalendar reads them."""
    found = []
    for part in calendars(mail):
        whole = icalendar.Calendar.from_ical(part.get_payload(decode=True))
        assert str(whole["METHOD"]) == part.get_param("method"), "the type tells another method"
        for entry in whole.walk("VEVENT"):
            found.append((str(whole["METHOD"]), str(entry["UID"]), int(entry["SEQUENCE"]),
                          str(entry["STATUS"]), entry["DTSTART"].dt.isoformat()))
    return found


class Readers(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        self.rig.start()
        self.client = self.rig.client()

    def mails(self, count, who="asc"):
        return wait_for(lambda: len(self.rig.mail.to(MANAGERS[who])) >= count
                        and self.rig.mail.to(MANAGERS[who]), f"{count} mails")

    def test_page_says_what_the_text_says(self):
        self.client.publish(raised("D-1"))
        mail = self.mails(1)[0]
        text = mail.get_body(("plain",)).get_content()
        page = Words(mail.get_body(("html",)).get_content())
        self.assertEqual(page.words.split(), re.sub(r"(?m)^- ", "", text).split())
        self.assertLessEqual({"ul", "li", "strong", "p"}, page.elements)
        self.assertFalse({"script", "img", "style", "link", "iframe", "form"} & page.elements)
        self.assertEqual(mail.get_body().get_content_type(), "text/html", "the last is the best")
        self.assertEqual([part.get_content_type() for part in mail.walk()],
                         ["multipart/mixed", "multipart/alternative", "text/plain", "text/html",
                          "text/calendar"])
        self.assertFalse(mail.defects)

    def test_mails_of_one_disagreement_stand_together(self):
        for reference in ("D-1", "D-2"):
            self.client.publish(raised(reference))
            self.client.publish(event("stage.unresolved", reference, {
                "by": {"agency": "northtown-housing"}}))
        roots = {}
        for mail in self.mails(4) + self.mails(4, "housing"):
            roots.setdefault(mail["X-Concernd-Reference"], set()).add(mail["References"])
            self.assertEqual(mail["In-Reply-To"], mail["References"])
        self.assertEqual({len(root) for root in roots.values()}, {1})
        self.assertNotEqual(roots["D-1"], roots["D-2"])

    def test_calendar_follows_a_deadline(self):
        self.client.publish(raised("D-1"))
        begun = events(self.mails(1)[0])
        stage = [entry for entry in begun if entry[4].endswith("17:00:00+00:00")]
        self.assertTrue(stage)
        self.assertEqual({(entry[0], entry[2], entry[3]) for entry in begun},
                         {("PUBLISH", 0, "CONFIRMED")})
        self.assertEqual(len({entry[1] for entry in begun}), len(begun), "one UID for two")
        due = {entry[1]: entry[4] for entry in begun}

        self.client.publish(event("deadline.extended", "D-1", {
            "deadline": "stage-1", "due": NEW_DUE, "reason": "Both asked for it.",
            "by": {"agency": "northtown-housing"}}))
        moved = events(self.mails(2)[1])
        self.assertEqual([(entry[0], entry[2], entry[4]) for entry in moved],
                         [("PUBLISH", 1, NEW_DUE)])
        self.assertIn(moved[0][1], due, "a moved deadline is another entry")
        self.assertNotEqual(due[moved[0][1]], NEW_DUE)

        self.client.publish(event("withdrawn", "D-1", {
            "reason": "Settled.", "by": {"agency": "northtown-housing"}}))
        ended = {entry[1]: entry for entry in events(self.mails(3)[2])}
        self.assertEqual(ended[moved[0][1]][:4],
                         ("CANCEL", moved[0][1], 2, "CANCELLED"))
        self.assertEqual({entry[0] for entry in ended.values()}, {"CANCEL"})

    def test_entry_is_the_same_after_another_sender(self):
        self.client.publish(raised("D-1"))
        (begun,) = [mail for mail in self.mails(1) if mail["X-Concernd-Reference"] == "D-1"]
        uids = {entry[1] for entry in events(begun)}
        text = self.rig.config.read_text()
        self.assertIn("concernd@board.example", text)
        self.rig.config.write_text(text.replace("concernd@board.example", "notices@other.example"))
        self.rig.daemons[-1].stop()
        self.rig.start()
        self.client = self.rig.client()
        self.client.publish(event("withdrawn", "D-1", {
            "reason": "Settled.", "by": {"agency": "northtown-housing"}}))
        ended = self.mails(2)[1]
        self.assertIn("notices@other.example", ended["From"])
        self.assertTrue(uids)
        self.assertEqual({(entry[0], entry[1]) for entry in events(ended)},
                         {("CANCEL", uid) for uid in uids})
        self.assertEqual(ended["References"], begun["References"])
        # A store without an entry yet begins with the sender that it has.
        self.assertEqual({uid.partition("@")[2] for uid in uids}, {"board.example"})

    def test_second_reader_and_nothing_but_what_is_needed(self):
        self.client.publish(raised("D-1"))
        for part in calendars(self.mails(1)[0]):
            raw = part.get_payload(decode=True)
            read = vobject.readOne(raw.decode())
            for entry in read.vevent_list:
                self.assertTrue(entry.uid.value.endswith("@board.example"))
                self.assertIn("ref D-1", entry.summary.value)
                self.assertEqual(entry.dtstart.value.utcoffset().total_seconds(), 0)
                self.assertEqual(sorted(entry.contents), [
                    "dtstamp", "dtstart", "organizer", "sequence", "status", "summary", "transp",
                    "uid"])
            self.assertTrue(all(len(line) <= 75 for line in raw.split(b"\r\n")))
            self.assertNotIn(b"\n", raw.replace(b"\r\n", b""))

    def test_only_who_owns_it_has_it_in_his_calendar(self):
        self.client.publish(raised("D-1"))
        self.client.publish(event("stage.unresolved", "D-1", {
            "by": {"agency": "northtown-housing"}}))
        kinds = [entry[0] for entry in events(self.mails(2)[1])]
        self.assertIn("CANCEL", kinds, "the stage that was left stays in the manager's calendar")
        self.assertNotIn("PUBLISH", kinds, "the next stage is not the manager's")
        head = wait_for(lambda: self.rig.mail.to("asc-head@asc.northtown.example"), "the head")
        self.assertIn("PUBLISH", [entry[0] for entry in events(head[0])])


if __name__ == "__main__":
    unittest.main(verbosity=2)
