"""test_attacks_door.py - a daemon that cannot refuse: it does not start, or does not stay.

broken_zap_preload.c stands in front of libzmq and breaks the handler of handshakes: it is not
there, it dies, it admits everybody.
"""
import json
import os
import pathlib
import signal
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import Rig, event, preload_of, raised, record_faults, wait_for  # noqa: E402
from siege import instant, seconds  # noqa: E402

UNAVAILABLE = 69  # EX_UNAVAILABLE of sysexits.h


class DoorTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        self.trigger = self.rig.folder / "now"

    def broken(self, way):
        return {"LD_PRELOAD": preload_of("broken_zap_preload"), "BROKEN_ZAP": way,
                "BROKEN_ZAP_NOW": self.trigger,
                "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}

    def refuses_to_start(self, way, says):
        daemon = self.rig.daemon(**self.broken(way))
        self.assertEqual(daemon.wait(), 1, daemon.said())
        self.assertIn(says, daemon.said())
        self.assertNotIn("is ready", daemon.said())
        print(f"  {way}: does not start: {says}")

    def test_does_not_start_without_a_handler(self):
        self.refuses_to_start("absent", "nobody answers handshakes")

    def test_does_not_start_when_everybody_gets_in(self):
        self.refuses_to_start("open", "a key nobody knows was let in")

    def ends(self, way, says, reload=True):
        """It breaks while the daemon runs: the daemon notices, keeps what it acknowledged, ends
        with its code, and the next one goes on."""
        daemon = self.rig.start(**self.broken(way))
        client = self.rig.client()
        due = {"D-1": time.time() + 2, "D-2": time.time() + 2.5}
        for subject, when in due.items():
            client.publish(raised(subject, identity=f"R-{subject}"))
            client.publish(event("deadline.extended", subject, {
                "deadline": "stage-1", "due": instant(when), "reason": "as agreed"},
                identity=f"X-{subject}"))
        wait_for(lambda: time.time() > due["D-1"] - 1, "the deadlines are near")
        self.trigger.touch()
        began = time.monotonic()
        if reload:  # it looks after every reload, not only once a minute
            daemon.signal(signal.SIGHUP)
        self.assertEqual(daemon.wait(100), UNAVAILABLE, daemon.said())
        took = time.monotonic() - began
        self.assertIn(says, daemon.said())
        self.assertNotIn("Sanitizer", daemon.said())
        print(f"  {way}: noticed and ended after {took:.1f} s: {says}")
        self.trigger.unlink()
        self.goes_on(due)

    def goes_on(self, due):
        self.rig.start()
        began = time.time()
        client = self.rig.client()
        self.assertTrue(client.publish(event("discussion.held", "D-1", identity="E-1")))
        wait_for(lambda: self.passed() >= set(due), "what fell due has passed")
        self.assertEqual(self.rig.daemons[-1].stop(), 0)
        with self.rig.store() as store:
            self.assertEqual(record_faults(store), [])
            kept = {row[0] for row in store.execute("SELECT id FROM event")}
            late = [row["at_us"] / 1e6 - max(began, seconds(json.loads(row["payload"])["due"]))
                    for row in store.execute(
                        "SELECT at_us, payload FROM record_line JOIN record_payload "
                        "USING (number) WHERE type = 'passed'")]
        self.assertLessEqual({"R-D-1", "R-D-2", "X-D-1", "X-D-2", "E-1"}, kept)
        self.assertEqual(len(late), len(due), "a deadline passed twice")
        self.assertLess(max(late), 10, "later than ten seconds after it was ready")

    def passed(self):
        return {row["reference"] for row in self.rig.rows("list")
                if any(one["deadline"] == "stage-1" and one["state"] == "passed"
                       for one in self.rig.rows("show", row["reference"])[0]["deadlines"])}

    def test_ends_when_the_handler_dies(self):
        self.ends("dies", "the handler of handshakes has died")

    def test_ends_when_everybody_gets_in(self):
        self.ends("admits", "a key that nobody knows was let in")

    @unittest.skipUnless(os.environ.get("CONCERN_LONG"), "takes a minute: CONCERN_LONG=1")
    def test_looks_by_itself(self):
        self.ends("admits", "a key that nobody knows was let in", reload=False)

    def test_its_own_knocking_is_not_told(self):
        daemon = self.rig.start()
        before = daemon.said().count("handshake refused")
        for _ in range(3):
            self.rig.manager.forget()
            daemon.signal(signal.SIGHUP)
            self.rig.manager.hear("READY=1", alive=daemon.alive)
        self.rig.client().publish(raised("D-1"))
        self.assertEqual(daemon.said().count("handshake refused"), before)
        self.assertEqual(daemon.stop(), 0, daemon.said())


if __name__ == "__main__":
    unittest.main(verbosity=1)
