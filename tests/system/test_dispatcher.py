"""test_dispatcher.py - mail by the dispatcher, against a real mail server with STARTTLS and AUTH.

What arrives is read by Python's own mail parser, which knows nothing of our writer.  All names
are invented.
"""
import email
import email.policy
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from dispatcher_rig import (  # noqa: E402,F401 (the modules' set up is found by its name)
    Base, endpoint, LONG, mail_settings, setUpModule, SilentServer, tearDownModule, wait_until)
from ports import held_port  # noqa: E402


class Mail(Base):
    def test_a_mail_arrives_as_it_was_written(self):
        server = self.mail_server()
        dispatcher = self.dispatcher(mail_settings(server))
        body = "Stage 2 begins – answer by 17:00.\n.\n..\nFrom here on\n" + "long " * 60 + "\n"
        outcome = dispatcher.carry(
            "01JFEX0M0Z8K3T5Q7W9Y1B2C4D", "email", "team@housing.example", body="",
            mail={"from": "escalations@board.example", "from_name": "Bwrdd – invented",
                  "to": "team@housing.example", "subject": "Stage 2 begins – ref 7F3K-0192",
                  "reference": "7F3K-0192", "date": 1798131540000000, "body": body})
        self.check(outcome, "done", 250)
        self.assertEqual(outcome["detail"], "250 2.0.0 OK queued as ...")
        recipients, sender, content = server.handler.taken.get(timeout=LONG)
        self.assertEqual(recipients, ["team@housing.example"])
        self.assertEqual(sender, "escalations@board.example")
        read = email.message_from_bytes(content, policy=email.policy.default)
        self.assertEqual(read.get_content().replace("\r\n", "\n"), body)
        self.assertEqual(read.defects, [])
        self.assertEqual(
            sorted(name.lower() for name in read.keys()),
            sorted(["date", "from", "to", "subject", "message-id", "auto-submitted",
                    "x-auto-response-suppress", "x-concernd-delivery", "x-concernd-reference",
                    "mime-version", "content-type", "content-transfer-encoding"] + [n.lower() for n in read.keys()
                                                   if n.lower().startswith("x-peer")]))
        self.assertEqual(read["subject"], "Stage 2 begins – ref 7F3K-0192")
        self.assertEqual(read["from"].addresses[0].display_name, "Bwrdd – invented")
        self.assertEqual(read["to"].addresses[0].addr_spec, "team@housing.example")
        self.assertEqual(read["date"].datetime.timestamp(), 1798131540)
        self.assertEqual(read["message-id"], "<01JFEX0M0Z8K3T5Q7W9Y1B2C4D@board.example>")
        self.assertEqual(read["auto-submitted"], "auto-generated")
        self.assertEqual(read["x-concernd-delivery"], "01JFEX0M0Z8K3T5Q7W9Y1B2C4D")

    def test_replies_decide(self):
        server = self.mail_server()
        dispatcher = self.dispatcher(mail_settings(server))
        for word, expected in [
                ("ok", ("done", 250)),
                ("later", ("later", 451)),
                ("unknown", ("refused", 550)),
                ("spam", ("refused", 554)),
                ("policy", ("later", 550, False, True, 3600)),
                ("relay", ("later", 554, False, True, 3600)),
        ]:
            with self.subTest(word):
                outcome = dispatcher.carry("A" + word, "email", word + "@agency.example")
                self.check(outcome, *expected)
        self.assertEqual(dispatcher.outcomes["Aunknown"]["detail"],
                         "550 5.1.1 (bad destination mailbox address) ... no such user here")

    def test_an_address_beyond_ascii_goes_with_smtputf8_or_not_at_all(self):
        address = "si\u00e2n@agency.example"
        mail = {"from": "escalations@board.example", "to": address, "subject": "s",
                "date": 1798131540000000, "body": "text\n"}
        for tls in "starttls", "implicit":
            with self.subTest(tls):
                server = self.mail_server(tls=tls)
                dispatcher = self.dispatcher(mail_settings(server))
                self.check(dispatcher.carry("AUTF8", "email", address, mail=mail), "done", 250)
                recipients, _, content = server.handler.taken.get(timeout=LONG)
                self.assertEqual(recipients, [address])
                self.assertTrue(server.handler.utf8[-1])
                self.assertIn(f"\r\nTo: <{address}>\r\n".encode(), content)
                # Everybody else's mail is ASCII, and says so.
                self.check(dispatcher.carry("AASCII", "email", "ok@agency.example"), "done", 250)
                content = server.handler.taken.get(timeout=LONG)[2]
                self.assertTrue(content.isascii())
                self.assertFalse(server.handler.utf8[-1])

                server = self.mail_server(tls=tls, utf8=False)
                dispatcher = self.dispatcher(mail_settings(server))
                outcome = dispatcher.carry("AUTF8", "email", address, mail=mail)
                self.check(outcome, "refused", 0)
                self.assertIn("no SMTPUTF8", outcome["detail"])
                self.assertEqual(server.handler.tried, [], "the server was told whom it is for")
                self.check(dispatcher.carry("AASCII", "email", "ok@agency.example"), "done", 250)

    def test_a_drop_after_the_final_dot_is_ambiguous_and_repeats_the_same_bytes(self):
        server = self.mail_server()
        dispatcher = self.dispatcher(mail_settings(server))
        mail = {"from": "escalations@board.example", "to": "drop@agency.example", "subject": "s",
                "date": 1798131540000000, "body": "text\n"}
        contents = []
        for _ in range(2):
            dispatcher.outcomes.clear()
            outcome = dispatcher.carry("AMBIGUOUS1", "email", "drop@agency.example", mail=mail)
            self.check(outcome, "later", 0, ambiguous=True)
            contents.append(server.handler.taken.get(timeout=LONG)[2])
        self.assertEqual(contents[0], contents[1])

    def test_a_wrong_password_needs_the_operator(self):
        server = self.mail_server()
        dispatcher = self.dispatcher(mail_settings(server, password="wrong"))
        outcome = dispatcher.carry("A1", "email", "ok@agency.example")
        self.check(outcome, "later", 535, needs_operator=True, retry_after_s=3600)
        self.assertNotIn("wrong", outcome["detail"])

    def test_login_wanted_and_none_given_needs_the_operator(self):
        server = self.mail_server()
        dispatcher = self.dispatcher(mail_settings(server, user="", password=""))
        outcome = dispatcher.carry("A1", "email", "ok@agency.example")
        self.check(outcome, "later", 530, needs_operator=True, retry_after_s=3600)

    def test_never_in_clear(self):
        server = self.mail_server(tls="none")
        dispatcher = self.dispatcher(mail_settings(server))
        outcome = dispatcher.carry("A1", "email", "ok@agency.example")
        self.check(outcome, "later", 0, needs_operator=True)
        dispatcher.configure(mail_settings(server, user="", password=""))
        outcome = dispatcher.carry("A2", "email", "ok@agency.example")
        self.check(outcome, "later", 0, needs_operator=True)
        self.assertEqual(server.handler.tried, [])

    def test_a_wrong_certificate_gets_nothing(self):
        for certificate in "unknown", "other-name":
            with self.subTest(certificate):
                server = self.mail_server(certificate=certificate)
                dispatcher = self.dispatcher(mail_settings(server))
                outcome = dispatcher.carry("A1", "email", "ok@agency.example")
                self.check(outcome, "later", 0, needs_operator=True)
                self.assertIn("certificate", outcome["detail"])
                self.assertEqual(server.handler.tried, [])

    def test_implicit_tls(self):
        server = self.mail_server(tls="implicit", login=False)
        dispatcher = self.dispatcher(mail_settings(server, user="", password=""))
        self.check(dispatcher.carry("A1", "email", "ok@agency.example"), "done", 250)
        wrong = self.mail_server(tls="implicit", certificate="unknown", login=False)
        dispatcher.configure(mail_settings(wrong, user="", password=""))
        outcome = dispatcher.carry("A2", "email", "ok@agency.example")
        self.check(outcome, "later", 0, needs_operator=True)

    def test_no_second_recipient_can_be_smuggled_in(self):
        server = self.mail_server()
        dispatcher = self.dispatcher(mail_settings(server))
        for number, address in enumerate([
                "ok@agency.example>\r\nRCPT TO:<victim@agency.example",
                "ok@agency.example>\nRCPT TO:<victim@agency.example",
                "ok@agency.example,victim@agency.example", "<ok@agency.example>",
                "ok@agency.example> NOTIFY=NEVER", "", "victim"]):
            outcome = dispatcher.carry("A%d" % number, "email", address)
            self.check(outcome, "refused", 0, needs_operator=True)
        self.assertEqual(server.handler.tried, [])

    def test_silence_ends(self):
        silent = SilentServer()
        self.addCleanup(silent.close)
        greeted = SilentServer(b"220 localhost invented\r\n")
        self.addCleanup(greeted.close)
        for number, server in enumerate([silent, greeted]):
            dispatcher = self.dispatcher(
                {"url": "smtp://localhost:%d" % server.port, "from": "a@board.example"},
                patience={"mail_ms": 300})
            outcome = dispatcher.carry("A%d" % number, "email", "ok@agency.example")
            self.check(outcome, "later", 0)

    def test_silence_after_the_final_dot_ends_and_is_ambiguous(self):
        server = self.mail_server()
        dispatcher = self.dispatcher(mail_settings(server), patience={"answer_ms": 300})
        outcome = dispatcher.carry("A1", "email", "hang@agency.example")
        self.check(outcome, "later", 0, ambiguous=True)

    def test_a_server_that_says_no_goodbye_has_taken_the_mail_all_the_same(self):
        server = self.mail_server()
        server.handler.slow_to_quit = True
        dispatcher = self.dispatcher(mail_settings(server))
        self.check(dispatcher.carry("A1", "email", "ok@agency.example"), "done", 250)
        self.check(dispatcher.carry("A2", "email", "unknown@agency.example"), "refused", 550)

    def test_nobody_listens(self):
        dispatcher = self.dispatcher(
            {"url": "smtp://localhost:%d" % held_port(), "from": "a@board.example"})
        self.check(dispatcher.carry("A1", "email", "ok@agency.example"), "later", 0)

    def test_many_mails_go_out_one_by_one(self):
        server = self.mail_server()
        dispatcher = self.dispatcher(mail_settings(server))
        names = ["M%d" % number for number in range(60)]
        for name in names:
            dispatcher.send(name, "email", "ok+%s@agency.example" % name)
        for name in names:
            self.check(dispatcher.outcome(name), "done", 250)
        taken = [server.handler.taken.get_nowait()[0] for _ in names]
        self.assertEqual(sorted(taken), sorted([["ok+%s@agency.example" % name] for name in names]))
        self.assertTrue(server.handler.taken.empty())

    def test_a_hanging_mail_server_holds_up_no_webhook_and_no_end(self):
        server, hooks = self.mail_server(), self.hooks()
        dispatcher = self.dispatcher(mail_settings(server), [endpoint("well", hooks.url("204"))])
        for number in range(9):
            dispatcher.send("H%d" % number, "email", "hang@agency.example", priority=2)
        wait_until(lambda: server.handler.hanging == 7, LONG, "seven hanging mails")
        started = time.monotonic()
        for number in range(20):
            self.check(dispatcher.carry("W%d" % number, "webhook", "well"), "done", 204)
        self.assertLess(time.monotonic() - started, 60)  # a hanging mail has two minutes
        self.assertEqual(dispatcher.ask({"ask": 1}), {"in_flight": 9})
        self.assertEqual(server.handler.hanging, 7)
        self.assertLess(dispatcher.close(), 12000)

    def test_an_urgent_mail_waits_for_no_ordinary_one(self):
        server = self.mail_server()
        dispatcher = self.dispatcher(mail_settings(server))
        for number in range(100):
            dispatcher.send("N%d" % number, "email", "hang@agency.example")
        wait_until(lambda: server.handler.hanging == 3, LONG, "three hanging mails")
        self.check(dispatcher.carry("U", "email", "ok@agency.example", priority=1), "done", 250)
        for number in range(4):
            dispatcher.send("U%d" % number, "email", "hang@agency.example", priority=1)
        wait_until(lambda: server.handler.hanging == 5, LONG, "two urgent ones hanging too")
        self.check(dispatcher.carry("I", "email", "ok@agency.example", priority=2), "done", 250)
        self.assertEqual(server.handler.hanging, 5)
        self.assertLess(dispatcher.close(), 12000)

    def test_new_settings_hold_for_what_starts_next(self):
        first, second = self.mail_server(), self.mail_server()
        dispatcher = self.dispatcher(mail_settings(first))
        self.check(dispatcher.carry("A1", "email", "ok@agency.example"), "done", 250)
        dispatcher.configure(mail_settings(second))
        self.check(dispatcher.carry("A2", "email", "ok@agency.example"), "done", 250)
        self.assertEqual(len(first.handler.tried), 1)
        self.assertEqual(len(second.handler.tried), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
