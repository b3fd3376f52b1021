"""test_attacks.py - what strangers and bad publishers try against the running daemon.

One daemon is under siege by all of them, one after the other, while a good publisher publishes and
deadlines fall due (siege.py).  At the end no acknowledged event is lost, none acted twice, no
deadline was late, and it is still the same process.  Each attack prints what it saw.
"""
import json
import os
import pathlib
import signal
import socket
import struct
import sys
import time
import unittest

import zmq

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from attack_rig import Besieged, GREETING, greeting, Recorder  # noqa: E402
from concern_rig import ASC, BOARD, Client, event, HOUSING, PATIENCE, raised, wait_for  # noqa: E402
from curve_peer import CurvePeer  # noqa: E402

BODY_MAX = 65536
BY = {"by": {"agency": "northtown-housing"}}


class Attacks(Besieged):
    """In the order of their names."""

    # without a key

    def test_01_keys_nobody_knows(self):
        def attack():
            self.nobody_is_answered(self.stranger(20, "fresh") + self.stranger(), "UNKNOWN")
            self.siege.daemon.wait_said("is not live in the keyring")
            return "21 unknown keys: none heard, none answered, told to the log"

        self.siege.under("unknown keys", attack)

    def test_02_no_encryption_and_a_password(self):
        def attack():
            clients = []
            for mechanism in ("NULL", "PLAIN") * 5:
                client = self.stranger()[0]
                client.socket.close(0)
                client.socket = client.context.socket(zmq.DEALER)
                client.socket.linger = 0
                if mechanism == "PLAIN":
                    client.socket.plain_username, client.socket.plain_password = b"a", b"b"
                client.socket.connect(self.siege.endpoint)
                clients.append(client)
            self.nobody_is_answered(clients, "PLAIN")
            return "10 peers without encryption or with PLAIN: none heard"

        self.siege.under("NULL and PLAIN peers", attack)

    def test_03_wrong_server_key(self):
        """A publisher that was given another server's key must not be led to believe anything."""
        def attack():
            clients = self.stranger(5, "housing", self.rig.public_key("feed").encode())
            self.nobody_is_answered(clients, "WRONG")
            return "5 good keys with a wrong server key: no handshake"

        self.siege.under("wrong server key", attack)

    def test_04_half_open_and_broken_off(self):
        """Connections that begin in every way and do not go on."""
        starts = [b"", b"\xff", GREETING, greeting(b"CURVE"), greeting(b"NULL"),
                  greeting(b"CURVE") + b"\x04\xff", b"GET / HTTP/1.1\r\n\r\n", bytes(64),
                  b"\x01\x00", b"\xff" + b"\xff" * 63, os.urandom(200),
                  greeting(b"CURVE") + b"\x06" + b"\xff" * 8,  # a command of 2^64 - 1 bytes
                  greeting(b"CURVE") + b"\x04\x05HELLO" + bytes(200)]

        def attack():
            reset = struct.pack("ii", 1, 0)
            for number in range(130):
                one = self.raw()
                one.sendall(starts[number % len(starts)])
                if number % 3 == 0:
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
                if number % 3 != 1:
                    one.close()
            return f"130 connections in {len(starts)} beginnings, cut, reset or left open"

        self.siege.under("half-open connections", attack)

    def test_05_slow_handshakes(self):
        """A byte now and then; the greeting has to be whole within five seconds."""
        def attack():
            peers = [self.raw() for _ in range(60)]
            whole, ended, began = greeting(b"CURVE"), {}, time.monotonic()
            for peer in peers:
                peer.setblocking(False)
            place = 0
            while len(ended) < len(peers):
                self.assertLess(time.monotonic() - began, PATIENCE, f"{len(ended)} of 60 were ended")
                for peer in peers:
                    if peer in ended:
                        continue
                    try:
                        peer.send(whole[place:place + 1])
                        if peer.recv(1000) == b"":
                            ended[peer] = time.monotonic() - began
                    except BlockingIOError:
                        pass
                    except OSError:
                        ended[peer] = time.monotonic() - began
                place = min(place + 1, 40)
                time.sleep(0.25)  # this is the attack
            return ("60 greetings a byte at a time: all cut off, the last after "
                    f"{max(ended.values()):.1f} s")

        self.siege.under("slow handshakes", attack)

    def test_06_a_capture_is_played_again(self):
        """All that a publisher sent, byte for byte, on a new connection, several times."""
        def attack():
            recorder = Recorder(self.siege.address())
            client = Client(recorder.endpoint, self.siege.server_key(),
                            self.rig.keys / "housing.key_secret")
            one = raised("D-CAPTURED", identity="CAPTURED")
            client.publish(one)
            client.publish(event("risk.changed", "D-CAPTURED", {"risk": "significant"},
                                 identity="CAPTURED-2"))
            client.close()
            recorder.join(PATIENCE)
            self.assertGreater(len(recorder.bytes), 1000)
            before = self.acts("D-CAPTURED")
            for _ in range(10):
                thief = self.raw()
                thief.settimeout(0.3)
                thief.sendall(recorder.bytes)
                try:
                    while thief.recv(65536):
                        pass
                except OSError:
                    pass
            self.assertEqual(self.acts("D-CAPTURED"), before)
            return f"{len(recorder.bytes)} bytes played again 10 times: the record is unchanged"

        self.siege.under("a capture played again", attack)

    def test_07_the_same_bytes_in_one_session(self):
        """By a peer with a good key that speaks CURVE itself: a message of before, a nonce gone
        back, a box that is none; each ends its connection, and nothing is heard twice."""
        def attack():
            keys = zmq.auth.load_certificate(self.rig.keys / "housing.key_secret")
            one = json.dumps(raised("D-NONCE", identity="NONCE")).encode()
            peers, ended = [], 0
            for way in ("again", "back", "broken", "command", "huge"):
                peer = CurvePeer(self.siege.address(), keys, self.siege.server_key())
                self.addCleanup(peer.close)
                frames = (b"CON1", b"EVENT", b"1", one)
                bytes_of = [peer.message(frame, number < 3) for number, frame in enumerate(frames)]
                peer.socket.sendall(b"".join(bytes_of))
                answer = peer.read_message()
                self.assertEqual(answer[1], b"ACK", answer)
                peer.socket.sendall(self.wrong_message(peer, way, bytes_of))
                peers.append(peer)
            for peer in peers:
                try:
                    while True:
                        peer.read_message()
                except (ConnectionError, OSError):
                    ended += 1
            self.assertEqual(ended, len(peers))
            events = [row for row in self.acts("D-NONCE") if row["type"] == "event"]
            self.assertEqual(len(events), 1)
            return f"{ended} sessions with bytes of before: each ended, the event kept once"

        self.siege.under("the same bytes in one session", attack)

    @staticmethod
    def wrong_message(peer, way, before):
        if way == "again":
            return b"".join(before)
        if way == "back":
            peer.nonce -= 3
            return peer.message(b"CON1", True)
        if way == "broken":
            whole = bytearray(peer.message(b"CON1" * 100))
            whole[-5] ^= 1
            return bytes(whole)
        if way == "command":
            return peer.frame(4, b"\x05HELLO" + bytes(194))
        return b"\x02" + struct.pack(">Q", 1 << 40) + bytes(100)  # a frame of a tebibyte

    # with a key

    def test_10_the_same_events_again(self):
        def attack():
            client = self.rig.client()
            one = raised("D-AGAIN", identity="AGAIN")
            first = client.publish(one)
            before = self.acts("D-AGAIN")
            for number in range(50):
                answer = client.publish(one)
                self.assertTrue(answer["duplicate"])
                self.assertEqual(answer["record"], first["record"])
            self.assertEqual(self.acts("D-AGAIN"), before)
            client.close()
            return "the same event 50 times: acknowledged as a duplicate, kept once"

        self.siege.under("the same events again", attack)

    def test_11_an_id_with_another_content(self):
        def attack():
            client = self.rig.client()
            one = raised("D-ID", identity="ID")
            client.publish(one)
            before = self.acts("D-ID")
            for other in (dict(one, subject="D-OTHER"), dict(one, time="2026-01-05T09:00:00Z"),
                          event("withdrawn", "D-ID", dict(BY, reason="x"), identity="ID")):
                self.assertEqual(client.refusal(other), "409.1")
            self.assertEqual(self.acts("D-ID"), before)
            client.close()
            return "an id with another subject, time or type: 409.1"

        self.siege.under("an id with another content", attack)

    def test_12_for_somebody_else(self):
        """The key of one agency speaks for another, and for the board; and closes what it may not."""
        def attack():
            good, bad = self.rig.client(), self.rig.client("asc")
            good.publish(raised("D-OTHERS", identity="OTHERS"))
            by_housing = {"by": {"agency": "northtown-housing"}}
            tries = {
                "another's source": (raised("D-X", source=HOUSING), "403.1"),
                "the board's source": (raised("D-X", source=BOARD), "403.1"),
                "a source beside its own": (raised("D-X", source=ASC + "2"), "403.1"),
                "to another board": (
                    event("risk.changed", "D-OTHERS", {"risk": "none"}, source=ASC,
                          board="rochdale"), "403.2"),
                "closing without the right": (
                    event("resolution.agreed", "D-OTHERS", source=ASC), "403.3"),
                "a hold without the right": (
                    event("hold", "D-OTHERS", {"reason": "x", "until": "2026-12-30T17:00:00Z"},
                          source=ASC), "403.3"),
                "in another's name": (
                    event("stage.unresolved", "D-OTHERS", by_housing, source=ASC), "403.4"),
            }
            before = self.acts("D-OTHERS")
            for name, (one, code) in tries.items():
                with self.subTest(name):
                    self.assertEqual(bad.refusal(one), code)
            self.assertEqual(self.acts("D-OTHERS"), before)
            good.close()
            bad.close()
            return f"{len(tries)} ways to speak for somebody else: refused, nothing changed"

        self.siege.under("speaking for somebody else", attack)

    def test_13_a_revoked_key_on_a_living_connection(self):
        def attack():
            client = self.rig.client("asc")
            self.assertEqual(client.refusal(event("acknowledged", "D-NONE", source=ASC)), "404.1")
            keyring = self.rig.folder / "keyring.yaml"
            whole = keyring.read_text()
            keys = json.loads(whole)["keys"]
            kept = [key for key in keys if key["key"] != self.rig.public_key("asc")]
            keyring.write_text(json.dumps({"keys": kept}))
            try:
                self.reload()
                for one in (raised("D-REVOKED", source=ASC, identity="REVOKED"),):
                    self.assertEqual(client.refusal(one), "401.1")
                late = self.stranger(1, "asc")[0]
                late.send("PING", b"{}")
                self.assertIsNone(late.receive(0.5))
            finally:
                keyring.write_text(whole)
                self.reload()
            self.assertEqual(client.refusal(event("acknowledged", "D-NONE", source=ASC)), "404.1")
            client.close()
            return "401.1 on the living connection, no new handshake; heard again when put back"

        self.siege.under("a revoked key", attack)

    def reload(self):
        self.rig.manager.forget()
        self.siege.daemon.signal(signal.SIGHUP)
        fields = self.rig.manager.hear("READY=1", alive=self.siege.daemon.alive)
        self.assertEqual(fields["STATUS"], "running")

    def test_14_routing_ids(self):
        """The id that aborts a libzmq that nobody seeded; ids of others; ids of one's own."""
        def attack():
            identities = [bytes([0]) + number.to_bytes(4, "big")
                          for number in (1804289383, 846930886, 1681692777)]
            identities += [b"me", b"x" * 255, identities[0]]
            answers = []
            for number, identity in enumerate(identities):
                peer = self.stranger(1, "asc")[0]
                peer.socket.close(0)
                peer.socket = peer.context.socket(zmq.DEALER)
                peer.socket.linger = 0
                peer.socket.identity = identity
                peer.socket.curve_publickey, peer.socket.curve_secretkey = peer.keys
                peer.socket.curve_serverkey = peer.server_key
                peer.socket.connect(self.siege.endpoint)
                peer.send("PING", b"{}")
                answer = peer.receive(1 if number > 2 else PATIENCE)  # who has it holds it
                answers.append(answer and answer[0])
            self.assertEqual(answers[:3], ["PONG"] * 3)
            self.assertEqual(answers[3:5], [None, None], "an id of one's own is answered")
            self.assertIsNone(answers[5], "an id that somebody has is answered")
            # What libzmq gives out next must not meet them.
            for _ in range(30):
                client = self.rig.client()
                self.assertEqual(client.ask("PING", b"{}")[0], "PONG")
                client.close()
            return "6 ids of peers' own choice: no abort, no second holder, 30 new clients served"

        self.siege.under("routing ids", attack)

    def test_15_every_shape_of_json(self):
        """64 KiB of each; and what is small but must not be."""
        def full(piece, head=b"", tail=b""):
            count = (BODY_MAX - len(head) - len(tail)) // len(piece)
            return head + piece * count + tail

        good = json.dumps(raised("D-SHAPE", identity="SHAPE")).encode()
        shapes = {
            "opened lists": full(b"["), "opened objects": full(b'{"a":'),
            "lists in lists": b"[" * 32768 + b"]" * 32768,
            "empty lists": full(b"[],", b"[", b"[]]"), "empty objects": full(b"{},", b"[", b"{}]"),
            "numbers": full(b"1,", b"[", b"1]"), "one long number": full(b"9"),
            "a big float": b"[1e400]", "a big integer": b"[9223372036854775808]",
            "one long string": full(b"a", b'"', b'"'), "texts": full(b'"a",', b"[", b'"a"]'),
            "escapes": full(b"\\u0041", b'"', b'"'), "zero characters": full(b"\\u0000", b'"', b'"'),
            "lone surrogates": full(b"\\ud800", b'"', b'"'), "zero bytes": full(b"\0"),
            "backslashes": full(b"\\", b'"'), "quotation marks": full(b'"'),
            "bad UTF-8": full(b"\xff", b'"', b'"'), "overlong UTF-8": full(b"\xc0\x80", b'"', b'"'),
            "UTF-8 cut short": full(b"\xe2\x82", b'"', b'"'),
            "keys": b"{" + b",".join(b'"%05d":1' % n for n in range(6000)) + b"}",
            "the same key": full(b'"a":1,', b"{", b'"a":1}'), "blanks": full(b" "),
            "an event and blanks": good + b" " * (BODY_MAX - len(good) - 1) + b"x",
            "deeper than 16": good[:-1] + b',"x":' + b"[" * 20 + b"]" * 20 + b"}",
            "a member twice": good[:-1] + b',"id":"other"}',
            "colons": full(b":"), "commas": full(b","), "closed lists": full(b"]"),
        }

        def attack():
            client, codes = self.rig.client(), {}
            before = self.siege.resident_mib()
            for name, body in shapes.items():
                self.assertLessEqual(len(body), BODY_MAX)
                for command in ("EVENT", "BATCH", "LAST", "STAT"):
                    answer, said = client.ask(command, body)
                    self.assertEqual(answer, "NACK", f"{name} as {command}: {said}")
                    self.assertEqual(said["code"][:3], "400", f"{name} as {command}: {said}")
                    codes[said["code"]] = codes.get(said["code"], 0) + 1
            for command in ("EVENT", "BATCH"):
                answer, said = client.ask(command, b" " * (BODY_MAX + 1))
                self.assertEqual((answer, said["code"]), ("NACK", "413.1"))
            # All or nothing: one that is wrong among good ones, and one too many.
            others = [json.dumps(raised(f"D-SHAPE-{n}", identity=f"SHAPE-{n}")) for n in range(51)]
            for batch in (others[:20] + ["{}"], others, others[:3] + ["[]"]):
                answer, said = client.ask("BATCH", ("[" + ",".join(batch) + "]").encode())
                self.assertEqual((answer, said["code"][:3]), ("NACK", "400"), said)
            self.assertFalse(any(self.known(client, HOUSING, f"SHAPE-{n}") for n in range(51)))
            self.assertFalse(self.known(client, HOUSING, "SHAPE"))
            grown = self.siege.resident_mib() - before
            self.assertLess(grown, 300, "MiB grown")
            client.close()
            return f"{len(shapes)} shapes as EVENT, BATCH, LAST, STAT: {codes}, {grown} MiB more"

        self.siege.under("every shape of JSON", attack)

    def test_16_frames_of_chance(self):
        def attack():
            client, sent, answered = self.rig.client(), 0, 0
            for _ in range(1500):
                frames = [os.urandom(self.dice.randrange(300))
                          for _ in range(self.dice.randrange(1, 7))]
                if self.dice.random() < 0.7:
                    frames[0] = b"CON1"
                if len(frames) > 1 and self.dice.random() < 0.7:
                    frames[1] = self.dice.choice([b"EVENT", b"HELLO", b"BATCH", b"LAST", b"STAT",
                                                  b"PING", b"ACK"])
                client.send_frames(*frames)
                sent += 1
                while sent - answered > 50:
                    self.assertIsNotNone(client.socket.recv_multipart())
                    answered += 1
            while answered < sent:
                self.assertTrue(client.socket.poll(1000 * PATIENCE), f"{answered} of {sent} answered")
                client.socket.recv_multipart()
                answered += 1
            client.close()
            return f"{sent} messages of chance, each answered"

        self.siege.under("frames of chance", attack)

    def test_17_does_not_read_its_answers(self):
        def attack():
            deaf = self.rig.client("asc")
            deaf.socket.rcvhwm = 1
            deaf.connect(self.siege.endpoint)
            for number in range(6000):
                try:
                    deaf.send("EVENT", b"[" * 1000)
                except zmq.Again:
                    wait_for(lambda: deaf.socket.poll(10, zmq.POLLOUT), "it takes more")
            deaf.close()
            return "6,000 bad events by one who reads no answer"

        self.siege.under("a peer that does not read", attack)

    def test_18_without_measure(self):
        """Good events, as many as go through, over eight connections of one key."""
        connections, each = 8, 400

        def attack():
            peers = [self.rig.client("asc") for _ in range(connections)]
            subject = next(iter(self.siege.publisher.dues))
            for number in range(each):
                for place, peer in enumerate(peers):
                    peer.send("EVENT", event("discussion.held", subject, source=ASC,
                                             identity=f"MUCH-{place}-{number}"))
            counts = {}
            for peer in peers:
                for _ in range(each):
                    answer = peer.receive()
                    self.assertIsNotNone(answer, counts)
                    counts[answer[0]] = counts.get(answer[0], 0) + 1
                peer.close()
            self.assertLessEqual(set(counts), {"ACK", "BUSY"})
            return f"{connections * each} events at once by one key: {counts}"

        self.siege.under("a publisher without measure", attack)

    def test_19_corrections_of_a_long_history(self):
        """What a correction is about is looked for in all that was said of a disagreement."""
        events, batch = 1500, 50

        def attack():
            client, subject = self.rig.client("asc"), next(iter(self.siege.publisher.dues))
            held = [event("discussion.held", subject, source=ASC, identity=f"LONG-{number}")
                    for number in range(events)]
            for first in range(0, events, batch):
                self.assertEqual(client.ask("BATCH", held[first:first + batch])[0], "ACK")
            began = time.monotonic()
            corrections = [event("correction", subject, {"supersedes": f"LONG-{number}",
                                                         "reason": "mistyped", "event": None},
                                 source=ASC) for number in range(batch)]
            self.assertEqual(client.ask("BATCH", corrections)[0], "ACK")
            took = time.monotonic() - began
            client.close()
            return (f"{events} events of one disagreement, and {batch} corrections of the oldest in "
                    f"one batch, in {took * 1000:.0f} ms")

        self.siege.under("corrections of a long history", attack)

    # the other doors

    def test_20_a_feed_that_says_anything(self):
        """Its key is known and pinned; what it says may still be anything."""
        def attack():
            self.feed.beat(0)
            for length in (200, 201, 246, 255, 256, 1000, 60000):
                self.feed.socket.send_multipart([b"con." + b"x" * (length - 4), b"CON1", b"{}"])
                self.feed.socket.send_multipart([b"hb." + b"x" * (length - 3), b"CON1", b"{}"])
            for body in (b"", b"[" * 60000, b"{", b"\xff" * 1000, b'{"source":"urn:x"}',
                         json.dumps({"source": ASC + "/\n", "seqepoch": self.feed.epoch,
                                     "last_sequence": 1}).encode()):
                for topic in (b"con.plcsab.x", b"hb.plcsab.x", b"hb.\0"):
                    self.feed.socket.send_multipart([topic, b"CON1", body])
            for _ in range(300):
                self.feed.socket.send_multipart(
                    [b"con." + os.urandom(20)] + [os.urandom(50)] * self.dice.randrange(5))
            self.feed.event(1, raised("D-FEED", identity="FEED"))
            wait_for(lambda: self.rig.ctl("show", "D-FEED", check=False).returncode == 0,
                     "a good event of the feed is still heard")
            return "overlong topics, broken heartbeats, 300 messages of chance: the next is heard"

        self.siege.under("a feed that says anything", attack)

    def test_22_a_feed_that_floods(self):
        """As many messages of 64 KiB as it can send, each to be parsed and refused."""
        body = b'{"a":"' + b"x" * 65000 + b'"}'

        def attack():
            sent, end = 0, time.monotonic() + 3
            while time.monotonic() < end:
                for _ in range(50):
                    self.feed.socket.send_multipart([b"con.plcsab.x", b"CON1", body])
                    sent += 1
            return f"{sent} messages of 64 KiB in three seconds"

        began = time.time()
        self.siege.under("a feed that floods", attack, acknowledged=20)
        stall, load = self.siege.watch.worst(began, time.time())
        self.assertLess(self.siege.slowest, 10 * load + stall, "the publisher was kept waiting")

    def test_21_the_control_socket(self):
        """Peers who fill its places: nonsense, long lines, silence.  The tool still gets through,
        and the daemon does not spin for those it cannot let in."""
        lines = (b"[" * 70000, b"{}\n" * 2000, b"\0" * 100, b"", b'{"command":"list"}\n' * 500)

        def used():
            fields = pathlib.Path(f"/proc/{self.siege.pid}/stat").read_text().rsplit(")")[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

        def spent():
            before, began = used(), time.monotonic()
            wait_for(lambda: time.monotonic() - began > 1.5, "a while passes")
            return used() - before

        def attack():
            usual = spent()
            for number in range(60):
                peer = socket.socket(socket.AF_UNIX)
                self.addCleanup(peer.close)
                peer.setblocking(False)
                try:
                    peer.connect(str(self.rig.folder / "run/control"))
                    peer.send(lines[number % 5] if number < 20 else b"")
                except OSError:
                    pass  # its queue is full, or we were cut off: both are fine
            began = time.monotonic()
            # The tool, which asks again while every place is taken.
            self.assertEqual(self.rig.rows("status")[0]["state"], "running")
            took = time.monotonic() - began
            # One that spins does so each time; how much else it had to do is not the same each time.
            now = min(spent(), spent(), spent())
            self.assertLess(now, usual + 0.4, "it spins")
            return (f"60 peers that speak nonsense or nothing: status answers after {took:.1f} s; "
                    f"{now:.2f} s of processor time in 1.5 s, {usual:.2f} s before")

        self.siege.under("the control socket", attack)


if __name__ == "__main__":
    unittest.main(verbosity=1)
