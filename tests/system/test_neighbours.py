"""test_neighbours.py - one other side that is dead, slow, silent or drips delays nobody else.

The time from an event's acknowledgement to the arrival of its webhook is taken twice: where all
other sides answer, and where one each refuses, says nothing, drips bytes before and after the
handshake, takes a second, and the mail server drips.  CONCERN_LOUD=1 says what it was; the bench
(tests/bench, `neighbour`) measures it on a release.  An urgent mail is sent while a thousand others
wait for a slow mail server, with CONCERN_LONG=1 ten thousand.
"""
import json
import os
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import PASSWORD, USER, Rig, event, wait_for  # noqa: E402
from faulty_servers import Certificates, HookServer, MailServer  # noqa: E402
from siege import Watch  # noqa: E402

RAISES = 210
BOUND_S = 1.0  # sanitized, for each process that waits for a processor; what is meant are 100 ms
BAD = {"dead": "refused", "silent": "silent", "tarpit": lambda line: line.silence(),
       "drip": lambda line: line.drip(b"HTTP/1.1 2"), "flood": lambda line: flood(line),
       "slow": lambda line: slow(line)}
CROWD, CHALLENGED = (1250 if os.environ.get("CONCERN_LONG") else 125), 8  # 10,000 mails; 1,000


def flood(line):
    while True:
        line.say(b"HTTP/1.1 100 Continue\r\n\r\n")
        line.server.closing.wait(0.01)


def slow(line):
    line.server.closing.wait(1)
    line.say(b"HTTP/1.1 204 No Content\r\n\r\n")


def p99(values):
    return sorted(values)[len(values) * 99 // 100]


class Neighbours(unittest.TestCase):
    def setUp(self):
        self.rig = Rig(webhook=True)
        self.addCleanup(self.rig.close)
        self.certificates = Certificates(self.rig.folder)
        self.mail = MailServer(self.certificates, (USER, PASSWORD))
        self.addCleanup(self.mail.close)
        self.hooks = HookServer(self.certificates)
        self.addCleanup(self.hooks.close)

    def start(self, routes):
        """An agency for each of `routes`; one that challenges them all, told by "well"."""
        path = self.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        like = directory["endpoints"].pop("housing-system")
        directory["agencies"]["northtown-housing"].pop("systems")
        for person in directory["people"].values():
            person["routes"] = ["webhook:well"]
        for name, route in routes.items():
            directory["agencies"][name] = {
                "name": "Invented", "kind": "statutory", "domains": ["case.example"],
                "roles": {role: {"holder": name} for role in
                          ("practitioner", "line_manager", "head_of_service", "strategic_head")}}
            directory["people"][name] = {"name": "Invented", "routes": [route]}
        for name in self.hooks.endpoints:
            port = self.hooks.endpoints[name].listener.getsockname()[1]
            directory["endpoints"][name] = dict(like, url=f"https://localhost:{port}/",
                                                ca=str(self.rig.folder / "authority.pem"))
        path.write_text(json.dumps(directory))
        self.rig.write_settings(mail={
            "url": f"smtp://localhost:{self.mail.port}", "user": USER,
            "password_file": "secrets/mail-password", "ca": "authority.pem",
            "from": "concernd@board.example"})
        self.daemon = self.rig.start()
        self.client = self.rig.client()

    def raised(self, reference, *challenged):
        return event("disagreement.raised", reference, {
            "procedure": "plcsab-adults", "board": "plcsab",
            "challenging": {"agency": "northtown-housing"},
            "challenged": [{"agency": agency} for agency in challenged],
            "facts": {"relates_to": "individual"}})

    def latencies(self, word, agencies):
        """Of RAISES webhooks to the one that is well, each awaited before the next event."""
        well, waits = self.hooks.endpoints["well"], []
        before = len(well.arrived)
        for number in range(RAISES):
            reference = f"D-{word.upper()}-{number}"
            self.client.publish(self.raised(reference, agencies[number % len(agencies)]))
            began = time.monotonic()
            wait_for(lambda: len(well.arrived) > before + number, reference, pause=0.001)
            at, body = well.arrived[-1]
            self.assertEqual(json.loads(body)["data"]["reference"], reference)
            waits.append(max(0, at - began))
        return waits

    def test_nobody_waits_for_another(self):
        self.hooks.add("well", None)
        self.hooks.add("fine", None)
        for name, fault in BAD.items():
            self.hooks.add(name, fault)
        self.mail.fault = ("banner", "drip")
        self.start({"agency-fine": "webhook:fine", "agency-mail": "email:who@case.example",
                    **{f"agency-{name}": f"webhook:{name}" for name in BAD}})
        watch, began = Watch(self.rig.folder), time.time()
        watch.start()
        self.addCleanup(watch.closing.set)
        alone = self.latencies("alone", ["agency-fine"])
        beside = self.latencies("beside", ["agency-mail", *(f"agency-{name}" for name in BAD)])
        stall, load = watch.worst(began, time.time())
        if os.environ.get("CONCERN_LOUD"):
            print(f"p99 alone {p99(alone) * 1000:.1f} ms, beside {p99(beside) * 1000:.1f} ms")
        self.assertLess(p99(beside) - p99(alone), BOUND_S * load + stall)
        self.assertTrue(all(endpoint.seen for name, endpoint in self.hooks.endpoints.items()
                            if name not in ("dead", "silent")), "some were not asked")
        self.assertEqual(self.daemon.stop(), 0, self.daemon.said())


class Crowd(Neighbours):
    test_nobody_waits_for_another = None

    def test_urgent_mail_passes_all_that_wait(self):
        self.hooks.add("well", None)
        crowd = {f"agency-{number}": f"email:crowd-{number}@case.example"
                 for number in range(CHALLENGED)}
        self.start({**crowd, "agency-urgent": "email:urgent@case.example"})
        for number in range(CHALLENGED):
            self.mail.faults[f"crowd-{number}@case.example"] = ("dot", "pause", 30)
        events = [self.raised(f"D-{number}", *crowd) for number in range(CROWD)]
        self.client.publish(self.raised("D-URGENT", "agency-urgent"))
        wait_for(lambda: self.mail.texts_to("urgent@case.example"), "the first mail")
        for start in range(0, CROWD, 50):
            for one in events[start:start + 50]:
                self.client.send("EVENT", one)
            for _ in events[start:start + 50]:
                self.assertEqual(self.client.receive()[0], "ACK")
        waiting = CROWD * CHALLENGED * 9 // 10
        self.assertGreater(self.rig.status()["outbox"]["queued"], waiting)
        taken = len(self.mail.taken)
        self.client.publish(event("risk.changed", "D-URGENT", {"risk": "life_threatening"}))
        began = time.monotonic()
        wait_for(lambda: len(self.mail.texts_to("urgent@case.example")) > 1, "the urgent mail", 25)
        passed = len(self.mail.taken) - taken
        if os.environ.get("CONCERN_LOUD"):
            print(f"after {time.monotonic() - began:.2f} s, {passed} mails taken meanwhile")
        # Three at a time, each half a minute: hardly one that waited has gone before it.
        self.assertLess(passed, 12)
        self.assertGreater(self.rig.status()["outbox"]["queued"], waiting)
        self.assertEqual(self.daemon.stop(), 0, self.daemon.said())


if __name__ == "__main__":
    unittest.main(verbosity=2 if os.environ.get("CONCERN_LOUD") else 1)
