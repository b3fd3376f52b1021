"""test_daemon_disk.py - a disk that is full or fails: nothing is acknowledged that is not kept.

The full disk is a small tmpfs, which only root can mount; the failing one is a limit on the
size of files, which makes writes fail as a broken disk does.
"""
import ctypes
import json
import os
import pathlib
import re
import resource
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import PAGES, Rig, event, raised, record_faults, wait_for  # noqa: E402

LIBC = ctypes.CDLL(None, use_errno=True)
SIZE = 8 * 1024 * 1024


def mount(where):
    return LIBC.mount(b"tmpfs", os.fsencode(where), b"tmpfs", 0,
                      b"size=%d,mode=0700" % SIZE) == 0


def unmount(where):
    LIBC.umount2(os.fsencode(where), 2)  # MNT_DETACH


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.rig = Rig(webhook=True)
        self.addCleanup(self.rig.close)
        self.rig.state.mkdir(mode=0o700)
        if not mount(self.rig.state):
            self.skipTest("a small disk cannot be mounted here (only root can)")
        self.addCleanup(unmount, self.rig.state)
        self.filler = self.rig.state / "filler"
        self.events = {}  # by id: what is sent again must be the same

    def fill(self):
        with open(self.filler, "ab", buffering=0) as file:
            while True:
                try:
                    file.write(b"x" * 4096)
                except OSError:
                    return

    def publish_until_full(self, client):
        """Fills the disk and what the daemon gives back of its reserve; answers the ids that
        were acknowledged, and those that were refused 503.1."""
        client.publish(raised("D-BASE", identity="E-BASE"))
        kept, refused = ["E-BASE"], []
        for number in range(3000):
            self.fill()
            command, answer = client.ask("EVENT", self.small(f"E-{number}"))
            if command == "ACK":
                kept.append(answer["id"])
                refused.clear()
                continue
            self.assertEqual((command, answer["code"], answer["retry"]), ("NACK", "503.1", True))
            refused.append(f"E-{number}")
            if len(refused) == 5:
                return kept, refused
        raise AssertionError("the disk does not become full")

    def small(self, identity):
        return self.events.setdefault(identity, event("complaint.raised", "D-BASE",
                                                      identity=identity))

    def used(self, daemon):
        fields = pathlib.Path(f"/proc/{daemon.pid}/stat").read_text().rsplit(")")[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stored(self):
        with self.rig.store() as store:
            ids = {row[0] for row in store.execute("SELECT id FROM event")}
            self.assertEqual(record_faults(store), [])
        return ids

    def test_nothing_is_lost_and_it_goes_on_when_there_is_room(self):
        self.rig.write_settings(http=PAGES)
        daemon = self.rig.start()
        client = self.rig.client()
        kept, refused = self.publish_until_full(client)
        self.assertEqual(self.rig.status()["state"], "the disk is full")
        status, _, why = self.rig.page("/ready")
        self.assertEqual((status, why.partition(":")[0]), (503, "the disk is full"))
        self.assertEqual(self.rig.page("/health")[0], 200)
        self.assertIn("\nconcernd_store_full 1\n", self.rig.page("/metrics")[2])
        self.assertEqual(self.rig.ctl("status", check=False).returncode, 1)
        self.assertIn("the disk is full", self.rig.manager.hear("STATUS=the disk is full: nothing "
                                                                "is acknowledged")["STATUS"])
        # Once, and once more for what the reserve gave; not for each refusal.
        told = daemon.said().count("MESSAGE_ID=1509bb0a9bf143318a118783593942a4")
        self.assertIn(told, (1, 2, 3))
        self.filler.unlink()
        for identity in refused:
            client.publish(self.small(identity))
        self.rig.manager.hear("STATUS=running")
        wait_for(lambda: self.rig.status()["state"] != "the disk is full", "there is room")
        self.assertEqual(self.rig.page("/ready")[0], 200)
        self.rig.wait_delivered()
        self.assertEqual(daemon.stop(), 0, daemon.said())
        self.assertEqual(self.stored(), set(kept + refused))

    def test_link_confirms_nothing_until_there_is_room(self):
        """Nobody is thanked for what is not kept, and he is told in his own language."""
        path = self.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        directory["people"]["asc-manager"]["language"] = "cy"
        path.write_text(json.dumps(directory))
        self.rig.write_settings(http=PAGES, acknowledge={"url": "https://concern.board.example/acknowledge"})
        self.rig.start()
        client = self.rig.client()
        client.publish(raised("D-LINK", identity="E-LINK"))
        mail = wait_for(lambda: self.rig.mail.to("asc-manager@asc.northtown.example"), "a mail")[0]
        link = re.search(r"https://\S+/acknowledge/(\S+)\?lang=cy",
                         mail.get_body(("plain",)).get_content())
        path = f"/acknowledge/{link[1]}"

        def confirm():
            self.fill()
            return self.rig.page(path, "POST", f"token={link[1]}", Host="concern.board.example",
                                 **{"Content-Type": "application/x-www-form-urlencoded"})
        self.publish_until_full(client)
        status, _, text = confirm()
        self.assertEqual(status, 503, text)
        self.assertIn('<html lang="cy">', text)
        self.assertIn("<h1>Nid yn awr</h1>", text)
        self.assertIn("Ni chadarnhawyd dim", text)
        self.filler.unlink()
        wait_for(lambda: self.rig.status()["state"] != "the disk is full", "there is room")
        self.assertIn("<h1>A ydych wedi gweld y neges hon?</h1>", self.rig.page(path)[2])

    def test_mails_are_not_sent_again_and_again(self):
        """Their outcomes cannot be kept, so they stay under way until there is room."""
        daemon = self.rig.start()
        client = self.rig.client()
        self.rig.mail.stop()  # rows wait
        self.rig.receiver.answer = 503
        client.publish(raised("D-A", identity="E-A"))
        wait_for(lambda: self.rig.receiver.taken, "a first try has failed")
        self.publish_until_full(client)
        self.rig.mail.start()
        self.rig.receiver.answer = 204
        before, since = self.used(daemon), time.monotonic()
        wait_for(lambda: time.monotonic() - since > 12, "the first retries have come")
        self.assertLess(self.used(daemon) - before, 4, "it spins without room")
        counts = {}
        for _, content in list(self.rig.mail.taken):
            counts[content] = counts.get(content, 0) + 1
        self.assertTrue(all(count == 1 for count in counts.values()), counts.values())
        self.filler.unlink()
        self.daemon_delivers_all(daemon)

    def test_a_bounce_is_brought_again_when_there_is_room(self):
        """A mail system keeps what it is told 75 (EX_TEMPFAIL) of."""
        daemon = self.rig.start()
        client = self.rig.client()
        client.publish(raised("D-0"))
        mails = wait_for(lambda: self.rig.mail.to("asc-manager@asc.northtown.example"), "he is told")
        wait_for(lambda: self.rig.status()["outbox"]["queued"] == 0, "all is delivered")
        report = ("To: bounces@board.example\nContent-Type: multipart/report; "
                  'report-type=delivery-status; boundary="b"\n\n'
                  "--b\nContent-Type: message/delivery-status\n\n"
                  "Reporting-MTA: dns; mail.board.example\n\nAction: failed\nStatus: 5.1.1\n"
                  "Diagnostic-Code: smtp; 550 5.1.1 nobody\n\n"
                  "--b\nContent-Type: text/rfc822-headers\n\n"
                  f"X-Concernd-Bounce: {mails[0]['X-Concernd-Bounce']}\n\n--b--\n")
        self.publish_until_full(client)
        for _ in range(3):
            self.fill()
            done = self.rig.ctl("bounce", stdin=report, check=False)
            self.assertEqual((done.returncode, done.stdout), (75, ""), done.stderr)
            self.assertIn("the disk is full: nothing was kept", done.stderr)
        # What was published before may still be noted; of the bounce nothing is.
        self.assertNotIn("bounce", [line["type"] for line in self.rig.rows("history", "D-0")])
        self.filler.unlink()
        done = self.rig.ctl("bounce", stdin=report, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("came back: it is refused now", done.stdout)
        lines = [line["payload"] for line in self.rig.rows("history", "D-0")
                 if line["type"] == "bounce"]
        self.assertEqual([line["status"] for line in lines], ["5.1.1"])
        wait_for(lambda: self.rig.status()["outbox"]["queued"] == 0, "all is delivered")
        self.assertEqual(daemon.stop(), 0, daemon.said())
        self.stored()  # whose record is whole

    def daemon_delivers_all(self, daemon):
        self.rig.wait_delivered()
        self.assertEqual(daemon.stop(), 0, daemon.said())
        with self.rig.store() as store:
            rows = [tuple(row) for row in store.execute(
                # What the operator is told of the refusals comes when there is room again.
                "SELECT state, route, person, key FROM outbox WHERE state <> 'accepted' "
                "AND person <> 'operator'")]
        self.assertEqual(rows, [])

    def test_events_of_a_feed_wait_for_room(self):
        feed = self.rig.feed()
        self.rig.write_settings(feeds=[self.rig.settings_of_feed(feed)])
        daemon = self.rig.start()
        feed.wait_for_subscriber()
        client = self.rig.client()
        client.publish(raised("D-FEED", identity="E-FEED"))
        feed.event(1, event("complaint.raised", "D-FEED", identity="F-1"))
        wait_for(lambda: self.rig.status()["events"] == 2, "the feed is heard")
        kept, _ = self.publish_until_full(client)
        for number in range(2, 12):
            feed.event(number, event("complaint.raised", "D-FEED", identity=f"F-{number}"))
        # What was heard and found no room is taken again before more is heard.
        wait_for(lambda: self.rig.status()["feeds"][0]["events"] > 1, "they have begun to arrive")
        self.filler.unlink()
        wait_for(lambda: self.rig.status()["events"] >= 2 + len(kept) + 10, "they are kept")
        self.assertEqual(self.rig.status()["gaps"], 0)
        self.assertEqual(daemon.stop(), 0, daemon.said())
        self.assertLessEqual({f"F-{number}" for number in range(1, 12)}, self.stored())

    def test_killed_while_full_and_started_again(self):
        daemon = self.rig.start()
        client = self.rig.client()
        kept, refused = self.publish_until_full(client)
        daemon.kill()
        daemon = self.rig.daemon()
        # It runs and says so, or refuses and says why; it never loses.
        said = wait_for(lambda: not daemon.alive() or "is ready" in daemon.said(), "it decides")
        self.assertTrue(said)
        if not daemon.alive():
            self.assertEqual(daemon.wait(), 1)
            self.assertIn("full", daemon.said())
            self.filler.unlink()
            daemon = self.rig.start()
        else:
            self.filler.unlink()
        client.connect(self.rig.status()["endpoint"])
        for identity in refused:
            client.publish(self.small(identity))
        self.assertEqual(daemon.stop(), 0, daemon.said())
        self.assertEqual(self.stored(), set(kept + refused))

    def test_short_of_room_takes_no_new_disagreement_but_all_else(self):
        daemon = self.rig.start()
        client = self.rig.client()
        client.publish(raised("D-BASE", identity="E-BASE"))
        self.rig.wait_delivered()
        self.fill()

        def raise_is_refused():
            self.number = getattr(self, "number", 0) + 1
            command, answer = client.ask("EVENT", raised(f"D-{self.number}"))
            self.assertIn((command, answer.get("code")), (("ACK", None), ("NACK", "503.1")))
            return command == "NACK"
        wait_for(raise_is_refused, "the reserve is given back", pause=0)
        self.assertEqual(client.refusal(raised("D-NEW", identity="E-NEW")), "503.1")
        client.publish(self.small("E-1"))
        self.assertEqual(self.rig.status()["state"], "short of disk space")
        self.filler.unlink()
        wait_for(lambda: client.ask("EVENT", raised("D-NEW", identity="E-NEW"))[0] == "ACK",
                 "a new one is taken when there is room")
        self.assertEqual(daemon.stop(), 0, daemon.said())


class FailingDisk(unittest.TestCase):
    def test_store_latches_and_the_daemon_ends_with_74(self):
        rig = Rig()
        self.addCleanup(rig.close)
        daemon = rig.start()
        client = rig.client()
        kept = [client.publish(raised(f"D-{number}", identity=f"E-{number}"))["id"]
                for number in range(20)]
        rig.wait_delivered()
        log = (rig.state / "concernd.db-wal").stat().st_size
        self.assertGreater(log, daemon.log.stat().st_size + 100000)
        resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (log, log))
        unsure = []
        for number in range(20, 40):
            client.send("EVENT", raised(f"D-{number}", identity=f"E-{number}"))
            unsure.append(f"E-{number}")
        self.assertEqual(daemon.wait(), 74, daemon.said())
        self.assertIn("MESSAGE_ID=47eaa0992cb6416d86dc283cf0480ff9", daemon.said())
        answer = client.receive(0.2)
        while answer:
            if answer[0] == "ACK":
                kept.append(answer[2]["id"])
            answer = client.receive(0.2)
        # Started again it has all that it acknowledged; the rest is sent again.
        daemon = rig.start()
        client.connect(rig.status()["endpoint"])
        for identity in unsure:
            client.publish(raised("D-" + identity[2:], identity=identity))
        self.assertEqual(daemon.stop(), 0, daemon.said())
        with rig.store() as store:
            ids = [row[0] for row in store.execute("SELECT id FROM event")]
            self.assertEqual(record_faults(store), [])
        self.assertEqual(sorted(ids), sorted(f"E-{number}" for number in range(40)))
        self.assertLessEqual(set(kept), set(ids))


if __name__ == "__main__":
    unittest.main(verbosity=1)
