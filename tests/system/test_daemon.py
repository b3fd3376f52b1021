"""test_daemon.py - the daemon's life: start, ready, reload, stop, and every refusal to start."""
import base64
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import stat
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import Rig, event, raised, record_faults, wait_for  # noqa: E402

PROCEDURE = pathlib.Path(os.environ["CONCERN_SOURCE"]) / "config/procedures/plcsab-adults.yaml"


class DaemonTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)

    def refused(self, *arguments, code=1):
        """Starts a daemon that must refuse; answers what it said."""
        daemon = self.rig.daemon(*arguments)
        self.assertEqual(daemon.wait(), code, daemon.said())
        self.assertNotIn("AddressSanitizer", daemon.said())
        self.assertNotIn("is ready", daemon.said())
        return daemon.said()

    def edit(self, path, before, after):
        text = path.read_text()
        self.assertIn(before, text)
        path.write_text(text.replace(before, after, 1))

    def place_of(self, path, text):
        """line:column of a text in a file, as people count."""
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if text in line:
                return f"{number}:{line.index(text) + 1}"
        raise AssertionError(text)


class Life(DaemonTest):
    def test_ready_is_told_once_everything_is_open(self):
        daemon = self.rig.daemon()
        fields = self.rig.manager.hear("READY=1", alive=daemon.alive)
        self.assertEqual(fields["STATUS"], "running")
        # Whoever was told "ready" finds both doors open at once.
        self.rig.client().publish(raised("D-1"))
        self.assertEqual(self.rig.status()["state"], "running")

    def test_what_is_not_understood_is_nowhere_on_the_disk(self):
        canary = "Zebedee-Invented-Name"
        daemon = self.rig.start()
        client = self.rig.client()
        client.publish(raised("D-1"))
        client.publish(event("risk.changed", "D-1", {"risk": "significant", "about": canary}))
        client.publish(event("something.nobody.declared", "D-1", {"note": canary}))
        known = event("risk.changed", "D-1", {"risk": "none"})
        client.publish(known)
        wrong = event("risk.changed", "D-1", {"risk": "significant", "about": {"who": canary}})
        client.publish(event("correction", "D-1", {
            "supersedes": known["id"], "reason": "mistyped", "event": wrong}))
        shown = self.rig.ctl("history", "D-1", "--json").stdout
        self.assertIn('"risk":"significant"', shown)
        self.assertNotIn(canary, shown + daemon.said())
        daemon.stop()
        for path in self.rig.folder.rglob("*"):
            if path.is_file():
                self.assertNotIn(canary.encode(), path.read_bytes(), path)

    def test_stops_cleanly_in_time(self):
        daemon = self.rig.start()
        client = self.rig.client()
        client.publish(raised("D-1"))
        for number in range(64):
            client.send("EVENT", raised(f"D-{number + 2}"))
        began = time.monotonic()
        daemon.signal(signal.SIGTERM)
        fields = self.rig.manager.hear("STOPPING=1", alive=daemon.alive)
        self.assertEqual(fields["STATUS"], "stopping")
        self.assertEqual(daemon.wait(), 0, daemon.said())
        self.assertLess(time.monotonic() - began, 10)
        answered = []
        while (answer := client.receive(0.2)):
            answered.append(answer)
        acknowledged = [answer for command, _, answer in answered if command == "ACK"]
        with self.rig.store() as store:
            kept = {row["id"] for row in store.execute("SELECT id FROM event")}
            self.assertEqual(record_faults(store), [])
        self.assertLessEqual({answer["id"] for answer in acknowledged}, kept)
        self.assertEqual(self.rig.start().stop(), 0)

    def test_stops_cleanly_with_a_mail_server_that_hangs(self):
        self.rig.mail.stop()
        with socket.socket() as silent:  # accepts and says nothing, ever
            silent.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            silent.bind(("127.0.0.1", self.rig.mail.port))
            silent.listen()
            daemon = self.rig.start()
            self.rig.client().publish(raised("D-1"))
            taken, _ = silent.accept()
            began = time.monotonic()
            self.assertEqual(daemon.stop(), 0)
            self.assertLess(time.monotonic() - began, 10)
            taken.close()
        with self.rig.store() as store:
            states = [row[0] for row in store.execute("SELECT state FROM outbox")]
        self.assertEqual(set(states), {"queued"})

    def test_interrupt_stops_too(self):
        daemon = self.rig.start()
        daemon.signal(signal.SIGINT)
        self.assertEqual(daemon.wait(), 0)

    def test_watchdog_is_fed_in_time_while_idle(self):
        daemon = self.rig.start(WATCHDOG_USEC=4000000)
        times = []
        for _ in range(4):
            self.rig.manager.hear("WATCHDOG=1", alive=daemon.alive)
            times.append(self.rig.manager.heard[self.rig.manager.looked - 1][0])
        gaps = [after - before for before, after in zip(times, times[1:])]
        self.assertLess(max(gaps), 4.0, "fed later than the watchdog's period")
        self.assertGreater(min(gaps), 0.1, "fed with every turn of the loop")

    def test_watchdog_of_another_process_is_not_fed(self):
        self.rig.start(WATCHDOG_USEC=200000, WATCHDOG_PID=1)
        with self.assertRaises(AssertionError):
            self.rig.manager.hear("WATCHDOG=1", patience=0.7)

    def test_idle_daemon_sleeps(self):
        daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))
        self.rig.wait_delivered()

        def used():
            fields = pathlib.Path(f"/proc/{daemon.pid}/stat").read_text().rsplit(")")[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

        before, began = used(), time.monotonic()
        wait_for(lambda: time.monotonic() - began > 1.5, "a while passes")
        self.assertLess(used() - before, 0.5, "an idle daemon spins")

    def test_state_and_socket_are_private(self):
        self.rig.start()
        modes = {name: stat.S_IMODE((self.rig.state / name).stat().st_mode)
                 for name in ("", "concernd.db", "record.head")}
        self.assertEqual(modes, {"": 0o700, "concernd.db": 0o600, "record.head": 0o600})
        control = stat.S_IMODE((self.rig.folder / "run/control").stat().st_mode)
        self.assertEqual(control & 0o007, 0)

    def test_nobody_may_publish_without_a_keyring(self):
        (self.rig.folder / "keyring.yaml").unlink()
        daemon = self.rig.start()
        daemon.wait_said("nobody may publish")
        self.assertIsNone(self.rig.status()["endpoint"])
        self.assertEqual(daemon.stop(), 0)

    def test_second_daemon_on_the_same_state_is_refused(self):
        first = self.rig.start()
        said = self.refused()
        self.assertIn("in use by another concernd", said)
        # ... and has taken nothing from the first.
        self.assertTrue(first.alive())
        self.rig.client().publish(raised("D-1"))

    def test_state_option_goes_before_the_setting(self):
        other = self.rig.folder / "other state"
        self.rig.start("--state", other)
        self.assertTrue((other / "concernd.db").exists())
        self.assertFalse(self.rig.state.exists())

    def test_state_directory_of_the_manager(self):
        self.rig.write_settings(state=None, control=None)
        given = self.rig.folder / "given"
        self.rig.start(STATE_DIRECTORY=given, RUNTIME_DIRECTORY=self.rig.folder / "run")
        self.assertTrue((given / "concernd.db").exists())
        self.assertTrue((self.rig.folder / "run/control").exists())


class Reload(DaemonTest):
    def setUp(self):
        super().setUp()
        self.procedures = self.rig.folder / "procedures"
        self.procedures.mkdir()
        self.procedure = self.procedures / PROCEDURE.name
        shutil.copy(PROCEDURE, self.procedure)
        self.daemon = self.rig.start()

    def reload(self):
        """SIGHUP, and what the service manager is told."""
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self.daemon.signal(signal.SIGHUP)
        fields = self.rig.manager.hear("RELOADING=1", alive=self.daemon.alive)
        after = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self.assertTrue(before <= int(fields["MONOTONIC_USEC"]) <= after, fields)
        return self.rig.manager.hear("READY=1", alive=self.daemon.alive)["STATUS"]

    def stage_title(self, reference):
        deadlines = self.rig.rows("show", reference)[0]["deadlines"]
        return next(one["title"] for one in deadlines if one["deadline"] == "stage-1")

    def test_good_file_changes_the_policy(self):
        client = self.rig.client()
        client.publish(raised("D-OLD"))
        loaded = self.rig.status()["policy"]
        self.edit(self.procedure, "title: Stage 1", "title: The first step")
        self.assertEqual(self.reload(), "running")
        client.publish(raised("D-NEW"))
        # What runs keeps the version it was raised under.
        self.assertEqual(self.stage_title("D-OLD"), "Stage 1")
        self.assertEqual(self.stage_title("D-NEW"), "The first step")
        policy = self.rig.status()["policy"]
        self.assertEqual(policy["fault"], "")
        self.assertNotEqual(policy["hash"], loaded["hash"])
        self.assertNotEqual(policy["loaded"], loaded["loaded"])

    def test_what_runs_keeps_its_version_over_a_restart(self):
        self.rig.client().publish(raised("D-OLD"))
        self.edit(self.procedure, "title: Stage 1", "title: The first step")
        self.assertEqual(self.daemon.stop(), 0)
        self.daemon = self.rig.start()
        self.assertEqual(self.stage_title("D-OLD"), "Stage 1")

    def test_bad_file_keeps_the_old_policy_and_says_where(self):
        before = self.rig.status()["policy"]
        self.edit(self.procedure, "limit: 5 working days", "limit: 5 wroking days")
        place = f"{self.procedure}:{self.place_of(self.procedure, '5 wroking')}"
        status = self.reload()
        self.assertIn(place, status)
        policy = self.rig.status()["policy"]
        self.assertIn(place, policy["fault"])
        self.assertEqual(policy["hash"], before["hash"])
        self.assertIn(place, self.rig.ctl("status", check=False).stdout)
        self.assertIn(place, self.daemon.said())
        self.rig.client().publish(raised("D-1"))
        self.assertEqual(self.stage_title("D-1"), "Stage 1")
        # Put right, it is taken.
        shutil.copy(PROCEDURE, self.procedure)
        self.assertEqual(self.reload(), "running")
        self.assertEqual(self.rig.status()["policy"]["fault"], "")

    def test_each_kind_of_bad_file_is_refused(self):
        folder = self.rig.folder
        (folder / "templates").mkdir()
        faults = {
            self.rig.config: ('"listen"', '"listne"'),
            folder / "directory.yaml": ('"line_manager"', '"line manager"'),
            folder / "keyring.yaml": ('"publish"', '"publsh"'),
        }
        for path, (before, after) in faults.items():
            with self.subTest(path.name):
                whole = path.read_text()
                self.edit(path, before, after)
                self.assertIn(str(path), self.reload())
                self.assertIn(str(path), self.rig.status()["policy"]["fault"])
                path.write_text(whole)
                self.assertEqual(self.reload(), "running")
        template = folder / "templates/limit_passed.txt"
        template.write_text("{no_such_field}\n")
        self.assertIn(f"{template}:1", self.reload())

    def test_bad_secret_of_a_reload_keeps_the_old_one(self):
        (self.rig.folder / "secrets/mail-password").chmod(0o644)
        self.assertIn("mail", self.reload())
        self.assertIn("mail", self.rig.status()["policy"]["fault"])
        self.rig.client().publish(raised("D-1"))
        wait_for(lambda: self.rig.mail.taken, "mail still goes out")

    def test_a_reload_takes_all_files_or_none(self):
        """What only opening finds wrong leaves the directory of before in force, too."""
        old, new = "asc-manager@asc.northtown.example", "new-manager@asc.northtown.example"
        path = self.rig.folder / "directory.yaml"
        directory = json.loads(path.read_text())
        directory["people"]["asc-manager"]["routes"] = [f"email:{new}"]
        directory["endpoints"] = {"other": {"kind": "webhook", "url": "https://localhost/",
                                            "secret": "other"}}
        path.write_text(json.dumps(directory))
        self.rig.write_secret("other", "no secret that signs")
        self.daemon_says_not_reloaded()
        self.rig.client().publish(raised("D-1"))
        self.rig.wait_delivered()
        self.assertTrue(self.rig.mail.to(old))
        self.assertFalse(self.rig.mail.to(new))
        # Put right, all of it is taken.
        self.rig.write_secret("other", "whsec_" + base64.b64encode(bytes(32)).decode())
        self.assertEqual(self.reload(), "running")
        self.rig.client().publish(raised("D-2"))
        wait_for(lambda: self.rig.mail.to(new), "a mail to the new address")

    def daemon_says_not_reloaded(self):
        self.assertNotEqual(self.reload(), "running")
        self.assertIn("not reloaded", self.daemon.said())
        self.assertNotRegex(self.daemon.said(), r"(?m)[>\s]reloaded$")
        self.assertTrue(self.rig.status()["policy"]["fault"])

    def test_keyring_is_exchanged_over_living_connections(self):
        client = self.rig.client()
        client.publish(raised("D-1"))
        self.rig.write_keyring(not_after="2020-01-01T00:00:00Z")
        self.assertEqual(self.reload(), "running")
        self.assertEqual(client.refusal(raised("D-2")), "401.1")
        self.rig.write_keyring()
        self.assertEqual(self.reload(), "running")
        client.publish(raised("D-3"))


class RefusesToStart(DaemonTest):
    """Each with a clear error that names the place, and the exit code of the manual page."""

    def test_wrong_option(self):
        self.assertIn("--help", self.refused("--clok", "2026-01-01T00:00:00Z", code=2))

    def test_stray_argument(self):
        self.assertIn("unexpected argument 'start'", self.refused("start", code=2))

    def test_settings_missing(self):
        self.rig.config.unlink()
        self.assertIn(f"{self.rig.config}: cannot be", self.refused())

    def test_settings_misspelt(self):
        self.edit(self.rig.config, '"listen"', '"listne"')
        said = self.refused()
        self.assertIn(f"{self.rig.config}:{self.place_of(self.rig.config, chr(34) + 'listne')}",
                      said)
        self.assertIn("listen", said.replace("listne", ""))

    def test_settings_no_yaml(self):
        self.rig.config.write_text("listen: [\n")
        self.assertIn(f"{self.rig.config}:", self.refused())

    def test_settings_wrong_value(self):
        self.rig.write_settings(memory_limit=3)
        self.assertIn(f"{self.rig.config}:{self.place_of(self.rig.config, ' 3')[:-1]}",
                      self.refused())

    def test_every_fault_is_told(self):
        self.edit(self.rig.config, '"listen"', '"listne"')
        self.edit(self.rig.config, '"directory"', '"dirctory"')
        said = self.refused()
        self.assertIn("listne", said)
        self.assertIn("dirctory", said)

    def test_check_option_says_the_same_and_touches_nothing(self):
        self.assertEqual(self.rig.daemon("--check").wait(), 0)
        self.assertFalse(self.rig.state.exists())
        self.edit(self.rig.config, '"listen"', '"listne"')
        self.assertIn(f"{self.rig.config}:", self.refused("--check"))

    def test_procedure_unreadable(self):
        folder = self.rig.folder / "procedures"
        folder.mkdir()
        procedure = folder / PROCEDURE.name
        shutil.copy(PROCEDURE, procedure)
        self.edit(procedure, "handlers: [line_manager]", "handlers: [line_manger]")
        said = self.refused()
        self.assertIn(f"{procedure}:{self.place_of(procedure, 'line_manger')}", said)
        self.assertIn("line_manager", said)

    def test_procedure_is_a_directory(self):
        (self.rig.folder / "procedures/x.yaml").mkdir(parents=True)
        self.assertIn(str(self.rig.folder / "procedures/x.yaml"), self.refused())

    def test_directory_missing(self):
        (self.rig.folder / "directory.yaml").unlink()
        said = self.refused()
        self.assertIn(str(self.rig.folder / "directory.yaml"), said)

    def test_server_key_bad(self):
        key = self.rig.keys / "server.key_secret"
        key.write_text("no key at all\n")
        key.chmod(0o600)
        self.assertIn(str(key), self.refused())

    def test_server_key_readable_by_others(self):
        key = self.rig.keys / "server.key_secret"
        key.chmod(0o644)
        said = self.refused()
        self.assertIn(str(key), said)
        self.assertIn("others", said)

    def test_secret_readable_by_others(self):
        secret = self.rig.folder / "secrets/mail-password"
        secret.chmod(0o640)
        said = self.refused()
        self.assertIn(str(secret), said)

    def test_secret_missing(self):
        secret = self.rig.folder / "secrets/mail-password"
        secret.unlink()
        self.assertIn(str(secret), self.refused())

    def test_keyring_wrong(self):
        keyring = self.rig.folder / "keyring.yaml"
        self.edit(keyring, '"publish"', '"publsh"')
        said = self.refused()
        self.assertIn(f"{keyring}:{self.place_of(keyring, chr(34) + 'publsh')}", said)
        self.assertIn("publish", said)

    def test_keyring_writable_by_others(self):
        keyring = self.rig.folder / "keyring.yaml"
        keyring.chmod(0o666)
        said = self.refused()
        self.assertIn(str(keyring), said)
        self.assertIn("chmod", said)

    def test_port_taken(self):
        self.rig.start()
        endpoint = self.rig.status()["endpoint"]
        self.rig.write_settings(listen=endpoint, control=str(self.rig.folder / "run/other"))
        self.assertIn(endpoint, self.refused("--state", self.rig.folder / "second"))

    def test_control_socket_cannot_be_made(self):
        self.rig.write_settings(control=str(self.rig.folder / "nowhere/control"))
        self.assertIn("nowhere/control", self.refused())

    # the store

    def test_state_is_a_link(self):
        real = self.rig.folder / "real"
        real.mkdir(mode=0o700)
        self.rig.state.symlink_to(real)
        self.assertIn(f"{self.rig.state} is a link", self.refused())

    def test_state_is_open_to_others(self):
        self.rig.state.mkdir()
        self.rig.state.chmod(0o755)  # whatever the umask
        said = self.refused()
        self.assertIn(str(self.rig.state), said)
        self.assertIn("0700", said)

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a directory away")
    def test_state_belongs_to_another(self):
        self.rig.state.mkdir(mode=0o700)
        os.chown(self.rig.state, 12345, 12345)
        self.assertIn("12345", self.refused())

    def test_state_is_a_file(self):
        self.rig.state.write_text("")
        self.assertIn(str(self.rig.state), self.refused())

    def test_database_is_a_link(self):
        self.rig.state.mkdir(mode=0o700)
        elsewhere = self.rig.folder / "elsewhere.db"
        elsewhere.write_bytes(b"")
        (self.rig.state / "concernd.db").symlink_to(elsewhere)
        self.assertIn("concernd.db", self.refused())
        self.assertEqual(elsewhere.read_bytes(), b"")

    def test_database_is_no_store(self):
        self.rig.state.mkdir(mode=0o700)
        path = self.rig.state / "concernd.db"
        path.write_bytes(b"this is no database, whatever its name says\n" * 100)
        path.chmod(0o600)
        said = self.refused()
        self.assertIn("restore a backup", said)

    def test_database_lost_behind_what_was_acknowledged(self):
        daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))
        self.assertEqual(daemon.stop(), 0)
        for path in self.rig.state.glob("concernd.db*"):
            path.unlink()
        said = self.refused()
        self.assertIn("was acknowledged", said)

    def test_record_tampered_with(self):
        daemon = self.rig.start()
        self.rig.client().publish(raised("D-1"))
        self.assertEqual(daemon.stop(), 0)
        store = sqlite3.connect(self.rig.state / "concernd.db")
        store.execute("UPDATE record_payload SET payload = '{}' WHERE number = 3")
        store.commit()
        store.close()
        self.assertIn("broken at line 3", self.refused())

    # clocks

    def test_clock_that_cannot_be_read(self):
        self.assertIn("START[xSPEED]", self.refused("--clock", "tomorrow", code=2))

    def test_clock_on_a_real_store(self):
        self.assertEqual(self.rig.start().stop(), 0)
        self.assertIn("--clock is refused",
                      self.refused("--clock", "2026-12-18T16:59:00Zx60000"))

    def test_real_clock_on_a_trial_store(self):
        self.assertEqual(self.rig.start("--clock", "2026-12-18T16:59:00Zx60000").stop(), 0)
        self.assertIn("trial store", self.refused())
        self.assertEqual(self.rig.start("--clock", "2026-12-19T16:59:00Z").stop(), 0)

    def test_clock_in_a_directory_that_holds_something(self):
        self.rig.state.mkdir(mode=0o700)
        (self.rig.state / "letters").write_text("invented\n")
        self.refused("--clock", "2026-12-18T16:59:00Z")


class Privacy(DaemonTest):
    def test_journal_has_no_bodies_names_or_addresses(self):
        self.rig.mail.answers["asc-manager@asc.northtown.example"] = "550 5.1.1 no such user"
        daemon = self.rig.start()
        client = self.rig.client()
        marks = ["Marker-Reason", "marker.person", "marker@housing.northtown.example"]
        client.publish(raised("D-1"))
        client.publish(event("contact.changed", "D-1", {
            "agency": "northtown-housing", "role": "line_manager", "email": marks[2],
            "by": {"agency": "northtown-housing", "person": marks[1]}}))
        client.publish(event("stage.unresolved", "D-1", {
            "reason": marks[0], "by": {"agency": "northtown-housing"}}))
        client.refusal(event("hold", "D-1", {"reason": marks[0]}))
        self.rig.wait_delivered()
        daemon.stop()
        for mark in marks + ["asc-manager@", "housing-manager"]:
            self.assertNotIn(mark, daemon.said())
        for mail in self.rig.mail.taken:
            self.assertNotIn(marks[0].encode(), mail[1])
        # What concernctl shows has no address either.
        self.assertNotIn("@", json.dumps(self.rig.status() if daemon.alive() else {}))


if __name__ == "__main__":
    unittest.main(verbosity=1)
