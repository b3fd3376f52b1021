"""siege.py - a daemon that is attacked while a good publisher publishes and deadlines fall due.

A Siege starts the real daemon, a publisher that sends one event after the other and keeps what was
acknowledged, and disagreements whose deadlines fall due one after the other, several a second.  An
attack is a function; under() runs it and asks meanwhile, of this very stretch of time: is the
process alive, was the publisher answered, did deadlines pass, and when.  lift() stops the daemon
and compares store and record with what the publisher knows.

What "in time" means: a deadline passes within a second.  On a machine that has more to do than it can,
a quarter of a second is granted for each process that waits for a processor (the load, at its highest
meanwhile), for how long this very process was not run, and for how long the disk took to keep a byte of
its own, twice.  All is said.
"""
import datetime
import json
import os
import pathlib
import signal
import threading
import time
import uuid

from concern_rig import PATIENCE, Rig, event, raised, record_faults, wait_for

LATE_MOST = 1.0        # seconds: what the daemon promises
LATE_FOR_EACH = 0.25   # seconds granted for each process that waits for a processor
DUE_EVERY = 0.25       # seconds between deadlines
DUE_AHEAD = 40         # so many are set at a time
AGAIN_AFTER = 5        # seconds, as the protocol asks of a publisher


def instant(at):
    return datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%S.%fZ")


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Publisher(threading.Thread):
    """The good one: raises, sets a deadline a little ahead, tells of discussions; each event is
    sent until it is acknowledged."""

    def __init__(self, rig):
        super().__init__(daemon=True)
        self.client = rig.client()
        self.kept = {}        # id: the number of its line in the record
        self.took = []        # (when answered, seconds it took)
        self.dues = {}        # disagreement: when its stage 1 is due
        self.set_by = {}      # disagreement: the event that says so
        self.fault = None
        self.number = 0
        self.run_of = uuid.uuid4().hex[:6]
        self.again = 0        # events that had to be sent more than once
        self.closing = threading.Event()

    def run(self):
        try:
            while not self.closing.is_set():
                self.one_round()
        except Exception as error:  # told by whoever asks
            self.fault = error

    def one_round(self):
        """A disagreement with a deadline, while there are not enough ahead; and a discussion."""
        last = max(self.dues.values(), default=time.time() + 1)
        if last < time.time() + DUE_AHEAD * DUE_EVERY:
            subject = f"D-{self.run_of.upper()}-{self.number}"
            due = max(last + DUE_EVERY, time.time() + 1)
            self.publish(raised(subject, identity=f"E-{self.run_of}-{self.number}"))
            self.dues[subject], self.set_by[subject] = due, f"E-{self.run_of}-{self.number}"
            self.publish(event("deadline.extended", subject, {
                "deadline": "stage-1", "due": instant(due), "reason": "as agreed"},
                identity=f"E-{self.run_of}-{self.number}"))
        self.publish(event("discussion.held", next(iter(self.dues)), identity=f"E-{self.run_of}-{self.number}"))
        self.closing.wait(0.02)

    def publish(self, one):
        """Sends the same bytes again until there is an answer; a refusal is a fault."""
        self.number += 1
        began, body = time.monotonic(), json.dumps(one).encode()
        while not self.closing.is_set():
            correlation = self.client.send("EVENT", body)
            answer = self.answer_to(correlation)
            if answer:
                assert answer[0] == "ACK" and answer[2]["committed"], answer
                assert answer[2]["id"] == one["id"], (answer, one)
                self.kept[one["id"]] = answer[2]["record"]
                self.took.append((time.monotonic(), time.monotonic() - began))
                return
            self.again += 1

    def answer_to(self, correlation):
        end = time.monotonic() + AGAIN_AFTER
        while time.monotonic() < end and not self.closing.is_set():
            answer = self.client.receive(0.1)
            if answer and answer[1] == correlation:
                return answer
        return None

    def stop(self):
        self.closing.set()
        self.join(PATIENCE)
        self.client.close()
        if self.fault:
            raise AssertionError(f"the good publisher: {self.fault!r}") from self.fault


class Watch(threading.Thread):
    """How busy the machine is: (when, seconds for which this process itself was not run, load of
    one processor as it is told, which is the last minute's, and as it is); and (when, seconds in
    which a byte was on the disk that has `folder`)."""

    STEP, DISK_STEP = 0.02, 0.2

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.stalls, self.writes = [], []
        self.closing = threading.Event()
        self.file = open(folder / "watched", "wb", buffering=0)
        self.writer = threading.Thread(target=self.write, daemon=True)
        self.writer.start()

    def run(self):
        while not self.closing.is_set():
            began = time.time()
            self.closing.wait(self.STEP)
            one, _, _, runnable, _ = pathlib.Path("/proc/loadavg").read_text().split()
            self.stalls.append((began, time.time() - began - self.STEP,
                                float(one) / os.cpu_count(),
                                int(runnable.partition("/")[0]) / os.cpu_count()))

    def write(self):
        with self.file as file:
            while not self.closing.is_set():
                began = time.time()
                file.write(b"x")
                os.fsync(file.fileno())
                self.writes.append((began, time.time() - began))
                self.closing.wait(self.DISK_STEP)

    def worst(self, since, until):
        """(the longest stall and twice the longest write, the greatest load, at least 1)."""
        rows = [row for row in list(self.stalls) if since <= row[0] <= until] or [(0, 0.0, 1.0, 1.0)]
        disk = max((took for at, took in list(self.writes) if at <= until and at + took >= since),
                   default=0.0)
        now = sum(row[3] for row in rows) / len(rows)
        return max(row[1] for row in rows) + 2 * disk, max(1.0, now, *(row[2] for row in rows))


class Siege:
    def __init__(self, rig=None, nofile=None, **environment):
        """`nofile`: the most descriptors the daemon may have, from the moment it is ready."""
        self.rig = rig or Rig(webhook=True)
        self.daemon = self.rig.start(**environment)
        self.pid = self.daemon.pid
        if nofile:
            import resource
            resource.prlimit(self.pid, resource.RLIMIT_NOFILE, (nofile, nofile))
        self.endpoint = self.rig.status()["endpoint"]
        self.port = int(self.endpoint.rpartition(":")[2])
        self.watch = Watch(self.rig.folder)
        self.watch.start()
        self.publisher = Publisher(self.rig)
        self.publisher.start()
        self.slowest = 0.0  # seconds an acknowledgement took under the last attack
        self.attacks = []  # (name, from, until, what was seen)
        wait_for(lambda: self.publisher.dues or self.publisher.fault, "the publisher publishes")

    def address(self):
        return ("127.0.0.1", self.port)

    def server_key(self):
        return self.rig.public_key("server").encode()

    def alive(self):
        return self.daemon.alive() and self.daemon.pid == self.pid

    def resident_mib(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) // 1024

    def descriptors(self):
        return len(list(pathlib.Path(f"/proc/{self.pid}/fd").iterdir()))

    def under(self, name, attack, acknowledged=3, passed=2):
        """Runs attack(), which answers what it saw; then waits until the publisher was answered
        so many times since it began, and until so many deadlines were due since."""
        began, began_due, answered = time.monotonic(), time.time(), len(self.publisher.took)
        seen = attack()
        wait_for(lambda: self.publisher.fault or not self.alive() or
                 len(self.publisher.took) >= answered + acknowledged,
                 f"{name}: the good publisher is acknowledged")
        wait_for(lambda: self.publisher.fault or not self.alive() or
                 len(self.due_between(began_due, time.time() - 0.1)) >= passed,
                 f"{name}: deadlines fall due")
        assert self.alive(), f"{name}: the daemon has ended\n{self.daemon.said()[-3000:]}"
        assert not self.publisher.fault, f"{name}: {self.publisher.fault!r}"
        took = [seconds for at, seconds in self.publisher.took if at >= began]
        self.slowest = max(took)
        self.attacks.append((name, began_due, time.time(), seen))
        print(f"  {name}: {seen}; {len(took)} events acknowledged meanwhile, the slowest in "
              f"{max(took) * 1000:.0f} ms", flush=True)
        return seen

    def due_between(self, since, until):
        return [subject for subject, due in list(self.publisher.dues.items())
                if since <= due <= until]

    # the end

    def lift(self):
        """Stops all; answers a list of what is wrong."""
        self.publisher.stop()
        self.watch.closing.set()
        faults = [] if self.alive() else ["the daemon is not the one that was started"]
        ready = time.time()
        wait_for(lambda: self.rig.status()["now"] and time.time() > ready, "a moment")
        code = self.daemon.stop()
        if code != 0:
            faults.append(f"the daemon ended with {code}\n{self.daemon.said()[-3000:]}")
        if "AddressSanitizer" in self.daemon.said() or "runtime error" in self.daemon.said():
            faults.append(self.daemon.said()[-5000:])
        with self.rig.store() as store:
            faults += record_faults(store)
            faults += self.lost(store)
            faults += self.late(store, ready)
        return faults

    def lost(self, store):
        rows = {row["id"]: row["record"] for row in store.execute("SELECT id, record FROM event")}
        return [f"event {identity} was acknowledged as line {record} and is {rows.get(identity)}"
                for identity, record in self.publisher.kept.items()
                if rows.get(identity) != record]

    def late(self, store, until):
        """Deadlines that passed too late, twice or never, by attack; prints what was seen.  One
        that was set when it was due already, for the event had to be sent again, counts from then."""
        lateness, faults = {}, []
        heard = {row["id"]: row["received_us"] / 1e6
                 for row in store.execute("SELECT id, received_us FROM event")}
        for row in store.execute(
                "SELECT at_us, reference, payload FROM record_line JOIN record_payload "
                "USING (number) WHERE type = 'passed'"):
            passed = json.loads(row["payload"])
            if passed["deadline"] != "stage-1":
                continue
            if row["reference"] in lateness:
                faults.append(f"{row['reference']} passed twice")
            if row["at_us"] / 1e6 < seconds(passed["due"]):
                faults.append(f"{row['reference']} passed before its instant")
            since = max(seconds(passed["due"]),
                        heard.get(self.publisher.set_by.get(row["reference"]), 0))
            lateness[row["reference"]] = row["at_us"] / 1e6 - since
        for name, began, ended, _ in self.attacks:
            due = self.due_between(began, min(ended, until))
            faults += [f"{name}: {one} has not passed" for one in due if one not in lateness]
            worst = max((lateness[one] for one in due if one in lateness), default=0)
            stall, load = self.watch.worst(began, ended)
            most = LATE_MOST + LATE_FOR_EACH * (load - 1) + stall
            print(f"  {name}: {len(due)} deadlines, the latest {worst * 1000:.0f} ms after its "
                  f"instant (at most {most:.1f} s: load {load:.1f}, not run or not written "
                  f"for {stall * 1000:.0f} ms)", flush=True)
            if worst > most:
                faults.append(f"{name}: a deadline passed {worst:.3f} s late")
        return faults

    def close(self):
        self.publisher.closing.set()
        self.watch.closing.set()
        if self.publisher.is_alive():
            self.publisher.join(PATIENCE)
        if self.alive():
            self.daemon.signal(signal.SIGKILL)
        self.rig.close()
