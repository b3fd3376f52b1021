"""concern_rig.py - the real daemon in a directory of its own, and the world around it.

A Rig makes keys, a certificate, a keyring, a directory of invented people and settings; starts
concernd on them, a mail server (STARTTLS, AUTH) and an HTTPS receiver, and ends by process id
whatever it started.  Everything listens on the loopback only.  Nothing here sleeps blindly:
wait_for() asks for a condition until a deadline.
"""
import base64
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import uuid

import zmq
import zmq.auth
from zmq.auth.thread import ThreadAuthenticator

from rig_world import (ASC, BOARD, BUILD, clean_environment, CONCERNCTL, CONCERND,  # noqa: F401
                       copy_still, HOUSING, MailServer, Manager, PAGES, PASSWORD, PATIENCE,
                       preload_of, Receiver, SECRET, SOURCE, USER, wait_for)


# --- a publisher over CURVE

class Client:
    """A DEALER: sends events, keeps what is not answered, reads answers."""

    def __init__(self, endpoint, server_key, secret_file):
        self.context = zmq.Context.instance()
        self.server_key = server_key
        self.keys = zmq.auth.load_certificate(secret_file)
        self.endpoint = endpoint
        self.number = 0
        self.socket = None
        self.connect(endpoint)

    def connect(self, endpoint):
        if self.socket is not None:
            self.socket.close(0)
        self.endpoint = endpoint
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.reconnect_ivl = 20
        self.socket.curve_publickey, self.socket.curve_secretkey = self.keys
        self.socket.curve_serverkey = self.server_key
        self.socket.connect(endpoint)

    def send_frames(self, *frames):
        self.socket.send_multipart(frames, zmq.DONTWAIT)

    def send(self, command, body):
        """Sends one command; answers its correlation id."""
        self.number += 1
        correlation = b"%d" % self.number
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.send_frames(b"CON1", command.encode(), correlation, body)
        return correlation

    def receive(self, patience=PATIENCE):
        """(command, correlation, answer), or None where nothing comes in time."""
        if not self.socket.poll(max(0, int(patience * 1000))):
            return None
        magic, command, correlation, body = self.socket.recv_multipart()
        assert magic == b"CON1", magic
        return command.decode(), correlation, json.loads(body)

    def ask(self, command, body, patience=PATIENCE):
        """Sends, and answers (command, answer) of this very message."""
        wanted = self.send(command, body)
        end = time.monotonic() + patience
        while True:
            answer = self.receive(end - time.monotonic())
            if answer is None:
                raise AssertionError(f"no answer to {command} within {patience} s")
            if answer[1] == wanted:
                return answer[0], answer[2]

    def publish(self, event, patience=PATIENCE):
        """The ACK; fails on anything else."""
        command, answer = self.ask("EVENT", event, patience)
        if command != "ACK":
            raise AssertionError(f"{command} {answer}")
        return answer

    def refusal(self, event, patience=PATIENCE):
        """The code of the NACK; fails on anything else."""
        command, answer = self.ask("EVENT", event, patience)
        if command != "NACK":
            raise AssertionError(f"{command} {answer}")
        return answer["code"]

    def close(self):
        self.socket.close(0)


# --- a case system that only publishes

class Feed:
    """A PUB socket with CURVE that says what a test wants said."""

    def __init__(self, rig, source=ASC):
        self.source, self.epoch = source, str(uuid.uuid4())
        public, secret = zmq.auth.load_certificate(rig.keys / "feed.key_secret")
        self.context = zmq.Context()
        self.door = ThreadAuthenticator(self.context)
        self.door.start()
        admitted = rig.folder / "admitted"
        admitted.mkdir(exist_ok=True)
        shutil.copy(rig.keys / "subscriber.key", admitted)
        self.door.configure_curve(domain="*", location=str(admitted))
        self.socket = self.context.socket(zmq.XPUB)
        self.socket.curve_server = True
        self.socket.curve_publickey, self.socket.curve_secretkey = public, secret
        self.socket.linger = 0
        self.socket.setsockopt(zmq.XPUB_VERBOSE, 1)
        self.port = self.socket.bind_to_random_port("tcp://127.0.0.1")

    def wait_for_subscriber(self):
        """Both subscriptions, of events and of heartbeats, have come."""
        count = 0
        while count < 2:
            assert self.socket.poll(PATIENCE * 1000), "nobody subscribes"
            count += self.socket.recv()[:1] == b"\x01"

    def forget_subscribers(self):
        """What subscribers said so far is of no interest any more."""
        while self.socket.poll(200):
            self.socket.recv()

    def event(self, number, event):
        event = dict(event, sequence=f"{number:020}", seqepoch=self.epoch, source=self.source)
        self.socket.send_multipart([b"con.plcsab.x", b"CON1", json.dumps(event).encode()])

    def beat(self, last):
        beat = {"source": self.source, "seqepoch": self.epoch, "last_sequence": f"{last:020}",
                "time": "2026-12-18T17:00:00Z"}
        self.socket.send_multipart([b"hb.plcsab.x", b"CON1", json.dumps(beat).encode()])

    def close(self):
        self.socket.close(0)
        self.door.stop()
        self.context.term()


# --- the daemon

class Daemon:
    def __init__(self, rig, arguments=(), environment=None, program=None):
        self.rig = rig
        self.log = rig.folder / f"concernd-{rig.starts}.log"
        rig.starts += 1
        command = [program or CONCERND, "--config", rig.config, *arguments]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=clean_environment(NOTIFY_SOCKET=rig.manager.path, **(environment or {})))

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process.poll() is None

    def said(self):
        return self.log.read_text(errors="replace")

    def wait_ready(self, patience=PATIENCE):
        try:
            self.rig.manager.hear("READY=1", patience, self.alive)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.said()}") from None
        return self

    def wait_said(self, text, patience=PATIENCE):
        wait_for(lambda: text in self.said(), f"the daemon says {text!r}", patience)

    def signal(self, number):
        os.kill(self.pid, number)

    def wait(self, patience=PATIENCE):
        """The exit code, once it has ended."""
        return self.process.wait(patience)

    def kill(self):
        if self.alive():
            self.process.kill()
        return self.process.wait()

    def stop(self, patience=PATIENCE):
        if self.alive():
            self.signal(signal.SIGTERM)
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the daemon did not stop\n{self.said()}") from None


# --- all of it

REFERENCES = ["D-?+", "D-?+-?+", "D-?+-?+-?+", "F-#+", "P-#+", "????-####", "{uuid}"]
LAS = "https://las.northtown.example"
PEOPLE = [f"{agency}-{role}" for agency in ("housing", "asc")
          for role in ("worker", "manager", "head", "director", "lead")]


class Rig:
    """One directory with everything.  Use as a context manager, or call close()."""

    made = None  # the directory of the keys that all rigs share

    def __init__(self, webhook=False, data=None):
        # Short, for a socket's path has 108 bytes; and with a space, which must do.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="concern rig ", dir="/tmp"))
        self.keys = self.folder / "keys"
        self.state = self.folder / "state"
        self.config = self.folder / "concernd.yaml"
        self.starts = 0
        self.daemons, self.clients, self.others = [], [], []
        self.manager = Manager(self.folder / "notify")
        self.data = data or SOURCE / "config"
        self.settings = {}
        self.operator = ["email:operator@board.example"]
        for name in ("keys", "secrets", "run"):
            (self.folder / name).mkdir(mode=0o700)
        self.make_keys()
        self.mail = MailServer(self.folder / "tls.crt", self.folder / "tls.key")
        self.mail.start()
        self.receiver = (Receiver(self.folder / "tls.crt", self.folder / "tls.key")
                         if webhook else None)
        self.write_secret("mail-password", PASSWORD)
        self.write_secret("housing-system", "whsec_" + base64.b64encode(SECRET).decode())
        self.write_keyring()
        self.write_directory()
        self.write_settings()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if not self.folder.exists():
            return
        for client in self.clients:
            client.close()
        for daemon in self.daemons:
            daemon.kill()
        for other in self.others:
            other.close()
        self.mail.stop()
        if self.receiver:
            self.receiver.stop()
        self.manager.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # files

    def make_keys(self):
        """Keys and certificate, made once for all rigs of a test program."""
        if not Rig.made:
            Rig.made = tempfile.TemporaryDirectory(prefix="concern keys ", dir="/tmp")
            for name in ("--server", "housing", "asc", "board", "feed", "subscriber", "stranger"):
                subprocess.run([CONCERNCTL, "keys", "make", name, "--directory", Rig.made.name],
                               check=True, capture_output=True)
            self.make_certificate(pathlib.Path(Rig.made.name))
        for path in pathlib.Path(Rig.made.name).iterdir():
            shutil.copy(path, self.folder if path.name.startswith("tls.") else self.keys)

    def public_key(self, name):
        return zmq.auth.load_certificate(self.keys / f"{name}.key")[0].decode()

    @staticmethod
    def make_certificate(folder):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", folder / "tls.key", "-out", folder / "tls.crt"],
                       check=True, capture_output=True)

    def write_secret(self, name, text):
        path = self.folder / "secrets" / name
        path.write_text(text + "\n")
        path.chmod(0o600)

    def write_keyring(self, **more):
        """`more` goes into the entry of housing."""
        entry = {"rate": 60000, "burst": 10000, "types": ["all"], "boards": ["plcsab"],
                 "procedures": ["plcsab-adults"]}
        keys = [
            dict(entry, key=self.public_key("housing"), agency="northtown-housing",
                 sources=[HOUSING], rights=["publish", "close"], **more),
            dict(entry, key=self.public_key("asc"), agency="northtown-asc", sources=[ASC],
                 rights=["publish"]),
            dict(entry, key=self.public_key("board"), board="plcsab", sources=[BOARD],
                 rights=["publish", "close"]),
            dict(entry, key=self.public_key("feed"), agency="northtown-asc", sources=[ASC],
                 rights=["publish"]),
        ]
        path = self.folder / "keyring.yaml"
        path.write_text(json.dumps({"keys": keys}, indent=1))  # JSON is YAML
        path.chmod(0o600)

    def write_directory(self):
        roles = {"practitioner": "worker", "line_manager": "manager", "head_of_service": "head",
                 "strategic_head": "director", "safeguarding_lead": "lead"}
        agencies = {}
        for agency in ("housing", "asc"):
            agencies[f"northtown-{agency}"] = {
                "name": f"Northtown {agency} (invented)", "kind": "statutory",
                "domains": [f"{agency}.northtown.example"],
                "roles": {role: {"holder": f"{agency}-{who}"} for role, who in roles.items()}}
        directory = {
            "agencies": agencies,
            # The references of tests say what they are for, and so have room for words.
            "boards": {"plcsab": {"name": "An invented board", "procedures": ["plcsab-adults"],
                                  "references": REFERENCES, "links": [f"{LAS}/r/"],
                                  "categories": ["threshold", "thresholds", "information-sharing"],
                                  "roles": {"board_team": {"holder": "board-unit"}}}},
            "people": {who: {"name": "Invented", "routes": [
                f"email:{who}@{who.split('-')[0]}.northtown.example"]} for who in PEOPLE},
            "operator": self.operator}
        directory["people"]["board-unit"] = {"name": "Invented",
                                             "routes": ["email:unit@board.example"]}
        if self.receiver:
            agencies["northtown-housing"]["systems"] = ["housing-system"]
            directory["endpoints"] = {"housing-system": {
                "kind": "webhook", "url": f"https://localhost:{self.receiver.port}/concernd",
                "secret": "housing-system", "ca": str(self.folder / "tls.crt"),
                "allow": ["127.0.0.0/8", "::1/128"]}}
        (self.folder / "directory.yaml").write_text(json.dumps(directory, indent=1))

    def write_settings(self, **changes):
        """Settings as they stand, with changes; None takes one out."""
        # The sanitizer keeps what was freed: the limit is for what the daemon itself takes.
        settings = {"listen": "tcp://127.0.0.1:*", "http": "none", "memory_limit": 4096, "control": str(self.folder / "run/control"),
                    "state": str(self.state), "keyring": "keyring.yaml",
                    "server_key": "keys/server.key_secret", "secrets": "secrets",
                    "data": str(self.data), "directory": "directory.yaml",
                    "mail": {"url": f"smtp://localhost:{self.mail.port}", "user": USER,
                             "password_file": "secrets/mail-password", "ca": "tls.crt",
                             "from": "concernd@board.example"}}
        self.settings.update(changes)
        settings.update(self.settings)
        settings = {name: value for name, value in settings.items() if value is not None}
        self.config.write_text(json.dumps(settings, indent=1))

    # programs

    def daemon(self, *arguments, **environment):
        """Starts one; it may refuse."""
        self.daemons.append(Daemon(self, arguments, environment))
        return self.daemons[-1]

    def start(self, *arguments, **environment):
        """Starts one and waits until it is ready."""
        self.manager.forget()
        return self.daemon(*arguments, **environment).wait_ready()

    def ctl(self, *arguments, stdin="", check=True, patience=PATIENCE):
        done = subprocess.run([CONCERNCTL, *map(str, arguments)], input=stdin, text=True,
                              capture_output=True, timeout=patience, check=False,
                              env=clean_environment(RUNTIME_DIRECTORY=self.folder / "run"))
        if check and done.returncode != 0:
            raise AssertionError(f"concernctl {arguments}: {done.returncode}\n{done.stderr}")
        return done

    def rows(self, *arguments, check=True):
        """What a subcommand says with --json."""
        said = self.ctl(*arguments, "--json", check=check).stdout
        return [json.loads(line) for line in said.splitlines()]

    def ask(self, command, **more):
        """What concernctl says with --json, asked of the daemon itself: for conditions, which are
        asked again and again, and each time would start a program built with sanitizers."""
        lines = [{}]
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(PATIENCE)
            control.connect(str(self.folder / "run/control"))
            control.sendall(json.dumps(dict(more, command=command)).encode() + b"\n")
            for line in control.makefile("rb"):
                lines.append(json.loads(line))
                if "end" in lines[-1]:
                    break
        if not lines[-1].get("ok"):
            raise AssertionError(f"{command} {more}: {lines[-1].get('error', 'no end')}")
        return lines[1:-1]

    def outbox(self, *states):
        """The notifications in these states, of one after the other; none: what is on its way."""
        return [row for state in states or [None]
                for row in self.ask("outbox", **({"state": state} if state else {}))]

    def status(self):
        return self.ask("status")[0]

    def wait_delivered(self, patience=4 * PATIENCE):
        """Nothing is queued any more, and whatever came of each is kept.  A flood to one person
        waits for its half minute, and what was cut off is tried again after another."""
        try:
            wait_for(lambda: self.status()["outbox"]["queued"] == 0, "all is delivered", patience)
        except AssertionError as error:
            raise AssertionError(f"{error}; left: {self.outbox()[:10]}") from None

    def page(self, path, method="GET", body=None, patience=PATIENCE, **headers):
        """(status, headers, text) of one of the daemon's own pages (write_settings(http=PAGES))."""
        address = self.status()["pages"]
        connection = http.client.HTTPConnection(*address.removeprefix("http://").split(":"),
                                                timeout=patience)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()
        finally:
            connection.close()

    def client(self, key="housing"):
        client = Client(self.status()["endpoint"], self.public_key("server").encode(),
                        self.keys / f"{key}.key_secret")
        self.clients.append(client)
        return client

    def feed(self):
        feed = Feed(self)
        self.others.append(feed)
        return feed

    def settings_of_feed(self, feed, **more):
        return dict({"name": "asc", "endpoint": f"tcp://127.0.0.1:{feed.port}",
                     "server_key": self.public_key("feed"),
                     "secret_key": "keys/subscriber.key_secret", "sources": [ASC],
                     "boards": ["plcsab"]}, **more)

    # the store, of a daemon that has ended or that runs

    def store(self):
        """A connection to a copy: looking at a store must not change it."""
        copy = pathlib.Path(tempfile.mkdtemp(prefix="copy ", dir=self.folder))
        copy_still([self.state / name for name in ("concernd.db", "concernd.db-wal")], copy)
        connection = sqlite3.connect(copy / "concernd.db")
        connection.row_factory = sqlite3.Row
        return connection


# --- mails

def told_of(mails):
    """The references that mails to one person are about: each its own, a digest all in its list."""
    found = []
    for mail in mails:
        if mail["subject"].startswith("[Digest]"):
            lines = mail.get_body(("plain",)).get_content().splitlines()
            # What has come about since stands in brackets behind a reference.
            found += [line.split()[1] for line in lines if line.startswith("- ")]
        else:
            found.append(mail["X-Concernd-Reference"])
    return found


# --- events

def event(kind, subject, data=None, source=HOUSING, identity=None, **members):
    base = {"specversion": "1.0", "id": identity or str(uuid.uuid4()), "source": source,
            "type": f"concernd.{kind}", "subject": subject,
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "datacontenttype": "application/json", "data": data or {}}
    base.update(members)
    return base


def raised(subject, **members):
    return event("disagreement.raised", subject,
                 {"procedure": "plcsab-adults", "board": "plcsab",
                  "challenging": {"agency": "northtown-housing"},
                  "challenged": [{"agency": "northtown-asc"}],
                  "facts": {"relates_to": "individual"}}, **members)


def record_faults(connection):
    """Verifies the chain with Python's own SHA-256; a list of what is wrong.

    As record.h has it: hash = SHA-256(hash before | number | time | type | digest), and
    digest = SHA-256(salt | board | 0 | reference | 0 | payload).
    """
    faults, before, expected = [], bytes(32), 1
    lines = connection.execute("SELECT l.*, p.salt, p.board, p.reference, p.payload "
                               "FROM record_line l LEFT JOIN record_payload p USING (number) "
                               "ORDER BY l.number")
    for line in lines:
        number = line["number"]
        digest = hashlib.sha256(line["salt"] + b"\0".join(
            line[name].encode() for name in ("board", "reference", "payload"))).digest()
        total = hashlib.sha256(before + number.to_bytes(8, "big") +
                               line["at_us"].to_bytes(8, "big", signed=True) +
                               line["type"].encode() + digest).digest()
        if number != expected:
            faults.append(f"line {expected} is missing")
        if digest != line["digest"] or total != line["hash"]:
            faults.append(f"line {number} ({line['type']}) does not fit")
        before, expected = line["hash"], number + 1
    if expected == 1:
        faults.append("there is no line")
    return faults
