"""attack_rig.py - a daemon under siege (siege.py), and strangers and recorders before its door."""
import pathlib
import random
import socket
import sys
import threading
import time
import unittest

import zmq.auth

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import Client, HOUSING, raised, Rig  # noqa: E402
from siege import Siege  # noqa: E402

GREETING = bytes([0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0])  # ZMTP 3.0, then the mechanism


def greeting(mechanism):
    return GREETING + mechanism.ljust(20, b"\0") + bytes(32)


class Recorder(threading.Thread):
    """Stands between one publisher and the daemon, and keeps the bytes that go to the daemon."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address, self.bytes = address, b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = "tcp://127.0.0.1:%d" % self.listener.getsockname()[1]
        self.start()

    def run(self):
        inward, _ = self.listener.accept()
        outward = socket.create_connection(self.address)
        back = threading.Thread(target=self.copy, args=(outward, inward), daemon=True)
        back.start()
        self.copy(inward, outward, keep=True)
        back.join()
        for one in (inward, outward, self.listener):
            one.close()

    def copy(self, one, other, keep=False):
        try:
            while True:
                piece = one.recv(65536)
                if not piece:
                    break
                self.bytes += piece if keep else b""
                other.sendall(piece)
        except OSError:
            pass
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Besieged(unittest.TestCase):
    """One daemon for all tests of a class, and the siege is lifted at their end."""

    @classmethod
    def setUpClass(cls):
        rig = Rig(webhook=True)
        cls.addClassCleanup(lambda: cls.siege.close() if hasattr(cls, "siege") else rig.close())
        cls.feed = rig.feed()
        rig.write_settings(feeds=[rig.settings_of_feed(cls.feed)])
        cls.siege = Siege(rig)
        cls.feed.wait_for_subscriber()
        cls.dice = random.Random(20261218)

    def setUp(self):
        self.rig = self.siege.rig

    @classmethod
    def tearDownClass(cls):
        faults = cls.siege.lift()
        print("  at the end: " + ("; ".join(faults) if faults else
              f"{len(cls.siege.publisher.kept)} acknowledged events, all kept, each once; the "
              "record verifies"), flush=True)
        if faults:
            raise AssertionError("\n".join(faults))

    # helpers

    def acts(self, subject):
        """What the record says of a disagreement, but for how the deliveries went."""
        return [row for row in self.rig.rows("history", subject)
                if row["type"] not in ("delivery", "outcome")]

    def known(self, client, source, identity):
        command, answer = client.ask("STAT", {"source": source, "id": identity})
        self.assertEqual(command, "ACK", answer)
        return answer["committed"]

    def stranger(self, count=1, keys="stranger", server_key=None):
        """Clients with keys that are in no keyring."""
        clients = []
        for _ in range(count):
            client = Client.__new__(Client)
            client.context, client.number, client.socket = zmq.Context.instance(), 0, None
            client.keys = (zmq.curve_keypair() if keys == "fresh" else
                           zmq.auth.load_certificate(self.rig.keys / f"{keys}.key_secret"))
            client.server_key = server_key or self.siege.server_key()
            client.connect(self.siege.endpoint)
            clients.append(client)
            self.addCleanup(client.close)
        return clients

    def nobody_is_answered(self, clients, identity):
        """Each sends an event; none hears anything, and nothing of them is known."""
        for number, client in enumerate(clients):
            client.send("EVENT", raised(f"D-{identity}-{number}", identity=f"{identity}-{number}"))
        end = time.monotonic() + 1
        while time.monotonic() < end:
            for client in clients:
                self.assertIsNone(client.receive(0.02))
        good = self.rig.client()
        for number in range(len(clients)):
            self.assertFalse(self.known(good, HOUSING, f"{identity}-{number}"))
        good.close()

    def raw(self):
        one = socket.create_connection(self.siege.address(), 10)
        self.addCleanup(one.close)
        return one
