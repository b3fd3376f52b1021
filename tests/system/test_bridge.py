"""concern-bridge between a PUB socket and the real daemon; killed at random instants, everything
it had kept arrives exactly once.

CONCERN_LONG=1000 makes a thousand cycles; CONCERN_SEED=n repeats a run's choices.
"""
import collections
import hashlib
import json
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import zmq

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import (BUILD, HOUSING, PATIENCE, Manager, Rig, clean_environment,  # noqa: E402
                         copy_still, raised, record_faults, wait_for)
from ports import held_port  # noqa: E402

CYCLES = int(os.environ.get("CONCERN_LONG", "10"))
SEED = int(os.environ.get("CONCERN_SEED", str(time.time_ns() % 1000000)))
BRIDGE = BUILD / "clients/bridge/concern-bridge"
EPOCH = "8d6a4c1e-0f5b-4b57-9a39-5e4f6f5c2b10"


class CaseSystem:
    """A plain PUB socket, as case systems have them."""

    def __init__(self, endpoint):
        self.socket = zmq.Context.instance().socket(zmq.XPUB)
        self.socket.linger = 0
        self.socket.sndhwm = 100000
        self.socket.setsockopt(zmq.XPUB_VERBOSE, 1)
        self.socket.bind(endpoint)

    def wait_for_subscriber(self):
        """What is heard of one that went (a 0) is no subscription (a 1)."""
        heard = b""
        while not heard.startswith(b"\1") or self.socket.poll(0):
            assert self.socket.poll(PATIENCE * 1000), "nobody subscribes"
            heard = self.socket.recv()

    def publish(self, *frames):
        self.socket.send_multipart([frame if isinstance(frame, bytes) else
                                    json.dumps(frame).encode() for frame in frames])

    def close(self):
        self.socket.close(0)


class BridgeTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        self.endpoint = f"tcp://127.0.0.1:{held_port()}"
        self.rig.write_settings(listen=self.endpoint)
        self.state = self.rig.folder / "bridge state"
        self.place = f"ipc://{self.rig.folder}/events"
        self.case_system = CaseSystem(self.place)
        self.addCleanup(self.case_system.close)
        self.manager = Manager(self.rig.folder / "bridge notify")
        self.addCleanup(self.manager.close)
        self.bridges = []
        self.log = self.rig.folder / "bridge.log"

    def bridge(self, *options, ready=True):
        config = self.rig.folder / "bridge.yaml"
        config.write_text(json.dumps({
            "subscribe": self.place, "endpoint": self.endpoint, "server_key": "keys/server.key",
            "key": "keys/housing.key_secret", "state": "bridge state"}))
        self.manager.forget()
        with open(self.log, "ab") as log:
            bridge = subprocess.Popen([BRIDGE, "--config", config, *options], stdin=subprocess.DEVNULL,
                                      stdout=log, stderr=log,
                                      env=clean_environment(NOTIFY_SOCKET=self.manager.path))
        self.bridges.append(bridge)
        self.addCleanup(lambda: bridge.poll() is None and bridge.kill() or bridge.wait())
        if ready:
            self.manager.hear("READY=1", alive=lambda: bridge.poll() is None)
            self.case_system.wait_for_subscriber()
        return bridge

    def stop(self, bridge):
        bridge.send_signal(signal.SIGTERM)
        self.assertEqual(bridge.wait(PATIENCE), 0, self.log.read_text())
        self.assertNotIn("Sanitizer", self.log.read_text())

    def refused(self):
        """What was put aside: reason to bytes.  Who sees an event finds both files whole."""
        folder = self.state / "refused"
        return {path.with_suffix(".reason").read_text().strip(): path.read_bytes()
                for path in sorted(folder.glob("*.event"))}

    def outbox_ids(self):
        """What a bridge that was killed had on disk: waiting, and acknowledged."""
        copy = pathlib.Path(tempfile.mkdtemp(prefix="copy ", dir=self.rig.folder))
        copy_still([self.state / "outbox" / name for name in ("outbox.db", "outbox.db-wal")], copy)
        store = sqlite3.connect(copy / "outbox.db")
        tables = {row[0] for row in store.execute("SELECT name FROM sqlite_master")}
        ids = {row[0] for row in store.execute("SELECT id FROM event UNION SELECT id FROM done")
               } if {"event", "done"} <= tables else set()  # it was killed before they were made
        store.close()
        return ids

    def record_ids(self):
        store = self.rig.store()
        self.assertEqual(record_faults(store), [])
        return collections.Counter(
            json.loads(payload)["event"]["id"] for (payload,) in store.execute(
                "SELECT payload FROM record_line JOIN record_payload USING (number) "
                "WHERE type = 'event'"))

    # what it understands

    def test_every_form_of_message(self):
        daemon = self.rig.start()
        bridge = self.bridge()
        say = self.case_system.publish
        say(b"con.plcsab.x", b"CON1", raised("D-1", identity="E-1"))
        say(b"disagreements", raised("D-2", identity="E-2"))
        say(raised("D-3", identity="E-3"))
        say(b"hb.plcsab.x", b"CON1", {"source": HOUSING, "seqepoch": EPOCH,
                                      "last_sequence": f"{7:020}", "time": "2026-12-18T17:00:00Z"})
        say(b"con.plcsab.x", b"CON9", raised("D-4", identity="E-4"))
        say(b"a", b"CON1", b"b", raised("D-5", identity="E-5"))
        say(b"not json")
        say({"specversion": "1.0"})
        say(raised("D-6", source="urn:somebody:else", identity="E-6"))
        say(raised("D-7", identity="E-7", colour="blue"))
        # Said twice, as case systems do after a crash of their own: kept once.
        say(b"disagreements", dict(raised("D-2", identity="E-2"), time="2026-11-20T10:00:00Z"))
        wait_for(lambda: len(self.rig.ask("list")) == 4, "the four good ones")
        wait_for(lambda: len(self.refused()) == 6, "the six others")
        refused = self.refused()
        for words in ("the second of three frames is not CON1", "more than three frames",
                      "the event is not JSON", "id is missing", "403.1 ",
                      "id E-2 was used for another event"):
            self.assertEqual(len([reason for reason in refused if words in reason]), 1,
                             (words, list(refused)))
        self.assertIn(b"not json", refused.values())
        self.stop(bridge)
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(set(self.record_ids()), {"E-1", "E-2", "E-3", "E-7"})
        self.assertEqual((self.state / "refused").stat().st_mode & 0o777, 0o700)

    def test_numbers_of_its_own(self):
        """A source that numbers its events keeps its numbers; what is missing shows."""
        daemon = self.rig.start()
        bridge = self.bridge()
        for number in (1, 2, 5):
            self.case_system.publish(b"con.plcsab.x", b"CON1", raised(
                f"D-{number}", identity=f"E-{number}", seqepoch=EPOCH, sequence=f"{number:020}"))
        self.case_system.publish(b"hb.plcsab.x", b"CON1", {
            "source": HOUSING, "seqepoch": EPOCH, "last_sequence": f"{9:020}",
            "time": "2026-12-18T17:00:00Z"})
        wait_for(lambda: len(self.rig.ask("list")) == 3, "three events")
        wait_for(lambda: "events 6 to 9 of " in self.log.read_text(), "that the tail is missing")
        self.assertIn("events 3 to 4 of ", self.log.read_text())
        self.stop(bridge)
        daemon.stop()
        gaps = self.rig.store().execute("SELECT first, last FROM gap").fetchall()
        self.assertEqual([tuple(gap) for gap in gaps], [(3, 4)])

    def test_what_it_refuses_to_do(self):
        for place, good in (("tcp://127.0.0.1:5555", True), ("tcp://127.1.2.3:5555", True),
                            ("tcp://[::1]:5555", True), ("ipc:///run/x", True),
                            ("tcp://192.0.2.1:5555", False), ("tcp://*:5555", False),
                            ("tcp://localhost:5555", False), ("tcp://127.0.0.1", False),
                            ("tcp://127.0.0.1.example:5555", False), ("inproc://x", False),
                            ("tcp://192.0.2.1;127.0.0.1:5555", False), ("ipc://relative", False),
                            ("tcp://[2001:db8::1]:5555", False), ("udp://127.0.0.1:5", False)):
            done = subprocess.run(
                [BRIDGE, "--subscribe", place, "--endpoint", self.endpoint, "--server-key",
                 self.rig.keys / "server.key", "--key", "/nonexistent", "--state", self.state],
                capture_output=True, text=True, timeout=PATIENCE, check=False,
                env=clean_environment())
            # With a good place it comes as far as the key that is not there.
            self.assertEqual(done.returncode, 1 if good else 2, (place, done.stderr))
            self.assertIn("key: /nonexistent" if good else "is not on this machine", done.stderr)
        for arguments, code, words in (
                (["--help"], 0, "--subscribe ENDPOINT"), (["--version"], 0, "concern-bridge 0."),
                (["--nonsense"], 2, "nonsense"), (["x"], 2, "options only"),
                ([], 2, "subscribe is missing")):
            done = subprocess.run([BRIDGE, *arguments], capture_output=True, text=True,
                                  timeout=PATIENCE, check=False, env=clean_environment())
            self.assertEqual(done.returncode, code, arguments)
            self.assertIn(words, done.stdout + done.stderr)

    # what it survives

    def test_the_daemon_may_be_away(self):
        bridge = self.bridge()
        for number in range(500):
            self.case_system.publish(raised(f"D-{number}", identity=f"E-{number}"))
        wait_for(lambda: len(self.outbox_ids()) == 500, "all are on disk")
        self.stop(bridge)
        daemon = self.rig.start()
        bridge = self.bridge()
        self.manager.hear("STATUS", alive=lambda: bridge.poll() is None)
        wait_for(lambda: self.rig.status()["open"] == 500, "all are there")
        self.stop(bridge)
        daemon.stop()
        self.assertEqual(set(self.record_ids().values()), {1})
        self.assertEqual(self.rig.store().execute("SELECT count(*) FROM gap").fetchone()[0], 0)

    def test_killed_at_any_instant(self):
        dice = random.Random(SEED)
        published, kept = [], set()
        stopping = threading.Event()

        def publish():
            while not stopping.is_set():
                number = len(published) + 1
                published.append(f"E-{number}")
                self.case_system.publish(raised(f"D-{number}", identity=f"E-{number}"))
                stopping.wait(0.002)

        publisher = threading.Thread(target=publish)
        daemon = self.rig.start()
        publisher.start()
        try:
            # As often, and until it has kept something to speak of: what lives for so short a time
            # may hear nothing on a slow machine.
            for cycle in range(10 * CYCLES):
                if cycle >= CYCLES and len(kept) > CYCLES:
                    break
                bridge = self.bridge(ready=False)
                if dice.random() < 0.8:
                    self.manager.hear("READY=1", alive=lambda: bridge.poll() is None)
                stopping.wait(dice.uniform(0, 0.5))
                self.assertIsNone(bridge.poll(), self.log.read_text())
                bridge.kill()
                bridge.wait()
                if (self.state / "outbox/outbox.db").exists():
                    kept |= self.outbox_ids()
                if dice.random() < 0.3:
                    daemon.kill()
                    daemon = self.rig.start()
        finally:
            stopping.set()
            publisher.join()
        bridge = self.bridge(ready=False)
        self.manager.hear("READY=1", alive=lambda: bridge.poll() is None)
        wait_for(lambda: " 0 waiting" in self.status(), "nothing waits")
        self.stop(bridge)
        kept |= self.outbox_ids()
        self.assertEqual(daemon.stop(), 0)
        record = self.record_ids()
        self.assertGreater(len(kept), CYCLES, "the test has tested something")
        self.assertEqual(set(record), kept, f"CONCERN_SEED={SEED}")
        self.assertEqual(set(record.values()), {1})
        self.assertLessEqual(kept, set(published))
        self.assertEqual(self.rig.store().execute("SELECT count(*) FROM gap").fetchone()[0], 0)
        self.assertEqual(self.refused(), {})

    def status(self):
        said = [fields["STATUS"] for _, fields in list(self.manager.heard) if "STATUS" in fields]
        return said[-1] if said else ""

    def test_a_full_outbox(self):
        """It takes nothing more, and says so; what is in it goes out when the daemon is there."""
        self.stop(self.bridge())
        body = json.dumps(raised("D-OLD")).encode()
        with sqlite3.connect(self.state / "outbox/outbox.db") as store:
            store.executemany(
                "INSERT INTO event (source, id, kept_us, given, bytes, digest, sequence, seqepoch, "
                "state) VALUES ('urn:x', ?, 0, '', ?, ?, 0, '', 1)",
                ((f"E-{number}", body, hashlib.sha256(body).digest()) for number in range(99999)))
        store.close()
        # Those that were refused stay in the outbox, for there is no room for their files.
        folder = self.state / "refused"
        for number in range(10000):
            (folder / f"old-{number}.event").touch()
        bridge = self.bridge()
        self.case_system.publish(raised("D-1", identity="LAST-THAT-FITS"))
        self.case_system.publish(b"no event, and no room for its file")
        self.case_system.publish(raised("D-2", identity="ONE-TOO-MANY"))
        wait_for(lambda: "the outbox is full: 100000 events" in self.log.read_text(), "it is said")
        self.assertIn("is lost, for it could not be put aside (too many", self.log.read_text())
        self.assertIn("LAST-THAT-FITS", self.outbox_ids())
        self.stop(bridge)
        self.assertIn("1 messages that were heard are lost", self.log.read_text())

    def test_a_state_that_cannot_be_used(self):
        """A state directory that cannot be used is said at the start."""
        self.state.mkdir()
        (self.state / "outbox").write_text("not a directory")
        bridge = self.bridge(ready=False)
        self.assertEqual(bridge.wait(PATIENCE), 1)
        self.assertIn("outbox", self.log.read_text())


if __name__ == "__main__":
    unittest.main()
