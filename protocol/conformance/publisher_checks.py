"""publisher_checks.py - a daemon that loses answers, puts off, refuses and is gone.

What it does to an event depends on when the event came first:

    the first     is not answered: it must come again, the same bytes, after the wait
    the second    BUSY: it must not come before that, and must come after
    the third     NACK 400.4: it must never come again
    the fourth    NACK 503.1: it must come again
    the fifth     an ACK that names another event: it must come again
    all others    are not answered: no more than the window may be under way

Then the daemon goes and comes back, which must be asked for LAST before it is sent what is
unanswered; half of that is acknowledged, the publisher (if we started it) is killed and started
again, and the other half must come, the same bytes as before.
"""
import collections
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import zmq
import zmq.auth
from zmq.auth.thread import ThreadAuthenticator

from contract import BODY_MOST, MAGIC, WINDOW, read_key

BUSY_MS = 2000
EARLY = 0.8         # of a wait that may have passed
LATE = 3.0          # seconds that anything may take beside its wait
GRACE = 1.5         # seconds in which what was answered may still be on its way
QUIET = 2.0         # seconds without anything new: there is no more to come
ENOUGH = 6          # events we cannot do without
CHECKS = ("frames", "schema", "resend", "same-bytes", "busy", "refused", "later", "whose-answer",
          "window", "last", "after-reconnect", "outbox", "sequence", "once")


class Seen:
    """One event, and when and how it came."""

    def __init__(self, order, body, event):
        self.order, self.body, self.event = order, body, event
        self.times, self.other_bytes = [], 0
        self.answered = None       # when it was, for good
        self.answered_over = None  # which of the connections
        self.after_answer = 0

    @property
    def name(self):
        return self.event["source"], self.event["id"]


class Door:
    """The ROUTER, which can go and come back."""

    def __init__(self, settings):
        self.settings = settings
        self.pair = read_key(settings.server_key, secret=True)
        self.context = zmq.Context()
        self.zap = ThreadAuthenticator(self.context)
        self.zap.start()
        self.admitted = tempfile.TemporaryDirectory(prefix="concern-conformance-")
        public = read_key(settings.client_key)[0]
        zmq.auth.certs._write_key_file(pathlib.Path(self.admitted.name, "it.key"), "", public)
        self.zap.configure_curve(domain="*", location=self.admitted.name)
        self.socket, self.opened = None, 0
        self.endpoint = settings.listen
        self.open()

    def open(self):
        self.opened += 1
        self.socket = self.context.socket(zmq.ROUTER)
        self.socket.curve_publickey, self.socket.curve_secretkey = self.pair
        self.socket.curve_server, self.socket.linger = True, 0
        self.socket.maxmsgsize, self.socket.router_mandatory = BODY_MOST + 512, True
        end = time.monotonic() + 10
        while True:  # the port of the one before is free a moment after it was closed
            try:
                self.socket.bind(self.endpoint)
                break
            except zmq.ZMQError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
        self.endpoint = self.socket.getsockopt_string(zmq.LAST_ENDPOINT)

    def shut(self):
        self.socket.close(0)

    def close(self):
        self.shut()
        self.zap.stop()
        self.context.term()
        self.admitted.cleanup()


class Program:
    """The publisher under test, where we start it."""

    def __init__(self, settings, endpoint):
        self.folder = tempfile.mkdtemp(prefix="concern-conformance-outbox-")
        public = settings.server_key.removesuffix("_secret")  # not our secret, where it lies beside
        words = {"{endpoint}": endpoint,
                 "{server_key}": public if os.path.exists(public) else settings.server_key,
                 "{key}": settings.client_key, "{outbox}": self.folder}
        self.command = []
        for part in settings.command[settings.command[:1] == ["--"]:]:
            for word, value in words.items():
                part = part.replace(word, value)
            self.command.append(part)
        self.process = None

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        if self.process:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Daemon:
    def __init__(self, settings, contract, report):
        self.settings, self.contract, self.report = settings, contract, report
        self.skip = set(filter(None, settings.skip.split(",")))
        unknown = self.skip - set(CHECKS)
        if unknown:
            raise ValueError(f"--skip {','.join(sorted(unknown))}: the checks are {', '.join(CHECKS)}")
        self.events = collections.OrderedDict()  # (source, id): Seen
        self.odd, self.invalid = [], []          # frames and bodies that are not ours
        self.reactions = {}                      # Seen.order: what to do with it
        self.most_under_way = self.record = 0
        self.before_last = 0                     # events that came before LAST was asked
        self.lasts = set()
        self.door = Door(settings)
        self.program = Program(settings, self.door.endpoint) if settings.command else None

    def close(self):
        if self.program:
            self.program.close()
        self.door.close()

    # one message

    def turn(self, seconds):
        """Takes what comes within so many seconds; whether something did."""
        if not self.door.socket.poll(int(seconds * 1000)):
            return False
        frames = self.door.socket.recv_multipart()
        if (len(frames) != 5 or frames[1] != MAGIC or not 1 <= len(frames[3]) <= 32 or
                len(frames[4]) > BODY_MOST):
            self.odd.append([frame[:16] for frame in frames[1:]])
            return True
        peer, _, command, correlation, text = frames
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        take = getattr(self, "take_" + command.decode("ascii", "replace").lower(), None)
        if take is None or (body is None and command != b"PING"):
            self.odd.append([command, text[:40]])
        else:
            take(peer, correlation, text, body)
        return True

    def turns_until(self, condition, patience):
        end = time.monotonic() + patience
        while not condition() and time.monotonic() < end:
            self.turn(0.05)
        return condition()

    def turns_until_quiet(self, seconds, most):
        """Until no new event came for so long."""
        end = time.monotonic() + most
        count, since = len(self.events), time.monotonic()
        while time.monotonic() < min(end, since + seconds):
            self.turn(0.05)
            if len(self.events) != count:
                count, since = len(self.events), time.monotonic()

    def say(self, peer, command, correlation, body):
        with contextlib.suppress(zmq.ZMQError):  # it may be gone
            self.door.socket.send_multipart([peer, MAGIC, command, correlation,
                                             json.dumps(body).encode()], zmq.DONTWAIT)

    def take_hello(self, peer, correlation, _, body):
        self.invalid += [f"HELLO: {fault}" for fault in self.contract.faults("hello", body)]
        self.say(peer, b"WELCOME", correlation, {
            "version": 1, "max_body": BODY_MOST, "window": WINDOW, "keys": [self.door.pair[0].decode()],
            "server_time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "refused_sources": []})

    def take_ping(self, peer, correlation, _, __):
        self.say(peer, b"PONG", correlation, {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "last": self.record})

    def take_last(self, peer, correlation, _, body):
        self.invalid += [f"LAST: {fault}" for fault in self.contract.faults("last_query", body)]
        source = body.get("source") if isinstance(body, dict) else None
        self.lasts.add(source)
        kept = [seen.event for seen in self.events.values() if seen.answered and
                seen.event["source"] == source and seen.event.get("sequence")]
        last = max(kept, key=lambda event: event["sequence"], default={})
        self.say(peer, b"ACK", correlation, {"source": source, "seqepoch": last.get("seqepoch"),
                                             "sequence": last.get("sequence")})

    def take_stat(self, peer, correlation, _, body):
        seen = self.events.get((body.get("source"), body.get("id")))
        self.say(peer, b"ACK", correlation, self.ack(body, bool(seen and seen.answered), True))

    def take_batch(self, peer, correlation, text, body):
        """All or nothing may be busy: one by one we know what to expect."""
        self.say(peer, b"BUSY", correlation, {"retry_after_ms": 60000})

    def take_event(self, peer, correlation, text, event):
        if not isinstance(event, dict) or not all(isinstance(event.get(name), str)
                                                  for name in ("source", "id")):
            self.invalid.append(f"EVENT: {text[:40]!r} names no source and id")
            return
        self.before_last += not self.lasts
        name = event["source"], event["id"]
        seen = self.events.setdefault(name, Seen(len(self.events), text, event))
        seen.times.append(time.monotonic())
        seen.other_bytes += seen.body != text
        # An answer given before the line broke may be lost, and the event comes again rightly.
        seen.after_answer += (seen.answered_over == self.door.opened and
                              time.monotonic() > seen.answered + GRACE)
        self.most_under_way = max(self.most_under_way,
                                  sum(1 for one in self.events.values() if not one.answered))
        self.react(peer, correlation, seen)

    def react(self, peer, correlation, seen):
        again = len(seen.times) > 1
        reaction = self.reactions.get(seen.order, self.reactions.get("others"))
        about = {"source": seen.name[0], "id": seen.name[1]}
        if reaction == "BUSY" and not again:
            self.say(peer, b"BUSY", correlation, {"retry_after_ms": BUSY_MS})
        elif reaction == "NACK 400.4":
            self.say(peer, b"NACK", correlation, {"code": "400.4", "reason": "a check of conformance",
                                                  "retry": False, **about})
            self.note_answer(seen)
        elif reaction == "NACK 503.1" and not again:
            self.say(peer, b"NACK", correlation, {"code": "503.1", "reason": "a check of conformance",
                                                  "retry": True, **about})
        elif reaction == "ACK of another" and not again:
            self.say(peer, b"ACK", correlation, self.ack({**about, "id": about["id"][:60] + ".x"}))
        elif reaction != "silence" and (again or reaction == "ACK"):
            self.say(peer, b"ACK", correlation, self.ack(about, duplicate=bool(seen.answered)))
            self.note_answer(seen)

    def note_answer(self, seen):
        if seen.answered_over != self.door.opened:
            seen.answered, seen.answered_over = time.monotonic(), self.door.opened

    def ack(self, about, committed=True, duplicate=False):
        self.record += committed and not duplicate
        return {"source": about["source"], "id": about["id"], "sequence": None,
                "record": self.record if committed else None, "hash": None, "committed": committed,
                "duplicate": duplicate, "parked": False, "ignored": False, "dropped": [],
                "disagreement_state": None, "next_deadline": None}

    # the acts

    def unanswered(self):
        return [seen for seen in self.events.values() if not seen.answered]

    def run(self):
        self.reactions = {0: "silence once", 1: "BUSY", 2: "NACK 400.4", 3: "NACK 503.1",
                          4: "ACK of another", "others": "silence"}
        print(f"listening at {self.door.endpoint}", flush=True)
        if self.program:
            self.program.start()
        if not self.turns_until(lambda: len(self.events) >= ENOUGH,
                                self.settings.patience):
            self.report.say("FAILED", "frames", f"{len(self.events)} events came, at least {ENOUGH} "
                            f"must; of what else came, the first: {(self.odd + self.invalid)[:1]}")
            return
        waits = self.settings.waits
        first = list(self.events.values())[:5]
        self.turns_until(lambda: not [seen for seen in first if not seen.answered],
                         waits[0] + BUSY_MS / 1000 + max(waits[:2]) + LATE)
        self.turns_until_quiet(QUIET, 30)
        self.judge_first(first)
        self.reconnect()
        again = len(first[2].times) - 1
        self.check("refused", again == 0, "after NACK 400.4 it never came again",
                   f"after NACK 400.4 it came again {again} times")
        if self.program:
            self.crash()
        self.reactions = {"others": "ACK", 2: "NACK 400.4"}
        self.turns_until(lambda: not self.unanswered(), max(waits) + LATE)
        self.turns_until_quiet(QUIET, 60)
        self.judge_all()

    def check(self, name, holds, seen, otherwise=""):
        if name in self.skip:
            self.report.say("skipped", name, "as asked")
        else:
            self.report.check(name, holds, seen, otherwise)

    def judge_first(self, first):
        silent, busy, _, later, whose = first
        wait = self.settings.waits[0]
        gap = silent.times[1] - silent.times[0] if len(silent.times) > 1 else None
        self.check("resend", gap is not None and EARLY * wait <= gap <= wait + LATE,
                   f"an unanswered event came again after {gap or 0:.2f} s",
                   f"an unanswered event came again after {gap and round(gap, 2)} s, {wait} is right")
        gap = busy.times[1] - busy.times[0] if len(busy.times) > 1 else None
        self.check("busy", gap is not None and gap >= BUSY_MS / 1000 * 0.95,
                   f"put off by {BUSY_MS} ms an event came again after {gap or 0:.2f} s",
                   f"put off by {BUSY_MS} ms it came again after {gap and round(gap, 2)} s")
        self.check("later", len(later.times) > 1, "after NACK 503.1 it came again",
                   "after NACK 503.1 it never came again")
        self.check("whose-answer", len(whose.times) > 1,
                   "an acknowledgement that named another event was not taken for this one's",
                   "an acknowledgement that named another event was taken for this one's")
        self.check("window", self.most_under_way <= WINDOW,
                   f"at most {self.most_under_way} events were under way",
                   f"{self.most_under_way} events were under way, {WINDOW} is the most")

    def reconnect(self):
        held = self.unanswered()
        self.door.shut()
        self.lasts, self.before_last = set(), 0
        counts = {seen: len(seen.times) for seen in held}
        self.door.open()
        self.turns_until(lambda: all(len(seen.times) > counts[seen] for seen in held),
                         self.settings.waits[0] + 10 + LATE)
        # What ZeroMQ had in hand when the line broke goes before whatever the publisher says then.
        self.check("last", bool(self.lasts) and self.before_last <= len(held) // 4,
                   f"LAST was asked on the new connection, {self.before_last} events were on their way",
                   f"{self.before_last} events came on a new connection before LAST was asked"
                   if self.lasts else "LAST was not asked on a new connection")
        missing = [seen for seen in held if len(seen.times) == counts[seen]]
        self.check("after-reconnect", not missing,
                   f"{len(held)} unanswered events came again on the new connection",
                   f"{len(missing)} of {len(held)} unanswered events did not come again")

    def crash(self):
        """Half of what is held is acknowledged; the other half must come in its next life."""
        held = self.unanswered()
        for seen in held[::2]:
            self.reactions[seen.order] = "ACK"
        self.turns_until(lambda: all(seen.answered for seen in held[::2]),
                         max(self.settings.waits) + LATE)
        if "outbox" in self.skip:
            self.report.say("skipped", "outbox", "as asked")
            return
        self.program.kill()
        self.door.shut()
        held = self.unanswered()
        counts = {seen: len(seen.times) for seen in held}
        self.door.open()
        self.program.start()
        self.turns_until(lambda: all(len(seen.times) > counts[seen] for seen in held), self.settings.patience)
        missing = [seen for seen in held if len(seen.times) == counts[seen]]
        self.check("outbox", bool(held) and not missing,
                   f"killed and started again it sent the {len(held)} events that were not answered",
                   f"killed and started again it did not send {len(missing)} of the {len(held)} "
                   "events that were not answered (80 to publish are needed)")

    def judge_all(self):
        every = self.events.values()
        self.check("frames", not self.odd, "every message has the four frames",
                   f"{len(self.odd)} messages were not of the contract, the first: {self.odd[:1]}")
        for seen in every:  # now, for it takes its time, and times were looked at
            self.invalid += [f"EVENT {seen.name[1]}: {fault}"
                             for fault in self.contract.faults("event", seen.event)[:1]]
        self.check("schema", not self.invalid, f"{len(self.events)} events are as the schemas say",
                   f"{len(self.invalid)} bodies are not as the schemas say: {self.invalid[:1]}")
        other = sum(seen.other_bytes for seen in every)
        self.check("same-bytes", other == 0, f"{sum(len(seen.times) - 1 for seen in every)} resends "
                   "were the very same bytes", f"{other} resends differed from the first")
        left = self.unanswered()
        # What was refused is a check of its own; and its program may say it again, corrected.
        doubled = sum(seen.after_answer for seen in every
                      if self.reactions.get(seen.order) != "NACK 400.4")
        self.check("once", not left and not doubled,
                   f"each of {len(self.events)} events came to its answer, and no more after it",
                   f"{len(left)} events never came to their answer; what was answered came "
                   f"{doubled} times more")
        self.check("sequence", *self.holes())

    def holes(self):
        """Whether the numbers of each source and epoch are without a hole; and in words."""
        numbers = collections.defaultdict(set)
        for source, epoch, number in ((one.event["source"], one.event.get("seqepoch"),
                                       one.event.get("sequence")) for one in self.events.values()):
            if number:
                numbers[source, epoch].add(int(number))
        if not numbers:
            return False, "no event has a sequence: the daemon cannot see that one is missing"
        for (source, _), found in numbers.items():
            if len(found) != max(found) - min(found) + 1:
                missing = sorted(set(range(min(found), max(found))) - found)
                return False, f"of {source} the numbers {missing[:5]} are missing"
        return True, f"{sum(map(len, numbers.values()))} numbers without a hole"


def run(settings, contract, report):
    daemon = Daemon(settings, contract, report)
    try:
        daemon.run()
    finally:
        daemon.close()
