"""test_daemon_sources.py - who publishes, as `concernctl sources` shows it; who promised to be
heard and is not; feeds that promise nothing; the memory fuse of a daemon that has feeds alone."""
import json
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import ASC, BOARD, HOUSING, Rig, event, raised, record_faults, wait_for  # noqa: E402

OPERATOR = "operator@board.example"


def told_of(number):
    return event("complaint.raised", "D-1", source=ASC, identity=f"F-{number}")


class SourcesTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)

    def start(self, **changes):
        self.rig.write_settings(**changes)
        self.daemon = self.rig.start()
        return self.daemon

    def row(self, source):
        return {row["source"]: row for row in self.rig.ask("sources")}[source]

    def mails(self, subject):
        return [mail for mail in self.rig.mail.to(OPERATOR) if subject in mail["subject"]]

    def delivered(self):
        self.rig.wait_delivered()

    def stop(self):
        self.assertEqual(self.daemon.stop(), 0, self.daemon.said())
        store = self.rig.store()
        self.addCleanup(store.close)
        self.assertEqual(record_faults(store), [])
        return store


class Acknowledged(SourcesTest):
    def test_what_is_shown(self):
        self.start()
        self.assertEqual({row["source"] for row in self.rig.ask("sources")}, {HOUSING, ASC, BOARD})
        self.assertIsNone(self.row(HOUSING)["last_heard"])
        client = self.rig.client()
        epoch = "8d6a4c1e-0f5b-4b57-9a39-5e4f6f5c2b10"
        one = dict(raised("D-1", identity="E-1"), sequence=f"{1:020}", seqepoch=epoch)
        client.publish(one)
        client.publish(one)
        client.publish(one)
        client.publish(dict(event("complaint.raised", "D-1", identity="E-5"), sequence=f"{5:020}",
                            seqepoch=epoch))
        self.assertEqual(client.refusal(event("complaint.raised", "D-NONE")), "404.1")
        row = self.row(HOUSING)
        self.assertEqual((row["owner"], row["plane"], row["assurance"], row["last_sequence"],
                          row["seqepoch"], row["duplicates"], row["refusals"]),
                         ("northtown-housing", "acknowledged", "acknowledged", f"{5:020}", epoch, 2,
                          {"404.1": 1}))
        self.assertEqual((row["gaps"]["open"], row["gaps"]["events"], row["gaps"]["gone"]),
                         (1, 3, 0))
        self.assertIsNotNone(row["gaps"]["oldest"])
        self.assertIsNotNone(row["last_heard"])
        table = self.rig.ctl("sources").stdout
        self.assertRegex(table, rf"{HOUSING} +northtown-housing +acknowledged +acknowledged +2\S+ +5 "
                                r"+3 +2\S+ +404\.1 1 +2\n")
        self.assertRegex(table, rf"{ASC} +northtown-asc +acknowledged +acknowledged +never ")
        self.stop()

    def test_a_refused_number_is_not_missing(self):
        self.start()
        client = self.rig.client()
        epoch = "8d6a4c1e-0f5b-4b57-9a39-5e4f6f5c2b10"
        client.publish(dict(raised("D-1", identity="E-1"), sequence=f"{1:020}", seqepoch=epoch))
        self.assertEqual(client.refusal(dict(raised("D-1", identity="E-2"),
                                             sequence=f"{2:020}", seqepoch=epoch)), "409.1")
        client.publish(dict(event("complaint.raised", "D-1"), sequence=f"{3:020}", seqepoch=epoch))
        self.assertEqual(self.row(HOUSING)["gaps"]["open"], 0)
        self.stop()

    def test_a_key_that_promised_to_be_heard(self):
        self.rig.write_keyring(max_silence="10 seconds")
        self.start()
        client = self.rig.client()
        client.publish(raised("D-1", identity="E-1"))
        wait_for(lambda: self.mails("case system is silent"), "the operator is told")
        self.delivered()
        self.assertEqual(self.row(HOUSING)["state"], "down")
        self.assertEqual(self.rig.ctl("status", check=False).returncode, 1)
        self.assertRegex(self.rig.ctl("status", check=False).stdout,
                         r"silent keys +northtown-housing/")
        self.daemon.kill()
        self.start()  # still silent: nothing new
        client = self.rig.client("asc")
        client.publish(event("complaint.raised", "D-1", source=ASC))
        for _ in range(2):
            self.rig.status()
        client = self.rig.client()
        self.assertEqual(client.ask("PING", {})[0], "PONG")
        wait_for(lambda: self.mails("case system is heard again"), "and that it is heard again")
        self.delivered()
        self.assertEqual(len({mail["Message-ID"] for mail in self.mails("case system is silent")}), 1)
        self.assertEqual(self.rig.rows("show", "D-1")[0]["state"], "open")
        self.stop()


class Fed(SourcesTest):
    def setUp(self):
        super().setUp()
        self.feed = self.rig.feed()

    def start_feed(self, listen="tcp://127.0.0.1:*", memory_limit=4096, **settings):
        self.start(feeds=[self.rig.settings_of_feed(self.feed, **settings)], listen=listen,
                   memory_limit=memory_limit)
        self.feed.wait_for_subscriber()

    def test_what_is_shown_of_a_feed(self):
        self.start_feed()
        self.assertEqual(self.row(ASC)["plane"], "feed asc")
        self.assertEqual(self.row(ASC)["state"], "waiting")
        self.rig.client().publish(raised("D-1", identity="E-1"))
        self.feed.beat(0)
        for number in (1, 4, 4):
            self.feed.event(number, told_of(number))
        wait_for(lambda: self.row(ASC)["duplicates"] == 1, "a duplicate")
        row = self.row(ASC)
        self.assertEqual((row["owner"], row["plane"], row["assurance"], row["last_sequence"],
                          row["state"], row["gaps"]["events"]),
                         ("northtown-asc", "feed asc", "sequenced", f"{4:020}", "ready", 2))
        store = self.stop()
        feeds = [json.loads(row[0]) for row in store.execute(
            "SELECT payload FROM record_line JOIN record_payload USING (number) "
            "WHERE type = 'feeds'")]
        self.assertEqual(feeds, [[{"feed": "asc", "assurance": "sequenced", "replay": False}]])

    def test_one_that_promises_nothing(self):
        self.start_feed(assurance="best-effort")
        self.rig.client().publish(raised("D-1", identity="E-1"))
        one = told_of(1)
        self.feed.socket.send_multipart([b"con.plcsab.x", b"CON1", json.dumps(one).encode()])
        wait_for(lambda: self.rig.status()["events"] == 2, "it is kept")
        self.assertEqual(self.row(ASC)["assurance"], "best-effort")
        self.assertEqual(self.rig.status()["feeds"][0]["state"], "best-effort")
        # Numbers it happens to have are looked at all the same.
        self.feed.event(5, told_of(5))
        self.feed.event(7, told_of(7))
        wait_for(lambda: self.rig.status()["gaps"] == 1, "what can be seen is seen")
        store = self.stop()
        flags = [json.loads(row[0])["flags"] for row in store.execute(
            "SELECT payload FROM record_line JOIN record_payload USING (number) "
            "WHERE type = 'event' AND payload LIKE '%\"F-%'")]
        self.assertEqual([flag & 4 for flag in flags], [4, 4, 4])
        feeds = store.execute("SELECT payload FROM record_line JOIN record_payload USING (number) "
                              "WHERE type = 'feeds'").fetchone()[0]
        self.assertIn("best-effort", feeds)

    def test_one_that_breaks_its_promise(self):
        """Sequenced, and its events have no number: taken, and told."""
        self.start_feed()
        self.rig.client().publish(raised("D-1", identity="E-1"))
        for number in (1, 2):
            self.feed.socket.send_multipart([b"con.plcsab.x", b"CON1",
                                             json.dumps(told_of(number)).encode()])
        wait_for(lambda: self.mails("does not number"), "the operator is told")
        self.assertEqual(self.row(ASC)["assurance"], "best-effort")
        self.delivered()
        self.assertEqual(len(self.mails("does not number")), 1)
        self.stop()

    def test_silence_is_told_once_over_restarts(self):
        self.start_feed(max_silence="10 seconds")
        self.feed.beat(0)
        wait_for(lambda: self.mails("A feed is silent"), "the operator is told")
        self.delivered()
        self.daemon.kill()
        self.feed.forget_subscribers()
        self.daemon = self.rig.start()
        self.feed.wait_for_subscriber()
        self.assertEqual(self.rig.status()["feeds"][0]["state"], "down")
        self.feed.beat(0)
        wait_for(lambda: self.mails("heard again"), "the operator is told that it is heard")
        self.delivered()
        self.assertEqual(len({mail["Message-ID"] for mail in self.mails("A feed is silent")}), 1)
        self.stop()

    def test_topic_as_long_as_it_may_be(self):
        """libzmq 4.3.4 loses subscriptions of 246 and more bytes; 200 is what we allow."""
        topic = "con." + "x" * 196
        self.start_feed(topic=topic)
        self.rig.client().publish(raised("D-1", identity="E-1"))
        body = json.dumps(dict(told_of(1), sequence=f"{1:020}", seqepoch=self.feed.epoch)).encode()
        self.feed.socket.send_multipart([topic.encode(), b"CON1", body])
        wait_for(lambda: self.rig.status()["events"] == 2, "it is kept")
        self.feed.socket.send_multipart([topic.encode() + b"y", b"CON1", body])
        wait_for(lambda: self.rig.status()["feeds"][0]["refused"] == 1, "a longer one is refused")
        self.stop()

    def test_memory_fuse_without_an_intake(self):
        """Over the limit the feed's socket is let go, and what went with it is seen as missing."""
        self.start_feed(listen="none", memory_limit=32)
        pages = pathlib.Path(f"/proc/{self.daemon.pid}/statm").read_text().split()[1]
        resident = int(pages) * os.sysconf("SC_PAGE_SIZE")
        if resident <= 32 << 20:
            self.skipTest("this build needs less memory than the least limit")
        self.daemon.wait_said("the feeds are opened anew")

        def is_heard():
            self.feed.beat(3)
            return self.row(ASC)["last_sequence"] == f"{3:020}"
        wait_for(is_heard, "it is heard by its new socket", pause=0.1)
        self.assertEqual(self.daemon.said().count("opened anew"), 1)
        self.stop()


if __name__ == "__main__":
    unittest.main(verbosity=1)
