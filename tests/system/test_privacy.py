"""test_privacy.py - no detail of a person leaves the daemon, whatever an event carries.

Invented names, dates of birth, addresses, NHS numbers and narrative are put into every place of
every event that can hold a text; none of them may stand in any mail, page, calendar, webhook,
answer to a publisher, or line of the log.
"""
import copy
import email
import email.policy
import hashlib
import json
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import every_kind  # noqa: E402
from concern_rig import HOUSING, Rig, event, raised, told_of, wait_for  # noqa: E402

OPERATOR = "operator@board.example"
# All invented; the number is one that is never given to anybody.
DETAILS = {"child_name": "Zebedee Quillfeather", "date_of_birth": "17 February 1931",
           "address": "14 Nightingale Row, QF1 7ZZ", "nhs_number": "999 137 4620",
           "narrative": "was found with bruises by a neighbour"}
# What would betray each of them, however it is written.
TRACES = ["zebedee", "quillfeather", "february1931", "1931-02-17", "nightingale", "qf17zz",
          "9991374620", "bruises", "neighbour"]
ALL = "; ".join(DETAILS.values())


def digest(text):
    """As `printf %s TEXT | sha256sum` begins."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def seeded(whole):
    """The same event with details wherever the wire lets a text stand, and where it does not."""
    whole = copy.deepcopy(whole)
    whole.update(patientname=DETAILS["child_name"], note=DETAILS["narrative"])
    data = whole["data"]
    if "reason" in data or whole["type"].split(".")[-1] in ("unresolved", "held"):
        data["reason"] = ALL[:200]
    for name, detail in DETAILS.items():
        data[name] = detail
    for part in (data.get("by"), data.get("challenging"), *data.get("challenged", [])):
        if isinstance(part, dict):
            part["name"] = DETAILS["child_name"]
    if "facts" in data:
        data["facts"].update(child="Zebedee.Quillfeather", born="1931-02-17", nhs="9991374620")
    return whole


def misplaced(whole):
    """The event again and again, each time with the details in one of its own members."""
    for place in [("subject",), ("type",), ("time",), ("source",), ("id",)] + [
            ("data", name) for name in whole["data"]]:
        wrong = copy.deepcopy(whole)
        inside = wrong
        for name in place[:-1]:
            inside = inside[name]
        inside[place[-1]] = ALL
        yield wrong


class Privacy(unittest.TestCase):
    def setUp(self):
        self.rig = Rig(webhook=True)
        self.addCleanup(self.rig.close)
        self.daemon = self.rig.start()
        self.client = self.rig.client()
        self.answers = []

    def say(self, whole):
        self.answers.append(json.dumps(self.client.ask("EVENT", whole)))

    def outbound(self):
        """(where, text) of all that left, decoded as its reader decodes it, and as it went."""
        for recipient, content in self.rig.mail.taken:
            yield f"a mail to {recipient}", content.decode("latin-1")
            for part in email.message_from_bytes(content, policy=email.policy.default).walk():
                for name, value in part.items():
                    yield f"{name} of a mail to {recipient}", str(value)
                if not part.is_multipart():
                    yield (f"{part.get_content_type()} to {recipient}",
                           part.get_payload(decode=True).decode())
        for _, body in self.rig.receiver.taken:
            yield "a webhook", json.dumps(json.loads(body), ensure_ascii=False)
        for answer in self.answers:
            yield "an answer", answer
        yield "the log", self.daemon.said()

    def check(self):
        count = 0
        for where, text in self.outbound():
            squeezed = re.sub(r"[\s=]", "", text.lower())
            for trace in TRACES:
                self.assertNotIn(trace, squeezed, where)
            count += 1
        return count

    def test_nothing_of_what_an_event_carries(self):
        for whole in every_kind.samples():
            for one in every_kind.around(whole):
                self.say(seeded(one))
        self.rig.wait_delivered()
        kept = sum('"committed": true' in answer for answer in self.answers)
        self.assertGreater(kept, 60, "the events were refused, so nothing is proved")
        self.assertGreater(len(told_of(self.rig.mail.mails())), 100)
        self.assertGreater(len(self.rig.receiver.taken), 50)
        print(f"\n  {kept} events kept; {self.check()} texts that left hold nothing of them")

    def test_nothing_of_what_stands_in_the_wrong_place(self):
        self.say(raised("D-1"))
        for whole in every_kind.samples():
            for wrong in misplaced(whole):
                self.say(wrong)
        self.say('{"specversion": "1.0", "id": "' + ALL)
        self.say("[" + ALL)
        wait_for(lambda: self.rig.mail.to(OPERATOR), "the operator hears of what was refused")
        self.rig.wait_delivered()
        refused = sum('"NACK"' in answer for answer in self.answers)
        self.assertGreater(refused, 100)
        print(f"\n  {refused} events refused; {self.check()} texts that left hold nothing of them")

    def test_a_refusal_is_logged_without_what_the_event_calls_itself(self):
        """Its id, its source's end and the names of its members may say anything, and are of the
        form they must have; who looks for the event finds it by a digest."""
        known = raised("D-1")
        self.say(known)
        names = ("Zebedee.Quillfeather", "1931-02-17", "9991374620", "14-Nightingale-Row")
        for number, name in enumerate(names):
            source = f"{HOUSING}:{name}"
            for wrong in (dict(known, id=name, type="concernd.hold", data={}),
                          dict(known, id=name, source=f"urn:elsewhere:{name}"),
                          dict(known, id=name, source=source, type="concernd.stage.set", data={
                              "stage": name, "reason": "None."}),
                          dict(known, id=name, data=dict(known["data"], facts={name: 5})),
                          dict(known, id=name, data=dict(known["data"], challenging={
                              "agency": "northtown-housing", "people": {name: 5}})),
                          dict(known, **{"id": name, name.replace("-", "").replace(
                              ".", "").lower(): {}})):
                command, answer = self.client.ask("EVENT", wrong)
                self.assertEqual(command, "NACK", wrong)
                self.answers.append(answer["reason"])
            # Two of a source whose numbers leave a gap: it is told of, without the source's end.
            for sequence in (1, 3):
                self.client.publish(event(
                    "discussion.held", "D-1", source=source, sequence=f"{sequence:020}",
                    seqepoch=f"00000000-0000-4000-8000-{number:012}"))
        wait_for(lambda: self.rig.mail.to(OPERATOR), "the operator hears of what was refused")
        self.rig.wait_delivered()
        self.daemon.wait_said("events 2 to 2")
        said = self.daemon.said()
        for name in names:
            self.assertIn("EVENT=" + digest(name), said)
            self.assertIn(f"SOURCE={HOUSING}#" + digest(f"{HOUSING}:{name}"), said)
        self.check()

    def test_it_would_be_found(self):
        """The reasons and facts are kept: what is looked for is there to be found."""
        self.say(seeded(raised("D-1")))
        self.assertEqual(self.daemon.stop(), 0)
        with self.rig.store() as store:
            payloads = " ".join(row[0] for row in store.execute(
                "SELECT payload FROM record_payload"))
        self.assertIn("Zebedee.Quillfeather", payloads)
        self.answers.append(payloads)
        with self.assertRaises(AssertionError):
            self.check()


if __name__ == "__main__":
    unittest.main(verbosity=2)
