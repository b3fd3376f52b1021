"""dispatcher_rig.py - the dispatcher and real servers: a mail server with STARTTLS and AUTH
(aiosmtpd) and an HTTPS server, both misbehaving on request.  All names are invented.
"""
import asyncio
import base64
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
        with self.server.lock:
            self.server.open.add(self.client_address)
        try:
            super().handle()
        except OSError:
            pass  # the dispatcher gave up
        with self.server.lock:
            self.server.open.discard(self.client_address)

    def do_POST(self):
        server = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        with server.lock:
            server.seen.append((self.path, dict(self.headers.items()), body))
            server.peers.add(self.client_address)
            server.peers_of.setdefault(self.path, set()).add(self.client_address)
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
        self.peers_of, self.open = {}, set()  # by path; connections that are open now
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
