#!/usr/bin/python3
"""test_move.py - concernctl move: a running disagreement goes over to the version in force.

M-9 PL-1: it keeps the version it was raised under, until somebody moves it; the record says who.
The days are counted by hand from the calendar of February 2027.
"""
import os
import pathlib
import shutil
import signal
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import Rig, raised, record_faults, wait_for  # noqa: E402

PROCEDURE = pathlib.Path(os.environ["CONCERN_SOURCE"]) / "config/procedures/plcsab-adults.yaml"
RAISED = "2027-02-01T10:00:00Z"
BEFORE, AFTER = "2027-02-08T17:00:00Z", "2027-02-11T17:00:00Z"  # five, and eight working days


class Move(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        folder = self.rig.folder / "procedures"
        folder.mkdir()
        self.file = folder / PROCEDURE.name
        shutil.copy(PROCEDURE, self.file)
        self.daemon = self.rig.start("--clock", "2027-02-03T12:00:00Z")
        self.rig.client().publish(raised("D-1", time=RAISED))

    def change(self, *changes):
        """The board's file becomes version 2, and the daemon takes it."""
        text = self.file.read_text()
        for before, after in (('version: "1"', 'version: "2"'),) + changes:
            self.assertIn(before, text)
            text = text.replace(before, after)
        self.file.write_text(text)
        self.daemon.signal(signal.SIGHUP)
        self.rig.manager.hear("RELOADING=1", alive=self.daemon.alive)
        self.rig.manager.hear("READY=1", alive=self.daemon.alive)

    def longer(self):
        self.change(("handlers: [line_manager], limit: 5 working days",
                     "handlers: [line_manager], limit: 8 working days"))

    def lines(self):
        """How many lines the record has of it; mails go out beside, whenever they do."""
        return sum(line["type"] != "delivery" for line in self.rig.rows("history", "D-1"))

    def stage(self):
        shown = self.rig.rows("show", "D-1")[0]
        due = {one["deadline"]: one.get("due") for one in shown["deadlines"]}
        return shown["procedure_version"], due["stage-1"]

    def test_shows_before_it_does(self):
        self.longer()
        self.assertEqual(self.stage(), ("1", BEFORE))
        lines = self.lines()
        head, *rows = self.rig.rows("move", "D-1")
        self.assertEqual((head["from_version"], head["to_version"], head["done"]),
                         ("1", "2", False))
        self.assertEqual([(row["deadline"], row["due_before"], row["due"])
                          for row in rows if row["what"] == "moved"],
                         [("stage-1", BEFORE, AFTER)])
        self.assertEqual({who for row in rows if row["what"] == "told" for who in row["to"]},
                         {"line_manager@northtown-housing", "line_manager@northtown-asc"})
        said = self.rig.ctl("move", "D-1").stdout
        for words in ("would move from version 1 to version 2", AFTER, "line_manager@northtown-asc",
                      "Nothing is changed yet. To do it: concernctl move D-1 --yes"):
            self.assertIn(words, said)
        self.assertEqual(self.stage(), ("1", BEFORE))
        self.assertEqual(self.lines(), lines)

    def test_moves_and_records_who_did(self):
        self.longer()
        self.assertIn("D-1 of plcsab, plcsab-adults: moved from version 1 to version 2",
                      self.rig.ctl("move", "D-1", "--to-version", "2", "--yes").stdout)
        self.assertEqual(self.stage(), ("2", AFTER))
        history = self.rig.rows("history", "D-1")
        line = next(line for line in history if line["type"] == "version")["payload"]
        self.assertEqual((line["from_version"], line["to_version"], line["by"]),
                         ("1", "2", f"uid {os.getuid()}"))
        self.assertNotEqual(line["from_hash"], line["to_hash"])
        told = [line["payload"] for line in history if line["type"] == "notification"][-2:]
        self.assertEqual({(one["person"], one["procedure_version"]) for one in told},
                         {("housing-manager", "2"), ("asc-manager", "2")})
        self.assertIn(f"from_version 1, to_version 2, by uid {os.getuid()}",
                      self.rig.ctl("history", "D-1").stdout)
        said = self.rig.ctl("explain", "D-1").stdout
        self.assertIn(f", from 1 to 2, by uid {os.getuid()} (record", said)
        self.assertIn("limit       8 working days", said)
        wait_for(lambda: len(self.rig.mail.to("asc-manager@asc.northtown.example")) == 2,
                 "the mail that the limit moved")

    def test_a_rule_that_the_new_version_adds_tells_the_board(self):
        self.change(("rules:\n", "rules:\n  - {id: told_of_each, when: [relates_to is individual], "
                                 "tell: [board_team], words: \"Invented.\"}\n"))
        self.rig.rows("move", "D-1", "--yes")
        said = self.rig.ctl("history", "D-1").stdout
        self.assertIn("told_of_each, to board_team, ", said)  # a board's role is of no agency
        self.assertIn("to line_manager of northtown-asc, ", said)

    def test_survives_a_restart(self):
        self.longer()
        self.rig.rows("move", "D-1", "--yes")
        self.assertEqual(self.daemon.stop(), 0)
        self.file.unlink()  # the store has the text
        self.daemon = self.rig.start("--clock", "2027-02-03T12:00:00Z")
        self.assertEqual(self.stage(), ("2", AFTER))
        self.assertEqual(self.daemon.stop(), 0)
        connection = self.rig.store()
        self.assertEqual(record_faults(connection), [])
        connection.close()

    def test_list_says_what_runs_under_an_earlier_version(self):
        self.assertTrue(self.rig.rows("list")[0]["in_force"])
        self.assertNotIn("earlier", self.rig.ctl("list").stdout)
        self.longer()
        self.assertFalse(self.rig.rows("list")[0]["in_force"])
        self.assertIn("earlier", self.rig.ctl("list").stdout)
        self.rig.rows("move", "D-1", "--yes")
        self.assertTrue(self.rig.rows("list")[0]["in_force"])

    def refused(self, *arguments):
        lines = self.lines()
        done = self.rig.ctl("move", *arguments, check=False)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(self.lines(), lines)
        self.assertEqual(self.stage(), ("1", BEFORE))
        return done.stderr

    def test_refusals_say_what_is_missing(self):
        self.assertIn("it keeps the version in force already", self.refused("D-1", "--yes"))
        self.assertIn("nobody raised", self.refused("D-9"))
        self.change(("id: stage-1", "id: first"))
        self.assertIn('version 2 has no stage "stage-1", where this disagreement stands (',
                      self.refused("D-1", "--yes"))
        self.assertIn("the version in force is 2 (",
                      self.refused("D-1", "--to-version", "3", "--yes"))

    def test_a_limit_that_runs_must_be_there(self):
        self.change(("id: overall", "id: whole"))
        self.assertIn('version 2 has no deadline "overall" as it runs here (',
                      self.refused("D-1", "--yes"))


if __name__ == "__main__":
    unittest.main()
