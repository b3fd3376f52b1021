"""notify_service.py - GOV.UK Notify and a Teams workflow, as far as they take messages.

Written from their documentation: the token's signature and age are checked, members that are not
known are refused, and repetitions are not told.  test_oracle_notify.py has it driven by Notify's
own client.
"""
import base64
import hashlib
import hmac
import http.server
import json
import re
import ssl
import threading
import time
import urllib.parse
import uuid

SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
KEY = "3d844edf-8d35-48ac-975b-e847b4f122b0"
NAME = f"invented-{SERVICE}-{KEY}"  # as Notify shows it, once
TEMPLATE = {"email": "9d751e0e-f929-4891-82a1-a3e1c3c18ee3",
            "sms": "8d1f4b5a-0c1d-4b6e-9b0a-2f6f6f1d7c11"}
PHONE = "+447700900123"
WHERE = {"email": "email_address", "sms": "phone_number"}
# What each kind of message may have; what is marked must be there.
MEMBERS = {"email": {"email_address", "template_id", "personalisation", "reference",
                     "email_reply_to_id", "one_click_unsubscribe_url", "scheduled_for",
                     "sanitise_content_for"},
           "sms": {"phone_number", "template_id", "personalisation", "reference",
                   "sms_sender_id", "scheduled_for"}}
CLOCK = "Error: Your system clock must be accurate to within 30 seconds"
REFERENCE_MOST = 1000
SMS_MOST = 918  # characters, with the service's name that Notify puts before them
EMAIL_MOST = 2_000_000  # bytes
SERVICE_NAME = "An invented board's disagreements"


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def token_fault(authorization):
    """What is wrong with a bearer token, in Notify's words; None if nothing."""
    bearer = (authorization or "").split(" ")
    parts = bearer[1].split(".") if len(bearer) == 2 else []
    if len(parts) != 3 or bearer[0] != "Bearer":
        return 401, "Unauthorized: authentication token must be provided"
    header, claims = (json.loads(decoded(part)) for part in parts[:2])
    if header != {"typ": "JWT", "alg": "HS256"} or set(claims) != {"iss", "iat"}:
        return 403, "Invalid token: algorithm used is not HS256"
    if claims["iss"] != SERVICE:
        return 403, "Invalid token: service not found"
    right = hmac.digest(KEY.encode(), ".".join(parts[:2]).encode(), hashlib.sha256)
    if not hmac.compare_digest(right, decoded(parts[2])):
        return 403, "Invalid token: API key not found"
    return (403, CLOCK) if abs(time.time() - claims["iat"]) > 30 else None


def message_fault(kind, message):
    """(error, message) of a body that is refused; None if it is taken."""
    where = WHERE[kind]
    for name in ("template_id", where):
        if name not in message:
            return "ValidationError", f"{name} is a required property"
    for name in sorted(set(message) - MEMBERS[kind]):
        return "ValidationError", f"Additional properties are not allowed ({name} was unexpected)"
    if not isinstance(message.get("personalisation", {}), dict):
        return "ValidationError", "personalisation is not of type object"
    if len(message.get("reference", "")) > REFERENCE_MOST:
        return "ValidationError", "reference is too long"
    try:
        uuid.UUID(message["template_id"])
    except ValueError:
        return "ValidationError", "template_id is not a valid UUID"
    if message["template_id"] not in TEMPLATE.values():
        return "BadRequestError", "Template not found"
    if message["template_id"] != TEMPLATE[kind]:
        return "BadRequestError", f"Template type is not {kind}"
    if kind == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", message[where]):
        return "ValidationError", "email_address Not a valid email address"
    if kind == "sms" and not re.fullmatch(r"\+?[0-9 ]{8,20}", message[where]):
        return "ValidationError", "phone_number Not a valid phone number"
    missing = {"subject", "text"} - set(message.get("personalisation", {}))
    if missing:
        return "BadRequestError", "Missing personalisation: " + ", ".join(sorted(missing))
    said = message["personalisation"]
    if kind == "sms" and len(f"{SERVICE_NAME}: {said['text']}") > SMS_MOST:
        return "BadRequestError", f"Text messages cannot be longer than {SMS_MOST} characters"
    if kind == "email" and len((said["subject"] + said["text"]).encode()) > EMAIL_MOST:
        return "BadRequestError", f"Emails cannot be longer than {EMAIL_MOST} bytes"
    return None


class Service:
    """Notify under /v2, a workflow under /workflow."""

    def __init__(self, folder):
        service = self
        self.sent, self.cards, self.asked, self.wrong = [], [], [], []
        self.made = {}  # id: (kind, message), of what was taken
        self.heard = []  # (method, path, headers, body) of everything under /v2
        self.state = "sending"  # what became of every message
        self.drops = lambda message: False  # what is taken and, once, not answered
        self.dropped = set()
        self.closes = threading.Event()  # what hangs has hung long enough
        self.workflow = 202, {}  # what the workflow answers
        self.in_order = False  # is asked: answers once all that was sent before it is taken
        self.under_way, self.ended = {}, threading.Condition()  # numbers of connections, accepted
        self.fail = []  # what the next requests to send get: a status, a name and words, "drop" or "hang"

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def wait_for_those_before(self):
                """A message whose sender is gone may still lie in a socket: it came before."""
                with service.ended:
                    ours = service.under_way[self.connection]
                    service.ended.wait_for(lambda: min(service.under_way.values()) == ours)

            def answer(self, status, body):
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def error(self, status, name, why="a reason"):
                service.wrong.append(name)
                self.answer(status, {"status_code": status,
                                     "errors": [{"error": name, "message": why}]})

            def is_known(self):
                fault = token_fault(self.headers["Authorization"])
                if fault:
                    self.error(fault[0], "AuthError", fault[1])
                return not fault

            def do_POST(self):
                body = self.rfile.read(min(int(self.headers["Content-Length"]), 1 << 20))
                if self.path.startswith("/workflow?sig="):
                    service.cards.append(json.loads(body))
                    self.answer(*service.workflow)
                    return
                service.heard.append(("POST", self.path, dict(self.headers), body))
                if self.is_known():
                    self.take(self.path.removeprefix("/v2/notifications/"), json.loads(body))

            def take(self, kind, message):
                if kind not in MEMBERS:
                    self.error(404, "NoResultFound", "No result found")
                    return
                fault = message_fault(kind, message)
                if fault:
                    self.error(400, *fault)
                    return
                fail = service.fail.pop(0) if service.fail else None
                if service.drops(message) and message["reference"] not in service.dropped:
                    service.dropped.add(message["reference"])
                    fail = "drop"
                if isinstance(fail, tuple):
                    self.error(*fail)
                    return
                service.sent.append((kind, message))
                name = str(uuid.uuid4())
                service.made[name] = kind, message
                if fail == "hang":
                    service.closes.wait()
                if fail in ("drop", "hang"):
                    self.close_connection = True
                    self.connection.close()
                    return
                said = message.get("personalisation", {})
                content = {"body": said["text"]}
                if kind == "email":
                    content.update(subject=said["subject"], from_email="invented@notify.example",
                                   one_click_unsubscribe_url=None)
                self.answer(201, {
                    "id": name, "reference": message.get("reference"), "content": content,
                    "uri": f"{service.url}/v2/notifications/{name}", "scheduled_for": None,
                    "template": {"id": message["template_id"], "version": 1,
                                 "uri": f"{service.url}/v2/templates/{message['template_id']}"}})

            @staticmethod
            def shown(name):
                kind, message = service.made[name]
                return {"id": name, "reference": message.get("reference"), "type": kind,
                        "status": service.state, WHERE[kind]: message[WHERE[kind]],
                        "template": {"id": message["template_id"], "version": 1}}

            def do_GET(self):
                service.heard.append(("GET", self.path, dict(self.headers), b""))
                if service.in_order:
                    self.wait_for_those_before()
                url = urllib.parse.urlsplit(self.path)
                query = urllib.parse.parse_qs(url.query)
                service.asked.extend(query.get("reference", []))
                if not self.is_known():
                    return
                one = url.path.removeprefix("/v2/notifications/")
                if one in service.made:
                    self.answer(200, self.shown(one))
                elif url.path != "/v2/notifications":
                    self.error(404, "NoResultFound", "No result found")
                else:
                    wanted = query.get("reference")
                    self.answer(200, {"notifications": [
                        self.shown(name) for name, (_, message) in service.made.items()
                        if not wanted or message.get("reference") in wanted],
                        "links": {"current": service.url + self.path}})

        class Server(http.server.ThreadingHTTPServer):
            """Knows which of its connections are not at their end, and in which order they came."""

            def process_request(self, request, client_address):
                with service.ended:
                    self.came = getattr(self, "came", 0) + 1
                    service.under_way[request] = self.came
                super().process_request(request, client_address)

            def shutdown_request(self, request):
                super().shutdown_request(request)
                with service.ended:
                    service.under_way.pop(request, None)
                    service.ended.notify_all()

        self.server = Server(("127.0.0.1", 0), Handler)
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
        self.closes.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def connect(self, rig, **notify):
        """Endpoints of a rig's directory: the channel `channel` and `notify`."""
        rig.write_secret("notify", NAME)
        rig.write_secret("workflow", f"{self.url}/workflow?sig=s3cr3t")
        reach = {"ca": str(rig.folder / "tls.crt"), "allow": ["127.0.0.0/8", "::1/128"]}
        return {"channel": {"kind": "teams", "secret": "workflow", **reach},
                "notify": {"kind": "govuk-notify", "url": self.url, "secret": "notify",
                           "email_template": TEMPLATE["email"], "text_template": TEMPLATE["sms"],
                           **reach, **notify}}
