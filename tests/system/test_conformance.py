"""test_conformance.py - concern-conformance says yes to what is ours, and no to what is wrong."""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import BUILD, CONCERNCTL, HOUSING, SOURCE, Rig, clean_environment  # noqa: E402
from ports import held_port  # noqa: E402
from publisher_contract import small  # noqa: E402

HERE = pathlib.Path(__file__).parent
PROGRAM = SOURCE / "protocol/conformance/concern-conformance"


def run(*arguments):
    return subprocess.run([sys.executable, PROGRAM, *map(str, arguments)], text=True,
                          capture_output=True, timeout=600, check=False,
                          env=clean_environment(CONCERN_SOURCE=SOURCE))


class ConformanceTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)

    def verdicts(self, done):
        """{name: ok, FAILED or skipped}"""
        lines = [line for line in done.stdout.splitlines() if line[:8].strip() in
                 ("ok", "FAILED", "skipped")]
        self.assertTrue(lines, done.stderr)
        return {line[8:].split(":")[0]: line[:8].strip() for line in lines}

    def holds(self, done):
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout.splitlines()[-1], r"^\d+ passed, 0 failed, \d+ skipped$")

    def daemon(self, key="housing", agency="northtown-housing", **entry):
        keyring = json.loads((self.rig.folder / "keyring.yaml").read_text())
        keyring["keys"][0].update(entry)
        (self.rig.folder / "keyring.yaml").write_text(json.dumps(keyring))
        self.rig.start()
        return run("daemon", "--endpoint", self.rig.status()["endpoint"], "--server-key",
                   self.rig.keys / "server.key", "--key", self.rig.keys / f"{key}.key_secret",
                   "--source", HOUSING, "--agency", agency, "--other", "northtown-asc",
                   "--procedure", "plcsab-adults")

    def hundred(self, name, members):
        path = self.rig.folder / name
        path.write_text("".join(json.dumps(small(number, agency="northtown-housing",
                                                 **members(number))) + "\n" for number in range(100)))
        return path

    def library(self):
        """A C program that is told the events on its standard input, which never ends; it counts
        them itself."""
        events, pipe = self.hundred("unnumbered", lambda number: {}), self.rig.folder / "pipe"
        os.mkfifo(pipe)
        return ["sh", "-c", f'exec 3<>"{pipe}"; cat "{events}" >&3; exec "{BUILD}/tests/library_driver" '
                '"{endpoint}" "{server_key}" "{key}" "{outbox}" <&3']

    def publisher(self, *command, skip="", waits="0.5,1"):
        return run("publisher", "--listen", f"tcp://127.0.0.1:{held_port()}", "--waits", waits,
                   "--skip", skip, "--patience", 10,
                   "--server-key", self.rig.keys / "server.key_secret",
                   "--client-key", self.rig.keys / "housing.key_secret", "--", *command)

    def test_our_daemon(self):
        self.holds(self.daemon())

    def test_a_daemon_that_is_not_as_asked(self):
        # A key without the right `close` is another contract than the program was told.
        verdicts = self.verdicts(self.daemon(rights=["publish"]))
        self.assertEqual([name for name, how in verdicts.items() if how == "FAILED"],
                         ["withdrawn, it is closed"])

    def test_publishers(self):
        """Ours keep it, one that does everything wrong fails each check; all at once, for they wait."""
        subprocess.run([SOURCE / "tests/install-npm", "clients/node"], check=True)
        given = ["{endpoint}", "{server_key}", "{key}", "{outbox}"]
        events = self.hundred("events", lambda number: {
            "seqepoch": "8d6a4c1e-0f5b-4b57-9a39-5e4f6f5c2b10", "sequence": f"{number + 1:020}"})
        # concernctl's file is its outbox: it counts nothing that LAST could be compared with, and
        # begins anew when it is started anew.
        concernctl = [CONCERNCTL, "publish", "--endpoint", "{endpoint}", "--server-key", "{server_key}",
                      "--key", "{key}", "--resend", "0.5,1", "--wait", "120", events]
        own, fast = "5,10,20,40,60", "0.5,1"
        rows = {"python": ([sys.executable, HERE / "publish_hundred.py", *given], own, ""),
                "node": (["node", HERE / "publish_hundred.js", *given], own, ""),
                "libconcern": (self.library(), own, ""),
                "concernctl": (concernctl, fast, "outbox,last"),
                "wrong": ([sys.executable, HERE / "publish_wrongly.py", *given[:3]], fast, "")}
        with concurrent.futures.ThreadPoolExecutor(len(rows)) as pool:
            done = {name: pool.submit(self.publisher, *command, waits=waits, skip=skip)
                    for name, (command, waits, skip) in rows.items()}
        for name, future in done.items():
            with self.subTest(name):
                if name != "wrong":
                    self.holds(future.result())
                    continue
                verdicts = self.verdicts(future.result())
                self.assertEqual(set(verdicts.values()), {"FAILED"}, verdicts)
                self.assertEqual(len(verdicts), 14)

    def test_usage(self):
        self.assertEqual(run().returncode, 2)
        self.assertEqual(run("publisher").returncode, 2)
        self.assertEqual(run("--help").returncode, 0)
        self.assertEqual(run("--version").returncode, 0)
        done = self.publisher("true", skip="nothing")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the checks are", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
