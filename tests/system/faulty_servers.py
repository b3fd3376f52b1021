"""faulty_servers.py - a mail server and HTTPS servers that fail at any one step, on request.

They are written on bare sockets, because a server made by a library cannot be made to break its
own rules.  Whoever asks for a fault says at which step, and what happens there; the rest of the
dialogue is right.  What was taken (answered with a yes) and what was only stored is kept apart.
"""
import base64
import selectors
import socket
import ssl
import struct
import subprocess
import threading
import time

from ports import held_port

PATIENCE = 60  # seconds: nobody of ours keeps a connection for longer


class Gone(Exception):
    """The other side is no more, or shall be no more."""


# --- certificates

class Certificates:
    """An authority, and certificates for this machine of which only "good" is."""

    NAMES = ("good", "other-name", "expired", "unknown")

    def __init__(self, folder):
        self.folder = folder
        for authority in ("authority", "stranger"):
            self.openssl("req", "-x509", "-days", "2", "-subj", f"/CN={authority} (test)",
                         *self.new_key(authority), "-out", f"{authority}.pem")
        for name in self.NAMES:
            self.make(name)

    def openssl(self, *arguments):
        subprocess.run(("openssl",) + arguments, cwd=self.folder, check=True, capture_output=True)

    @staticmethod
    def new_key(name):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                f"{name}.key")

    def make(self, name):
        authority = "stranger" if name == "unknown" else "authority"
        host = "DNS:other.example" if name == "other-name" else "DNS:localhost,IP:127.0.0.1"
        self.openssl("req", *self.new_key(name), "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (self.folder / f"{name}.ext").write_text(f"subjectAltName={host}\n")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey",
                     f"{authority}.key", "-CAcreateserial", "-extfile", f"{name}.ext", "-out",
                     f"{name}.pem", "-days", "-1" if name == "expired" else "2")

    def context(self, name):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        return context


# --- one connection

class Line:
    """A connection that was taken, in a thread of its own."""

    def __init__(self, server, connection):
        self.server, self.socket = server, connection
        self.socket.settimeout(PATIENCE)
        self.kept = b""

    def say(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else text.encode() + b"\r\n")

    def hear(self):
        """One line, without its end."""
        while b"\n" not in self.kept:
            self.hear_more()
        line, _, self.kept = self.kept.partition(b"\n")
        return line.rstrip(b"\r")

    def hear_more(self):
        more = self.socket.recv(65536)
        if not more:
            raise Gone
        self.kept += more

    def start_tls(self, certificate):
        if self.kept:
            raise Gone  # somebody talks before the handshake
        self.socket = self.server.contexts[certificate].wrap_socket(self.socket, server_side=True)

    # what goes wrong

    def drop(self):
        raise Gone

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Gone

    def silence(self):
        """Says nothing until the other side is tired of it."""
        while True:
            self.hear_more()

    def drip(self, text=b"2"):
        """A byte now and then: enough for whoever asks only whether something comes."""
        self.say(text)
        while not self.server.closing.wait(0.1):
            self.say(b"x")

    def pause(self, seconds):
        """Slow, and right."""
        self.server.closing.wait(seconds)

    def close(self):
        try:
            self.socket.close()
        except OSError:
            pass


class Server:
    """Listens on ports of loopback; a thread for each connection."""

    def __init__(self, certificates):
        self.contexts = {name: certificates.context(name) for name in certificates.NAMES}
        self.selector = selectors.DefaultSelector()
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self.lines = []
        self.thread = threading.Thread(target=self.run, daemon=True)

    def listen(self, owner, port=0, backlog=64):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind(("127.0.0.1", port))
        if backlog is not None:
            one.listen(backlog)
            self.selector.register(one, selectors.EVENT_READ, owner)
        return one

    def start(self):
        self.thread.start()

    def run(self):
        while not self.closing.is_set():
            for key, _ in self.selector.select(0.05):
                try:
                    connection, _ = key.fileobj.accept()
                except OSError:
                    continue  # it was closed meanwhile
                threading.Thread(target=self.serve, args=(connection, key.data),
                                 daemon=True).start()

    def serve(self, connection, owner):
        line = self.line_of(connection, owner)
        with self.lock:
            self.lines.append(line)
        try:
            line.run()
        except (Gone, OSError, ssl.SSLError):
            pass  # a fault, or the other side gave up
        line.close()

    def close(self):
        self.closing.set()
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()
        with self.lock:
            for line in self.lines:
                line.close()


# --- mail

class Smtp(Line):
    """The dialogue; `fault` is (step, what, argument) or None."""

    def __init__(self, server, connection):
        super().__init__(server, connection)
        with server.lock:
            self.fault = server.next_faults.pop(0) if server.next_faults else server.fault
        self.address, self.content = None, b""

    def at(self, step):
        """Whatever goes wrong at this step; most of it never comes back."""
        if not self.fault or self.fault[0] != step:
            return
        what, *argument = self.fault[1:]
        if what == "say":
            self.say(argument[0])
            self.refuse_all()
        getattr(self, what)(*argument)

    def refuse_all(self):
        while True:
            if self.hear().upper() == b"QUIT":
                self.say("221 Bye")
                raise Gone
            self.say("503 5.5.1 not after that")

    def inject(self):
        """As somebody between would: an answer in clear that is to count after the handshake."""
        self.say(b"220 Go ahead\r\n250 2.0.0 OK queued as INJECTED\r\n")
        self.start_tls("good")
        self.refuse_all()

    def wrong_certificate(self, name):
        self.say("220 Go ahead")
        self.start_tls(name)
        self.refuse_all()

    def no_handshake(self, how):
        self.say("220 Go ahead")
        while len(self.kept) < 5:
            self.hear_more()
        if how == "garbage":
            self.say(b"no TLS at all\r\n" * 20)
        if how == "silence":
            self.silence()
        raise Gone

    def hello(self, step, offers):
        while not self.hear().upper().startswith((b"EHLO", b"HELO")):
            self.say("503 5.5.1 EHLO first")
        self.at(step)
        self.say(b"250-localhost\r\n" + b"".join(b"250-%s\r\n" % offer for offer in offers) +
                 b"250 8BITMIME\r\n")

    def expect(self, command, step, answer):
        line = self.hear()
        if not line.upper().startswith(command):
            self.say("503 5.5.1 not that")
            raise Gone
        if command == b"RCPT TO:":
            self.address = line[9:].strip(b"<>").decode()
            self.fault = self.server.faults.get(self.address, self.fault)
        self.at(step)
        if answer:
            self.say(answer)
        return line

    def authenticate(self):
        line = self.expect(b"AUTH PLAIN", "auth", None)
        word = line[11:]
        if not word:
            self.say("334 ")
            word = self.hear()
        if base64.b64decode(word) != b"\0" + b"\0".join(self.server.login):
            self.say("535 5.7.8 wrong")
            self.refuse_all()
        self.say("235 2.7.0 in")

    def take_text(self):
        """Up to the final dot."""
        while not self.kept.endswith(b"\r\n.\r\n"):
            self.hear_more()
            if len(self.kept) > 100:
                self.at("body")
        text, self.kept = self.kept[:-3], b""
        self.content = b"\r\n".join(line[1:] if line.startswith(b".") else line
                                    for line in text.split(b"\r\n"))

    def store(self, kept):
        with self.server.lock:
            kept.append((self.address, self.content))

    def run(self):
        self.at("banner")
        self.say("220 localhost invented")
        offers = [] if self.fault == ("starttls", "not_offered") else [b"STARTTLS"]
        self.hello("ehlo", offers)
        self.expect(b"STARTTLS", "starttls", None)
        self.say("220 Go ahead")
        self.start_tls("good")
        self.hello("ehlo-again", [b"AUTH PLAIN"])
        self.authenticate()
        self.expect(b"MAIL FROM:", "mail", "250 2.1.0 OK")
        self.expect(b"RCPT TO:", "rcpt", "250 2.1.5 OK")
        self.expect(b"DATA", "data", "354 Go ahead")
        self.take_text()
        self.at("dot")
        self.store(self.server.stored)
        self.at("stored")
        self.say("250 2.0.0 OK queued as INVENTED")
        self.store(self.server.taken)
        self.at("after")
        self.expect(b"QUIT", "quit", "221 Bye")


class MailServer(Server):
    def __init__(self, certificates, login):
        super().__init__(certificates)
        self.login = tuple(part.encode() for part in login)
        self.fault = None      # of every connection
        self.next_faults = []  # of the next ones, each of one
        self.faults = {}   # address: from RCPT on
        self.stored, self.taken = [], []  # (address, bytes)
        self.fillers = []
        self.port = held_port()
        self.listener = self.listen(None, self.port)
        self.start()

    def line_of(self, connection, _):
        return Smtp(self, connection)

    def leave(self):
        """Nobody listens; the port stays ours."""
        self.selector.unregister(self.listener)
        self.listener.close()
        self.listener = self.listen(None, self.port, None)

    def fill(self):
        """Whoever connects gets no answer at all: the queue is full of others."""
        self.selector.unregister(self.listener)
        self.listener.close()
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", self.port))
        self.listener.listen(0)
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self.fillers.append(filler)

    def come_back(self):
        self.listener.close()
        for filler in self.fillers:
            filler.close()
        self.fillers.clear()
        self.listener = self.listen(None, self.port)

    def texts_to(self, address, kept=None):
        with self.lock:
            return [content for to, content in (self.taken if kept is None else kept)
                    if to == address]


# --- webhooks

class Https(Line):
    """One request after another; what is wrong is the endpoint's to say."""

    def __init__(self, server, connection, endpoint):
        super().__init__(server, connection)
        self.endpoint = endpoint

    def read(self):
        """(webhook-id, body) of a request."""
        headers = {}
        self.hear()
        while line := self.hear():
            name, _, value = line.partition(b":")
            headers[name.strip().lower()] = value.strip()
        size = int(headers[b"content-length"])
        while len(self.kept) < size:
            self.hear_more()
        body, self.kept = self.kept[:size], self.kept[size:]
        return headers[b"webhook-id"].decode(), body

    def run(self):
        endpoint = self.endpoint
        fault = endpoint.fault if endpoint.broken else None
        if fault in ("silent", "dropped", "no-tls"):
            self.before_tls(fault)
        self.start_tls(fault if fault in Certificates.NAMES else "good")
        request = self.read()
        with self.server.lock:
            endpoint.seen.append(request)
            endpoint.arrived.append((time.monotonic(), request[1]))
        if callable(fault):
            fault(self)
            raise Gone
        if isinstance(fault, bytes):
            self.say(fault)
            self.silence()
        self.say(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        with self.server.lock:
            endpoint.taken.append(request)

    def before_tls(self, fault):
        if fault == "silent":
            self.silence()
        self.hear_more()
        if fault == "no-tls":
            self.say(b"HTTP/1.1 400 this is no TLS\r\n\r\n")
        raise Gone


class Endpoint:
    def __init__(self, name, fault):
        self.name, self.fault, self.broken = name, fault, fault is not None
        self.seen, self.taken = [], []  # (webhook-id, body): that came; that got a yes
        self.arrived = []               # (when, body)
        self.listener = None


class HookServer(Server):
    """An endpoint each on a port of its own."""

    def __init__(self, certificates):
        super().__init__(certificates)
        self.endpoints = {}
        self.start()

    def line_of(self, connection, endpoint):
        return Https(self, connection, endpoint)

    def add(self, name, fault):
        endpoint = Endpoint(name, fault)
        endpoint.listener = self.listen(endpoint, 0, None if fault == "refused" else 16)
        self.endpoints[name] = endpoint
        return endpoint.listener.getsockname()[1]

    def mend(self, endpoint):
        endpoint.broken = False
        if endpoint.fault == "refused":
            endpoint.listener.listen(16)
            self.selector.register(endpoint.listener, selectors.EVENT_READ, endpoint)

    def close(self):
        for endpoint in self.endpoints.values():
            endpoint.listener.close()
        super().close()
