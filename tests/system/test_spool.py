"""concern-spool on real folders: against the real daemon, and against one that answers as told."""
import calendar
import csv
import io
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import (HOUSING, SOURCE, Manager, Rig, clean_environment, preload_of,  # noqa: E402
                         wait_for)
from fake_daemon import FakeDaemon  # noqa: E402
from ports import held_port  # noqa: E402
from spool_rig import SPOOL, Spool  # noqa: E402

PRELOAD = preload_of("end_at_preload")
BY = {"by": {"agency": "northtown-housing"}}


def bare(kind, subject, **data):
    return {"type": f"concernd.{kind}", "subject": subject, "data": dict(data)}


def raise_of(subject, **members):
    made = bare("disagreement.raised", subject, procedure="plcsab-adults", board="plcsab",
                challenging={"agency": "northtown-housing"},
                challenged=[{"agency": "northtown-asc"}], facts={"relates_to": "individual"})
    made.update(members)
    return made


def lines(*events):
    return "".join(json.dumps(event) + "\n" for event in events)


def seconds_of(body):
    """The time of an event, as time.time() counts."""
    return calendar.timegm(time.strptime(json.loads(body)["time"], "%Y-%m-%dT%H:%M:%SZ"))


def run(*arguments, **environment):
    return subprocess.run([SPOOL, *map(str, arguments)], stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, env=clean_environment(**environment), timeout=60,
                          check=False)


class UsageTest(unittest.TestCase):
    def test_help_and_version(self):
        self.assertIn("--folder DIR", run("--help").stdout)
        self.assertEqual(run("--help").returncode, 0)
        self.assertRegex(run("--version").stdout, r"^concern-spool \d")

    def test_wrong_usage(self):
        for arguments, said in (
                ((), "which folder?"),
                (("--folder", "/tmp"), "where is the daemon?"),
                (("--folder", "/tmp", "--endpoint", "tcp://x:1"), "the daemon's public key?"),
                (("--foldr", "/tmp"), "did you mean --folder?"),
                (("--folder",), "wants a value"),
                (("--once=1",), "takes no value"),
                (("--rescan", "soon"), "no number of seconds"),
                (("--rescan", "0"), "no number of seconds"),
                (("/tmp",), "no argument is expected")):
            done = run(*arguments)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(said, done.stderr)
            self.assertIn("concern-spool --help tells more", done.stderr)

    def test_files_that_are_wrong(self):
        done = run("--config", "/nonexistent.yaml")
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nonexistent.yaml", done.stderr)


class CheckTest(unittest.TestCase):
    def setUp(self):
        self.rig = Spool("/tmp", "", "", "")
        self.addCleanup(self.rig.close)
        self.example = SOURCE / "clients/spool/example"

    def test_example(self):
        done = run("--check", self.example / "mapping.yaml", self.example / "export.csv")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "")
        events = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([event["type"] for event in events],
                         ["concernd." + kind for kind in (
                             "disagreement.raised", "discussion.held", "risk.changed",
                             "stage.unresolved", "resolution.proposed")])
        # By hand from the file: summer time in June, and whom the letters mean.
        self.assertEqual(events[0]["time"], "2026-06-15T08:30:00Z")
        self.assertEqual(events[0]["data"]["challenged"], [{"agency": "northtown-asc"}])

    def test_tells_what_the_daemon_would_refuse(self):
        mapping = self.rig.folder / "m.yaml"
        mapping.write_text("members:\n  type: {column: T}\n  subject: {column: S}\n"
                           "  source: urn:x\n  data.colour: red\n")
        rows = self.rig.folder / "r.csv"
        rows.write_text("T,S\nadvice.requested,D 1\nadvice.requested,D-1\nadvice.requested\n")
        done = run("--check", mapping, rows)
        self.assertEqual(done.returncode, 1)
        said = done.stderr.splitlines()
        self.assertIn(f"{rows}:2: 400.3 subject is not as it must be", said[0])
        self.assertIn("nobody knows data.colour", said[1])
        self.assertIn(f"{rows}:4: 1 cells (2, as the first row)", said[2])
        self.assertEqual(len(done.stdout.splitlines()), 1)

    def test_tells_what_is_wrong_in_a_mapping(self):
        mapping = self.rig.folder / "m.yaml"
        mapping.write_text("members:\n  type: a\n  subject: {colum: S}\n")
        done = run("--check", mapping)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{mapping}:3:13: unknown key `colum` (did you mean `column`?)", done.stderr)

    def test_reads_csv_as_python_writes_it(self):
        """A second writer of RFC 4180: whatever cells hold, they come back."""
        mapping = self.rig.folder / "m.yaml"
        mapping.write_text("members:\n  type: advice.requested\n  subject: {column: S}\n"
                           "  source: urn:x\n  data.x: {column: X}\n")
        dice = random.Random(7)
        # Python quotes a bare carriage return only where it is a part of the rows' ending.
        for ending, quoting in (("\r\n", csv.QUOTE_MINIMAL), ("\n", csv.QUOTE_ALL)):
            cells = ["".join(dice.choice('ab",\n\r\u00e9;\' ') for _ in range(dice.randrange(12)))
                     for _ in range(300)]
            text = io.StringIO()
            writer = csv.writer(text, lineterminator=ending, quoting=quoting)
            writer.writerow(["X", "S"])
            for number, cell in enumerate(cells):
                writer.writerow([cell, f"D-{number}"])
            rows = self.rig.folder / "r.csv"
            rows.write_bytes(text.getvalue().encode())
            found = {}
            for line in run("--check", mapping, rows).stdout.splitlines():
                event = json.loads(line)
                found[event["subject"]] = event["data"].get("x", "")
            # A control character is refused by the daemon's reader, as it must be.
            wanted = {f"D-{number}": cell.strip(" \t") for number, cell in enumerate(cells)
                      if "\n" not in cell.strip(" \t") and "\r" not in cell.strip(" \t")}
            self.assertEqual(found, wanted)
            self.assertGreater(len(found), 50)


class AnswersTest(unittest.TestCase):
    """Against a daemon that answers as it is told to."""

    def setUp(self):
        self.rig = Rig()  # for its keys
        self.addCleanup(self.rig.close)
        admitted = self.rig.folder / "admitted"
        admitted.mkdir()
        (admitted / "housing.key").write_text((self.rig.keys / "housing.key").read_text())
        self.admitted = admitted

    def fake(self, script=None, **more):
        daemon = FakeDaemon(self.rig.keys, self.admitted, script, **more)
        self.addCleanup(daemon.close)
        return daemon

    def spool(self, daemon, *options, key="housing"):
        endpoint = daemon if isinstance(daemon, str) else daemon.endpoint
        spool = Spool(self.rig.folder, endpoint, self.rig.keys / "server.key",
                      self.rig.keys / f"{key}.key_secret", "--source", HOUSING, *options)
        self.addCleanup(spool.close)
        return spool

    def test_refused_rows_are_told_and_the_others_sent(self):
        daemon = self.fake({"E2": [("NACK", {"code": "403.1", "reason": "not your source"})],
                            "E4": [("ACK", {"ignored": True, "dropped": ["colour"]})]})
        spool = self.spool(daemon)
        events = [dict(bare("advice.requested", f"D-{n}"), id=f"E{n}") for n in range(1, 5)]
        spool.drop("a.jsonl", lines(*events) + "{\"type\":}\n")
        done = spool.once()
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual([arrival[0] for arrival in daemon.arrivals], ["E1", "E2", "E3", "E4"])
        self.assertEqual(spool.names("error"), ["a.jsonl", "a.jsonl.reason.txt"])
        self.assertEqual(spool.names("done"), [])
        reason = spool.text("error/a.jsonl.reason.txt")
        self.assertIn("2 of its 5 rows did not become events", reason)
        self.assertIn("The other 3 are acknowledged", reason)
        self.assertIn("a.jsonl:2:1: 403.1 not your source (ask the board's administrator what "
                      "this key may do); event E2 about D-2\n", reason)
        self.assertIn("a.jsonl:4:1: acknowledged, but it changes nothing: no procedure there knows "
                      "its type; not understood and dropped: data.colour; event E4", reason)
        self.assertRegex(reason, r"a\.jsonl:5:\d+: 400\.2 the event that begins in line 5 ")
        # The same on the terminal, for who runs it once.
        self.assertIn("a.jsonl:2:1: 403.1 not your source", done.stderr)

    def test_a_remark_lies_beside_what_is_done(self):
        spool = self.spool(self.fake({"E1": [("ACK", {"dropped": ["colour", "by.x"]})],
                                      "E2": [("ACK", {"parked": True})]}))
        spool.drop("a.json", lines(*(dict(bare("advice.requested", "D-1"), id=f"E{number}")
                                     for number in range(1, 4))))
        self.assertEqual(spool.once().returncode, 0)
        self.assertEqual(spool.names("done"), ["a.json", "a.json.note.txt"])
        note = spool.text("done/a.json.note.txt").splitlines()
        self.assertEqual(note, [
            "a.json:1:1: acknowledged; not understood and dropped: data.colour, data.by.x; event E1 "
            "about D-1", "a.json:2:1: acknowledged; it waits there for what is missing before it, "
            "by its sequence; event E2 about D-1"])

    def test_again_after_correction(self):
        """A file that is moved back is sent again: the same bytes for the same rows."""
        daemon = self.fake({})
        spool = self.spool(daemon)
        text = lines(bare("advice.requested", "D-1"), bare("advice.requested", "D-2")) + "x\n"
        spool.drop("a.jsonl", text)
        self.assertEqual(spool.once().returncode, 1)
        (spool.folder / "error/a.jsonl").rename(spool.folder / "a.jsonl")
        self.assertEqual(spool.once().returncode, 1)
        bodies = [body for _, _, body in daemon.arrivals]
        self.assertEqual(len(bodies), 4)
        self.assertEqual(bodies[:2], bodies[2:])

    def test_order_within_a_disagreement(self):
        """A raise that is put off is not overtaken by what speaks of it; others go by."""
        daemon = self.fake({"E1": [("BUSY", {"retry_after_ms": 300})]})
        spool = self.spool(daemon)
        spool.drop("b.jsonl", lines(dict(bare("advice.requested", "D-9"), id="E9")))
        spool.drop("a.jsonl", lines(dict(raise_of("D-1"), id="E1"),
                                    dict(bare("hold", "D-1"), id="E2"),
                                    dict(bare("hold", "D-2"), id="E3")))
        self.assertEqual(spool.once().returncode, 0)
        self.assertEqual([arrival[0] for arrival in daemon.arrivals], ["E1", "E1", "E2", "E3", "E9"])

    def test_what_is_taken(self):
        spool = self.spool(self.fake())
        event = lines(bare("advice.requested", "D-1"))
        for name in (".hidden.json", "a.json.tmp", "a.json.part", "x" * 201, "new\nline.json",
                     "a.json.reason.txt"):
            (spool.folder / name).write_text(event)
        (spool.folder / "folder.json").mkdir()
        (spool.folder / "link.json").symlink_to(spool.folder / ".hidden.json")
        os.mkfifo(spool.folder / "pipe.json")
        spool.drop("b.json", event)
        done = spool.once()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(spool.names("done"), ["b.json"])
        self.assertEqual(spool.names(), sorted(["a.json.tmp", "a.json.part", "x" * 201,
                                                "new\nline.json", "link.json", "a.json.reason.txt"]))
        self.assertIn("6 in the folder not taken", done.stderr)

    def test_too_large_and_unreadable(self):
        spool = self.spool(self.fake())
        spool.drop("big.json", b" " * (8 * 1024 * 1024 + 1))
        spool.drop("empty.json", b"")
        spool.drop("rows.csv", b"a,b\n1,2\n")
        self.assertEqual(spool.once().returncode, 1)
        self.assertEqual(len(spool.names("error")), 6)
        self.assertIn("8 MiB", spool.text("error/big.json.reason.txt"))
        self.assertIn("no event in it", spool.text("error/empty.json.reason.txt"))
        self.assertIn("--mapping", spool.text("error/rows.csv.reason.txt"))

    def test_never_over_another(self):
        spool = self.spool(self.fake())
        for number in range(1, 4):
            spool.drop("a.json", lines(bare("advice.requested", f"D-{number}")))
            self.assertEqual(spool.once().returncode, 0)
        self.assertEqual(spool.names("done"), ["a.2.json", "a.3.json", "a.json"])
        self.assertIn("D-2", spool.text("done/a.2.json"))

    def test_what_is_young_settles(self):
        spool = self.spool(self.fake())
        spool.options[spool.options.index("--settle") + 1] = "2"
        spool.drop("a.json", lines(bare("advice.requested", "D-1")), at=time.time() - 60)
        (spool.folder / "young.json").write_text(lines(bare("advice.requested", "D-2")))
        began = time.monotonic()
        self.assertEqual(spool.once().returncode, 0)
        self.assertGreater(time.monotonic() - began, 0.9)
        self.assertEqual(spool.names("done"), ["a.json", "young.json"])

    def test_one_for_each_folder(self):
        spool = self.spool(self.fake())
        manager = Manager(self.rig.folder / "notify-spool")
        self.addCleanup(manager.close)
        spool.start(NOTIFY_SOCKET=manager.path)
        manager.hear("READY=1")
        second = spool.once()
        self.assertEqual(second.returncode, 1)
        self.assertIn("another concern-spool works on it", second.stderr)
        self.assertEqual(spool.stop(), 0)

    def test_a_stranger_is_told_so(self):
        spool = self.spool(self.fake(), key="stranger")
        spool.drop("a.json", lines(bare("advice.requested", "D-1")))
        done = spool.once()
        self.assertEqual(done.returncode, 1)
        self.assertIn("not answered; they are sent next time", done.stderr)
        self.assertEqual(spool.names("work"), ["a.json"])

    def test_unanswered_once(self):
        spool = self.spool("tcp://127.0.0.1:1")
        spool.drop("a.json", lines(bare("advice.requested", "D-1")))
        done = spool.once("--wait", "0.5")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(spool.names("work"), ["a.json"])

    def test_waits_for_ever_and_says_so_once(self):
        endpoint = f"tcp://127.0.0.1:{held_port()}"
        spool = self.spool(endpoint)
        manager = Manager(self.rig.folder / "notify-spool")
        self.addCleanup(manager.close)
        spool.start(NOTIFY_SOCKET=manager.path)
        spool.drop("a.json", lines(bare("advice.requested", "D-1")))
        spool.wait_said("it is kept and sent again")
        wait_for(lambda: any("nobody listens" in fields.get("STATUS", "")
                             for _, fields in list(manager.heard)), "the status says why")
        self.assertEqual(spool.said().count("no answer from"), 1)
        self.assertEqual(spool.names("work"), ["a.json"])
        self.fake(endpoint=endpoint)
        wait_for(lambda: spool.names("done") == ["a.json"], "it goes on by itself")
        spool.wait_said("goes on, the daemon answers")
        self.assertEqual(spool.stop(), 0)

    def test_stops_while_it_waits(self):
        spool = self.spool("tcp://127.0.0.1:1")
        spool.start()
        spool.drop("a.json", lines(bare("advice.requested", "D-1")))
        wait_for(lambda: spool.names("work"), "it is taken")
        self.assertEqual(spool.stop(), 0, spool.said())
        self.assertEqual(spool.names("work"), ["a.json"])

    def test_same_name_while_it_is_sent(self):
        """What is dropped under the name of a file that waits is another file, and not lost."""
        daemon = self.fake()
        daemon.hold = True
        spool = self.spool(daemon)
        spool.start()
        spool.drop("a.json", lines(bare("advice.requested", "D-1")))
        wait_for(lambda: daemon.held, "the first is under way")
        spool.drop("a.json", lines(bare("advice.requested", "D-2")))
        daemon.hold = False
        wait_for(lambda: spool.names("done") == ["a.2.json", "a.json"], "both are sent")
        self.assertEqual(spool.stop(), 0)

    def test_looks_where_the_kernel_tells_nothing(self):
        """A link into the folder is told to nobody who waits for renames, as on a network mount."""
        spool = self.spool(self.fake(), "--rescan", "0.3")
        spool.start()
        spool.drop("a.json", lines(bare("advice.requested", "D-1")))
        wait_for(lambda: spool.names("done") == ["a.json"], "it runs")
        aside = self.rig.folder / "b.json"
        aside.write_text(lines(bare("advice.requested", "D-2")))
        os.link(aside, spool.folder / "b.json")
        wait_for(lambda: spool.names("done") == ["a.json", "b.json"], "it was looked for")
        self.assertEqual(spool.stop(), 0)

    def test_another_folder_of_the_same_name(self):
        """A mount that went away and came back is not the folder that was opened."""
        spool = self.spool(self.fake(), "--rescan", "0.3")
        spool.start()
        wait_for(lambda: (spool.folder / "error").exists(), "it runs")
        spool.folder.rename(self.rig.folder / "gone")
        spool.wait_said("cannot look into")
        spool.folder.mkdir()
        spool.drop("a.json", lines(bare("advice.requested", "D-1")))
        wait_for(lambda: spool.names("done") == ["a.json"], "it looks into the new one")
        self.assertEqual(spool.stop(), 0)

    def test_more_files_than_one_look_takes(self):
        """A hundred names are kept in order at a time; the others are taken all the same."""
        daemon = self.fake()
        spool = self.spool(daemon)
        for number in range(103):
            spool.drop(f"{(number * 7) % 103:04}.json",
                       lines(dict(bare("advice.requested", "D-1"), id=f"E{(number * 7) % 103:04}")))
        self.assertEqual(spool.once().returncode, 0)
        self.assertEqual([arrival[0] for arrival in daemon.arrivals],
                         [f"E{number:04}" for number in range(103)])

    def test_a_file_keeps_what_it_became(self):
        """Under way once, the same bytes again: whatever the mapping says meanwhile, whatever the
        time is, in whatever words the settings name the source."""
        daemon = self.fake()
        daemon.hold = True
        mapping = self.rig.folder / "m.yaml"
        mapping.write_text("members:\n  type: {column: T}\n  subject: {column: S}\n")
        spool = self.spool(daemon, "--mapping", mapping)
        spool.start()
        # Written in the future, as another clock may say: its events are of now, whenever that is.
        spool.drop("a.csv", "T,S\nadvice.requested,D-1\nadvice.requested,D-2\n",
                   at=time.time() + 7200)
        wait_for(lambda: len(daemon.held) == 2, "its rows are under way")
        spool.kill()
        first = [body for _, _, body in daemon.arrivals]
        mapping.write_text("members:\n  type: {column: S}\n  subject: {column: T}\n")
        wait_for(lambda: int(time.time()) > seconds_of(first[0]), "it is another second")
        daemon.hold = False
        spool.options[spool.options.index(HOUSING)] = "urn:other"
        self.assertEqual(spool.once().returncode, 0)
        self.assertEqual([body for _, _, body in daemon.arrivals][2:], first)
        self.assertEqual(spool.names("done"), ["a.csv"])

    def test_a_file_in_other_hands(self):
        """One that cannot be taken holds up no other, and is not forgotten."""
        spool = self.spool(self.fake())
        for name in ("a.json", "b.json"):
            spool.drop(name, lines(bare("advice.requested", "D-" + name[0])))
        done = spool.once(HELD="a.json", LD_PRELOAD=PRELOAD,
                          ASAN_OPTIONS="verify_asan_link_order=0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot take a.json", done.stderr)
        self.assertEqual((spool.names(), spool.names("done")), (["a.json"], ["b.json"]))
        self.assertEqual(spool.once().returncode, 0)
        self.assertEqual(spool.names("done"), ["a.json", "b.json"])

    def test_settings_file(self):
        daemon = self.fake()
        spool = self.spool(daemon)
        config = self.rig.folder / "spool.yaml"
        config.write_text(f"folder: {spool.folder.name}\nendpoint: {daemon.endpoint}\n"
                          "server_key: keys/server.key\nkey: keys/housing.key_secret\n"
                          f"source: {HOUSING}\nsettle: 0 seconds\n")
        spool.drop("a.json", lines(bare("advice.requested", "D-1")))
        done = run("--config", config, "--once")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(spool.names("done"), ["a.json"])
        config.write_text("foldr: x\n")
        done = run("--config", config, "--once")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{config}:1:1: unknown key `foldr` (did you mean `folder`?)", done.stderr)


class DaemonTest(unittest.TestCase):
    """Against the real daemon."""

    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        self.daemon = self.rig.start()

    def spool(self, *options):
        spool = Spool(self.rig.folder, self.rig.status()["endpoint"], self.rig.keys / "server.key",
                      self.rig.keys / "housing.key_secret", *options)
        self.addCleanup(spool.close)
        return spool

    @staticmethod
    def lately(text):
        """The days of June as days before today: an event of the future is refused."""
        def before(found):
            day = time.gmtime(time.time() - 86400 * (32 - int(found[1])))
            return time.strftime("%d/%m/%Y", day)
        return re.sub(r"(\d\d)/06/2026", before, text)

    def test_the_example_becomes_a_disagreement(self):
        """The mapping that is shipped, and its export, of these days."""
        example = SOURCE / "clients/spool/example"
        export = self.lately((example / "export.csv").read_bytes().decode())
        spool = self.spool("--mapping", example / "mapping.yaml")
        spool.start()
        spool.drop("export.csv", export)
        wait_for(lambda: spool.names("done") or spool.names("error"), "it is told")
        self.assertEqual(spool.names("error"), [])
        shown = self.rig.rows("show", "D-2026-0207")[0]
        self.assertEqual(shown["reference"], "D-2026-0207")
        # Cumulative: the next export repeats every row, and adds one.
        spool.drop("export-2.csv", export + self.lately(
            "D-2026-0207,Discussion,23/06/2026,10:00,,,,\r\n"))
        wait_for(lambda: "export-2.csv" in spool.names("done"), "it is told")
        spool.wait_said("5 of them had been acknowledged before")
        self.assertEqual(spool.stop(), 0)
        self.daemon.stop()
        store = self.rig.store()
        self.assertEqual(store.execute("SELECT count(*) FROM event").fetchone()[0], 6)

    def test_refused_by_the_daemon(self):
        spool = self.spool("--source", HOUSING)
        spool.drop("a.jsonl", lines(raise_of("D-1"), bare("hold", "D-1", **BY),
                                    bare("discussion.held", "D-404", **BY)))
        self.assertEqual(spool.once().returncode, 1)
        reason = spool.text("error/a.jsonl.reason.txt")
        self.assertRegex(reason, r"a\.jsonl:2:1: 400\.4 data\.reason is missing")
        self.assertRegex(reason, r"a\.jsonl:3:1: 404\.1 .*its disagreement\.raised first")
        self.assertEqual(len(self.rig.rows("list")), 1)


if __name__ == "__main__":
    unittest.main(verbosity=1)
