"""test_hostile_names.py - odd letters in names, titles, sentences, references and links stay text.

Worlds are drawn at random, from a fixed seed: a directory and a procedure whose every name holds
something that means something to some format.  The daemon's engine plays a disagreement in each
(render_driver), and what every route would carry is read by parsers that are not ours: it has the
parts it always has, no more, and shows the names as they were written.
"""
import datetime
import email
import email.policy
import html.parser
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import unittest

import icalendar
import jsonschema

SOURCE = pathlib.Path(os.environ["CONCERN_SOURCE"])
DRIVER = pathlib.Path(os.environ["CONCERN_BUILD"]) / "tests/render_driver"
WORLDS = 16 * int(os.environ.get("CONCERN_LONG", "1"))
NAME_BYTES = 200
TITLE_BYTES = 20
# Each means something to a header, an address, a page, a calendar, a card, a template, a table.
ODD = ["\"quoted\"", "O'Brien & Sons", "<b>bold</b>", "<script>alert(1)</script>", "a; b, c:",
       "back\\slash\\n", "{{reference}}", "{{#says}}", "=?UTF-8?B?QQ==?=", "[x](javascript:alert(1))",
       "<at>All</at>", "=cmd|' /C calc'!A0", "# heading", "* item", "- item", "^ quote", "---",
       "1. one", "17.30", "^", "===", "&#91;x&#93;(https://evil.example)",
       "BEGIN:VEVENT", "END:VCALENDAR", "ATTACH:x", "Bcc: x@evil.example", "</body></html>",
       "&amp;&lt;", "%0d%0aBcc:", "=0D=0A", "\u05d0\u05d1\u05d2\u200f (1)", "\u0627\u0644\u0635\u062d\u0629",
       "\U0001f469\u200d\U0001f692", "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f",
       "G\u0175yr \u00c2", "e\u0301", "\u00a0", "\ufffd", "\u200b", "_D_", "**b**", "`c`", "|", "~x~",
       "x" * 90, "\u4e2d" * 40, "From here", ".", "..", "https://evil.example/?a=1&b=<x>", "@", "$(id)"]
# Each is of a form that the directory states: itself, with a digit for the last 1.
REFERENCES = ["D-1", "_D_1", "..1", "-1", "a:b/c1", "https://x.example/a1", "D.2026__1", "/1",
              "x" * 63 + "1"]
# What links may begin with; the reference follows.
LINKS = ["https://las.example/r/", "https://las.example/*!$&()+,;~=", "http://las.example/a/",
         "https://las.example/_a_?b=c#d/"]
LOCALS = ["o'brien+tag", "a.b-c_d", "{x}|y~", "!#$%&", "x" * 64]
PARTS = [["multipart/alternative", "text/plain", "text/html"],
         ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar"],
         ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar",
          "text/calendar"],
         ["text/plain"]]  # to the operator, about no disagreement
ENTRY = {"UID", "DTSTAMP", "ORGANIZER", "DTSTART", "SUMMARY", "SEQUENCE", "STATUS", "TRANSP"}
BY = {"agency": "housing"}
# What Notify's guidance says is more than words: using-notify/formatting on its pages.  Blanks may
# stand before a mark and need not behind; a list of hyphens is what we write ourselves.
BEFORE = r"(?m)^[ \t]*(?:- +)?"
FORMATTING = {"a heading": BEFORE + "#", "a list": BEFORE + "[*\u2022]",
              "a numbered list": BEFORE + r"\d+\.", "an inset": BEFORE + r"\^",
              "a rule": r"(?m)^[ \t]*([-*_][ \t]*){3,}$", "a heading by its rule": r"(?m)^ *[-=]+ *$",
              "a link": r"(?<!\\)[\[\]]", "a bracket by its number": "&(?!amp;)#?[0-9A-Za-z]+;"}
EVENTS = [("00:00", "disagreement.raised", None), ("30:00", "stage.unresolved", {"by": BY}),
          ("31:00", "risk.changed", {"risk": "life_threatening", "by": BY}),
          ("50:00", "deadline.extended", {"deadline": "stage-2", "due": "2027-02-05T17:00:00Z",
                                          "reason": "Both asked.", "by": BY}),
          ("60:00", "resolution.proposed", {"outcome": "agreed", "by": BY}),
          ("70:00", "withdrawn", {"reason": "Settled.", "by": BY})]


def squeezed(text):
    """Without blanks: lines are broken at them."""
    return "".join(text.split())


class Page(html.parser.HTMLParser):
    """A page's title, words, elements and links."""

    def __init__(self, text):
        super().__init__()
        self.title, self.words, self.elements, self.links, self.inside = "", "", set(), [], None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.add(tag)
        self.inside = tag
        self.links += [value for name, value in attributes if name == "href"]
        assert {name for name, _ in attributes} <= {"lang", "charset", "name", "content", "style",
                                                    "href"}, attributes

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside == "title":
            self.title += data
        else:
            self.words += data

    def handle_comment(self, data):
        raise AssertionError("a comment in a page")


class World:
    """One draw: files, events, and what the names in it are."""

    def __init__(self, seed, odd=ODD):
        self.random, self.odd = random.Random(seed), odd
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="concern hostile ", dir="/tmp"))
        self.names = {who: self.name() for who in ("housing", "asc", "board")}
        self.reference = self.random.choice(REFERENCES)
        self.link = self.random.choice(LINKS) + self.reference
        # A domain of 40 letters makes a line of a calendar that is as long as lines may be.
        self.sender = f"concernd@{'d' * (self.random.randint(1, 60) if seed else 32)}.example"
        self.routes = {}

    def name(self):
        """A name's worth of odd things; blanks only as a file's reader leaves them."""
        words = " ".join(self.random.choices(self.odd, k=self.random.randint(1, 4)))
        return words.encode()[:NAME_BYTES].decode(errors="ignore").strip(" ")

    def title(self):
        """Something short of a procedure: what its mails would look ill with is refused at the
        load (core/template_proof), so letters stand at both ends."""
        short = [one for one in self.odd if len(one.encode()) <= TITLE_BYTES]
        return f"T {self.random.choice(short)} t"

    def people(self):
        people = {}
        for agency in ("housing", "asc", "board"):
            for role in ("practitioner", "line_manager", "head_of_service", "strategic_head",
                         "board_team"):
                address = f"{self.random.choice(LOCALS)}@{agency}.example"
                route = self.random.choice([
                    f"email:{address}", f"email:{address}", "teams:channel",
                    f"notify-email:{address}", "notify-text:+447700900123"])
                people[f"{agency}.{role}"] = {"name": self.name(), "shareable": True,
                                              "routes": [route]}
        return people

    def write(self):
        roles = ("practitioner", "line_manager", "head_of_service", "strategic_head")
        directory = {
            "agencies": {agency: {
                "name": self.names[agency], "kind": "statutory", "domains": [f"{agency}.example"],
                "systems": ["system"],
                "roles": {role: {"holder": f"{agency}.{role}"} for role in roles}}
                for agency in ("housing", "asc")},
            "boards": {"board": {"name": self.names["board"], "procedures": ["plcsab-adults"],
                                 "references": [one[:-1] + "#" for one in REFERENCES],
                                 "links": LINKS,
                                 "roles": {"board_team": {"holder": "board.board_team"}}}},
            "people": self.people(), "operator": ["email:operator@board.example"],
            "endpoints": {
                "system": {"kind": "webhook", "url": "https://localhost/", "secret": "system"},
                "channel": {"kind": "teams", "secret": "channel"},
                "notify": {"kind": "govuk-notify", "secret": "notify",
                           "email_template": "9d751e0e-f929-4891-82a1-a3e1c3c18ee3",
                           "text_template": "8d1f4b5a-0c1d-4b6e-9b0a-2f6f6f1d7c11"}}}
        procedure = (SOURCE / "config/procedures/plcsab-adults.yaml").read_text()
        for pattern, key in ((r'title: ([^,}\n]+)', "title"), (r'words: "[^"]*"', "words")):
            procedure = re.sub(pattern, lambda _, key=key: key + ": " + json.dumps(
                self.title(), ensure_ascii=False), procedure)
        (self.folder / "procedures").mkdir()
        (self.folder / "procedures/plcsab-adults.yaml").write_text(procedure)
        (self.folder / "directory.yaml").write_text(json.dumps(directory, ensure_ascii=False))
        settings = {"data": str(SOURCE / "config"), "directory": str(self.folder / "directory.yaml"),
                    "procedures": str(self.folder / "procedures")}
        (self.folder / "concernd.yaml").write_text(json.dumps(settings))

    def lines(self):
        start = datetime.datetime(2026, 12, 1, 10, tzinfo=datetime.timezone.utc)
        for number, (after, kind, data) in enumerate(EVENTS):
            at = start + datetime.timedelta(hours=int(after.split(":")[0]))
            data = data or {"procedure": "plcsab-adults", "board": "board", "challenging": BY,
                            "challenged": [{"agency": "asc"}], "link": self.link, "case": self.reference,
                            "facts": {"relates_to": "individual", "non_involvement": "yes"}}
            yield {"at": at.isoformat(), "event": {
                "specversion": "1.0", "id": f"E-{number}", "source": "urn:invented:hostile",
                "type": f"concernd.{kind}", "subject": self.reference, "time": at.isoformat(),
                "datacontenttype": "application/json", "data": data}}
        yield {"at": (start + datetime.timedelta(days=40)).isoformat(), "event": None}

    def play(self):
        self.write()
        done = subprocess.run([DRIVER, self.folder / "concernd.yaml", self.sender],
                              input="\n".join(map(json.dumps, self.lines())), text=True,
                              capture_output=True, timeout=300, check=False)
        if done.returncode != 0:
            raise AssertionError(f"render_driver: {done.returncode}\n{done.stderr}")
        if "cannot be written" in done.stderr or "could not be written" in done.stderr:
            raise AssertionError(f"somebody is not told\n{done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Hostile(unittest.TestCase):
    def setUp(self):
        store = {}
        for path in (SOURCE / "protocol/schema").glob("*.json"):
            schema = json.loads(path.read_text())
            store[schema["$id"]] = schema
        schema = store["urn:concernd:notification:1"]
        self.webhook = jsonschema.Draft202012Validator(
            schema, resolver=jsonschema.RefResolver("", schema, store))

    def plain_headers(self):
        """The headers there always are: of mails in a world without odd letters."""
        world = World(0, ["Northtown"])
        self.addCleanup(world.close)
        return {name for delivery in world.play() if delivery["route"] == "email"
                for name in email.message_from_string(delivery["bytes"]).keys()}

    def test_odd_letters_stay_text(self):
        count = {}
        self.headers = self.plain_headers()
        self.assertLessEqual({"From", "To", "Subject", "X-Priority", "X-Concernd-Reference"},
                             self.headers)
        for seed in range(WORLDS):
            world = World(seed)
            try:
                for delivery in world.play():
                    with self.subTest(seed=seed, route=delivery["route"]):
                        getattr(self, "check_" + delivery["route"].replace("-", "_"))(
                            world, delivery)
                    count[delivery["route"]] = count.get(delivery["route"], 0) + 1
            finally:
                world.close()
        self.assertEqual(set(count), {"email", "webhook", "teams", "notify-email", "notify-text"})
        self.assertGreater(min(count.values()), WORLDS)
        print(f"\n  {count} in {WORLDS} worlds")

    def test_letters_that_change_what_stands_around_them_are_refused(self):
        for letter in ("\u2028", "\u2029", "\u202e", "\u202a", "\u2066", "\u2069", "\ufdd0"):
            with self.subTest(hex(ord(letter))):
                world = World(0)
                self.addCleanup(world.close)
                world.names["asc"] = f"Due {letter}71:00"
                with self.assertRaises(AssertionError) as refused:
                    world.play()
                self.assertRegex(str(refused.exception),
                                 rf"directory\.yaml:1:\d+: .*U\+{ord(letter):04X}")

    # mail

    def check_email(self, world, delivery):
        raw = delivery["bytes"].encode("ascii")
        self.assertNotIn(b"\n", raw.replace(b"\r\n", b""))
        self.assertLessEqual(max(map(len, raw.split(b"\r\n"))), 998)
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        self.assertFalse([part.defects for part in mail.walk() if part.defects])
        self.assertEqual(len(set(mail.keys())), len(mail.keys()))
        self.assertLessEqual(set(mail.keys()), self.headers)
        for header, address in (("To", delivery["to"]), ("From", world.sender)):
            self.assertEqual([one.addr_spec for one in mail[header].addresses], [address])
        self.assertIn([part.get_content_type() for part in mail.walk()], PARTS)
        if mail.get_content_type() == "text/plain":
            self.assertEqual(delivery["to"], "operator@board.example")
            return
        text = mail.get_body(("plain",)).get_content()
        self.shows(world, mail["Subject"], text)
        self.assertEqual(str(mail["X-Concernd-Reference"]).strip(), world.reference)
        page = Page(mail.get_body(("html",)).get_content())
        self.assertEqual(page.title, str(mail["Subject"]))
        self.assertEqual(squeezed(page.words), squeezed(re.sub(r"(?m)^- ", "", text)))
        self.assertLessEqual(page.elements, {"html", "head", "title", "meta", "body", "p", "ul",
                                             "li", "strong", "a"})
        self.assertTrue(all(link.startswith("https://") for link in page.links))
        for part in mail.walk():
            if part.get_content_type() == "text/calendar":
                self.check_calendar(world, part.get_payload(decode=True))

    def check_calendar(self, world, raw):
        self.assertNotIn(b"\r", raw.replace(b"\r\n", b""))
        self.assertLessEqual(max(map(len, raw.split(b"\r\n"))), 75)
        for line in raw.split(b"\r\n"):
            line.decode()  # no character is cut in two
        whole = icalendar.Calendar.from_ical(raw)
        self.assertEqual(set(whole), {"PRODID", "VERSION", "METHOD"})
        self.assertEqual({part.name for part in whole.subcomponents}, {"VEVENT"})
        for entry in whole.subcomponents:
            self.assertEqual(set(entry), ENTRY)
            self.assertFalse(entry.subcomponents)
            self.assertIn(f"ref {world.reference}", entry["SUMMARY"])
            self.assertEqual(entry["UID"].partition("@")[2], world.sender.partition("@")[2])

    def shows(self, world, subject, text):
        """The names of the agencies as they were written, and the reference."""
        self.assertIn(world.reference, subject)
        for character in subject + text:
            self.assertTrue(character in "\r\n" or character.isprintable() or
                            ord(character) > 0xa0 - 1, hex(ord(character)))
        self.assertTrue(any(squeezed(name) in squeezed(text) for name in world.names.values()),
                        f"none of {world.names} in\n{text}")

    # everything else

    def check_webhook(self, world, delivery):
        body = json.loads(delivery["bytes"])
        self.webhook.validate(body)
        self.assertEqual(body["subject"], world.reference)
        self.assertEqual(body["data"]["link"], world.link)
        self.shows(world, body["data"]["subject"], body["data"]["text"])

    def check_teams(self, world, delivery):
        body = json.loads(delivery["bytes"])
        card = body["attachments"][0]["content"]
        self.assertEqual([set(body), len(body["attachments"])], [{"type", "attachments"}, 1])
        self.assertEqual({block["type"] for block in card["body"]}, {"RichTextBlock"})
        runs = [run for block in card["body"] for run in block["inlines"]]
        self.assertEqual({run["type"] for run in runs}, {"TextRun"})
        self.assertLessEqual({key for run in runs for key in run},
                             {"type", "text", "weight", "size"})
        actions = [action["url"] for action in card.get("actions", [])]
        self.assertEqual(actions, [world.link] if world.link.startswith("https:") else [])
        self.shows(world, runs[0]["text"], "".join(run["text"] for run in runs))

    def check_notify_email(self, world, delivery):
        said = self.notify(world, delivery, "email_address")
        for what, pattern in FORMATTING.items():
            self.assertIsNone(re.search(pattern, said["text"]), what)
        text = re.sub(r"\\(.)", r"\1", said["text"].replace("&amp;", "&"))
        self.shows(world, said["subject"], text)

    def check_notify_text(self, world, delivery):
        said = self.notify(world, delivery, "phone_number")
        self.shows(world, said["subject"], said["text"])

    def notify(self, world, delivery, where):
        body = json.loads(delivery["bytes"])
        self.assertEqual(set(body), {where, "template_id", "reference", "personalisation"})
        self.assertEqual(body[where], delivery["to"])
        said = body["personalisation"]
        self.assertEqual(set(said), {"subject", "text", "reference", "board", "acknowledge"})
        self.assertEqual(said["acknowledge"], "")  # Notify refuses where a field is missing
        self.assertEqual(said["reference"], world.reference)
        return said


if __name__ == "__main__":
    unittest.main(verbosity=2)
