"""concern - tells concernd what happens in a professional disagreement, and loses nothing.

    with concern.Publisher("tcp://concernd.example:5570", "server.key", "las.key_secret",
                           outbox="/var/lib/las/outbox", source="urn:northtown:las") as publisher:
        receipt = publisher.raise_disagreement("D-2026-0192", challenging="northtown-housing",
                                               challenged=["northtown-asc"])
        print(receipt.wait(30))

publish() returns when the event is on this machine's disk.  A thread sends it, again after 5, 10,
20, 40, 60, 60 … seconds, until the daemon has said that it is on its disk, or that it will never
take it: through a crash of this program, of the daemon, or of the line between.  Needs pyzmq with
CURVE (Debian: python3-zmq) and nothing else; Python 3.9 or newer.
"""
from .event import NotAnEvent, check
from .keys import read_key
from .outbox import OutboxFull, OutboxInUse
from .publisher import Answer, Publisher, Receipt

__version__ = "0.1.0"
__all__ = ["Answer", "NotAnEvent", "OutboxFull", "OutboxInUse", "Publisher", "Receipt", "check",
           "read_key"]
