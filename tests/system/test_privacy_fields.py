"""test_privacy_fields.py - details of a person in every field, in each form that the field admits.

Whatever a case system may say is said again and again, each time with a detail of an invented
person in one place: a name, a date of birth, an address, an NHS number or a narrative, written as
an id, a link, a source or a text may be written.  None of them may stand in anything that leaves:
mails, cards, text messages, webhooks, calendars, pages, the board's register, what publishers are
answered and the log; with forms of references stated in the directory, and without.

A case system is told what it called an event itself: its id, its source, and the names of the
members that were left out.  And an address that an event names is where the mail goes, and stands
in no other.
"""
import base64
import copy
import email
import email.policy
import itertools
import json
import pathlib
import re
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import every_kind  # noqa: E402
from concern_rig import HOUSING, LAS, PAGES, Rig, event, raised  # noqa: E402
from notify_service import PHONE, Service  # noqa: E402

PLACE = "https://concern.board.example/acknowledge"
PERIOD = ("--from", "2000-01-01", "--to", "2100-01-01")
# All invented; the number is of a range that is never given to anybody, nor is the postcode.
FORMS = {
    "name": ["Zebedee.Quillfeather", "ZEBEDEE_QUILLFEATHER-1", "quillfeather:1/zebedee-2"],
    "date of birth": ["1931-02-17", "17/02/1931", "19310217", "17.Feb.1931", "DOB:17-02-1931"],
    "address": ["14-Nightingale-Row", "QF1-7ZZ", "QF17ZZ"],
    "NHS number": ["9991374620", "999-137-4620", "NHS:9991374620/1"],
    "narrative": ["was.found.with.bruises", "bruises-7", "a/neighbour/saw-it-9"],
}
DETAILS = [form for forms in FORMS.values() for form in forms]
TEXT = ("Zebedee Quillfeather, 17 February 1931, 14 Nightingale Row, QF1 7ZZ, 999 137 4620: was "
        "found with bruises by a neighbour")
LINKS = [f"{LAS}/r/{form}" for form in DETAILS] + [
    f"{LAS}/r/zebedee-quillfeather?dob=1931-02-17", f"{LAS}/r/0001#quillfeather",
    f"{LAS}/r/%5A%65%62%65%64%65%65%31", f"{LAS}/r/0001/%31%39%33%31-02-17",
    "https://quillfeather.example/0001", f"{LAS}/zebedee/r/0001"]
SOURCES = [f"{HOUSING}{between}{form}" for between in ":/" for form in DETAILS]
# What would betray each of them, with nothing but letters and digits left.
TRACES = ["zebedee", "quillfeather", "19310217", "17021931", "17feb1931", "17february1931",
          "nightingale", "qf17zz", "9991374620", "bruises", "neighbour"]
EACH = 2  # details in each place that is not told to anybody anyway
TOLD = {"case", "link", "category", "agency"}  # places of which each detail is tried


def places(value, path=()):
    """The path of each text in a value; of a name that a case system chooses, with None behind."""
    if isinstance(value, dict):
        for name, one in value.items():
            if path and path[-1] in ("people", "facts"):
                yield (*path, name, None)
            yield from places(one, (*path, name))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from places(one, (*path, number))
    else:
        yield path


def put(whole, path, detail):
    """A copy of `whole` with a detail at that place."""
    whole = copy.deepcopy(whole)
    *before, last = path[:-1] if path[-1] is None else path
    inside = whole
    for step in before:
        inside = inside[step]
    if path[-1] is None:
        inside[detail] = inside.pop(last)
    else:
        inside[last] = detail
    return whole


def details_of(path, chosen):
    """The details for a place: all where people would read it, else some in their turn."""
    if path[-1] == "link":
        return LINKS
    if path[-1] == "email":
        return ["zebedee.quillfeather@asc.northtown.example",
                "9991374620@housing.northtown.example"]
    if path[-1] in TOLD:
        return DETAILS
    if path[-1] == "reason":
        return [TEXT, next(chosen)]
    return list(itertools.islice(chosen, EACH))


def variants(number, whole):
    """The sample with what comes before and after, again and again, a detail in one place each."""
    chosen = itertools.cycle(DETAILS[number % len(DETAILS):] + DETAILS[:number % len(DETAILS)])
    for path in places(whole["data"]):
        for detail in details_of(path, chosen):
            yield put(whole, ("data", *path), detail)
    for path in (("id",), ("type",), ("dataschema",), ("traceparent",), ("patient",), ("agency",),
                 ("board",), ("datacontenttype",)):
        yield put(whole, path, next(chosen))
    yield put(whole, ("type",), f"concernd.{next(chosen)}")
    yield put(whole, ("source",), SOURCES[number % len(SOURCES)])
    yield put(whole, ("data", "by"), {"agency": "northtown-housing", "role": next(chosen),
                                      "person": next(chosen)})


class EveryField(unittest.TestCase):
    maxDiff = None

    def start(self, **board):
        """A daemon whose people are reached by every route there is, at a board with these rules."""
        self.rig = Rig(webhook=True)
        self.addCleanup(self.rig.close)
        self.service = Service(self.rig.folder)
        self.addCleanup(self.service.close)
        path = self.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        for name in ("references", "links", "categories"):
            directory["boards"]["plcsab"].pop(name)
        directory["boards"]["plcsab"].update(board)
        directory["endpoints"].update(self.service.connect(self.rig))
        people = directory["people"]
        people["asc-manager"]["routes"] = ["notify-email:asc-manager@asc.northtown.example"]
        people["asc-worker"]["routes"] = ["teams:channel"]
        people["housing-manager"]["routes"] = [f"notify-text:{PHONE}"]
        path.write_text(json.dumps(directory, indent=1))
        self.rig.write_settings(http=PAGES, acknowledge={"url": PLACE})
        self.daemon = self.rig.start()
        self.client = self.rig.client()
        self.said, self.kept, self.refused, self.codes = [], 0, 0, {}

    def say(self, whole, command="EVENT"):
        """What it is answered, without what it called itself."""
        kind, answer = self.client.ask(command, whole)
        self.kept += bool(answer.get("committed"))
        self.refused += kind == "NACK"
        told = {name: value for name, value in answer.items()
                if name not in ("id", "source", "dropped", "refused_sources")}
        self.said.append((f"an answer to {command}", json.dumps(told)))
        return kind, answer

    # what left

    def mails(self):
        for recipient, content in self.rig.mail.taken:
            mail = email.message_from_bytes(content, policy=email.policy.default)
            texts = [content.decode("latin-1"), *(str(value) for value in mail.values())]
            for part in mail.walk():
                if not part.is_multipart():
                    texts += [part.get_payload(decode=True).decode(),
                              *(str(value) for value in part.values())]
            for text in texts:
                # The mailbox it goes to is told nobody else.
                yield "a mail", re.sub(re.escape(recipient), "", text, flags=re.IGNORECASE)

    def pages(self):
        for path in ("/", "/metrics", "/status.json"):
            yield f"the page {path}", self.rig.page(path)[2]
        links = {link for _, text in self.mails()
                 for link in re.findall(re.escape(PLACE) + r"/[A-Za-z0-9_-]{64}", text)}
        self.assertGreater(len(links), 5)
        for link in sorted(links)[::max(1, len(links) // 20)]:
            yield "the page of a link", self.rig.page(
                urllib.parse.urlsplit(link).path, Host="concern.board.example")[2]

    def outbound(self):
        yield from self.mails()
        for headers, body in self.rig.receiver.heard:
            yield "a webhook", body.decode() + json.dumps(json.loads(body), ensure_ascii=False)
            yield "headers of a webhook", json.dumps(headers)
        for card in self.service.cards:
            yield "a card", json.dumps(card, ensure_ascii=False)
        for _, path, headers, body in self.service.heard:
            yield "to GOV.UK Notify", path + json.dumps(headers) + body.decode()
        yield from self.pages()
        for form in ((), ("--csv",), ("--json",)):
            yield "the register", self.rig.ctl("report", *PERIOD, *form).stdout
        page = self.rig.folder / "register.html"
        self.rig.ctl("report", *PERIOD, "--html", page)
        yield "the register's page", page.read_text()
        yield from self.said
        self.assertEqual(self.daemon.stop(), 0)
        yield "the log", self.daemon.said()

    @staticmethod
    def readings(text):
        """As it stands, as a browser takes it, and what may be wrapped up in it."""
        for _ in range(3):
            yield text
            text = urllib.parse.unquote(text, errors="replace")
        for word in set(re.findall(r"[A-Za-z0-9+/_-]{32,}", text)):
            whole = word[:len(word) // 4 * 4].replace("-", "+").replace("_", "/")
            unwrapped = base64.b64decode(whole).decode("latin-1")
            yield unwrapped
            yield urllib.parse.unquote(unwrapped, errors="replace")

    def traces_in(self, text):
        found = set()
        for reading in self.readings(text):
            squeezed = re.sub(r"[^a-z0-9]", "", reading.lower())
            found |= {trace for trace in TRACES if trace in squeezed}
        return found

    def check(self):
        count = 0
        for where, text in self.outbound():
            found = self.traces_in(text)
            if found:
                self.fail(f"{found} in {where}: {text[:3000]}")
            count += 1
        return count

    # what is said

    def say_references(self, reference):
        """The fields that everybody reads, with every detail: refused, or left out."""
        for number, detail in enumerate(DETAILS):
            for whole in (raised(detail), event("thing", detail, raised("D-1")["data"])):
                kind, answer = self.say(whole)
                self.assertEqual((kind, answer.get("code")), ("NACK", "400.4"), detail)
            whole = raised(reference(900 + number))
            whole["data"].update(case=detail, link=LINKS[number], category=detail)
            kind, answer = self.say(whole)
            self.assertEqual((kind, sorted(answer.get("dropped", []))), ("ACK", ["case", "link"]))
        for number, link in enumerate(LINKS):
            whole = raised(reference(800 + number))
            whole["data"]["link"] = link
            self.assertEqual(self.say(whole)[1].get("dropped"), ["link"], link)

    def say_everything(self, reference):
        numbers = itertools.count(1)
        for number, whole in enumerate(every_kind.samples()):
            for path in ("case", "link"):
                whole["data"].pop(path, None)  # each detail of them is tried by itself
            raises = whole["type"] == "concernd.disagreement.raised"
            for index, one in enumerate(variants(number, whole)):
                if raises or index % 10 == 0:
                    subject = reference(next(numbers))
                    if not raises:
                        self.say(raised(subject))
                one["subject"] = subject
                if one["id"] == whole["id"]:
                    one["id"] = f"E-{number}-{index}"
                self.say(one)

    def ask_about(self):
        for detail in DETAILS:
            self.say({"versions": [1], "client": detail, "sources": [f"{HOUSING}:{detail}"]},
                     "HELLO")
            self.say({"source": f"{HOUSING}:{detail}"}, "LAST")
            self.say({"source": HOUSING, "id": detail}, "STAT")

    def everything(self, reference):
        self.say_references(reference)
        self.say_everything(reference)
        self.ask_about()
        self.rig.wait_delivered()
        self.assertGreater(self.kept, 300, "the events were refused, so nothing is proved")
        self.assertGreater(self.refused, 100)
        self.assertGreater(len(self.rig.mail.taken), 20)
        self.assertGreater(len(self.rig.receiver.heard), 200)
        self.assertGreater(len(self.service.cards), 2)
        self.assertGreater(len(self.service.sent), 2)
        print(f"\n  {self.kept} events kept, {self.refused} refused; {self.check()} texts that left "
              "hold nothing of them")

    def test_where_the_directory_states_what_references_look_like(self):
        self.start(references=["D-####"], links=[f"{LAS}/r/"], categories=["threshold"])
        self.everything(lambda number: f"D-{number:04}")

    def test_where_it_does_not(self):
        self.start()
        self.everything(lambda number: f"D-{number}")

    def test_it_would_be_found(self):
        """Each detail is found in each way of writing it, and in what wraps it up."""
        for detail in (*DETAILS, TEXT, *LINKS):
            for text in (detail, f"a reference, {detail}, in a line", urllib.parse.quote(detail),
                         base64.b64encode(b"what is wrapped up: " + detail.encode() + b"   ").decode()):
                self.assertTrue(self.traces_in(text), text)
        for text in ("D-2026-0192", "an agency that the directory does not list", PLACE):
            self.assertEqual(self.traces_in(text), set())


if __name__ == "__main__":
    unittest.main(verbosity=2)
