"""concernctl publish and its shorthands, against a daemon that answers as told."""
import json
import os
import pathlib
import pty
import stat
import subprocess
import sys
import tempfile
import time
import unittest

import zmq.auth

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from fake_daemon import FakeDaemon  # noqa: E402
from ports import held_port  # noqa: E402

CONCERNCTL = pathlib.Path(os.environ["CONCERN_BUILD"]) / "clients/concernctl/concernctl"
SOURCE = "urn:northtown-test:las"


def run(*arguments, stdin="", env=None, timeout=240):
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CONCERN_")}
    clean["HOME"] = "/nonexistent"
    clean.update(env or {})
    return subprocess.run([CONCERNCTL, *map(str, arguments)], input=stdin, text=True,
                          capture_output=True, env=clean, timeout=timeout, check=False)


def event(number, **members):
    base = {"specversion": "1.0", "id": f"E{number}", "source": SOURCE,
            "type": "concernd.acknowledged", "subject": "D-TEST-1",
            "time": "2026-12-18T16:59:00Z", "datacontenttype": "application/json", "data": {}}
    base.update(members)
    return base


class PublisherTest(unittest.TestCase):
    def setUp(self):
        # A path with a space must do.
        self.scratch = tempfile.TemporaryDirectory(prefix="concern test ")
        self.directory = pathlib.Path(self.scratch.name)
        self.admitted = self.directory / "admitted keys"
        self.admitted.mkdir()
        self.daemons = []
        for name in (["--server"], ["las"], ["stranger"]):
            made = run("keys", "make", *name, "--directory", self.directory)
            self.assertEqual(made.returncode, 0, made.stderr)
        (self.admitted / "las.key").write_text((self.directory / "las.key").read_text())

    def tearDown(self):
        for daemon in self.daemons:
            daemon.close()
        self.scratch.cleanup()

    def daemon(self, script=None, **settings):
        self.daemons.append(FakeDaemon(self.directory, self.admitted, script, **settings))
        return self.daemons[-1]

    def options(self, daemon, key="las", server="server", resend="0.05,0.1", wait="120"):
        """Where arrivals are counted `resend` must be longer than an answer takes on a slow machine."""
        return ["--endpoint", daemon if isinstance(daemon, str) else daemon.endpoint,
                "--server-key", self.directory / f"{server}.key",
                "--key", self.directory / f"{key}.key_secret",
                "--resend", resend, "--wait", wait]

    def publish(self, daemon, events, *extra, **settings):
        lines = "".join(json.dumps(one) + "\n" for one in events)
        return run("publish", *self.options(daemon, **settings), *extra, stdin=lines)

    def test_secret_is_private(self):
        mode = (self.directory / "las.key_secret").stat().st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o600)
        again = run("keys", "make", "las", "--directory", self.directory)
        self.assertEqual(again.returncode, 1)
        self.assertIn("never replaced", again.stderr)

    def test_stanza_names_the_public_key(self):
        made = run("keys", "make", "new", "--directory", self.directory, "--agency",
                   "northtown-housing", "--board", "plcsab", "--source", SOURCE)
        text = (self.directory / "new.key").read_text()
        public = text.split('public-key = "')[1].split('"')[0]
        self.assertEqual(len(public), 40)
        self.assertIn(f'- key: "{public}"', made.stdout)
        self.assertIn("agency: northtown-housing", made.stdout)
        self.assertIn("boards: [plcsab]", made.stdout)
        self.assertIn(f'sources: ["{SOURCE}"]', made.stdout)
        secret = (self.directory / "new.key_secret").read_text()
        secret = secret.split('secret-key = "')[1].split('"')[0]
        self.assertNotIn(secret, made.stdout + made.stderr + text)

    def test_acknowledged(self):
        daemon = self.daemon({"E1": [("ACK", {"record": 17, "disagreement_state": "open",
                                              "next_deadline": {
                                                  "deadline": "stage-1",
                                                  "due": "2026-12-29T17:00:00Z"}})]})
        done = self.publish(daemon, [event(1)])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("record 17", done.stdout)
        self.assertIn("stage-1 due 2026-12-29T17:00:00Z", done.stdout)
        self.assertEqual(daemon.unexpected, [])
        self.assertEqual(daemon.hellos[0]["versions"], [1])
        # The bytes are handed on as they were given.
        self.assertEqual(daemon.arrivals[0][2].decode(), json.dumps(event(1)))

    def test_refused(self):
        daemon = self.daemon({"E2": [("NACK", {"code": "403.1", "reason": "not your source"})]})
        done = self.publish(daemon, [event(1), event(2), event(3)], resend="60")
        self.assertEqual(done.returncode, 1)
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 3)
        self.assertEqual(sum(line.startswith("acknowledged") for line in lines), 2)
        self.assertTrue(any("403.1" in line and "not your source" in line for line in lines))
        self.assertEqual([arrival[0] for arrival in daemon.arrivals], ["E1", "E2", "E3"])

    def test_silence_is_sent_again(self):
        daemon = self.daemon({"E1": [None, None]})
        done = self.publish(daemon, [event(1)], resend="0.1,2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(daemon.arrivals), 3)
        self.assertEqual(len({arrival for arrival in daemon.arrivals}), 1)

    def test_busy_is_sent_again(self):
        daemon = self.daemon({"E1": [("BUSY", {"retry_after_ms": 30})]})
        done = self.publish(daemon, [event(1)], resend="15")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(daemon.arrivals), 2)

    def test_nothing_new_overtakes_what_was_put_off(self):
        """The last of a full window is put off: what comes next waits for it."""
        # The others are not answered before they are sent again, long after E64 was put off.
        script = {f"E{number}": [None] for number in range(1, 64)}
        daemon = self.daemon(dict(script, E64=[("BUSY", {"retry_after_ms": 4000})]))
        done = self.publish(daemon, [event(number) for number in range(1, 91)], resend="1.5,60")
        self.assertEqual(done.returncode, 0, done.stderr)
        arrived = [identity for identity, _, _ in daemon.arrivals]
        again = arrived.index("E64", arrived.index("E64") + 1)
        self.assertEqual(arrived[again + 1:], [f"E{number}" for number in range(65, 91)])

    def test_later_codes_are_sent_again(self):
        daemon = self.daemon({"E1": [("NACK", {"code": "503.2"}), ("NACK", {"code": "429.1"})]})
        done = self.publish(daemon, [event(1)], resend="1,1,60")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(len(daemon.arrivals), 3)

    def test_raise_comes_before_what_speaks_of_it(self):
        # The raise is told to wait, and so its follower finds nothing.
        daemon = self.daemon({"E1": [("BUSY", {"retry_after_ms": 200})],
                              "E2": [("NACK", {"code": "404.1"})]})
        done = self.publish(daemon, [event(1, type="concernd.disagreement.raised"), event(2)],
                            resend="0.5")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        alone = self.daemon({"E3": [("NACK", {"code": "404.1"})]})
        done = self.publish(alone, [event(3)])
        self.assertEqual(done.returncode, 1)
        self.assertIn("disagreement.raised first", done.stdout)

    def test_unanswered_in_bounded_time(self):
        daemon = self.daemon({"E1": [None] * 1000})
        began = time.monotonic()
        done = self.publish(daemon, [event(1)], wait="3")
        self.assertEqual(done.returncode, 1)
        self.assertIn("unanswered", done.stdout)
        self.assertIn("publish the same again", done.stdout)
        self.assertLess(time.monotonic() - began, 60)
        self.assertGreater(len(daemon.arrivals), 2)

    def test_answer_about_another_event_is_none(self):
        daemon = self.daemon({"E1": [("ACK", {"id": "SOMETHING-ELSE"})]})
        done = self.publish(daemon, [event(1)], resend="0.1,60")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(len(daemon.arrivals), 2)

    def test_window(self):
        daemon = self.daemon()
        daemon.hold = True
        lines = "".join(json.dumps(event(number)) + "\n" for number in range(200))
        with subprocess.Popen([CONCERNCTL, "publish", *map(str, self.options(daemon, resend="60"))],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True) as process:
            process.stdin.write(lines)
            process.stdin.close()
            until = time.monotonic() + 60
            while len(daemon.held) < 64 and time.monotonic() < until:
                time.sleep(0.01)
            self.assertEqual(len(daemon.held), 64)
            daemon.hold = False
            output = process.stdout.read()
            self.assertEqual(process.wait(60), 0)
        self.assertEqual(daemon.most_under_way, 64)
        self.assertEqual(sum(line.startswith("acknowledged") for line in output.splitlines()),
                         200)
        self.assertEqual({arrival[0] for arrival in daemon.arrivals},
                         {f"E{number}" for number in range(200)})

    def test_smaller_window_of_the_daemon(self):
        daemon = self.daemon(welcome={"version": 1, "window": 2})
        done = self.publish(daemon, [event(number) for number in range(50)])
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_daemon_that_restarts(self):
        endpoint = f"tcp://127.0.0.1:{held_port()}"
        first = self.daemon({"E1": [None] * 100}, endpoint=endpoint)
        with subprocess.Popen([CONCERNCTL, "publish", *map(str, self.options(first, resend="60"))],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True) as process:
            process.stdin.write(json.dumps(event(1)))
            process.stdin.close()
            until = time.monotonic() + 60
            while not first.arrivals and time.monotonic() < until:
                time.sleep(0.01)
            self.daemons.remove(first)
            first.close()
            # Sent again at once when the connection is back, long before the minute.
            second = self.daemon(endpoint=endpoint)
            output = process.stdout.read()
            self.assertEqual(process.wait(60), 0, output)
        self.assertEqual([arrival[0] for arrival in second.arrivals], ["E1"])

    def test_wrong_server_key(self):
        daemon = self.daemon()
        began = time.monotonic()
        done = self.publish(daemon, [event(1)], server="stranger")
        self.assertEqual(done.returncode, 1)
        self.assertIn("server key is not that daemon's", done.stderr)
        self.assertLess(time.monotonic() - began, 60)  # of the two minutes that it may wait
        self.assertEqual(daemon.arrivals, [])

    def test_key_that_is_not_admitted(self):
        daemon = self.daemon()
        done = self.publish(daemon, [event(1)], key="stranger")
        self.assertEqual(done.returncode, 1)
        self.assertIn("does not admit this client key", done.stderr)
        self.assertEqual(daemon.arrivals, [])

    def test_keys_of_another_make(self):
        # pyzmq writes CZMQ's format, with comments and a metadata section of its own.
        zmq.auth.create_certificates(str(self.admitted), "other")
        (self.admitted / "other.key_secret").chmod(0o600)
        daemon = self.daemon()
        options = self.options(daemon)
        options[options.index("--key") + 1] = self.admitted / "other.key_secret"
        done = run("publish", *options, stdin=json.dumps(event(1)))
        self.assertEqual(done.returncode, 0, done.stderr)
        # Who names the public half is understood: the secret lies beside it.
        options[options.index("--key") + 1] = self.admitted / "other.key"
        done = run("publish", *options, stdin=json.dumps(event(2)))
        self.assertEqual(done.returncode, 0, done.stderr)
        # The daemon's key may be written out.
        text = (self.directory / "server.key").read_text()
        options[options.index("--server-key") + 1] = text.split('public-key = "')[1][:40]
        done = run("publish", *options, stdin=json.dumps(event(3)))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_files_that_are_no_keys(self):
        daemon = self.daemon()
        secret = (self.directory / "las.key_secret").read_text()
        rows = [("", "is no key file"), ("x" * 20000, "is no key file"),
                ("no key\n", "no public-key"),
                (secret.replace('public-key = "', 'public-key = "x'), "no public-key"),
                (secret.replace("secret-key", "secret-kye"), "_secret")]
        path = self.directory / "spoilt"
        path.touch(mode=0o600)
        for text, words in rows:
            with self.subTest(words):
                path.write_text(text)
                options = self.options(daemon)
                options[options.index("--key") + 1] = path
                done = run("publish", *options, stdin=json.dumps(event(1)))
                self.assertEqual(done.returncode, 1)
                self.assertIn(str(path), done.stderr)
                self.assertIn(words, done.stderr)

    def test_bar_only_on_a_terminal(self):
        daemon = self.daemon()
        path = self.directory / "events.jsonl"
        path.write_text("".join(json.dumps(event(number)) + "\n" for number in range(20)))
        done = run("publish", *self.options(daemon), path)
        self.assertNotIn("\r", done.stderr)
        ours, theirs = pty.openpty()
        # Read while it runs: a terminal that nobody reads takes no more at some time.
        process = subprocess.Popen([CONCERNCTL, "publish", *map(str, self.options(daemon)), path],
                                   stdout=subprocess.PIPE, stderr=theirs)
        os.close(theirs)
        seen = b""
        while True:
            try:
                more = os.read(ours, 65536)
            except OSError:
                break
            if not more:
                break
            seen += more
        os.close(ours)
        said = process.communicate(timeout=60)[0]
        self.assertEqual(process.returncode, 0)
        self.assertIn(b"100 %", seen)
        self.assertIn(b"20 acknowledged, 0 refused", seen)
        self.assertNotIn(b"\x1b", said)

    def test_nobody_there(self):
        done = self.publish(f"tcp://127.0.0.1:{held_port()}", [event(1)], wait="3")
        self.assertEqual(done.returncode, 1)
        self.assertIn("nobody listens there", done.stdout)
        self.assertIn("it was not sent", done.stdout)

    def test_json(self):
        daemon = self.daemon({"E1": [("ACK", {"record": 5})],
                              "E2": [("NACK", {"code": "400.4", "reason": "x"})]})
        done = self.publish(daemon, [event(1), event(2)], "--json")
        rows = {row["id"]: row for row in map(json.loads, done.stdout.splitlines())}
        self.assertEqual(rows["E1"]["outcome"], "acknowledged")
        self.assertEqual(rows["E1"]["record"], 5)
        self.assertEqual(rows["E2"]["outcome"], "refused")
        self.assertEqual(rows["E2"]["code"], "400.4")

    def test_documents(self):
        shapes = {
            "one line without its end": json.dumps(event(1)),
            "over many lines": json.dumps(event(1), indent=2),
            "an array": json.dumps([event(1), event(2)], indent=1),
            "braces in a text": json.dumps(event(1, data={"reason": "}{\\\"}"})),
        }
        for name, text in shapes.items():
            with self.subTest(name):
                daemon = self.daemon()
                path = self.directory / "events of a test.json"
                path.write_text(text)
                done = run("publish", *self.options(daemon), path)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(len(daemon.arrivals), text.count('"specversion"'))

    def test_bad_documents(self):
        good = json.dumps(event(9)) + "\n"
        rows = [
            ("not json\n", ":1: not a JSON object"),
            ('{"id": "E1", \n', "is not closed"),
            ('{"id": 7}\n', ":1: not a CloudEvent"),
            (json.dumps(event(1, data={"reason": "x" * 65536})) + "\n", "65,536"),
            ('{"id": "' + "x" * 300000 + "\n", "65,536"),
        ]
        daemon = self.daemon()
        for text, fault in rows:
            with self.subTest(fault):
                last = "not closed" not in fault
                done = run("publish", *self.options(daemon),
                           stdin=text + good if last else good + text)
                self.assertEqual(done.returncode, 1)
                self.assertIn(fault, done.stderr)
                self.assertIn("acknowledged", done.stdout)

    def test_an_open_stream_is_answered_as_it_comes(self):
        daemon = self.daemon({"E1": [None]})
        with subprocess.Popen([CONCERNCTL, "publish", *map(str, self.options(daemon))],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True) as process:
            for number in (1, 2):
                process.stdin.write(json.dumps(event(number)) + "\n")
                process.stdin.flush()
                # The stream stays open: the answer, and the resend, must not wait for its end.
                self.assertIn("acknowledged", process.stdout.readline())
            process.stdin.close()
            self.assertEqual(process.wait(60), 0)

    def test_settings_from_file_and_environment(self):
        daemon = self.daemon()
        settings = self.directory / "concernctl.yaml"
        settings.write_text(f"endpoint: {daemon.endpoint}\nserver_key: server.key\n"
                            f"key: las.key_secret\nsource: {SOURCE}\nagency: northtown-housing\n")
        done = run("publish", "--config", settings, stdin=json.dumps(event(1)))
        self.assertEqual(done.returncode, 0, done.stderr)
        done = run("event", "stage.unresolved", "D-TEST-1", env={"CONCERN_CONFIG": str(settings)})
        self.assertEqual(done.returncode, 0, done.stderr)
        sent = json.loads(daemon.arrivals[-1][2])
        self.assertEqual(sent["type"], "concernd.stage.unresolved")
        self.assertEqual(sent["data"], {"by": {"agency": "northtown-housing"}})
        self.assertEqual(sent["source"], SOURCE)
        settings.write_text("endpont: tcp://x\n")
        done = run("publish", "--config", settings, stdin="")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{settings}:1:1:", done.stderr)
        self.assertIn("endpoint", done.stderr)

    def test_secret_that_others_can_read(self):
        daemon = self.daemon()
        (self.directory / "las.key_secret").chmod(0o644)
        done = self.publish(daemon, [event(1)])
        self.assertEqual(done.returncode, 1)
        self.assertIn("chmod 600", done.stderr)

    def test_raise(self):
        daemon = self.daemon()
        done = run("raise", *self.options(daemon), "--source", SOURCE, "--board", "plcsab",
                   "--procedure", "plcsab-adults", "--reference", "D-TEST-1",
                   "--challenging", "northtown-housing", "--challenged",
                   "northtown-asc,northtown-police", "--challenged", "northtown-nhs",
                   "--person", "practitioner@northtown-housing=a.khan-test",
                   "--person", "practitioner@northtown-asc=desk@asc.northtown.example",
                   "--fact", "risk=significant", "--fact", "urgent", "--fact", "policy_issue=no",
                   "--case", "7F3K-0192", "--stage", "stage-1",
                   "--time", "2026-12-18T16:59:00+00:00")
        self.assertEqual(done.returncode, 0, done.stderr)
        sent = json.loads(daemon.arrivals[0][2])
        self.assertEqual(sent["type"], "concernd.disagreement.raised")
        self.assertEqual(sent["subject"], "D-TEST-1")
        self.assertEqual(sent["time"], "2026-12-18T16:59:00Z")
        self.assertEqual(sent["specversion"], "1.0")
        self.assertRegex(sent["id"], "^[0-9A-HJKMNP-TV-Z]{26}$")
        data = sent["data"]
        self.assertEqual(data["challenging"],
                         {"agency": "northtown-housing", "people": {"practitioner": "a.khan-test"}})
        self.assertEqual([side["agency"] for side in data["challenged"]],
                         ["northtown-asc", "northtown-police", "northtown-nhs"])
        self.assertEqual(data["challenged"][0]["people"],
                         {"practitioner": {"email": "desk@asc.northtown.example"}})
        self.assertEqual(data["facts"],
                         {"risk": "significant", "urgent": True, "policy_issue": False})
        self.assertEqual((data["board"], data["procedure"], data["case"], data["stage"]),
                         ("plcsab", "plcsab-adults", "7F3K-0192", "stage-1"))

    def test_resolve(self):
        daemon = self.daemon()
        for extra, kind in ([], "proposed"), (["--agree"], "agreed"):
            done = run("resolve", "D-TEST-1", "--by", "northtown-asc", "--source", SOURCE,
                       *self.options(daemon), *extra)
            self.assertEqual(done.returncode, 0, done.stderr)
            sent = json.loads(daemon.arrivals[-1][2])
            self.assertEqual(sent["type"], f"concernd.resolution.{kind}")
            self.assertEqual(sent["data"]["by"], {"agency": "northtown-asc"})

    def test_civil_time_is_london(self):
        for given, sent in (("2026-12-18 16:59", "2026-12-18T16:59:00Z"),
                            ("2026-07-01 16:59", "2026-07-01T15:59:00Z"),
                            ("2026-07-01T16:59:00+01:00", "2026-07-01T15:59:00Z")):
            done = run("event", "stage.unresolved", "D-TEST-1", "--source", SOURCE, "--by", "a",
                       "--time", given, "--print")
            self.assertEqual(json.loads(done.stdout)["time"], sent)
        done = run("event", "stage.unresolved", "D-TEST-1", "--source", SOURCE, "--by", "a",
                   "--time", "yesterday", "--print")
        self.assertEqual(done.returncode, 2)

    def test_event_data(self):
        done = run("event", "flag.changed", "D-TEST-1", "--source", SOURCE, "--by", "board:plcsab",
                   "--data", "flag=urgent", "--data", "value=yes", "--print")
        self.assertEqual(done.returncode, 0, done.stderr)
        sent = json.loads(done.stdout)
        self.assertEqual(sent["data"],
                         {"flag": "urgent", "value": True, "by": {"board": "plcsab"}})
        done = run("event", "hold", "D-TEST-1", "--source", SOURCE, "--data", "by.agency=a",
                   "--data", "reason=review", "--data", 'until:="2027-01-04T09:00:00Z"', "--print")
        self.assertEqual(json.loads(done.stdout)["data"],
                         {"by": {"agency": "a"}, "reason": "review",
                          "until": "2027-01-04T09:00:00Z"})

    def test_misspelt_type_is_doubted(self):
        done = run("event", "stage.unresolvd", "D-TEST-1", "--source", SOURCE, "--print")
        self.assertEqual(done.returncode, 2)
        self.assertIn("did you mean stage.unresolved?", done.stderr)
        done = run("event", "stage.unresolvd", "D-TEST-1", "--source", SOURCE, "--print",
                   "--declared")
        self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
