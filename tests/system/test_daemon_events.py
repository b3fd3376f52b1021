"""test_daemon_events.py - bad events through the real socket: each gets its code, loses nothing."""
import json
import os
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import (ASC, BOARD, HOUSING, Rig, event, raised, record_faults,  # noqa: E402
                         wait_for)

SAMPLES = pathlib.Path(os.environ["CONCERN_SOURCE"]) / "protocol/samples"
BY = {"by": {"agency": "northtown-housing"}}


class EventsTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        self.daemon = self.rig.start()
        self.client = self.rig.client()
        self.client.publish(raised("D-1", identity="E-1"))

    def check_nothing_was_lost(self, *kept):
        """The good events, and no other, are in the store; the next good one gets in."""
        self.client.publish(raised("D-LAST", identity="E-LAST"))
        self.assertEqual(self.daemon.stop(), 0, self.daemon.said())
        with self.rig.store() as store:
            ids = {row[0] for row in store.execute("SELECT id FROM event")}
            self.assertEqual(record_faults(store), [])
        self.assertEqual(ids, {"E-1", "E-LAST", *kept})

    def operator_mails(self, subject):
        return [mail for mail in self.rig.mail.to("operator@board.example")
                if subject in mail["subject"]]


class Malformed(EventsTest):
    def test_every_bad_sample_gets_the_code_of_its_name(self):
        samples = sorted((SAMPLES / "bad").glob("*.json"))
        self.assertGreater(len(samples), 100)
        for sample in samples:
            if sample.stem == "400.4-by-missing":
                continue  # no fault here: the daemon knows by the key who speaks
            with self.subTest(sample.name):
                command, answer = self.client.ask("EVENT", sample.read_bytes())
                self.assertEqual(command, "NACK")
                self.assertEqual(answer["code"], sample.name.partition("-")[0])
                self.assertFalse(answer["retry"])
        self.check_nothing_was_lost()

    def test_every_good_sample_is_read(self):
        """None is unreadable; most are about a disagreement nobody raised here."""
        for sample in sorted(SAMPLES.glob("*.json")):
            whole = json.loads(sample.read_text())
            whole.update(source=HOUSING, time="2026-01-05T09:00:00Z")  # not ahead of any clock
            whole.pop("board", None)
            with self.subTest(sample.name):
                command, answer = self.client.ask("EVENT", whole)
                if command == "NACK":
                    self.assertNotIn(answer["code"], ("400.1", "400.2", "400.3", "413.1"), answer)

    def test_wrong_frames(self):
        body = json.dumps(raised("D-2")).encode()
        wrong = {"three": (b"CON1", b"EVENT", b"c"),
                 "five": (b"CON1", b"EVENT", b"c", body, b""),
                 "command": (b"CON1", b"EVENTS", b"c", body),
                 "long command": (b"CON1", b"EVENTEVENT", b"c", body),
                 "letters": (b"CON1", b"event", b"c", body),
                 "answer": (b"CON1", b"ACK", b"c", body)}
        for name, frames in wrong.items():
            with self.subTest(name):
                self.client.send_frames(*frames)
                command, _, answer = self.client.receive()
                self.assertEqual((command, answer["code"]), ("NACK", "400.1"))
        self.check_nothing_was_lost()

    def test_other_version(self):
        self.client.send_frames(b"CON2", b"EVENT", b"c", b"{}")
        self.assertEqual(self.client.receive()[2]["code"], "426.1")
        self.check_nothing_was_lost()

    def test_correlation_of_no_or_too_great_length(self):
        for correlation in (b"", b"x" * 33):
            self.client.send_frames(b"CON1", b"EVENT", correlation, b"{}")
            self.assertEqual(self.client.receive()[2]["code"], "400.1")
        self.client.send_frames(b"CON1", b"PING", b"x" * 32, b"{}")
        self.assertEqual(self.client.receive()[:2], ("PONG", b"x" * 32))
        self.check_nothing_was_lost()

    def test_greatest_event_and_one_byte_more(self):
        whole = event("complaint.raised", "D-1", BY, identity="E-FULL")
        whole["filler"] = ""
        room = 65536 - len(json.dumps(whole).encode())
        whole["filler"] = "x" * room
        command, answer = self.client.ask("EVENT", whole)
        self.assertEqual(command, "ACK", answer)
        whole["id"] = "E-MORE1"
        command, answer = self.client.ask("EVENT", whole)
        self.assertEqual((command, answer["code"]), ("NACK", "413.1"))
        self.check_nothing_was_lost("E-FULL")

    def test_far_too_large_a_frame_ends_the_connection_alone(self):
        other = self.rig.client("asc")
        self.client.send_frames(b"CON1", b"EVENT", b"c", b" " * 10_000_000)
        other.publish(event("complaint.raised", "D-1", source=ASC, identity="E-2"))
        self.client.connect(self.client.endpoint)
        self.check_nothing_was_lost("E-2")

    def test_time_ahead_and_back_dated(self):
        def at(seconds):
            return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
        self.assertEqual(self.client.refusal(raised("D-2", time=at(400))), "400.3")
        self.client.publish(raised("D-3", identity="E-3", time=at(200)))
        self.client.publish(raised("D-4", identity="E-4", time=at(-20 * 86400)))
        shown = self.rig.rows("show", "D-4")[0]
        passed = {one["deadline"] for one in shown["deadlines"] if one["state"] == "passed"}
        self.assertIn("stage-1", passed)  # its limit was over when it arrived
        self.check_nothing_was_lost("E-3", "E-4")

    def test_unknown_type_is_kept_and_changes_nothing(self):
        before = self.rig.rows("show", "D-1")
        answer = self.client.publish(event("never.heard.of", "D-1", {"x": 1}, identity="E-2"))
        self.assertTrue(answer["ignored"])
        self.assertEqual(self.rig.rows("show", "D-1"), before)
        self.check_nothing_was_lost("E-2")

    def test_unknown_member_is_dropped_and_named(self):
        answer = self.client.publish(event("complaint.raised", "D-1",
                                           dict(BY, narrative="of no use"), identity="E-2"))
        self.assertEqual(answer["dropped"], ["narrative"])
        self.check_nothing_was_lost("E-2")


class Repeated(EventsTest):
    def test_the_same_again_is_acknowledged_as_a_duplicate(self):
        again = raised("D-2", identity="E-2")
        first = self.client.publish(again)
        second = self.client.publish(again)
        # Other letters, the same event: members in another order, other spaces.
        third = self.client.publish(json.dumps(dict(reversed(again.items())), indent=2).encode())
        self.assertFalse(first["duplicate"])
        for answer in (second, third):
            self.assertTrue(answer["duplicate"])
            self.assertEqual(answer["record"], first["record"])
        self.rig.wait_delivered()
        told = [mail for mail in self.rig.mail.to("asc-manager@asc.northtown.example")
                if "D-2" in mail["subject"]]
        self.assertEqual(len(told), 1)
        self.check_nothing_was_lost("E-2")

    def test_same_id_with_other_content(self):
        self.assertEqual(self.client.refusal(raised("D-OTHER", identity="E-1")), "409.1")
        self.assertEqual(self.rig.ctl("show", "D-OTHER", check=False).returncode, 1)
        self.check_nothing_was_lost()

    def test_same_id_of_another_source_is_another_event(self):
        self.rig.client("asc").publish(event("complaint.raised", "D-1", source=ASC,
                                             identity="E-1"))
        self.check_nothing_was_lost()

    def test_the_same_disagreement_raised_again(self):
        self.assertEqual(self.client.refusal(raised("D-1", identity="E-2")), "409.1")
        self.check_nothing_was_lost()

    def test_repeats_within_one_turn(self):
        one = json.dumps(raised("D-2", identity="E-2")).encode()
        for _ in range(50):
            self.client.send("EVENT", one)
        answers = [self.client.receive() for _ in range(50)]
        self.assertEqual({answer[0] for answer in answers}, {"ACK"})
        self.assertEqual([answer[2]["duplicate"] for answer in answers], [False] + [True] * 49)
        self.assertEqual(len({answer[2]["record"] for answer in answers}), 1)
        self.check_nothing_was_lost("E-2")


class Unauthorised(EventsTest):
    def test_stranger_gets_no_connection(self):
        stranger = self.rig.client("stranger")
        stranger.send("EVENT", raised("D-2"))
        self.daemon.wait_said("handshake refused")
        self.assertIsNone(stranger.receive(0.5))
        self.check_nothing_was_lost()

    def test_other_source(self):
        for source in (ASC, HOUSING + "2", "urn:northtown", HOUSING.upper()):
            with self.subTest(source):
                self.assertEqual(self.client.refusal(raised("D-2", source=source)), "403.1")
        self.client.publish(raised("D-3", source=HOUSING + "/east", identity="E-3"))
        self.check_nothing_was_lost("E-3")

    def test_other_board(self):
        elsewhere = raised("D-2", board="elsewhere")
        elsewhere["data"]["board"] = "elsewhere"
        self.assertEqual(self.client.refusal(elsewhere), "403.2")
        self.check_nothing_was_lost()

    def test_right_to_close(self):
        asc = self.rig.client("asc")
        for kind in ("resolution.agreed", "withdrawn", "hold"):
            code = asc.refusal(event(kind, "D-1", {"by": {"agency": "northtown-asc"},
                                                   "reason": "r", "until": "2030-01-01T00:00:00Z"},
                                     source=ASC))
            self.assertEqual(code, "403.3", kind)
        self.assertEqual(self.rig.rows("show", "D-1")[0]["state"], "open")
        self.check_nothing_was_lost()

    def test_type_not_allowed(self):
        self.rig.write_keyring()
        keyring = self.rig.folder / "keyring.yaml"
        whole = json.loads(keyring.read_text())
        whole["keys"][0]["types"] = ["disagreement.raised"]
        keyring.write_text(json.dumps(whole))
        self.daemon.signal(1)
        self.rig.manager.hear("READY=1")
        self.assertEqual(self.client.refusal(event("complaint.raised", "D-1", BY)), "403.3")
        self.check_nothing_was_lost()

    def test_no_part_in_the_disagreement(self):
        asc = self.rig.client("asc")
        others = raised("D-2", source=ASC)
        others["data"]["challenged"] = [{"agency": "northtown-police"}]
        self.assertEqual(asc.refusal(others), "403.4")
        speaks = event("complaint.raised", "D-1", BY, source=ASC)
        self.assertEqual(asc.refusal(speaks), "403.4")
        self.check_nothing_was_lost()

    def test_board_may_speak_to_its_own(self):
        self.rig.client("board").publish(event("complaint.raised", "D-1",
                                               {"by": {"board": "plcsab"}}, source=BOARD,
                                               identity="E-2"))
        self.check_nothing_was_lost("E-2")

    def test_unknown_disagreement(self):
        self.assertEqual(self.client.refusal(event("complaint.raised", "D-NONE", BY)), "404.1")
        self.check_nothing_was_lost()

    def test_illegal_transition(self):
        self.client.publish(event("withdrawn", "D-1", dict(BY, reason="r"), identity="E-2"))
        self.assertEqual(self.client.refusal(event("stage.unresolved", "D-1", BY)), "422.1")
        self.check_nothing_was_lost("E-2")

    def test_rate(self):
        self.rig.write_keyring()
        keyring = self.rig.folder / "keyring.yaml"
        whole = json.loads(keyring.read_text())
        whole["keys"][0].update(rate=1, burst=3)
        keyring.write_text(json.dumps(whole))
        self.daemon.signal(1)
        self.rig.manager.hear("READY=1")
        answers = [self.client.ask("EVENT", raised(f"D-R{number}", identity=f"E-R{number}"))
                   for number in range(8)]
        put_off = [number for number, (command, _) in enumerate(answers) if command == "BUSY"]
        self.assertEqual({command for command, _ in answers}, {"ACK", "BUSY"})
        for place, number in enumerate(put_off, 1):  # one a minute, one after the other at most
            self.assertTrue(0 < answers[number][1]["retry_after_ms"] <= 60_001 * place,
                            answers[number])
        # Questions are counted too, and it is to be seen that a key sends more than its rate.
        self.assertEqual(self.client.ask("LAST", {"source": HOUSING})[0], "BUSY")
        rows = {row["code"]: row["count"] for row in self.rig.status()["refusals"]}
        self.assertEqual(rows, {"429.1": len(put_off) + 1})
        # What was put off gets in later, unchanged.
        self.rig.write_keyring()
        self.daemon.signal(1)
        self.rig.manager.hear("READY=1")
        for number in put_off:
            self.client.publish(raised(f"D-R{number}", identity=f"E-R{number}"))
        self.check_nothing_was_lost(*(f"E-R{number}" for number in range(8)))


class PutOff(EventsTest):
    def test_many_are_put_off_one_after_the_other(self):
        """Sent together they are told to come again as the rate lets them in, one a second: far
        slower than they are sent."""
        keyring = self.rig.folder / "keyring.yaml"
        whole = json.loads(keyring.read_text())
        whole["keys"][0].update(rate=60, burst=3)
        keyring.write_text(json.dumps(whole))
        self.daemon.signal(1)
        self.rig.manager.hear("READY=1")
        lines = "".join(json.dumps(raised(f"D-P{number}", identity=f"E-P{number}")) + "\n"
                        for number in range(12))
        said = self.rig.ctl("publish", "--endpoint", self.client.endpoint, "--server-key",
                            self.rig.keys / "server.key", "--key",
                            self.rig.keys / "housing.key_secret", "-", stdin=lines).stdout
        self.assertEqual(said.count("acknowledged"), 12)
        counts = {row["code"]: row["count"] for row in self.rig.status()["refusals"]}
        self.assertEqual(set(counts), {"429.1"})
        self.rig.write_keyring()
        self.daemon.signal(1)
        self.rig.manager.hear("READY=1")
        self.check_nothing_was_lost(*(f"E-P{number}" for number in range(12)))


class Told(EventsTest):
    def test_operator_is_told_once_after_three_of_a_kind(self):
        for number in range(2):
            self.client.refusal(event("complaint.raised", f"D-NO{number}", BY))
        self.client.refusal(raised("D-OTHER", identity="E-1"))  # another kind
        again = time.monotonic() + 1.5

        def looked():
            self.rig.status()
            return time.monotonic() > again
        wait_for(looked, "refusals are looked at")
        self.assertEqual(self.operator_mails("refused"), [])
        self.client.refusal(event("complaint.raised", "D-NO3", BY))
        wait_for(lambda: self.operator_mails("refused"), "the operator is told")
        for number in range(5):
            self.client.refusal(event("complaint.raised", f"D-NO{number}", BY))
        again = time.monotonic() + 1.5
        wait_for(looked, "refusals are looked at again")
        mails = self.operator_mails("refused")
        self.assertEqual(len(mails), 1)
        self.assertIn("404.1", mails[0].get_body(("plain",)).get_content())
        self.assertIn("northtown-housing", mails[0].get_body(("plain",)).get_content())
        rows = {row["code"]: row["count"] for row in self.rig.status()["refusals"]}
        self.assertEqual(rows, {"404.1": 8, "409.1": 1})
        self.assertIn("MESSAGE_ID=59ba1b0d5c904158a909406c2e416788", self.daemon.said())

    def test_counts_outlive_a_stop_and_a_kill(self):
        def counts():
            return {row["code"]: row["count"] for row in self.rig.status()["refusals"]}

        def kept():
            with self.rig.store() as store:
                return {row["code"]: (row["count"], row["told"])
                        for row in store.execute("SELECT * FROM refusal")}

        for number in range(4):
            self.client.refusal(event("complaint.raised", f"D-NO{number}", BY))
        command, answer = self.client.ask("BATCH", [event("complaint.raised", "D-NO5", BY)])
        self.assertEqual((command, answer["code"]), ("NACK", "404.1"))
        self.assertEqual(self.daemon.stop(), 0, self.daemon.said())
        self.assertEqual(kept()["404.1"][0], 5)
        self.daemon = self.rig.start()
        self.client.connect(self.rig.status()["endpoint"])
        self.assertEqual(counts(), {"404.1": 5})
        self.assertIn("northtown-housing", self.rig.ctl("status", check=False).stdout)
        self.client.refusal(event("complaint.raised", "D-NO6", BY))
        wait_for(lambda: kept()["404.1"] == (6, 6), "the count is on the disk")
        self.daemon.kill()
        self.daemon = self.rig.start()
        self.assertEqual(counts(), {"404.1": 6})
        self.rig.wait_delivered()
        self.assertEqual(len(self.operator_mails("refused")), 1)  # of one kind, on one day

    def test_refusals_do_not_keep_an_idle_daemon_writing(self):
        for number in range(4):
            self.client.refusal(event("complaint.raised", f"D-NO{number}", BY))
        wait_for(lambda: self.operator_mails("refused"), "the operator is told")
        self.rig.wait_delivered()
        before = self.rig.status()["record"]
        again = time.monotonic() + 2.5
        wait_for(lambda: time.monotonic() > again, "a while passes")
        self.assertEqual(self.rig.status()["record"], before)


class Questions(EventsTest):
    def test_last_and_stat(self):
        numbered = raised("D-2", identity="E-2", sequence=f"{7:020}",
                          seqepoch="8d6a4c1e-0f5b-4b57-9a39-5e4f6f5c2b10")
        kept = self.client.publish(numbered)
        command, last = self.client.ask("LAST", {"source": HOUSING})
        self.assertEqual((command, last["sequence"]), ("ACK", f"{7:020}"))
        command, stat = self.client.ask("STAT", {"source": HOUSING, "id": "E-2"})
        self.assertEqual((command, stat["committed"], stat["record"]),
                         ("ACK", True, kept["record"]))
        self.assertFalse(self.client.ask("STAT", {"source": HOUSING, "id": "E-9"})[1]["committed"])

    def test_of_another_source_are_refused(self):
        for command in ("LAST", "STAT"):
            said, answer = self.client.ask(command, {"source": ASC, "id": "E-1"})
            self.assertEqual((said, answer["code"]), ("NACK", "403.1"))


if __name__ == "__main__":
    unittest.main(verbosity=1)
