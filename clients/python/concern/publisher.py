"""publisher.py - a window of events, sent again until the daemon has answered for each."""
from __future__ import annotations

import contextlib
import logging
import os
import pathlib
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Optional, Union

import zmq

from .connection import DOWN, NOBODY, REFUSED, TROUBLES, UP, Connection
from .event import NotAnEvent, check
from .keys import Path, read_key
from .outbox import Answer, Kept, Outbox

Party = Union[str, Mapping[str, Any]]

WINDOW = 64          # events unanswered at once
RESEND = (5.0, 10.0, 20.0, 40.0, 60.0)  # seconds; the last one for ever
ALARM_AFTER = 300.0  # seconds without an acknowledgement
ALARM_FIRST = 10.0   # seconds to connect in, before events of an earlier life are alarmed of
REOPEN_AFTER = 0.1   # seconds after a lost connection; then ZeroMQ's own, ever longer waits
LAST_WAIT = 5.0      # seconds for the answers to LAST; then we send all the same
PAUSE_MOST = 60.0    # seconds of what a BUSY asks
SOURCES_MOST = 64    # that LAST asks about
HELLO, LAST = b"hello", b"last."

log = logging.getLogger("concern")


class Receipt:
    """A published event: on this machine's disk, and soon on the daemon's."""

    def __init__(self, publisher: Publisher, kept: Kept):
        self._publisher, self._kept = publisher, kept
        self.source, self.id, self.subject = kept.source, kept.id, kept.subject

    @property
    def answer(self) -> Optional[Answer]:
        """What became of it; None while the daemon has not answered."""
        return self._kept.answer

    def wait(self, timeout: Optional[float] = None) -> Optional[Answer]:
        """Waits for the answer.  None after `timeout` seconds, or when the publisher was closed:
        it is sent again all the same."""
        with self._publisher._changed:
            self._publisher._changed.wait_for(
                lambda: self._kept.answer or self._publisher._closing, timeout)
            return self._kept.answer


class Publisher:
    """Sends the events of one outbox to one daemon.  Any thread may publish.

    `server_key` is the daemon's public key (a file, or its 40 letters), `key` the file with our
    secret one.  `source` and `board` stand where an event does not name them.  The callbacks are
    called from the publisher's own thread, may publish, and must not wait:

    on_acknowledged(receipt, answer)   it is on the daemon's disk
    on_refused(receipt, answer)        the daemon will never take it; it stands in refused()
    on_alarm(text, pending)            tell your operator: nothing was acknowledged for
                                       `alarm_after` seconds, the key may not publish any more,
                                       or daemon or outbox were put back from a copy

    Refusals and alarms go to the log "concern" as well.  Open it after a fork, not before.
    """

    def __init__(self, endpoint: str, server_key: Path, key: Path, outbox: Path, *,
                 source: Optional[str] = None, board: Optional[str] = None,
                 client: str = "concern-python",
                 on_acknowledged: Optional[Callable[[Receipt, Answer], None]] = None,
                 on_refused: Optional[Callable[[Receipt, Answer], None]] = None,
                 on_alarm: Optional[Callable[[str, int], None]] = None,
                 window: int = WINDOW, resend: Iterable[float] = RESEND,
                 alarm_after: float = ALARM_AFTER, most_pending: int = 10000):
        public, secret = read_key(key)
        if not secret:
            raise ValueError(f"{key}: holds no secret key (the file that ends in _secret does)")
        self._keys = read_key(server_key)[0], (public, secret)
        self.endpoint, self.source, self.board, self._client = endpoint, source, board, client
        self._tell = {"acknowledged": on_acknowledged, "refused": on_refused, "alarm": on_alarm}
        self._resend, self._alarm_after = tuple(resend), alarm_after
        self._most_window = self._window = max(1, min(window, WINDOW))
        self._changed = threading.Condition(threading.RLock())
        self._under_way: dict[bytes, Kept] = {}  # by correlation
        self._asked: set[bytes] = set()          # LASTs without an answer
        self._asked_until = self._pause_until = self._reopen_at = 0.0
        self._reopens = 0
        self._up, self._trouble = False, "no connection yet"
        self._heard = float("-inf")  # when something was acknowledged
        self._alarmed = time.monotonic() - alarm_after + min(ALARM_FIRST, alarm_after)
        self._told: list[tuple[Any, ...]] = []   # callbacks to make, once the lock is open
        self._closing = False
        self._outbox = Outbox(pathlib.Path(outbox), most_pending)
        self._context = zmq.Context()
        try:
            self._connection: Optional[Connection] = self._connect()
        except zmq.ZMQError as error:
            self._outbox.close()
            self._context.destroy(0)
            raise ValueError(f"{endpoint}: no endpoint (tcp://host:port): {error}") from None
        self._bell, self._rope = os.pipe()
        os.set_blocking(self._rope, False)
        self._thread = threading.Thread(target=self._run, name="concern", daemon=True)
        self._thread.start()

    def __enter__(self) -> Publisher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stops sending.  What is not acknowledged stays in the outbox and is sent next time."""
        with self._changed:
            self._closing = True
            self._ring()
            self._changed.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    # --- saying

    def publish(self, event: Mapping[str, Any]) -> Receipt:
        """Takes one CloudEvent; it is on disk when this returns.

        `id`, `time`, `source`, `board`, `specversion` and `datacontenttype` are filled in where
        they are missing, `sequence` and `seqepoch` are counted unless given.  An event that was
        published before, under the same id, is not published twice: a program that does not know
        whether it did may do it again.  One that was refused is sent anew, as it now stands, in
        its old place.

        NotAnEvent, OutboxFull, OSError: it was not taken.
        """
        if not isinstance(event, Mapping):
            raise NotAnEvent("the event is no object (many go one by one)")
        given = {name: value for name, value in event.items() if value is not None}
        whole = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": self.source,
                 "board": self.board, "time": _now(), "datacontenttype": "application/json",
                 **given}
        whole = {name: value for name, value in whole.items() if value is not None}
        check(whole)
        with self._changed:
            if self._closing:
                raise RuntimeError("this publisher is closed")
            filled_in = tuple(name for name in whole if name not in given)
            kept = self._outbox.find(whole, filled_in)
            if not kept:
                kept = self._outbox.keep(whole)
                self._ring()
            elif kept.name in self._outbox.acknowledged and not kept.answer:
                kept.answer = Answer(True)
        return Receipt(self, kept)

    def raise_disagreement(self, reference: str, /, *, challenging: Party,
                           challenged: Union[Party, Iterable[Party]],
                           procedure: Optional[str] = None, by: Optional[Party] = None,
                           id: Optional[str] = None, time: Optional[str] = None,
                           **data: Any) -> Receipt:
        """A disagreement begins.  A party is an agency's id, or {"agency": …, "people": {…}}.

        `data` may have facts, case, category, stage, link, board.
        """
        if isinstance(challenged, (str, Mapping)):
            challenged = [challenged]
        data.update(challenging=_party(challenging), challenged=[_party(one) for one in challenged])
        if procedure is not None:
            data["procedure"] = procedure
        return self.event("disagreement.raised", reference, by=by, id=id, time=time, **data)

    def event(self, type: str, reference: str, /, *, by: Optional[Party] = None,
              id: Optional[str] = None, time: Optional[str] = None, **data: Any) -> Receipt:
        """Anything else: event("risk.changed", "D-2026-0192", risk="significant").

        `type` is written without "concernd."; `by` is the agency that did it, or {"board": …};
        `data` is what concern-protocol(7) lists for the type.
        """
        if by is not None:
            data["by"] = _party(by)
        return self.publish({"type": f"concernd.{type}", "subject": reference, "id": id,
                             "time": time, "data": data})

    # --- asking

    @property
    def pending(self) -> int:
        """How many events are not answered yet."""
        with self._changed:
            return len(self._outbox.pending)

    @property
    def trouble(self) -> Optional[str]:
        """Why nothing gets through now, in words for people; None while it does."""
        return self._trouble or None

    def refused(self) -> list[tuple[dict[str, Any], Answer]]:
        """The events that the daemon refused, oldest first: correct and publish them again."""
        with self._changed:
            return [(self._outbox.event("refused", kept), self._outbox.why(kept))
                    for kept in sorted(self._outbox.refused.values(), key=lambda one: one.number)]

    def wait(self, timeout: Optional[float] = None) -> bool:
        """Waits until every event was answered; False after `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: not self._outbox.pending or self._closing, timeout)
            return not self._outbox.pending

    # --- the thread

    def _ring(self) -> None:
        if self._rope >= 0:
            with contextlib.suppress(BlockingIOError):
                os.write(self._rope, b"!")

    def _run(self) -> None:
        try:
            while not self._closing:
                with self._changed:
                    wait = self._guarded_turn()
                if not self._make_calls():
                    self._sleep(wait)
        finally:
            with self._changed:
                if self._connection:
                    self._connection.close()
                self._context.destroy(0)
                self._outbox.close()
                os.close(self._bell)
                os.close(self._rope)
                self._rope = -1

    def _guarded_turn(self) -> float:
        try:
            return self._turn(time.monotonic())
        except OSError as error:  # a disk that fails: nothing is given up
            self._trouble = f"the outbox cannot be used: {error}"
            log.error("%s", self._trouble)
            return LAST_WAIT

    def _sleep(self, seconds: float) -> None:
        poller = zmq.Poller()
        poller.register(self._bell, zmq.POLLIN)
        if self._connection:
            poller.register(self._connection.socket, zmq.POLLIN)
            poller.register(self._connection.monitor, zmq.POLLIN)
        if any(found == self._bell for found, _ in poller.poll(int(seconds * 1000) + 1)):
            os.read(self._bell, 4096)

    def _turn(self, now: float) -> float:
        """Everything there is to do now; how many seconds until there is more."""
        if not self._connection and now >= self._reopen_at:
            self._connection = self._connect()
        for heard in self._connection.heard() if self._connection else []:
            self._note(heard, now)
        while self._connection:
            message = self._connection.receive()
            if not message:
                break
            self._take(*message, now)
        if self._asked and now >= self._asked_until:
            self._asked.clear()
        if self._up and not self._asked and now >= self._pause_until:
            self._send_due(now)
        self._watch(now)
        return self._time_left(now)

    def _connect(self) -> Connection:
        return Connection(self._context, self.endpoint, *self._keys)

    def _note(self, heard: int, now: float) -> None:
        self._up = heard == UP
        if self._up:
            self._trouble, self._reopens = "", 0
            self._begin(now)
        elif heard == REFUSED:
            self._trouble = TROUBLES[heard]
            self._break_off(now)  # ZeroMQ does not try again by itself
        elif heard == DOWN and self._trouble == "":
            self._trouble = TROUBLES[heard]
            # What ZeroMQ still holds of it would go out before what was lost.
            self._break_off(now)
            self._reopen_at = now + REOPEN_AFTER
        elif heard not in (DOWN, NOBODY) or self._trouble in ("", "no connection yet"):
            self._trouble = TROUBLES[heard]

    def _break_off(self, now: float) -> None:
        if self._connection:
            self._connection.close()
        self._connection, self._up = None, False
        self._reopen_at = now + self._resend[min(self._reopens, len(self._resend) - 1)]
        self._reopens += 1

    def _begin(self, now: float) -> None:
        """A new connection: what was under way on the one before may be lost.  How far did the
        daemon hear us?  When it has said, all is due again."""
        assert self._connection
        waiting = [kept.source for kept in self._outbox.pending.values()]
        sources = list(dict.fromkeys([*waiting, *self._outbox.marks]))[:SOURCES_MOST]
        self._connection.say("HELLO", HELLO, {"versions": [1], "client": self._client,
                                              "sources": sources})
        self._asked = {LAST + b"%d" % number for number in range(len(sources))}
        for number, source in enumerate(sources):
            self._connection.say("LAST", LAST + b"%d" % number, {"source": source})
        self._asked_until, self._pause_until = now + LAST_WAIT, 0.0
        for kept in self._under_way.values():
            kept.next = 0.0

    def _send_due(self, now: float) -> None:
        """In the order of their numbers: a raise goes before what speaks of it."""
        assert self._connection
        for kept in self._outbox.pending.values():
            if kept.correlation not in self._under_way:
                if len(self._under_way) >= self._window:
                    break
                kept.body = self._outbox.path("pending", kept).read_bytes()
                self._under_way[kept.correlation] = kept
            if kept.next > now:
                continue
            assert kept.body is not None
            if self._connection.has_news():
                break  # a new connection begins with what the old one lost
            if not self._connection.say("EVENT", kept.correlation, kept.body):
                kept.next = now + 0.1  # the socket is full
                break
            kept.next = now + self._resend[min(kept.sends, len(self._resend) - 1)]
            kept.sends += 1

    def _time_left(self, now: float) -> float:
        ends = [now + 60]
        if self._outbox.pending:
            ends.append(self._alarm_at())
        if not self._connection:
            ends.append(self._reopen_at)
        elif self._up:
            start = max(self._pause_until, self._asked_until if self._asked else 0.0)
            ends += [max(start, kept.next) for kept in self._under_way.values()]
            ends += [start] if start > now else []
        return max(0.0, min(ends) - now)

    # --- the alarm

    def _alarm_at(self) -> float:
        oldest = next(iter(self._outbox.pending.values()))
        return max(self._heard, oldest.since, self._alarmed) + self._alarm_after

    def _watch(self, now: float) -> None:
        if not self._outbox.pending or now < self._alarm_at():
            return
        oldest = next(iter(self._outbox.pending.values()))
        self._alarmed = now
        self._alarm(f"nothing was acknowledged for {now - max(self._heard, oldest.since):.0f} s: "
                    f"{self._trouble or 'the daemon is reached, and does not acknowledge'}")

    def _alarm(self, text: str) -> None:
        self._told.append(("alarm", text, len(self._outbox.pending)))
        log.error("%s; %d events wait in %s", text, len(self._outbox.pending), self._outbox.folder)

    # --- answers

    def _take(self, command: str, correlation: bytes, body: dict[str, Any], now: float) -> None:
        kept = self._under_way.get(correlation)
        if correlation == HELLO:
            self._take_welcome(command, body, now)
        elif correlation in self._asked:
            self._asked.discard(correlation)
            if command == "ACK":
                self._take_last(body)
        elif kept and (body.get("source", kept.source), body.get("id", kept.id)) == kept.name:
            if command == "ACK" and body.get("committed", True):
                self._finish(kept, Answer(True, body=body), now)
            elif command == "NACK":
                self._take_nack(kept, body, now)
            elif command == "BUSY":
                self._take_pause(kept, body, now)
                self._pause_until = max(self._pause_until, kept.next)

    def _take_welcome(self, command: str, body: dict[str, Any], now: float) -> None:
        window = body.get("window")
        if command == "WELCOME" and isinstance(window, int) and window > 0:
            self._window = min(window, self._most_window)
        elif command == "NACK" and body.get("code") == "426.1":
            self._stop("the daemon does not speak this version of the wire", now)

    def _take_last(self, body: dict[str, Any]) -> None:
        """A daemon or an outbox that was put back from a copy is seen by where they stand."""
        source, epoch, heard = body.get("source"), body.get("seqepoch"), body.get("sequence")
        ours = self._outbox.marks.get(str(source))
        if not ours or not isinstance(heard, str) or not heard.isdigit() or epoch != ours[0]:
            return
        if int(heard) > ours[1]:
            self._outbox.new_epoch(str(source))
            self._alarm(f"the daemon heard {source} further than this outbox has counted: it was "
                        "put back from a copy, and counts anew")
            return
        again = self._outbox.unacknowledge(str(source), epoch, int(heard))
        if again:
            self._alarm(f"the daemon has forgotten {again} acknowledged events of {source}: they "
                        "are sent again")

    def _take_nack(self, kept: Kept, body: dict[str, Any], now: float) -> None:
        code = str(body.get("code", ""))
        if code == "401.1":
            self._stop("the daemon does not take events of this key any more", now)
        elif code.startswith(("429.", "503.")) or (code == "404.1" and self._waits(kept)):
            self._take_pause(kept, body, now)
        else:
            answer = Answer(False, code, str(body.get("reason", "")), body)
            log.error("refused %s of %s: %s %s", kept.id, kept.source, code, answer.reason)
            self._finish(kept, answer, now)

    def _stop(self, trouble: str, now: float) -> None:
        """Nothing was wrong with the event: all stay, and somebody must look."""
        self._trouble = trouble
        self._alarm(trouble)
        self._reopens = len(self._resend)
        self._break_off(now)

    def _waits(self, kept: Kept) -> bool:
        """Whether an earlier event of the same disagreement, maybe its raise, is under way."""
        return any(other.subject == kept.subject and other.number < kept.number
                   for other in self._under_way.values())

    @staticmethod
    def _take_pause(kept: Kept, body: dict[str, Any], now: float) -> None:
        """A pause that the daemon asks for goes before our own; without one ours stands."""
        pause = body.get("retry_after_ms")
        if isinstance(pause, int) and pause >= 0:
            kept.next = now + min(pause / 1000, PAUSE_MOST)

    def _finish(self, kept: Kept, answer: Answer, now: float) -> None:
        if answer.acknowledged:
            self._outbox.acknowledge(kept)
            self._heard = now
        else:
            self._outbox.refuse(kept, answer)
        del self._under_way[kept.correlation]
        kept.answer, kept.body = answer, None
        self._told.append(("acknowledged" if answer.acknowledged else "refused",
                           Receipt(self, kept), answer))
        self._changed.notify_all()

    def _make_calls(self) -> bool:
        """Whether there was one: it may have published."""
        told, self._told = self._told, []
        for which, *arguments in told:
            call = self._tell[which]
            if not call:
                continue
            try:
                call(*arguments)
            except Exception:  # it must not stop the sending
                log.exception("a callback failed")
        return bool(told)


def _party(party: Party) -> dict[str, Any]:
    return {"agency": party} if isinstance(party, str) else dict(party)


def _now() -> str:
    at = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1000):03}Z"
