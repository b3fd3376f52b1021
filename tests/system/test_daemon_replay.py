"""test_daemon_replay.py - a case system that loses, repeats, reorders, forgets and lies, and the
real daemon that asks it for what is missing: every event is in the record, once.

CONCERN_LONG=1 runs the random case system for longer.
"""
import contextlib
import json
import os
import pathlib
import random
import sys
import threading
import unittest
import uuid

import zmq
import zmq.auth

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import ASC, Rig, event, raised, record_faults, wait_for  # noqa: E402

OPERATOR, BOARD_TEAM = "operator@board.example", "unit@board.example"
LONG = os.environ.get("CONCERN_LONG") == "1"


class CaseSystem:
    """Keeps what it published, by epoch and number, and answers REPLAY and SNAP."""

    def __init__(self, rig):
        self.feed = rig.feed()
        self.kept = {self.feed.epoch: {}}
        self.closed = set()  # subjects a snapshot does not tell of
        self.lie = None      # what to answer instead, as (command, body) or a function of the request
        self.asked = []
        self.before_answer = None  # a function that is called once a snapshot has been asked for
        self.lock = threading.Lock()
        self.socket = self.feed.context.socket(zmq.ROUTER)
        self.socket.curve_server = True
        self.socket.curve_publickey, self.socket.curve_secretkey = zmq.auth.load_certificate(
            rig.keys / "feed.key_secret")
        self.socket.linger = 0
        self.port = self.socket.bind_to_random_port("tcp://127.0.0.1")
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def close(self):
        self.over.set()
        self.thread.join()
        self.socket.close(0)

    @property
    def epoch(self):
        return self.feed.epoch

    @property
    def last(self):
        return max(self.kept[self.epoch], default=0)

    def publish(self, an_event, lost=False):
        """Keeps an event under the next number; sends it unless it is lost on the way."""
        with self.lock:
            number = self.last + 1
            self.kept[self.epoch][number] = dict(an_event, sequence=f"{number:020}",
                                                 seqepoch=self.epoch, source=ASC)
        if not lost:
            self.send(number)
        return number

    def send(self, number, epoch=None):
        self.feed.socket.send_multipart(
            [b"con.plcsab.x", b"CON1", json.dumps(self.kept[epoch or self.epoch][number]).encode()])

    def beat(self):
        self.feed.beat(self.last)

    def lose_counter(self):
        with self.lock:
            self.feed.epoch = str(uuid.uuid4())
            self.kept[self.feed.epoch] = {}

    def forget(self, before):
        """Its history begins with the number `before`."""
        with self.lock:
            for number in [n for n in self.kept[self.epoch] if n < before]:
                del self.kept[self.epoch][number]

    # answering

    def serve(self):
        while not self.over.is_set():
            if not self.socket.poll(50):
                continue
            peer, magic, command, correlation, body = self.socket.recv_multipart()
            request = json.loads(body)
            if command == b"SNAP" and self.before_answer:
                self.before_answer()
            with self.lock:
                self.asked.append((command.decode(), request))
                for word, said in self.answer(command, request):
                    said = said if isinstance(said, bytes) else json.dumps(said).encode()
                    self.socket.send_multipart([peer, magic, word, correlation, said])

    def answer(self, command, request):
        if self.lie:
            return self.lie(request) if callable(self.lie) else [self.lie]
        return self.snapshot() if command == b"SNAP" else self.replay(request)

    def replay(self, request):
        kept = self.kept.get(request["seqepoch"], {})
        first, last = int(request["from"]), int(request["to"])
        if not kept:
            return [(b"GONE", {"oldest": None})]
        if min(kept) > first:
            return [(b"GONE", {"oldest": f"{min(kept):020}"})]
        events = [kept[n] for n in range(first, last + 1) if n in kept][:request["max"]]
        return [(b"EVENT", one) for one in events] + [(b"END", {"count": len(events)})]

    def snapshot(self):
        """Of each open disagreement all its events, as they were published."""
        values = {}
        for epoch in self.kept.values():
            for _, one in sorted(epoch.items()):
                values.setdefault(one["subject"], []).append(one)
        for subject in list(self.extra):
            values.setdefault(subject, []).insert(0, self.extra[subject])
        told = [(b"BATCH", value) if len(value) > 1 else (b"EVENT", value[0])
                for subject, value in values.items() if subject not in self.closed]
        return told + [(b"SNAP", {"source": ASC, "seqepoch": self.epoch,
                                  "sequence": f"{self.last:020}", "values": len(told)})]

    extra = {}  # raises that are nowhere in the history any more, by subject


def raise_of(subject, identity=None):
    one = raised(subject, identity=identity or f"R-{subject}")
    one["source"] = ASC
    one["data"]["challenging"] = {"agency": "northtown-asc"}
    one["data"]["challenged"] = [{"agency": "northtown-housing"}]
    return one


def told_of(subject, identity=None):
    return event("complaint.raised", subject, source=ASC, identity=identity)


class ReplayTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        self.system = CaseSystem(self.rig)
        self.addCleanup(self.system.close)
        self.settings = {}

    def start(self, **settings):
        self.rig.write_settings(
            feeds=[self.rig.settings_of_feed(
                self.system.feed, replay_endpoint=f"tcp://127.0.0.1:{self.system.port}",
                **settings)],
            gap={"operator": "1 hour", "board": "2 hours"})
        self.restart()

    def restart(self):
        self.system.feed.forget_subscribers() if hasattr(self, "daemon") else None
        self.daemon = self.rig.start()
        self.system.feed.wait_for_subscriber()

    def feed_row(self):
        return self.rig.status()["feeds"][0]

    def state(self):
        return self.feed_row()["state"]

    def is_heard(self, row):
        """Whether the daemon knows of all that was published, come or missing.  A late event of a
        counter that it had never heard of looks like a new one; what is in use is a former one
        to it then."""
        if row["seqepoch"] == self.system.epoch:
            return row["last_sequence"] == f"{self.system.last:020}"
        with contextlib.closing(self.rig.store()) as store:
            return store.execute("SELECT 1 FROM former_epoch WHERE seqepoch = ? AND high = ?",
                                 (self.system.epoch, self.system.last)).fetchone()

    def wait_ready(self):
        """All that was published is kept: beats until it is known of, and nothing is missing."""
        def is_ready():
            self.system.beat()
            return any(row["gaps"]["open"] == 0 and row["snapshot_wanted"] is None
                       and row["state"] == "ready" and self.is_heard(row)
                       for row in self.rig.ask("sources"))
        wait_for(is_ready, "the feed is ready", pause=0.1)

    def stop(self):
        self.assertEqual(self.daemon.stop(), 0, self.daemon.said())
        store = self.rig.store()
        self.addCleanup(store.close)
        self.assertEqual(record_faults(store), [])
        return store

    def kept_events(self, store):
        """The ids of all events of the case system in the record, each as often as it is there."""
        rows = store.execute("SELECT payload FROM record_line JOIN record_payload USING (number) "
                             "WHERE type = 'event' ORDER BY number")
        return [json.loads(row[0])["event"]["id"] for row in rows]

    def gaps(self, store):
        return [tuple(row) for row in store.execute("SELECT first, last, how, state FROM gap")]

    def mails(self, to, subject):
        return [mail for mail in self.rig.mail.to(to) if subject in mail["subject"]]


class Replay(ReplayTest):
    def test_what_was_lost_is_asked_for(self):
        self.start()
        self.assertEqual(self.state(), "waiting")
        self.system.publish(raise_of("F-1"))
        for number in range(2, 31):
            self.system.publish(told_of("F-1", f"E-{number}"), lost=number % 3 == 0)
        self.wait_ready()
        store = self.stop()
        self.assertEqual(sorted(self.kept_events(store)),
                         sorted(["R-F-1"] + [f"E-{n}" for n in range(2, 31)]))
        self.assertTrue(all(row[3] == "filled" for row in self.gaps(store)))
        self.assertEqual(self.mails(OPERATOR, "missing"), [])
        # What had to be asked for is marked so in the record.
        flags = [json.loads(row[0])["flags"] for row in store.execute(
            "SELECT payload FROM record_line JOIN record_payload USING (number) "
            "WHERE type = 'event'")]
        self.assertEqual(sum(flag & 8 == 8 for flag in flags), 10)

    def test_a_lost_raise_before_what_it_raised(self):
        """The event that came is refused, for nobody raised its disagreement; then both are had."""
        self.start()
        self.system.beat()
        wait_for(lambda: self.feed_row()["last_heard"], "it is heard")
        self.system.publish(raise_of("F-1"), lost=True)
        self.system.publish(told_of("F-1", "E-2"))
        self.daemon.wait_said("CODE=404.1")
        self.wait_ready()
        self.assertEqual(self.kept_events(self.stop()), ["R-F-1", "E-2"])

    def test_what_is_published_while_a_snapshot_is_on_its_way(self):
        """The snapshot brings it, and nobody asks for it a second time."""
        def publish():
            self.system.before_answer = None
            self.system.publish(raise_of("F-1"), lost=True)
            self.system.publish(told_of("F-1", "E-2"), lost=True)
        self.system.before_answer = publish
        self.start()
        self.system.beat()
        wait_for(lambda: self.rig.status()["events"] == 2, "the snapshot is taken")
        self.wait_ready()
        store = self.stop()
        self.assertEqual(self.kept_events(store), ["R-F-1", "E-2"])
        self.assertEqual(self.gaps(store), [])

    def test_what_a_snapshot_of_a_new_counter_brought_is_repeated(self):
        """It is asked for, for the snapshot is the first to tell of the counter; comes again, and
        is missing no more."""
        def publish():
            self.system.before_answer = None
            self.system.lose_counter()
            self.system.publish(raise_of("F-1"), lost=True)
            self.system.publish(told_of("F-1", "E-2"), lost=True)
        self.system.before_answer = publish
        self.start()
        self.system.beat()
        wait_for(lambda: self.rig.status()["events"] == 2, "the snapshot is taken")
        self.wait_ready()
        store = self.stop()
        self.assertEqual(self.kept_events(store), ["R-F-1", "E-2"])
        self.assertEqual([row[3] for row in self.gaps(store)], ["filled"])

    def test_slow_joiner_and_a_tail_lost_while_down(self):
        self.start()
        self.system.publish(raise_of("F-1"))
        self.wait_ready()
        self.daemon.kill()
        for number in range(2, 7):
            self.system.publish(told_of("F-1", f"E-{number}"))
        self.restart()
        self.assertEqual(self.state(), "waiting")
        self.wait_ready()
        self.assertEqual(self.kept_events(self.stop()), ["R-F-1"] + [f"E-{n}" for n in range(2, 7)])

    def test_killed_while_it_is_asked_for(self):
        self.start()
        self.system.publish(raise_of("F-1"))
        self.wait_ready()
        for number in range(2, 403):  # two requests and a bit
            self.system.publish(told_of("F-1", f"E-{number}"), lost=True)
        self.system.beat()
        wait_for(lambda: self.rig.status()["events"] > 20, "some have come", pause=0.001)
        self.daemon.kill()
        self.restart()
        self.wait_ready()
        store = self.stop()
        self.assertEqual(sorted(self.kept_events(store)),
                         sorted(["R-F-1"] + [f"E-{n}" for n in range(2, 403)]))
        self.assertLessEqual(max(r["max"] for c, r in self.system.asked if c == "REPLAY"), 1000)

    def test_first_contact_brings_everything_that_is_open(self):
        self.system.publish(raise_of("F-1"))
        self.system.publish(raise_of("F-2"))
        self.system.publish(told_of("F-2", "E-3"))
        self.system.closed.add("F-1")
        self.start()
        self.wait_ready()
        self.assertEqual([row["reference"] for row in self.rig.rows("list")], ["F-2"])
        self.assertEqual(self.kept_events(self.stop()), ["R-F-2", "E-3"])


class Gone(ReplayTest):
    def test_what_is_gone_is_told_at_once_and_a_snapshot_taken(self):
        self.start()
        self.system.publish(raise_of("F-1"))
        self.wait_ready()
        self.system.publish(raise_of("F-2"), lost=True)
        self.system.publish(told_of("F-2", "E-3"), lost=True)
        self.system.publish(told_of("F-1", "E-4"), lost=True)
        self.system.forget(before=4)
        self.system.extra = {"F-2": raise_of("F-2", "SNAP-2")}
        self.wait_ready()
        self.assertEqual({row["reference"] for row in self.rig.rows("list")}, {"F-1", "F-2"})
        board = wait_for(lambda: self.mails(BOARD_TEAM, "missing"), "the board's team is told")
        text = board[0].get_body(("plain",)).get_content()
        self.assertIn("2 events of the case system", " ".join(text.split()))
        wait_for(lambda: self.mails(OPERATOR, "lost"), "the operator is told")
        self.assertEqual(len(board), 1)
        store = self.stop()
        self.assertEqual(sorted(self.kept_events(store)), ["E-4", "R-F-1", "SNAP-2"])
        self.assertEqual(sorted(self.gaps(store)), [(2, 3, "heartbeat", "gone"),
                                                    (4, 4, "heartbeat", "filled")])
        types = [row[0] for row in store.execute("SELECT type FROM record_line")]
        self.assertEqual((types.count("gap gone"), types.count("snapshot")), (1, 2))

    def test_a_counter_lost(self):
        self.start()
        self.system.publish(raise_of("F-1"))
        self.wait_ready()
        self.system.publish(told_of("F-1", "E-2"), lost=True)
        self.system.lose_counter()
        self.system.publish(raise_of("F-2"), lost=True)
        self.system.publish(told_of("F-2", "E-4"))
        self.wait_ready()
        wait_for(lambda: self.mails(OPERATOR, "counts anew"), "the operator is told")
        self.assertEqual(sorted(self.kept_events(self.stop())), ["E-2", "E-4", "R-F-1", "R-F-2"])

    def test_killed_before_the_snapshot(self):
        """That one is wanted is on disk."""
        self.system.publish(raise_of("F-1"))
        self.system.lie = (b"NACK", {"code": "503.1", "reason": "later"})
        self.start()
        self.system.beat()
        wait_for(lambda: self.system.asked, "it is asked")
        self.daemon.kill()
        self.system.lie = None
        self.restart()
        self.wait_ready()
        self.assertEqual(self.kept_events(self.stop()), ["R-F-1"])

    def test_a_replayed_event_that_is_refused_for_good(self):
        self.start()
        self.system.publish(raise_of("F-1"))
        self.wait_ready()
        self.system.publish(event("risk.changed", "F-1", {"risk": "terrible"}, source=ASC),
                            lost=True)
        self.system.publish(told_of("F-1", "E-3"), lost=True)
        self.wait_ready()
        wait_for(lambda: self.mails(OPERATOR, "refused"), "the operator is told")
        store = self.stop()
        self.assertEqual(self.kept_events(store), ["R-F-1", "E-3"])
        self.assertEqual(sorted(self.gaps(store)), [(2, 2, "heartbeat", "gone"),
                                                    (3, 3, "heartbeat", "filled")])


class Lies(ReplayTest):
    def lied_to(self, lie, refused=1):
        self.start()
        self.system.publish(raise_of("F-1"))
        self.wait_ready()
        self.system.lie = lie
        self.system.publish(told_of("F-1", "E-2"), lost=True)
        self.system.beat()
        wait_for(lambda: self.feed_row()["replay"]["refused"] >= refused, "it is refused")
        self.assertEqual(self.state(), "catching up")
        self.assertEqual(self.rig.status()["events"], 1)
        self.system.lie = None
        self.wait_ready()
        self.assertEqual(self.kept_events(self.stop()), ["R-F-1", "E-2"])

    def one_of(self, request, **changes):
        one = dict(told_of("F-1", "LIE"), sequence=request["from"], seqepoch=request["seqepoch"])
        return dict(one, **changes)

    def test_another_source(self):
        self.lied_to(lambda request: [(b"EVENT", self.one_of(request, source="urn:other"))])

    def test_a_number_nobody_asked_for(self):
        self.lied_to(lambda request: [(b"EVENT", self.one_of(request, sequence=f"{77:020}"))])

    def test_garbage(self):
        self.lied_to((b"EVENT", b"\x00\xff{"))

    def test_a_wrong_end(self):
        self.lied_to((b"END", {"count": 5}))

    def test_endless_events(self):
        """It floods for as long as the connection lives; memory and record do not grow."""
        self.lied_to(lambda request: [(b"EVENT", self.one_of(request, sequence=f"{77:020}"))] * 500)

    def test_nothing_at_all_keeps_nobody_waiting(self):
        """An endpoint that does not answer: the feed itself and deadlines go on."""
        self.start()
        self.system.publish(raise_of("F-1"))
        self.wait_ready()
        self.system.lie = lambda request: []
        self.system.publish(told_of("F-1", "E-2"), lost=True)
        for number in range(3, 6):
            self.system.publish(told_of("F-1", f"E-{number}"))
        wait_for(lambda: self.rig.status()["events"] == 4, "the others are kept", patience=10)
        self.assertEqual(self.kept_events(self.stop()), ["R-F-1", "E-3", "E-4", "E-5"])


class AtRandom(ReplayTest):
    """Drops, repeats, swaps, forgets its counter, goes silent; the daemon is killed in between."""

    def play(self, seed, steps):
        chance = random.Random(seed)
        subjects, held, expected = [], [], set()

        def next_event(number):
            if not subjects or chance.random() < 0.2:
                subjects.append(f"F-{number}")
                return raise_of(subjects[-1])
            return told_of(chance.choice(subjects), f"E-{number}")

        for number in range(steps):
            one = next_event(number)
            expected.add(one["id"])
            luck = chance.random()
            place = (self.system.epoch, self.system.publish(one, lost=luck < 0.5))
            if luck < 0.2:
                held.append(place)  # comes late
            if held and chance.random() < 0.3:
                epoch, late = held.pop(chance.randrange(len(held)))
                self.system.send(late, epoch)
            if chance.random() < 0.1:
                self.system.send(self.system.last)  # again
            if chance.random() < 0.1:
                self.system.beat()
            if chance.random() < 0.04:
                self.system.lose_counter()
            if chance.random() < 0.04:
                self.daemon.kill()
                self.restart()
        if not self.system.kept[self.system.epoch]:
            expected.add(self.next_of_new_epoch())
        self.wait_ready()
        return expected

    def next_of_new_epoch(self):
        one = raise_of("F-LAST")
        self.system.publish(one)
        return one["id"]

    def test_every_event_is_kept_once(self):
        seed = int(os.environ.get("CONCERN_SEED", random.randrange(1 << 30)))
        with self.subTest(seed=seed):
            self.start()
            expected = self.play(seed, 600 if LONG else 60)
            store = self.stop()
            kept = self.kept_events(store)
            self.assertEqual(len(kept), len(set(kept)))
            self.assertEqual(set(kept), expected)


if __name__ == "__main__":
    unittest.main(verbosity=1)
