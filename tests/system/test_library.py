"""libconcern.so, installed, against the real daemon: programs and daemon are killed, and every
event that was kept is in the record exactly once.

CONCERN_LONG=1000 makes a thousand cycles; CONCERN_SEED=n repeats a run's choices.
"""
import collections
import json
import os
import pathlib
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import (BUILD, HOUSING, PATIENCE, SOURCE, Rig, clean_environment,  # noqa: E402
                         event, raised, record_faults, wait_for)
from fake_daemon import FakeDaemon  # noqa: E402
from ports import held_port  # noqa: E402

CYCLES = int(os.environ.get("CONCERN_LONG", "12"))
SEED = int(os.environ.get("CONCERN_SEED", str(time.time_ns() % 1000000)))
DRIVER = BUILD / "tests/library_driver"
BY = {"by": {"agency": "northtown-housing"}}


class Driver:
    """One library_driver: what it says is kept as lines; `acknowledged` is id to records."""

    def __init__(self, rig, endpoint, outbox, *options, key="housing"):
        self.lines = queue.Queue()
        self.said = []
        self.acknowledged = collections.defaultdict(list)
        self.troubles = []
        self.process = subprocess.Popen(
            [DRIVER, endpoint, rig.keys / "server.key", rig.keys / f"{key}.key_secret", outbox,
             *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
            env=clean_environment())
        self.thread = threading.Thread(target=self.listen)
        self.thread.start()

    def listen(self):
        for line in self.process.stdout:
            words = line.split()
            self.said.append(line.rstrip("\n"))
            if words[0] == "acknowledged":
                self.acknowledged[words[1]].append(int(words[2]))
            elif words[0] == "trouble":
                self.troubles.append(int(words[1]))
            elif words[0] != "refused" or words[1] == "here":
                self.lines.put(line.rstrip("\n"))

    def ask(self, line):
        """What is answered to a command."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.hear()

    def opened(self):
        return self.hear()

    def hear(self):
        try:
            return self.lines.get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError(f"nothing said; {self.process.poll()}; {self.said[-5:]}") from None

    def kill(self):
        self.process.kill()
        self.wait()

    def end(self):
        self.process.stdin.write("end\n")
        self.process.stdin.flush()
        code = self.wait()
        assert code == 0, code

    def wait(self):
        code = self.process.wait(PATIENCE)
        self.thread.join()
        self.process.stdin.close()
        self.process.stdout.close()
        return code


class Installed(unittest.TestCase):
    """What a newcomer does: header and library from where they are installed, and the example."""

    @classmethod
    def setUpClass(cls):
        cls.prefix = pathlib.Path(tempfile.mkdtemp(prefix="concern prefix ", dir="/tmp"))
        cls.addClassCleanup(shutil.rmtree, cls.prefix)
        subprocess.run(["cmake", "--install", BUILD, "--component", "libconcern", "--prefix",
                        cls.prefix], check=True, capture_output=True)
        said = subprocess.run(
            ["pkg-config", "--define-variable=prefix=PREFIX", "--cflags", "--libs", "concern"],
            check=True, capture_output=True, text=True, env=dict(os.environ, PKG_CONFIG_PATH=str(
                next(cls.prefix.glob("lib/**/pkgconfig"))))).stdout
        cls.flags = [flag.replace("PREFIX", str(cls.prefix)) for flag in said.split()]
        cache = (BUILD / "CMakeCache.txt").read_text()
        cls.sanitize = [f"-fsanitize={value}" for line in cache.splitlines()
                        for name, _, value in [line.partition("=")]
                        if name.startswith("CONCERN_SANITIZE:") and value]

    def compile(self, compiler, *arguments):
        strict = ["-Wall", "-Wextra", "-Werror", "-pedantic"]
        subprocess.run([*compiler, *strict, *self.sanitize, *arguments, *self.flags], check=True)

    def test_header_is_c11_and_cpp(self):
        for compiler, name in ((["cc", "-std=c11"], "one.c"), (["c++", "-std=c++11"], "one.cpp")):
            if not shutil.which(compiler[0]):
                self.skipTest(f"{compiler[0]} is not installed")
            source = self.prefix / name
            source.write_text("#include <concern.h>\n#include <concern.h>\n"
                              "int main() { return concern_version() ? 0 : 1; }\n")
            program = self.prefix / f"{name}.out"
            self.compile(compiler, source, "-o", program)
            libraries = next(self.prefix.glob("lib/**/libconcern.so")).parent
            subprocess.run([program], check=True,
                           env=dict(os.environ, LD_LIBRARY_PATH=str(libraries)))

    def test_only_its_own_names_show(self):
        library = next(self.prefix.glob("lib/**/libconcern.so"))
        names = subprocess.run(["nm", "-D", "--defined-only", library], check=True,
                               capture_output=True, text=True).stdout.split()[2::3]
        names = {name.split("@")[0] for name in names} - {"CONCERN_0"}
        declared = (SOURCE / "clients/libconcern/concern.h").read_text()
        self.assertGreater(len(names), 40)
        for name in names:
            self.assertTrue(name.startswith("concern_"), name)
            self.assertIn(f"{name}(", declared)

    def test_example(self):
        with Rig() as rig:
            rig.start()
            program = self.prefix / "example"
            self.compile(["cc", "-std=c11"], SOURCE / "clients/libconcern/example.c", "-o", program)
            done = subprocess.run(
                [program, rig.status()["endpoint"], rig.keys / "server.key",
                 rig.keys / "housing.key_secret", rig.folder / "outbox", "D-EXAMPLE"],
                capture_output=True, text=True, timeout=PATIENCE, check=False,
                env=clean_environment(
                    LD_LIBRARY_PATH=next(self.prefix.glob("lib/**/libconcern.so")).parent))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, r"^acknowledged D-EXAMPLE, record \d+, next limit 20")
            self.assertEqual(done.stderr, "")
            self.assertEqual([row["reference"] for row in rig.rows("list")], ["D-EXAMPLE"])

    def test_program_of_the_readme(self):
        """Twenty lines, as they stand there but for where things are."""
        text = (SOURCE / "README.md").read_text()
        code = text[text.index("#include <concern.h>"):]
        code = code[:code.index("```")]
        self.assertLessEqual(len(code.splitlines()), 20)
        with Rig() as rig:
            rig.start()
            for place, path in (("tcp://127.0.0.1:34567", rig.status()["endpoint"]),
                                ("/tmp/first/keys", rig.keys), ("/tmp/outbox", rig.folder / "out")):
                self.assertIn(f'"{place}', code)
                code = code.replace(f'"{place}', f'"{path}')
            source, program = self.prefix / "readme.c", self.prefix / "readme"
            source.write_text(code)
            self.compile(["cc", "-std=c11"], source, "-o", program)
            done = subprocess.run([program], capture_output=True, text=True, timeout=PATIENCE,
                                  check=False, env=clean_environment(LD_LIBRARY_PATH=next(
                                      self.prefix.glob("lib/**/libconcern.so")).parent))
            self.assertEqual((done.returncode, done.stdout), (0, "acknowledged\n"), done.stderr)
            self.assertEqual([row["reference"] for row in rig.rows("list")], ["D-2026-0195"])


class Kept(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        self.endpoint = f"tcp://127.0.0.1:{held_port()}"
        self.rig.write_settings(listen=self.endpoint)
        self.outbox = self.rig.folder / "the outbox"
        self.drivers = []
        self.addCleanup(lambda: [driver.kill() for driver in self.drivers
                                 if driver.process.poll() is None])

    def driver(self, *options, **more):
        self.drivers.append(Driver(self.rig, self.endpoint, self.outbox, *options, **more))
        return self.drivers[-1]

    def test_everything_exactly_once(self):
        """Program and daemon are killed at random instants."""
        dice = random.Random(SEED)
        kept, told, number = [], set(), 0
        try:
            driver = None
            for _ in range(CYCLES):
                daemon = self.rig.daemon() if dice.random() < 0.8 else None
                if daemon and dice.random() < 0.7:
                    daemon.wait_ready()
                if driver is None:
                    driver = self.driver()
                    self.assertEqual(driver.opened(), "open")
                end = time.monotonic() + dice.uniform(0, 0.6)
                while time.monotonic() < end:
                    number += 1
                    identity = f"E-{number}"
                    made = raised(f"D-{number}", identity=identity)
                    if number % 9 != 1:
                        made = event("learning.identified", f"D-{number - (number - 1) % 9}", BY,
                                     identity=identity)
                    self.assertEqual(driver.ask(json.dumps(made)), f"kept {identity}")
                    kept.append(identity)
                if dice.random() < 0.6:
                    driver.kill()
                    driver = None
                if daemon:
                    daemon.kill()
            daemon = self.rig.start()
            if driver is None:
                driver = self.driver()
                self.assertEqual(driver.opened(), "open")
            self.assertEqual(driver.ask("flush 60000"), "flushed")
            driver.end()
            self.assertEqual(daemon.stop(), 0)
            told.update(*(driver.acknowledged for driver in self.drivers))
            self.assertEqual([line for driver in self.drivers for line in driver.said
                              if line.startswith("trouble")], [])
        except AssertionError as error:
            raise AssertionError(f"{error}\nCONCERN_SEED={SEED}") from None
        self.check_store(kept)
        # What was acknowledged was told, to one program or the next.
        self.assertEqual(told, set(kept))

    def check_store(self, kept):
        store = self.rig.store()
        lines = collections.Counter(
            json.loads(payload)["event"]["id"] for (payload,) in store.execute(
                "SELECT payload FROM record_line JOIN record_payload USING (number) "
                "WHERE type = 'event'"))
        self.assertEqual(set(lines), set(kept), f"CONCERN_SEED={SEED}")
        self.assertEqual(set(lines.values()), {1}, "each event once in the record")
        self.assertEqual(record_faults(store), [])
        self.assertEqual([tuple(row) for row in store.execute("SELECT * FROM gap")], [])

    def test_refused_events_are_set_aside(self):
        self.rig.start()
        driver = self.driver()
        driver.opened()
        other = raised("D-1", source="urn:somebody:else", identity="E-OTHER")
        self.assertEqual(driver.ask(json.dumps(other)), "kept E-OTHER")
        early = event("risk.changed", "D-2", {"risk": "significant"}, identity="E-EARLY")
        self.assertEqual(driver.ask(json.dumps(early)), "kept E-EARLY")
        self.assertEqual(driver.ask("flush 30000"), "flushed")
        self.assertEqual(driver.ask("counts"), "counts 0 0 2 0")
        self.assertEqual(driver.ask("refused"), "aside E-OTHER 403.1 D-1")
        self.assertEqual(driver.hear(), "aside E-EARLY 404.1 D-2")
        self.assertEqual(driver.hear(), "listed")
        # They outlive the program, and go out when their time has come.
        driver.kill()
        driver = self.driver()
        driver.opened()
        self.assertEqual(driver.ask("counts"), "counts 0 0 2 0")
        self.assertRegex(driver.ask("raise D-2"), "^kept ")
        self.assertEqual(driver.ask("flush 30000"), "flushed")
        self.assertEqual(driver.ask("retry E-EARLY"), "done")
        self.assertEqual(driver.ask("flush 30000"), "flushed")
        self.assertIn("E-EARLY", driver.acknowledged)
        self.assertRegex(driver.ask("forget E-EARLY"), "no refused event E-EARLY")
        driver.end()

    def test_what_is_wrong_is_said_at_once(self):
        driver = self.driver("events_max=2")
        driver.opened()
        for line, why in (
                ("raise not a reference", "kept"),
                ("risk D-1 enormous", "data.risk"),
                ("raise D%1", "subject is not as it must be"),
                ('{"specversion":"1.0"}', "id is missing"),
                ("withdraw D-1", "data.reason is missing")):
            self.assertIn(why, driver.ask(line), line)
        self.assertRegex(driver.ask("raise D-1"), "^kept ")
        self.assertRegex(driver.ask("raise D-2"), "refused here 2: the outbox is full: 2 events")
        # Another program cannot have the same outbox.
        other = self.driver()
        self.assertRegex(other.opened(), "^not opened 4: outbox: the outbox is open already")
        self.assertEqual(other.wait(), 1)
        driver.end()

    def test_the_same_again_is_kept_once(self):
        self.rig.start()
        driver = self.driver()
        driver.opened()
        made = json.dumps(raised("D-1", identity="E-1"))
        for _ in range(2):
            self.assertEqual(driver.ask(made), "kept E-1")
        self.assertEqual(driver.ask("flush 30000"), "flushed")
        self.assertEqual(driver.ask(made), "kept E-1")
        self.assertEqual(driver.ask("counts"), "counts 0 0 0 1")
        other = json.dumps(raised("D-2", identity="E-1"))
        self.assertIn("id E-1 was used for another event", driver.ask(other))
        # Many in one flush.
        self.assertEqual(driver.ask("begin"), "begun")
        for number in range(2, 200):
            self.assertEqual(driver.ask(json.dumps(raised(f"D-{number}", identity=f"E-{number}"))),
                             f"kept E-{number}")
        self.assertEqual(driver.ask("commit"), "committed")
        self.assertEqual(driver.ask("flush 60000"), "flushed")
        driver.end()
        self.assertEqual({len(records) for records in driver.acknowledged.values()}, {1})
        self.assertEqual(len(driver.acknowledged), 199)

    def say(self, subject):
        """A program raises one, waits until it is acknowledged, ends; what troubled it."""
        driver = self.driver()
        driver.opened()
        self.assertRegex(driver.ask(f"raise {subject}"), "^kept ")
        self.assertEqual(driver.ask("flush 30000"), "flushed")
        driver.end()
        return driver.troubles

    def put_back(self, there, backup):
        shutil.rmtree(there)
        shutil.copytree(backup, there)

    def test_backups_that_are_put_back_are_noticed(self):
        """First the daemon's store, then the outbox."""
        old_state, old_outbox = self.rig.folder / "old state", self.rig.folder / "old outbox"
        daemon = self.rig.start()
        self.assertEqual(self.say("D-1"), [])
        daemon.stop()
        shutil.copytree(self.rig.state, old_state)
        shutil.copytree(self.outbox, old_outbox)
        daemon = self.rig.start()
        self.assertEqual(self.say("D-2"), [])
        daemon.stop()
        self.put_back(self.rig.state, old_state)
        self.rig.start()
        self.assertEqual(self.say("D-3"), [6])
        self.put_back(self.outbox, old_outbox)
        self.assertEqual(self.say("D-4"), [7])
        self.assertEqual(self.say("D-5"), [], "a new epoch")
        self.assertEqual(len(self.rig.rows("list")), 4)


class Alone(unittest.TestCase):
    """Against a daemon that answers as told."""

    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        self.admitted = self.rig.folder / "admitted keys"
        self.admitted.mkdir()
        self.endpoint = f"tcp://127.0.0.1:{held_port()}"
        self.daemons = []
        self.addCleanup(lambda: [daemon.close() for daemon in self.daemons])

    def fake(self, script=None):
        self.daemons.append(FakeDaemon(self.rig.keys, self.admitted, script,
                                       endpoint=self.endpoint))
        return self.daemons[-1]

    def test_alarm_when_nothing_answers(self):
        driver = Driver(self.rig, self.endpoint, self.rig.folder / "outbox", "alarm_ms=300")
        self.addCleanup(lambda: driver.process.poll() is None and driver.kill())
        driver.opened()
        self.assertRegex(driver.ask("raise D-1"), "^kept ")
        wait_for(lambda: 1 in driver.troubles, "the alarm")
        shutil.copy(self.rig.keys / "housing.key", self.admitted)
        self.fake()
        wait_for(lambda: 2 in driver.troubles, "that it is over")
        self.assertEqual(len(driver.acknowledged), 1)
        driver.end()

    def test_a_key_that_is_admitted_later(self):
        """ZeroMQ gives up after a refused key; the library does not."""
        daemon = self.fake()
        driver = Driver(self.rig, self.endpoint, self.rig.folder / "outbox")
        self.addCleanup(lambda: driver.process.poll() is None and driver.kill())
        driver.opened()
        self.assertRegex(driver.ask("raise D-1"), "^kept ")
        wait_for(lambda: 3 in driver.troubles, "that the key is refused")
        shutil.copy(self.rig.keys / "housing.key", self.admitted)
        daemon.zap.configure_curve(domain="concernd", location=str(self.admitted))
        wait_for(lambda: driver.acknowledged, "the acknowledgement")
        driver.end()


if __name__ == "__main__":
    unittest.main()
