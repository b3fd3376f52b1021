"""every_kind.py - makes the daemon say everything it has to say.

The samples of protocol/samples, each as an event of the rig's own case system about a
disagreement of its own, which is raised before it and withdrawn after it.
"""
import json
import os
import pathlib
import re

from concern_rig import HOUSING, PAGES, event, raised

SAMPLES = pathlib.Path(os.environ["CONCERN_SOURCE"]) / "protocol/samples"
BY = {"agency": "northtown-housing"}
PLACE = "https://concern.board.example/acknowledge"
# Of each notification to a person: its own.
LINK = re.escape(PLACE) + r"/[A-Za-z0-9_-]{64}(\?lang=[a-z]{2})?"


def with_links(rig):
    """Settings by which each notification to a person has a link to say that it is seen."""
    rig.write_settings(http=PAGES, acknowledge={"url": PLACE})


def samples():
    """Every sample, as the rig's housing system may send it."""
    for number, sample in enumerate(sorted(SAMPLES.glob("*.json"))):
        whole = json.loads(sample.read_text())
        for name in ("sequence", "seqepoch", "board"):
            whole.pop(name, None)
        whole.update(source=HOUSING, id=f"E-{sample.stem}", subject=f"P-{number}",
                     time=event("x", "y")["time"])
        whole["data"].pop("board", None)
        if "by" in whole["data"]:
            whole["data"]["by"] = dict(BY)
        yield whole


def around(whole):
    """The sample with what must come before it, and what ends its disagreement."""
    if whole["type"] != "concernd.disagreement.raised":
        yield raised(whole["subject"])
    yield whole
    yield event("withdrawn", whole["subject"], {"reason": "Settled.", "by": dict(BY)})


def play(client):
    """Gives all of them; answers how many were kept."""
    kept = 0
    for whole in samples():
        for one in around(whole):
            kept += client.ask("EVENT", one)[0] == "ACK"
    return kept
