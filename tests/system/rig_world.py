"""rig_world.py - the world around the daemon: a mail server (STARTTLS, AUTH), an HTTPS receiver, a
service manager, and the patience to wait for them.

Of concern_rig.py, which has every name of it.  Everything listens on the loopback only.
"""
import atexit
import base64
import email
import email.policy
import hashlib
import hmac
import http.server
import logging
import os
import pathlib
import shutil
import socket
import ssl
import tempfile
import threading
import time
import warnings

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from ports import held_port

SOURCE = pathlib.Path(os.environ["CONCERN_SOURCE"])
BUILD = pathlib.Path(os.environ["CONCERN_BUILD"])
CONCERND = BUILD / "daemon/concernd"
CONCERNCTL = BUILD / "clients/concernctl/concernctl"

USER, PASSWORD = "concernd", "an invented password"
SECRET = bytes(range(1, 33))
HOUSING, ASC, BOARD = "urn:northtown:housing", "urn:northtown:asc", "urn:northtown:board"
PAGES = "127.0.0.1:0"  # of the setting http: any port that is free
PATIENCE = 60  # seconds: what takes longer never comes

warnings.simplefilter("ignore", DeprecationWarning)
logging.getLogger("mail").setLevel(logging.CRITICAL + 1)  # aiosmtpd's; it tells every fault


def wait_for(condition, what, patience=PATIENCE, pause=0.02):
    """What condition() answers as soon as that is something; fails after `patience` seconds.  Asking
    takes at most half of the time: what is waited for has to go on meanwhile."""
    end = time.monotonic() + patience
    while True:
        asked = time.monotonic()
        found = condition()
        if found:
            return found
        now = time.monotonic()
        if now > end:
            raise AssertionError(f"{what}: not within {patience} s")
        time.sleep(max(pause, now - asked))


def copy_still(paths, folder):
    """Copies files of a program that may be writing to them: as they stand at one moment, for they
    are taken again until none has changed meanwhile."""
    def stamps():
        return [(path.stat().st_mtime_ns, path.stat().st_size) for path in paths if path.exists()]

    def copied():
        before = stamps()
        for path in paths:
            (folder / path.name).unlink(missing_ok=True)
            if path.exists():
                shutil.copy(path, folder)
        return stamps() == before

    def at_last():
        try:
            return copied()
        except FileNotFoundError:
            return False  # one was removed since it was looked for
    wait_for(at_last, f"{[path.name for path in paths]} stand still")


def preload_of(name):
    """A library to be preloaded, under a path without blanks: LD_PRELOAD has no way to write them."""
    folder = tempfile.mkdtemp(prefix="concern-preload-", dir="/tmp")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return shutil.copy(BUILD / f"tests/lib{name}.so", folder)


def clean_environment(**more):
    """Nothing of the caller's service manager or of the operator's settings gets through."""
    drop = ("CONCERN_", "NOTIFY_", "JOURNAL_", "WATCHDOG_", "STATE_DIR", "RUNTIME_DIR",
            "CREDENTIALS_", "LISTEN_", "XDG_CONFIG_")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(drop)}
    clean["HOME"] = "/nonexistent"  # where concernctl.yaml of whoever runs the tests is
    clean.update({key: str(value) for key, value in more.items()})
    return clean


# --- the mail server

class MailServer:
    """Keeps every mail; answers as `answers` (address to reply) says; may be down."""

    def __init__(self, certificate, key):
        self.taken = []    # (recipient, bytes)
        self.answers = {}  # address: the reply to RCPT
        self.tried = []
        self.senders = []  # (recipient, the envelope's sender)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate, key)
        self.port = held_port()  # also while it is down
        self.controller = None

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.tried.append(address)
        answer = self.answers.get(address)
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.senders.append((envelope.rcpt_tos[0], envelope.mail_from))
        self.taken.append((envelope.rcpt_tos[0], envelope.content))
        return "250 2.0.0 OK queued as INVENTED"

    @staticmethod
    def authenticate(server, session, envelope, mechanism, data):
        right = data.login == USER.encode() and data.password == PASSWORD.encode()
        return AuthResult(success=right, handled=right)

    def start(self):
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port,
                                     server_hostname="localhost",
                                     tls_context=self.tls, require_starttls=True,
                                     auth_required=True, authenticator=self.authenticate,
                                     ready_timeout=PATIENCE)
        self.controller.start()

    def stop(self):
        if self.controller:
            self.controller.stop()
        self.controller = None

    def mails(self):
        """Parsed; the recipient of the envelope as .recipient."""
        parsed = []
        for recipient, content in list(self.taken):
            mail = email.message_from_bytes(content, policy=email.policy.default)
            mail.recipient = recipient
            parsed.append(mail)
        return parsed

    def to(self, address):
        return [mail for mail in self.mails() if mail.recipient == address]


# --- the webhook receiver

class Receiver:
    """Keeps every webhook whose signature is right; `answer` is what it says, with `words`."""

    def __init__(self, certificate, key):
        rig = self
        self.taken = []  # (webhook-id, body)
        self.heard = []  # (headers, body), right or wrong
        self.wrong = 0
        self.answer = 204
        self.words = ""

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(min(int(self.headers["Content-Length"]), 1 << 20))
                rig.heard.append((dict(self.headers), body))
                name, stamp = self.headers["webhook-id"], self.headers["webhook-timestamp"]
                signed = f"{name}.{stamp}.".encode() + body
                wanted = "v1," + base64.b64encode(
                    hmac.digest(SECRET, signed, hashlib.sha256)).decode()
                right = wanted in self.headers["webhook-signature"].split(" ")
                if right:
                    rig.taken.append((name, body))
                else:
                    rig.wrong += 1
                words = rig.words.encode()
                self.send_response(rig.answer if right else 401, rig.words or None)
                self.send_header("Content-Length", str(len(words)))
                self.end_headers()
                self.wfile.write(words)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # a daemon that is killed breaks off
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        self.server.socket = tls.wrap_socket(self.server.socket, server_side=True,
                                             do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


# --- what systemd would hear

class Manager:
    """Listens as the service manager does, on $NOTIFY_SOCKET; always reads, as it does too."""

    def __init__(self, path):
        self.path = str(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.heard = []  # (monotonic seconds, {field: value})
        self.looked = 0  # how many of them hear() has seen
        self.closing = False
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self):
        while not self.closing:
            text = self.socket.recv(4096).decode()
            fields = dict(line.partition("=")[::2] for line in text.splitlines())
            self.heard.append((time.monotonic(), fields))

    def forget(self):
        """What was said before now is not asked for any more."""
        self.looked = len(self.heard)

    def hear(self, wanted, patience=PATIENCE, alive=lambda: True):
        """Waits for the next message with the field (or FIELD=value) `wanted`; answers it."""
        name, _, value = wanted.partition("=")
        end = time.monotonic() + patience
        while True:
            was_alive = alive()
            while self.looked < len(self.heard):
                fields = self.heard[self.looked][1]
                self.looked += 1
                if name in fields and value in ("", fields[name]):
                    return fields
            if not was_alive:
                raise AssertionError(f"the daemon ended before it said {wanted}")
            if time.monotonic() > end:
                raise AssertionError(f"{wanted}: not heard within {patience} s")
            time.sleep(0.005)

    def close(self):
        self.closing = True
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"CLOSE=1", self.path)
        self.thread.join()
        self.socket.close()
