"""test_dispatcher.py - the dispatcher against real servers: a mail server with STARTTLS and
AUTH (aiosmtpd) and an HTTPS server, both misbehaving on request.

What arrives is read by Python's own mail parser, and signatures are checked by Python's hmac:
readers that know nothing of our writers.  All names are invented.
"""
import asyncio
import base64
import email
import email.policy
import email.utils
import hashlib
import hmac
import http.server
import json
import logging
import os
import pathlib
import queue
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse
import warnings

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from ports import held_port  # noqa: E402

DRIVER = os.path.join(os.environ["CONCERN_BUILD"], "tests", "dispatch_driver")
LONG = 60  # seconds: an answer that takes longer never comes
SECRET = "whsec_" + base64.b64encode(bytes(range(1, 33))).decode()
OLD_SECRET = "whsec_" + base64.b64encode(bytes(range(50, 98))).decode()
USER, PASSWORD = "concernd", "an invented password"


def openssl(*arguments, cwd):
    subprocess.run(("openssl",) + arguments, cwd=cwd, check=True, capture_output=True)


def make_authority(folder, name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", name + ".key", "-out", name + ".pem", "-days", "2",
            "-subj", "/CN=" + name + " (test)", cwd=folder)


def make_certificate(folder, name, authority, alternative):
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name, cwd=folder)
    with open(os.path.join(folder, name + ".ext"), "w") as out:
        out.write("subjectAltName=" + alternative + "\n")
    openssl("x509", "-req", "-in", name + ".csr", "-CA", authority + ".pem", "-CAkey",
            authority + ".key", "-CAcreateserial", "-days", "2", "-extfile", name + ".ext",
            "-out", name + ".pem", cwd=folder)


def server_context(name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path(name + ".pem"), path(name + ".key"))
    return context


def path(name):
    return os.path.join(FOLDER.name, name)


def setUpModule():
    global FOLDER
    logging.getLogger("mail").setLevel(logging.CRITICAL + 1)  # aiosmtpd's; it tells every fault
    warnings.simplefilter("ignore", DeprecationWarning)
    FOLDER = tempfile.TemporaryDirectory(prefix="dispatcher test ")
    make_authority(FOLDER.name, "authority")
    make_authority(FOLDER.name, "stranger")
    make_certificate(FOLDER.name, "good", "authority", "DNS:localhost,IP:127.0.0.1")
    make_certificate(FOLDER.name, "unknown", "stranger", "DNS:localhost,IP:127.0.0.1")
    make_certificate(FOLDER.name, "other-name", "authority", "DNS:other.example")


def tearDownModule():
    FOLDER.cleanup()


# ---- the mail server ----

class MailHandler:
    """Does what the recipient's local part says."""

    def __init__(self):
        self.taken = queue.Queue()  # (recipients, sender, bytes)
        self.released = threading.Event()
        self.hanging = 0
        self.slow_to_quit = False
        self.tried = []
        self.utf8 = []  # of each mail: whether it came with SMTPUTF8

    async def handle_RCPT(self, server, session, envelope, address, options):
        word = address.split("@")[0]
        self.tried.append(address)
        answer = {
            "later": "451 4.3.0 try again",
            "unknown": "550 5.1.1 <" + address + ">: no such user here",
            "policy": "550 5.7.1 not from you",
            "relay": "554 5.7.1 <" + address + ">: Relay access denied",
        }.get(word)
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_QUIT(self, server, session, envelope):
        while self.slow_to_quit and not self.released.is_set():
            await asyncio.sleep(0.05)
        return "221 Bye"

    async def handle_DATA(self, server, session, envelope):
        word = envelope.rcpt_tos[0].split("@")[0]
        self.utf8.append(envelope.smtp_utf8)
        if word == "drop":
            self.taken.put((list(envelope.rcpt_tos), envelope.mail_from, envelope.content))
            server.transport.abort()
            return "250 nobody hears this"
        if word == "hang":
            self.hanging += 1
            while not self.released.is_set():
                await asyncio.sleep(0.05)
        if word == "spam":
            return "554 5.6.0 we do not like the text"
        self.taken.put((list(envelope.rcpt_tos), envelope.mail_from, envelope.content))
        return "250 2.0.0 OK queued as 4XINVENTED"


def authenticate(server, session, envelope, mechanism, data):
    right = data.login == USER.encode() and data.password == PASSWORD.encode()
    return AuthResult(success=right, handled=right)


class MailServer:
    def __init__(self, certificate="good", tls="starttls", login=True, utf8=True):
        self.handler = MailHandler()
        extra = {}
        if tls == "starttls":
            extra = {"tls_context": server_context(certificate), "require_starttls": True}
        if tls == "implicit":
            extra = {"ssl_context": server_context(certificate)}
        self.controller = Controller(
            self.handler, hostname="127.0.0.1", port=held_port(), server_hostname="localhost",
            authenticator=authenticate,
            auth_required=login and tls != "none", auth_require_tls=tls == "starttls",
            enable_SMTPUTF8=utf8, **extra)
        self.controller.start()
        self.url = "%s://localhost:%d" % ("smtps" if tls == "implicit" else "smtp",
                                          self.controller.port)

    def close(self):
        self.handler.released.set()
        self.controller.stop(no_assert=True)


class SilentServer:
    """Takes connections; says `greeting`, or nothing, and no more."""

    def __init__(self, greeting=b""):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.connections = []
        self.greeting = greeting
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
                connection.sendall(self.greeting)
            except OSError:
                return
            self.connections.append(connection)

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()
        for connection in self.connections:
            connection.close()


# ---- the webhook receiver ----

class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        self.request.settimeout(60)
        try:
            self.request.do_handshake()
        except OSError:
            pass  # the dispatcher did not like the certificate
        super().setup()

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass  # the dispatcher gave up

    def do_POST(self):
        server = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        with server.lock:
            server.seen.append((self.path, dict(self.headers.items()), body))
            server.peers.add(self.client_address)
            drops = server.drops > 0
            server.drops -= drops
        if drops:
            self.close_connection = True
            self.connection.close()
            return
        what = self.path.strip("/").split("/")[0]
        what = str(server.notify) if what == "v2" else what
        if what == "tarpit":
            with server.lock:
                server.now[self.path] = server.now.get(self.path, 0) + 1
                server.most[self.path] = max(server.most.get(self.path, 0), server.now[self.path])
            server.released.wait()
            return
        if what == "endless":
            self.send_response(202)
            self.end_headers()
            while not server.released.is_set():
                self.wfile.write(b"x" * 1024)
            return
        self.send_response(int(what))
        if what.startswith("3"):
            self.send_header("Location", "/204/redirected")
        for name, value in [part.split("=") for part in urllib.parse.unquote(self.path).split("/")[2:]
                            if "=" in part]:
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.close_connection = not server.keeps_open
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *arguments):
        pass


class Hooks(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, certificate="good"):
        super().__init__(("127.0.0.1", 0), Receiver)
        self.lock = threading.Lock()
        self.seen, self.now, self.most = [], {}, {}
        self.peers, self.keeps_open = set(), False
        self.notify = 201  # what GOV.UK Notify answers
        self.drops = 0  # of so many requests the connection is closed without an answer
        self.released = threading.Event()
        self.socket = server_context(certificate).wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False)
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def url(self, where, host="localhost"):
        return "https://%s:%d/%s" % (host, self.server_address[1], where)

    def handle_error(self, request, client_address):
        pass

    def close(self):
        self.released.set()
        self.shutdown()
        self.server_close()
        self.thread.join()


def endpoint(name, url, **more):
    return {"id": name, "url": url, "secrets": [SECRET], "ca_file": path("authority.pem"),
            "allow": ["127.0.0.0/8", "::1"], **more}


# ---- the dispatcher ----

class Dispatcher:
    def __init__(self, mail=None, endpoints=(), patience=None, environment=None):
        self.process = subprocess.Popen([DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env={**os.environ, **(environment or {})})
        self.lines = queue.Queue()
        self.outcomes = {}
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.configure(mail, endpoints, patience)

    def read(self):
        for line in self.process.stdout:
            line = json.loads(line)
            if "outcome" in line:
                self.outcomes[line["outcome"]["id"]] = line["outcome"]
            else:
                self.lines.put(line)

    def ask(self, command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return self.lines.get(timeout=LONG)

    def configure(self, mail=None, endpoints=(), patience=None):
        answer = self.ask({"settings": {"mail": mail or {}, "endpoints": list(endpoints),
                                        "patience": patience or {}}})
        assert answer == {"answer": 0}, answer

    def send(self, name, route, recipient, **more):
        answer = self.ask({"delivery": {"id": name, "attempt": 1, "route": route,
                                        "recipient": recipient, "body": "{}", **more}})
        assert answer == {"answer": 0}, answer

    def outcome(self, name, within=LONG):
        wait_until(lambda: name in self.outcomes, within, "the outcome of " + name)
        return self.outcomes[name]

    def carry(self, name, route, recipient, **more):
        self.send(name, route, recipient, **more)
        return self.outcome(name)

    def close(self):
        """Ends the dispatcher as it is; how many ms that took."""
        took = self.ask({"close": True})["closed_ms"]
        self.end()
        return took

    def end(self):
        if not self.process.stdin.closed:
            self.process.stdin.close()
        code = self.process.wait(timeout=LONG)
        self.reader.join()
        self.process.stdout.close()
        assert code == 0, "the driver ended with %d" % code


def wait_until(condition, within, what):
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("%s did not come within %d s" % (what, within))
        time.sleep(0.01)  # between two looks, not instead of one


class Base(unittest.TestCase):
    def mail_server(self, **how):
        server = MailServer(**how)
        self.addCleanup(server.close)
        return server

    def hooks(self, **how):
        server = Hooks(**how)
        self.addCleanup(server.close)
        return server

    def dispatcher(self, *arguments, **more):
        dispatcher = Dispatcher(*arguments, **more)
        self.addCleanup(dispatcher.end)
        return dispatcher

    def check(self, outcome, word, code, ambiguous=False, needs_operator=False, retry_after_s=0):
        self.assertEqual(
            (outcome["outcome"], outcome["code"], outcome["ambiguous"], outcome["needs_operator"],
             outcome["retry_after_s"]),
            (word, code, ambiguous, needs_operator, retry_after_s), outcome)
        self.assertNotIn("@", outcome["detail"])


def mail_settings(server, **more):
    return {"url": server.url, "user": USER, "password": PASSWORD,
            "ca_file": path("authority.pem"), "from": "escalations@board.example", **more}


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
        # The one before may not lend its connection to one that is not allowed there.
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

    def carry_until_reused(self, dispatcher, hooks, recipient):
        """Connections are used again once the settings are two seconds old."""
        numbers = iter(range(100000))

        def is_reused():
            self.check(dispatcher.carry("R%d" % next(numbers), "webhook", recipient), "done", 204)
            return len(hooks.peers) < len(hooks.seen)
        wait_until(is_reused, LONG, "a connection used twice")

    def test_a_connection_is_used_again_and_the_address_judged_all_the_same(self):
        hooks = self.hooks()
        hooks.keeps_open = True
        dispatcher = self.dispatcher(None, [endpoint("own", hooks.url("204/own")),
                                            endpoint("foreign", hooks.url("204/foreign"), allow=[])])
        self.carry_until_reused(dispatcher, hooks, "own")
        peers = len(hooks.peers)
        self.check(dispatcher.carry("F1", "webhook", "foreign"), "later", 0, needs_operator=True)
        self.assertNotIn("/204/foreign", [path for path, _, _ in hooks.seen])
        self.check(dispatcher.carry("O1", "webhook", "own"), "done", 204)
        self.assertLessEqual(len(hooks.peers), peers + 1)

    def test_a_connection_is_of_its_certificates_and_settings(self):
        hooks = self.hooks()
        hooks.keeps_open = True
        stranger = endpoint("stranger", hooks.url("204/stranger"), ca_file=path("stranger.pem"))
        own = endpoint("own", hooks.url("204/own"))
        dispatcher = self.dispatcher(None, [own, stranger])
        self.carry_until_reused(dispatcher, hooks, "own")
        self.check(dispatcher.carry("S1", "webhook", "stranger"), "later", 0, needs_operator=True)
        dispatcher.configure(None, [own])
        before = set(hooks.peers)
        self.check(dispatcher.carry("N1", "webhook", "own"), "done", 204)
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
        self.carry_until_reused(dispatcher, hooks, "own")
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
