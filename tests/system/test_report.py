"""test_report.py - the register of a period, of a real daemon on a time-lapse clock.

Mail is refused until it is given up: the register, the metric, the history and the alarm tell of it.
"""
import csv
import html.parser
import io
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import (CONCERNCTL, PAGES, PEOPLE, Rig, clean_environment, event,  # noqa: E402
                         raised, wait_for)

AT = "2026-12-18T16:59:00Z"
GIVEN_UP = "MESSAGE_ID=142c83647806457793e783e7eb04b39b"
PERIOD = ("--from", "2026-12-01", "--to", "2027-04-01")
MANAGER = "asc-manager@asc.northtown.example"


class Page(html.parser.HTMLParser):
    """That every element is closed; which there are; the rows of tables, cell by cell."""

    def __init__(self, text):
        super().__init__()
        self.open, self.names, self.rows, self.described = [], set(), [], 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.names |= {tag} | {name for name, _ in attributes}
        if tag == "svg":
            values = dict(attributes)
            assert values["role"] == "img" and len(values["aria-labelledby"].split()) == 2, values
            self.described += 1
        if tag != "meta":
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag, attributes):
        self.names |= {tag}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data


class ReportTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)

    def trial(self, speed=20000, **settings):
        self.rig.write_settings(http=PAGES, **settings)
        return self.rig.start("--clock", f"{AT}x{speed}")

    def report(self, *arguments):
        return self.rig.rows("report", *PERIOD, *arguments)

    def of(self, kind, *arguments):
        return [row for row in self.report(*arguments) if row["report"] == kind]

    def nobody_in(self, text):
        for person in PEOPLE + ["board-unit", "@", "Invented"]:
            self.assertNotIn(person, text)

    def test_what_nobody_accepts_is_in_the_register(self):
        """The line in the register, the metric, the line of the history, and the alarm."""
        answers = self.rig.mail.answers
        for person in PEOPLE:
            answers[f"{person}@{person.split('-')[0]}.northtown.example"] = "451 4.7.1 invented: later"
        daemon = self.trial(retry="1 day")
        self.rig.client().publish(raised("D-2026-7", time=AT))
        wait_for(lambda: self.rig.status()["outbox"]["exhausted"] >= 2, "given up")
        wait_for(lambda: self.rig.status()["outbox"]["undelivered"] >= 1, "nobody accepts it")
        lines = wait_for(lambda: [row for row in self.of("notification")
                                  if row["role"] == "line_manager" and row["now"] != "on its way"
                                  and row["undelivered"]], "the register has the line")
        self.assertEqual((lines[0]["reference"], lines[0]["board"], lines[0]["now"]),
                         ("D-2026-7", "plcsab", "not delivered"))
        self.assertIn(lines[0]["agency"], ("northtown-asc", "northtown-housing"))
        self.assertEqual(lines[0]["tried"][0]["route"], "email")
        self.assertEqual(lines[0]["tried"][0]["state"], "exhausted")
        self.assertEqual(lines[0]["tried"][0]["code"], 451)
        self.assertGreater(lines[0]["tried"][0]["attempts"], 5)
        self.assertIsNone(lines[0]["delivered"])
        # the metric
        wait_for(lambda: "\nconcernd_undelivered_notifications 0\n" not in
                 self.rig.page("/metrics")[2], "the metric shows it")
        self.assertIn('state="exhausted"', self.rig.page("/metrics")[2])
        # the history
        history = self.rig.ctl("history", "D-2026-7").stdout
        self.assertIn("undelivered", history)
        self.assertIn("exhausted", history)
        # the alarm: journal, status, and mail to who is not refused
        self.assertIn(GIVEN_UP, daemon.said())
        self.assertEqual(self.rig.ctl("status", check=False).returncode, 1)
        wait_for(lambda: self.rig.mail.to("operator@board.example"), "the operator is told")
        # the texts
        text = self.rig.ctl("report", *PERIOD).stdout
        self.assertRegex(text, r"D-2026-7 +line_manager +northtown-\w+ .* not delivered")
        self.nobody_in(text)
        # what is delivered later is told as such
        self.rig.mail.answers.clear()
        self.rig.ctl("redrive", "--all")
        row = wait_for(lambda: [row for row in self.of("notification") if row["id"] == lines[0]["id"]
                                and row["now"] == "delivered"], "it is delivered later")[0]
        self.assertGreater(row["delivered"], row["since"])
        self.assertEqual(row["since"], lines[0]["since"])

    def test_periods_pages_and_forms(self):
        """A hundred and twenty disagreements are more than a page."""
        # So many at once wait for their half minute, which takes three seconds.
        self.trial(speed=10, escalate={"after": "300 days", "urgent": "300 days",
                                       "told": "300 days"})
        client = self.rig.client()
        for number in range(120):
            one = raised(f"D-{number:03}", time=AT)
            one["data"]["category"] = "thresholds" if number % 3 else "information-sharing"
            client.publish(one)
        self.rig.wait_delivered()
        rows = self.of("disagreement")
        self.assertEqual([row["reference"] for row in rows], [f"D-{n:03}" for n in range(120)])
        self.assertEqual({row["report"] for row in self.report()}, {"disagreement"})
        self.assertEqual(rows[0]["agencies"], ["northtown-housing", "northtown-asc"])
        self.assertEqual((rows[1]["theme"], rows[1]["outcome"], rows[1]["ended"]),
                         ("thresholds", "open", None))
        self.assertEqual([stay["stage"] for stay in rows[0]["stages"]], ["stage-1"])
        self.assertIn("running", {limit["end"] for limit in rows[0]["limits"]})
        self.assertEqual(self.of("disagreement", "--board", "another"), [])
        self.assertEqual(self.rig.rows("report", "--from", "2026-01-01", "--to", "2026-12-18"), [])
        self.assertEqual(len(self.rig.rows("report", "--from", "2027-01-01", "--to",
                                           "2027-02-01")), 120)

        text = self.rig.ctl("report", *PERIOD).stdout
        for line in ("raised in it            120", "open when it ended      120",
                     "Every notification was accepted."):
            self.assertIn(line, text)
        self.assertRegex(text, r"information-sharing +40\n")
        self.assertRegex(text, r"northtown-housing against northtown-asc +120\n")

        table = list(csv.DictReader(io.StringIO(self.rig.ctl("report", *PERIOD, "--csv").stdout,
                                                newline="")))
        self.assertEqual(len(table), 120)
        self.assertEqual(table[5]["reference"], "D-005")
        self.assertEqual(table[0]["challenged"], "northtown-asc")
        self.assertRegex(table[0]["days at each stage"], r"^stage-1 \d+\.\d \(goes on\)$")

        path = self.rig.folder / "a register.html"
        self.rig.ctl("report", *PERIOD, "--html", path)
        page = Page(path.read_text())
        self.assertEqual(page.open, [])
        self.assertFalse(page.names & {"script", "img", "link", "iframe", "onload", "src", "href"})
        self.assertGreaterEqual(page.described, 4)  # months, themes, agencies, stages
        self.assertIn("D-119", [row[0] for row in page.rows])
        self.nobody_in(path.read_text().split("</style>")[1])

    def test_outcomes_stages_and_limits(self):
        """On the lapsing clock: nobody answers the one, the other is withdrawn."""
        self.trial(speed=60000, escalate={"after": "300 days", "urgent": "300 days",
                                          "told": "300 days"})
        client = self.rig.client()
        client.publish(raised("D-LONG", time=AT))
        client.publish(raised("D-SHORT", time=AT))
        client.publish(event("withdrawn", "D-SHORT", {
            "by": {"agency": "northtown-housing", "role": "line_manager"}, "reason": "invented"},
            time=AT))
        long = wait_for(lambda: [row for row in self.of("disagreement")
                                 if row["reference"] == "D-LONG" and
                                 [stay["stage"] for stay in row["stages"]] ==
                                 ["stage-1", "stage-2", "stage-3"]], "stage 3 is entered")[0]
        self.assertEqual(long["stages"][0]["to"], "2026-12-29T17:00:00Z")
        self.assertEqual(long["stages"][1]["from"], long["stages"][0]["to"])
        self.assertEqual(long["stages"][1]["to"], "2027-01-06T17:00:00Z")
        self.assertIsNone(long["stages"][2]["to"])
        ends = {limit["deadline"]: limit["end"] for limit in long["limits"]}
        self.assertEqual((ends["stage-1"], ends["stage-2"]), ("passed", "passed"))
        short = [row for row in self.of("disagreement") if row["reference"] == "D-SHORT"][0]
        self.assertEqual(short["outcome"], "withdrawn")
        self.assertIsNotNone(short["ended"])
        self.assertEqual({limit["end"] for limit in short["limits"]}, {"met"})
        text = self.rig.ctl("report", *PERIOD).stdout
        self.assertRegex(text, r"withdrawn in it +1\n")
        # From Fri 18 Dec 16:59 to Tue 29 Dec 17:00; the one withdrawn at once was nowhere.
        self.assertRegex(text, r"plcsab-adults +stage-1 +1 +0 +11\.0 +11\.0\n")
        self.assertRegex(text, r"plcsab-adults +stage-1 +1 +1 +0\n")

    def test_wrong_usage(self):
        for arguments, says in (
                ((), "of which period?"), (("--from", "2026-01-01"), "of which period?"),
                (("--from", "soon", "--to", "2027-01-01"), "is no time"),
                (("--from", "2027-01-01", "--to", "2026-01-01"), "is not before"),
                (("--from", "2027-01-01", "--to", "2027-01-01"), "is not before"),
                ((*PERIOD, "--csv", "--json"), "one of --html, --csv and --json"),
                ((*PERIOD, "--zone", "Europe/Nowhere"), "--zone"),
                ((*PERIOD, "extra"), "takes no argument")):
            done = self.rig.ctl("report", *arguments, check=False)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn(says, done.stderr)
        self.trial(speed=1)
        done = self.rig.ctl("report", *PERIOD, "--html", "/nowhere/at/all.html", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nowhere/at/all.html", done.stderr)


class FormulaTest(unittest.TestCase):
    """What could be a formula in a spreadsheet is text; a daemon that is not ours says it."""

    def test_cells(self):
        lines = [{"report": "disagreement", "board": "=1+1", "reference": "-D", "procedure": "@p",
                  "theme": '+a "quoted", theme', "agencies": ["\tx", "y"], "raised": AT,
                  "outcome": "open", "ended": None, "stages": [], "limits": []},
                 {"end": True, "ok": True}]
        with tempfile.TemporaryDirectory(prefix="concern report ", dir="/tmp") as folder:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(f"{folder}/control")
            listener.listen()

            def answer():
                connection = listener.accept()[0]
                with connection:
                    connection.makefile().readline()
                    connection.sendall("".join(json.dumps(one) + "\n" for one in lines).encode())

            thread = threading.Thread(target=answer, daemon=True)
            thread.start()
            done = subprocess.run([CONCERNCTL, "report", *PERIOD, "--csv"], capture_output=True,
                                  check=True, env=clean_environment(RUNTIME_DIRECTORY=folder))
            thread.join(60)
            listener.close()
        text = done.stdout.decode()
        self.assertEqual(text.count("\r\n"), 2)
        row = list(csv.DictReader(io.StringIO(text, newline="")))[0]
        self.assertEqual((row["board"], row["reference"], row["procedure"], row["theme"],
                          row["challenging"]),
                         ("'=1+1", "'-D", "'@p", "'+a \"quoted\", theme", "'\tx"))


if __name__ == "__main__":
    unittest.main(verbosity=1)
