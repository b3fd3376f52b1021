"""test_client_certificates.py - servers that want to see who connects: a mail server and a webhook
receiver that take only a client certificate of their own authority, with TLS 1.2 and 1.3.
"""
import json
import pathlib
import ssl
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import Rig, raised, wait_for  # noqa: E402

MANAGER = "asc-manager@asc.northtown.example"
REMEDY = "the server wants another certificate of us (set certificate and key)"


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def make_pair(folder, name, authority=None):
    """NAME.crt and NAME.key: signed by an authority, or by itself."""
    subject = ["-subj", f"/CN=invented {name}"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    key, certificate = folder / f"{name}.key", folder / f"{name}.crt"
    if not authority:
        openssl("req", "-x509", "-days", "2", *curve, *subject, "-keyout", key, "-out", certificate)
    else:
        openssl("req", *curve, *subject, "-keyout", key, "-out", folder / "request")
        openssl("x509", "-req", "-days", "2", "-in", folder / "request", "-CAcreateserial",
                "-CA", folder / f"{authority}.crt", "-CAkey", folder / f"{authority}.key",
                "-out", certificate)
    key.chmod(0o600)


class ClientCertificates(unittest.TestCase):
    def setUp(self):
        self.rig = Rig(webhook=True)
        self.addCleanup(self.rig.close)
        for name, authority in (("authority", None), ("own", "authority"), ("stranger", None)):
            make_pair(self.rig.folder, name, authority)
        (self.rig.folder / "own.key").rename(self.rig.folder / "secrets/own-key")
        (self.rig.folder / "stranger.key").rename(self.rig.folder / "secrets/stranger-key")
        self.rig.write_settings()
        self.mail = json.loads(self.rig.config.read_text())["mail"]
        self.directory = json.loads((self.rig.folder / "directory.yaml").read_text())

    def demand(self, context, version):
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(self.rig.folder / "authority.crt")
        context.minimum_version = context.maximum_version = version

    def show_to_mail(self, name):
        own = {"certificate": f"{name}.crt", "key_file": f"secrets/{name}-key"} if name else {}
        self.rig.write_settings(mail=dict(self.mail, **own))

    def show_to_webhook(self, name):
        endpoint = dict(self.directory["endpoints"]["housing-system"])
        if name:
            endpoint.update(certificate=f"{name}.crt", key=f"{name}-key")
        self.directory["endpoints"]["housing-system"] = endpoint
        (self.rig.folder / "directory.yaml").write_text(json.dumps(self.directory))

    def row(self, person):
        return next((row for row in self.rig.outbox() if row["person"] == person), None)

    def wait_refused(self, person, attempts):
        row = wait_for(lambda: (row := self.row(person)) and row["attempts"] > attempts and row,
                       f"{person}: a try after {attempts} has failed")
        self.assertEqual(row["state"], "queued")
        self.assertIn(REMEDY, row["last"]["detail"])
        return row["attempts"]

    def reload(self, daemon):
        daemon.signal(1)

    def check(self, version, show, person, arrived):
        show(None)
        daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))
        attempts = self.wait_refused(person, 0)
        daemon.wait_said("a setting keeps notifications from going out")
        show("stranger")
        self.reload(daemon)
        self.wait_refused(person, attempts)
        self.assertFalse(arrived())
        show("own")
        self.reload(daemon)
        wait_for(arrived, "it arrives with the right certificate")
        wait_for(lambda: not self.row(person), "it is accepted")
        self.assertEqual(daemon.stop(), 0)

    def check_mail(self, version):
        self.demand(self.rig.mail.tls, version)
        self.check(version, self.show_to_mail, "asc-manager", lambda: self.rig.mail.to(MANAGER))

    def check_webhook(self, version):
        self.demand(self.rig.receiver.server.socket.context, version)
        self.check(version, self.show_to_webhook, "system:housing-system",
                   lambda: self.rig.receiver.taken)

    def test_mail_server_with_tls_1_3(self):
        self.check_mail(ssl.TLSVersion.TLSv1_3)

    def test_mail_server_with_tls_1_2(self):
        self.check_mail(ssl.TLSVersion.TLSv1_2)

    def test_webhook_with_tls_1_3(self):
        self.check_webhook(ssl.TLSVersion.TLSv1_3)

    def test_webhook_with_tls_1_2(self):
        self.check_webhook(ssl.TLSVersion.TLSv1_2)

    def test_a_pair_that_cannot_be_used_is_told_at_the_start(self):
        key = self.rig.folder / "secrets/own-key"
        secrets = "secrets/own-key"
        rows = [
            ({"certificate": "own.crt", "key_file": "secrets/stranger-key"},
             "is not that of the certificate"),
            ({"certificate": "none.crt", "key_file": secrets}, "cannot open the certificate"),
            ({"certificate": "own.crt"}, "secrets/mail-key"),
            ({"certificate": "secrets/own-key", "key_file": secrets}, "holds no certificate"),
            ({"certificate": "own.crt", "key_file": "secrets/mail-password"}, "holds no key"),
            ({"key_file": secrets}, "a key without a certificate"),
        ]
        for own, words in rows:
            with self.subTest(words):
                self.rig.write_settings(mail=dict(self.mail, **own))
                daemon = self.rig.daemon()
                self.assertEqual(daemon.wait(), 1)
                self.assertIn(words, daemon.said())
                self.assertNotIn("PRIVATE KEY", daemon.said())
        key.chmod(0o644)
        self.show_to_mail("own")
        daemon = self.rig.daemon()
        self.assertEqual(daemon.wait(), 1)
        self.assertIn("can be read by others", daemon.said())
        self.show_to_mail(None)
        self.show_to_webhook("own")
        daemon = self.rig.daemon()
        self.assertEqual(daemon.wait(), 1)
        self.assertIn("can be read by others", daemon.said())
        key.chmod(0o600)
        self.directory["endpoints"]["housing-system"].pop("key")
        (self.rig.folder / "directory.yaml").write_text(json.dumps(self.directory))
        done = self.rig.ctl("check", self.rig.config, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("`certificate` and `key` go together", done.stdout + done.stderr)

    def test_the_secret_of_the_usual_name(self):
        """Key and password are found without being written in the settings."""
        self.demand(self.rig.mail.tls, ssl.TLSVersion.TLSv1_3)
        (self.rig.folder / "secrets/own-key").rename(self.rig.folder / "secrets/mail-key")
        mail = dict(self.mail, certificate="own.crt")
        mail.pop("password_file")
        self.rig.write_settings(mail=mail)
        self.rig.start()
        self.rig.client().publish(raised("D-1"))
        wait_for(lambda: self.rig.mail.to(MANAGER), "it arrives")


if __name__ == "__main__":
    unittest.main()
