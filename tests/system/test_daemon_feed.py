"""test_daemon_feed.py - a subscribed feed under the real daemon: gaps, a lost tail, silence."""
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import ASC, HOUSING, Rig, event, raised, record_faults, wait_for  # noqa: E402

OPERATOR = "operator@board.example"
BOARD_TEAM = "unit@board.example"


def told_of(number):
    return event("complaint.raised", "D-1", source=ASC, identity=f"F-{number}")


class FeedTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        self.feed = self.rig.feed()

    def start(self, **settings):
        self.rig.write_settings(feeds=[self.rig.settings_of_feed(self.feed, **settings)],
                                gap={"operator": "1 second"})
        self.daemon = self.rig.start()
        self.feed.wait_for_subscriber()
        self.rig.client().publish(raised("D-1", identity="E-1"))

    def wait_for_events(self, count):
        wait_for(lambda: self.rig.status()["events"] == count, f"{count} events are kept")

    def operator_mails(self, subject):
        return [mail for mail in self.rig.mail.to(OPERATOR) if subject in mail["subject"]]

    def stop(self):
        self.assertEqual(self.daemon.stop(), 0, self.daemon.said())
        store = self.rig.store()
        self.addCleanup(store.close)
        self.assertEqual(record_faults(store), [])
        return store

    def gaps(self, store):
        return [tuple(row) for row in store.execute("SELECT source, first, last FROM gap "
                                                    "WHERE closed_us IS NULL")]

    def board_mails(self):
        return [mail for mail in self.rig.mail.to(BOARD_TEAM) if "missing" in mail["subject"]]


class Sequence(FeedTest):
    def test_contiguous_events_are_no_gap(self):
        self.start()
        for number in range(41, 61):  # what came before the first one heard is not missing
            self.feed.event(number, told_of(number))
        self.wait_for_events(21)
        self.feed.beat(60)
        wait_for(lambda: self.rig.status()["feeds"][0]["events"] == 20, "the feed is shown")
        self.assertEqual(self.rig.status()["gaps"], 0)
        self.assertEqual(self.gaps(self.stop()), [])

    def test_jump_is_recorded_shown_and_told_once(self):
        self.start()
        for number in (1, 2, 5, 6):
            self.feed.event(number, told_of(number))
        wait_for(lambda: self.operator_mails("missing"), "the operator is told")
        self.wait_for_events(5)
        self.assertEqual(self.rig.status()["gaps"], 1)
        for _ in range(3):
            self.feed.beat(6)
        self.feed.event(7, told_of(7))
        self.wait_for_events(6)
        self.rig.wait_delivered()
        mails = self.operator_mails("missing")
        self.assertEqual(len(mails), 1)
        self.assertIn("2 events", mails[0].get_body(("plain",)).get_content())
        self.assertIn(ASC, mails[0].get_body(("plain",)).get_content())
        self.assertIn("MESSAGE_ID=5d32fe61985f44e7aa095ee82bb29976", self.daemon.said())
        store = self.stop()
        self.assertEqual(self.gaps(store), [(ASC, 3, 4)])
        lines = [json.loads(row[0]) for row in store.execute(
            "SELECT payload FROM record_line JOIN record_payload USING (number) "
            "WHERE type = 'gap'")]
        self.assertEqual([(line["source"], line["from"], line["to"]) for line in lines],
                         [(ASC, 3, 4)])

    def test_board_is_told_once_whatever_restarts(self):
        self.start()
        self.rig.write_settings(gap={"operator": "1 second", "board": "2 seconds"})
        self.daemon.signal(1)
        self.rig.manager.hear("READY=1")
        for number in (1, 5):
            self.feed.event(number, told_of(number))
        wait_for(lambda: self.rig.status()["gaps"] == 1, "the gap is seen")
        self.daemon.kill()
        self.feed.forget_subscribers()
        self.daemon = self.rig.start()
        mail = wait_for(self.board_mails, "the board's team is told")[0]
        self.assertIn("Events are missing: 3 of " + ASC, mail["subject"])
        self.assertEqual(mail["Content-Language"], "en")
        self.assertIsNotNone(mail.get_body(("html",)))
        body = mail.get_body(("plain",)).get_content()
        self.assertIn("3 events of the case system " + ASC, " ".join(body.split()))
        self.daemon.kill()
        self.daemon = self.rig.start()
        self.rig.wait_delivered()
        self.assertEqual(len({mail["Message-ID"] for mail in self.board_mails()}), 1)
        self.assertEqual(len({mail["Message-ID"] for mail in self.operator_mails("missing")}), 1)
        store = self.stop()
        self.assertEqual(store.execute("SELECT count(*) FROM gap WHERE operator_us IS NOT NULL "
                                       "OR board_us IS NOT NULL").fetchone()[0], 0)

    def test_a_part_that_comes_narrows_what_the_heartbeat_showed(self):
        self.start()
        self.feed.event(1, told_of(1))
        self.feed.beat(10)
        self.feed.event(4, told_of(4))
        self.feed.event(2, told_of(2))
        self.feed.event(11, told_of(11))
        self.wait_for_events(5)
        self.assertEqual(self.gaps(self.stop()), [(ASC, 3, 3), (ASC, 5, 10)])

    def test_an_epoch_that_comes_back_is_no_new_one(self):
        self.start()
        first, second = self.feed.epoch, "5f0c1b5e-3a43-4f2c-9d5e-0a3c8f1e2d77"
        for epoch, number in ((first, 1), (second, 1), (first, 3), (second, 2), (first, 2)):
            self.feed.epoch = epoch
            self.feed.event(number, told_of(f"{epoch[:4]}-{number}"))
        self.wait_for_events(6)
        wait_for(lambda: self.operator_mails("counts anew"), "the operator is told")
        store = self.stop()
        self.assertEqual(self.gaps(store), [])
        self.assertEqual(tuple(store.execute("SELECT seqepoch, high FROM source WHERE source = ?",
                                             (ASC,)).fetchone()), (second, 2))
        self.assertEqual(len(self.operator_mails("counts anew")), 1)

    def test_the_first_heartbeat_is_where_hearing_begins(self):
        """A tail lost before any event was ever heard is a gap as well."""
        self.start()
        self.feed.beat(40)
        self.feed.beat(42)
        wait_for(lambda: self.rig.status()["gaps"] == 1, "the gap is seen")
        self.assertEqual(self.gaps(self.stop()), [(ASC, 41, 42)])

    def test_late_ones_close_the_gap(self):
        self.start()
        for number in (1, 5, 3, 2, 4):
            self.feed.event(number, told_of(number))
        self.wait_for_events(6)
        wait_for(lambda: self.rig.status()["gaps"] == 0, "the gap is closed")
        self.assertEqual(self.gaps(self.stop()), [])

    def test_lost_tail_is_seen_by_the_heartbeat(self):
        self.start()
        self.feed.event(1, told_of(1))
        self.wait_for_events(2)
        for _ in range(3):
            self.feed.beat(4)
        mail = wait_for(lambda: self.operator_mails("missing"), "the operator is told")
        self.assertIn("3 events", mail[0].get_body(("plain",)).get_content())
        self.assertEqual(self.rig.status()["gaps"], 1)
        self.assertEqual(self.gaps(self.stop()), [(ASC, 2, 4)])

    def test_duplicate_is_kept_once(self):
        self.start()
        one = told_of(1)
        for _ in range(5):
            self.feed.event(1, one)
        self.feed.event(2, told_of(2))
        self.wait_for_events(3)
        store = self.stop()
        self.assertEqual(self.gaps(store), [])
        self.assertEqual(store.execute("SELECT count(*) FROM event WHERE source = ?",
                                       (ASC,)).fetchone()[0], 2)

    def test_gap_over_a_restart_is_told_once(self):
        self.start()
        for number in (1, 3):
            self.feed.event(number, told_of(number))
        self.wait_for_events(3)
        wait_for(lambda: self.operator_mails("missing"), "the operator is told")
        self.daemon.kill()
        self.feed.forget_subscribers()
        self.daemon = self.rig.start()
        self.feed.wait_for_subscriber()
        # Down while 4 and 5 were published: the first one heard again shows it.
        self.feed.event(6, told_of(6))
        # Each of them once: of the first the daemon was killed before it knew that it had arrived.
        wait_for(lambda: len({mail["Message-ID"] for mail in self.operator_mails("missing")}) == 2,
                 "the operator is told again")
        self.assertEqual(self.gaps(self.stop()), [(ASC, 2, 2), (ASC, 4, 5)])

    def test_new_epoch_begins_anew(self):
        self.start()
        self.feed.event(100, told_of(100))
        self.wait_for_events(2)
        self.feed.epoch = "5f0c1b5e-3a43-4f2c-9d5e-0a3c8f1e2d77"
        self.feed.event(1, told_of(1))
        self.feed.event(3, told_of(3))
        self.wait_for_events(4)
        wait_for(lambda: self.rig.status()["gaps"] == 1, "the gap of the new epoch")
        self.assertEqual(self.gaps(self.stop()), [(ASC, 2, 2)])


class Trust(FeedTest):
    def test_other_source_is_refused(self):
        self.start()
        self.feed.source = HOUSING
        self.feed.event(1, event("complaint.raised", "D-1", identity="F-1"))
        self.feed.source = ASC
        self.feed.event(1, told_of(2))
        self.wait_for_events(2)
        self.daemon.wait_said("CODE=403.1")
        self.assertEqual(self.rig.status()["feeds"][0]["refused"], 1)
        self.stop()

    def test_source_of_the_key_that_is_not_the_feeds(self):
        """The key may speak for two sources, the feed was subscribed for one."""
        keyring = self.rig.folder / "keyring.yaml"
        whole = json.loads(keyring.read_text())
        whole["keys"][3]["sources"].append("urn:northtown:other")
        keyring.write_text(json.dumps(whole))
        self.start()
        self.feed.source = "urn:northtown:other"
        self.feed.event(1, event("complaint.raised", "D-1", identity="F-1"))
        self.feed.source = ASC
        self.feed.event(1, told_of(2))
        self.wait_for_events(2)
        self.daemon.wait_said("CODE=403.1")
        self.stop()

    def test_operator_is_told_of_refusals_of_a_feed(self):
        self.start()
        for number in range(1, 4):
            self.feed.event(number, event("complaint.raised", "D-NONE", source=ASC))
        mail = wait_for(lambda: self.operator_mails("refused"), "the operator is told")
        self.assertIn("404.1", mail[0].get_body(("plain",)).get_content())
        self.stop()

    def test_malformed_messages_are_counted(self):
        self.start()
        self.feed.socket.send_multipart([b"con.plcsab.x", b"CON2", b"{}"])
        self.feed.socket.send_multipart([b"con.plcsab.x", b"CON1", b"{}", b"more"])
        self.feed.socket.send_multipart([b"hb.plcsab.x", b"CON1", b"{}"])
        self.feed.socket.send_multipart([b"con.plcsab.x", b"CON1", b"{"])
        self.daemon.wait_said("CODE=400.2")
        wait_for(lambda: self.rig.status()["feeds"][0]["refused"] >= 3, "they are counted")
        self.feed.event(1, told_of(1))
        self.wait_for_events(2)
        self.stop()

    def test_reload_takes_a_feed_away_and_brings_it_back(self):
        self.start()
        self.feed.event(1, told_of(1))
        self.wait_for_events(2)
        self.rig.write_settings(feeds=[])
        self.daemon.signal(1)
        self.rig.manager.hear("READY=1")
        self.assertEqual(self.rig.status()["feeds"], [])
        self.feed.event(2, told_of(2))
        self.rig.client().publish(raised("D-2", identity="E-2"))
        self.assertEqual(self.rig.status()["events"], 3)
        self.feed.forget_subscribers()
        self.rig.write_settings(feeds=[self.rig.settings_of_feed(self.feed)])
        self.daemon.signal(1)
        self.rig.manager.hear("READY=1")
        self.feed.wait_for_subscriber()
        self.feed.event(3, told_of(3))
        self.wait_for_events(4)
        self.assertEqual(self.gaps(self.stop()), [(ASC, 2, 2)])


class Silence(FeedTest):
    def test_is_told_once_and_shown_and_over(self):
        self.start(max_silence="1 second")
        self.feed.event(1, told_of(1))
        mail = wait_for(lambda: self.operator_mails("silent"), "the operator is told")
        self.assertIn("asc", mail[0].get_body(("plain",)).get_content())
        self.assertTrue(self.rig.status()["feeds"][0]["silent"])
        self.assertEqual(self.rig.ctl("status", check=False).returncode, 1)
        self.assertIn("MESSAGE_ID=9a1e40b458154a9999e2d15364c7a500", self.daemon.said())
        self.feed.beat(1)
        self.daemon.wait_said("MESSAGE_ID=68b4aef73eaa4e179d8a4eace693ae2d")
        self.rig.wait_delivered()
        # Each silence once; a slow start may have been one of its own.
        self.assertEqual(len(self.operator_mails("silent")),
                         self.daemon.said().count("has fallen silent"))
        self.stop()

    def test_a_second_silence_is_told_too(self):
        self.start(max_silence="1 second")
        self.feed.event(1, told_of(1))
        wait_for(lambda: len(self.operator_mails("silent")) == 1, "the operator is told")
        self.feed.beat(1)
        wait_for(lambda: len(self.operator_mails("silent")) == 2, "the operator is told again")
        self.stop()


if __name__ == "__main__":
    unittest.main(verbosity=1)
