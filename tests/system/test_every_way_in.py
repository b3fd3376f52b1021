"""test_every_way_in.py - all ways in at once, over bad lines, while the daemon is killed each second.

A C program with libconcern, a Python and a Node.js publisher, a spool folder and a bridge bring
acknowledged events through lines that are cut and that swallow (faulty_line.py); a case system that
only publishes drops some of its events and repeats others.  At the end every event of each
acknowledged source is in the record exactly once and in order, and each one of the feed is there
or in a gap that was told.

CONCERN_EVENTS=100000 is the long form; CONCERN_SEED=n repeats a run's choices.
"""
import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time
import unittest

import zmq

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import (ASC, BUILD, CONCERNCTL, PATIENCE, SOURCE, Rig, clean_environment,  # noqa: E402
                         event, raised, record_faults, wait_for)
from faulty_line import Line  # noqa: E402
from spool_rig import Spool  # noqa: E402
from ports import held_port  # noqa: E402

EVENTS = int(os.environ.get("CONCERN_EVENTS", "3000"))
SEED = int(os.environ.get("CONCERN_SEED", str(time.time_ns() % 1000000)))
WAYS = ("library", "python", "node", "spool", "bridge")
EACH = -(-EVENTS // (len(WAYS) + 1))
PER_DISAGREEMENT = 100
BY = {"by": {"agency": "northtown-housing"}}
WAITING_MOST = 5000  # in a publisher's outbox, which holds 10,000 and then says so
LONG = max(5 * PATIENCE, EVENTS / 20)
# The short form lets it come to an end; the long one kills for as long as anything is missing.
KILLS = 12 if EVENTS < 10000 else EVENTS


def source_of(way):
    return f"urn:northtown:{way}"


def events_of(way):
    """One raise, then what is said about it: each disagreement in its order."""
    for number in range(EACH):
        subject = f"D-{way.upper()}-{number // PER_DISAGREEMENT}"
        about = dict(source=source_of(way), identity=f"{way}-E-{number}")
        if number % PER_DISAGREEMENT == 0:
            yield raised(subject, **about)
        else:
            yield event("discussion.held", subject, BY, **about)


class Driver:
    """A publisher's program: one line in for each event, lines out for what became of it."""

    def __init__(self, command, lines, log):
        self.log = open(log, "wb")
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.log,
                                        env=clean_environment(CONCERN_SOURCE=str(SOURCE)))
        self.acknowledged, self.other = 0, []
        self.threads = [threading.Thread(target=self.write, args=(lines,), daemon=True),
                        threading.Thread(target=self.read, daemon=True)]
        for thread in self.threads:
            thread.start()

    def write(self, lines):
        try:
            for number, line in enumerate(lines):
                while number - self.acknowledged > WAITING_MOST:
                    time.sleep(0.05)
                self.process.stdin.write(line.encode() + b"\n")
                self.process.stdin.flush()
        except BrokenPipeError:
            pass  # the test is over

    def read(self):
        for line in self.process.stdout:
            if b'"acknowledged"' in line or line.startswith(b"acknowledged "):
                self.acknowledged += 1
            elif b'"kept"' not in line and not line.startswith(b"kept "):
                self.other.append(line.decode().strip())

    def close(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


class EveryWayIn(unittest.TestCase):
    def setUp(self):
        self.dice = random.Random(SEED)
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        self.port = held_port()
        self.make_keys()
        self.feed = self.rig.feed()
        self.rig.write_settings(
            listen=f"tcp://127.0.0.1:{self.port}",
            feeds=[self.rig.settings_of_feed(self.feed, max_silence="5 minutes")])
        self.lines, self.drivers = {}, {}
        for number, way in enumerate(WAYS):
            self.lines[way] = Line(self.port, SEED + number)
            self.addCleanup(self.lines[way].close)

    def make_keys(self):
        keys = self.rig.folder / "keyring.yaml"
        ring = json.loads(keys.read_text())
        for way in WAYS:
            subprocess.run([CONCERNCTL, "keys", "make", way, "--directory", self.rig.keys],
                           check=True, capture_output=True)
            ring["keys"].append({
                "key": self.rig.public_key(way), "agency": "northtown-housing",
                "sources": [source_of(way)], "rights": ["publish", "close"], "types": ["all"],
                "boards": ["plcsab"], "procedures": ["plcsab-adults"], "rate": 60000,
                "burst": 10000})
        keys.write_text(json.dumps(ring))

    # the ways

    def where(self, way):
        return self.lines[way].endpoint, self.rig.keys / "server.key", \
            self.rig.keys / f"{way}.key_secret"

    def drive(self, way, command, lines):
        self.drivers[way] = Driver(command, lines, self.rig.folder / f"{way}.log")
        self.addCleanup(self.drivers[way].close)

    def start_publishers(self):
        endpoint, server, key = self.where("library")
        self.drive("library", [BUILD / "tests/library_driver", endpoint, server, key,
                               self.rig.folder / "library outbox"],
                   (json.dumps(one) for one in events_of("library")))
        for way, program in (("python", ["/usr/bin/python3", "publish_python.py"]),
                             ("node", ["node", "publish_node.js"])):
            endpoint, server, key = self.where(way)
            settings = {"endpoint": endpoint, "server_key": str(server), "key": str(key),
                        "outbox": str(self.rig.folder / f"{way} outbox"),
                        "source": source_of(way)}
            self.drive(way, [program[0], SOURCE / "tests/system" / program[1],
                             json.dumps(settings)],
                       (json.dumps({"publish": one}) for one in events_of(way)))

    def start_spool(self):
        endpoint, server, key = self.where("spool")
        self.spool = Spool(self.rig.folder, endpoint, server, key)
        self.addCleanup(self.spool.kill)
        self.spool.start()
        rows = list(events_of("spool"))
        for number, first in enumerate(range(0, EACH, PER_DISAGREEMENT)):
            chunk = rows[first:first + PER_DISAGREEMENT]
            self.spool.drop(f"{number:06}.json", "\n".join(json.dumps(one) for one in chunk))

    def start_bridge(self):
        """Its case system is a PUB on a socket of this machine; it takes as it is said."""
        endpoint, server, key = self.where("bridge")
        place = f"ipc://{self.rig.folder}/bridge events"
        config = self.rig.folder / "bridge.yaml"
        config.write_text(json.dumps({"subscribe": place, "endpoint": endpoint,
                                      "server_key": str(server), "key": str(key),
                                      "state": str(self.rig.folder / "bridge state")}))
        socket = zmq.Context.instance().socket(zmq.XPUB)
        self.addCleanup(socket.close, 0)
        socket.set_hwm(0)
        socket.bind(place)
        log = open(self.rig.folder / "bridge.log", "wb")
        self.addCleanup(log.close)
        bridge = subprocess.Popen([BUILD / "clients/bridge/concern-bridge", "--config", config],
                                  stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                  env=clean_environment())
        self.addCleanup(lambda: (bridge.kill(), bridge.wait()))
        self.assertTrue(socket.poll(PATIENCE * 1000), "the bridge subscribes")
        # Its own queue holds a thousand: what is published faster is lost before it is heard.
        self.pace(lambda one: socket.send_multipart(
            [b"con.plcsab.x", b"CON1", json.dumps(one).encode()]), events_of("bridge"), 400)

    def pace(self, send, events, per_second):
        def run():
            for number, one in enumerate(events):
                send(one)
                if number % 20 == 19:
                    time.sleep(20 / per_second)
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        return thread

    def start_feed(self):
        """Says what was decided to be dropped never, and some things twice."""
        self.said, self.dropped = 0, set()
        dice = random.Random(SEED + 100)

        def send(one):
            self.said += 1
            if self.said > 1 and dice.random() < 0.02:
                self.dropped.add(self.said)
                return
            for _ in range(2 if dice.random() < 0.02 else 1):
                self.feed.event(self.said, one)

        return self.pace(send, (event("discussion.held", "D-BASE", {"by": {"agency": "northtown-asc"}},
                                      identity=f"feed-E-{number}") for number in range(EACH)), 1000)

    # the daemon

    def kill_each_second(self):
        self.kills = 0
        while self.kills < KILLS and not self.enough.wait(self.dice.uniform(0.8, 1.2)):
            self.daemon.kill()
            self.check_log()
            self.kills += 1
            self.daemon = self.rig.daemon()

    def check_log(self):
        said = self.daemon.said()
        self.faults += [line for line in said.splitlines()
                        if "Sanitizer" in line or line.startswith("<3>")]

    def count(self):
        """How far each way has come, as its publisher knows, or as the daemon says."""
        found = {way: driver.acknowledged for way, driver in self.drivers.items()}
        found["spool"] = len(list((self.spool.folder / "done").glob("*"))) * PER_DISAGREEMENT
        for row in self.rig.rows("sources", check=False):
            way = {source_of("bridge"): "bridge", ASC: "feed"}.get(row.get("source"))
            if way:
                found[way] = int(row["last_sequence"] or 0)
                if way == "bridge":
                    found[way] -= row["gaps"]["events"]
        return found

    def all_are_in(self):
        # The short form comes to an end: where no answer comes in the second between two cuts, it is
        # a slow machine, and the lines are good from some time on.
        if EVENTS < 10000 and time.monotonic() - self.began > LONG / 3:
            for line in self.lines.values():
                line.faulty = False
        if not self.feed_thread.is_alive():
            self.feed.beat(self.said)  # as every five seconds: the lost tail is found by it
        found = self.count()
        return all(found.get(way, 0) >= EACH for way in (*WAYS, "feed"))

    # what must be true at the end

    def check_way(self, way, lines):
        numbers = [int(one["id"].rsplit("-", 1)[1]) for _, one in lines[source_of(way)]]
        self.assertEqual(len(numbers), len(set(numbers)), f"{way}: an event twice")
        self.assertEqual(set(numbers), set(range(EACH)), f"{way}: an event is missing")
        self.assertEqual(numbers, sorted(numbers), f"{way}: out of order")

    def check_feed(self, lines, store):
        arrived = [int(one["sequence"]) for _, one in lines[ASC]]
        gaps = {number for first, last in store.execute(
            "SELECT first, last FROM gap WHERE source = ? AND closed_us IS NULL", (ASC,))
            for number in range(first, last + 1)}
        self.assertEqual(len(arrived), len(set(arrived)), "an event of the feed twice")
        self.assertEqual(set(arrived) | gaps, set(range(1, EACH + 1)), "a loss that nobody told")
        self.assertFalse(set(arrived) & gaps, "a gap that is none")
        self.assertLessEqual(self.dropped, gaps)
        return len(gaps)

    def test_nothing_is_lost_and_nothing_doubled(self):
        self.faults, self.enough, self.began = [], threading.Event(), time.monotonic()
        self.daemon = self.rig.start()
        self.rig.client().publish(raised("D-BASE"))
        self.feed.wait_for_subscriber()
        self.start_publishers()
        self.start_spool()
        self.start_bridge()
        self.feed_thread = self.start_feed()
        killer = threading.Thread(target=self.kill_each_second, daemon=True)
        killer.start()
        self.addCleanup(self.enough.set)
        try:
            wait_for(self.all_are_in, "all are in", LONG, pause=0.5)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.count()} of {EACH} each, seed {SEED}; "
                                 f"{self.daemon.said()[-2000:]}") from None
        finally:
            self.enough.set()
            killer.join()
        for line in self.lines.values():
            line.faulty = False
        for driver in self.drivers.values():
            wait_for(lambda: driver.acknowledged >= EACH, "all acknowledged to the publisher")
            self.assertEqual([line for line in driver.other if "error" in line or "refused" in line],
                             [])
        wait_for(lambda: len(list((self.spool.folder / "done").iterdir())) ==
                 -(-EACH // PER_DISAGREEMENT), "each file is in done/")
        self.assertEqual(list((self.spool.folder / "error").iterdir()), [])
        self.assertEqual(self.daemon.stop(), 0, self.daemon.said())
        self.check_log()
        self.assertEqual(self.faults, [])

        with self.rig.store() as store:
            self.assertEqual(record_faults(store), [])
            lines = collections.defaultdict(list)
            for number, payload in store.execute(
                    "SELECT number, payload FROM record_line JOIN record_payload USING (number) "
                    "WHERE type = 'event' ORDER BY number"):
                one = json.loads(payload)["event"]
                lines[one["source"]].append((number, one))
            for way in WAYS:
                self.check_way(way, lines)
            missing = self.check_feed(lines, store)
        print(f"\n  seed {SEED}: {EACH * (len(WAYS) + 1)} events by {len(WAYS) + 1} ways in "
              f"{time.monotonic() - self.began:.0f} s; the daemon was killed {self.kills} times, lines "
              f"were cut {sum(line.cuts for line in self.lines.values())} times and swallowed "
              f"{sum(line.swallowed for line in self.lines.values())} bytes; {missing} events of "
              "the feed are missing and told")


if __name__ == "__main__":
    unittest.main(verbosity=1)
