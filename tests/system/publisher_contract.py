"""publisher_contract.py - what every publisher of ours promises, whatever it is written in.

PublisherContract drives a publisher through a small program that obeys lines of JSON (see
publish_python.py), against a daemon that answers as told and against the real one.
"""
import faulthandler
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import zmq.auth

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import (CONCERNCTL, event, HOUSING, PATIENCE, raised, record_faults,  # noqa: E402
                         Rig, SOURCE, wait_for)
from fake_daemon import FakeDaemon  # noqa: E402
from ports import held_port  # noqa: E402
from publisher_driver import Driven  # noqa: E402

CYCLES = int(os.environ.get("CONCERN_LONG", "15"))  # kills of each, daemon and publisher
SAMPLES = sorted((SOURCE / "protocol/samples").glob("*.json"))
BAD = sorted((SOURCE / "protocol/samples/bad").glob("*.json"))
# What is wrong with these is gone when a publisher has made its bytes of them: it fills in what
# is missing and leaves out spaces, and an object has no member twice.  That nobody is named does
# not matter where the key speaks for one agency only.
MADE_RIGHT = {f"400.3-{name}-missing" for name in
              ("id", "time", "source", "specversion", "datacontenttype")} | {
                  "400.2-member-twice", "400.4-by-missing", "413.1-too-large"}
LAS = "urn:northtown-test:las"
FAST = [0.05, 0.1]


def small(number, **members):
    return event("acknowledged", "D-TEST-1", source=LAS, identity=f"E{number}",
                 time="2026-12-18T16:59:00Z", **members)


class PublisherContract:
    """Mix into a TestCase that has the command lines of its driver and of the shipped example."""

    command, example = [], []

    def setUp(self):
        faulthandler.dump_traceback_later(5 * PATIENCE, exit=True)  # a write that blocks has no end
        self.addCleanup(faulthandler.cancel_dump_traceback_later)
        self.scratch = tempfile.TemporaryDirectory(prefix="concern test ")
        self.addCleanup(self.scratch.cleanup)
        self.folder = pathlib.Path(self.scratch.name)
        self.outbox = self.folder / "an outbox"
        self.admitted = self.folder / "admitted keys"
        self.admitted.mkdir()
        for name in ("--server", "las", "stranger"):
            subprocess.run([CONCERNCTL, "keys", "make", name, "--directory", self.folder],
                           check=True, capture_output=True)
        (self.admitted / "las.key").write_text((self.folder / "las.key").read_text())
        self.endpoint = f"tcp://127.0.0.1:{held_port()}"

    def daemon(self, script=None, **settings):
        daemon = FakeDaemon(self.folder, self.admitted, script, endpoint=self.endpoint, **settings)
        self.addCleanup(lambda: self.end_daemon(daemon))
        return daemon

    @staticmethod
    def end_daemon(daemon):
        if not daemon.context.closed:
            daemon.close()

    def publisher(self, key="las", server="server", **settings):
        settings = {"endpoint": self.endpoint, "server_key": str(self.folder / f"{server}.key"),
                    "key": str(self.folder / f"{key}.key_secret"), "outbox": str(self.outbox),
                    "source": LAS, "resend": FAST, **settings}
        driven = Driven(self.command, settings)
        self.addCleanup(driven.close)
        return driven

    def arrived(self, daemon):
        """(id, sequence) of what came, each once, in the order of its first arrival."""
        found = {}
        for identity, _, body in daemon.arrivals:
            found.setdefault(identity, int(json.loads(body)["sequence"]))
        return list(found.items())

    def files(self, folder):
        return sorted(path.name for path in (self.outbox / folder).glob("*.json"))

    # --- against a daemon that answers as told

    def test_acknowledged(self):
        daemon = self.daemon({"E1": [("ACK", {"record": 17})]})
        publisher = self.publisher()
        publisher.publish(small(1))
        self.assertEqual(publisher.expect_told("acknowledged", "E1")["body"]["record"], 17)
        self.assertEqual(daemon.unexpected, [])
        self.assertEqual(daemon.hellos[0]["versions"], [1])
        sent = json.loads(daemon.arrivals[0][2])
        self.assertEqual(sent.pop("sequence"), f"{1:020}")
        self.assertRegex(sent.pop("seqepoch"), "^[0-9a-f-]{36}$")
        self.assertEqual(sent, small(1))
        self.assertEqual(publisher.ask(state=True), {"pending": 0, "trouble": None})
        self.assertEqual(self.files("pending"), [])

    def test_what_is_not_said_is_filled_in(self):
        daemon = self.daemon()
        publisher = self.publisher(board="plcsab")
        publisher.ask(**{"raise": ["D-1", {"challenging": "a", "challenged": ["b", {"agency": "c"}],
                                           "facts": {"risk": "none"}, "procedure": "p"}]})
        publisher.ask(event=["advice.requested", "D-1", {"by": "a", "reference": "R-1"}])
        for _ in range(2):
            publisher.expect_told("acknowledged")
        raise_, advice = (json.loads(arrival[2]) for arrival in daemon.arrivals)
        self.assertEqual(raise_["type"], "concernd.disagreement.raised")
        self.assertEqual(raise_["data"], {"challenging": {"agency": "a"}, "procedure": "p",
                                          "challenged": [{"agency": "b"}, {"agency": "c"}],
                                          "facts": {"risk": "none"}})
        self.assertEqual(advice["type"], "concernd.advice.requested")
        self.assertEqual(advice["data"], {"by": {"agency": "a"}, "reference": "R-1"})
        for sent in raise_, advice:
            self.assertEqual((sent["source"], sent["board"], sent["subject"]),
                             (LAS, "plcsab", "D-1"))
            self.assertEqual((sent["specversion"], sent["datacontenttype"]),
                             ("1.0", "application/json"))
            self.assertRegex(sent["time"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertNotEqual(raise_["id"], advice["id"])

    def test_kept_before_anybody_listens(self):
        publisher = self.publisher()
        self.assertEqual(publisher.publish(small(1))["kept"], "E1")
        self.assertEqual(self.files("pending"), [f"{1:020}.json"])
        self.assertEqual((self.outbox / "pending" / f"{1:020}.json").stat().st_mode & 0o077, 0)
        publisher.kill()
        publisher = self.publisher()
        daemon = self.daemon()
        publisher.expect_told("acknowledged", "E1")
        self.assertEqual(self.arrived(daemon), [("E1", 1)])

    def test_silence_is_sent_again(self):
        daemon = self.daemon({"E1": [None, None, None]})
        publisher = self.publisher(resend=[0.1, 2])
        began = time.monotonic()
        publisher.publish(small(1))
        publisher.expect_told("acknowledged", "E1")
        self.assertGreaterEqual(time.monotonic() - began, 4)  # 0.1 + 2 + 2
        self.assertEqual(len(daemon.arrivals), 4)
        self.assertEqual(len({arrival[2] for arrival in daemon.arrivals}), 1)

    def test_window(self):
        daemon = self.daemon()
        daemon.hold = True
        publisher = self.publisher(resend=[60])
        for number in range(150):
            publisher.publish(small(number))
        wait_for(lambda: len(daemon.held) >= 64, "a full window")
        daemon.hold = False
        for _ in range(150):
            publisher.expect_told("acknowledged")
        self.assertEqual(daemon.most_under_way, 64)
        self.assertEqual(self.arrived(daemon), [(f"E{n}", n + 1) for n in range(150)])

    def test_smaller_window_of_the_daemon(self):
        daemon = self.daemon(welcome={"version": 1, "window": 2})
        publisher = self.publisher(resend=[60])
        publisher.publish(small(0))
        publisher.expect_told("acknowledged")  # it has been welcomed
        daemon.hold = True
        for number in range(1, 20):
            publisher.publish(small(number))
        wait_for(lambda: len(daemon.held) >= 2, "a full window")
        daemon.hold = False
        for _ in range(19):
            publisher.expect_told("acknowledged")
        self.assertEqual(daemon.most_under_way, 2)

    def test_busy_is_obeyed(self):
        daemon = self.daemon({"E1": [("BUSY", {"retry_after_ms": 4000})]})
        publisher = self.publisher(resend=[2, 30])
        began = time.monotonic()
        publisher.publish(small(1))
        publisher.expect_told("acknowledged", "E1", patience=25)
        self.assertGreaterEqual(time.monotonic() - began, 3.9)  # not after 2 s, as its own
        self.assertEqual(len(daemon.arrivals), 2)

    def test_later_codes_are_sent_again(self):
        daemon = self.daemon({"E1": [("NACK", {"code": "503.2"}), ("NACK", {"code": "429.1"})]})
        publisher = self.publisher(resend=[1, 1, 30])
        publisher.publish(small(1))
        publisher.expect_told("acknowledged", "E1")
        self.assertEqual(len(daemon.arrivals), 3)

    def test_raise_comes_before_what_speaks_of_it(self):
        self.daemon({"E1": [("NACK", {"code": "503.1"})], "E2": [("NACK", {"code": "404.1"})]})
        publisher = self.publisher(resend=[0.5])
        publisher.publish(small(1, type="concernd.disagreement.raised"))
        publisher.publish(small(2))
        self.assertEqual(publisher.expect_told("acknowledged")["id"], "E1")
        self.assertEqual(publisher.expect_told("acknowledged")["id"], "E2")

    def test_refused_is_set_aside_and_told(self):
        daemon = self.daemon({"E2": [("NACK", {"code": "400.4", "reason": "data.risk is wrong"})]})
        publisher = self.publisher()
        for number in (1, 2, 3):
            publisher.publish(small(number))
        publisher.expect_told("acknowledged", "E3")
        self.assertEqual(publisher.expect_told("refused", "E2")["code"], "400.4")
        self.assertEqual(self.arrived(daemon), [("E1", 1), ("E2", 2), ("E3", 3)])
        publisher.close()
        # It stays there, and is not sent again by itself.
        publisher = self.publisher()
        refused = publisher.ask(refused=True)["refused"]
        self.assertEqual([(event["id"], code) for event, code in refused], [("E2", "400.4")])
        self.assertEqual(publisher.ask(state=True)["pending"], 0)
        # Corrected it goes out in its old place: the daemon must not miss a number.
        publisher.publish(small(2, data={"note": "corrected"}))
        publisher.expect_told("acknowledged", "E2")
        sent = json.loads(daemon.arrivals[-1][2])
        self.assertEqual((sent["data"], int(sent["sequence"])), ({"note": "corrected"}, 2))
        self.assertEqual(publisher.ask(refused=True)["refused"], [])
        publisher.publish(small(4))
        publisher.expect_told("acknowledged", "E4")
        self.assertEqual(int(json.loads(daemon.arrivals[-1][2])["sequence"]), 4)

    def test_last_is_asked_at_each_connection(self):
        daemon = self.daemon({"E1": [None] * 100})
        publisher = self.publisher(resend=[60])
        publisher.publish(small(1))
        wait_for(lambda: daemon.arrivals, "the first arrival")
        daemon.close()
        daemon = self.daemon()
        # Sent again when the connection is back, long before the minute.
        publisher.expect_told("acknowledged", "E1", patience=50)
        self.assertEqual(daemon.lasts, [(LAS, 0)])
        self.assertEqual(daemon.unexpected, [])

    def test_same_counter_in_the_next_life(self):
        epochs = set()
        for life in range(3):
            daemon = self.daemon()
            publisher = self.publisher()
            publisher.publish(small(life))
            publisher.expect_told("acknowledged")
            sent = json.loads(daemon.arrivals[-1][2])
            self.assertEqual(int(sent["sequence"]), life + 1)
            epochs.add(sent["seqepoch"])
            publisher.close()
            daemon.close()
        self.assertEqual(len(epochs), 1)

    def test_sources_are_counted_apart(self):
        daemon = self.daemon()
        publisher = self.publisher()
        for number, source in enumerate(["urn:a:one", "urn:a:two", "urn:a:one"]):
            publisher.publish(dict(small(number), source=source))
        for _ in range(3):
            publisher.expect_told("acknowledged")
        self.assertEqual([sequence for _, sequence in self.arrived(daemon)], [1, 1, 2])

    def test_daemon_that_was_put_back_from_a_copy(self):
        daemon = self.daemon()
        publisher = self.publisher()
        for number in range(5):
            publisher.publish(small(number))
        for _ in range(5):
            publisher.expect_told("acknowledged")
        epoch = json.loads(daemon.arrivals[0][2])["seqepoch"]
        daemon.close()
        publisher.publish(small(5))
        daemon = self.daemon()
        daemon.last[LAS] = (epoch, f"{3:020}")
        alarm = publisher.expect_told("alarm")
        self.assertIn("forgotten 2", alarm["text"])
        for identity in ("E3", "E4", "E5"):
            publisher.expect_told("acknowledged", identity)
        self.assertEqual(self.arrived(daemon), [("E3", 4), ("E4", 5), ("E5", 6)])

    def test_outbox_that_was_put_back_from_a_copy(self):
        daemon = self.daemon({"E1": [None]})
        publisher = self.publisher()
        publisher.publish(small(1))
        publisher.expect_told("acknowledged", "E1")
        epoch = json.loads(daemon.arrivals[0][2])["seqepoch"]
        publisher.close()
        daemon.last[LAS] = (epoch, f"{9:020}")
        publisher = self.publisher()
        publisher.publish(small(2))
        self.assertIn("put back from a copy", publisher.expect_told("alarm")["text"])
        publisher.publish(small(3))
        publisher.expect_told("acknowledged", "E3")
        sent = json.loads(daemon.arrivals[-1][2])
        self.assertNotEqual(sent["seqepoch"], epoch)
        self.assertLessEqual(int(sent["sequence"]), 2)  # E2 may have come before the answer

    def test_what_is_remembered_has_an_end(self):
        daemon = self.daemon()
        publisher = self.publisher()
        publisher.publish(dict(small(0), source="urn:a:seldom"))
        for number in range(1, 1300):
            publisher.say(publish=small(number))
        publisher.expect_told("acknowledged", "E1299", patience=4 * PATIENCE)
        publisher.close()
        remembered = self.files("acknowledged")
        self.assertLess(len(remembered), 1260)
        # The counter of the source that says little is among them.
        self.assertEqual(remembered[0], f"{1:020}.json")
        publisher = self.publisher()
        publisher.publish(dict(small(1300), source="urn:a:seldom"))
        publisher.expect_told("acknowledged", "E1300")
        self.assertEqual(int(json.loads(daemon.arrivals[-1][2])["sequence"]), 2)

    def test_the_same_published_twice(self):
        daemon = self.daemon({"E1": [None]})
        publisher = self.publisher(resend=[1])
        for _ in range(2):
            self.assertEqual(publisher.publish(small(1))["kept"], "E1")
        publisher.expect_told("acknowledged", "E1")
        publisher.close()
        before = len(daemon.arrivals)
        publisher = self.publisher(resend=[60])
        self.assertEqual(publisher.publish(small(1))["kept"], "E1")
        other = publisher.publish(small(1, data={"note": "other"}))
        self.assertIn("ids are used once", other["text"])
        publisher.publish(small(2))
        publisher.expect_told("acknowledged", "E2")
        self.assertEqual(self.arrived(daemon), [("E1", 1), ("E2", 2)])
        self.assertEqual(len(daemon.arrivals), before + 1)

    def test_two_programs_and_one_outbox(self):
        first = self.publisher()
        self.assertEqual(self.publisher().first["error"], "OutboxInUse")
        first.kill()
        self.assertIn("ready", self.publisher().first)

    def test_outbox_that_is_full(self):
        publisher = self.publisher(most_pending=3)
        for number in range(3):
            self.assertIn("kept", publisher.publish(small(number)))
        self.assertEqual(publisher.publish(small(3))["error"], "OutboxFull")
        daemon = self.daemon()
        for _ in range(3):
            publisher.expect_told("acknowledged")
        self.assertIn("kept", publisher.publish(small(3)))
        publisher.expect_told("acknowledged", "E3")
        self.assertEqual(self.arrived(daemon), [(f"E{n}", n + 1) for n in range(4)])

    def test_alarm(self):
        daemon = self.daemon({"E1": [None] * 1000})
        publisher = self.publisher(alarm_after=1.0)
        began = time.monotonic()
        publisher.publish(small(1))
        alarm = publisher.expect_told("alarm")
        self.assertGreaterEqual(time.monotonic() - began, 0.9)
        self.assertIn("does not acknowledge", alarm["text"])
        self.assertEqual(alarm["pending"], 1)
        publisher.expect_told("alarm")  # and again, until somebody looks
        daemon.close()
        wait_for(lambda: "nobody" in publisher.expect_told("alarm")["text"] or
                 "lost" in publisher.seen[-1]["text"], "an alarm that says why")

    def test_key_that_is_admitted_later(self):
        (self.admitted / "las.key").rename(self.folder / "las.aside")
        daemon = self.daemon()
        publisher = self.publisher(alarm_after=1.0)
        publisher.publish(small(1))
        self.assertIn("not admit this client key", publisher.expect_told("alarm")["text"])
        self.assertEqual(daemon.arrivals, [])
        (self.folder / "las.aside").rename(self.admitted / "las.key")
        daemon.zap.configure_curve(domain="concernd", location=str(self.admitted))
        publisher.expect_told("acknowledged", "E1")

    def test_key_that_may_not_publish_any_more(self):
        daemon = self.daemon({"E1": [("NACK", {"code": "401.1"})]})
        publisher = self.publisher(resend=[0.05, 0.8])
        publisher.publish(small(1))
        publisher.publish(small(2))
        self.assertIn("this key", publisher.expect_told("alarm")["text"])
        publisher.expect_told("acknowledged", "E1")  # nothing was wrong with the event itself
        self.assertGreater(len(daemon.hellos), 1)

    def test_wrong_server_key(self):
        daemon = self.daemon()
        publisher = self.publisher(server="stranger", alarm_after=2.0)
        publisher.publish(small(1))
        self.assertIn("not that daemon's", publisher.expect_told("alarm")["text"])
        self.assertEqual(daemon.arrivals, [])

    def test_keys(self):
        publisher = self.publisher()
        publisher.close()
        (self.folder / "las.key_secret").chmod(0o644)
        self.assertIn("chmod 600", self.publisher().first["text"])
        (self.folder / "las.key_secret").chmod(0o600)
        # pyzmq's own files are of the same format; and the daemon's key may be written out.
        zmq.auth.create_certificates(str(self.admitted), "other")
        (self.admitted / "other.key_secret").chmod(0o600)
        daemon = self.daemon()
        server = zmq.auth.load_certificate(str(self.folder / "server.key"))[0].decode()
        publisher = self.publisher(key="admitted keys/other", server_key=server, resend=[60])
        publisher.publish(small(1))
        publisher.expect_told("acknowledged", "E1")
        self.assertEqual(len(daemon.arrivals), 1)
        publisher.close()
        for text in ("", "no key\n", 'public-key = "short"\n'):
            (self.folder / "las.key_secret").write_text(text)
            self.assertIn("public-key", self.publisher().first["text"])
        (self.folder / "las.key_secret").write_text((self.folder / "las.key").read_text())
        self.assertIn("no secret key", self.publisher().first["text"])

    def test_what_is_no_event(self):
        publisher = self.publisher()
        for members in ({"data": {"note": "x" * 65536}}, {"data": {"note": "a\nb"}}, {"id": "a b"},
                        {"data": []}, {"sequence": "1", "seqepoch": "x"}, {"sequence": "1" * 20},
                        {"time": "yesterday"}, {"data": {"note": "\ud800"}}):
            said = publisher.publish({**small(1), **members})
            self.assertEqual(said.get("error"), "NotAnEvent", (members, said))
        self.assertEqual(self.files("pending"), [])
        self.assertEqual(publisher.publish(small(1))["kept"], "E1")
        self.assertEqual(self.files("pending"), [f"{1:020}.json"])

    def test_disk_that_fails(self):
        publisher = self.publisher()
        publisher.publish(small(1))
        (self.outbox / "pending").rename(self.outbox / "gone")
        self.assertIn("error", publisher.publish(small(2)))
        (self.outbox / "gone").rename(self.outbox / "pending")
        self.assertEqual(self.files("pending"), [f"{1:020}.json"])
        # What was not kept took no number.
        for number in (2, 3):
            self.assertIn("kept", publisher.publish(small(number)))
        daemon = self.daemon()
        publisher.expect_told("acknowledged", "E3")
        self.assertEqual(self.arrived(daemon), [("E1", 1), ("E2", 2), ("E3", 3)])

    def test_crash_in_the_middle_of_a_file(self):
        publisher = self.publisher()
        publisher.publish(small(1))
        publisher.kill()
        (self.outbox / "pending" / f"{2:020}.new").write_bytes(b'{"specversion": "1.')
        publisher = self.publisher()
        self.assertIn("ready", publisher.first)
        self.assertEqual(publisher.ask(state=True)["pending"], 1)
        publisher.publish(small(2))
        daemon = self.daemon()
        publisher.expect_told("acknowledged", "E2")
        self.assertEqual(self.arrived(daemon), [("E1", 1), ("E2", 2)])

    # --- against the real daemon

    def real(self, **entry):
        """A rig; `entry` goes into housing's entry of the keyring."""
        rig = Rig()
        self.addCleanup(rig.close)
        rig.write_settings(listen=self.endpoint)
        keyring = json.loads((rig.folder / "keyring.yaml").read_text())
        keyring["keys"][0].update(entry)
        (rig.folder / "keyring.yaml").write_text(json.dumps(keyring))
        return rig

    def real_publisher(self, rig):
        return self.publisher(server_key=str(rig.keys / "server.key"), source=HOUSING,
                              key=rig.keys / "housing")

    def test_samples(self):
        """Each good sample is never of the 400s; each bad one is refused here or there."""
        rig = self.real(sources=["urn:northtown"])
        rig.start("--clock", "2027-03-01T09:00:00Z")
        publisher = self.real_publisher(rig)
        for path in SAMPLES:
            with self.subTest(path.stem):
                event = json.loads(path.read_bytes())
                event = {name: value for name, value in event.items()
                         if name not in ("sequence", "seqepoch")}
                self.assertIn("kept", publisher.publish(dict(event, id=f"S-{path.stem}"[:64])))
                told = publisher.expect(lambda said: "told" in said)
                self.assertNotRegex(told.get("code", ""), "^40[01]")
        for path in BAD:
            with self.subTest(path.stem):
                try:
                    event = json.loads(path.read_bytes())
                    json.dumps(event, allow_nan=False)
                except ValueError:
                    continue  # such bytes no publisher can be given
                if path.stem in MADE_RIGHT:
                    continue
                if path.stem.startswith("400.4"):
                    event["id"] = f"B-{path.stem}"[:64]
                said = publisher.publish(event)
                if "error" in said:
                    self.assertEqual(said["error"], "NotAnEvent", said)
                else:
                    told = publisher.expect(lambda said: "told" in said)
                    self.assertEqual(told["told"], "refused", told)
                    self.assertEqual(told["code"], path.stem[:5], told)

    def test_example(self):
        rig = self.real()
        rig.start()
        for reference, status, said in (("D-1", 0, "record 3"), ("D-1", 1, "409.1")):
            done = subprocess.run([*map(str, self.example), self.endpoint, rig.keys / "server.key",
                                   rig.keys / "housing.key_secret", self.outbox, reference],
                                  capture_output=True, text=True, timeout=4 * PATIENCE, check=False)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(said, done.stdout + done.stderr)

    def test_killed_again_and_again(self):
        """Daemon and publisher are killed at any instant: each event is kept, and acts, once."""
        dice = random.Random(int(os.environ.get("CONCERN_SEED", "7")))
        rig = self.real()
        rig.manager.forget()
        daemon, publisher = rig.daemon(), self.real_publisher(rig)
        events, said, kept = [], 0, set()
        for cycle in range(2 * CYCLES):
            for _ in range(dice.randrange(5, 25)):
                if said == len(events):
                    events.append(self.make(said))
                publisher.say(publish=events[said])
                said += 1
            publisher.take(dice.uniform(0, 0.1))  # any instant will do
            if cycle % 2:
                publisher.kill()
                kept |= {one.get("kept") for one in publisher.everything()}
                # What was not confirmed may be kept or not: it is said again, as one would.
                said = sum(one["id"] in kept for one in events)
                publisher = self.real_publisher(rig)
            else:
                daemon.kill()
                self.assertNotIn("Sanitizer", daemon.said())
                rig.manager.forget()
                daemon = rig.daemon()
        for one in events[said:]:
            publisher.say(publish=one)
        wait_for(lambda: publisher.ask(state=True).get("pending") == 0, "everything is answered")
        self.assertEqual(publisher.ask(refused=True)["refused"], [])
        publisher.close()
        daemon.stop()
        self.compare(rig, {one["id"] for one in events})

    @staticmethod
    def make(number):
        """Every third one raises, those between are about it."""
        subject = f"D-{number - number % 3}"
        if number % 3 == 0:
            return raised(subject, identity=f"K-{number}")
        return event("discussion.held", subject, {"by": {"agency": "northtown-housing"}},
                     identity=f"K-{number}")

    def compare(self, rig, said):
        """The record has each event once, numbered without a hole."""
        store = rig.store()
        self.addCleanup(store.close)
        lines = [json.loads(row["payload"])["event"]["id"] for row in store.execute(
            "SELECT payload FROM record_payload JOIN record_line USING (number) "
            "WHERE type = 'event'")]
        self.assertEqual(sorted(lines), sorted(said))
        source = store.execute("SELECT * FROM source WHERE source = ?", (HOUSING,)).fetchone()
        self.assertEqual(source["high"], len(said))
        self.assertEqual(store.execute("SELECT count(*) FROM gap WHERE closed_us IS NULL")
                         .fetchone()[0], 0)
        self.assertEqual(record_faults(store), [])
