#!/usr/bin/python3
"""seeds.py FOLDER - makes the first inputs of every fuzz target from what the tree already holds.

    FOLDER/<target>/...     inputs, from protocol/samples, config and the system's tzdata
    FOLDER/<target>.dict    the words in them, for libFuzzer's -dict

Nothing is kept twice: only inputs that once found a fault are files of their own, in found/.
"""
import base64
import hashlib
import hmac
import pathlib
import re
import shutil
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = SOURCE / "protocol/samples"
EPOCH = "8d6a4c1e-0f5b-4b57-9a39-5e4f6f5c2b10"
KEYS = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
SEED_MOST = 16384  # bytes: a larger one only slows what comes from it
WORDS_MOST = 400

KEYRING = f"""keys:
  - key: "{KEYS[0]}"
    agency: northtown-housing
    boards: [plcsab, other-board]
    sources: ["urn:northtown:las", "https://las.northtown.example/east"]
    procedures: [plcsab-adults]
    types: [all]
    rights: [publish, close, read, replay, admin]
    not_before: 2026-01-01T00:00:00Z
    not_after: 2027-01-01T01:00:00+01:00
    rate: 120
    burst: 3
    contact: systems-team
  - {{key: "{KEYS[1]}", board: plcsab, sources: ["urn:plcsab"], types: [disagreement.raised, hold], rights: [publish]}}
"""
FEEDS = f"""listen: "tcp://127.0.0.1:5570"
state: /tmp/state
memory_limit: 512
mail: {{url: "smtp://mail.example:587", user: concernd, password_file: secrets/mail, from: concernd@board.example}}
feeds:
  - name: asc
    endpoint: "tcp://127.0.0.1:5571"
    server_key: "{KEYS[0]}"
    secret_key: keys/subscriber.key_secret
    sources: ["urn:northtown:asc"]
    boards: [plcsab]
    topic: con.plcsab
    max_silence: 30 seconds
    assurance: best-effort
"""
TIMES = """5 working days|same working day|set by the case|none|earlier of 2 working days and 24 hours
1 working day before|1 working day before and 1 hour before|every 5 working days|72 hours|3 weeks
6 months|2026-12-18T16:59:00Z|2026-12-18T16:59:00.123456+01:00|2026-12-18 16:59|2026-12-29
8 working hours|2 working days before|9999-12-31T23:59:59.999999-14:00|10000 days"""
ADDRESSES = "a@b", "si\u00e2n@gofal.example", "o'brien+tag@x-y.example", "v@x>\r\nRCPT TO:<victim@y", "team@xn--mnchen-3ya.example"


def whole(folder, pattern="*.json"):
    return [path.read_bytes() for path in sorted(folder.glob(pattern))]


def frames(*parts):
    return b"".join(len(part).to_bytes(2, "little") + part for part in parts)


def of_frames():
    yield frames(b"CON1", b"HELLO", b"1",
                 b'{"versions":[1],"client":"an invented one","sources":["urn:northtown:las"]}')
    yield frames(b"CON1", b"PING", b"abc", b"")
    yield frames(b"CON1", b"LAST", b"7", b'{"source":"urn:northtown:las"}')
    yield frames(b"CON1", b"STAT", b"7", b'{"source":"urn:northtown:las","id":"01JD2M8XQ4"}')
    yield frames(b"CON1", b"EVENT", b"x" * 32, (SAMPLES / "disagreement.raised.json").read_bytes())
    yield frames(b"CON2", b"EVENT", b"1")
    yield frames(b"CON1", b"BATCH", b"1", b"[]", b"one too many")


def of_batch():
    samples = [text.strip() for text in whole(SAMPLES)]
    yield b"[" + samples[0] + b"]"
    yield b"[" + b", ".join(samples[:4]) + b" ]\n"
    yield b"[" + b",".join([b"{}"] * 51) + b"]"
    yield b'[{"a":"]}\\"\\\\"},{"b":[[{}]]}]'


def of_answer():
    kinds = {"acks": 5, "ack": 0, "nack": 1, "busy": 2, "last": 3}
    for path in sorted((SAMPLES / "answers").glob("*.json")):
        kind = re.match(r"[a-z]+", path.name).group()
        yield bytes([kinds.get(kind, 0)]) + path.read_bytes()
    yield b'\x04{"source":"urn:northtown:las","id":"01JD2M8XQ4"}'


def of_command():
    for name in ("show", "explain", "history"):
        yield b'{"command":"%s","reference":"D-2026-0192","board":"plcsab"}\n' % name.encode()
    yield b'{"command":"list","all":true}\n{"command":"status"}\n{"command":"keys"}\n'
    yield b'{"command":"outbox","state":"undeliverable"}\n'
    yield (b'{"command":"bounce","delivery":"01J8Z3K5Q7R9S1T3V5W7X9Y1Z3","signature":"mfrggzdfmztwq2lk",'
           b'"action":"failed","status":"5.1.1","diagnostic":"smtp; 550 5.1.1 no such user"}\n')
    yield b'{"type":"disagreement","state":"open"}\n{"end":true,"ok":true}\n'
    yield b'{"end":true,"ok":false,"error":"nobody raised D-1"}\n'


def of_form():
    yield from (b"token=a1B2&answer=yes&note=An+invented+%E2%82%AC%26", b"a=%&b=%4&c=%00", b"&&=",
                b"unix:/run/concernd/http", b"127.0.0.1:9570", b"[::1]:80", b"none")


def of_replay():
    names = "replay", "snapshot", "end", "gone*", "snap", "value*"
    return [seed for name in names for seed in whole(SAMPLES / "answers", f"{name}.json")]


def of_heartbeat():
    for last in (b'"00000000000000000042"', b"42", b"-1", b'"042"'):
        yield (b'{"source":"urn:northtown:las","seqepoch":"%s","last_sequence":%s,'
               b'"time":"2026-12-18T17:00:00Z"}') % (EPOCH.encode(), last)


def of_bounced():
    mails = whole(SOURCE / "tests/unit/bounces", "*.eml")
    status = re.compile(rb"Reporting-MTA.*?(?=\n--)", re.S)
    return mails + [found.group() for mail in mails if (found := status.search(mail))]


def of_acknowledgement():
    for end in (0, 1798131540, 1798131541, 1 << 55):
        signed = bytes.fromhex("0193ddd0501f44c7a2dcfc4f82b1308d") + end.to_bytes(7, "big")
        for key in (b"an invented key of 32 bytes ....", b"another of 32 bytes, invented..."):
            mac = hmac.new(key, b"concernd acknowledgement\0" + signed + b"\1", hashlib.sha256).digest()[:24]
            yield base64.urlsafe_b64encode(signed + mac + b"\1")


def of_mail():
    message = "01JFEX0M0Z8K3T5Q7W9Y1B2C4D@board.example"
    for flags in range(32):
        for address in ADDRESSES:
            parts = ("escalations@board.example", "Escalations \u201cinvented\u201d", address,
                     "Stage 2 begins - ref 7F3K-0192 - answer by 17:00 Wed 6 January 2027 at the latest",
                     message.partition("@")[0], message, message, "7F3K-0192",
                     "Stage 2 begins.\nFrom here on: caf\u00e9 = \u20ac \n.\r\n" + "x" * 80)
            yield bytes([flags]) + "\0".join(parts).encode()


HOSTILE = ('A; b, "c" \\n', "[x](https://evil.example)", "<at>x</at> {{y}}", "=cmd|' /C'!A0",
           "\u202e17:00", "a\u2028b", "BEGIN:VEVENT", "\U0001f469\u200d\U0001f692 " * 20,
           "\u05d0\u200f(1)", "x" * 90, "_D_")


def of_outgoing():
    for name in ("Northtown Housing",) + HOSTILE:
        yield b"\x02" + "\0".join((
            "01JFEX0M0Z8K3T5Q7W9Y1B2C4D", "plcsab", "D-2026-0192", "asc-manager", "line_manager",
            "northtown-asc", "https://las.northtown.example/r/[1](2)", f"Stage 2: {name} - ref D-1",
            name, "deadline stage-1", "a@b.example",
            f"Stage 2.\n\n- {name}\n# {name}\n\nhttps://a.example/[x]\n")).encode()
    yield b"\x00" + "\0".join(["N-1", "b", "D-1", "", "", "", "", "s", "", "", "+447700900123",
                               "p\n\n" * 300 + "x" * 30000]).encode()


def of_entry():
    for flags, name in enumerate(("Stage 1",) + HOSTILE):
        yield bytes([flags % 8, flags]) + "\0".join((
            name, "D-2026-0192", "stage-1", "plcsab", "escalations@board.example")).encode()


def of_page():
    text = ("Stage 2 begins.\nFrom here on: <b>caf\u00e9</b> & \"so\"\n\nBY WHEN: 17:00\n- one\n  more\n"
            "- two, https://las.northtown.example/r/7F3K-0192?a=1&b=<x>.\nWHAT TO DO:\n")
    yield f"Stage 2 - ref <7F3K-0192>\0{text}".encode()


def of_spool():
    examples = SOURCE / "clients/spool/example"
    tables, mappings = whole(examples, "**/*.csv"), whole(examples, "**/*.yaml")
    yield b"\x00" + b"\n".join(text.strip().replace(b"\n", b" ") for text in whole(SAMPLES)[:3])
    yield b'\x00[{"type":"concernd.advice.requested","subject":"D-1"},{"type":"x"} {"a":'
    yield b'\x01Kind,Reference\r\nadvice.requested,D-1\r\n"hold","D-""2"\n'
    for mapping in mappings:
        for table in tables:
            yield b"\x02" + mapping + b"\0" + table
    yield (b"\x02zone: Europe/London\ntimes: ['DD/MM/YYYY hh:mm']\nmembers:\n  type: advice.requested\n"
           b"  subject: {column: Ref}\n  time: {column: When}\n  data.risk: {column: R, values: {a: none}}\n"
           b"\0Ref,When,R\nD-1,18/12/2026 16:59,a\nD-2,,b\n")


def of_zoneinfo():
    for name in ("Europe/London", "UTC", "Africa/Casablanca", "America/New_York", "Europe/Dublin"):
        path = pathlib.Path("/usr/share/zoneinfo") / name
        if path.exists():
            yield path.read_bytes()


SEEDS = {
    "acknowledgement": of_acknowledgement,
    "answer": of_answer,
    "batch": of_batch,
    "bounced": of_bounced,
    "calendar": lambda: whole(SOURCE / "config/calendars", "*.yaml"),
    "command": of_command,
    "directory": lambda: whole(SOURCE / "config", "directory*.yaml"),
    "entry": of_entry,
    "event": lambda: whole(SAMPLES) + whole(SAMPLES / "bad"),
    "form": of_form,
    "frames": of_frames,
    "heartbeat": of_heartbeat,
    "replay": of_replay,
    "keyring": lambda: [KEYRING.encode()],
    "mail": of_mail,
    "outgoing": of_outgoing,
    "page": of_page,
    "procedure": lambda: whole(SOURCE / "config/procedures", "*.yaml"),
    "settings": lambda: [(SOURCE / "config/concernd.yaml").read_bytes(), FEEDS.encode()],
    "spool": of_spool,
    "template": lambda: whole(SOURCE / "config/templates", "*.txt"),
    "time": lambda: [text.strip().encode() for text in re.split(r"[|\n]", TIMES)],
    "zoneinfo": of_zoneinfo,
}


def write_words(path, inputs):
    """The words of the inputs, the most frequent first, as libFuzzer reads a dictionary."""
    counts = {}
    for text in inputs:
        for word in set(re.findall(rb"[A-Za-z][A-Za-z_.]{2,30}", text)):
            counts[word] = counts.get(word, 0) + 1
    words = sorted(counts, key=lambda word: (-counts[word], word))[:WORDS_MOST]
    path.write_text("".join(f'"{word.decode()}"\n' for word in words))


def main():
    folder = pathlib.Path(sys.argv[1])
    targets = {path.stem.removeprefix("fuzz_") for path in pathlib.Path(__file__).parent.glob("fuzz_*.c")}
    if targets != set(SEEDS):
        sys.exit(f"seeds.py: targets without seeds, or seeds without a target: {targets ^ set(SEEDS)}")
    shutil.rmtree(folder, ignore_errors=True)
    for target, make in SEEDS.items():
        (folder / target).mkdir(parents=True)
        inputs = [text for text in make() if len(text) <= SEED_MOST]
        for text in inputs:
            (folder / target / hashlib.sha256(text).hexdigest()[:16]).write_bytes(text)
        write_words(folder / f"{target}.dict", inputs)


main()
