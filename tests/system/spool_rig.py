"""spool_rig.py - concern-spool on a folder of its own, beside a daemon."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from concern_rig import BUILD, PATIENCE, clean_environment, wait_for

SPOOL = BUILD / "clients/spool/concern-spool"


class Spool:
    """A folder, and what runs on it.  Dropping is writing beside it and renaming."""

    def __init__(self, where, endpoint, server_key, key, *options):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="drop box ", dir=where))
        self.endpoint = endpoint
        self.options = ["--folder", self.folder, "--endpoint", endpoint, "--server-key",
                        server_key, "--key", key, "--settle", "0", *options]
        self.log = pathlib.Path(str(self.folder) + ".log")
        self.process = None

    def drop(self, name, text, at=None):
        aside = self.folder / f".{name}"
        aside.write_bytes(text.encode() if isinstance(text, str) else text)
        if at is not None:
            os.utime(aside, (at, at))
        aside.rename(self.folder / name)

    def command(self, *more):
        return [str(part) for part in (SPOOL, *self.options, *more)]

    def once(self, *more, patience=PATIENCE, **environment):
        """Runs until all that is there is told; the finished process."""
        return subprocess.run(self.command("--once", *more), stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, env=clean_environment(**environment),
                              timeout=patience, check=False)

    def start(self, *more, **environment):
        """Runs until it is stopped; its lines go to a file."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command(*more), stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log,
                                            env=clean_environment(**environment))
        return self.process

    def said(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def wait_said(self, text):
        wait_for(lambda: text in self.said(), f"concern-spool says {text!r}")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def names(self, place="."):
        """What lies in a place of the folder, hidden things and its own folders left out."""
        folder = self.folder / place
        return sorted(path.name for path in folder.iterdir()
                      if path.is_file() and not path.name.startswith(".")) if folder.is_dir() else []

    def text(self, name):
        return (self.folder / name).read_text()

    def close(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
