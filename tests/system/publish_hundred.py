"""usage: publish_hundred.py ENDPOINT SERVER_KEY KEY OUTBOX: a hundred events, then waits to be ended."""
import os
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(os.environ["CONCERN_SOURCE"]) / "clients/python"))
import concern  # noqa: E402

endpoint, server_key, key, outbox = sys.argv[1:]
publisher = concern.Publisher(endpoint, server_key, key, outbox, source="urn:northtown-test:las")
for number in range(100):
    publisher.event("learning.identified", f"D-{number % 7}", id=f"H-{number}",
                    time="2026-12-18T16:59:00Z", by="northtown-housing")
signal.pause()
