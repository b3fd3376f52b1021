"""test_dispatcher_webhooks.py - webhooks by the dispatcher, against a real HTTPS server.

Signatures are checked by Python's hmac, which knows nothing of our writer.  All names are
invented.
"""
import base64
import email.utils
import hashlib
import hmac
import json
import pathlib
import sys
import tempfile
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from dispatcher_rig import (  # noqa: E402,F401 (the modules' set up is found by its name)
    Base, endpoint, LONG, OLD_SECRET, path, SECRET, setUpModule, tearDownModule, wait_until)
from ports import held_port  # noqa: E402


class Webhook(Base):
    def expect_signed(self, request, name, secrets, body):
        _, headers, seen_body = request
        headers = {key.lower(): value for key, value in headers.items()}
        self.assertEqual(seen_body, body)
        self.assertEqual(headers["content-type"], "application/cloudevents+json")
        self.assertEqual(headers["webhook-id"], name)
        stamp = headers["webhook-timestamp"]
        self.assertLess(abs(int(stamp) - time.time()), 120)
        signed = name.encode() + b"." + stamp.encode() + b"." + body
        self.assertEqual(
            headers["webhook-signature"].split(" "),
            ["v1," + base64.b64encode(hmac.new(base64.b64decode(secret[len("whsec_"):]), signed,
                                               hashlib.sha256).digest()).decode()
             for secret in secrets])

    def test_arrives_signed_with_every_secret(self):
        hooks = self.hooks()
        dispatcher = self.dispatcher(None, [
            endpoint("board", hooks.url("204"), secrets=[SECRET, OLD_SECRET])])
        body = json.dumps({"specversion": "1.0", "subject": "7F3K-0192", "note": "– ü"})
        self.check(dispatcher.carry("01JFEX0M0Z8K3T5Q7W9Y1B2C4D", "webhook", "board", body=body),
                   "done", 204)
        self.expect_signed(hooks.seen[0], "01JFEX0M0Z8K3T5Q7W9Y1B2C4D", [SECRET, OLD_SECRET],
                           body.encode())
        self.assertEqual(len(hooks.seen), 1)

    def test_statuses_decide(self):
        hooks = self.hooks()
        rows = [
            ("200", ("done", 200)), ("202", ("done", 202)), ("204", ("done", 204)),
            ("410", ("refused", 410, False, True)),
            ("429/Retry-After=7", ("later", 429, False, False, 7)),
            ("429/Retry-After=999999", ("later", 429, False, False, 3600)),
            ("503/Retry-After=0", ("later", 503)),
            ("503/Retry-After=-5", ("later", 503)),
            ("503/Retry-After=soon", ("later", 503)),
            ("503/Retry-After=", ("later", 503)),
            ("503/Retry-After=Wed, 21 Oct 2015 07:28:00 GMT", ("later", 503)),
            ("503/Retry-After=Fri, 31 Dec 9999 23:59:59 GMT", ("later", 503, False, False, 3600)),
            ("429/Retry-After=99999999999999999999", ("later", 429)),  # no number it can read
            ("500/Retry-After=7", ("later", 500)),
            ("500", ("later", 500)), ("404", ("later", 404, False, True)),
            ("301", ("later", 301, False, True)), ("307", ("later", 307, False, True)),
        ]
        dispatcher = self.dispatcher(None, [
            endpoint("e%d" % i, hooks.url(urllib.parse.quote(where)))
            for i, (where, _) in enumerate(rows)])
        for i, (where, expected) in enumerate(rows):
            with self.subTest(where):
                self.check(dispatcher.carry("S%d" % i, "webhook", "e%d" % i), *expected)
        self.assertEqual([seen[0] for seen in hooks.seen if "redirected" in seen[0]], [])
        self.assertEqual(len(hooks.seen), len(rows))

    def test_a_date_says_when_to_try_again(self):
        hooks = self.hooks()
        date = email.utils.formatdate(time.time() + 1800, usegmt=True)
        dispatcher = self.dispatcher(None, [
            endpoint("board", hooks.url(urllib.parse.quote("503/Retry-After=" + date)))])
        asked = dispatcher.carry("A1", "webhook", "board")["retry_after_s"]
        self.assertLessEqual(asked, 1800)
        self.assertGreater(asked, 1800 - 2 * LONG)

    def test_each_attempt_is_stamped_with_its_own_time(self):
        tick = 0.1  # time(2), which stamps, may lag behind the clock we read by a kernel's tick
        hooks = self.hooks()
        dispatcher = self.dispatcher(None, [endpoint("board", hooks.url("500"))])
        for attempt in (1, 2):
            begun = int(time.time() - tick)
            self.check(dispatcher.carry("A1", "webhook", "board", attempt=attempt), "later", 500)
            dispatcher.outcomes.clear()
            self.expect_signed(hooks.seen[-1], "A1", [SECRET], b"{}")
            self.assertIn(int(hooks.seen[-1][1]["webhook-timestamp"]),
                          range(begun, int(time.time()) + 1))
            wait_until(lambda now=int(time.time()): time.time() > now + 1 + tick, LONG,
                       "another second")
        stamps, signatures = ([headers[name] for _, headers, _ in hooks.seen]
                              for name in ("webhook-timestamp", "webhook-signature"))
        self.assertEqual([len(set(stamps)), len(set(signatures))], [2, 2])

    def test_an_endless_answer_is_not_read(self):
        hooks = self.hooks()
        dispatcher = self.dispatcher(None, [endpoint("board", hooks.url("endless"))])
        self.check(dispatcher.carry("A1", "webhook", "board"), "done", 202)

    def test_a_wrong_certificate_gets_nothing(self):
        for certificate in "unknown", "other-name":
            with self.subTest(certificate):
                hooks = self.hooks(certificate=certificate)
                dispatcher = self.dispatcher(None, [endpoint("board", hooks.url("204"))])
                self.check(dispatcher.carry("A1", "webhook", "board"), "later", 0,
                           needs_operator=True)
                self.assertEqual(hooks.seen, [])

    def test_own_addresses_are_denied_unless_allowed(self):
        hooks = self.hooks()
        hosts = ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1",
                 "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0"]
        dispatcher = self.dispatcher(None, [
            endpoint("e%d" % i, hooks.url("204", host), allow=["10.0.0.0/8"])
            for i, host in enumerate(hosts)] + [
            endpoint("allowed", hooks.url("204", "127.0.0.1"), allow=["127.0.0.1"])])
        for i, host in enumerate(hosts):
            with self.subTest(host):
                self.check(dispatcher.carry("D%d" % i, "webhook", "e%d" % i), "later", 0,
                           needs_operator=True)
        self.assertEqual(hooks.seen, [])
        self.check(dispatcher.carry("OK", "webhook", "allowed"), "done", 204)
        # The one before does not lend its connection to one that is not allowed there.
        self.check(dispatcher.carry("D2", "webhook", "e1"), "later", 0, needs_operator=True)
        self.assertEqual(len(hooks.seen), 1)

    def test_the_environment_names_no_proxy(self):
        hooks = self.hooks()
        proxy = "http://127.0.0.1:%d" % held_port()
        dispatcher = self.dispatcher(None, [endpoint("board", hooks.url("204"))], environment={
            "https_proxy": proxy, "HTTPS_PROXY": proxy, "all_proxy": proxy, "ALL_PROXY": proxy})
        self.check(dispatcher.carry("A1", "webhook", "board"), "done", 204)

    def test_no_netrc_gives_credentials_away(self):
        hooks = self.hooks()
        home = tempfile.TemporaryDirectory()
        self.addCleanup(home.cleanup)
        netrc = pathlib.Path(home.name) / ".netrc"
        netrc.write_text("machine localhost login invented password invented\n"
                         "default login invented password invented\n")
        netrc.chmod(0o600)
        dispatcher = self.dispatcher(None, [endpoint("board", hooks.url("204"))],
                                     environment={"HOME": home.name, "NETRC": str(netrc)})
        self.check(dispatcher.carry("A1", "webhook", "board"), "done", 204)
        self.assertNotIn("Authorization", hooks.seen[0][1])

    def test_a_dead_endpoint_holds_up_nobody_else(self):
        hooks = self.hooks()
        dispatcher = self.dispatcher(None, [endpoint("dead", hooks.url("tarpit")),
                                            endpoint("well", hooks.url("204"))],
                                     patience={"webhook_ms": 120000})
        for number in range(64):
            dispatcher.send("T%d" % number, "webhook", "dead", priority=2)
        wait_until(lambda: hooks.now.get("/tarpit") == 2, LONG, "two requests in the tarpit")
        started = time.monotonic()
        for number in range(50):
            dispatcher.send("W%d" % number, "webhook", "well")
        for number in range(50):
            self.check(dispatcher.outcome("W%d" % number), "done", 204)
        self.assertLess(time.monotonic() - started, 60)  # the tarpit's two last two minutes
        self.assertEqual(hooks.most["/tarpit"], 2)
        self.assertFalse([name for name in dispatcher.outcomes if name.startswith("T")])
        self.assertEqual(dispatcher.ask({"ask": 1}), {"in_flight": 64})
        self.assertLess(dispatcher.close(), 12000)

    def test_what_notify_will_not_send_to_one_holds_up_no_other(self):
        hooks = self.hooks()
        dispatcher = self.dispatcher(None, [
            endpoint("notify", hooks.url("").rstrip("/"), kind="govuk-notify",
                     service="26785a09-ab16-4eb0-8407-a37497a57506")])
        hooks.notify = 400
        for number in range(20):
            self.check(dispatcher.carry("N%d" % number, "notify-text", "+447700900123"), "later",
                       400, needs_operator=True)
        hooks.notify = 201
        self.check(dispatcher.carry("OK", "notify-email", "nobody@agency.example"), "done", 201)

    def test_many_dead_endpoints_leave_places_for_the_urgent(self):
        hooks = self.hooks()
        dispatcher = self.dispatcher(None, [
            endpoint("dead%d" % i, hooks.url("tarpit/%d" % i)) for i in range(30)] + [
            endpoint("well", hooks.url("204"))], patience={"webhook_ms": 120000})
        for number in range(80):
            dispatcher.send("T%d" % number, "webhook", "dead%d" % (number % 30))
        wait_until(lambda: sum(hooks.now.values()) == 24, LONG, "24 requests in the tarpits")
        dispatcher.send("N", "webhook", "well", priority=0)
        self.check(dispatcher.carry("U", "webhook", "well", priority=1), "done", 204)
        self.check(dispatcher.carry("I", "webhook", "well", priority=2), "done", 204)
        self.assertNotIn("N", dispatcher.outcomes)
        self.assertEqual(sum(hooks.now.values()), 24)
        self.assertLess(dispatcher.close(), 12000)

    def carry_again(self, dispatcher, hooks, recipient, count=5):
        """The connection of the first is used by all."""
        for _ in range(count):
            name = "C%d" % len(hooks.seen)
            self.check(dispatcher.carry(name, "webhook", recipient), "done", 204)
        self.assertEqual(len(hooks.peers_of["/204/" + recipient]), 1)

    def test_a_connection_is_used_again_by_its_own_endpoint_alone(self):
        """Of one server: each has its own connection, whatever they have in common."""
        hooks = self.hooks()
        hooks.keeps_open = True
        names = ["one", "alike", "other-secret", "other-allow"]
        dispatcher = self.dispatcher(None, [
            endpoint("one", hooks.url("204/one")),
            endpoint("alike", hooks.url("204/alike")),
            endpoint("other-secret", hooks.url("204/other-secret"), secrets=[OLD_SECRET]),
            endpoint("other-allow", hooks.url("204/other-allow"), allow=["127.0.0.1", "::1"]),
            endpoint("denied", hooks.url("204/denied"), allow=[]),
            endpoint("stranger", hooks.url("204/stranger"), ca_file=path("stranger.pem"))])
        for turn in range(2):
            for name in names:
                self.carry_again(dispatcher, hooks, name)
            for name in "denied", "stranger":
                self.check(dispatcher.carry("%s%d" % (name, turn), "webhook", name), "later", 0,
                           needs_operator=True)
        own = [hooks.peers_of["/204/" + name] for name in names]
        self.assertEqual(len(set().union(*own)), len(names))
        self.assertEqual(len(hooks.seen), 2 * 5 * len(names))

    def test_new_settings_begin_with_no_connection(self):
        """Those of before are closed, one under way at its end, and used by nobody."""
        hooks = self.hooks()
        hooks.keeps_open = True
        own, slow = endpoint("own", hooks.url("204/own")), endpoint("slow", hooks.url("tarpit"))
        dispatcher = self.dispatcher(None, [own, slow])
        self.carry_again(dispatcher, hooks, "own")
        dispatcher.send("S1", "webhook", "slow")
        wait_until(lambda: hooks.now.get("/tarpit") == 1, LONG, "a request in the tarpit")
        before = set(hooks.peers)
        dispatcher.configure(None, [own, slow])
        self.check(dispatcher.carry("N1", "webhook", "own"), "done", 204)
        self.assertEqual(len(hooks.peers - before), 1)
        (kept,) = hooks.peers_of["/tarpit"]
        wait_until(lambda: hooks.open & before == {kept}, LONG, "the end of what nobody uses")
        hooks.released.set()
        dispatcher.outcome("S1")
        wait_until(lambda: not hooks.open & before, LONG, "the end of what was under way")
        self.check(dispatcher.carry("N2", "webhook", "own"), "done", 204)
        self.assertEqual(len(hooks.peers - before), 1)

    def test_what_was_dropped_comes_again_only_where_its_id_tells(self):
        """libcurl itself sends again when a connection that was used before ends unanswered."""
        hooks = self.hooks()
        hooks.keeps_open = True
        dispatcher = self.dispatcher(None, [
            endpoint("own", hooks.url("204/own")),
            endpoint("channel", hooks.url("204/card"), kind="teams", secrets=[]),
            endpoint("notify", hooks.url("").rstrip("/"), kind="govuk-notify",
                     service="26785a09-ab16-4eb0-8407-a37497a57506")])
        self.carry_again(dispatcher, hooks, "own")
        for i, (route, recipient) in enumerate([
                ("teams", "channel"), ("notify-text", "+447700900123"),
                ("notify-email", "nobody@agency.example"), ("webhook", "own")]):
            with self.subTest(route):
                self.check(dispatcher.carry("B%d" % i, "webhook", "own"), "done", 204)
                del hooks.seen[:]
                hooks.drops = 1
                outcome = dispatcher.carry("D%d" % i, route, recipient)
                self.assertEqual(hooks.drops, 0)
                if route == "webhook":
                    self.check(outcome, "done", 204)
                    self.assertEqual([headers["webhook-id"] for _, headers, _ in hooks.seen],
                                     ["D%d" % i] * 2)
                else:
                    self.check(outcome, "later", 0, ambiguous=True)
                    self.assertEqual(len(hooks.seen), 1, "sent twice within one attempt")

    def test_no_answer_ends_and_is_ambiguous(self):
        hooks = self.hooks()
        dispatcher = self.dispatcher(None, [endpoint("dead", hooks.url("tarpit"))],
                                     patience={"webhook_ms": 1500})
        self.check(dispatcher.carry("A1", "webhook", "dead"), "later", 0, ambiguous=True)

    def test_an_endpoint_that_was_taken_out_of_the_settings_is_answered(self):
        hooks = self.hooks()
        dispatcher = self.dispatcher(None, [endpoint("board", hooks.url("204"))])
        self.check(dispatcher.carry("A1", "webhook", "board"), "done", 204)
        dispatcher.configure(None, [])
        self.check(dispatcher.carry("A2", "webhook", "board"), "later", 0, needs_operator=True)


if __name__ == "__main__":
    unittest.main(verbosity=2)
