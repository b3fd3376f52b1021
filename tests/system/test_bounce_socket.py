"""test_bounce_socket.py - the socket that a mail system's user reaches: `bounce` and nothing else.

As root the users are real ones (setpriv); without it the modes of the files are looked at.
"""
import json
import os
import pathlib
import re
import shutil
import socket
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import CONCERNCTL, PATIENCE, Rig, clean_environment, raised, wait_for  # noqa: E402

BOUNCES = "bounces@concern.board.example"
RETURN_PATH = re.compile(r"bounces\+([0-9a-z]{26})-([a-z2-7]{16})@concern\.board\.example")
DEPUTY = "asc-lead@asc.northtown.example"
# The users and groups of this test, which need no names.
MAIL_USER, STRANGER, MAIL_GROUP, CONTROL_GROUP = 61234, 61235, 61236, 61237
IS_ROOT = os.geteuid() == 0 and shutil.which("setpriv")

# A whole request of each kind that there is, so that only the socket can be why it is refused.
REQUESTS = {
    "status": {}, "list": {"all": True}, "show": {"reference": "D-1"},
    "explain": {"reference": "D-1"}, "history": {"reference": "D-1"}, "outbox": {}, "keys": {},
    "reload": {}, "move": {"reference": "D-1", "yes": True}, "sources": {},
    "redrive": {"all": True}, "test": {"role": "line_manager", "agency": "northtown-asc"},
    "silence": {"scope": "person", "target": "asc-manager", "until": "2099-01-01T00:00:00Z",
                "reason": "nobody shall know"},
    "silences": {}, "unsilence": {"id": "01J8Z3K5Q7R9S1T3V5W7X9Y1Z3"},
    "report": {"from": "2026-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z"},
}


def ask(path, request):
    """The lines that answer a request, each an object; the last is the end."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(PATIENCE)
        peer.connect(str(path))
        peer.sendall(json.dumps(request).encode() + b"\n")
        said = b""
        while b'"end"' not in said or not said.endswith(b"\n"):
            part = peer.recv(65536)
            if not part:
                break
            said += part
    return [json.loads(line) for line in said.splitlines()]


class BounceSocket(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        directory = json.loads((self.rig.folder / "directory.yaml").read_text())
        directory["agencies"]["northtown-asc"]["roles"]["line_manager"]["deputy"] = "asc-lead"
        (self.rig.folder / "directory.yaml").write_text(json.dumps(directory))
        self.control = self.rig.folder / "run/control"
        self.folder = self.rig.folder / "run-bounce"
        self.socket = self.folder / "socket"
        self.rig.write_settings()
        mail = json.loads(self.rig.config.read_text())["mail"]
        self.rig.write_settings(mail=dict(mail, bounces=BOUNCES))

    def make_folder(self):
        """As tmpfiles.d has it: who may hand bounces in is the group of the folder."""
        self.folder.mkdir()
        if IS_ROOT:
            os.chown(self.folder, 0, MAIL_GROUP)
        self.folder.chmod(0o2750)

    def start(self):
        """With a notification that was accepted: its return path."""
        daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))
        wait_for(lambda: self.rig.mail.to("asc-manager@asc.northtown.example"), "he is told")
        self.rig.wait_delivered()
        sender = next(sender for to, sender in self.rig.mail.senders if to.startswith("asc-man"))
        return daemon, sender

    def bounce(self, sender, action="failed", user=None, group=None, arguments=()):
        """What a mail system's pipe does, as a user of one group."""
        report = (f"To: {sender}\nContent-Type: multipart/report; report-type=delivery-status; "
                  f'boundary="b"\n\n--b\nContent-Type: message/delivery-status\n\n'
                  f"Reporting-MTA: dns; mail.board.example\n\nAction: {action}\nStatus: 5.1.1\n"
                  "Diagnostic-Code: smtp; 550 5.1.1 nobody\n\n--b--\n")
        as_user = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
        return subprocess.run([*(as_user if user else ()), CONCERNCTL, *(arguments or ["bounce"])],
                              input=report, text=True, capture_output=True, timeout=PATIENCE,
                              env=clean_environment(RUNTIME_DIRECTORY=self.rig.folder / "run"),
                              check=False)

    def state(self):
        """All that a request could change."""
        return (self.rig.status()["record"], self.rig.rows("outbox"), self.rig.rows("list"),
                self.rig.rows("silence", "list"), self.rig.status()["policy"]["loaded"])

    def test_each_other_request_is_refused_and_changes_nothing(self):
        self.make_folder()
        daemon, _ = self.start()
        known = ask(self.control, {"command": "no such"})[-1]["error"]
        names = set(re.search(r"\((.*)\)", known)[1].split(", "))
        self.assertEqual(set(REQUESTS) | {"bounce"}, names, "a request is not tried here")
        before = self.state()
        for name, arguments in REQUESTS.items():
            with self.subTest(name):
                lines = ask(self.socket, {"command": name, **arguments})
                self.assertEqual(len(lines), 1, lines)
                self.assertIn("nothing but bounce is answered at this socket", lines[0]["error"])
        self.assertEqual(self.state(), before)
        self.assertIn("something else than a bounce is asked", daemon.said())
        for name, arguments in REQUESTS.items():  # it was the socket, not the request
            with self.subTest(name):
                lines = ask(self.control, {"command": name, **arguments})
                self.assertNotIn("nothing but bounce", lines[-1].get("error", ""))
        self.assertNotEqual(self.state(), before)
        self.assertEqual(daemon.stop(), 0, daemon.said())
        self.assertFalse(self.socket.exists())

    def test_a_bounce_is_taken_there_though_killed(self):
        self.make_folder()
        daemon, sender = self.start()
        self.assertEqual(self.rig.status()["bounces"], str(self.socket))
        self.assertIn(str(self.socket), self.rig.ctl("status").stdout)
        mode = self.socket.stat()
        self.assertEqual(stat.S_IMODE(mode.st_mode), 0o660)
        self.assertEqual(mode.st_gid, self.folder.stat().st_gid)
        daemon.kill()  # which leaves its file
        daemon = self.rig.start()
        aside = self.control.rename(self.rig.folder / "run/aside")
        done = self.bounce(sender)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("came back: it is refused now", done.stdout)
        aside.rename(self.control)
        wait_for(lambda: self.rig.mail.to(DEPUTY), "the deputy is told")
        self.assertEqual(daemon.stop(), 0, daemon.said())

    @unittest.skipUnless(IS_ROOT, "only root can be other users")
    def test_who_reaches_what(self):
        self.make_folder()
        _, sender = self.start()
        for path, mode in ((self.rig.folder, 0o711), (self.control.parent, 0o750)):
            path.chmod(mode)
        for path in (self.control.parent, self.control):  # as the daemon's own group has them
            os.chown(path, 0, CONTROL_GROUP)

        done = self.bounce(sender, "delayed", MAIL_USER, MAIL_GROUP)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("delayed: noted", done.stdout)
        done = self.bounce(sender, user=MAIL_USER, group=MAIL_GROUP, arguments=["list"])
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.control}: Permission denied", done.stderr)
        done = self.bounce(sender, user=MAIL_USER, group=MAIL_GROUP,
                           arguments=["list", "--control", str(self.socket)])
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("nothing but bounce is answered", done.stderr)

        # A pipe that was set up when the mail system's user was in the daemon's group.
        done = self.bounce(sender, "relayed", MAIL_USER, CONTROL_GROUP)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("relayed: noted", done.stdout)

        done = self.bounce(sender, "failed", STRANGER, STRANGER)
        self.assertEqual((done.returncode, done.stdout), (75, ""))
        for path in (self.socket, self.control):
            self.assertIn(f"{path}: Permission denied", done.stderr)
        self.assertEqual([line["payload"]["action"] for line in self.rig.rows("history", "D-1")
                          if line["type"] == "bounce"], ["delayed", "relayed"])

    def test_those_who_crowd_it_keep_nobody_from_the_control_socket(self):
        self.make_folder()
        _, sender = self.start()
        with_all = []
        self.addCleanup(lambda: [peer.close() for peer in with_all])
        for _ in range(64):
            peer = socket.socket(socket.AF_UNIX)
            with_all.append(peer)
            peer.setblocking(False)
            try:
                peer.connect(str(self.socket))
                peer.send(b'{"command": "bou')
            except BlockingIOError:
                break  # no more are let in for now
        for _ in range(20):
            self.assertEqual(self.rig.status()["state"], "running")
        # And who is silent makes room.
        self.assertIn("noted", self.bounce(sender, "delayed").stdout)

    def test_without_the_folder_there_is_none_and_bounces_go_on(self):
        daemon, sender = self.start()
        self.assertIsNone(self.rig.status()["bounces"])
        self.assertIn(f"cannot listen at {self.socket}: No such file", daemon.said())
        self.assertIn("at the control socket only", daemon.said())
        self.assertIn("came back", self.bounce(sender).stdout)
        self.assertEqual(daemon.stop(), 0)
        # Nobody has asked for bounces: nothing is said.
        mail = json.loads(self.rig.config.read_text())["mail"]
        self.rig.write_settings(mail=dict(mail, bounces=""))
        daemon = self.rig.start()
        self.assertIsNone(self.rig.status()["bounces"])
        self.assertNotIn(str(self.folder), daemon.said())

    def test_it_is_where_the_settings_say(self):
        self.make_folder()
        self.rig.write_settings(bounce_socket="none")
        daemon = self.rig.start()
        self.assertIsNone(self.rig.status()["bounces"])
        self.assertFalse(self.socket.exists())
        self.assertEqual(daemon.stop(), 0)
        self.rig.write_settings(bounce_socket=str(self.rig.folder / "run/elsewhere"))
        daemon = self.rig.start()
        self.assertTrue(stat.S_ISSOCK((self.rig.folder / "run/elsewhere").stat().st_mode))
        # Not that of another: neither is it taken away, nor does the daemon wait for it.
        self.assertEqual(daemon.stop(), 0)
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(self.socket))
            other.listen()
            self.rig.write_settings(bounce_socket=str(self.socket))
            daemon = self.rig.start()
            self.assertIsNone(self.rig.status()["bounces"])
            self.assertIn("another concernd answers there", daemon.said())
            self.assertEqual(daemon.stop(), 0)
            self.assertTrue(self.socket.exists())


if __name__ == "__main__":
    unittest.main()
