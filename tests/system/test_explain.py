#!/usr/bin/python3
"""test_explain.py - concernctl explain: why each deadline is when it is, from a running daemon.

AMB-1 AMB-2 AMB-3 PL-10 PL-16: the days are counted by hand from the calendar of 2026 and 2027.
"""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import Rig, event, raised  # noqa: E402

WORDS = "In most cases this will mean the first line managers of the agencies involved"


class Explain(unittest.TestCase):
    """Raised on Friday 18 December 2026, 16:59; explained on the 30th."""

    @classmethod
    def setUpClass(cls):
        cls.rig = Rig()
        cls.addClassCleanup(cls.rig.close)
        cls.rig.start("--clock", "2026-12-30T10:00:00Z")
        client = cls.rig.client()
        client.publish(raised("D-1", time="2026-12-18T16:59:00Z"))
        client.publish(event("deadline.extended", "D-1",
                             {"deadline": "stage-2", "due": "2027-01-08T12:00:00+00:00",
                              "reason": "invented"}, time="2026-12-30T10:00:00Z"))
        cls.rows = {row["deadline"]: row for row in cls.rig.rows("explain", "D-1")}

    def test_every_deadline_has_its_line(self):
        self.assertEqual({name: row["state"] for name, row in self.rows.items()
                          if row["state"] != "not started"},
                         {"stage-1": "passed", "stage-2": "running", "overall": "running"})
        self.assertEqual(self.rows["stage-3"]["state"], "not started")
        self.assertNotIn("due", self.rows["stage-3"])

    def test_the_sentence_the_limit_and_the_versions(self):
        row = self.rows["stage-1"]
        self.assertTrue(row["words"].startswith(WORDS))
        self.assertEqual(row["limit"], "5 working days")
        self.assertEqual(row["from"], "stage entered")
        self.assertEqual(row["procedure"], "plcsab-adults")
        self.assertEqual(row["procedure_version"], "1")
        self.assertRegex(row["procedure_hash"], "^[0-9a-f]{64}$")
        self.assertEqual(row["calendar"], "england-and-wales")
        self.assertEqual(row["calendar_version"], row["computed_with"])
        self.assertEqual(row["time_zone"], "Europe/London")
        self.assertEqual(row["counting"]["ends"], "close of business")
        self.assertEqual(row["counting"]["first_day"], "excluded")
        self.assertEqual(self.rows["overall"]["from"], "raised")

    def test_start_and_end(self):
        row = self.rows["stage-1"]
        self.assertEqual((row["start"], row["due"]),
                         ("2026-12-18T16:59:00Z", "2026-12-29T17:00:00Z"))
        self.assertEqual(row["started_by"], "stage stage-1")
        self.assertFalse(row["provisional"])
        self.assertEqual(self.rows["overall"]["due"], "2027-01-13T17:00:00Z")

    def test_every_day_counted_or_not_and_why(self):
        days = [(day["date"], day.get("n") or day["reason"]) for day in self.rows["stage-1"]["days"]
                if day["date"] != "2026-12-18"]
        self.assertEqual(days, [
            ("2026-12-19", "Saturday"), ("2026-12-20", "Sunday"), ("2026-12-21", 1),
            ("2026-12-22", 2), ("2026-12-23", 3), ("2026-12-24", 4),
            ("2026-12-25", "Christmas Day"), ("2026-12-26", "Saturday"), ("2026-12-27", "Sunday"),
            ("2026-12-28", "Boxing Day"), ("2026-12-29", 5)])
        self.assertEqual(max(day.get("n", 0) for day in self.rows["overall"]["days"]), 15)

    def test_what_was_moved_and_when(self):
        row = self.rows["stage-2"]
        self.assertEqual(row["due"], "2027-01-08T12:00:00Z")
        self.assertTrue(row["extended"])
        moved = [line for line in row["history"] if line["what"] == "moved"]
        self.assertEqual(len(moved), 1)
        self.assertEqual(moved[0]["due_before"], "2027-01-06T17:00:00Z")
        self.assertEqual(moved[0]["due"], "2027-01-08T12:00:00Z")
        self.assertEqual(moved[0]["at"], "2026-12-30T10:00:00Z")
        self.assertEqual(moved[0]["because"], "event concernd.deadline.extended")
        self.assertGreater(moved[0]["record"], 1)
        self.assertEqual(moved[0]["due_local"], "2027-01-08T12:00:00+00:00")
        self.assertEqual(row["limit"], "5 working days")
        # A date that an event brings is not counted out.
        self.assertEqual(row["days"], [])

    def test_what_became_of_it(self):
        history = self.rows["stage-1"]["history"]
        self.assertEqual([line["what"] for line in history][:2], ["deadline", "passed"])
        self.assertEqual(history[1]["at"], "2026-12-29T17:00:00Z")

    def test_as_a_person_reads_it(self):
        text = self.rig.ctl("explain", "D-1").stdout
        for piece in ("Disagreement D-1 of plcsab\n", "plcsab-adults, version 1 (", WORDS,
                      "5 working days, from stage entered\n",
                      "started     Fri 18 Dec 2026 16:59+00:00, by stage stage-1\n",
                      "due         Tue 29 Dec 2026 17:00+00:00\n",
                      "    Fri 25 Dec 2026      -  Christmas Day\n",
                      "    Tue 29 Dec 2026      5\n", "moved       Wed 30 Dec 2026 10:00+00:00, from Wed  6 Jan 2027 17:00+00:00 to "
                      "Fri  8 Jan 2027 12:00+00:00, by event concernd.deadline.extended (record ",
                      "Not started: Stage 3"):
            self.assertIn(piece, text)

    def test_what_there_is_not(self):
        done = self.rig.ctl("explain", "D-2", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("nobody raised", done.stderr)
        done = self.rig.ctl("explain", "D-1", "--board", "elsewhere", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.rig.ctl("explain", check=False).returncode, 2)


if __name__ == "__main__":
    unittest.main(verbosity=1)
