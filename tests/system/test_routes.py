"""test_routes.py - a Teams workflow and GOV.UK Notify, as their documentation says they behave.

The service is a stub written from that documentation: it checks the token's signature and age,
refuses members it does not know, and does not tell repetitions.
"""
import base64
import hashlib
import hmac
import http.server
import json
import pathlib
import ssl
import sys
import threading
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import Rig, raised, wait_for  # noqa: E402

SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
KEY = "3d844edf-8d35-48ac-975b-e847b4f122b0"
TEMPLATE = {"email": "9d751e0e-f929-4891-82a1-a3e1c3c18ee3",
            "sms": "8d1f4b5a-0c1d-4b6e-9b0a-2f6f6f1d7c11"}
PHONE = "+447700900123"
MANAGER = "asc-manager@asc.northtown.example"
MEMBERS = {"email_address", "phone_number", "template_id", "personalisation", "reference",
           "email_reply_to_id", "sms_sender_id", "one_click_unsubscribe_url", "scheduled_for",
           "sanitise_content_for"}


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


class Service:
    """Notify under /v2, a workflow under /workflow."""

    def __init__(self, folder):
        service = self
        self.sent, self.cards, self.asked, self.wrong = [], [], [], []
        self.fail = []  # what the next requests to send get: a status and a body, or "drop"

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, body):
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def error(self, status, name):
                service.wrong.append(name)
                self.answer(status, {"status_code": status,
                                     "errors": [{"error": name, "message": "a reason"}]})

            def is_known(self):
                bearer = (self.headers["Authorization"] or "").split(" ")
                parts = bearer[1].split(".") if len(bearer) == 2 else []
                if len(parts) != 3 or bearer[0] != "Bearer":
                    return False
                header, claims = (json.loads(decoded(part)) for part in parts[:2])
                right = hmac.digest(KEY.encode(), ".".join(parts[:2]).encode(), hashlib.sha256)
                return (header == {"typ": "JWT", "alg": "HS256"} and set(claims) == {"iss", "iat"}
                        and claims["iss"] == SERVICE and abs(time.time() - claims["iat"]) <= 30
                        and hmac.compare_digest(right, decoded(parts[2])))

            def do_POST(self):
                body = self.rfile.read(min(int(self.headers["Content-Length"]), 1 << 20))
                if self.path.startswith("/workflow?sig="):
                    service.cards.append(json.loads(body))
                    self.answer(202, {})
                    return
                if not self.is_known():
                    self.error(403, "AuthError")
                    return
                message, kind = json.loads(body), self.path.rsplit("/", 1)[1]
                where = "email_address" if kind == "email" else "phone_number"
                if (set(message) - MEMBERS or where not in message
                        or message.get("template_id") != TEMPLATE.get(kind)):
                    self.error(400, "ValidationError")
                    return
                fail = service.fail.pop(0) if service.fail else None
                if isinstance(fail, tuple):
                    self.error(*fail)
                    return
                service.sent.append((kind, message))
                if fail == "drop":
                    self.close_connection = True
                    self.connection.close()
                    return
                self.answer(201, {"id": "740e5834-3a29-46b4-9a6f-16142fde533a",
                                  "reference": message["reference"]})

            def do_GET(self):
                url = urllib.parse.urlsplit(self.path)
                reference = urllib.parse.parse_qs(url.query)["reference"][0]
                service.asked.append(reference)
                if not self.is_known():
                    self.error(403, "AuthError")
                    return
                self.answer(200, {"notifications": [
                    {"id": "x", "reference": message["reference"], "status": "sending"}
                    for _, message in service.sent if message["reference"] == reference],
                    "links": {}})

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(folder / "tls.crt", folder / "tls.key")
        self.server.socket = tls.wrap_socket(self.server.socket, server_side=True,
                                             do_handshake_on_connect=False)
        self.url = f"https://localhost:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Routes(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        self.service = Service(self.rig.folder)
        self.addCleanup(self.service.close)
        self.rig.write_secret("notify", f"invented-{SERVICE}-{KEY}")
        self.rig.write_secret("workflow", f"{self.service.url}/workflow?sig=s3cr3t")

    def route(self, *routes, **notify):
        path = self.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        reach = {"ca": str(self.rig.folder / "tls.crt"), "allow": ["127.0.0.0/8", "::1/128"]}
        directory["people"]["asc-manager"]["routes"] = list(routes)
        directory["endpoints"] = {
            "channel": {"kind": "teams", "secret": "workflow", **reach},
            "notify": {"kind": "govuk-notify", "url": self.service.url, "secret": "notify",
                       "email_template": TEMPLATE["email"], "text_template": TEMPLATE["sms"],
                       **reach, **notify}}
        path.write_text(json.dumps(directory, indent=1))

    def raise_one(self):
        self.daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))

    def row(self):
        return next((row for state in ("queued", "accepted", "refused", "exhausted")
                     for row in self.rig.rows("outbox", "--state", state)
                     if row["person"] == "asc-manager"), None)

    def wait_state(self, state):
        return wait_for(lambda: (self.row() or {}).get("state") == state and self.row(),
                        f"the row is {state}")

    def test_card_reaches_a_channel(self):
        self.route("teams:channel")
        self.raise_one()
        card = wait_for(lambda: self.service.cards, "a card")[0]["attachments"][0]
        self.assertEqual(card["contentType"], "application/vnd.microsoft.card.adaptive")
        said = json.dumps(card["content"])
        self.assertIn("ref D-1", said)
        self.assertIn("BY WHEN:", said)
        self.assertEqual(self.wait_state("accepted")["route"], "teams")
        self.assertNotIn("s3cr3t", self.daemon.said())

    def test_text_message_and_mail_by_notify(self):
        self.route(f"notify-text:{PHONE}")
        self.raise_one()
        kind, message = wait_for(lambda: self.service.sent, "a message")[0]
        self.assertEqual((kind, message["phone_number"]), ("sms", PHONE))
        self.assertEqual(message["personalisation"]["reference"], "D-1")
        self.assertIn("Stage 1", message["personalisation"]["subject"])
        row = self.wait_state("accepted")
        self.assertEqual(row["route"], "notify-text")
        self.assertEqual(message["reference"], row["id"])
        self.assertEqual(self.service.wrong, [])
        for secret in (PHONE, KEY):
            self.assertNotIn(secret, self.daemon.said())
            self.assertNotIn(secret, json.dumps(row))
        self.assertFalse(self.service.asked, "a first attempt has nothing to ask for")

    def test_unknown_outcome_is_asked_for_and_not_sent_twice(self):
        self.service.fail = ["drop"]
        self.route(f"notify-email:{MANAGER}")
        self.raise_one()
        wait_for(lambda: self.service.asked, "it asks whether the message is there")
        row = self.wait_state("accepted")
        self.assertEqual(self.service.asked, [row["id"]])
        self.assertEqual(len(self.service.sent), 1, "sent twice")
        self.assertEqual(row["attempts"], 2)

    def test_not_now_is_asked_for_then_sent(self):
        self.service.fail = [(429, "RateLimitError")]
        self.route(f"notify-email:{MANAGER}")
        self.raise_one()
        row = self.wait_state("accepted")
        self.assertEqual(self.service.asked, [row["id"]])
        self.assertEqual(len(self.service.sent), 1)

    def test_wrong_key_is_the_operators(self):
        self.rig.write_secret("notify", f"invented-{SERVICE}-{KEY[:-1]}1")
        self.route(f"notify-email:{MANAGER}")
        self.raise_one()
        self.daemon.wait_said("a setting keeps notifications from going out")
        self.assertEqual(self.row()["last"]["code"], 403)
        self.assertEqual(self.service.wrong[:1], ["AuthError"])

    def test_what_notify_refuses_goes_by_the_next_route(self):
        self.route(f"notify-email:{MANAGER}", f"email:{MANAGER}",
                   email_template=TEMPLATE["sms"])
        self.raise_one()
        wait_for(lambda: self.rig.mail.to(MANAGER), "the next route")
        self.assertEqual(self.service.wrong[:1], ["ValidationError"])
        self.assertEqual(self.service.sent, [])

    def test_unusable_secrets_are_told_at_the_start(self):
        for name, text, words in (("notify", "whsec_none", "an API key of GOV.UK"),
                                  ("workflow", "http://in.clear", "https address of a workflow")):
            with self.subTest(name):
                self.route("teams:channel")
                keep = (self.rig.folder / "secrets" / name).read_text().strip()
                self.rig.write_secret(name, text)
                daemon = self.rig.daemon()
                self.assertNotEqual(daemon.wait(), 0)
                self.assertIn(words, daemon.said())
                self.assertNotIn(text, daemon.said())
                self.rig.write_secret(name, keep)


if __name__ == "__main__":
    unittest.main(verbosity=2)
