"""test_daemon_order.py - events that overtake others, and keys that crowd others, over real sockets."""
import json
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import ASC, HOUSING, Rig, event, raised, record_faults, wait_for  # noqa: E402

BY = {"by": {"agency": "northtown-housing"}}
BY_ASC = {"by": {"agency": "northtown-asc"}}
EPOCH = "8d6a4c1e-0f5b-4b57-9a39-5e4f6f5c2b10"


def numbered(number, kind, data=None, **members):
    return event(kind, "D-1", dict(BY, **(data or {})), identity=f"E-{number}", seqepoch=EPOCH,
                 sequence=f"{number:020}", **members)


class OrderTest(unittest.TestCase):
    settings = {}

    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        self.rig.write_settings(**self.settings)
        self.daemon = self.rig.start()
        self.client = self.rig.client()
        self.client.publish(raised("D-1", identity="E-1", seqepoch=EPOCH, sequence=f"{1:020}"))

    def again(self, end):
        """The daemon ends, and another one begins."""
        end()
        self.daemon = self.rig.start()
        self.client.connect(self.rig.status()["endpoint"])


class Overtaken(OrderTest):
    HOLD = {"reason": "invented", "until": "2098-01-01T00:00:00Z"}

    def shown(self):
        return self.rig.rows("show", "D-1")[0]

    def is_parked(self, number):
        command, answer = self.client.ask("STAT", {"source": HOUSING, "id": f"E-{number}"})
        self.assertEqual((command, answer["committed"]), ("ACK", True))
        return answer["parked"]

    def test_waits_over_a_stop_and_a_kill(self):
        hold = numbered(3, "hold", self.HOLD)
        answer = self.client.publish(hold)
        self.assertTrue(answer["parked"])
        self.assertEqual(answer["disagreement_state"], "open")
        for end in (self.daemon.stop, None):
            self.again(end or self.daemon.kill)
            self.assertTrue(self.is_parked(3))
            shown = self.shown()
            self.assertFalse(shown["held"])
            self.assertEqual([one["id"] for one in shown["parked"]], ["E-3"])
        self.assertIn("waits         event E-3 of " + HOUSING, self.rig.ctl("show", "D-1").stdout)
        self.assertIn("hold, waits for what is missing", self.rig.ctl("history", "D-1").stdout)
        again = self.client.publish(hold)
        self.assertTrue(again["duplicate"] and again["parked"])
        # What was missing comes: in the same turn it is held.
        self.assertFalse(self.client.publish(numbered(2, "discussion.held"))["parked"])
        self.assertFalse(self.is_parked(3))
        self.assertTrue(self.shown()["held"])
        self.assertEqual(self.shown()["parked"], [])
        self.assertIn("taken_up", self.rig.ctl("history", "D-1").stdout)
        self.assertEqual(self.daemon.stop(), 0, self.daemon.said())
        with self.rig.store() as store:
            self.assertEqual(record_faults(store), [])

    def test_risk_does_not_wait(self):
        self.assertFalse(self.client.publish(numbered(9, "risk.changed",
                                                      {"risk": "immediate"}))["parked"])
        self.assertEqual(self.shown()["facts"]["risk"], "immediate")
        self.assertTrue(self.client.publish(numbered(10, "withdrawn", {"reason": "r"}))["parked"])
        self.assertEqual(self.shown()["state"], "open")

    def test_in_a_batch(self):
        command, answer = self.client.ask("BATCH", [numbered(3, "hold", self.HOLD),
                                                    numbered(4, "release", {"reason": "r"}),
                                                    numbered(2, "discussion.held")])
        self.assertEqual(command, "ACK", answer)
        self.assertEqual([ack["parked"] for ack in answer["acks"]], [True, True, False])
        self.assertFalse(self.shown()["held"])
        self.assertEqual(self.shown()["parked"], [])
        kinds = [row["type"] for row in self.rig.rows("history", "D-1")]
        self.assertEqual(kinds.count("taken_up"), 2)

    def test_refused_in_the_end_is_told(self):
        self.client.publish(numbered(3, "withdrawn", {"reason": "invented"}))
        self.client.publish(numbered(2, "withdrawn", {"reason": "invented"}))
        mail = wait_for(lambda: [mail for mail in self.rig.mail.to("operator@board.example")
                                 if "refused late" in mail["subject"]], "the operator is told")
        self.assertIn("Event 3 of", mail[0].get_body(("plain",)).get_content())
        self.assertEqual(self.shown()["state"], "withdrawn")
        counts = {row["code"]: row["count"] for row in self.rig.status()["refusals"]}
        self.assertEqual(counts, {"422.1": 1})


class Crowded(OrderTest):
    SENDERS, EACH = 4, 600
    settings = {"turn": {"events": 1000, "longest": "1000 ms"}}  # long turns, or they find no crowd

    def test_a_flood_delays_nobody_and_loses_nothing(self):
        """One key floods over four connections; another's single events are answered all the same,
        what they bring about comes about, and each message of the flood has an answer."""
        crowd = [self.rig.client("asc") for _ in range(self.SENDERS)]
        for client in crowd:
            client.ask("PING", {})
        told, floods, took, slowest, number = [], 0, 0, 0, 0

        def pump(client, answers):
            while (answer := client.receive(0)) is not None:
                answers[answer[1]] = answer[0]

        # Until more than a window waited at once: where the sender is the slower one, none does.
        while "BUSY" not in told and floods < 10:
            floods += 1
            answers = {client: {} for client in crowd}
            whole = [json.dumps(event("complaint.raised", "D-1", BY_ASC, source=ASC)).encode()
                     for _ in range(self.SENDERS * self.EACH)]
            start = time.monotonic()
            for place, one in enumerate(whole):
                crowd[place % self.SENDERS].send("EVENT", one)
            while sum(map(len, answers.values())) < len(whole):
                began = time.monotonic()
                number += 1
                self.client.publish(raised(f"D-C{number}", time="2026-01-05T09:00:00Z"))
                slowest = max(slowest, time.monotonic() - began)
                for client in crowd:
                    pump(client, answers[client])
            took = max(took, time.monotonic() - start)
            told += [command for said in answers.values() for command in said.values()]
        self.assertEqual(set(told), {"ACK", "BUSY"})
        self.assertEqual(len(told), floods * self.SENDERS * self.EACH)
        self.assertGreater(number, floods)
        self.assertLess(slowest, max(5, took / 2))
        # The limit of the back-dated raise was over: it passed, and the next in line was told.
        wait_for(lambda: [mail for mail in self.rig.mail.to("asc-head@asc.northtown.example")
                          if "D-C1 " in mail["subject"] + " "], "the limit passed")
        counts = {row["code"]: row["count"] for row in self.rig.status()["refusals"]}
        self.assertEqual(counts, {"429.1": told.count("BUSY")})

    def test_a_window_is_not_put_off(self):
        for _ in range(3):
            wanted = {self.client.send("EVENT", event("complaint.raised", "D-1", BY))
                      for _ in range(64)}
            while wanted:
                command, correlation, answer = self.client.receive()
                self.assertEqual(command, "ACK", answer)
                wanted.discard(correlation)


if __name__ == "__main__":
    unittest.main(verbosity=1)
