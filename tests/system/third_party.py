"""third_party.py - programs nobody here wrote, from tests/npm, which judge what leaves the daemon."""
import base64
import json
import os
import pathlib
import subprocess
import threading

SOURCE = pathlib.Path(os.environ["CONCERN_SOURCE"])
PATIENCE = 120  # seconds


def install():
    """Call it first: needs the npm registry where tests/npm is not installed yet."""
    subprocess.run([SOURCE / "tests/install-npm", "tests/npm"], check=True)


def judgement(script, question, **environment):
    """What tests/npm/`script` answers: JSON in, JSON out."""
    done = subprocess.run(["node", SOURCE / "tests/npm" / script], input=json.dumps(question),
                          text=True, capture_output=True, timeout=PATIENCE, check=False,
                          env=dict(os.environ, **environment))
    if done.returncode != 0:
        raise AssertionError(f"{script}: {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


class NodeMailServer:
    """smtp-server and mailparser in the place of a rig's mail server; .read: every mail, as
    tests/npm/mail_server.js prints it, and .taken as the rig's own has it."""

    def __init__(self, certificate, key, user, password):
        self.read, self.taken = [], []
        self.process = subprocess.Popen(
            ["node", SOURCE / "tests/npm/mail_server.js", certificate, key, user, password],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = json.loads(self.process.stdout.readline())["port"]
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self):
        for line in self.process.stdout:
            mail = json.loads(line)
            self.read.append(mail)
            self.taken.append((mail["rcptTo"][0], base64.b64decode(mail["raw"])))

    def stop(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.thread.join()
        self.process.stdout.close()
