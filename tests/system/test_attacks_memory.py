"""test_attacks_memory.py - a message that never ends: the fuse blows, and nobody else notices much.

A publisher whose key is good sends frame after frame and says of each that another follows; no
limit of libzmq counts what lies there.  The daemon lets go of its socket when it holds too much;
publishers connect again by themselves and send again what was not acknowledged.
"""
import os
import pathlib
import sys
import unittest

import zmq.auth

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import Rig, wait_for  # noqa: E402
from curve_peer import CurvePeer  # noqa: E402
from siege import Siege  # noqa: E402

FRAME = bytes(60000)
MOST = 3 << 30       # bytes the attacker sends at most
LIMIT_OVER = 150     # MiB above what the daemon holds at rest
FUSES = int(os.environ.get("CONCERN_LONG", "1"))  # so often


class MemoryTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig(webhook=True)
        self.addCleanup(self.rig.close)
        # The sanitizer keeps what was freed; here it is to give it back.
        self.environment = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") +
                            ":quarantine_size_mb=1:allocator_release_to_os_interval_ms=100"}

    def at_rest(self):
        """MiB that the daemon holds when it has served a while."""
        siege = Siege(self.rig, **self.environment)
        siege.under("at rest", lambda: "nothing is tried")
        held = siege.resident_mib()
        self.assertEqual(siege.lift(), [])
        return held

    def flood(self, siege, fuses):
        """Sends until the fuse has blown so often; answers (bytes sent, most MiB it held)."""
        keys = zmq.auth.load_certificate(self.rig.keys / "asc.key_secret")
        peer = CurvePeer(siege.address(), keys, siege.server_key())
        self.addCleanup(peer.close)
        sent, most = 0, 0
        while siege.daemon.said().count("memory fuse:") < fuses:
            self.assertLess(sent, MOST, "the fuse does not blow")
            self.assertTrue(siege.alive(), siege.daemon.said()[-3000:])
            try:
                for _ in range(50):
                    peer.socket.sendall(peer.message(FRAME, more=True))
                    sent += len(FRAME)
            except OSError:  # we were thrown out
                wait_for(lambda: siege.daemon.said().count("memory fuse:") >= fuses, "it says why")
            most = max(most, siege.resident_mib())
        peer.close()
        return sent, most

    def test_messages_that_never_end(self):
        rest = self.at_rest()
        self.rig.write_settings(memory_limit=rest + LIMIT_OVER)
        siege = Siege(self.rig, **self.environment)
        self.addCleanup(siege.close)
        for number in range(FUSES):
            def attack():
                again = siege.publisher.again
                sent, most = self.flood(siege, number + 1)
                after = wait_for(lambda: siege.resident_mib() < rest + LIMIT_OVER and
                                 siege.resident_mib(), "memory is given back")
                self.assertLess(most, rest + 4 * LIMIT_OVER)
                return (f"{sent >> 20} MiB of one message; the fuse blew at a limit of "
                        f"{rest + LIMIT_OVER} MiB (most seen {most}, at rest {rest}, after {after}); "
                        f"the good publisher sent {siege.publisher.again - again} events again")

            siege.under(f"a message that never ends, {number + 1}", attack)
        self.assertEqual(siege.lift(), [])


if __name__ == "__main__":
    unittest.main(verbosity=1)
