#!/usr/bin/python3
"""test_simulate_page.py - what concernctl simulate draws, and what a person reads on the terminal.

All names in here are invented.
"""
import json
import re
import sys
import tempfile
import unittest
from html.parser import HTMLParser
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from simulate_rig import event, FIVE, PROCEDURES, raised, run, SOURCE  # noqa: E402


class Balanced(HTMLParser):
    """Every element that is opened is closed, in order."""

    EMPTY = {"meta", "col", "br"}

    def __init__(self):
        super().__init__()
        self.open, self.count, self.faults = [], {}, []

    def handle_starttag(self, tag, attrs):
        self.count[tag] = self.count.get(tag, 0) + 1
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.count[tag] = self.count.get(tag, 0) + 1

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append((tag, self.getpos()))


class Page(unittest.TestCase):
    """--html: what can be said of a picture without looking at it."""

    def draw(self, *arguments, stdin=""):
        done = run(*arguments, "--html", "-", stdin=stdin)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        parser = Balanced()
        parser.feed(done.stdout)
        parser.close()
        self.assertEqual((parser.faults, parser.open), ([], []))
        return done.stdout, parser.count

    def test_each_procedure_is_a_whole_page_that_needs_no_other(self):
        for procedure in FIVE:
            text, count = self.draw("--procedure", procedure, "--raised", "2026-12-18 16:59")
            self.assertTrue(text.startswith("<!DOCTYPE html>\n"))
            for outside in ("http:", "https:", "<script", "<link", "<img", "src=", "url(",
                            "@import", "href="):
                self.assertNotIn(outside, text, procedure)
            self.assertGreaterEqual(count["svg"], 1)
            self.assertEqual(text, self.draw("--procedure", procedure, "--raised",
                                             "2026-12-18 16:59")[0])

    def test_holidays_weekends_and_changes_of_the_clock_are_seen(self):
        text, count = self.draw("--procedure", "plcsab-adults", "--raised", "2027-03-22 10:00",
                                "--until", "2027-04-20")
        self.assertIn(">Good Friday</text>", text)
        self.assertIn(">Easter Monday</text>", text)
        self.assertIn(">clocks go forward</text>", text)
        self.assertIn('class="weekend"', text)
        for title in ("Stage 1", "Stage 2", "Stage 3"):
            self.assertIn(f">{title}", text)
        self.assertGreaterEqual(count["circle"], 10)

    def test_a_side_has_its_lane_and_a_disagreement_its_picture(self):
        events = [raised("plcsab-adults", "2026-12-18T16:59:00Z", challenged=("B", "C")),
                  raised("plcsab-adults", "2026-12-19T16:59:00Z") | {"subject": "D2"}]
        text, count = self.draw("--procedure", "plcsab-adults", "--events", "-",
                                stdin="".join(json.dumps(item) + "\n" for item in events))
        self.assertEqual(count["h2"], 3)
        for lane in ("A", "B", "C", "Board"):
            self.assertIn(f">{lane}</text>", text)

    def test_what_ended_early_is_due_no_more(self):
        events = [raised("plcsab-adults", "2027-02-01T10:00:00Z"),
                  event("stage.unresolved", "2027-02-02T10:00:00Z", {"reason": "invented"})]
        due = []
        for count in (1, 2):
            text, _ = self.draw("--procedure", "plcsab-adults", "--until", "2027-02-05", "--events",
                                "-", stdin="".join(json.dumps(one) + "\n" for one in events[:count]))
            due.append(len(re.findall(r'class="due"[^>]*><title>Stage 1,', text)))
        self.assertEqual(due, [1, 0])

    def test_what_a_procedure_says_cannot_become_markup(self):
        with tempfile.TemporaryDirectory(prefix="concern simulate ") as scratch:
            path = Path(scratch, "own.yaml")
            text = (PROCEDURES / "plcsab-adults.yaml").read_text()
            path.write_text(text.replace("title: Stage 1", 'title: "<script>&Co</script>"'))
            page, _ = self.draw("--procedure", path, "--raised", "2026-12-18 16:59",
                                "--calendars", SOURCE / "config/calendars")
            self.assertNotIn("<script", page)
            self.assertIn("&lt;script&gt;&amp;Co", page)

    def test_a_place_that_cannot_be_written_is_told(self):
        done = run("--procedure", "plcsab-adults", "--html", "/nowhere/page.html")
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nowhere/page.html", done.stderr)


class Timeline(unittest.TestCase):
    """What a person reads on the terminal."""

    def test_days_holidays_and_who_is_told(self):
        done = run("--procedure", "plcsab-adults", "--raised", "2026-12-18 16:59")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for text in ("Tuesday 29 December 2026\n", "Fri 25 Dec 2026  Christmas Day\n",
                     "17:00+00:00  ! limit passed: Stage 1\n", "board_team@board",
                     "due Wed 13 Jan 2027 17:00+00:00", "more times, the last "):
            self.assertIn(text, done.stdout)
        self.assertNotIn("\033", done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=1)
