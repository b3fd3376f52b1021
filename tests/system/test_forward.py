"""test_forward.py - the directory changes while mail waits: who has left is sent nothing more."""
import json
import pathlib
import signal
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import Rig, raised, wait_for  # noqa: E402

MANAGER = "asc-manager@asc.northtown.example"
NEWCOMER = "asc-newcomer@asc.northtown.example"


class ForwardTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)

    def replace_manager(self):
        path = self.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        directory["people"]["asc-newcomer"] = {"name": "Invented", "routes": [f"email:{NEWCOMER}"]}
        del directory["people"]["asc-manager"]
        roles = directory["agencies"]["northtown-asc"]["roles"]
        for holding in roles.values():
            for part, person in holding.items():
                if person == "asc-manager":
                    holding[part] = "asc-newcomer"
        path.write_text(json.dumps(directory))

    def wait_tried(self):
        wait_for(lambda: [row for row in self.rig.outbox()
                          if row["person"] == "asc-manager" and row["attempts"]], "it is tried")

    def check_forwarded(self):
        self.rig.mail.start()
        self.rig.wait_delivered()
        self.assertEqual(self.rig.mail.to(MANAGER), [])
        mail, = self.rig.mail.to(NEWCOMER)
        self.assertIn("Stage 1 begins", mail["subject"])
        old, = self.rig.outbox("superseded")
        self.assertEqual(old["person"], "asc-manager")
        line, = [line for line in self.rig.rows("history", "D-1") if line["type"] == "superseded"]
        self.assertEqual(line["payload"]["id"], old["id"])
        new = line["payload"]["by"]
        self.assertIn(new, mail["message-id"])
        self.assertNotEqual(new, old["id"])

    def test_removed_at_a_reload(self):
        self.rig.mail.stop()
        daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))
        self.wait_tried()
        self.replace_manager()
        self.rig.manager.forget()
        daemon.signal(signal.SIGHUP)
        self.rig.manager.hear("READY=1")
        self.check_forwarded()

    def test_removed_while_the_daemon_is_down(self):
        self.rig.mail.stop()
        daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))
        self.wait_tried()
        daemon.kill()
        self.replace_manager()
        self.rig.start()
        self.check_forwarded()


if __name__ == "__main__":
    unittest.main()
