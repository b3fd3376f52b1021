"""test_concernctl_daemon.py - concernctl against the real daemon: what is asked and published."""
import datetime
import json
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import (CONCERNCTL, HOUSING, Rig, clean_environment, event,  # noqa: E402
                         raised, wait_for)
from ports import held_port  # noqa: E402

BY = {"by": {"agency": "northtown-housing"}}


class ConcernctlTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        self.daemon = self.rig.start()

    def publisher(self, key="housing"):
        return ["--endpoint", self.rig.status()["endpoint"], "--server-key",
                self.rig.keys / "server.key", "--key", self.rig.keys / f"{key}.key_secret",
                "--wait", "240"]

    def drained(self):
        self.rig.wait_delivered()


class Asks(ConcernctlTest):
    def setUp(self):
        super().setUp()
        client = self.rig.client()
        client.publish(raised("D-1", identity="E-1"))
        themed = raised("D-2", identity="E-2")
        themed["data"]["category"] = "threshold"
        client.publish(themed)
        client.publish(event("withdrawn", "D-2", dict(BY, reason="r"), identity="E-3"))
        self.drained()

    def test_list(self):
        rows = self.rig.rows("list")
        self.assertEqual([row["reference"] for row in rows], ["D-1"])
        row = rows[0]
        self.assertEqual((row["board"], row["procedure"], row["stage"], row["state"]),
                         ("plcsab", "plcsab-adults", "stage-1", "open"))
        self.assertEqual((row["challenging"], row["challenged"]),
                         ("northtown-housing", ["northtown-asc"]))
        self.assertEqual(row["next"]["deadline"], "stage-1")
        due = datetime.datetime.fromisoformat(row["next"]["due"])
        self.assertGreater(due, datetime.datetime.now(datetime.timezone.utc))
        everything = {row["reference"]: row["state"] for row in self.rig.rows("list", "--all")}
        self.assertEqual(everything, {"D-1": "open", "D-2": "withdrawn"})
        # What a board counts by: the themes of all there were.
        themes = {row["reference"]: row["category"] for row in self.rig.rows("list", "--all")}
        self.assertEqual(themes, {"D-1": "", "D-2": "threshold"})
        text = self.rig.ctl("list").stdout
        for word in ("REFERENCE", "D-1", "stage-1", "northtown-asc"):
            self.assertIn(word, text)
        self.assertNotIn("D-2", text)

    def test_show(self):
        shown = self.rig.rows("show", "D-1")[0]
        self.assertEqual([party["agency"] for party in shown["parties"]],
                         ["northtown-housing", "northtown-asc"])
        self.assertEqual(shown["facts"]["relates_to"], "individual")
        states = {one["deadline"]: one["state"] for one in shown["deadlines"]}
        self.assertEqual(states["stage-1"], "running")
        self.assertEqual(states["stage-2"], "not started")
        self.assertIn("D-1", self.rig.ctl("show", "D-1").stdout)
        self.assertEqual(self.rig.rows("show", "D-1", "--board", "plcsab")[0]["board"], "plcsab")

    def test_show_of_nobody(self):
        done = self.rig.ctl("show", "D-NONE", check=False)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("nobody raised", done.stderr)

    def test_history(self):
        lines = self.rig.rows("history", "D-1")
        kinds = [line["type"] for line in lines]
        self.assertEqual(kinds[0], "event")
        for kind in ("stage", "deadline", "notification", "delivery"):
            self.assertIn(kind, kinds)
        self.assertEqual([line["number"] for line in lines],
                         sorted(line["number"] for line in lines))
        told = [line["payload"] for line in lines if line["type"] == "notification"]
        self.assertEqual({one["person"] for one in told}, {"housing-manager", "asc-manager"})
        self.assertTrue(self.rig.ctl("history", "D-1").stdout)

    def test_outbox(self):
        rows = self.rig.rows("outbox", "--state", "accepted")
        mine = [row for row in rows if row["reference"] == "D-1"]
        self.assertEqual({row["person"] for row in mine}, {"housing-manager", "asc-manager"})
        for row in mine:
            self.assertEqual((row["route"], row["state"], row["attempts"]),
                             ("email", "accepted", 1))
            self.assertEqual(row["last"]["code"], 250)
            self.assertNotIn("@", json.dumps(row), "an address")
        self.assertEqual(self.rig.rows("outbox", "--state", "queued"), [])
        self.assertIn("nothing in the outbox", self.rig.ctl("outbox").stdout)

    def test_status(self):
        status = self.rig.rows("status")[0]
        self.assertEqual((status["state"], status["trial"], status["open"], status["events"]),
                         ("running", False, 1, 3))
        self.assertRegex(status["policy"]["hash"], "^[0-9a-f]{64}$")
        done = self.rig.ctl("status")
        self.assertIn("open disagreements", done.stdout)

    def test_keys(self):
        rows = self.rig.rows("keys", "list")
        names = {row.get("agency") or row.get("board") for row in rows}
        self.assertEqual(names, {"northtown-housing", "northtown-asc", "plcsab"})
        self.assertTrue(all(row["live"] for row in rows))
        self.assertNotIn("secret", json.dumps(rows))

    def test_nobody_answers(self):
        self.assertEqual(self.daemon.stop(), 0)
        for command in (["status"], ["list"], ["show", "D-1"], ["history", "D-1"], ["outbox"]):
            done = self.rig.ctl(*command, check=False)
            self.assertEqual((done.returncode, done.stdout), (1, ""), command)
            self.assertIn("control", done.stderr)


class Publishes(ConcernctlTest):
    def test_a_thousand_events(self):
        lines = [raised(f"D-{number}", identity=f"E-{number}") for number in range(100)]
        lines += [event("discussion.held", f"D-{number % 100}", BY, identity=f"E-{number}")
                  for number in range(100, 1000)]
        text = "".join(json.dumps(line) + "\n" for line in lines)
        done = self.rig.ctl("publish", *self.publisher(), "--json", "-", stdin=text, patience=300)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len({answer["id"] for answer in answers}), 1000)
        self.assertEqual(self.rig.status()["events"], 1000)
        # The same again: nothing new, nobody told twice.
        self.drained()
        mails = len(self.rig.mail.taken)
        self.rig.ctl("publish", *self.publisher(), "-", stdin=text, patience=300)
        self.assertEqual(self.rig.status()["events"], 1000)
        self.drained()
        self.assertEqual(len(self.rig.mail.taken), mails)

    def test_daemon_is_killed_under_it(self):
        """It sends again by itself: all are kept, once."""
        self.assertEqual(self.daemon.stop(), 0)
        self.rig.write_settings(listen=f"tcp://127.0.0.1:{held_port()}")
        self.daemon = self.rig.start()
        lines = [raised(f"D-{number}", identity=f"E-{number}") for number in range(400)]
        process = subprocess.Popen(
            [CONCERNCTL, "publish", *map(str, self.publisher()), "--resend", "0.2,0.5", "-"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=clean_environment())
        try:
            process.stdin.write("".join(json.dumps(line) + "\n" for line in lines))
            process.stdin.close()
            for _ in range(3):
                before = self.rig.status()["events"]
                wait_for(lambda: self.rig.status()["events"] > before or
                         process.poll() is not None, "some are kept", pause=0.001)
                self.daemon.kill()
                self.daemon = self.rig.start()
            self.assertEqual(process.wait(240), 0)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
            process.stderr.close()
        self.assertEqual(self.rig.status()["events"], 400)

    def test_refused_events_exit_with_1(self):
        done = self.rig.ctl("publish", *self.publisher(), "-", check=False,
                            stdin=json.dumps(event("complaint.raised", "D-NONE", BY)) + "\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("404.1", done.stdout + done.stderr)

    def test_shorthands(self):
        base = self.publisher()
        self.rig.ctl("raise", "--reference", "D-7", "--procedure", "plcsab-adults", "--board",
                     "plcsab", "--challenging", "northtown-housing", "--challenged",
                     "northtown-asc", "--source", HOUSING, "--fact", "relates_to=individual",
                     *base)
        self.assertEqual(self.rig.rows("show", "D-7")[0]["state"], "open")
        self.rig.ctl("event", "risk.changed", "D-7", "--source", HOUSING, "--data",
                     "risk=life_threatening", *base)
        self.assertEqual(self.rig.rows("show", "D-7")[0]["facts"]["risk"], "life_threatening")
        self.rig.ctl("resolve", "D-7", "--source", HOUSING, "--by", "northtown-housing",
                     "--outcome", "agreed", *base)
        kinds = [line["payload"]["event"]["type"] for line in self.rig.rows("history", "D-7")
                 if line["type"] == "event"]
        self.assertEqual(kinds[0], "concernd.disagreement.raised")
        self.assertIn("concernd.resolution", kinds[-1])


if __name__ == "__main__":
    unittest.main(verbosity=1)
