"""test_daemon_batch.py - batches over the real socket: whole or not at all, also when it is killed."""
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import ASC, HOUSING, Rig, event, raised, record_faults, told_of  # noqa: E402

BY = {"by": {"agency": "northtown-housing"}}
EPOCH = "8d6a4c1e-0f5b-4b57-9a39-5e4f6f5c2b10"


class BatchTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        self.daemon = self.rig.start()
        self.client = self.rig.client()
        self.client.publish(raised("D-1", identity="E-1"))

    def ask(self, body):
        """Of a daemon that has ended nobody waits for an answer."""
        wanted = self.client.send("BATCH", body)
        while True:
            answer = self.client.receive(1)
            if answer and answer[1] == wanted:
                return answer[0], answer[2]
            if not self.daemon.alive():
                raise AssertionError(self.daemon.said())

    def kept(self):
        """The ids that are in the store; the daemon has ended."""
        with self.rig.store() as store:
            self.assertEqual(record_faults(store), [])
            return {row[0] for row in store.execute("SELECT id FROM event")}


class Whole(BatchTest):
    def test_fifty_events_are_one_answer(self):
        whole = [raised(f"D-B{number}", identity=f"B-{number}", seqepoch=EPOCH,
                        sequence=f"{number + 1:020}") for number in range(50)]
        command, answer = self.ask(whole)
        self.assertEqual(command, "ACK", answer)
        acks = answer["acks"]
        self.assertEqual([ack["id"] for ack in acks], [f"B-{number}" for number in range(50)])
        self.assertEqual({(ack["committed"], ack["duplicate"]) for ack in acks}, {(True, False)})
        self.assertEqual(self.client.ask("LAST", {"source": HOUSING})[1]["sequence"], f"{50:020}")
        # The answer was lost: the same again acts once.
        again = self.ask(whole)[1]["acks"]
        self.assertEqual({ack["duplicate"] for ack in again}, {True})
        self.assertEqual([ack["record"] for ack in again], [ack["record"] for ack in acks])
        self.rig.wait_delivered()
        told = told_of(self.rig.mail.to("asc-manager@asc.northtown.example"))
        self.assertEqual(sorted(set(told) - {"D-1"}), sorted(f"D-B{number}" for number in range(50)))
        self.assertEqual(len(told), 51)

    def test_one_refused_refuses_all(self):
        rows = {"400.3": event("acknowledged", "D-1", BY, specversion="2.0"),
                "400.4": event("hold", "D-1", BY),
                "403.1": event("acknowledged", "D-1", source=ASC),
                "403.4": event("acknowledged", "D-1", {"by": {"agency": "northtown-asc"}}),
                "404.1": event("acknowledged", "D-NONE", BY),
                "409.1": raised("D-2", identity="E-1"),
                "422.1": event("release", "D-1", dict(BY, reason="r"))}
        for code, bad in rows.items():
            for place in (0, 1, 2):
                with self.subTest(code, place=place):
                    whole = [raised("D-2", identity="B-1"), raised("D-3", identity="B-2")]
                    whole.insert(place, bad)
                    command, answer = self.ask(whole)
                    self.assertEqual((command, answer["code"]), ("NACK", code))
                    self.assertEqual(answer["id"], bad["id"])
                    self.assertEqual(answer["source"], bad["source"])
        self.assertEqual(self.ask([raised("D-2", identity="B-1")])[0], "ACK")
        self.assertEqual(self.daemon.stop(), 0, self.daemon.said())
        self.assertEqual(self.kept(), {"E-1", "B-1"})

    def test_what_is_no_batch(self):
        one = json.dumps(raised("D-2")).encode()
        rows = [(b"", "400.2"), (b"[]", "400.2"), (b"{}", "400.2"), (one, "400.2"),
                (b"[" + one, "400.2"), (b"[1]", "400.2"), (b"[null]", "400.2"),
                (b"[" + one + b"]x", "400.2"), (b"[" + b",".join([b"{}"] * 51) + b"]", "400.2"),
                (b"[[" + one + b"]]", "400.2"), (b"[" + b" " * 65_536, "413.1")]
        for body, code in rows:
            with self.subTest(body[:40]):
                command, answer = self.ask(body)
                self.assertEqual((command, answer["code"]), ("NACK", code))

    def test_rate_puts_the_whole_batch_off(self):
        keyring = self.rig.folder / "keyring.yaml"
        whole = json.loads(keyring.read_text())
        whole["keys"][0].update(rate=1, burst=10)
        keyring.write_text(json.dumps(whole))
        self.daemon.signal(1)
        self.rig.manager.hear("READY=1")
        def batch(name):
            return [raised(f"D-{name}{number}", identity=f"{name}-{number}") for number in range(6)]
        self.assertEqual(self.ask(batch("A"))[0], "ACK")
        command, answer = self.ask(batch("B"))
        self.assertEqual(command, "BUSY")
        self.assertGreater(answer["retry_after_ms"], 60_000)
        self.assertEqual(self.daemon.stop(), 0, self.daemon.said())
        self.assertEqual(self.kept(), {"E-1", *(f"A-{number}" for number in range(6))})


class Killed(BatchTest):
    ROUNDS, SIZE = 12, 10

    def test_all_or_none_is_kept(self):
        """Killed with a batch on its way: each is there whole or not at all, and each that was
        acknowledged is there; sent again it is taken, once."""
        acknowledged, sent, number = set(), [], 0
        for round_ in range(self.ROUNDS):
            for _ in range(20):
                whole = [event("complaint.raised", "D-1", BY, identity=f"K{number}-{place}")
                         for place in range(self.SIZE)]
                self.client.send("BATCH", whole)
                sent.append((number, whole))
                number += 1
            for _ in range(round_):
                command, _, answer = self.client.receive(20)
                self.assertEqual(command, "ACK", answer)
                acknowledged.add(answer["acks"][0]["id"].partition("-")[0])
            self.daemon.kill()
            ids = self.kept()
            for at, whole in sent:
                there = sum(one["id"] in ids for one in whole)
                self.assertIn(there, (0, self.SIZE), at)
                if f"K{at}" in acknowledged:
                    self.assertEqual(there, self.SIZE, at)
            self.daemon = self.rig.start()
            self.client.connect(self.rig.status()["endpoint"])
        for at, whole in sent:
            command, answer = self.ask(whole)
            self.assertEqual(command, "ACK", answer)
            duplicates = {ack["duplicate"] for ack in answer["acks"]}
            self.assertEqual(duplicates, {whole[0]["id"] in ids}, at)
        self.assertEqual(self.daemon.stop(), 0, self.daemon.said())
        self.assertEqual(len(self.kept()), 1 + self.SIZE * number)


if __name__ == "__main__":
    unittest.main(verbosity=1)
