"""test_asyncapi.py - protocol/asyncapi.yaml is read by a parser that is not ours, and says what holds."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["CONCERN_SOURCE"])
PROTOCOL = SOURCE / "protocol"


def setUpModule():
    subprocess.run([SOURCE / "tests/install-npm", "tests/npm"], check=True)


def read(path):
    return subprocess.run(["node", SOURCE / "tests/npm/asyncapi.js", path], text=True,
                          capture_output=True, timeout=300, check=False)


class AsyncApiTest(unittest.TestCase):
    def test_is_accepted_and_whole(self):
        done = read(PROTOCOL / "asyncapi.yaml")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "")
        said = json.loads(done.stdout)
        self.assertEqual(said["channels"], ["acknowledged", "feed", "heartbeat",
                                            "notifications", "replay"])
        # Every command of the wire is a message, every answer a reply.
        commands = set(re.findall(r'\[WIRE_\w+\] = \{ "([A-Z]+)"',
                                  (PROTOCOL / "wire.c").read_text()))
        self.assertGreater(len(commands), 8)
        names = {message["name"] for message in said["messages"]}
        self.assertEqual(commands - names, set())
        replies = {name for operation in said["operations"] for name in operation["reply"]}
        self.assertLessEqual({"ACK", "NACK", "BUSY", "PONG", "WELCOME", "END", "GONE", "SNAP"},
                             replies)
        # Each event has its schema, and examples that are samples.
        for message in said["messages"]:
            with self.subTest(message["id"]):
                self.assertTrue(message["payload"].startswith("urn:concernd:"))
                self.assertTrue(all(isinstance(one, (dict, list)) for one in message["examples"]))
                self.assertGreater(len(message["examples"]), 0)

    def test_what_is_wrong_is_found(self):
        rows = [("schema/ack.json", "schema/akk.json"), ("action: send", "action: say")]
        with tempfile.TemporaryDirectory(prefix="concern asyncapi ") as folder:
            copy = pathlib.Path(folder) / "protocol"
            shutil.copytree(PROTOCOL, copy, ignore=shutil.ignore_patterns("*.[ch]", "bad"))
            text = (copy / "asyncapi.yaml").read_text()
            for right, wrong in rows:
                with self.subTest(wrong):
                    self.assertIn(right, text)
                    (copy / "asyncapi.yaml").write_text(text.replace(right, wrong, 1))
                    done = read(copy / "asyncapi.yaml")
                    self.assertEqual(done.returncode, 1, done.stdout[:200])
                    self.assertNotEqual(done.stderr, "")


if __name__ == "__main__":
    unittest.main(verbosity=2)
