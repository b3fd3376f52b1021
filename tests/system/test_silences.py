"""test_silences.py - maintenance silences on the running daemon: what waits, what is sent as ever."""
import datetime
import json
import os
import pathlib
import re
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import Rig, event, raised, told_of, wait_for  # noqa: E402

MANAGER = "asc-manager@asc.northtown.example"
OTHER = "housing-manager@housing.northtown.example"
OPERATOR = "operator@board.example"
REASON = "the mail server is moved (invented)"


def ahead(**span):
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**span)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


class SilencesTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig(webhook=True)
        self.addCleanup(self.rig.close)

    def add(self, what, until=None, reason=REASON, check=True):
        return self.rig.ctl("silence", "add", what, "--until", until or ahead(hours=3), "--reason",
                            reason, check=check)

    def held(self):
        return self.rig.outbox("held")

    def test_held_over_kill_and_sent_when_ended(self):
        # What nobody accepts goes on after five seconds: not what is held.
        self.rig.write_settings(escalate={"after": "5 seconds", "urgent": "5 seconds",
                                          "told": "10 seconds"})
        daemon = self.rig.start()
        done = self.add("route:email")
        self.assertRegex(done.stdout, r"^silence 1 of route:email until 2\d\d\d-")
        client = self.rig.client()
        began = time.monotonic()
        client.publish(raised("D-1"))
        wait_for(lambda: self.rig.receiver.taken, "the case system is told as ever")
        rows = wait_for(lambda: len(self.held()) == 2 and self.held(), "both mails are held")
        self.assertEqual({row["held"]["reason"] for row in rows}, {REASON})
        self.assertEqual({(row["held"]["silence"], row["held"]["what"]) for row in rows},
                         {(1, "route:email")})
        self.assertEqual({row["attempts"] for row in rows}, {0})
        daemon.kill()
        daemon = self.rig.start()
        self.assertEqual(len(self.held()), 2)
        # What is immediate goes out, by mail too, to the same people.
        client.connect(self.rig.status()["endpoint"])
        client.publish(event("risk.changed", "D-1", {"risk": "life_threatening"}))
        wait_for(lambda: self.rig.mail.to(MANAGER), "the immediate one arrives")
        self.assertEqual(len(self.rig.mail.to(MANAGER)), 1)
        self.assertNotIn("Stage 1 begins", self.rig.mail.to(MANAGER)[0]["Subject"])
        # Longer than the time after which people would be told.
        self.check_shown()
        wait_for(lambda: time.monotonic() > began + 13, "all that time is over", pause=0.2)
        self.assertEqual(self.rig.status()["outbox"]["undelivered"], 0)
        self.assertEqual(self.rig.mail.to(OPERATOR), [])
        self.assertIn("silence 1 of route:email is ended", self.rig.ctl("silence", "end", "1").stdout)
        wait_for(lambda: len(self.rig.mail.to(MANAGER)) == 2 and self.rig.mail.to(OTHER),
                 "what was held arrives")
        self.assertIn("Stage 1 begins", self.rig.mail.to(MANAGER)[1]["Subject"])
        self.assertEqual(self.held(), [])
        self.assertEqual(self.rig.ctl("silence", "end", "1", check=False).returncode, 1)
        self.assertEqual(daemon.stop(), 0)
        with self.rig.store() as store:
            lines = {line["type"]: json.loads(line["payload"]) for line in store.execute(
                "SELECT type, payload FROM record_line JOIN record_payload USING (number) "
                "WHERE type LIKE 'silence%'")}
        self.assertEqual(lines["silence"]["by"], f"uid {os.getuid()}")
        self.assertEqual(lines["silence"]["reason"], REASON)
        self.assertEqual(lines["silence_ended"]["by"], f"uid {os.getuid()}")
        self.assertEqual(self.rig.mail.to(OPERATOR), [])

    def check_shown(self):
        """status, list, show, history and outbox say that it is held, why and until when."""
        said = self.rig.ctl("status", check=False).stdout
        self.assertRegex(said, r"1 +route:email +\S+Z +2 +the mail server is moved")
        self.assertIn("2 held by a silence", self.rig.ctl("list").stdout)
        until = self.rig.rows("silence", "list")[0]["until"]
        for command in (("show", "D-1"), ("outbox",)):
            self.assertRegex(self.rig.ctl(*command).stdout,
                             rf"by silence 1 until {until}: the mail server is moved")
        history = self.rig.ctl("history", "D-1").stdout
        self.assertRegex(history, r"held +.*reason the mail server is moved")
        self.assertRegex(self.rig.ctl("silence", "list").stdout, r"1 +route:email +.* 2 +uid \d+ +the")

    def test_runs_out_on_the_lapse_clock_and_says_late(self):
        daemon = self.rig.start("--clock", "2026-12-15T10:00:00Zx1000")
        now = datetime.datetime.fromisoformat(self.rig.status()["now"].replace("Z", "+00:00"))
        until = (now + datetime.timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.add("agency:northtown-asc", until)
        self.rig.client().publish(raised("D-1", time=self.rig.status()["now"]))
        wait_for(lambda: self.rig.mail.to(OTHER), "the other agency is told at once")
        mail = wait_for(lambda: self.rig.mail.to(MANAGER), "it runs out")[0]
        self.assertIn("THIS MESSAGE IS LATE", mail.get_body(("plain",)).get_content())
        self.assertEqual(self.rig.rows("silence", "list"), [])
        self.assertEqual(self.rig.ctl("silence", "list").stdout, "no silence is in force\n")
        lines = [line for line in self.rig.rows("history", "D-1")
                 if line["type"] in ("held", "let_go")]
        self.assertEqual([line["type"] for line in lines[:2]], ["held", "let_go"])
        self.assertGreaterEqual(lines[1]["at"], until)
        self.assertEqual(daemon.stop(), 0)

    def test_a_hundred_are_let_go_as_few_over_kills(self):
        # Half a minute is a second and a half; the daemon is killed while it lets go, and again
        # while what is too much at a time waits.
        day = "2026-12-15T{:02}:00:00Zx20"
        # The hours that are left out count: whom a mail was on its way to has not accepted it for two.
        self.rig.write_settings(escalate={what: "365 days" for what in ("after", "urgent", "told")})
        daemon = self.rig.start("--clock", day.format(10))
        self.add("person:asc-manager", "2026-12-16T10:00:00Z")
        client = self.rig.client()
        references = [f"D-{number:03}" for number in range(100)]
        for reference in references:
            client.publish(raised(reference, time="2026-12-15T10:00:00Z"))
        wait_for(lambda: len(self.held()) == 100, "all are held", 120)
        self.rig.ctl("silence", "end", "1")
        for hour, held in ((12, 100), (14, 1)):
            wait_for(lambda most=held: len(self.held()) < most, "some are let go", 120)
            daemon.kill()
            daemon = self.rig.start("--clock", day.format(hour))
        self.rig.wait_delivered()
        # What was on its way when the daemon was killed comes again, under the same id.
        came = {mail["X-Concernd-Delivery"]: mail for mail in self.rig.mail.to(MANAGER)}.values()
        self.assertEqual(sorted(told_of(came)), references)
        lists = [mail for mail in came if mail["Subject"].startswith("[Digest]")]
        self.assertGreaterEqual(len(lists), 1)
        self.assertLessEqual(len(lists), 4)
        # Twenty in each half minute, whose count a new start begins anew.
        self.assertLessEqual(len(came) - len(lists), 3 * 20)
        gathered = [row for row in self.rig.rows("outbox", "--state", "gathered")
                    if row["person"] == "asc-manager"]
        self.assertEqual({row["gathered_in"] for row in gathered},
                         {mail["X-Concernd-Delivery"] for mail in lists})
        self.assertEqual(len(gathered) + len(came) - len(lists), 100)
        self.assertEqual(self.rig.status()["outbox"]["undelivered"], 0)
        self.assertEqual(self.rig.mail.to(OPERATOR), [])
        self.assertEqual(daemon.stop(), 0)

    def test_an_endpoint_alone(self):
        self.rig.start()
        self.add("endpoint:housing-system")
        self.rig.client().publish(raised("D-1"))
        wait_for(lambda: self.rig.mail.to(MANAGER) and self.rig.mail.to(OTHER), "mails go out")
        row, = wait_for(self.held, "the webhook is held")
        self.assertEqual(row["route"], "webhook")
        # A reload tries again what waits; not this.
        self.rig.ctl("status")
        self.assertEqual(self.rig.receiver.taken, [])
        # A test is asked for by whoever works there: it is sent.
        self.assertEqual(self.rig.ctl("test", "line_manager@northtown-asc").returncode, 0)
        self.rig.ctl("silence", "end", "1")
        wait_for(lambda: self.rig.receiver.taken, "the webhook arrives")

    def test_what_is_refused(self):
        self.rig.start()
        rows = [
            (("endpoint:housing-sistem",), 1, "did you mean housing-system?"),
            (("person:asc-manger",), 1, "did you mean asc-manager?"),
            (("agency:northtown-asd",), 1, "did you mean northtown-asc?"),
            (("agency:plcsab",), 1, "what goes to a board is never held"),
            (("route:webhook",), 2, "nothing to silence"), (("las:x",), 2, "nothing to silence"),
            (("role:x",), 2, "nothing to silence"), (("endpoint:",), 2, "nothing to silence"),
            (("email",), 2, "nothing to silence"),
            (("route:email", ahead(hours=-1)), 1, "passed already (it is 2"),
            (("route:email", ahead(days=7, minutes=10)), 1,
             "more than 7 days ahead (at the latest 2"),
            (("route:email", "soon"), 2, "is no time"),
            (("route:email", None, ""), 2, "1 to 200 bytes"),
            (("route:email", None, "x" * 201), 2, "1 to 200 bytes"),
            (("route:email", None, "two\nlines"), 1, "no control characters"),
        ]
        for arguments, code, words in rows:
            with self.subTest(arguments):
                done = self.add(*arguments, check=False)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(words, done.stderr)
        for arguments in (("add", "route:email"), ("add", "route:email", "--until", ahead(hours=1)),
                          ("end",), ("begin",), ()):
            self.assertEqual(self.rig.ctl("silence", *arguments, check=False).returncode, 2)
        self.assertEqual(self.rig.rows("silence", "list"), [])
        # What it says would be right is right, and is the latest that is.
        said = self.add("route:email", ahead(days=8), check=False).stderr
        latest = re.search(r"\(at the latest (\S+Z)\)", said)[1]
        self.add("route:email", latest)
        self.assertEqual([row["until"] for row in self.rig.rows("silence", "list")], [latest])
        self.assertLess(abs(datetime.datetime.fromisoformat(latest.replace("Z", "+00:00"))
                            - datetime.datetime.now(datetime.timezone.utc)
                            - datetime.timedelta(days=7)), datetime.timedelta(minutes=9))


if __name__ == "__main__":
    unittest.main(verbosity=2)
