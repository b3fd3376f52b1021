"""test_real_mail_servers.py - Postfix with Dovecot, and Exim, as a council has them: a login under
STARTTLS, mailboxes that are read back, recipients that are refused, a mail that comes back and is
piped to `concernctl bounce` by the lines of its manual page, as the user and into the socket that
sysusers.d and tmpfiles.d make.

CONCERN_LONG=1 runs it, as root: the packages are fetched by apt and installed into a copy of this
system that is in memory only (an overlay), in namespaces of its own - mounts, processes, and a
network that has a loopback and nothing else.  All of it ends with the namespaces' first process.
"""
import email
import email.policy
import imaplib
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import textwrap
import unittest

from aiosmtpd.controller import Controller

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import CONCERNCTL, PASSWORD, SOURCE, USER, Rig, raised, wait_for  # noqa: E402

INSIDE = "--inside"
LONG = os.environ.get("CONCERN_LONG")
MANAGER, OTHER = "asc-manager@asc.northtown.example", "housing-manager@housing.northtown.example"
OPERATOR, SENDER = "operator@board.example", "concernd@board.example"
BOUNCES = "bounces@concern.board.example"
DOMAINS = ["asc.northtown.example", "housing.northtown.example", "board.example",
           "concern.board.example"]
BOXES = [MANAGER, OTHER, OPERATOR, SENDER, BOUNCES, "unit@board.example"]
PACKAGES = {"Postfix": ["postfix", "dovecot-core", "dovecot-imapd"],
            "Exim": ["exim4-daemon-light"]}


# --- a machine of its own

class Machine:
    """This system, with a mail server installed that nobody outside sees."""

    def __init__(self, folder, packages):
        self.folder = folder
        self.root = folder / "root/all"
        for command in (["ip", "link", "set", "lo", "up"],
                        ["mount", "-t", "tmpfs", "tmpfs", folder / "root"]):
            subprocess.run(command, check=True)
        for name in ("upper", "work", "all"):
            (folder / "root" / name).mkdir()
        layers = f"lowerdir=/,upperdir={folder}/root/upper,workdir={folder}/root/work"
        for command in (["-t", "overlay", "overlay", "-o", layers, self.root],
                        ["-t", "proc", "proc", self.root / "proc"],
                        ["--bind", "/dev", self.root / "dev"],
                        ["-t", "tmpfs", "tmpfs", self.root / "run"],
                        ["-t", "tmpfs", "tmpfs", self.root / "tmp"]):
            subprocess.run(["mount", *command], check=True)
        self.write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)  # nothing is started
        shutil.copytree(packages, self.root / "tmp/packages")
        # Triggers make the index of manual pages anew, which takes longer than all the rest.
        self.run("dpkg", "--no-triggers", "-i", "-R", "/tmp/packages")
        self.run("ldconfig")
        self.run("groupadd", "-g", "5000", "boxes")
        self.run("useradd", "-u", "5000", "-g", "5000", "-M", "boxes")

    def write(self, path, text, mode=0o644):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        path.chmod(mode)

    def install_concernctl(self):
        """And whom and what the pipe needs: made by what is shipped for it."""
        shutil.copy(CONCERNCTL, self.root / "usr/bin/concernctl")
        (self.root / "usr/bin/concernctl").chmod(0o755)
        for program, kind in (("sysusers", "sysusers.d"), ("tmpfiles", "tmpfiles.d")):
            path = f"/usr/lib/{kind}/concernd.conf"
            self.write(path[1:], (SOURCE / "systemd" / kind / "concernd.conf").read_text())
            self.run(f"systemd-{program}", *(["--create"] if program == "tmpfiles" else []), path)

    def run(self, *command):
        """What it says. A daemon keeps what it was given as output: so that is a file, which nobody
        waits for."""
        with tempfile.TemporaryFile("w+") as said:
            code = subprocess.run(
                ["chroot", self.root, *command], stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                check=False, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                                  "DEBIAN_FRONTEND": "noninteractive"}).returncode
            said.seek(0)
            if code != 0:
                raise AssertionError(f"{command}: {code}\n{said.read()}")
            return said.read()


def manual(beginning):
    """The lines of concernctl(1) that are to be copied, of the block that begins so."""
    page = (SOURCE / "clients/concernctl/concernctl.1.scd").read_text()
    return next(block for block in re.findall(r"^```\n(.*?)^```\n", page, re.S | re.M)
                if block.startswith(beginning))


class Refusing:
    """The next server, behind ours."""

    async def handle_RCPT(self, server, session, envelope, address, options):
        return "550 5.1.1 nobody of that name"


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class MailServer(unittest.TestCase):
    """What holds for each; `machine` is the program's, one for all tests."""

    machine = None

    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        for name in ("tls.crt", "tls.key"):
            shutil.copy(self.rig.folder / name, self.machine.root / "etc" / name)
            (self.machine.root / "etc" / name).chmod(0o644)
        self.forget()
        self.begin()
        self.addCleanup(self.stop)
        wait_for(lambda: listens(587), "the mail server listens")
        self.write_settings()

    def write_settings(self, **mail):
        self.rig.write_settings(mail={
            "url": "smtp://localhost:587", "user": USER, "ca": "tls.crt", "from": SENDER,
            "password_file": "secrets/mail-password", **mail})

    def route(self, person, *routes):
        path = self.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        directory["people"][person]["routes"] = list(routes)
        path.write_text(json.dumps(directory))

    def rows(self, state):
        return [row for row in self.rig.rows("outbox", "--state", state) if row["reference"]]

    def sent_bytes(self):
        """{delivery: bytes}, as the outbox has them."""
        with self.rig.store() as store:
            return {row["id"]: bytes(row["bytes"])
                    for row in store.execute("SELECT id, bytes FROM outbox")}

    def check_received(self, content, row):
        """What was sent stands at the end, byte by byte, below what the server put on top."""
        sent = self.sent_bytes()[row["id"]]
        self.assertTrue(content.endswith(sent), f"altered:\n{content}\n{sent}")
        mail = email.message_from_bytes(content, policy=email.policy.default)
        self.assertEqual(mail.defects, [])
        self.assertIn(row["id"], mail["Message-ID"])
        self.assertEqual(mail["Auto-Submitted"], "auto-generated")
        return mail

    def next_server(self):
        server = Controller(Refusing(), hostname="127.0.0.1", port=2626,
                            server_hostname="localhost")
        self.addCleanup(lambda: server.loop.is_closed() or server.stop())
        return server

    def check_pipe(self):
        """Accepted by our server, refused by the next one; what our server makes of it it pipes.  The
        daemon is away meanwhile: the report is kept and brought again."""
        path = self.machine.root / "run/concernd-bounce/socket"
        self.rig.write_settings(bounce_socket=str(path))
        self.write_settings(bounces=BOUNCES)
        self.route("asc-manager", "email:gone@elsewhere.example")
        daemon = self.rig.start()
        self.assertEqual(path.stat().st_gid, path.parent.stat().st_gid)
        self.assertNotEqual(path.stat().st_gid, os.getegid())
        self.rig.client().publish(raised("D-1"))
        row = wait_for(lambda: len(self.rows("accepted")) == 2 and
                       [row for row in self.rows("accepted") if row["person"] == "asc-manager"],
                       "our server takes both")[0]
        self.assertEqual(daemon.stop(), 0)
        server = self.next_server()
        server.start()

        def is_reported():
            self.flush()
            return self.has_report()
        wait_for(is_reported, "our server reports what the next one refuses", pause=1)
        why = wait_for(self.waiting, "the report is kept by our server", pause=1)
        self.assertIn("cannot reach concernd at /run/concernd-bounce/socket: No such file", why)

        self.rig.start()

        def is_refused():
            self.flush()
            return self.rows("refused")
        refused = wait_for(is_refused, "the report is brought again", pause=1)[0]
        self.assertEqual(refused["id"], row["id"])
        self.assertEqual(refused["last"]["detail"], "came back: 550 5.1.1 "
                         "(bad destination mailbox address) nobody of that name")
        wait_for(lambda: any(b"came back" in told for told in self.box(OPERATOR)),
                 "the operator is told of what came back")
        wait_for(lambda: not self.queue(), "nothing is left over", pause=1)
        self.assertEqual(self.box(SENDER) + self.box(BOUNCES), [])

    # the tests

    def test_arrives_byte_by_byte(self):
        self.rig.start()
        self.rig.client().publish(raised("D-1"))
        rows = wait_for(lambda: len(self.rows("accepted")) == 2 and self.rows("accepted"),
                        "both are accepted")
        for row in rows:
            self.assertEqual(row["last"]["code"], 250)
            self.assertRegex(row["last"]["detail"], self.evidence)
        for address, person in ((MANAGER, "asc-manager"), (OTHER, "housing-manager")):
            contents = wait_for(lambda: self.box(address), f"the mailbox of {person}")
            self.assertEqual(len(contents), 1)
            row = next(row for row in rows if row["person"] == person)
            mail = self.check_received(contents[0], row)
            self.assertEqual(mail["To"], address)
            self.assertIn("board.example", mail["Return-Path"] or SENDER)

    def test_unknown_recipient_is_refused_at_once(self):
        self.route("asc-manager", "email:nobody@asc.northtown.example")
        self.rig.start()
        self.rig.client().publish(raised("D-1"))
        rows = wait_for(lambda: self.rows("refused"), "it is refused")
        self.assertEqual((rows[0]["person"], rows[0]["last"]["code"], rows[0]["attempts"]),
                         ("asc-manager", 550, 1))
        self.assertNotIn("@", rows[0]["last"]["detail"])
        told = wait_for(lambda: self.box(OPERATOR), "the operator is told")
        self.assertIn(b"D-1", told[0])

    def test_wrong_password_is_the_operators_matter(self):
        self.rig.write_secret("mail-password", "a wrong one")
        daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))
        daemon.wait_said("a setting keeps notifications from going out")
        rows = wait_for(lambda: [row for row in self.rows("queued") if row.get("last")], "a try")
        self.assertEqual(rows[0]["last"]["code"], 535)
        self.rig.write_secret("mail-password", PASSWORD)
        daemon.signal(1)
        wait_for(lambda: len(self.rows("accepted")) == 2, "it goes out")
        self.assertEqual(len(wait_for(lambda: self.box(MANAGER), "it arrives")), 1)

    def test_server_that_is_stopped_gets_each_once_when_it_is_back(self):
        self.stop()
        wait_for(lambda: not listens(587), "nobody listens")
        self.rig.start()
        self.rig.client().publish(raised("D-1"))
        wait_for(lambda: len([row for row in self.rows("queued") if row.get("last")]) == 2, "tries")
        self.begin()
        wait_for(lambda: len(self.rows("accepted")) == 2, "they go out")
        for address in (MANAGER, OTHER):
            self.assertEqual(len(wait_for(lambda: self.box(address), "it arrives")), 1)


class PostfixServer(MailServer):
    evidence = r"2\.0\.0 Ok: queued as"

    MAIN = f"""\
        compatibility_level = 3.6
        myhostname = mail.northtown.example
        mydestination =
        inet_interfaces = loopback-only
        inet_protocols = ipv4
        maillog_file = /var/log/mail.log
        smtpd_tls_cert_file = /etc/tls.crt
        smtpd_tls_key_file = /etc/tls.key
        smtpd_tls_security_level = encrypt
        smtpd_tls_auth_only = yes
        smtpd_sasl_auth_enable = yes
        smtpd_sasl_type = dovecot
        smtpd_sasl_path = private/auth
        smtpd_recipient_restrictions = reject_unlisted_recipient permit_sasl_authenticated reject
        virtual_mailbox_domains = {" ".join(DOMAINS)}
        virtual_mailbox_base = /var/boxes
        virtual_mailbox_maps = texthash:/etc/postfix/boxes
        virtual_uid_maps = static:5000
        virtual_gid_maps = static:5000
        recipient_delimiter = +
        relay_domains = elsewhere.example
        transport_maps = texthash:/etc/postfix/transport
        smtp_tls_security_level = none
        """
    DOVECOT = """\
        protocols = imap
        listen = 127.0.0.1
        ssl = required
        ssl_cert = </etc/tls.crt
        ssl_key = </etc/tls.key
        auth_mechanisms = plain login
        passdb {
          driver = passwd-file
          args = /etc/dovecot/users
        }
        userdb {
          driver = static
          args = uid=5000 gid=5000 home=/var/boxes/%u mail=maildir:/var/boxes/%u
        }
        service auth {
          unix_listener /var/spool/postfix/private/auth {
            mode = 0660
            user = postfix
            group = postfix
          }
        }
        """

    def begin(self, main="", master=""):
        """`main` is of lines that stand for those of the same name above; `master` of more."""
        machine = self.machine
        said = {line.split(" = ")[0] for line in main.splitlines()}
        kept = [line for line in textwrap.dedent(self.MAIN).splitlines(True)
                if re.split(" =", line)[0] not in said]
        machine.write("etc/postfix/main.cf", "".join(kept) + main)
        shipped = machine.root / "etc/postfix/master.cf.dist"
        machine.write("etc/postfix/boxes", "".join(f"{box} {box}/\n" for box in BOXES))
        if not main:
            machine.write("etc/postfix/transport", "elsewhere.example smtp:[127.0.0.1]:2626\n")
        machine.write("etc/dovecot/dovecot.conf", self.DOVECOT)
        machine.write("etc/dovecot/users", "".join(f"{who}:{{PLAIN}}{PASSWORD}\n"
                                                   for who in (USER, *BOXES)))
        if not shipped.exists():
            shutil.copy(machine.root / "etc/postfix/master.cf", shipped)
        text = shipped.read_text().replace("smtp      inet", "587       inet", 1)
        machine.write("etc/postfix/master.cf", text + master)
        machine.run("dovecot")
        machine.run("postfix", "start")

    def stop(self):
        for command in (["postfix", "stop"], ["doveadm", "stop"], ["postsuper", "-d", "ALL"]):
            try:
                self.machine.run(*command)
            except AssertionError:
                pass  # it was stopped

    def forget(self):
        shutil.rmtree(self.machine.root / "var/boxes", ignore_errors=True)
        (self.machine.root / "var/boxes").mkdir()
        os.chown(self.machine.root / "var/boxes", 5000, 5000)

    def box(self, address):
        """The mails of a mailbox, over IMAP."""
        context = ssl.create_default_context(cafile=str(self.rig.folder / "tls.crt"))
        with imaplib.IMAP4_SSL("localhost", 993, ssl_context=context) as reader:
            reader.login(address, PASSWORD)
            reader.select("INBOX", readonly=True)
            numbers = reader.search(None, "ALL")[1][0].split()
            return [reader.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in numbers]

    def flush(self):
        self.machine.run("postqueue", "-f")

    def queue(self):
        return [json.loads(line) for line in self.machine.run("postqueue", "-j").splitlines()]

    def has_report(self):
        return any(mail["sender"] == "MAILER-DAEMON" for mail in self.queue())

    def waiting(self):
        return next((recipient["delay_reason"] for mail in self.queue()
                     for recipient in mail["recipients"]
                     if recipient["address"].startswith("bounces+") and
                     "delay_reason" in recipient), None)

    def begin_with(self, main, master=""):
        self.stop()
        wait_for(lambda: not listens(587), "nobody listens")
        ours = " ".join(domain for domain in DOMAINS if not domain.startswith("concern."))
        self.begin(f"virtual_mailbox_domains = {ours}\n{main}", master)
        wait_for(lambda: listens(587), "the mail server listens")

    def test_what_comes_back_is_piped_by_a_transport(self):
        self.machine.install_concernctl()
        self.machine.write("etc/postfix/transport", manual("concern.board.example   concernd:") +
                           "elsewhere.example smtp:[127.0.0.1]:2626\n")
        self.machine.run("postmap", "/etc/postfix/transport")
        self.begin_with(manual("recipient_delimiter"), manual("concernd  unix"))
        self.check_pipe()

    def test_what_comes_back_is_piped_by_an_alias(self):
        self.machine.install_concernctl()
        self.machine.write("etc/postfix/aliases-concernd", manual("bounces "))
        self.machine.run("chown", "concernd-bounce:", "/etc/postfix/aliases-concernd")
        self.begin_with("mydestination = concern.board.example\n"
                        "alias_maps = texthash:/etc/postfix/aliases-concernd\n")
        self.check_pipe()

    def test_what_comes_back_comes_to_the_sender(self):
        """Accepted by our server, and then refused by the next one: a report, by RFC 3464."""
        self.next_server().start()
        self.route("asc-manager", "email:gone@elsewhere.example")
        self.write_settings(bounces=BOUNCES)
        self.rig.start()
        self.rig.client().publish(raised("D-1"))
        row = wait_for(lambda: [row for row in self.rows("accepted")
                                if row["person"] == "asc-manager"], "our server takes it")[0]
        report = wait_for(lambda: self.box(BOUNCES), "the report comes")[0]
        mail = email.message_from_bytes(report, policy=email.policy.default)
        self.assertEqual(mail.get_content_type(), "multipart/report")
        self.assertEqual(mail.get_param("report-type"), "delivery-status")
        self.assertIn(row["id"].lower(), mail["To"])
        done = self.rig.ctl("bounce", "--recipient", mail["To"], stdin=report.decode())
        self.assertIn(f"delivery {row['id']}, failed: came back", done.stdout)
        row = wait_for(lambda: self.rows("refused"), "the delivery counts as refused")[0]
        self.assertRegex(row["last"]["detail"], r"^came back: (550 )?5\.1\.1 \(bad destination")
        wait_for(lambda: any(b"came back" in told for told in self.box(OPERATOR)),
                 "the operator is told of what came back")


class EximServer(MailServer):
    evidence = r"250 OK \.\.\.$"

    CONFIGURATION = f"""\
        primary_hostname = mail.northtown.example
        domainlist ours = {" : ".join(DOMAINS)}
        daemon_smtp_ports = 587
        local_interfaces = 127.0.0.1
        disable_ipv6 = true
        host_lookup =
        rfc1413_query_timeout = 0s
        tls_advertise_hosts = *
        tls_certificate = /etc/tls.crt
        tls_privatekey = /etc/tls.key
        auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
        acl_smtp_rcpt = rcpt
        acl_smtp_data = accept
        begin acl
        rcpt:
          deny !authenticated = *
          require verify = recipient
          accept
        begin routers
        ROUTERS
        boxes:
          driver = accept
          domains = +ours
          address_data = ${{lookup{{$local_part@$domain}}lsearch{{/etc/exim4/boxes}}{{$value}}fail}}
          transport = maildir
        begin transports
        TRANSPORTS
        maildir:
          driver = appendfile
          maildir_format = true
          directory = /var/boxes/$address_data
          create_directory = true
          return_path_add = true
          user = 5000
          group = 5000
        begin authenticators
        plain:
          driver = plaintext
          public_name = PLAIN
          server_prompts = :
          server_condition = ${{if and{{{{eq{{$auth2}}{{{USER}}}}}{{eq{{$auth3}}{{{PASSWORD}}}}}}}}}
          server_set_id = $auth2
        begin retry
        * * F,2h,1m
        """
    ELSEWHERE = ("""\
elsewhere:
  driver = manualroute
  domains = elsewhere.example
  route_list = * 127.0.0.1
  self = send
  transport = elsewhere
""", """\
elsewhere:
  driver = smtp
  port = 2626
  allow_localhost
""")

    def begin(self, router="", transport=""):
        text = textwrap.dedent(self.CONFIGURATION)
        text = text.replace("ROUTERS\n", router).replace("TRANSPORTS\n", transport)
        self.machine.write("etc/exim4/exim4.conf", text)
        self.machine.write("etc/exim4/boxes", "".join(f"{box}: {box}\n" for box in BOXES))
        (self.machine.root / "run/exim4").mkdir(exist_ok=True)
        self.machine.run("chown", "-R", "Debian-exim:Debian-exim", "/run/exim4", "/var/spool/exim4",
                         "/var/log/exim4")
        self.process = subprocess.Popen(["chroot", self.machine.root, "exim4", "-bdf", "-q1m"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.terminate()
        self.process.wait()

    forget = PostfixServer.forget

    def flush(self):
        self.machine.run("exim4", "-qff")

    def queue(self):
        return self.machine.run("exim4", "-bp").split()

    def has_report(self):
        return "<>" in self.queue()

    def waiting(self):
        log = (self.machine.root / "var/log/exim4/mainlog").read_text()
        found = re.search(r" == bounces\S* .*T=concernd_bounces defer .*", log)
        said = re.search(r"concernctl: cannot reach .*", log)
        return found and said and said[0]

    def test_what_comes_back_is_piped_by_a_transport(self):
        self.machine.install_concernctl()
        self.stop()
        wait_for(lambda: not listens(587), "nobody listens")
        router, transport = re.split(r"\n\n", manual("concernd_bounces:"))
        self.begin(f"{router}\n{self.ELSEWHERE[0]}", transport + self.ELSEWHERE[1])
        wait_for(lambda: listens(587), "the mail server listens")
        self.check_pipe()

    def box(self, address):
        """The mails of a mailbox, from its files, which have the line ends of this system."""
        return [path.read_bytes().replace(b"\n", b"\r\n")
                for path in (self.machine.root / "var/boxes" / address / "new").glob("*")]


# --- outside

@unittest.skipUnless(LONG, "a long test: CONCERN_LONG=1 runs it, as root; it fetches packages")
class RealMailServers(unittest.TestCase):
    def run_inside(self, name):
        self.assertEqual(os.geteuid(), 0, "this needs root: it makes namespaces and mounts")
        folder = pathlib.Path(tempfile.mkdtemp(prefix="concern machine ", dir="/tmp"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        (folder / "packages/partial").mkdir(parents=True)
        (folder / "root").mkdir()
        subprocess.run(["apt-get", "-q", "-y", "--no-install-recommends", "--download-only",
                        "-o", "Debug::NoLocking=1", "-o", f"Dir::Cache::archives={folder}/packages",
                        "install", *PACKAGES[name]], check=True, stdout=subprocess.DEVNULL)
        # The first process of the namespace is the test: whatever it leaves behind ends with it.
        done = subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc",
                               "--kill-child", sys.executable, __file__, INSIDE, name, folder],
                              timeout=800, check=False)
        self.assertEqual(done.returncode, 0)

    def test_postfix_and_dovecot(self):
        self.run_inside("Postfix")

    def test_exim(self):
        self.run_inside("Exim")


def load_tests(loader, _, __):
    """Outside, only what makes the inside."""
    return loader.loadTestsFromTestCase(RealMailServers)


def main_inside(name, folder):
    MailServer.machine = Machine(pathlib.Path(folder), pathlib.Path(folder) / "packages")
    case = {"Postfix": PostfixServer, "Exim": EximServer}[name]
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(case)
    done = unittest.TextTestRunner(verbosity=2).run(suite)
    sys.exit(0 if done.wasSuccessful() and done.testsRun else 1)


if __name__ == "__main__":
    if sys.argv[1:2] == [INSIDE]:
        main_inside(*sys.argv[2:])
    unittest.main(verbosity=2)
