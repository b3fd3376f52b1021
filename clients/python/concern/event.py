"""event.py - what an event must be before it is worth keeping."""
from __future__ import annotations

import json
import re
from typing import Any

BODY_MOST = 65536  # bytes of an event's JSON


class NotAnEvent(ValueError):
    """The daemon would refuse this event as it stands; nothing was kept."""


IDENTITY = re.compile(r"[A-Za-z0-9._:/-]{1,64}")
RULES = {  # attribute: (pattern, what would be right); `data` is looked at by itself
    "specversion": (re.compile(r"1\.0"), '"1.0"'),
    "id": (IDENTITY, "1 to 64 of A-Z a-z 0-9 . _ : / -"),
    "source": (re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2}){1,200}"),
               "a URI reference of 1 to 200 characters"),
    "type": (re.compile(r"[A-Za-z0-9._:/-]{1,80}"), "1 to 80 of A-Z a-z 0-9 . _ : / -"),
    "subject": (IDENTITY, "the disagreement's reference, 1 to 64 of A-Z a-z 0-9 . _ : / -"),
    "time": (re.compile(r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:"
                        r"([0-5]\d|60)(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII),
             "RFC 3339 with an offset, 2027-01-06T17:00:00Z, of this century"),
    "datacontenttype": (re.compile(r"application/json(?:[; ].*)?", re.I), "application/json"),
}
SEQUENCE = re.compile(r"[0-9]{20}")
NEVER = re.compile("[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


def check(event: dict[str, Any]) -> bytes:
    """The event's JSON, or NotAnEvent.  What only the daemon can judge, it judges."""
    for name, (pattern, right) in RULES.items():
        value = event.get(name)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise NotAnEvent(f"{name} is not as it must be ({right})")
    if not isinstance(event.get("data"), dict):
        raise NotAnEvent("data is not as it must be (an object, empty if need be)")
    sequence = event.get("sequence")
    if (sequence is None) != (event.get("seqepoch") is None):
        raise NotAnEvent("sequence and seqepoch come together")
    if sequence is not None and not (isinstance(sequence, str) and SEQUENCE.fullmatch(sequence)):
        raise NotAnEvent("sequence is not as it must be (20 digits)")
    try:
        _check_texts(event)
        body = json.dumps(event, ensure_ascii=False, allow_nan=False,
                          separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise NotAnEvent(f"the event is not JSON: {error}") from None
    if len(body) > BODY_MOST:
        raise NotAnEvent(f"the event is longer than {BODY_MOST} bytes")
    return body


def _check_texts(value: Any) -> None:
    if isinstance(value, str) and NEVER.search(value):
        raise ValueError("a text holds a control character (a line feed is one)")
    if isinstance(value, dict):
        for name, member in value.items():
            _check_texts(name)
            _check_texts(member)
    elif isinstance(value, (list, tuple)):
        for member in value:
            _check_texts(member)

