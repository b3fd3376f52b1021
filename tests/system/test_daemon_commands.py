"""test_daemon_commands.py - every command over the real socket, with every wrong body.

What is right is in test_daemon_events, test_daemon_batch and test_daemon_order; here is what each
command answers as a whole, and the code of each way in which its body can be wrong.
"""
import json
import os
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import ASC, HOUSING, Rig, event, raised  # noqa: E402

SAMPLES = pathlib.Path(os.environ["CONCERN_SOURCE"]) / "protocol/samples/requests"
EPOCH = "8d6a4c1e-0f5b-4b57-9a39-5e4f6f5c2b10"
BY = {"by": {"agency": "northtown-housing"}}

# What no body may be, and what each command makes of it: PING does not look.
NO_JSON = [b"", b"x", b"{", b"{}x", b'{"a":1,"a":1}', b'{"a":"\xff"}', b'{"a":1e999}',
           b"[" * 17 + b"]" * 17, b"{} \x00", b'{"a":"' + b"x" * 60 + b"\x01" + b'"}',
           b"null", b"1", b'"x"', b"true"]

HELLO = [({}, "400.4"), ([], "400.4"), ({"versions": 1}, "400.4"), ({"versions": []}, "400.4"),
         ({"versions": ["1"]}, "400.4"), ({"versions": [0]}, "400.4"),
         ({"versions": [1, None]}, "400.4"), ({"versions": [2]}, "426.1"),
         ({"versions": [2, 3]}, "426.1"), ({"versions": [1], "client": 1}, "400.4"),
         ({"versions": [1], "sources": HOUSING}, "400.4"),
         ({"versions": [1], "sources": [1]}, "400.4"),
         ({"versions": [1], "sources": ["a b"]}, "400.4"),
         ({"versions": [1], "sources": ["u:" + "x" * 200]}, "400.4"),
         ({"versions": [1], "client": "x" * 4096}, "400.2")]
QUESTION = [({}, "400.4"), ([], "400.4"), ({"source": 1, "id": "E-1"}, "400.4"),
            ({"source": "", "id": "E-1"}, "400.4"), ({"source": "a b", "id": "E-1"}, "400.4"),
            ({"source": "u:" + "x" * 200, "id": "E-1"}, "400.4"), ({"id": "E-1"}, "400.4"),
            ({"source": ASC, "id": "E-1"}, "403.1"),
            ({"source": HOUSING + "2", "id": "E-1"}, "403.1")]
STAT = [({"source": HOUSING}, "400.4"), ({"source": HOUSING, "id": 1}, "400.4"),
        ({"source": HOUSING, "id": ""}, "400.4"), ({"source": HOUSING, "id": "a b"}, "400.4"),
        ({"source": HOUSING, "id": "x" * 65}, "400.4")]
WRONG = {"HELLO": HELLO, "LAST": QUESTION, "STAT": QUESTION + STAT,
         "EVENT": [({}, "400.3"), ([], "400.3")],
         "BATCH": [({}, "400.2"), ([], "400.2"), ([{}], "400.3"), ([1], "400.2")]}


class CommandsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rig = Rig()
        cls.addClassCleanup(cls.rig.close)
        cls.daemon = cls.rig.start()
        cls.client = cls.rig.client()
        cls.first = cls.client.publish(raised("D-1", identity="E-1"))

    def check(self, command, body, code):
        with self.subTest(command, body=str(body)[:60]):
            said, answer = self.client.ask(command, body)
            self.assertEqual((said, answer.get("code")), ("NACK", code))
            self.assertFalse(answer["retry"])
            self.assertTrue(answer["reason"])

    def test_each_wrong_body_of_each_command(self):
        for command, rows in WRONG.items():
            for body in NO_JSON:
                self.check(command, body, "400.2")
            for body, code in rows:
                self.check(command, body, code)
            self.check(command, b" " * 65_537, "413.1")
        # Nothing of it was kept, and the next is heard.
        self.assertEqual(self.client.ask("PING", {})[1]["last"], self.rig.status()["record"])

    def test_hello(self):
        said, answer = self.client.ask("HELLO", {"versions": [3, 1], "client": "a test",
                                                 "sources": [HOUSING + "/east", ASC, HOUSING]})
        self.assertEqual(said, "WELCOME")
        self.assertEqual(answer["version"], 1)
        self.assertEqual(answer["max_body"], 65536)
        self.assertEqual(answer["window"], 64)
        self.assertEqual(answer["keys"], [self.rig.public_key("server")])
        self.assertEqual(answer["refused_sources"], [ASC])
        self.assertRegex(answer["server_time"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d")
        self.assertEqual(self.client.ask("HELLO", {"versions": [1], "newer": {}})[0], "WELCOME")

    def test_ping_looks_at_no_body(self):
        for body in (b"", b"{}", b"x", b"\xff" * 65_536):
            said, answer = self.client.ask("PING", body)
            self.assertEqual(said, "PONG")
            self.assertEqual(set(answer), {"time", "last"})
        self.assertGreaterEqual(answer["last"], self.first["record"])

    def test_last_counts_what_is_on_disk(self):
        source = HOUSING + "/counted"
        self.assertEqual(self.client.ask("LAST", {"source": source})[1],
                         {"source": source, "seqepoch": None, "sequence": None})
        for number in (1, 2, 5):
            self.client.publish(event("complaint.raised", "D-1", BY, source=source,
                                      seqepoch=EPOCH, sequence=f"{number:020}"))
            self.assertEqual(self.client.ask("LAST", {"source": source, "newer": 1})[1],
                             {"source": source, "seqepoch": EPOCH, "sequence": f"{number:020}"})
        # A refused event whose number is used up is not waited for; one that may be sent again is.
        for kind, data, code, last in (("release", dict(BY, reason="r"), "422.1", 6),
                                       ("complaint.raised", {"by": {"agency": "northtown-asc"}},
                                        "403.4", 6)):
            whole = event(kind, "D-1", data, source=source, seqepoch=EPOCH,
                          sequence=f"{last if code == '422.1' else last + 1:020}")
            if code == "422.1":  # what is missing before it could allow it
                for number in (3, 4):
                    self.client.publish(event("complaint.raised", "D-1", BY, source=source,
                                              seqepoch=EPOCH, sequence=f"{number:020}"))
            self.assertEqual(self.client.refusal(whole), code)
            self.assertEqual(self.client.ask("LAST", {"source": source})[1]["sequence"],
                             f"{last:020}")

    def test_stat_knows_what_was_kept(self):
        said, answer = self.client.ask("STAT", {"source": HOUSING, "id": "E-1"})
        self.assertEqual(said, "ACK")
        self.assertEqual((answer["committed"], answer["record"], answer["parked"]),
                         (True, self.first["record"], False))
        said, answer = self.client.ask("STAT", {"source": HOUSING, "id": "E-NONE"})
        self.assertEqual((said, answer["committed"], answer["record"]), ("ACK", False, None))

    def test_samples_of_requests_are_understood(self):
        commands = {"hello": "HELLO", "hello-short": "HELLO", "last_query": "LAST",
                    "stat_query": "STAT", "ping": "PING", "batch": "BATCH"}
        for name, command in commands.items():
            body = (SAMPLES / f"{name}.json").read_text()
            body = re.sub(r'"time": "20..', '"time": "2020', body).encode()  # ahead of no clock
            with self.subTest(name):
                said, answer = self.client.ask(command, body)
                code = answer.get("code", "")
                self.assertFalse(code.startswith("400") or code == "413.1", (said, answer))


if __name__ == "__main__":
    unittest.main(verbosity=1)
