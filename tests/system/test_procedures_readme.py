"""test_procedures_readme.py - the example that teaches to write a procedure can be loaded and played."""
import json
import os
import re
import subprocess
import tempfile
import unittest

SOURCE = os.environ["CONCERN_SOURCE"]
TOOL = os.path.join(os.environ["CONCERN_BUILD"], "clients", "concernctl", "concernctl")
CALENDARS = os.path.join(SOURCE, "config", "calendars")


def example():
    with open(os.path.join(SOURCE, "config", "procedures", "README.md"), encoding="utf-8") as file:
        return re.search(r"```yaml\n(.*?)```", file.read(), re.S).group(1)


def event(number, kind, time, data):
    return json.dumps({"specversion": "1.0", "id": f"e{number}", "source": "urn:invented:las",
                       "type": f"concernd.{kind}", "subject": "D1", "time": time,
                       "datacontenttype": "application/json", "data": data}) + "\n"


class TheExample(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="concern readme ")
        self.addCleanup(self.folder.cleanup)
        self.file = self.write("northtown-adults.yaml", example())

    def write(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def run_tool(self, *arguments):
        return subprocess.run([TOOL, *arguments], capture_output=True, text=True, timeout=60)

    def play(self, *arguments):
        done = self.run_tool("simulate", "--procedure", self.file, "--calendars", CALENDARS,
                             "--json", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_it_is_without_a_fault(self):
        done = self.run_tool("check", self.file)
        self.assertEqual((done.returncode, done.stderr, done.stdout), (0, "", "no error\n"))

    def test_it_fits_a_page(self):
        with open(os.path.join(SOURCE, "config", "procedures", "README.md"),
                  encoding="utf-8") as file:
            lines = file.read().splitlines()
        self.assertLessEqual(len(lines), 90)
        self.assertLessEqual(max(map(len, lines)), 130)

    def test_it_does_what_it_says(self):
        # Raised on Tuesday 2 February 2027 at 10:00, and a meeting on Friday the 5th at 11:00.
        events = self.write("events.jsonl", event(1, "disagreement.raised", "2027-02-02T10:00:00Z", {
            "procedure": "northtown-adults", "challenging": {"agency": "A"},
            "challenged": [{"agency": "B"}], "facts": {"relates_to": "individual"}})
            + event(2, "meeting.held", "2027-02-05T11:00:00Z", {"by": {"agency": "A"}}))
        lines = self.play("--events", events, "--until", "2027-03-01T00:00:00Z")
        due = [(line["deadline"], line["due"]) for line in lines if line["type"] == "deadline"]
        self.assertIn(("stage-1", "2027-02-04T17:00:00Z"), due)   # two working days
        self.assertIn(("overall", "2027-02-16T17:00:00Z"), due)   # ten
        self.assertIn(("stage-2", "2027-02-07T11:00:00Z"), due)   # 48 hours, over the weekend
        told = [line for line in lines if line["type"] == "notification"
                and line["to"]["role"] == "board_team"
                and any(say["message"] == "board_told" for say in line["says"])]
        self.assertEqual([line["at"] for line in told], ["2027-02-04T17:00:00Z"])


if __name__ == "__main__":
    unittest.main()
