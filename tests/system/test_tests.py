"""test_tests.py - concernctl test: a real notification by each route, and what each side replies."""
import json
import os
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import Rig, wait_for  # noqa: E402

MANAGER = "asc-manager@asc.northtown.example"
NIGHT = "asc-manager@night.northtown.example"
DEPUTY = "asc-lead@asc.northtown.example"
OPERATOR = "operator@board.example"
BOARD_UNIT = "unit@board.example"
WHOM = "line_manager@northtown-asc"


class TestsTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig(webhook=True)
        self.addCleanup(self.rig.close)
        path = self.rig.folder / "directory.yaml"
        self.directory = json.loads(path.read_text())
        self.directory["people"]["asc-manager"].update(
            routes=[f"email:{MANAGER}", "webhook:housing-system"],
            out_of_hours=[f"email:{NIGHT}", f"email:{MANAGER}"])
        self.directory["agencies"]["northtown-asc"]["roles"]["line_manager"]["deputy"] = "asc-lead"
        self.write()
        # Whoever would be told of what nobody accepts is told in two seconds.
        self.rig.write_settings(escalate={"after": "1 second", "urgent": "1 second",
                                          "told": "2 seconds"})

    def write(self):
        (self.rig.folder / "directory.yaml").write_text(json.dumps(self.directory))

    def test_each_route_once_and_every_reply(self):
        daemon = self.rig.start()
        done = self.rig.ctl("test", WHOM)
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], f"to asc-manager, who holds {WHOM}")
        self.assertEqual(sorted(line.split()[0] for line in lines[1:]),
                         ["email", "email", "webhook"])
        self.assertRegex(done.stdout, r"email +accepted +250 2\.0\.0 OK queued as \.\.\.\n")
        self.assertRegex(done.stdout, r"email 2 +accepted ")
        self.assertRegex(done.stdout, r"webhook housing-system +accepted +HTTP 204")
        self.assertNotIn("@asc", done.stdout.replace(WHOM, ""))
        for address in (MANAGER, NIGHT):
            mails = self.rig.mail.to(address)
            self.assertEqual(len(mails), 1, address)
            self.assertTrue(mails[0]["Subject"].startswith("[Test] "))
            self.assertIsNone(mails[0]["X-Concernd-Reference"])
            # In the two forms of a notification: what would stop one stops the other.
            for form in ("plain", "html"):
                self.assertIn("THIS IS A TEST", mails[0].get_body((form,)).get_content())
            self.assertEqual(mails[0]["Content-Language"], "en")
        (_, body), = self.rig.receiver.taken
        event = json.loads(body)
        self.assertEqual((event["type"], event["subject"]), ("concernd.test", "test"))
        self.assertEqual(event["data"]["to"], {"role": "line_manager", "agency": "northtown-asc",
                                               "person": "asc-manager"})
        self.assertEqual(daemon.stop(), 0)
        with self.rig.store() as store:
            line, = store.execute("SELECT payload FROM record_payload JOIN record_line "
                                  "USING (number) WHERE type = 'test'")
        self.assertEqual(json.loads(line[0]), {"role": "line_manager", "agency": "northtown-asc",
                                               "by": f"uid {os.getuid()}", "routes": 3})

    def test_what_fails_is_told_to_whoever_asked_and_to_nobody_else(self):
        self.rig.mail.answers[MANAGER] = "550 5.1.1 no such user here"
        self.rig.mail.answers[NIGHT] = "451 4.3.0 try again"
        self.rig.receiver.answer = 410
        daemon = self.rig.start()
        began = time.monotonic()
        done = self.rig.ctl("test", WHOM, "--wait", "6", check=False)
        self.assertGreaterEqual(time.monotonic() - began, 6)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"email +refused +550 5\.1\.1 "
                         r"\(bad destination mailbox address\) no such user here\n")
        self.assertRegex(done.stdout, r"webhook housing-system +refused +HTTP 410")
        self.assertRegex(done.stdout, r"email 2 +waiting, tried once: 451 4\.3\.0 try again\n")
        self.assertIn("3 of 3 routes have not accepted", done.stderr)
        # Six seconds were three times what an undelivered notification has: nobody was told.
        for address in (DEPUTY, OPERATOR, BOARD_UNIT):
            self.assertEqual(self.rig.mail.to(address), [], address)
        self.assertEqual(self.rig.status()["outbox"]["undelivered"], 0)
        self.assertEqual(self.rig.ctl("redrive", "--all", check=False).returncode, 1)
        self.assertEqual(self.rig.ctl("status").returncode, 0)
        # The endpoint that said 410 is a route still: the next real one finds out by itself.
        self.rig.receiver.answer = 204
        del self.rig.mail.answers[MANAGER], self.rig.mail.answers[NIGHT]
        self.assertEqual(self.rig.ctl("test", WHOM).returncode, 0)
        self.assertEqual(daemon.stop(), 0)

    def test_json_and_a_dead_server(self):
        self.rig.mail.stop()
        self.rig.start()
        done = self.rig.ctl("test", "board_team@plcsab", "--json", "--wait", "6", check=False)
        self.assertEqual(done.returncode, 1)
        reply, = map(json.loads, done.stdout.splitlines())
        self.assertEqual((reply["route"], reply["state"], reply["attempts"]), ("email", "waiting", 1))
        self.assertTrue(reply["last"]["detail"])
        self.rig.mail.start()
        wait_for(lambda: self.rig.mail.to(BOARD_UNIT), "the first retry")
        row, = self.rig.rows("outbox", "--state", "accepted")
        self.assertEqual((row["id"], row["reference"]), (reply["id"], ""))

    def test_deputy_while_the_holder_is_away(self):
        self.directory["people"]["asc-manager"]["away"] = {"until": "2999-01-01"}
        self.write()
        self.rig.start()
        done = self.rig.ctl("test", WHOM)
        self.assertIn(f"to asc-lead (the deputy), who holds {WHOM}", done.stdout)
        mail, = self.rig.mail.to(DEPUTY)
        self.assertIn("as the deputy", mail.get_body(("plain",)).get_content())
        self.assertEqual(self.rig.mail.to(MANAGER), [])

    def test_case_systems_of_an_agency(self):
        daemon = self.rig.start()
        done = self.rig.ctl("test", "systems@northtown-housing")
        self.assertRegex(done.stdout, r"\Ato the case systems of northtown-housing\n"
                         r"webhook housing-system +accepted +HTTP 204\n\Z")
        (_, body), = self.rig.receiver.taken
        tried = json.loads(body)
        self.assertEqual((tried["type"], tried["subject"]), ("concernd.test", "test"))
        self.assertEqual(tried["data"]["to"], {"role": "systems", "agency": "northtown-housing"})
        self.assertIn("THIS IS A TEST", tried["data"]["text"])
        # Each reply is shown; what fails is told to nobody else.
        endpoints = self.directory["endpoints"]
        endpoints["dead-system"] = dict(endpoints["housing-system"], url="https://localhost:1/")
        self.directory["agencies"]["northtown-housing"]["systems"].append("dead-system")
        self.write()
        self.assertEqual(daemon.stop(), 0)
        daemon = self.rig.start()
        done = self.rig.ctl("test", "systems@northtown-housing", "--wait", "4", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"webhook housing-system +accepted +HTTP 204")
        self.assertRegex(done.stdout, r"webhook dead-system +waiting, tried (once|again): ")
        self.assertIn("1 of 2 routes have not accepted", done.stderr)
        replies = [json.loads(line) for line in self.rig.ctl(
            "test", "systems@northtown-housing", "--json", "--wait", "2",
            check=False).stdout.splitlines()]
        self.assertIn(("webhook housing-system", "accepted"),
                      [(reply["route"], reply["state"]) for reply in replies])
        self.assertEqual(self.rig.mail.taken, [])
        self.assertEqual(self.rig.status()["outbox"]["undelivered"], 0)
        self.assertEqual(daemon.stop(), 0)

    def test_nearest_word_and_wrong_usage(self):
        self.rig.start()
        rows = [("line_manager@northtown-asd", 1, "did you mean northtown-asc? there are "
                 "northtown-housing, northtown-asc, plcsab)"),
                ("line_manger@northtown-asc", 1, "did you mean line_manager? there are "),
                ("zzz@northtown-asc", 1, "nobody holds zzz in northtown-asc (there are practitioner, "),
                ("systems@northtown-asc", 1, "no systems for northtown-asc (there are those of "
                 "northtown-housing)"),
                ("systems@plcsab", 1, "no systems for plcsab (there are those of "),
                ("systems@northtown-huosing", 1, "did you mean northtown-housing? there are "),
                ("system@northtown-housing", 1, "did you mean systems? there are practitioner, "),
                ("systems", 2, "nor systems@AGENCY"),
                ("line_manager", 2, "is no ROLE@AGENCY"), ("@plcsab", 2, "is no ROLE@AGENCY")]
        for whom, code, words in rows:
            with self.subTest(whom):
                done = self.rig.ctl("test", whom, check=False)
                self.assertEqual(done.returncode, code)
                self.assertIn(words, done.stderr)
        for wait in ("soon", "601", "-1"):
            self.assertEqual(self.rig.ctl("test", WHOM, "--wait", wait, check=False).returncode, 2)
        self.assertEqual(self.rig.mail.taken, [])

    def test_no_flood(self):
        self.rig.start()
        codes = [self.rig.ctl("test", "board_team@plcsab", check=False).returncode for _ in range(6)]
        self.assertEqual(codes, [0] * 6)
        done = self.rig.ctl("test", "board_team@plcsab", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("6 tests were sent in the last minute", done.stderr)
        self.assertEqual(len(self.rig.mail.to(BOARD_UNIT)), 6)


if __name__ == "__main__":
    unittest.main(verbosity=2)
