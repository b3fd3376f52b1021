"""test_kill.py - the daemon is killed mid-load again and again; nothing is lost, nothing doubled.

A publisher with up to 64 events in flight over CURVE sends again what was not acknowledged;
the daemon is killed (SIGKILL) at a random instant, sometimes before it is ready, and started
again on the same state; half of the cycles run on a time-lapse clock, where deadlines pass
and deliveries go out meanwhile, by mail, by webhook, and as mail and text messages by GOV.UK
Notify.  At the end the store, and all that mail server, webhook receiver and Notify took, are
compared with what the publisher knows.

CONCERN_LONG=1000 makes a thousand cycles of each; CONCERN_SEED=n repeats a run's choices.
"""
import collections
import datetime
import email
import email.policy
import json
import os
import pathlib
import random
import re
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import HOUSING, Client, Rig, event, raised, record_faults, told_of  # noqa: E402
from notify_service import PHONE, WHERE, Service  # noqa: E402
from ports import held_port  # noqa: E402

CYCLES = int(os.environ.get("CONCERN_LONG", "105"))  # of each of the two
SEED = int(os.environ.get("CONCERN_SEED", str(time.time_ns() % 1000000)))
WINDOW = 64
EPOCH = "8d6a4c1e-0f5b-4b57-9a39-5e4f6f5c2b10"
BY = {"by": {"agency": "northtown-housing"}}
# Who is told by GOV.UK Notify: as a mail at every raise, as a text message at the second stage.
BY_NOTIFY = {"asc-manager": "notify-email:asc-manager@asc.northtown.example",
             "housing-head": f"notify-text:{PHONE}"}


class Publisher:
    """A case system that keeps every event until it is acknowledged."""

    def __init__(self, rig, endpoint, dice):
        self.rig, self.endpoint, self.dice = rig, endpoint, dice
        self.pending = collections.OrderedDict()  # id: bytes
        self.kept = {}     # id: the number of its line in the record
        self.quiet = []    # disagreements that were raised and left alone
        self.open = []
        self.may_move_up = {}  # disagreement: how often a stage of it may be left unresolved
        self.number = 0
        self.repeated = 0
        self.client = None
        self.clock_lapses = False
        self.raises = 0.1

    def make(self, now):
        """One more event, and keeps it."""
        self.number += 1
        identity = f"E-{self.number}"
        if not self.open or self.dice.random() < self.raises:
            subject = f"D-{self.number}"
            (self.quiet if self.dice.random() < 0.5 else self.open).append(subject)
            self.may_move_up[subject] = 0 if self.clock_lapses else 2
            made = raised(subject, identity=identity, time=now)
        else:
            kind = self.dice.choices(["discussion.held", "learning.identified", "risk.changed",
                                      "stage.unresolved"], [70, 20, 5, 5])[0]
            subject = self.dice.choice(self.open)
            if kind == "stage.unresolved":
                self.may_move_up[subject] -= 1
                if self.may_move_up[subject] < 0:
                    kind = "discussion.held"
            data = dict(BY, risk="life_threatening") if kind == "risk.changed" else BY
            made = event(kind, subject, data, identity=identity, time=now)
        made.update(sequence=f"{self.number:020}", seqepoch=EPOCH)
        self.pending[identity] = json.dumps(made).encode()
        return identity

    def connect(self, now=None):
        """Anew, as after a crash: all that is not acknowledged goes out again, in order."""
        while len(self.pending) < WINDOW and now:
            self.make(now)
        if self.client:
            self.client.close()
        self.client = Client(self.endpoint, self.rig.public_key("server").encode(),
                             self.rig.keys / "housing.key_secret")
        for body in self.pending.values():
            self.client.send("EVENT", body)

    def take_answers(self, patience):
        answer = self.client.receive(patience)
        while answer:
            command, _, said = answer
            assert command == "ACK", answer
            identity = said["id"]
            assert said["committed"], said
            assert self.kept.setdefault(identity, said["record"]) == said["record"], said
            self.repeated += said["duplicate"]
            self.pending.pop(identity, None)
            answer = self.client.receive(0)

    def publish_until(self, end, now):
        while time.monotonic() < end:
            while len(self.pending) < WINDOW and self.dice.random() < 0.9:
                self.client.send("EVENT", self.pending[self.make(now)])
            self.take_answers(min(0.01, max(0, end - time.monotonic())))

    def finish(self):
        end = time.monotonic() + 60
        while self.pending:
            assert time.monotonic() < end, f"{len(self.pending)} events are not acknowledged"
            self.connect()
            again = time.monotonic() + 5  # as the protocol asks of a publisher
            while self.pending and time.monotonic() < again:
                self.take_answers(0.1)


class KillTest(unittest.TestCase):
    def setUp(self):
        self.dice = random.Random(SEED)
        self.rig = Rig(webhook=True)
        self.addCleanup(self.rig.close)
        self.service = Service(self.rig.folder)
        self.addCleanup(self.service.close)
        self.service.in_order = True
        self.route_by_notify()
        endpoint = f"tcp://127.0.0.1:{held_port()}"
        self.rig.write_settings(listen=endpoint)
        self.publisher = Publisher(self.rig, endpoint, self.dice)
        self.addCleanup(lambda: self.publisher.client.close())
        self.early = 0

    def route_by_notify(self):
        path = self.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        for person, route in BY_NOTIFY.items():
            directory["people"][person]["routes"] = [route]
        directory["endpoints"]["notify"] = self.service.connect(self.rig)["notify"]
        path.write_text(json.dumps(directory, indent=1))

    def cycle(self, now, *arguments):
        self.rig.manager.forget()
        daemon = self.rig.daemon(*arguments)
        # The connection is there before the daemon is: it takes all its load at once.
        self.publisher.connect(now)
        if self.dice.random() < 0.8:
            daemon.wait_ready()
            life = self.dice.uniform(0, 0.3)
        else:
            life = self.dice.uniform(0, 0.1)
        self.publisher.publish_until(time.monotonic() + life, now)
        self.assertTrue(daemon.alive(), daemon.said())
        self.early += "is ready" not in daemon.said()
        daemon.kill()
        self.publisher.take_answers(0)  # what had come before it was killed
        self.assertNotIn("Sanitizer", daemon.said())
        # Where a line begins: a key that is told may have these letters in it.
        self.assertEqual([line for line in daemon.said().splitlines() if line.startswith("<3>")], [],
                         "an error")

    def finish(self, *arguments):
        """All events in, all deliveries out, and a clean stop."""
        daemon = self.rig.start(*arguments)
        self.publisher.finish()
        # A flood to one person waits for its half minute, and a mail that was cut off is tried again
        # after another.
        try:
            self.rig.wait_delivered()
        except AssertionError as error:
            raise AssertionError(f"{error}; left: {self.left()}") from None
        self.assertEqual(daemon.stop(), 0, daemon.said())

    def left(self):
        store = self.rig.store()
        self.addCleanup(store.close)
        return [dict(row) for row in store.execute(
            "SELECT key, route, state, attempts, at_us, next_try_us FROM outbox "
            "WHERE state = 'queued' ORDER BY number LIMIT 10")]

    # what must be true at the end

    def check_events(self, store):
        kept = {row["id"]: row["record"] for row in store.execute(
            "SELECT id, record FROM event WHERE source = ?", (HOUSING,))}
        self.assertEqual(kept, self.publisher.kept, "acknowledged, and in the store")
        self.assertEqual(len(kept), self.publisher.number, "every event there was")
        lines = collections.Counter()
        for number, payload in store.execute(
                "SELECT number, payload FROM record_line JOIN record_payload USING (number) "
                "WHERE type = 'event'"):
            identity = json.loads(payload)["event"]["id"]
            lines[identity] += 1
            self.assertEqual(number, kept[identity])
        self.assertEqual(set(lines.values()), {1}, "each event once in the record")
        self.assertEqual(set(lines), set(kept))
        self.assertEqual(store.execute("SELECT count(*) FROM gap").fetchone()[0], 0)
        self.assertEqual(record_faults(store), [])

    def check_outbox(self, store):
        rows = store.execute("SELECT * FROM outbox").fetchall()
        keys = collections.Counter((row["disagreement"], row["key"]) for row in rows)
        self.assertEqual(set(keys.values()), {1}, "one row for each notification key")
        self.assertLessEqual({row["state"] for row in rows}, {"accepted", "gathered"})
        self.check_gathered(store)
        told = store.execute("SELECT count(*) FROM record_line WHERE type = 'notification'")
        people = [row for row in rows
                  if row["route"] != "webhook" and not row["key"].startswith("digest:")]
        self.assertEqual(told.fetchone()[0], len(people), "a row for each that was decided")
        return rows

    def check_gathered(self, store):
        """Of many at once each is in the list of one message, which has arrived."""
        lists = {}
        for number, route, content, reference, state in store.execute(
                "SELECT d.number, d.route, d.bytes, g.reference, d.state FROM outbox o "
                "LEFT JOIN gathering w ON w.outbox = o.number "
                "LEFT JOIN outbox d ON d.number = w.digest "
                "JOIN disagreement g ON g.number = o.disagreement WHERE o.state = 'gathered'"):
            self.assertEqual(state, "accepted", reference)
            lists.setdefault(number, (route, content, []))[2].append(reference)
        for route, content, references in lists.values():
            self.assertEqual(self.listed(route, content, references), sorted(references))

    @staticmethod
    def listed(route, content, references):
        if route == "email":
            return sorted(told_of([email.message_from_bytes(content, policy=email.policy.default)]))
        text = json.loads(content)["personalisation"]["text"]
        if route == "notify-email":
            return sorted(line.split()[1] for line in text.splitlines() if line.startswith("- "))
        # A text message names each reference once, however often it is told of.
        named = re.findall(r"\bD-\d+\b", text)
        return sorted(references) if sorted(named) == sorted(set(references)) else named

    def check_deliveries(self, rows):
        """What arrived is what is in the store, under its stable id, and nothing else."""
        posted = {row["id"]: row["bytes"] for row in rows if row["route"] == "webhook"}
        mailed = {email.message_from_bytes(row["bytes"])["message-id"]: row["bytes"]
                  for row in rows if row["route"] == "email" and row["state"] == "accepted"}
        arrived = collections.Counter()
        for _, content in self.rig.mail.taken:
            identity = email.message_from_bytes(content)["message-id"]
            self.assertEqual(content, mailed[identity].replace(b"\r\n", b"\n").replace(
                b"\n", b"\r\n"), identity)
            arrived[identity] += 1
        for identity, body in self.rig.receiver.taken:
            self.assertEqual(body, posted[identity], identity)
            arrived[identity] += 1
        self.assertEqual(set(arrived), set(mailed) | set(posted), "each row has arrived")
        self.assertEqual(self.rig.receiver.wrong, 0, "a signature was wrong")
        self.check_notify(rows)
        return sum(arrived.values()) - len(arrived)

    def check_notify(self, rows):
        """Notify tells no repetitions, and has each message once: it was asked before."""
        kept = {row["id"]: (row["route"], json.loads(row["bytes"])) for row in rows
                if row["route"].startswith("notify-") and row["state"] == "accepted"}
        taken = collections.Counter(message["reference"] for _, message in self.service.sent)
        self.assertEqual([name for name, times in taken.items() if times > 1], [], "sent twice")
        self.assertEqual(set(taken), set(kept), "each row has arrived")
        for kind, message in self.service.sent:
            self.assertEqual((f"notify-{'text' if kind == 'sms' else 'email'}", message),
                             kept[message["reference"]])
        self.assertEqual({kind for kind, _ in self.service.sent}, set(WHERE))
        self.assertEqual(self.service.wrong, [])

    def check_quiet_ones(self, store):
        """Both line managers and the case system are told of a raise: once each."""
        for reference in self.publisher.quiet:
            rows = store.execute("SELECT o.person FROM outbox o JOIN disagreement d "
                                 "ON o.disagreement = d.number WHERE d.reference = ?",
                                 (reference,)).fetchall()
            self.assertEqual(sorted(row[0] for row in rows),
                             ["asc-manager", "housing-manager", "system:housing-system"],
                             reference)

    def check_all(self):
        store = self.rig.store()
        self.addCleanup(store.close)
        self.check_events(store)
        rows = self.check_outbox(store)
        twice = self.check_deliveries(rows)
        print(f"\n  seed {SEED}: killed {CYCLES} times, {self.early} before it was ready; "
              f"{self.publisher.number} events, {self.publisher.repeated} acknowledged as "
              f"repeated; {len(rows)} notifications, {twice} arrived once more; "
              f"{len(self.service.sent)} by Notify, which was asked {len(self.service.asked)} times")
        return store

    def test_real_clock(self):
        for _ in range(CYCLES):
            now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            self.cycle(now)
        self.finish()
        self.check_quiet_ones(self.check_all())

    def test_while_deadlines_pass(self):
        self.publisher.clock_lapses = True
        # No mail server is as fast as this clock.
        self.rig.write_settings(escalate={what: "365 days" for what in ("after", "urgent", "told")})
        self.publisher.raises = 0.02  # each goes on to be chased for
        at = datetime.datetime(2026, 12, 18, 16, 59)
        for _ in range(CYCLES):
            now = at.strftime("%Y-%m-%dT%H:%M:%SZ")
            self.cycle(now, "--clock", f"{now}x100000")
            at += datetime.timedelta(seconds=self.dice.randrange(12 * 3600))
        # Far enough for whatever was raised last to have passed its three stages, in one go.
        at += datetime.timedelta(days=30)
        self.finish("--clock", at.strftime("%Y-%m-%dT%H:%M:%SZ"))
        store = self.check_all()
        passed = collections.Counter(
            (reference, json.loads(payload)["deadline"], json.loads(payload)["due"])
            for reference, payload in store.execute(
                "SELECT reference, payload FROM record_line JOIN record_payload USING (number) "
                "WHERE type = 'passed'"))
        self.assertEqual(set(passed.values()), {1}, "a deadline passed twice")
        whole = {reference for reference, deadline, _ in passed if deadline == "overall"}
        self.assertEqual(whole, set(self.publisher.quiet + self.publisher.open),
                         "the fifteen days of each disagreement have passed")


if __name__ == "__main__":
    unittest.main(verbosity=1)
