"""test_daemon_bounces.py - mail that a mail server accepted comes back, and `concernctl bounce`
takes it as a mail system pipes it.
"""
import json
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import ASC, CONCERNCTL, Rig, clean_environment, event, raised, wait_for  # noqa: E402

MANAGER = "asc-manager@asc.northtown.example"
DEPUTY = "asc-lead@asc.northtown.example"
OPERATOR = "operator@board.example"
PERIOD = ("--from", "2020-01-01", "--to", "2100-01-01")
BOUNCES = "bounces@concern.board.example"
RETURN_PATH = re.compile(r"bounces\+([0-9a-z]{26})-([a-z2-7]{16})@concern\.board\.example")


def report(sender, returned, action="failed", status="5.1.1",
           diagnostic=f"smtp; 550 5.1.1 <{MANAGER}>: user asc-manager unknown", to=None):
    """A delivery status notification, as postfix writes it."""
    headers = returned.split(b"\r\n\r\n")[0].decode().replace("\r\n", "\n")
    return f"""From MAILER-DAEMON  Fri Nov 27 09:00:04 2026
Return-Path: <>
Delivered-To: {to or sender}
From: MAILER-DAEMON@mail.board.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to or sender}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B/mail.board.example"

This is a MIME-encapsulated message.

--B/mail.board.example
Content-Type: text/plain; charset=utf-8

I'm sorry.

--B/mail.board.example
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.board.example

Final-Recipient: rfc822; {MANAGER}
Action: {action}
Status: {status}
Diagnostic-Code: {diagnostic}

--B/mail.board.example
Content-Type: text/rfc822-headers

{headers}

--B/mail.board.example--
"""


class Bounces(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        directory = json.loads((self.rig.folder / "directory.yaml").read_text())
        directory["agencies"]["northtown-asc"]["roles"]["line_manager"]["deputy"] = "asc-lead"
        (self.rig.folder / "directory.yaml").write_text(json.dumps(directory))
        self.set_bounces(BOUNCES)

    def set_bounces(self, address):
        self.rig.write_settings()
        mail = json.loads(self.rig.config.read_text())["mail"]
        self.rig.write_settings(mail=dict(mail, bounces=address))

    def bounce(self, mail, *arguments):
        return self.rig.ctl("bounce", *arguments, stdin=mail, check=False)

    def sent_to(self, address):
        """(the envelope's sender, the mail), once it was accepted."""
        wait_for(lambda: self.rig.mail.to(address), f"{address} is told")
        sender = next(sender for to, sender in self.rig.mail.senders if to == address)
        return sender, next(mail for to, mail in self.rig.mail.taken if to == address)

    def row(self, person="asc-manager"):
        return next(row for row in self.rig.outbox("accepted", "refused")
                    if row["person"] == person)

    def raise_and_accept(self):
        self.rig.client().publish(raised("D-1"))
        sent = self.sent_to(MANAGER)
        self.rig.wait_delivered()
        return sent

    def types(self):
        return [line["type"] for line in self.rig.rows("history", "D-1")]

    def test_what_came_back_goes_to_the_deputy_though_killed(self):
        daemon = self.rig.start()
        sender, mail = self.raise_and_accept()
        self.assertRegex(sender, RETURN_PATH)
        self.assertEqual(RETURN_PATH.match(sender)[1].upper(), self.row()["id"])
        self.assertIn(b"\r\nFrom: <concernd@board.example>\r\n", mail)
        self.assertEqual(len(set(self.rig.mail.senders)), len(self.rig.mail.senders))

        daemon.kill()
        daemon = self.rig.start()
        done = self.bounce(report(sender, mail))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn(f"delivery {self.row()['id']}, failed: came back", done.stdout)
        self.sent_to(DEPUTY)
        row = self.row()
        self.assertEqual((row["state"], row["last"]["code"]), ("refused", 550))
        self.assertEqual(row["last"]["detail"],
                         "came back: 550 5.1.1 (bad destination mailbox address) "
                         "... user ... unknown")
        text = wait_for(lambda: self.rig.mail.to(OPERATOR), "the operator is told")[0]
        self.assertIn("came back", text["Subject"])
        self.assertNotIn("@", text.get_body(("plain",)).get_content())

        self.rig.wait_delivered()  # whose acceptance is not kept yet would go out once more
        daemon.kill()
        daemon = self.rig.start()
        for _ in range(3):  # mail systems repeat themselves
            done = self.bounce(report(sender, mail))
            self.assertEqual((done.returncode, done.stdout), (0, ""))
            self.assertIn("known already", done.stderr)
        self.assertEqual(self.types().count("bounce"), 1)
        self.assertEqual(len(self.rig.mail.to(DEPUTY)), 1)
        self.assertEqual(self.types().count("escalated"), 1)
        self.assertEqual(daemon.stop(), 0)
        self.assertNotIn("@asc.northtown", daemon.said())

    def test_forged_and_unknown_ones_change_nothing(self):
        daemon = self.rig.start()
        sender, mail = self.raise_and_accept()
        token = RETURN_PATH.match(sender)
        other = next(to for _, to in self.rig.mail.senders if to != sender)
        stripped = b"\r\n".join(line for line in mail.split(b"\r\n")
                                if not line.startswith(b"X-Concernd-Bounce"))
        forged = [
            # another signature, one of another delivery, none
            report(sender.replace(token[2], "a" * 16), stripped),
            report(sender.replace(token[2], RETURN_PATH.match(other)[2]), stripped),
            report(BOUNCES, stripped),
            # a delivery that never was
            report(sender.replace(token[1][10:], "0" * 16), stripped),
        ]
        for text in forged:
            done = self.bounce(text)
            self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
            self.assertIn("not signed by this store", done.stderr)
        for text in ("", "To: somebody@board.example\n\nhello\n", "\0" * 1000):
            done = self.bounce(text)
            self.assertEqual((done.returncode, done.stdout), (0, ""))
            self.assertIn("names no delivery", done.stderr)
        self.assertEqual(self.row()["state"], "accepted")
        self.assertNotIn("bounce", self.types())
        self.assertEqual(self.rig.mail.to(DEPUTY), [])
        self.assertIn("a bounce is not signed by this store", daemon.said())
        # The mail itself proves it where the address was lost.
        self.assertEqual(self.bounce(report(BOUNCES, mail)).returncode, 0)
        self.sent_to(DEPUTY)
        self.assertEqual(daemon.stop(), 0)

    def test_delays_answers_and_good_news_are_noted(self):
        self.rig.write_settings(escalate={"after": "10 seconds", "told": "1 hour"})
        daemon = self.rig.start()
        sender, mail = self.raise_and_accept()
        out_of_office = (f"From: {MANAGER}\nTo: <{sender}>\nSubject: Automatic reply\n"
                         "Auto-Submitted: auto-replied\n\nI am away.\n")
        self.assertIn("answered: noted", self.bounce(out_of_office).stdout)
        self.assertIn("relayed: noted",
                      self.bounce(report(sender, mail, "relayed", "2.0.0")).stdout)
        self.assertEqual((self.row()["state"], self.rig.mail.to(DEPUTY)), ("accepted", []))
        self.assertIn("delayed: noted",
                      self.bounce(report(sender, mail, "delayed", "4.4.1", "x; later")).stdout)
        self.assertIn("delayed", self.row())
        self.sent_to(DEPUTY)  # after the usual time
        lines = [line["payload"] for line in self.rig.rows("history", "D-1")
                 if line["type"] == "bounce"]
        self.assertEqual([(line["action"], line["status"]) for line in lines],
                         [("answered", ""), ("relayed", "2.0.0"), ("delayed", "4.4.1")])
        self.assertEqual(daemon.stop(), 0)

    def test_a_daemon_that_is_down_has_it_brought_again(self):
        daemon = self.rig.start()
        sender, mail = self.raise_and_accept()
        self.assertEqual(daemon.stop(), 0)
        done = self.bounce(report(sender, mail))
        self.assertEqual((done.returncode, done.stdout), (75, ""))
        self.assertIn("cannot reach concernd", done.stderr)
        self.rig.start()
        self.assertEqual(self.bounce(report(sender, mail)).returncode, 0)
        self.sent_to(DEPUTY)

    def test_the_recipient_is_given_and_the_file_is_large(self):
        self.rig.start()
        sender, mail = self.raise_and_accept()
        path = self.rig.folder / "a bounce.eml"
        path.write_text(report(sender, mail, to="gone@board.example") + "x" * 5_000_000)
        done = self.rig.ctl("bounce", path, "--recipient", sender)
        self.assertIn("came back", done.stdout)
        missing = self.rig.ctl("bounce", self.rig.folder / "none", check=False)
        self.assertEqual(missing.returncode, 1)
        # All of a pipe is read, or the mail system would take it for a failure.
        with subprocess.Popen([CONCERNCTL, "bounce"], stdin=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              env=clean_environment(RUNTIME_DIRECTORY=self.rig.folder / "run")
                              ) as process:
            process.stdin.write(b"Content-Type: text/plain\n" * 200 + b"x" * 4_000_000)
            process.stdin.close()
            self.assertEqual(process.wait(), 0)

    def test_what_comes_back_from_everybody_is_in_the_register(self):
        self.rig.start()
        sender, mail = self.raise_and_accept()
        self.assertEqual(self.troubles(), [])
        self.assertEqual(self.bounce(report(sender, mail)).returncode, 0)
        sender, mail = self.sent_to(DEPUTY)
        # The deputy has it: it came back once, and was delivered.
        line = wait_for(lambda: [line for line in self.troubles() if line["now"] == "delivered"],
                        "the deputy's acceptance is kept")[0]
        self.assertIsNone(line["undelivered"])
        self.rig.client().publish(event("withdrawn", "D-1", {
            "by": {"agency": "northtown-housing", "role": "line_manager"}, "reason": "invented"}))
        wait_for(lambda: self.rig.status()["outbox"]["queued"] == 0, "all is accepted")
        # And then from the deputy too, after the end of it all.
        self.assertEqual(self.bounce(report(sender, mail)).returncode, 0)
        lines = wait_for(lambda: [line for line in self.troubles() if line["undelivered"]],
                         "nobody is left")
        self.assertEqual(len(self.troubles()), 1)  # one notification, whatever its ways
        self.assertEqual((lines[0]["reference"], lines[0]["role"], lines[0]["agency"],
                          lines[0]["now"], lines[0]["delivered"]),
                         ("D-1", "line_manager", "northtown-asc", "not delivered", None))
        self.assertEqual([(way["route"], way["state"], way["code"]) for way in lines[0]["tried"]],
                         [("email", "refused", 550)] * 2)
        self.assertEqual(lines[0]["since"], line["since"])
        wait_for(lambda: [mail for mail in self.rig.mail.to("unit@board.example")
                          if "D-1, to the role line_manager" in
                          mail.get_body(("plain",)).get_content()], "the board's team is told")
        text = self.rig.ctl("report", *PERIOD).stdout
        self.assertRegex(text, r"D-1 +line_manager +northtown-asc .* not delivered")
        self.assertNotIn("Every notification was accepted", text)
        self.assertNotIn("@", text)

    def test_what_was_seen_all_the_same_is_delivered(self):
        self.rig.start()
        sender, mail = self.raise_and_accept()
        seen = event("acknowledged", "D-1", {"notification": self.row()["id"]}, source=ASC)
        self.assertEqual(self.rig.client("asc").ask("EVENT", seen)[0], "ACK")
        self.assertIn("came back", self.bounce(report(sender, mail)).stdout)
        wait_for(lambda: self.rig.mail.to(OPERATOR), "the operator is told")
        (line,) = self.troubles()
        self.assertEqual((line["now"], line["undelivered"], line["tried"][0]["state"]),
                         ("delivered", None, "refused"))
        self.assertIsNotNone(line["delivered"])
        wait_for(lambda: self.rig.status()["outbox"]["queued"] == 0, "nothing is on its way")
        self.assertEqual(self.rig.mail.to(DEPUTY), [])
        self.assertEqual(self.rig.status()["outbox"]["undelivered"], 0)

    def troubles(self):
        return [row for row in self.rig.rows("report", *PERIOD) if row["report"] == "notification"]

    def test_without_the_setting_the_sender_is_as_ever(self):
        self.set_bounces("")
        self.rig.start()
        sender, mail = self.raise_and_accept()
        self.assertEqual(sender, "concernd@board.example")
        # What comes back to that address may be piped all the same.
        self.assertIn("came back", self.bounce(report(sender, mail)).stdout)
        self.sent_to(DEPUTY)


if __name__ == "__main__":
    unittest.main()
