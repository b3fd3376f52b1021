"""test_privacy.py - no detail of a person leaves the daemon, whatever an event carries or another
system answers.

Invented names, dates of birth, addresses, NHS numbers and narrative are put into every place of
every event that can hold a text; none of them may stand in any mail, page, calendar, webhook,
answer to a publisher, or line of the log.  Nor may what mail servers, endpoints and bounces say
stand in anything that people read of them, or be kept.
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
from concern_rig import HOUSING, PAGES, Rig, event, raised, told_of, wait_for  # noqa: E402
from notify_service import Service  # noqa: E402

OPERATOR = "operator@board.example"
MANAGER = "asc-manager@asc.northtown.example"
OTHER = "housing-manager@housing.northtown.example"
PERIOD = ("--from", "2020-01-01", "--to", "2100-01-01")
# All invented; the number is one that is never given to anybody.
DETAILS = {"child_name": "Zebedee Quillfeather", "date_of_birth": "17 February 1931",
           "address": "14 Nightingale Row, QF1 7ZZ", "nhs_number": "999 137 4620",
           "narrative": "was found with bruises by a neighbour"}
# What would betray each of them, however it is written.
TRACES = ["zebedee", "quillfeather", "february1931", "1931-02-17", "nightingale", "qf17zz",
          "9991374620", "bruises", "neighbour"]
ALL = "; ".join(DETAILS.values())
LEFT = "... was found with ... by a ..."  # of ALL, where a mail server says it


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
        self.rig.write_settings(http=PAGES)
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

    def test_an_agency_that_the_directory_does_not_list(self):
        """It may be called anything, and so may a role or a person of it: nobody is told what."""
        for number, name in enumerate(("Zebedee.Quillfeather", "1931-02-17", "9991374620",
                                       "14-Nightingale-Row")):
            whole = raised(f"D-{number}")
            whole["data"]["challenged"].append({"agency": name, "people": {name: name}})
            whole["data"]["challenging"]["people"] = {name: "asc-worker", "practitioner": name}
            self.client.publish(whole)
            self.client.publish(event("agency.joined", f"D-{number}", {
                "agency": f"{name}.{number}", "side": "challenged", "reason": "It is theirs too.",
                "people": {"line_manager": "asc-manager"}}))
            self.client.publish(event(f"{name}.{number}", f"D-{number}"))
        self.rig.wait_delivered()
        self.assertIn("an agency that the directory does not list", " ".join(
            re.sub(r"\s+", " ", text) for _, text in self.outbound()))
        self.answers += [str(self.rig.page(path)) for path in ("/", "/metrics", "/status.json")]
        self.answers.append(self.rig.ctl(
            "report", "--from", "2000-01-01", "--to", "2100-01-01", "--csv").stdout)
        self.assertIn("unlisted", self.answers[-1])
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


class Answers(unittest.TestCase):
    """What the other sides say of a delivery, with details of a person wherever they say a thing."""

    def setUp(self):
        self.rig = Rig(webhook=True)
        self.addCleanup(self.rig.close)
        self.service = Service(self.rig.folder)
        self.addCleanup(self.service.close)
        path = self.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        directory["endpoints"].update(self.service.connect(self.rig))
        directory["people"]["asc-manager"]["routes"] = [
            f"notify-email:{MANAGER}", "teams:channel", f"email:{MANAGER}"]
        path.write_text(json.dumps(directory, indent=1))
        self.rig.write_settings(http=PAGES)
        mail = json.loads(self.rig.config.read_text())["mail"]
        self.rig.write_settings(mail=dict(mail, bounces="bounces@board.example"))
        self.service.fail = [(400, "ValidationError", ALL)] * 20
        self.service.workflow = 400, {"error": {"code": ALL, "message": ALL}}
        self.rig.receiver.answer, self.rig.receiver.words = 404, ALL
        self.rig.mail.answers[MANAGER] = f"550 5.1.1 {ALL}: no such user"

    def bounce(self):
        """OTHER's mail comes back from a server further on."""
        wait_for(lambda: [row for row in self.rig.outbox("accepted")
                          if row["person"] == "housing-manager"], "the other manager is told")
        sender = next(sender for to, sender in self.rig.mail.senders if to == OTHER)
        self.rig.ctl("bounce", stdin=f"""From: MAILER-DAEMON@mail.board.example
To: {sender}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

{ALL}

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; {ALL}

Final-Recipient: rfc822; {ALL}
Action: failed
Status: 5.2.2 ({ALL})
Remote-MTA: dns; {ALL}
Diagnostic-Code: smtp; 552-5.2.2 {ALL}
 552 5.2.2 mailbox full ({ALL})

--B--
""")

    def details(self):
        """What was said of each that has failed, by route."""
        return {row["route"]: row["last"]["detail"]
                for row in self.rig.outbox("queued", "refused") if row.get("last")}

    def told(self, daemon):
        for name in ("outbox", "history D-1", "list", "show D-1", "status"):
            yield f"concernctl {name}", self.rig.ctl(*name.split(), check=False).stdout
            yield f"concernctl {name} --json", self.rig.ctl(*name.split(), "--json",
                                                            check=False).stdout
        for state in ("refused", "undelivered"):
            yield "the outbox", self.rig.ctl("outbox", "--state", state).stdout
        for form in ((), ("--csv",), ("--json",)):
            yield "the register", self.rig.ctl("report", *PERIOD, *form).stdout
        self.rig.ctl("report", *PERIOD, "--html", self.rig.folder / "register.html")
        for page in ("/", "/metrics", "/status.json"):
            yield f"the page {page}", self.rig.page(page)[2]
        for recipient, content in self.rig.mail.taken:
            for part in email.message_from_bytes(content, policy=email.policy.default).walk():
                if not part.is_multipart():
                    yield f"a mail to {recipient}", part.get_payload(decode=True).decode()
        self.assertEqual(daemon.stop(), 0)
        yield "the log", daemon.said()
        for path in self.rig.folder.rglob("*"):
            if path.is_file():
                yield f"the file {path.name}", path.read_bytes().decode("latin-1")

    def test_nothing_of_what_other_systems_say(self):
        daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))
        wait_for(lambda: MANAGER in self.rig.mail.tried, "its last route is tried")
        wait_for(lambda: len(self.details()) >= 4, "each has answered")
        said = self.details()
        self.assertEqual(said["email"], "550 5.1.1 (bad destination mailbox address) "
                         f"{LEFT} no such user")
        self.assertEqual(said["notify-email"], "refused by GOV.UK Notify (ValidationError)")
        self.assertEqual(said["teams"], "HTTP 400")
        self.assertEqual(said["webhook"], "HTTP 404")
        mail = wait_for(lambda: self.operator("cannot be delivered", "5.1.1"),
                        "the operator is told")[0]
        self.assertIn("The other side said: 550 5.1.1 (bad destination mailbox address) "
                      f"{LEFT} no such user\n", mail)
        self.rig.mail.answers.clear()
        self.bounce()
        mail = wait_for(lambda: self.operator("came back"), "the operator is told of the bounce")[0]
        self.assertIn(f"It said: 552 5.2.2 (mailbox full) {LEFT} mailbox full {LEFT}\n", mail)
        for where, text in self.told(daemon):
            squeezed = re.sub(r"[\s=]", "", text.lower())
            for trace in TRACES:
                self.assertNotIn(trace, squeezed, where)

    def operator(self, *words):
        texts = [mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
                 for mail in self.rig.mail.to(OPERATOR)]
        return [text for text in texts if all(word in text for word in words)]


if __name__ == "__main__":
    unittest.main(verbosity=2)
