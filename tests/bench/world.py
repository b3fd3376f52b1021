"""world.py - one daemon with files of its own, started and stopped as systemd would."""
import json
import os
import signal
import socket
import sqlite3
import subprocess
import time

SOURCE = "urn:northtown:bench"
# What its disagreements are called: a row of the table in capitals, and a number.
REFERENCES = ["?+-#+", "?+-?+-#+"]
ENDPOINTS = 8

CHILDREN = []


def wait_until(condition, what, seconds=60):
    """Polls; ends the bench where it does not come about."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.01)
    raise SystemExit(f"bench: {what}: not within {seconds} s")


def start(arguments, **options):
    child = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, **options)
    CHILDREN.append(child)
    return child


def stop_all():
    for child in CHILDREN:
        if child.poll() is None:
            child.kill()
            child.wait()


def run(arguments):
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"bench: {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout


def make_certificate(folder):
    run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", f"{folder}/tls.key", "-out", f"{folder}/tls.crt"])


ROLES = ["practitioner", "line_manager", "head_of_service", "designated_safeguarding_officer",
         "strategic_head", "safeguarding_lead", "senior_manager", "chief_officer"]


def agency(name, people, kind="statutory"):
    roles = "\n".join(f"      {role}: {{holder: {people(role)}}}" for role in ROLES)
    return f"  {name}:\n    name: {name}\n    kind: {kind}\n    domains: [{name}.example]\n" \
           f"    roles:\n{roles}\n"


def directory_by_mail():
    """Somebody else in every role, each with an address: a raise writes a mail to each concerned."""
    names = ("northtown-housing", "northtown-asc")
    people = [f"{name}.{role}" for name in names for role in ROLES] + ["board-unit"]
    return ("# Invented people of invented agencies.\nagencies:\n"
            + "".join(agency(name, lambda role, name=name: f"{name}.{role}") for name in names)
            + "boards:\n  plcsab:\n    name: A sample\n    procedures: [plcsab-adults]\n"
              f"    references: {REFERENCES}\n"
              "    roles:\n      board_team: {holder: board-unit}\npeople:\n"
            + "".join(f"  {person}: {{name: Invented"
                      f", routes: [\"email:{person}@mail.example\"]}}\n" for person in people)
            + "operator: [\"email:operator@mail.example\"]\n")


def directory_by_webhook(port, folder, procedure, first=None):
    """One system holds every role of a pair of agencies: one notification, and so one POST,
    for each deadline that passes.  `first`: another port for the first of them."""
    text = "# Invented systems of invented agencies.\nagencies:\n"
    for i in range(ENDPOINTS):
        for side in ("a", "b"):
            text += agency(f"agency-{i}{side}", lambda role, i=i: f"system-{i}")
    text += (f"boards:\n  plcsab:\n    name: A sample\n    procedures: [{procedure}]\n"
             f"    references: {REFERENCES}\n    roles:\n"
             "      board_team: {holder: system-0}\npeople:\n")
    for i in range(ENDPOINTS):
        text += f"  system-{i}: {{name: Invented, routes: [\"webhook:sink-{i}\"]}}\n"
    text += "endpoints:\n"
    for i in range(ENDPOINTS):
        at = first if first and i == 0 else port
        text += (f"  sink-{i}: {{kind: webhook, url: \"https://localhost:{at}/{i}\", "
                 f"secret: sink, ca: \"{folder}/tls.crt\", allow: [127.0.0.0/8, \"::1/128\"]}}\n")
    return text + "operator: [\"email:operator@mail.example\"]\n"


BENCH_PROCEDURE = """procedure: bench
version: "1"
title: One stage and no more
source: "invented for tests/bench"
calendar: england-and-wales
roles:
  - {role: line_manager, title: Line manager}
  - {role: board_team, side: board, title: Board}
stages:
  - id: stage-1
    title: Stage 1
    handlers: [line_manager]
    limit: 1 working day
    remind: none
    chase: none
    words: "An invented sentence."
"""


class World:
    def __init__(self, build, folder, directory, mail_port=0, clock=None):
        self.build, self.folder, self.clock = build, folder, clock
        self.top = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
        for name in ("run", "secrets", "procedures"):
            os.makedirs(f"{folder}/{name}", mode=0o700)
        concernctl = f"{build}/clients/concernctl/concernctl"
        run([concernctl, "keys", "make", "--server", "--directory", folder])
        run([concernctl, "keys", "make", "bench", "--directory", folder, "--board", "plcsab"])
        self._write("keyring.yaml", f"""keys:
  - {{key: "{self._public('bench.key')}", board: plcsab, boards: [plcsab], sources: ["{SOURCE}"], procedures: [plcsab-adults, bench], types: [all], rights: [publish, close], rate: 60000, burst: 100000}}
""")
        self._write("procedures/bench.yaml", BENCH_PROCEDURE)
        self._write("directory.yaml", directory)
        mail = (f"mail: {{url: \"smtp://localhost:{mail_port}\", from: concernd@board.example}}\n"
                if mail_port else "mail: {from: concernd@board.example}\n")
        self._write("concernd.yaml", f"""listen: "tcp://127.0.0.1:*"
http: none
control: "{folder}/run/control"
state: "{folder}/state"
keyring: "{folder}/keyring.yaml"
server_key: "{folder}/server.key_secret"
secrets: "{folder}/secrets"
data: "{self.top}/config"
procedures: "{folder}/procedures"
memory_limit: 1024
{mail}""")
        self.process = self.endpoint = None

    def _write(self, name, text):
        with open(f"{self.folder}/{name}", "w") as file:
            file.write(text)
        os.chmod(f"{self.folder}/{name}", 0o600)

    def _public(self, name):
        with open(f"{self.folder}/{name}") as file:
            for line in file:
                if "public-key" in line:
                    return line.split('"')[1]
        raise SystemExit("bench: no public key")

    def open(self):
        """Starts the daemon; answers how long it took to be ready, in seconds."""
        path = f"{self.folder}/run/notify"
        if os.path.exists(path):
            os.unlink(path)
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind(path)
        notify.settimeout(1)
        arguments = [f"{self.build}/daemon/concernd", "--config", f"{self.folder}/concernd.yaml"]
        if self.clock:
            arguments += ["--clock", self.clock]
        began = time.monotonic()
        with open(f"{self.folder}/concernd.log", "ab") as log:
            self.process = start(arguments, stdout=log, stderr=log,
                                 env={**os.environ, "NOTIFY_SOCKET": path})
        while True:
            try:
                if b"READY=1" in notify.recv(4096):
                    break
            except TimeoutError:
                if self.process.poll() is None and time.monotonic() - began < 120:
                    continue
                raise SystemExit(f"bench: the daemon is not ready; see {self.folder}/concernd.log")
        took = time.monotonic() - began
        notify.close()
        self.endpoint = self.status()["endpoint"]
        return took

    def status(self):
        return json.loads(run([f"{self.build}/clients/concernctl/concernctl", "status", "--json",
                               "--control", f"{self.folder}/run/control"]))

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(timeout=120):
            raise SystemExit(f"bench: the daemon failed; see {self.folder}/concernd.log")

    def publish(self, template, first, count, subjects, in_flight, batch=1):
        """Publishes, all acknowledged; the numbers are kept for check()."""
        name = f"{self.folder}/{template['name']}.template"
        with open(name, "w") as file:
            json.dump(template["event"], file, separators=(",", ":"))
        return json.loads(run([f"{self.build}/tests/bench/publish", self.endpoint,
                               f"{self.folder}/server.key", f"{self.folder}/bench.key_secret", name,
                               str(first), str(count), str(subjects), str(in_flight),
                               f"{self.folder}/{template['name']}.acknowledged", str(batch)]))

    def check(self, *names):
        """With the daemon gone: every acknowledged event is in the store."""
        database = self.database()
        missing = asked = 0
        for name in names:
            with open(f"{self.folder}/{name}.acknowledged") as file:
                for line in file:
                    asked += 1
                    missing += database.execute(
                        "SELECT 1 FROM event JOIN record_payload p ON p.number = event.record "
                        "WHERE source = ? AND id = ?", (SOURCE, f"{name}-{line.strip()}")
                    ).fetchone() is None
        database.close()
        if missing:
            raise SystemExit(f"bench: {missing} of {asked} acknowledged events are not kept")
        return asked

    def database(self):
        return sqlite3.connect(f"{self.folder}/state/concernd.db")

    def row(self, sql, values=()):
        """The first row of a query; only while no daemon has the store."""
        database = self.database()
        try:
            return database.execute(sql, values).fetchone()
        finally:
            database.close()

    def bytes_on_disk(self):
        return sum(os.stat(f"{self.folder}/state/{name}").st_size
                   for name in os.listdir(f"{self.folder}/state") if name.startswith("concernd.db"))

    def memory(self):
        """Resident, and what is ours alone of it, in kB."""
        answer = {}
        with open(f"/proc/{self.process.pid}/smaps_rollup") as file:
            for line in file:
                words = line.split()
                if words[0] in ("Rss:", "Anonymous:"):
                    answer[words[0][:-1].lower()] = int(words[1])
        return answer

    def activity(self):
        """Wake-ups of all threads, bytes written, CPU seconds so far."""
        wakes, pid = 0, self.process.pid
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/status") as file:
                wakes += sum(int(line.split()[1]) for line in file
                             if line.startswith("voluntary_ctxt_switches"))
        with open(f"/proc/{pid}/io") as file:
            io = dict(line.split(": ") for line in file)
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return {"wakes": wakes, "written": int(io["write_bytes"]), "cpu": cpu}
