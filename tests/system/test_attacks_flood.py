"""test_attacks_flood.py - connections without end, at the limit of the daemon's descriptors.

The daemon may have 256 descriptors; strangers hold more connections than that and open new ones as
soon as old ones are ended.  Whoever was connected is acknowledged, deadlines pass in time, their
mail and webhooks go out, concernctl gets its answers; when the flood ends everybody can connect.
"""
import errno
import pathlib
import selectors
import socket
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import wait_for  # noqa: E402
from siege import Siege  # noqa: E402

DESCRIPTORS = 256
CONNECTIONS = 500  # held by the attacker
FLOOD_S = 6        # longer than a handshake may take


class Flood:
    """Holds so many connections; each that is ended is opened anew at once."""

    def __init__(self, address, count):
        self.address, self.count = address, count
        self.open, self.opened, self.ended = {}, 0, 0
        self.selector = selectors.DefaultSelector()

    def add(self):
        one = socket.socket()
        one.setblocking(False)
        if one.connect_ex(self.address) not in (0, errno.EINPROGRESS):
            one.close()
            return
        self.selector.register(one, selectors.EVENT_READ)
        self.open[one] = True
        self.opened += 1

    def turn(self):
        for _ in range(min(50, self.count - len(self.open))):
            self.add()
        for key, _ in self.selector.select(0.01):
            try:
                if key.fileobj.recv(1000):
                    continue  # its greeting
            except OSError:
                pass
            self.drop(key.fileobj)
            self.ended += 1

    def drop(self, one):
        self.selector.unregister(one)
        one.close()
        del self.open[one]

    def close(self):
        for one in list(self.open):
            self.drop(one)
        self.selector.close()


class FloodTest(unittest.TestCase):
    def setUp(self):
        self.siege = Siege(nofile=DESCRIPTORS)
        self.addCleanup(self.siege.close)
        self.rig = self.siege.rig
        self.flood = Flood(self.siege.address(), CONNECTIONS)
        self.addCleanup(self.flood.close)

    def keep_on(self, condition, what, least=0.0):
        """Floods until condition() holds, and at least so long."""
        began = time.monotonic()
        while not condition() or time.monotonic() - began < least:
            self.assertLess(time.monotonic() - began, 60, what)
            self.assertTrue(self.siege.alive(), self.siege.daemon.said()[-3000:])
            self.flood.turn()

    def test_flood(self):
        seen = {"most": 0}

        def attack():
            # It is full before anything is asked.
            self.keep_on(lambda: self.siege.descriptors() > DESCRIPTORS * 2 // 3, "it fills", 1)
            mails, webhooks = len(self.rig.mail.taken), len(self.rig.receiver.taken)
            passed, answered = time.time(), len(self.siege.publisher.took)

            def goes_on():
                seen["most"] = max(seen["most"], self.siege.descriptors())
                return (len(self.siege.publisher.took) > answered + 20 and
                        len(self.siege.due_between(passed, time.time() - 0.5)) > 3 and
                        len(self.rig.mail.taken) > mails + 5 and
                        len(self.rig.receiver.taken) > webhooks + 5)

            self.keep_on(goes_on, f"acknowledgements, mails and webhooks go on: "
                         f"{len(self.rig.mail.taken) - mails} mails", FLOOD_S)
            self.assertEqual(self.rig.status()["state"], "running")
            self.assertLess(seen["most"], DESCRIPTORS - DESCRIPTORS // 8, "nothing is kept free")
            return (f"{self.flood.opened} connections opened, {self.flood.ended} ended by the daemon, "
                    f"at most {seen['most']} of {DESCRIPTORS} descriptors in use; "
                    f"{len(self.rig.mail.taken) - mails} mails and "
                    f"{len(self.rig.receiver.taken) - webhooks} webhooks delivered under it")

        self.siege.under("a flood of connections", attack)
        self.flood.close()

        def afterwards():
            client = self.rig.client()
            self.assertEqual(client.ask("PING", b"{}")[0], "PONG")
            client.close()
            self.siege.daemon.wait_said("connections turned away so far")
            wait_for(lambda: [mail for mail in self.rig.mail.to("operator@board.example")
                              if "turned away" in mail["subject"]], "the operator is told")
            return "a new publisher can connect; the operator was told"

        self.siege.under("after the flood", afterwards)
        self.siege.publisher.stop()
        self.rig.wait_delivered()
        self.assertEqual(self.siege.lift(), [])


if __name__ == "__main__":
    unittest.main(verbosity=1)
