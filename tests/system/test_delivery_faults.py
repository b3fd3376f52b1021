"""test_delivery_faults.py - a fault at every step of SMTP and HTTP ends in one delivery, or in one
failure that everybody sees and another route that is taken; never in two differing messages, and
never in none.

The daemon runs on a clock that goes a hundred times as fast: what waits for minutes waits for a
second or so, and whoever says nothing is given up after five (an answer takes the time it takes).
"""
import email
import email.policy
import json
import os
import pathlib
import re
import signal
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import PASSWORD, USER, Rig, event, record_faults, wait_for  # noqa: E402
from faulty_servers import Certificates, HookServer, MailServer  # noqa: E402

SPEED = 100
START = "2026-12-14T10:00:00Z"
CERTIFICATES = ("other-name", "expired", "unknown")

# --- a mail server that fails before it knows for whom a mail is: one after the other.
# Of each: what is said of it, and whether only a person can mend it.
SERVER_FAULTS = {
    "nobody listens": (None, r"connect", False),
    "connection silence": (None, r"no connection in time", False),
    "banner 421": (("banner", "say", "421 4.3.2 closing"), r"^421 ", False),
    "banner 554": (("banner", "say", "554 5.3.2 not for you"), r"^554 ", True),
    "banner drop": (("banner", "drop"), r".", False),
    "EHLO refused": (("ehlo", "say", "502 5.5.1 what"), r".", True),
    "EHLO 421": (("ehlo", "say", "421 4.3.2 closing"), r".", False),
    "EHLO drop": (("ehlo", "drop"), r".", False),
    "STARTTLS not offered": (("starttls", "not_offered"), r"STARTTLS", True),
    "STARTTLS refused": (("starttls", "say", "454 4.7.0 not now"), r".", False),
    "STARTTLS refused for good": (("starttls", "say", "502 5.5.1 what"), r".", True),
    "STARTTLS drop": (("starttls", "drop"), r".", False),
    "an answer injected before the handshake": (("starttls", "inject"), r".", False),
    "handshake dropped": (("starttls", "no_handshake", "drop"), r".", False),
    "handshake garbage": (("starttls", "no_handshake", "garbage"), r".", False),
    **{f"certificate: {name}": (("starttls", "wrong_certificate", name), r"certificate", True)
       for name in CERTIFICATES},
    "AUTH 535": (("auth", "say", "535 5.7.8 wrong"), r"^535 ", True),
    "AUTH 454": (("auth", "say", "454 4.7.0 not now"), r"^454 ", False),
    "AUTH drop": (("auth", "drop"), r".", False),
    "MAIL 451": (("mail", "say", "451 4.3.0 not now"), r"^451 ", False),
    "MAIL 550": (("mail", "say", "550 5.1.8 not you"), r"^550 ", True),
    "MAIL drop": (("mail", "drop"), r".", False),
}

# --- and servers that only waste time: three at once, as many as ordinary mails are under way.
SLOW_SERVERS = [
    {"banner silence": ("banner", "silence"), "EHLO silence": ("ehlo", "silence"),
     "AUTH silence": ("auth", "silence")},
    {"banner drip": ("banner", "drip"), "EHLO drip": ("ehlo", "drip", b"250-"),
     "handshake silence": ("starttls", "no_handshake", "silence")},
    {"banner garbage": ("banner", "say", "SSH-2.0-invented"), "MAIL silence": ("mail", "silence"),
     "MAIL drip": ("mail", "drip", b"250-")},
]

# --- and after: (fault, is it ambiguous, is it stored though it failed).  At most four of those
# that look as if the server were dead go together, for the fifth in a row has it left alone.
RECIPIENT_FAULTS = [
    {"rcpt-451": (("rcpt", "say", "451 4.3.0 not now"), False, False),
     "rcpt-421": (("rcpt", "say", "421 4.3.2 closing"), False, False),
     "rcpt-452": (("rcpt", "say", "452 4.2.2 full"), False, False),
     "rcpt-drop": (("rcpt", "drop"), False, False),
     "data-451": (("data", "say", "451 4.3.0 not now"), False, False),
     "data-drop": (("data", "drop"), False, False),
     "dot-451": (("dot", "say", "451 4.3.0 not now"), False, False)},
    {"body-drop": (("body", "drop"), True, False),
     "body-reset": (("body", "reset"), True, False),
     "dot-drop": (("dot", "drop"), True, False),
     "dot-garbage": (("dot", "say", "what is that"), True, False)},
    {"rcpt-silence": (("rcpt", "silence"), False, False),
     "data-silence": (("data", "silence"), False, False),
     "dot-silence": (("dot", "silence"), True, False)},
    {"stored-drop": (("stored", "drop"), True, True),
     "stored-reset": (("stored", "reset"), True, True),
     "stored-silence": (("stored", "silence"), True, True),
     "stored-drip": (("stored", "drip"), True, True)},
]

# The mail is taken, whatever the goodbye is.
TAKEN = {
    "after-drop": ("after", "drop"), "after-reset": ("after", "reset"),
    "quit-silence": ("quit", "silence"), "quit-554": ("quit", "say", "554 5.0.0 stay"),
    "quit-drip": ("quit", "drip"),
}

# Never by this route.
REFUSED = {
    "rcpt-550": (("rcpt", "say", "550 5.1.1 nobody"), 550),
    "rcpt-552": (("rcpt", "say", "552 5.2.2 full for ever"), 552),
    "data-554": (("data", "say", "554 5.5.0 no"), 554),
    "dot-550": (("dot", "say", "550 5.6.0 not this text"), 550),
}


# --- HTTPS

def say_and_drop(text):
    return lambda line: line.say(text)


def flood(line):
    while True:
        line.say(b"HTTP/1.1 100 Continue\r\n\r\n" * 50)


def endless(status):
    def answer(line):
        line.say(b"HTTP/1.1 %d what\r\n\r\n" % status)
        while True:
            line.say(b"x" * 1024)
    return answer


def status(code, *headers):
    lines = [f"HTTP/1.1 {code} invented", "Content-Length: 0", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


GIANT = b"X-Invented: " + b"x" * 300000 + b"\r\n\r\n"
LATER, MEND = "later", "mend"  # tried again; and only a person can mend it
HOOK_FAULTS = {
    "refused": ("refused", LATER), "silent": ("silent", LATER), "tls-dropped": ("dropped", LATER),
    "no-tls": ("no-tls", LATER), **{name: (name, MEND) for name in CERTIFICATES},
    "read-then-dropped": (lambda line: line.drop(), LATER),
    "read-then-reset": (lambda line: line.reset(), LATER),
    "read-then-silent": (lambda line: line.silence(), LATER),
    "mid-status": (say_and_drop(b"HTTP/1.1 2"), LATER),
    "continue-flood": (flood, LATER),
    "dripping-status": (lambda line: line.drip(b"HTTP/1.1 2"), LATER),
    "garbage": (b"SSH-2.0-invented\r\n\r\n", MEND),
    "status-999": (status(999), LATER),
    **{f"status-{code}": (status(code, "Location: https://127.0.0.1:1/elsewhere"), MEND)
       for code in (301, 302, 303, 307, 308)},
    **{f"status-{code}": (status(code), MEND) for code in (400, 401, 403, 404, 409, 413, 422)},
    **{f"status-{code}": (status(code), LATER) for code in (408, 425, 429, 500, 502, 503, 504)},
    "429-and-when": (status(429, "Retry-After: 600"), LATER),
    "503-and-when": (status(503, "Retry-After: 600"), LATER),
    "endless-500": (endless(500), LATER), "giant-500": (status(500)[:-2] + GIANT, LATER),
}
HOOKS_TAKEN = {  # said yes, and then lost the thread
    "mid-headers": say_and_drop(b"HTTP/1.1 204 No Content\r\nX-Inv"),
    "mid-body": say_and_drop(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"),
    "endless": endless(200), "giant": b"HTTP/1.1 200 OK\r\n" + GIANT,
    "dripping-headers": lambda line: line.drip(b"HTTP/1.1 200 OK\r\nX-Invented: "),
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nno\r\n",
    "continue-first": say_and_drop(b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + status(202)),
}


class Faults(unittest.TestCase):
    def setUp(self):
        self.rig = Rig(webhook=True)
        self.addCleanup(self.rig.close)
        self.certificates = Certificates(self.rig.folder)
        self.mail = MailServer(self.certificates, (USER, PASSWORD))
        self.addCleanup(self.mail.close)
        self.hooks = HookServer(self.certificates)
        self.addCleanup(self.hooks.close)
        self.client = self.daemon = None
        self.cases = {}

    # the daemon, with an agency for each case

    def add(self, case, *routes):
        """Whoever is told of a case: one person of an agency of its own."""
        self.cases[case] = list(routes)

    def address(self, case):
        return f"{case}@case.example"

    def start(self, speed=SPEED, **settings):
        directory = json.loads((self.rig.folder / "directory.yaml").read_text())
        well = directory["endpoints"]["housing-system"]
        directory["agencies"]["northtown-housing"].pop("systems")
        for person in directory["people"].values():
            person["routes"] = ["webhook:housing-system"]
        for case, routes in self.cases.items():
            directory["agencies"][f"agency-{case}"] = {
                "name": "Invented", "kind": "statutory", "domains": ["case.example"],
                "roles": {role: {"holder": case} for role in
                          ("practitioner", "line_manager", "head_of_service", "strategic_head")}}
            directory["people"][case] = {"name": "Invented", "routes": routes}
        for endpoint in self.hooks.endpoints.values():
            port = endpoint.listener.getsockname()[1]
            directory["endpoints"][endpoint.name] = dict(
                well, url=f"https://localhost:{port}/", ca=str(self.rig.folder / "authority.pem"))
        directory["endpoints"]["no-such-name"] = dict(well, url=f"https://{'x' * 70}.example/")
        (self.rig.folder / "directory.yaml").write_text(json.dumps(directory))
        self.rig.write_settings(mail={
            "url": f"smtp://localhost:{self.mail.port}", "user": USER,
            "password_file": "secrets/mail-password", "ca": "authority.pem",
            "from": "concernd@board.example"}, **settings)
        self.daemon = self.rig.start("--clock", f"{START}x{speed}")
        self.client = self.rig.client()

    def reference(self, case):
        return f"D-{list(self.cases).index(case) + 1}"

    def publish(self, case):
        self.client.publish(event(
            "disagreement.raised", self.reference(case), {
                "procedure": "plcsab-adults", "board": "plcsab",
                "challenging": {"agency": "northtown-housing"},
                "challenged": [{"agency": f"agency-{case}"}],
                "facts": {"relates_to": "individual"}}, time=START))

    def rows(self):
        """Of each case, by the way it goes: what the outbox says."""
        found = {}
        for state in ("queued", "accepted", "refused", "exhausted"):
            for row in self.rig.outbox(state):
                found.setdefault(row["person"], {})[row["way"]] = row
        return found

    def row(self, case, way=1):
        return self.rows().get(case, {}).get(way)

    def wait_failed(self, cases):
        def failed():
            rows = self.rows()
            return all(rows.get(case, {}).get(1, {}).get("last") for case in cases) and rows
        return wait_for(failed, f"the first try of {cases} has failed")

    def wait_state(self, cases, state, way=1):
        def reached():
            rows = self.rows()
            return all(rows.get(case, {}).get(way, {}).get("state") == state
                       for case in cases) and rows
        try:
            return wait_for(reached, f"{state}")
        except AssertionError as error:
            rows = self.rows()
            left = [rows.get(case) for case in cases
                    if rows.get(case, {}).get(way, {}).get("state") != state]
            raise AssertionError(f"{error}: {left}") from None

    # what must be true of every case

    def check_mails(self, case, stored_before=False):
        """All that was stored is one message, byte by byte; one copy got a yes."""
        stored = self.mail.texts_to(self.address(case), self.mail.stored)
        self.assertEqual(len(stored) > 1, stored_before, case)
        self.assertEqual(len(set(stored)), 1, f"{case}: the copies differ")
        self.assertEqual(len(self.mail.texts_to(self.address(case))), 1, case)
        mail = email.message_from_bytes(stored[0], policy=email.policy.default)
        self.assertIn(self.row(case)["id"], mail["Message-ID"])
        self.assertEqual(mail["X-Concernd-Reference"], self.reference(case))
        self.assertEqual(mail.defects, [])

    def first_attempt(self, case):
        """As the store has it."""
        with self.rig.store() as store:
            return dict(store.execute(
                "SELECT a.* FROM attempt a JOIN outbox o ON o.number = a.outbox "
                "WHERE o.person = ? AND o.position = 0 ORDER BY a.attempt LIMIT 1",
                (case,)).fetchone())

    def end(self):
        """No sanitizer spoke, and the record holds."""
        self.assertEqual(self.daemon.stop(), 0, self.daemon.said())
        with self.rig.store() as store:
            self.assertEqual(record_faults(store), [])


class MailFaults(Faults):
    def test_every_step_before_the_recipient(self):
        names = {f"server-{number}": name for number, name in enumerate(SERVER_FAULTS)}
        slow = [f"slow {name}".replace(" ", "-").lower() for batch in SLOW_SERVERS for name in batch]
        for case in (*names, *slow):
            self.add(case, f"email:{self.address(case)}")
        self.start()
        for case, name in names.items():
            with self.subTest(name):
                self.one_server_fault(case, name)
        for batch in SLOW_SERVERS:
            with self.subTest(batch.keys()):
                self.slow_servers([f"slow {name}".replace(" ", "-").lower() for name in batch],
                                  list(batch.values()))
        self.end()

    def slow_servers(self, cases, faults):
        """Whichever of them meets which."""
        self.mail.next_faults.extend(faults)
        for case in cases:
            self.publish(case)
        self.wait_state(cases, "accepted")
        self.assertEqual(self.mail.next_faults, [])
        for case in cases:
            self.check_mails(case)
            self.assertRegex(self.first_attempt(case)["detail"], r"too slow|in time")
            self.assertEqual(self.row(case)["attempts"], 2)

    def one_server_fault(self, case, name):
        self.mail.fault, detail, needs_operator = SERVER_FAULTS[name]
        if name == "nobody listens":
            self.mail.leave()
        if name == "connection silence":
            self.mail.fill()
        said = len(self.daemon.said())
        self.publish(case)
        last = self.wait_failed([case])[case][1]
        self.assertRegex(last["last"]["detail"], detail)
        self.assertNotIn("@", last["last"]["detail"])
        if last["state"] != "queued":
            self.fail(f"given up: {last}")
        self.assertEqual("a setting keeps" in self.daemon.said()[said:], needs_operator,
                         last["last"])
        self.mail.fault = None
        if name in ("nobody listens", "connection silence"):
            self.mail.come_back()
        if needs_operator:
            self.daemon.signal(signal.SIGHUP)  # he mended it
        self.wait_state([case], "accepted")
        self.check_mails(case)
        self.assertEqual(self.first_attempt(case)["ambiguous"], 0)

    def test_every_step_from_the_recipient_on(self):
        rows = {case: row for batch in RECIPIENT_FAULTS for case, row in batch.items()}
        for case in (*rows, *TAKEN):
            self.add(case, f"email:{self.address(case)}")
        self.start()
        for case, fault in TAKEN.items():
            self.mail.faults[self.address(case)] = fault
            self.publish(case)
        for batch in RECIPIENT_FAULTS:
            for case, (fault, _, _) in batch.items():
                self.mail.faults[self.address(case)] = fault
                self.publish(case)
            self.wait_failed(batch)
            for case in batch:
                del self.mail.faults[self.address(case)]
            self.wait_state(batch, "accepted")
        self.wait_state(TAKEN, "accepted")
        for case, (_, ambiguous, stored) in rows.items():
            with self.subTest(case):
                self.check_mails(case, stored)
                first = self.first_attempt(case)
                self.assertEqual((first["outcome"], first["ambiguous"]), ("later", ambiguous))
        for case in TAKEN:
            with self.subTest(case):
                self.check_mails(case)
                self.assertEqual(self.row(case)["attempts"], 1)
        self.end()

    def test_what_stays_goes_by_the_next_route(self):
        """Refused: at once.  What fails on: after ten minutes, and is seen to be given up."""
        staying = {"stays-451": ("rcpt", "say", "451 4.3.0 not now"),
                   "stays-dot": ("stored", "drop")}
        for case, fault in {**{case: fault for case, (fault, _) in REFUSED.items()},
                            **staying}.items():
            self.hooks.add(f"next-{case}", None)
            self.add(case, f"email:{self.address(case)}", f"webhook:next-{case}")
            self.mail.faults[self.address(case)] = fault
        self.add("alone", f"email:{self.address('alone')}")
        self.mail.faults[self.address("alone")] = REFUSED["rcpt-550"][0]
        self.start(3 * SPEED, retry="1 hour")
        for case in self.cases:
            self.publish(case)
        self.wait_state([*REFUSED, *staying], "accepted", way=2)
        rows = self.wait_state([*REFUSED, "alone"], "refused")
        for case, (_, code) in REFUSED.items():
            self.assertEqual((rows[case][1]["attempts"], rows[case][1]["last"]["code"]), (1, code))
        rows = self.wait_state(staying, "exhausted")
        for case in (*REFUSED, *staying):
            with self.subTest(case):
                self.check_next(case, len(self.hooks.endpoints[f"next-{case}"].taken))
                self.assertIn(rows[case][1]["state"],
                              self.outcomes_in_history(case), "not in the history")
                self.assertEqual(self.mail.texts_to(self.address(case)), [])
        copies = self.mail.texts_to(self.address("stays-dot"), self.mail.stored)
        self.assertGreater(len(copies), 2)
        self.assertEqual(len(set(copies)), 1, "the copies differ")
        self.assertIn("undelivered", [line["type"] for line in self.rig.rows("history", self.reference("alone"))])
        self.assertEqual([row["reference"] for row in
                          self.rig.rows("outbox", "--state", "undelivered")],
                         [self.reference("alone")])
        self.end()

    def check_next(self, case, count):
        self.assertEqual(count, 1, "by the next route")
        identity, body = self.hooks.endpoints[f"next-{case}"].taken[0]
        rows = self.rows()[case]
        self.assertEqual(sorted(rows), [1, 2])
        self.assertEqual((identity, json.loads(body)["id"]), (rows[2]["id"], rows[1]["id"]))

    def outcomes_in_history(self, case):
        return [line["payload"]["state"] for line in self.rig.rows("history", self.reference(case))
                if line["type"] == "delivery"]


class HookFaults(Faults):
    """Each twice: one is mended, and gets the message; one stays, and the next route is taken."""

    def test_every_step(self):
        for name, (fault, _) in HOOK_FAULTS.items():
            self.hooks.add(f"mended-{name}", fault)
            self.add(f"mended-{name}", f"webhook:mended-{name}")
            self.hooks.add(f"stays-{name}", fault)
            self.add(f"stays-{name}", f"webhook:stays-{name}",
                     f"email:{self.address('stays-' + name)}")
        for name, fault in HOOKS_TAKEN.items():
            self.hooks.add(f"taken-{name}", fault)
            self.add(f"taken-{name}", f"webhook:taken-{name}")
        self.hooks.add("stays-410", status(410))
        self.add("stays-410", "webhook:stays-410", f"email:{self.address('stays-410')}")
        self.add("stays-no-name", "webhook:no-such-name", f"email:{self.address('stays-no-name')}")
        self.start(retry="1 hour")
        for case in self.cases:
            self.publish(case)
        mended = [f"mended-{name}" for name in HOOK_FAULTS]
        first = self.wait_failed(mended)
        for case in mended:
            self.hooks.mend(self.hooks.endpoints[case])
        self.wait_state(mended, "accepted")
        self.wait_state([f"taken-{name}" for name in HOOKS_TAKEN], "accepted")
        staying = [case for case in self.cases if case.startswith("stays-")]
        self.wait_state(staying, "accepted", way=2)
        self.check_mended(first)
        self.check_taken()
        self.check_staying(staying)
        self.end()

    def check_mended(self, first):
        for name in HOOK_FAULTS:
            with self.subTest(name):
                endpoint = self.hooks.endpoints[f"mended-{name}"]
                self.assertEqual(len(endpoint.taken), 1)
                self.assertEqual(len(set(endpoint.seen)), 1, "the copies differ")
                row = first[f"mended-{name}"][1]
                self.assertEqual(endpoint.taken[0][0], row["id"])
                self.assertTrue(row["last"]["detail"])
                self.assertNotIn("elsewhere", self.daemon.said())

    def check_taken(self):
        rows = self.rows()
        for name in HOOKS_TAKEN:
            with self.subTest(name):
                self.assertEqual(rows[f"taken-{name}"][1]["attempts"], 1)
                self.assertEqual(len(self.hooks.endpoints[f"taken-{name}"].seen), 1)

    def check_staying(self, staying):
        rows, said = self.rows(), self.daemon.said()
        for case in staying:
            with self.subTest(case):
                self.assertEqual(len(self.mail.texts_to(self.address(case))), 1)
                self.assertIn(rows[case][1]["state"], ("queued", "exhausted", "refused"))
                self.assertTrue(rows[case][1]["last"]["detail"])
                mail = email.message_from_bytes(self.mail.texts_to(self.address(case))[0],
                                                policy=email.policy.default)
                self.assertIn(rows[case][1]["id"], mail.get_body(("plain",)).get_content())
                waited = "it goes by another route" in said and bool(re.search(
                    rf"in time: it goes by another route[^\n]*{rows[case][1]['id']}", said))
                name = case.removeprefix("stays-")
                at_once = name in ("410",) or HOOK_FAULTS.get(name, (0, LATER))[1] == MEND
                self.assertEqual(waited, not at_once)


if __name__ == "__main__":
    unittest.main(verbosity=2 if os.environ.get("CONCERN_LOUD") else 1)
