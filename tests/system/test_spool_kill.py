"""test_spool_kill.py - concern-spool ends at any instant, again and again; nothing is lost or doubled.

Two ways to end it: at the n-th call that changes something on the disk or the wire, for every n
that there is (end_at_preload.c), before and after the call; and by SIGKILL at a random instant,
with the daemon killed now and then as well.  And each of these calls fails once, as on a full disk.  At the end each row of each file is in the record
exactly once, and each file lies in done/ or error/ and nowhere else.

CONCERN_LONG=1 tries every call instead of every few; CONCERN_LONG=500 also kills 500 times;
CONCERN_SEED=n repeats a run's choices.
"""
import collections
import json
import os
import pathlib
import random
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import HOUSING, Rig, preload_of, record_faults, wait_for  # noqa: E402
from spool_rig import Spool  # noqa: E402
from ports import held_port  # noqa: E402

LONG = int(os.environ.get("CONCERN_LONG", "0"))
STEP = 1 if LONG else 9    # of the calls
KILLS = max(LONG, 25)
SEED = int(os.environ.get("CONCERN_SEED", str(time.time_ns() % 1000000)))
PRELOAD = preload_of("end_at_preload")
NOW = int(time.time()) - 86400  # when the files were written
BY = {"by": {"agency": "northtown-housing"}}

MAPPING = """
members:
  type: discussion.held
  subject: {column: Reference}
  source: urn:northtown:housing
  data.by.agency: northtown-housing
  data.stage: {column: Stage}
"""


def raise_of(subject):
    return {"type": "concernd.disagreement.raised", "subject": subject,
            "data": {"procedure": "plcsab-adults", "board": "plcsab",
                     "challenging": {"agency": "northtown-housing"},
                     "challenged": [{"agency": "northtown-asc"}],
                     "facts": {"relates_to": "individual"}}}


def good_file(prefix, count):
    """One raise and what follows it: JSON lines without ids and times."""
    events = [raise_of(prefix)] + [{"type": "concernd.advice.requested", "subject": prefix,
                                    "data": dict(BY, reference=f"R-{number}")}
                                   for number in range(count - 1)]
    return "".join(json.dumps(event) + "\n" for event in events)


class SpoolKillTest(unittest.TestCase):
    def setUp(self):
        self.dice = random.Random(SEED)
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        self.endpoint = f"tcp://127.0.0.1:{held_port()}"
        self.rig.write_settings(listen=self.endpoint)
        self.daemon = self.rig.start()
        self.mapping = self.rig.folder / "mapping.yaml"
        self.mapping.write_text(MAPPING)
        self.wanted = collections.Counter()  # subject: how many events it must have

    def spool(self):
        spool = Spool(self.rig.folder, self.endpoint, self.rig.keys / "server.key",
                      self.rig.keys / "housing.key_secret", "--source", HOUSING,
                      "--mapping", self.mapping)
        self.addCleanup(spool.close)
        return spool

    def drop(self, spool, number):
        """Three files: all good; half good (one row is refused here, one there); rows of CSV."""
        subject = f"D-{number}"
        spool.drop("1-good.jsonl", good_file(subject, 4), at=NOW)
        spool.drop("2-half.jsonl", good_file(subject + "-HALF", 2) + "{\"type\":}\n" + json.dumps(
            {"type": "concernd.hold", "subject": subject, "data": {}}) + "\n", at=NOW)
        # Two rows that say the same are two events all the same.
        spool.drop("3-rows.csv", f"Reference,Stage\r\n{subject},stage-1\r\n{subject},stage-1\r\n",
                   at=NOW)
        self.wanted[subject] += 6
        self.wanted[subject + "-HALF"] += 2

    def check_folder(self, spool, places):
        self.assertEqual({place: spool.names(place) for place in (".", "work", "done", "error")},
                         dict({".": [], "work": []}, **places), spool.folder)

    def check_record(self):
        self.assertEqual(self.daemon.stop(), 0, self.daemon.said())
        store = self.rig.store()
        self.addCleanup(store.close)
        events, ids = collections.Counter(), collections.Counter()
        for payload, in store.execute("SELECT payload FROM record_line JOIN record_payload "
                                      "USING (number) WHERE type = 'event'"):
            event = json.loads(payload)["event"]
            events[event["subject"]] += 1
            ids[event["source"], event["id"]] += 1
        self.assertEqual(events, self.wanted, "each row in the record, as often as it was dropped")
        self.assertEqual(set(ids.values()), {1}, "each event once in the record")
        self.assertEqual(record_faults(store), [])

    ASIDE = {"done": ["1-good.jsonl", "3-rows.csv"],
             "error": ["2-half.jsonl", "2-half.jsonl.reason.txt"]}

    def count_calls(self):
        """How many there are when nothing ends it."""
        spool = self.spool()
        self.drop(spool, 0)
        counted = self.rig.folder / "calls"
        done = spool.once(**self.preload(END_COUNT=counted))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.check_folder(spool, self.ASIDE)
        return int(counted.read_text())

    @staticmethod
    def preload(**more):
        # The sanitizer's own library wants to be the first one otherwise.
        return dict(more, LD_PRELOAD=PRELOAD, ASAN_OPTIONS="verify_asan_link_order=0")

    def test_every_call(self):
        calls = self.count_calls()
        self.assertGreater(calls, 60)
        number, ended = 0, 0
        # What libzmq sends and hears is not the same each time: a few more than were counted.
        for which in ("END_AT", "END_AFTER"):
            for call in range(1 + self.dice.randrange(STEP), calls + 5, STEP):
                number += 1
                spool = self.spool()
                self.drop(spool, number)
                first = spool.once(**self.preload(**{which: call}))
                self.assertIn(first.returncode, (1, 99), first.stderr)
                self.assertNotIn("Sanitizer", first.stderr)
                ended += first.returncode == 99
                # A second end on the way back, now and then.
                if self.dice.random() < 0.3:
                    spool.once(**self.preload(END_AT=self.dice.randrange(1, calls)))
                again = spool.once()
                self.assertIn(again.returncode, (0, 1), again.stderr)
                with self.subTest(which=which, call=call):
                    self.check_folder(spool, self.ASIDE)
        self.check_record()
        print(f"\n  {number} runs of {calls} calls each, {ended} ended on the way")
        self.assertGreater(ended, number / 2)

    def test_every_call_failing(self):
        """A disk that is full for one call: what was done so far is gone on from."""
        calls, number = self.count_calls(), 0
        for call in range(1 + self.dice.randrange(STEP), calls + 1, STEP):
            number += 1
            spool = self.spool()
            self.drop(spool, number)
            first = spool.once(**self.preload(FAIL_AT=call))
            self.assertEqual(first.returncode, 1, first.stderr)
            self.assertNotIn("Sanitizer", first.stderr)
            spool.once()
            with self.subTest(call=call):
                self.check_folder(spool, self.ASIDE)
        self.check_record()

    def test_random_kills(self):
        spool = self.spool()
        done, error = [], []
        for number in range(KILLS):
            if not spool.process or spool.process.poll() is not None:
                spool.start()
            subject = f"D-{number}"
            count = self.dice.randrange(1, 30)
            spool.drop(f"{number:06}.jsonl", good_file(subject, count), at=NOW)
            self.wanted[subject] += count
            done.append(f"{number:06}.jsonl")
            if self.dice.random() < 0.3:
                spool.drop(f"{number:06}-bad.jsonl", "{\"type\":}\n", at=NOW)
                error += [f"{number:06}-bad.jsonl", f"{number:06}-bad.jsonl.reason.txt"]
            # From before it has begun to after it is done with it.
            time.sleep(self.dice.uniform(0, 0.4))
            if self.dice.random() < 0.1:
                self.daemon.kill()
                self.daemon = self.rig.start()
            spool.kill()
        spool.start()
        # One more: what is done with it has begun, and can be told to stop.
        spool.drop(f"{KILLS:06}.jsonl", good_file("D-LAST", 1), at=NOW)
        self.wanted["D-LAST"] += 1
        done.append(f"{KILLS:06}.jsonl")
        wait_for(lambda: len(spool.names("done")) == len(done), "all are sent")
        wait_for(lambda: spool.names("error") == sorted(error), "or refused")
        self.assertEqual(spool.stop(), 0)
        self.check_folder(spool, {"done": sorted(done), "error": sorted(error)})
        self.assertNotIn("Sanitizer", spool.said())
        self.check_record()
        print(f"\n  seed {SEED}: killed {KILLS} times; {sum(self.wanted.values())} events")


if __name__ == "__main__":
    unittest.main(verbosity=1)
