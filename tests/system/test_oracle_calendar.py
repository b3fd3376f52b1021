"""test_oracle_calendar.py - our calendar entries as four programs read them.

ical.js, node-ical, icalendar and vobject agree on what each entry is: published, moved or
cancelled, which one, at what instant.
"""
import datetime
import email
import email.policy
import json
import pathlib
import re
import signal
import sys
import unittest

import icalendar
import vobject

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import every_kind  # noqa: E402
import third_party  # noqa: E402
from concern_rig import Rig, event, raised, wait_for  # noqa: E402

MANAGER = "asc-manager@asc.northtown.example"
NEW_DUE = "2027-03-05T17:00:00.000Z"
METHOD, UID, SEQUENCE, STATUS, START, TITLE = range(6)


def instant(time):
    return time.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def by_icalendar(text):
    whole = icalendar.Calendar.from_ical(text)
    return [[str(whole["METHOD"]), str(one["UID"]), int(one["SEQUENCE"]), str(one["STATUS"]),
             instant(one["DTSTART"].dt), str(one["SUMMARY"])] for one in whole.walk("VEVENT")]


def by_vobject(text):
    whole = vobject.readOne(text)
    return [[whole.method.value, one.uid.value, int(one.sequence.value), one.status.value,
             instant(one.dtstart.value), one.summary.value] for one in whole.vevent_list]


def calendars(content):
    """(name, method of the type, text) of each calendar of a mail."""
    mail = email.message_from_bytes(content, policy=email.policy.default)
    return [(part.get_filename(), part.get_param("method"),
             part.get_payload(decode=True).decode()) for part in mail.walk()
            if part.get_content_type() == "text/calendar"]


def entries(texts):
    """What all four read out of each; fails where they do not agree."""
    found = []
    for text, others in zip(texts, third_party.judgement("calendars.js", texts)):
        read = sorted(by_icalendar(text))
        for name, other in dict(others, vobject=by_vobject(text)).items():
            assert sorted(other) == read, f"{name} reads {other}, icalendar {read}"
        found.append(read)
    return found


class Calendars(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        third_party.install()

    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        every_kind.with_links(self.rig)
        self.rig.start()
        self.client = self.rig.client()

    def test_all_read_the_same_of_all_there_are(self):
        every_kind.play(self.client)
        self.rig.wait_delivered()
        parts = [part for _, content in self.rig.mail.taken for part in calendars(content)]
        self.assertGreater(len(parts), 30)
        states, several = set(), False
        for (name, method, text), read in zip(parts, entries([part[2] for part in parts])):
            self.assertTrue(read)
            for entry in read:
                self.assertEqual(entry[METHOD], method)
                self.assertEqual(entry[METHOD] == "CANCEL", entry[STATUS] == "CANCELLED")
                self.assertTrue(entry[UID].endswith("@board.example"))
                states.add((entry[METHOD], entry[STATUS], entry[SEQUENCE] > 0))
            self.assertRegex(name, r"^stopped(-\d+)?\.ics$" if method == "CANCEL"
                             else r"^deadline\.ics$")
            # RFC 5546 3.2.5: "All must have the same UID".
            self.assertTrue(method != "CANCEL" or len({entry[UID] for entry in read}) == 1)
            several = several or name == "stopped-2.ics"
            self.assertNotIn("\n", text.replace("\r\n", ""))
            # An entry is kept for long, and passed on: the link stays in the mail.
            self.assertNotIn(every_kind.PLACE, text.replace("\r\n ", ""))
        self.assertTrue(several, "no mail drops two entries")
        linked = [mail for mail in self.rig.mail.mails() if list(mail.iter_attachments()) and
                  re.search(every_kind.LINK, mail.get_body(("plain",)).get_content())]
        self.assertGreater(len(linked), 10, "too few of these mails have a link")
        self.assertLessEqual({("PUBLISH", "CONFIRMED", False), ("CANCEL", "CANCELLED", True)},
                             states)

    def last(self, count):
        """What the manager's `count`-th mail holds."""
        contents = wait_for(lambda: [
            content for recipient, content in list(self.rig.mail.taken)
            if recipient == MANAGER][count - 1:count], f"mail {count}")
        return sum(entries([part[2] for part in calendars(contents[0])]), [])

    def test_an_entry_begins_moves_and_goes(self):
        due = self.client.publish(raised("D-1"))["next_deadline"]["due"]
        due = due.replace("Z", ".000Z")
        begun = self.last(1)
        first = next(entry for entry in begun if entry[START] == due)
        self.assertEqual((first[METHOD], first[SEQUENCE], first[STATUS]),
                         ("PUBLISH", 0, "CONFIRMED"))
        self.assertEqual(len({entry[UID] for entry in begun}), len(begun))

        self.client.publish(event("deadline.extended", "D-1", {
            "deadline": "stage-1", "due": NEW_DUE, "reason": "Both asked for it.",
            "by": {"agency": "northtown-housing"}}))
        moved = self.last(2)
        self.assertEqual(moved, [["PUBLISH", first[UID], 1, "CONFIRMED", NEW_DUE, first[TITLE]]])

        self.client.publish(event("withdrawn", "D-1", {
            "reason": "Settled.", "by": {"agency": "northtown-housing"}}))
        gone = {entry[UID]: entry for entry in self.last(3)}
        self.assertEqual(set(gone), {entry[UID] for entry in begun})
        self.assertEqual(gone[first[UID]],
                         ["CANCEL", first[UID], 2, "CANCELLED", NEW_DUE, first[TITLE]])


class Gathered(unittest.TestCase):
    """What a digest brings: one file to show, and one for each entry to drop."""
    # A second is five minutes.
    CLOCK = "2026-12-18T16:59:00Zx300"
    TITLE = "Stage 1 - ref "

    @classmethod
    def setUpClass(cls):
        third_party.install()

    @staticmethod
    def write_ordinary(rig, when):
        path = rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        directory["people"]["asc-manager"]["ordinary"] = when
        path.write_text(json.dumps(directory))

    def digest(self, rig, wanted):
        return wait_for(lambda: [
            content for recipient, content in list(rig.mail.taken)
            if recipient == MANAGER and b"Subject: [Digest]" in content
            and wanted(sum(entries([part[2] for part in calendars(content)]), []))],
            "a digest")[0]

    def test_all_read_what_a_digest_brings(self):
        with Rig() as rig:
            self.write_ordinary(rig, "daily 20:30")
            daemon = rig.start("--clock", self.CLOCK)
            client = rig.client()
            for reference in ("D-1", "D-2", "D-3"):
                client.publish(raised(reference, time="2026-12-18T16:59:00Z"))
            client.publish(event("deadline.extended", "D-3", {
                "deadline": "stage-1", "due": NEW_DUE, "reason": "Both asked for it.",
                "by": {"agency": "northtown-housing"}}, time="2026-12-18T16:59:10Z"))
            first = self.digest(rig, lambda read: len(read) == 6)
            files = calendars(first)
            self.assertEqual([(name, method) for name, method, _ in files],
                             [("deadline.ics", "PUBLISH")])
            shown = {entry[TITLE]: entry for entry in entries([files[0][2]])[0]}
            self.assertEqual(len({entry[UID] for entry in shown.values()}), 6)
            self.assertEqual([shown[self.TITLE + reference][SEQUENCE]
                              for reference in ("D-1", "D-2", "D-3")], [0, 0, 1])
            self.assertEqual(shown[self.TITLE + "D-3"][START], NEW_DUE)

            client.publish(event("withdrawn", "D-1", {
                "reason": "Settled.", "by": {"agency": "northtown-housing"}},
                time="2026-12-18T20:30:01Z"))
            client.publish(event("withdrawn", "D-2", {
                "reason": "Settled.", "by": {"agency": "northtown-housing"}},
                time="2026-12-18T20:30:01Z"))
            self.write_ordinary(rig, "at once")  # what waits for tomorrow
            daemon.signal(signal.SIGHUP)
            second = self.digest(rig, lambda read: any(entry[METHOD] == "CANCEL"
                                                       for entry in read))
            dropped = entries([part[2] for part in calendars(second)])
            self.assertEqual({len(read) for read in dropped}, {1})
            dropped = {read[0][TITLE]: read[0] for read in dropped}
            self.assertEqual(set(dropped), {title for title in shown if "D-3" not in title})
            for title, entry in dropped.items():
                self.assertEqual((entry[METHOD], entry[UID], entry[SEQUENCE], entry[STATUS]),
                                 ("CANCEL", shown[title][UID], 1, "CANCELLED"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
