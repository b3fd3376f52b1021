"""concernctl check: finds what is wrong in each kind of file, with its place."""
import base64
import json
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import tempfile
import unittest

CONCERNCTL = pathlib.Path(os.environ["CONCERN_BUILD"]) / "clients/concernctl/concernctl"
CONFIG = pathlib.Path(os.environ["CONCERN_SOURCE"]) / "config"


def check(*arguments, user=None):
    clean = {key: value for key, value in os.environ.items()
             if not key.startswith("CONCERN_") and not key.endswith("_DIRECTORY")}
    return subprocess.run([CONCERNCTL, "check", *map(str, arguments)], text=True,
                          capture_output=True, env=clean, timeout=300, check=False, user=user)


class CheckTest(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="concern test ")
        self.config = pathlib.Path(self.scratch.name) / "the config"
        shutil.copytree(CONFIG, self.config)
        shutil.copy(self.config / "directory.example.yaml", self.config / "directory.yaml")
        # As installed elsewhere: procedures, calendars and templates lie beside the settings.
        with open(self.config / "concernd.yaml", "a", encoding="utf-8") as settings:
            settings.write(f'\ndata: "{self.config}"\n')
        self.secret = self.config / "secrets/northtown-las"
        self.secret.parent.mkdir(mode=0o700)
        self.secret.write_text("whsec_" + base64.b64encode(bytes(range(32))).decode() + "\n")
        self.secret.chmod(0o600)

    def tearDown(self):
        self.scratch.cleanup()

    def spoil(self, name, old, new):
        path = self.config / name
        text = path.read_text(encoding="utf-8")
        self.assertIn(old, text)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path, text[:text.index(old)].count("\n") + 1

    def test_shipped_files_are_good(self):
        done = check(self.config)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("no error", done.stdout)
        for name in ("procedures", "calendars", "templates", "concernd.yaml",
                     "procedures/plcsab-adults.yaml"):
            done = check(self.config / name)
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)

    def test_each_kind_of_fault_has_its_place(self):
        rows = [
            ("procedures/plcsab-adults.yaml", "handlers: [line_manager]",
             "handlers: [line_manger]", "did you mean `line_manager`"),
            ("procedures/plcsab-adults.yaml", "limit: 5 working days", "limit: 5 wroking days",
             "wroking"),
            ("calendars/england-and-wales.yaml", "known_until:", "known_untill:", "known_until"),
            ("templates/mail.txt", "{{", "{{nobody_knows_this}}{{", "nobody_knows_this"),
            ("directory.yaml", "    kind: statutory", "    kind: statuary", "statutory"),
            ("concernd.yaml", "# listen: tcp://*:5570", "listne: tcp://*:5570", "listen"),
        ]
        for name, old, new, words in rows:
            with self.subTest(new):
                before = (self.config / name).read_bytes()
                path, line = self.spoil(name, old, new)
                for arguments in ([path], [self.config]):
                    done = check(*arguments)
                    self.assertEqual((done.returncode, done.stdout), (1, ""), arguments)
                    self.assertIn(f"{path}:{line}:", done.stderr)
                    self.assertIn(words, done.stderr)
                path.write_bytes(before)

    def test_a_procedure_alone_is_checked_with_its_calendar_and_zone(self):
        name = "procedures/plcsab-adults.yaml"
        for old, new, words in (
                ("calendar: england-and-wales", "calendar: england-and-wale", "england-and-wale"),
                ("calendar: england-and-wales", "calendar: england-and-wales\n"
                 "time_zone: Europe/Londn", "Europe/Londn")):
            with self.subTest(new):
                before = (self.config / name).read_bytes()
                path, line = self.spoil(name, old, new)
                done = check(path)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn(f"{path}:{line + new.count(chr(10))}:", done.stderr)
                self.assertIn(words, done.stderr)
                path.write_bytes(before)
        late = check("--today", "2028-12-20T10:00:00Z", self.config / name)
        self.assertEqual(late.returncode, 0)
        self.assertIn("is known until 2028-12-31", late.stderr)
        early = check("--today", "2019-12-20T10:00:00Z", self.config / name)
        self.assertIn("is known from 20", early.stderr)

    def test_a_secret_that_cannot_be_used_is_told_where_it_is_named(self):
        directory = self.config / "directory.yaml"
        folder = self.secret.parent
        spoilt = {"open": "can be read by others (chmod 600)",
                  "short": "is not whsec_ and base64 of 24 to 64 bytes",
                  "empty": "is empty, or too long (one line of 1 to 511 characters)",
                  "nowhere": "is not there (a file with the secret, chmod 600)",
                  "linked": "is a link (a secret is a file itself)",
                  "folder": "is no regular file"}
        text = directory.read_text()
        line = text[:text.index("  northtown-las: {")].count("\n") + 1
        directory.write_text(text.replace("  northtown-las: {", "".join(
            f"  {name}: {{kind: webhook, url: \"https://a.example/\", secret: {name}}}\n"
            for name in spoilt) + "  northtown-las: {"))
        shutil.copy(self.secret, folder / "open")
        (folder / "open").chmod(0o640)
        for name, content in (("short", "whsec_dG9vIHNob3J0"), ("empty", "\n")):
            (folder / name).write_text(content)
            (folder / name).chmod(0o600)
        (folder / "linked").symlink_to(self.secret)
        (folder / "folder").mkdir(mode=0o700)
        done = check(self.config)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        for at, (name, words) in enumerate(spoilt.items(), line):
            self.assertRegex(done.stderr, f"(?m)^{re.escape(str(directory))}:{at}:[0-9]+: "
                             + re.escape(f"the secret {folder / name} {words}") + "$")
        self.assertNotIn(str(self.secret), done.stderr)
        self.assertNotIn("dG9v", done.stderr)

    def test_what_may_not_be_read_is_warned_of(self):
        """Root sees all: this is for whoever is not."""
        if os.geteuid() == 0:
            for path in (pathlib.Path(self.scratch.name), self.config):
                path.chmod(0o755)
            said = check(self.config, user=pwd.getpwnam("nobody").pw_uid)
        else:
            self.secret.chmod(0)
            said = check(self.config)
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertIn(f"warning: the secret {self.secret} was not looked at", said.stderr)

    def test_secrets_of_the_settings_are_told_where_they_are_named(self):
        settings = self.config / "concernd.yaml"
        lines = ["mail:", "  url: smtp://h:587", "  from: a@b.example", "  user: u",
                 "  password_file: nothing", "  certificate: directory.yaml",
                 "  key_file: secrets/northtown-las", "feeds:", "- name: f",
                 "  endpoint: tcp://h:1", f"  server_key: \"{'a' * 40}\"",
                 "  secret_key: secrets/northtown-las", "  sources: [urn:a]"]
        text = settings.read_text()
        settings.write_text(text + "\n".join(lines) + "\n")
        done = check(self.config)
        self.assertEqual(done.returncode, 1)
        for line, words in (
                (5, f"the secret {self.config}/nothing is not there"),
                (6, f"{self.config}/directory.yaml holds no certificate (PEM)"),
                (12, f"the secret {self.secret} holds no CURVE secret key")):
            self.assertRegex(done.stderr, f"(?m)^{re.escape(str(settings))}:"
                             f"{text.count(chr(10)) + line}:[0-9]+: {re.escape(words)}")
        # Of its usual name.
        settings.write_text(text + "\n".join(lines[:4]) + "\n")
        done = check(self.config)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{settings}:{text.count(chr(10)) + 4}:", done.stderr)
        self.assertIn(f"the secret {self.config}/secrets/mail-password is not there", done.stderr)

    def test_a_role_of_which_nobody_is_there_is_warned_of(self):
        path = self.config / "directory.yaml"
        text = path.read_text()
        for person, until in (("p.lewis", "2027-03-02"), ("s.hughes", "2027-03-01"),
                              ("plcsab-unit", "2027-03-01")):
            text = text.replace(f"  {person}:\n", f"  {person}:\n    away: {{until: {until}}}\n")
        path.write_text(text)
        done = check("--today", "2027-02-28T12:00:00Z", self.config)
        self.assertEqual(done.returncode, 0)
        for words in ("the role `line_manager` of `northtown-asc` is there: `p.lewis` is away, and "
                      "so is the deputy",
                      "the role `head_of_service` of `northtown-asc` is there: `s.hughes` is away, "
                      "and has no deputy",
                      "the role `board_team` of `plcsab` is there"):
            self.assertRegex(done.stderr, re.escape(str(path)) + ":[0-9]+:3: warning: nobody of "
                             + re.escape(words))
        # The deputy is back.
        self.assertNotIn("is there", check("--today", "2027-03-01T00:00:00Z", self.config).stderr)

    def test_json(self):
        path, line = self.spoil("directory.yaml", "    kind: statutory", "    kind: statuary")
        done = check("--json", path)
        self.assertEqual(done.returncode, 1)
        rows = [json.loads(row) for row in done.stdout.splitlines()]
        self.assertEqual(rows[0]["file"], str(path))
        self.assertEqual((rows[0]["line"], rows[0]["severity"]), (line, "error"))

    def test_several_faults_are_all_told(self):
        self.spoil("directory.yaml", "    kind: statutory", "    kind: statuary")
        self.spoil("concernd.yaml", "# listen: tcp://*:5570", "listen: nowhere")
        first, _ = self.spoil("procedures/plcsab-adults.yaml", "limit: 5 working days",
                              "limit: 5 wroking days")
        done = check(self.config / "directory.yaml", self.config / "concernd.yaml", first)
        self.assertEqual(done.returncode, 1)
        for name in ("directory.yaml:", "concernd.yaml:", "plcsab-adults.yaml:"):
            self.assertIn(name, done.stderr)

    def test_what_is_not_there(self):
        for path in (self.config / "nothing.yaml", self.config / "nothing"):
            done = check(path)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"{path}: No such file", done.stderr)

    def test_no_yaml_and_no_text(self):
        path = self.config / "broken.yaml"
        path.write_bytes(b"procedure: [\n")
        done = check(path)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{path}:", done.stderr)
        path.write_bytes(bytes(range(256)))
        self.assertEqual(check(path).returncode, 1)
        path.write_bytes(b"")
        self.assertEqual(check(path).returncode, 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
