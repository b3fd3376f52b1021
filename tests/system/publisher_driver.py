"""publisher_driver.py - a publisher of ours in a process of its own, driven by lines of JSON."""
import json
import pathlib
import queue
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from concern_rig import BUILD, clean_environment, PATIENCE, SOURCE  # noqa: E402


class Driven:
    """A publisher in a process of its own."""

    def __init__(self, command, settings, wait=True):
        self.lines, self.seen, self.unexpected = queue.Queue(), [], []
        self.process = subprocess.Popen(
            [*map(str, command), json.dumps(settings)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=clean_environment(CONCERN_SOURCE=SOURCE, CONCERN_BUILD=BUILD))
        self.threads = [threading.Thread(target=self.read, daemon=True),
                        threading.Thread(target=self.read_errors, daemon=True)]
        self.errors = ""
        for thread in self.threads:
            thread.start()
        self.first = self.expect(lambda said: "ready" in said or "error" in said) if wait else None

    def read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))
        self.lines.put(None)

    def read_errors(self):
        self.errors = self.process.stderr.read()

    def say(self, **what):
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()

    def take(self, patience=PATIENCE):
        try:
            said = self.lines.get(timeout=max(patience, 0.001))
        except queue.Empty:
            return None
        if said is None:
            if self.process.returncode is not None and self.process.returncode < 0:
                return None  # we killed it
            self.threads[1].join()
            raise AssertionError(f"the publisher ended: {self.errors}")
        self.seen.append(said)
        return said

    def expect(self, wanted, patience=PATIENCE):
        """The first thing said that is wanted and was not expected before."""
        end = time.monotonic() + patience
        for said in self.unexpected:
            if wanted(said):
                self.unexpected.remove(said)
                return said
        while True:
            said = self.take(end - time.monotonic())
            if said is None:
                raise AssertionError(f"not said in time; it said {self.seen[-5:]}")
            if wanted(said):
                return said
            self.unexpected.append(said)

    def ask(self, **what):
        """What is said to this very request."""
        (request,) = what
        wanted = {"refused": "refused", "state": "trouble"}.get(request, "kept")
        self.say(**what)
        return self.expect(lambda said: "told" not in said and
                           (wanted in said or "error" in said))

    def publish(self, event):
        return self.ask(publish=event)

    def everything(self):
        """All it said; once it has ended."""
        while self.take(0.001):
            pass
        return self.seen

    def expect_told(self, told, identity=None, patience=PATIENCE):
        return self.expect(lambda said: said.get("told") == told and
                           identity in (None, said.get("id")), patience)

    def kill(self):
        self.process.kill()
        self.end()

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.end()

    def end(self):
        self.process.wait()
        for thread in self.threads:
            thread.join()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if not stream.closed:
                try:
                    stream.close()
                except BrokenPipeError:
                    pass
