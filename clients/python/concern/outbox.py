"""outbox.py - events on this machine's disk until the daemon has answered for them.

A folder with `pending`, `acknowledged` and `refused`, one file per event; clients/README.md says
how it is laid out.  A file is written aside, flushed and renamed: it is there whole or not at all.
"""
from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
import pathlib
import re
import time
import uuid
from typing import Any, Optional

from .event import NotAnEvent, check

KEPT = 1000  # acknowledged events that are remembered


class OutboxInUse(RuntimeError):
    """Another program has this outbox open."""


class OutboxFull(RuntimeError):
    """As many events as this outbox may hold wait in it; nothing was kept."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What became of an event.  `body` is what the daemon said, {} where that is not known here."""
    acknowledged: bool
    code: str = ""    # of the refusal: "400.4"
    reason: str = ""  # in words for people; only the code is stable
    body: dict[str, Any] = dataclasses.field(default_factory=dict)


class Kept:
    """One event of the outbox."""

    def __init__(self, number: int, event: dict[str, Any], age: float = 0.0):
        self.number = number
        self.source, self.id, self.subject = event["source"], event["id"], event["subject"]
        self.epoch, self.sequence = event.get("seqepoch"), event.get("sequence")
        self.since = time.monotonic() - age
        self.answer: Optional[Answer] = None
        self.correlation = b"%d.%s" % (number, uuid.uuid4().hex[:8].encode())
        self.body: Optional[bytes] = None  # while it is under way
        self.sends, self.next = 0, 0.0

    @property
    def name(self) -> tuple[str, str]:
        return self.source, self.id


Folder = dict[tuple[str, str], Kept]  # in the order of their numbers


class Outbox:
    """Not thread-safe.  OSError: the disk fails; what it holds stays as it is."""

    def __init__(self, folder: pathlib.Path, most: int):
        self.folder, self.most = folder, most
        for name in ("pending", "acknowledged", "refused"):
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock()
        try:
            self.pending = self._load("pending")
            self.acknowledged = self._load("acknowledged")
            self.refused = self._load("refused")
        except BaseException:
            self.close()
            raise
        for name in self.pending:  # a crash while one was corrected
            if name in self.refused:
                self._remove("refused", self.refused.pop(name))
        self.next_number = 1
        self.marks: dict[str, tuple[str, int]] = {}  # source: (seqepoch, the last one counted)
        for kept in _in_order(self.acknowledged, self.refused, self.pending):
            self._note(kept)

    def _lock(self) -> None:
        """flock for programs that have it, the process's id for those that have not (Node.js)."""
        self.lock = open(self.folder / "lock", "a+", encoding="ascii")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.lock.seek(0)
            owner = self.lock.read(64)
            taken = bool(owner) and owner == _process(owner.split()[0])
        except OSError:
            taken = True
        if taken:
            self.lock.close()
            raise OutboxInUse(f"{self.folder}: another program has this outbox open")
        self.lock.truncate(0)
        self.lock.write(_process(str(os.getpid())))
        self.lock.flush()

    def close(self) -> None:
        self.lock.truncate(0)
        self.lock.close()

    def _load(self, folder: str) -> Folder:
        found, now = {}, time.time()
        for path in (self.folder / folder).iterdir():
            if path.suffix == ".new":
                path.unlink()  # was never whole
            elif re.fullmatch(r"[0-9]{20}\.json", path.name):
                age = max(0.0, now - path.stat().st_mtime)
                kept = Kept(int(path.stem), json.loads(path.read_bytes()), age)
                found[kept.name] = kept
        return {kept.name: kept for kept in _in_order(found)}

    def _note(self, kept: Kept) -> None:
        self.next_number = max(self.next_number, kept.number + 1)
        if kept.epoch is not None and kept.sequence is not None:
            self.marks[kept.source] = (kept.epoch, int(kept.sequence))

    def path(self, folder: str, kept: Kept) -> pathlib.Path:
        return self.folder / folder / f"{kept.number:020}.json"

    def event(self, folder: str, kept: Kept) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.path(folder, kept).read_bytes())
        return event

    @staticmethod
    def _write(path: pathlib.Path, body: bytes) -> None:
        aside = path.with_suffix(".new")
        try:
            with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            os.rename(aside, path)
        except OSError:
            with contextlib.suppress(OSError):
                aside.unlink()
            raise

    def _flush(self, folder: str) -> None:
        handle = os.open(self.folder / folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _remove(self, folder: str, kept: Kept) -> None:
        for path in (self.path(folder, kept), self.path(folder, kept).with_suffix(".answer")):
            path.unlink(missing_ok=True)

    def new_epoch(self, source: str) -> None:
        self.marks[source] = (str(uuid.uuid4()), 0)

    def find(self, event: dict[str, Any], but: tuple[str, ...]) -> Optional[Kept]:
        """The same event, published before; NotAnEvent where its id was used for another.

        The members `but` may differ: they were filled in here.
        """
        name = event["source"], event["id"]
        for folder, events in (("pending", self.pending), ("acknowledged", self.acknowledged)):
            if name in events:
                before = self.event(folder, events[name])
                if any(before.get(member) != value for member, value in event.items()
                       if member not in but):
                    raise NotAnEvent("its id was used for another event (ids are used once)")
                return events[name]
        return None

    def keep(self, event: dict[str, Any]) -> Kept:
        """Numbers the event and writes it; it is on disk when this returns."""
        before = self.refused.get((event["source"], event["id"]))
        if before:  # corrected: it takes the place of what was refused
            number, sequence, epoch = before.number, before.sequence, before.epoch
        elif len(self.pending) + len(self.refused) >= self.most:
            raise OutboxFull(f"{self.folder}: {self.most} events wait or were refused")
        else:
            last = self.marks.get(event["source"]) or (str(uuid.uuid4()), 0)
            number, sequence, epoch = self.next_number, f"{last[1] + 1:020}", last[0]
        if event.get("sequence") is None:
            event = dict(event, sequence=sequence, seqepoch=epoch)
        kept = Kept(number, event)
        self._write(self.path("pending", kept), check(event))
        self.pending[kept.name] = kept
        if before:
            self._remove("refused", self.refused.pop(kept.name))
            self._sort_pending()
        else:
            self._note(kept)
        self._flush("pending")
        return kept

    def _sort_pending(self) -> None:
        self.pending = {kept.name: kept for kept in _in_order(self.pending)}

    def acknowledge(self, kept: Kept) -> None:
        """No flush: at worst it is sent again, which the daemon knows by its id."""
        os.rename(self.path("pending", kept), self.path("acknowledged", kept))
        self.acknowledged[kept.name] = self.pending.pop(kept.name)
        if len(self.acknowledged) < KEPT + KEPT // 4:
            return
        newest = {one.source: one.number for one in _in_order(self.acknowledged)}
        for old in list(self.acknowledged.values())[:-KEPT]:
            if newest[old.source] != old.number:  # the newest one of a source is its counter
                self._remove("acknowledged", self.acknowledged.pop(old.name))

    def refuse(self, kept: Kept, answer: Answer) -> None:
        said = {"code": answer.code, "reason": answer.reason}
        self._write(self.path("refused", kept).with_suffix(".answer"), json.dumps(said).encode())
        os.rename(self.path("pending", kept), self.path("refused", kept))
        self._flush("refused")
        self.refused[kept.name] = self.pending.pop(kept.name)

    def why(self, kept: Kept) -> Answer:
        """Why a refused event was."""
        if not kept.answer:
            path = self.path("refused", kept).with_suffix(".answer")
            kept.answer = Answer(False, **json.loads(path.read_bytes()))
        return kept.answer

    def unacknowledge(self, source: str, epoch: str, after: int) -> int:
        """Events that a daemon has forgotten wait again; how many."""
        forgotten = [kept for kept in self.acknowledged.values() if kept.source == source and
                     kept.epoch == epoch and int(kept.sequence or 0) > after]
        for kept in forgotten:
            os.rename(self.path("acknowledged", kept), self.path("pending", kept))
            kept.answer, kept.since, kept.next = None, time.monotonic(), 0.0
            self.pending[kept.name] = self.acknowledged.pop(kept.name)
        self._sort_pending()
        return len(forgotten)


def _in_order(*folders: Folder) -> list[Kept]:
    return sorted((kept for folder in folders for kept in folder.values()),
                  key=lambda kept: kept.number)


def _process(pid: str) -> str:
    """The id of a process and when it began, as `lock` has it; "" where there is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return f"{pid} {file.read().rpartition(')')[2].split()[19]}"
    except (OSError, IndexError):
        return ""
