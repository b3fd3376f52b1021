"""concernctl's help, its answers to wrong usage, and the control socket's client."""
import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import threading
import unittest

CONCERNCTL = pathlib.Path(os.environ["CONCERN_BUILD"]) / "clients/concernctl/concernctl"


def run(*arguments, env=None):
    clean = {key: value for key, value in os.environ.items()
             if not key.startswith("CONCERN_") and key != "RUNTIME_DIRECTORY"}
    clean["HOME"] = "/nonexistent"
    clean.update(env or {})
    return subprocess.run([CONCERNCTL, *map(str, arguments)], text=True, capture_output=True,
                          env=clean, timeout=60, check=False, stdin=subprocess.DEVNULL)


def commands():
    return re.findall(r"^  ([a-z]+) +\S", run("--help").stdout, re.M)


class Control:
    """Answers each request on a control socket with the given lines."""

    def __init__(self, path, lines):
        self.lines = lines
        self.requests = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.requests.append(json.loads(connection.makefile().readline()))
                connection.sendall("".join(line + "\n" for line in self.lines).encode())

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


class UsageTest(unittest.TestCase):
    def test_help_lists_every_command(self):
        done = run("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for name in ("check", "due", "publish", "raise", "resolve", "event", "list", "show",
                     "explain", "history", "move", "outbox", "redrive", "report", "test", "bounce", "silence",
                     "status", "keys", "simulate"):
            self.assertIn(name, commands())

    def test_help_of_each_command(self):
        for name in commands():
            with self.subTest(name):
                for arguments in (("help", name), (name, "--help")):
                    done = run(*arguments)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                    self.assertTrue(done.stdout.startswith(f"usage: concernctl {name} "))

    def test_version(self):
        done = run("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^concernctl \d+\.\d+\.\d+\n$")

    def test_wrong_usage(self):
        rows = [
            ([], "--help"),
            (["pubish"], "did you mean publish?"),
            (["xyzzy"], "no command xyzzy"),
            (["help", "lits"], "did you mean list?"),
            (["publish", "--endpont", "x"], "did you mean --endpoint?"),
            (["publish", "--endpoint"], "--endpoint wants a value"),
            (["publish", "--json=yes"], "--json=yes"),
            (["publish", "one", "two"], "one FILE"),
            (["publish", "--wait", "long"], "--wait long"),
            (["publish"], "--endpoint"),
            (["publish", "--endpoint", "tcp://127.0.0.1:1"], "--server-key"),
            (["show"], "one REF"),
            (["show", "x" * 65], "64 letters"),
            (["history", "a", "b"], "one REF"),
            (["move"], "one REF"),
            (["move", "D-1", "--to-version"], "--to-version wants a value"),
            (["move", "D-1", "--yse"], "did you mean --yes?"),
            (["explain"], "one REF"),
            (["redrive"], "one ID or REF, or --all"),
            (["redrive", "D-1", "--all"], "one ID or REF, or --all"),
            (["redrive", "--alle"], "did you mean --all?"),
            (["test"], "one ROLE@AGENCY, or systems@AGENCY"),
            (["test", "systems"], "nor systems@AGENCY"),
            (["test", "systems@"], "nor systems@AGENCY"),
            (["bounce", "one", "two"], "one FILE"),
            (["bounce", "--recipent", "x"], "did you mean --recipient?"),
            (["list", "extra"], "no argument"),
            (["raise"], "--source"),
            (["raise", "--source", "urn:test"], "--reference"),
            (["raise", "--source", "urn:test", "--reference", "D-1"], "--challenging"),
            (["raise", "--source", "urn:test", "--reference", "D-1", "--challenging", "a"],
             "--challenged"),
            (["raise", "--source", "urn:test", "--reference", "D-1", "--challenging", "a",
              "--challenged", "b", "--person", "line_manager@c=x"], "neither side"),
            (["raise", "--fact", "=x"], "NAME=VALUE"),
            (["raise", "--source", "urn:test", "--reference", "D-1", "--challenging", "a",
              "--challenged", "b", "--person", "nobody"], "ROLE@AGENCY=WHO"),
            (["event", "hold"], "TYPE REF"),
            (["event", "hold", "D-1", "--data", "noequals"], "NAME=VALUE"),
            (["resolve", "--by", "a"], "one REF"),
            (["keys"], "make or list"),
            (["keys", "make"], "one NAME"),
            (["keys", "make", "../x"], "letters, digits"),
        ]
        for arguments, words in rows:
            with self.subTest(arguments):
                done = run(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(words, done.stderr)

    def test_an_event_that_cannot_be_is_told_here(self):
        done = run("event", "risk.changed", "D 1", "--source", "urn:test", "--by", "a", "--print")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("subject", done.stderr)

    def test_no_daemon(self):
        with tempfile.TemporaryDirectory(prefix="concern test ") as directory:
            for arguments in (["list"], ["show", "D-1"], ["history", "D-1"], ["outbox"],
                              ["move", "D-1"], ["redrive", "--all"],
                              ["report", "--from", "2026-01-01", "--to", "2027-01-01"],
                              ["status"], ["keys", "list"]):
                done = run(*arguments, env={"RUNTIME_DIRECTORY": directory})
                self.assertEqual(done.returncode, 1)
                self.assertIn(f"cannot reach concernd at {directory}/control: ", done.stderr)
                self.assertIn("systemctl status concernd", done.stderr)

    def test_output_that_cannot_be_written(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([CONCERNCTL, "--help"], stdout=full, stderr=subprocess.PIPE,
                                  text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("standard output", done.stderr)


class ControlTest(unittest.TestCase):
    end = '{"end":true,"ok":true}'

    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="concern test ")
        self.path = pathlib.Path(self.scratch.name) / "control"

    def tearDown(self):
        self.scratch.cleanup()

    def ask(self, lines, *arguments):
        self.path.unlink(missing_ok=True)
        control = Control(self.path, lines)
        try:
            return run(*arguments, "--control", self.path), control.requests
        finally:
            control.close()

    def test_list(self):
        row = {"reference": "D-TEST-1", "board": "plcsab", "procedure": "plcsab-adults",
               "stage": "stage-1", "state": "open", "raised": "2026-12-18T16:59:00+00:00",
               "next": {"deadline": "stage-1", "due": "2026-12-29T17:00:00+00:00"},
               "challenging": "northtown-housing", "challenged": ["northtown-asc", "b"]}
        done, requests = self.ask([json.dumps(row), self.end], "list", "--all")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(requests, [{"command": "list", "all": True}])
        head, line = done.stdout.splitlines()
        for word in ("D-TEST-1", "2026-12-29T17:00:00+00:00", "northtown-asc, b"):
            self.assertIn(word, line)
        self.assertEqual(head.index("DUE"), line.index("2026-12-29"))
        done, _ = self.ask([json.dumps(row), self.end], "list", "--json")
        self.assertEqual([json.loads(text) for text in done.stdout.splitlines()], [row])

    def test_empty_list(self):
        done, _ = self.ask([self.end], "list")
        self.assertEqual((done.returncode, done.stdout), (0, "no open disagreement\n"))

    def test_show(self):
        row = {"reference": "D-TEST-1", "state": "open", "stage": "stage-2",
               "parties": [{"agency": "northtown-housing", "side": "challenging", "agreed": True}],
               "facts": {"risk": "significant", "urgent": True},
               "deadlines": [{"deadline": "overall", "state": "running",
                              "start": "2026-12-18T16:59:00+00:00",
                              "due": "2027-01-13T17:00:00+00:00", "provisional": True}]}
        done, requests = self.ask([json.dumps(row), self.end], "show", "D-TEST-1", "--board", "p")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(requests, [{"command": "show", "reference": "D-TEST-1", "board": "p"}])
        self.assertRegex(done.stdout, r"stage +stage-2\n")
        self.assertIn("risk is significant", done.stdout)
        self.assertRegex(done.stdout, r"challenging +northtown-housing, has agreed")
        self.assertRegex(done.stdout, r"overall +running +\S+ +2027-01-13T17:00:00\+00:00 +prov")

    def test_no(self):
        done, _ = self.ask(['{"end":true,"ok":false,"error":"nobody raised D-9"}'], "show", "D-9")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("nobody raised D-9", done.stderr)

    def test_half_an_answer_is_none(self):
        done, _ = self.ask(['{"reference":"D-TEST-1"}'], "list")
        self.assertEqual(done.returncode, 1)
        self.assertIn("did not answer to the end", done.stderr)

    def test_nonsense(self):
        done, _ = self.ask(["what?", self.end], "list")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot be read", done.stderr)

    def test_history(self):
        row = {"number": 12, "at": "2026-12-18T16:59:01+00:00", "type": "event",
               "reference": "D-TEST-1", "payload": {"type": "concernd.disagreement.raised"}}
        done, _ = self.ask([json.dumps(row), self.end], "history", "D-TEST-1")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"12 +2026-\S+ +event +type concernd.disagreement.raised")

    def test_outbox(self):
        row = {"id": "n-1", "reference": "D-TEST-1", "person": "j.brown-test",
               "role": "line_manager", "route": "email", "state": "queued", "attempts": 2,
               "next_try": "2026-12-18T17:01:00+00:00", "at": "2026-12-18T17:00:00+00:00",
               "last": {"code": "451", "detail": "later"}}
        done, requests = self.ask([json.dumps(row), self.end], "outbox", "--state", "queued")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(requests, [{"command": "outbox", "state": "queued"}])
        for word in ("j.brown-test", "451", "later", "queued"):
            self.assertIn(word, done.stdout)

    def test_sources(self):
        row = {"source": "urn:test", "owner": "northtown-housing", "plane": "feed las",
               "assurance": "best-effort", "last_heard": "2026-12-18T16:59:00Z",
               "last_sequence": "00000000000000000420", "duplicates": 7,
               "gaps": {"open": 2, "events": 12, "oldest": "2026-12-18T16:50:00Z", "gone": 0},
               "refusals": {"404.1": 3, "422.1": 1}}
        never = {"source": "urn:never", "last_heard": None, "last_sequence": None}
        done, requests = self.ask([json.dumps(row), json.dumps(never), self.end], "sources")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(requests, [{"command": "sources"}])
        self.assertRegex(done.stdout, r"urn:test +northtown-housing +feed las +best-effort +"
                                      r"2026-12-18T\S+ +420 +12 +2026-12-18T\S+ +404\.1 3, 422\.1 1"
                                      r" +7\n")
        self.assertRegex(done.stdout, r"urn:never +never")
        done, _ = self.ask([self.end], "sources")
        self.assertEqual(done.stdout.splitlines()[-1], "no source")

    def test_status(self):
        row = {"version": "0.1.0", "state": "running", "open": 3, "trial": False,
               "outbox": {"queued": 1, "accepted": 2, "exhausted": 0},
               "policy": {"loaded": "2026-12-18T16:59:00Z", "hash": "ab", "fault": ""},
               "feeds": [{"feed": "las-test", "assurance": "sequenced", "silent": False}],
               "refusals": [{"key": "k", "name": "k", "code": "403.1", "count": 4}]}
        done, _ = self.ask([json.dumps(row), self.end], "status")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"open disagreements +3\n")
        self.assertRegex(done.stdout, r"k +403.1 +4\n")
        for wrong in ({"feeds": [{"feed": "las-test", "silent": True}]}, {"state": "failed"},
                      {"policy": {"fault": "x.yaml:1:1: y"}}):
            done, _ = self.ask([json.dumps({**row, **wrong}), self.end], "status")
            self.assertEqual(done.returncode, 1)

    def test_terminal_is_not_spoken_to(self):
        row = {"reference": "D-\x1b[31m\u009b\u202eTEST", "state": "open"}
        done, _ = self.ask([json.dumps(row), self.end], "list")
        self.assertIn("D-?[31m??TEST", done.stdout)

    def test_keys(self):
        row = {"key": "k" * 40, "agency": "northtown-housing", "boards": ["plcsab"],
               "sources": ["urn:test"], "rights": ["publish"]}
        done, _ = self.ask([json.dumps(row), self.end], "keys", "list")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"k{40} +northtown-housing +plcsab +urn:test +publish")

    def test_keys_of_a_file(self):
        keyring = pathlib.Path(self.scratch.name) / "keyring.yaml"
        made = run("keys", "make", "las", "--directory", self.scratch.name, "--agency",
                   "northtown-housing", "--board", "plcsab", "--source", "urn:test")
        keyring.write_text("keys:\n" + made.stdout)
        done = run("keys", "list", "--keyring", keyring)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"\S{40} +northtown-housing +plcsab +urn:test +publish")
        keyring.write_text("keys: [\n")
        done = run("keys", "list", "--keyring", keyring)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{keyring}:", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
