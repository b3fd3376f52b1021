#!/usr/bin/python3
"""measure.py - what the daemon does today, beside what the machine can do (see README.md).

usage: measure.py BUILD [--quick] [--only NAME,...] [--keep]
"""
import argparse
import json
import os
import socket
import ssl
import shutil
import statistics
import sys
import tempfile
import time
import urllib.request

import world
from world import SOURCE, World

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../system"))
from faulty_servers import HookServer  # noqa: E402

ROWS = []


def say(row, **values):
    ROWS.append((row, values))
    print(json.dumps({"row": row, **values}), flush=True)


def event(name, kind, subject, data, at=None):
    """'@' becomes the event's number, '#' that of its disagreement."""
    return {"name": name, "event": {
        "specversion": "1.0", "id": f"{name}-@", "source": SOURCE, "type": f"concernd.{kind}",
        "subject": subject.upper(),
        "time": at or time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "datacontenttype": "application/json", "board": "plcsab", "data": data}}


def raise_event(name, procedure="plcsab-adults", subject=None, sides=None, at=None):
    one, other = sides or ("northtown-housing", "northtown-asc")
    return event(name, "disagreement.raised", subject or f"{name}-@", {
        "procedure": procedure, "case": "C-@", "category": "threshold",
        "challenging": {"agency": one}, "challenged": [{"agency": other}],
        "facts": {"relates_to": "individual", "risk": "significant"}}, at)


def held_event(name, subject):
    return event(name, "discussion.held", subject, {"stage": "stage-1"})


class Bench:
    def __init__(self, build, folder, quick):
        self.build, self.folder, self.quick = build, folder, quick
        self.program = f"{build}/tests/bench"
        self.port = None

    def many(self, count):
        return count // 10 if self.quick else count

    def limit(self, *arguments):
        return json.loads(world.run([f"{self.program}/limits", *map(str, arguments)]))

    def machine(self):
        """The normalisers, measured anew in the minute of each row that they stand beside."""
        seconds = 1 if self.quick else 3
        return {"fdatasync": self.limit("fdatasync", self.folder, seconds),
                "sqlite": self.limit("sqlite", self.folder, seconds)}

    # --- time

    def time(self):
        with open(f"{self.folder}/directory.yaml", "w") as file:
            file.write(world.directory_by_mail())
        with open(f"{self.folder}/time.yaml", "w") as file:
            file.write(f"data: \"{os.path.abspath('config')}\"\n")
        cost = json.loads(world.run([f"{self.program}/time_cost", f"{self.folder}/time.yaml"]))
        cost.pop("total")
        say("time", **cost)

    # --- events

    def ingest(self):
        # A mail server that takes connections and says nothing: notifications are queued, and
        # what is measured is the taking in of events, not the sending of mail.
        tarpit = socket.create_server(("127.0.0.1", 0), backlog=64)
        here = World(self.build, f"{self.folder}/ingest", world.directory_by_mail(),
                     tarpit.getsockname()[1])
        here.open()
        here.publish(raise_event("base"), 0, 2000, 1, 64)
        first = {"held": 0, "raise": 0}
        for in_flight in (1, 64, 256):
            machine = self.machine()
            curve = self.limit("curve", 1, min(in_flight, 64))
            for name, full in (("held", 4000 if in_flight == 1 else 40000),
                               ("raise", 2000 if in_flight == 1 else 10000)):
                count = self.many(full)
                template = held_event("held", "base-#") if name == "held" else raise_event("raise")
                did = here.publish(template, first[name], count, 2000, in_flight)
                first[name] += count
                say(f"ingest {name}, {in_flight} in flight", rate=did["rate"], p50_ms=did["p50_ms"],
                    p99_ms=did["p99_ms"], count=count,
                    of_fdatasync=did["rate"] / machine["fdatasync"]["rate"],
                    of_sqlite=did["rate"] / machine["sqlite"]["rate"],
                    of_curve=did["rate"] / curve["rate"],
                    fdatasync=machine["fdatasync"]["rate"], sqlite=machine["sqlite"]["rate"],
                    curve=curve["rate"])
        # The same events, fifty to a BATCH, beside the same alone, both with one window's worth of
        # events in flight at most.
        count = self.many(20000)
        alone = here.publish(held_event("held", "base-#"), first["held"], count, 2000, 50)
        first["held"] += count
        whole = here.publish(held_event("held", "base-#"), first["held"], count, 2000, 1, 50)
        say("ingest held, a batch of 50 at a time", rate=whole["rate"], p50_ms=whole["p50_ms"],
            p99_ms=whole["p99_ms"], count=count, alone=alone["rate"],
            ratio=whole["rate"] / alone["rate"])
        here.kill()
        kept = here.check("base", "held", "raise")
        outbox = here.row("SELECT count(*) FROM outbox")[0]
        say("ingest, after SIGKILL", acknowledged=kept, missing=0, notifications_queued=outbox)
        tarpit.close()

    # --- nothing to do

    def idle(self):
        here = World(self.build, f"{self.folder}/idle", world.directory_by_mail(), 1)
        here.open()
        self.say_idle(here, 0)
        here.close()

    def say_idle(self, here, open_deadlines):
        time.sleep(3)
        before = here.activity()
        seconds = 5 if self.quick else 20
        time.sleep(seconds)
        after = here.activity()
        say(f"idle, {open_deadlines} open deadlines",
            wakes_a_minute=(after["wakes"] - before["wakes"]) * 60 / seconds,
            bytes_written=after["written"] - before["written"],
            cpu_ms_a_minute=(after["cpu"] - before["cpu"]) * 60000 / seconds)

    # --- open deadlines

    def starts(self, here, how_many):
        """Time to ready after a clean stop and after SIGKILL, medians in ms."""
        clean, killed = [], []
        for _ in range(how_many):
            here.close()
            clean.append(here.open() * 1000)
            here.kill()
            killed.append(here.open() * 1000)
        return statistics.median(clean), statistics.median(killed)

    def open(self):
        self.start_receiver()
        here = World(self.build, f"{self.folder}/open", world.directory_by_webhook(self.port, self.folder, "plcsab-adults"))
        shutil.copy(self.secret, f"{here.folder}/secrets/sink")
        here.open()
        time.sleep(1)
        memory_none = here.memory()
        clean_none, killed_none = self.starts(here, 5)
        bytes_none = here.bytes_on_disk()
        count = self.many(50000)
        filled = here.publish(raise_event("fill", sides=("agency-#a", "agency-#b")), 0, count,
                              world.ENDPOINTS, 256)
        self.wait_for_posts(here, count, "the notifications of the raises")
        memory_after_fill = here.memory()
        here.close()
        bytes_all = here.bytes_on_disk()
        here.open()
        time.sleep(1)
        memory = here.memory()
        clean, killed = self.starts(here, 5)
        # And killed in the middle of work, with a log to be read anew.
        here.publish(held_event("held", "fill-#"), 0, 2000, 2000, 64)
        here.kill()
        recovery = here.open() * 1000
        self.say_idle(here, 2 * count)
        here.kill()
        kept = here.check("fill", "held")
        deadlines = here.row("SELECT count(*) FROM deadline WHERE wake_us IS NOT NULL")[0]
        say("memory", open_deadlines=deadlines, rss_kb_none=memory_none["rss"],
            rss_kb=memory["rss"], anonymous_kb_none=memory_none["anonymous"],
            anonymous_kb=memory["anonymous"], rss_kb_straight_after_filling=memory_after_fill["rss"],
            ratio=memory["rss"] / memory_none["rss"],
            ratio_after_filling=memory_after_fill["rss"] / memory_none["rss"])
        say("start to ready", open_deadlines=deadlines, clean_ms_none=clean_none, clean_ms=clean,
            killed_ms_none=killed_none, killed_ms=killed, killed_at_work_ms=recovery,
            ratio=clean / clean_none, ratio_killed=killed / killed_none)
        say("disk", disagreements=count, bytes_each=(bytes_all - bytes_none) / count,
            bytes_each_of_notifications=self.bytes_of(here, "outbox", "attempt") / count,
            fill_rate=filled["rate"], acknowledged=kept, missing=0)

    def bytes_of(self, here, *tables):
        return here.row(
            "SELECT sum(s.pgsize) FROM dbstat s JOIN sqlite_schema m ON m.name = s.name "
            f"WHERE m.tbl_name IN ({','.join('?' * len(tables))})", tables)[0]

    # --- the burst

    def ask(self, path):
        trust = ssl.create_default_context(cafile=f"{self.folder}/tls.crt")
        with urllib.request.urlopen(f"https://localhost:{self.port}/{path}", context=trust) as answer:
            return json.load(answer)

    def start_receiver(self):
        if self.port:
            self.ask("again")
            return
        world.make_certificate(self.folder)
        self.secret, port_file = f"{self.folder}/sink", f"{self.folder}/receiver.port"
        with open(self.secret, "w") as file:
            file.write("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
        os.chmod(self.secret, 0o600)
        world.start([f"{self.program}/receiver", f"{self.folder}/tls.crt", f"{self.folder}/tls.key",
                     self.secret, port_file])
        world.wait_until(lambda: os.path.exists(port_file) and os.path.getsize(port_file),
                         "the receiver's port")
        with open(port_file) as file:
            self.port = int(file.read())

    def wait_for_posts(self, here, count, what):
        world.wait_until(lambda: self.ask("")["posts"] >= count, what, 600)
        world.wait_until(lambda: here.status()["outbox"]["queued"] == 0, what + ", written down", 60)

    def burst(self):
        count = self.many(10000)
        self.start_receiver()
        here = World(self.build, f"{self.folder}/burst",
                     world.directory_by_webhook(self.port, self.folder, "bench"))
        shutil.copy(self.secret, f"{here.folder}/secrets/sink")
        # Raised on a Wednesday, and so due the Thursday at 17:00, all of them; the second daemon
        # is started two seconds before.
        here.clock = "2026-09-16T10:00:00Zx1"
        here.open()
        here.publish(raise_event("burst", "bench", sides=("agency-#a", "agency-#b"),
                                 at="2026-09-16T10:00:00Z"), 0, count, world.ENDPOINTS, 64)
        self.wait_for_posts(here, count, "the notifications of the raises")
        here.close()
        before = here.row("SELECT count(*) FROM outbox")[0]
        self.ask("again")
        here.clock = "2026-09-17T15:59:58Zx1"
        here.open()
        self.wait_for_posts(here, count, "the burst")
        here.kill()
        heard = self.ask("again")
        rows = here.row("SELECT count(*) - ?, sum(state = 'accepted') - ? FROM outbox",
                        (before, before))
        passed = here.row("SELECT count(*) FROM deadline WHERE state = 'passed'")[0]
        if not (passed == count == rows[0] == rows[1] == heard["distinct"] == heard["posts"]) or \
                heard["wrong"]:
            raise SystemExit(f"bench: the burst is void: {count} due, {passed} passed, "
                             f"{rows} queued and accepted, {heard}")
        seconds = (heard["last_ns"] - heard["first_ns"]) / 1e9
        limit = self.limit("post", f"https://localhost:{self.port}/", f"{self.folder}/tls.crt",
                           count, 2 * world.ENDPOINTS)
        say("burst", deadlines=passed, posts=heard["posts"], distinct=heard["distinct"],
            seconds=seconds, rate=heard["posts"] / seconds,
            libcurl=limit["rate"], of_libcurl=heard["posts"] / seconds / limit["rate"])

    # --- a neighbour that takes connections and never says a word, or drips bytes for ever

    def neighbour(self):
        """Each twice: as fast as it goes, and one event after the other, where nobody queues and
        what one of them waits can be told from what it waits beside a bad neighbour."""
        self.start_receiver()
        servers = HookServer(OwnCertificate(self.folder))
        tarpit = socket.create_server(("127.0.0.1", 0), backlog=64)
        ports = {"well": None, "silent": tarpit.getsockname()[1],
                 "tarpit": servers.add("tarpit", lambda line: line.silence()),
                 "dripping": servers.add("drip", lambda line: line.drip(b"HTTP/1.1 2"))}
        done = {name: self.beside(name, port) for name, port in ports.items()}
        for name, did in done.items():
            if name != "well":
                say(f"neighbour, {name}", notifications=did["count"], for_it=did["for_it"],
                    seconds_well=done["well"]["seconds"], seconds=did["seconds"],
                    p99_ms_well=done["well"]["p99_ms"], p99_ms=did["p99_ms"],
                    others_delayed_ms=max(0, did["p99_ms"] - done["well"]["p99_ms"]))
        tarpit.close()
        servers.close()

    def beside(self, name, port):
        count, alone = self.many(4000), self.many(1000)
        here = World(self.build, f"{self.folder}/neighbour-{name}",
                     world.directory_by_webhook(self.port, self.folder, "bench", port))
        shutil.copy(self.secret, f"{here.folder}/secrets/sink")
        here.clock = "2026-09-16T10:00:00Zx1"
        here.open()
        self.ask("again")
        did = {"count": count + alone, "for_it": 0}
        others = 0
        for word, number, in_flight in (("alone", alone, 1), ("many", count, 64)):
            for_it = len(range(0, number, world.ENDPOINTS))
            others += number - for_it if port else number
            did["for_it"] += for_it
            began = time.monotonic()
            here.publish(raise_event(f"{name}-{word}", "bench", sides=("agency-#a", "agency-#b"),
                                     at="2026-09-16T10:00:00Z"), 0, number, world.ENDPOINTS,
                         in_flight)
            world.wait_until(lambda: self.ask("")["posts"] >= others,
                             "the notifications of the others", 600)
            did["seconds"] = time.monotonic() - began
            world.wait_until(lambda: here.status()["outbox"]["accepted"] >= others,
                             "the notifications of the others, written down", 60)
            if word == "alone":
                last = others
        here.kill()
        heard = self.ask("again")
        if heard["distinct"] != others or heard["wrong"]:
            raise SystemExit(f"bench: the neighbour's row is void: {others} for others, {heard}")
        database = here.database()
        waits = sorted(row[0] for row in database.execute(
            "SELECT a.at_us - o.queued_us FROM outbox o JOIN attempt a ON a.outbox = o.number "
            "WHERE o.state = 'accepted' AND o.recipient <> 'sink-0' ORDER BY o.number LIMIT ?",
            (last,)))
        database.close()
        did["p99_ms"] = waits[len(waits) * 99 // 100] / 1000
        return did


class OwnCertificate:
    """The receiver's, for servers that misbehave."""

    NAMES = ("good",)

    def __init__(self, folder):
        self.folder = folder

    def context(self, _):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{self.folder}/tls.crt", f"{self.folder}/tls.key")
        return context


def table():
    print()
    for row, values in ROWS:
        words = "  ".join(f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}"
                          for key, value in values.items())
        print(f"{row:28}{words}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--only", default="time,ingest,idle,open,burst,neighbour")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="concernd bench ", dir=os.environ.get("TMPDIR", "/var/tmp"))
    bench = Bench(os.path.abspath(options.build), folder, options.quick)
    say("machine", cpus=os.cpu_count(), load=os.getloadavg()[0],
        **{name: did["rate"] for name, did in bench.machine().items()},
        curve_1=bench.limit("curve", 1, 1)["rate"], curve_64=bench.limit("curve", 1, 64)["rate"])
    try:
        for name in options.only.split(","):
            getattr(bench, name)()
    finally:
        world.stop_all()
        if options.keep:
            print(folder)
        else:
            shutil.rmtree(folder)
    table()


main()
