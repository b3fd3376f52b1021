"""daemon_checks.py - a publisher that asks a daemon everything, rightly and wrongly.

Each check is a method; its first line of documentation is its name in the report.
"""
import json
import time
import uuid

import zmq
import zmq.utils.monitor

from contract import BODY_MOST, MAGIC, WINDOW, Failed, read_key

PATIENCE = 20       # seconds for an answer
DOOR_PATIENCE = 3   # seconds in which a stranger must be told nothing but no
BUSY_MOST = 300     # seconds that we let ourselves be put off, all in all


class Daemon:
    """A connection to it."""

    def __init__(self, settings, pair=None):
        self.context = zmq.Context.instance()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 0
        public, secret = pair or read_key(settings.key, secret=True)
        self.socket.curve_publickey, self.socket.curve_secretkey = public, secret
        self.socket.curve_serverkey = read_key(settings.server_key)[0]
        self.monitor = self.socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED |
                                                      zmq.EVENT_HANDSHAKE_FAILED_AUTH)
        self.socket.connect(settings.endpoint)
        self.number, self.put_off = 0, 0.0

    def close(self):
        monitor = self.monitor
        self.socket.disable_monitor()
        monitor.close(0)
        self.socket.close(0)

    def is_let_in(self, patience):
        if not self.monitor.poll(int(patience * 1000)):
            return False
        heard = zmq.utils.monitor.recv_monitor_message(self.monitor)
        return heard["event"] == zmq.EVENT_HANDSHAKE_SUCCEEDED

    def frames(self, *frames):
        """Sends these very frames; (command, correlation, body) of the next answer."""
        self.socket.send_multipart(frames)
        return self.next()

    def next(self, patience=PATIENCE):
        if not self.socket.poll(int(patience * 1000)):
            raise Failed(f"no answer within {patience} s")
        frames = self.socket.recv_multipart()
        if len(frames) != 4 or frames[0] != MAGIC:
            raise Failed(f"an answer of {len(frames)} frames, the first {frames[0][:8]!r}")
        try:
            return frames[1].decode("latin-1"), frames[2], json.loads(frames[3])
        except ValueError:
            raise Failed(f"the body of {frames[1]!r} is no JSON") from None

    def send(self, command, body):
        self.number += 1
        correlation = b"c-%d" % self.number
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.socket.send_multipart([MAGIC, command.encode(), correlation, body])
        return correlation, body

    def ask(self, command, body):
        """(command, body) of the answer to this message; a BUSY is waited for and sent again."""
        while True:
            wanted, body = self.send(command, body)
            said, correlation, answer = self.next()
            if correlation != wanted:
                raise Failed(f"an answer to {correlation!r}, and {wanted!r} was asked")
            if said != "BUSY" or command == "BUSY":
                return said, answer
            pause = answer["retry_after_ms"] / 1000
            self.put_off += pause
            if self.put_off > BUSY_MOST:
                raise Failed("it puts off for ever (give the key of the test a rate of 60000)")
            time.sleep(pause)


class Checks:
    def __init__(self, settings, contract):
        self.settings, self.contract = settings, contract
        self.run = uuid.uuid4().hex[:8]
        # A machine's id is admitted where no forms of references are stated.
        self.reference = settings.reference or str(uuid.uuid4())
        self.raised = self.event("disagreement.raised", self.raise_data())
        self.record = None
        self.count = 0
        self.daemon = Daemon(settings)

    # what is said

    def event(self, kind, data, **members):
        self.count = getattr(self, "count", 0) + 1
        event = {"specversion": "1.0", "id": f"conformance-{self.run}-{self.count}",
                 "source": self.settings.source, "type": f"concernd.{kind}",
                 "subject": self.reference, "datacontenttype": "application/json",
                 "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "data": data}
        if self.settings.board:
            event["board"] = self.settings.board
        event.update(members)
        return event

    def raise_data(self):
        data = {"challenging": {"agency": self.settings.agency},
                "challenged": [{"agency": self.settings.other}],
                "facts": {"relates_to": "individual"}}
        if self.settings.procedure:
            data["procedure"] = self.settings.procedure
        return data

    def about(self, kind="learning.identified", **members):
        return self.event(kind, {"by": {"agency": self.settings.agency}}, **members)

    def acknowledged(self, command, body, schema="ack"):
        said, answer = self.daemon.ask(command, body)
        if said != "ACK":
            raise Failed(f"{said} {answer.get('code', '')} {answer.get('reason', '')}")
        return self.contract.must_be(schema, answer)

    def refused(self, command, body, *codes):
        said, answer = self.daemon.ask(command, body)
        return self.is_refused(said, answer, codes)

    def is_refused(self, said, answer, codes):
        if said != "NACK":
            raise Failed(f"{said} where NACK {' or '.join(codes)} was due")
        self.contract.must_be("nack", answer)
        if answer["code"] not in codes:
            raise Failed(f"NACK {answer['code']} where {' or '.join(codes)} was due: "
                         f"{answer['reason']}")
        if answer["retry"] != answer["code"].startswith(("429", "503")):
            raise Failed(f"retry is {answer['retry']} for {answer['code']}")
        return f"NACK {answer['code']}: {answer['reason']}"

    # the connection

    def a_stranger(self):
        """a key nobody knows is not let in"""
        stranger = Daemon(self.settings, zmq.curve_keypair())
        try:
            if stranger.is_let_in(DOOR_PATIENCE):
                raise Failed("it was let in")
        finally:
            stranger.close()
        return "the handshake failed"

    def hello(self):
        """HELLO is welcomed, and says which sources are not ours"""
        foreign = f"urn:conformance:{self.run}"
        said, answer = self.daemon.ask("HELLO", {"versions": [1], "client": "concern-conformance",
                                                 "sources": [self.settings.source, foreign]})
        if said != "WELCOME":
            raise Failed(f"{said} {answer}")
        self.contract.must_be("welcome", answer)
        if answer["refused_sources"] != [foreign]:
            raise Failed(f"refused_sources is {answer['refused_sources']}, not [{foreign}]")
        return f"version {answer['version']}, window {answer['window']}"

    def hello_of_the_future(self):
        """HELLO of another version is refused with 426.1"""
        return self.refused("HELLO", {"versions": [99]}, "426.1")

    def hello_that_is_none(self):
        """HELLO that is no JSON is refused with 400.2"""
        return self.refused("HELLO", b"{", "400.2")

    def frames(self):
        """frames that are not ours are refused with 400.1, another version with 426.1"""
        rows = [((b"XXXX", b"PING", b"1", b"{}"), "400.1"), ((b"CON2", b"PING", b"1", b"{}"), "426.1"),
                ((MAGIC, b"PING", b"1"), "400.1"), ((MAGIC, b"PING", b"1", b"{}", b""), "400.1"),
                ((MAGIC, b"PONG", b"1", b"{}"), "400.1"), ((MAGIC, b"ping", b"1", b"{}"), "400.1"),
                ((MAGIC, b"A" * 9, b"1", b"{}"), "400.1"), ((MAGIC, b"PING", b"", b"{}"), "400.1"),
                ((MAGIC, b"PING", b"c" * 33, b"{}"), "400.1"), ((MAGIC,), "400.1")]
        for frames, code in rows:
            said, _, answer = self.daemon.frames(*frames)
            try:
                self.is_refused(said, answer, [code])
            except Failed as failed:
                raise Failed(f"{[frame[:12] for frame in frames]}: {failed}") from None
        return f"{len(rows)} kinds"

    def ping(self):
        """PING is answered with PONG, and any 32 bytes of correlation are echoed"""
        correlation = bytes(range(224, 256))
        said, echoed, answer = self.daemon.frames(MAGIC, b"PING", correlation, b"{}")
        if said != "PONG" or echoed != correlation:
            raise Failed(f"{said} with {echoed!r}")
        self.contract.must_be("pong", answer)
        return f"{answer['time']}, last line {answer['last']}"

    # events

    def raise_(self):
        """a raise is acknowledged, and its first limit told"""
        answer = self.acknowledged("EVENT", self.raised)
        if not answer["committed"] or answer["duplicate"] or answer["parked"]:
            raise Failed(f"committed {answer['committed']}, duplicate {answer['duplicate']}")
        if (answer["source"], answer["id"]) != (self.raised["source"], self.raised["id"]):
            raise Failed("it names another event")
        self.record = answer["record"]
        return f"record {self.record}, next deadline {answer['next_deadline']}"

    def again(self):
        """the same again, in other bytes too, is a duplicate of the same record"""
        other = json.dumps(dict(reversed(self.raised.items())), indent=3).encode()
        for body in (self.raised, other):
            answer = self.acknowledged("EVENT", body)
            if not answer["duplicate"] or answer["record"] != self.record:
                raise Failed(f"duplicate {answer['duplicate']}, record {answer['record']}")
        return f"record {self.record}"

    def id_again(self):
        """another event under a used id is refused with 409.1"""
        return self.refused("EVENT", self.about(id=self.raised["id"]), "409.1")

    def stat(self):
        """STAT knows what was kept and what was not"""
        known = self.acknowledged("STAT", {"source": self.raised["source"],
                                           "id": self.raised["id"]})
        unknown = self.acknowledged("STAT", {"source": self.raised["source"], "id": "never-said"})
        if not known["committed"] or known["record"] != self.record or unknown["committed"]:
            raise Failed(f"committed {known['committed']} and {unknown['committed']}")
        return f"record {known['record']}; and committed false"

    def last(self):
        """LAST tells the highest number kept, also after a late one and on a new connection"""
        source, epoch = f"{self.settings.source}/conformance-{self.run}", str(uuid.uuid4())
        heard = [self.acknowledged("LAST", {"source": source}, "last")["sequence"]]
        for number in (1, 3, 2):
            self.acknowledged("EVENT", self.about(source=source, seqepoch=epoch,
                                                  sequence=f"{number:020}"))
            heard.append(self.acknowledged("LAST", {"source": source}, "last")["sequence"])
        self.daemon.close()
        self.daemon = Daemon(self.settings)
        answer = self.acknowledged("LAST", {"source": source}, "last")
        heard.append(answer["sequence"])
        if heard != [None, *(f"{number:020}" for number in (1, 3, 3, 3))]:
            raise Failed(f"after nothing, 1, 3, 2 and a new connection it says {heard}")
        if answer["seqepoch"] != epoch:
            raise Failed("it names another epoch")
        return "nothing, 1, 3, 3, 3"

    def window(self):
        """a whole window of events at once is answered, each once"""
        wanted = {self.daemon.send("EVENT", self.about())[0] for _ in range(WINDOW)}
        seen = []
        for _ in range(WINDOW):
            said, correlation, answer = self.daemon.next()
            seen.append(correlation)
            if said == "BUSY":
                raise Failed("it is BUSY within the window (give the key of the test a rate of 60000)")
            if said != "ACK":
                raise Failed(f"{said} {answer}")
        if set(seen) != wanted or len(seen) != len(set(seen)):
            raise Failed("one was answered twice, or not at all")
        return f"{WINDOW} acknowledgements"

    def unknown_type(self):
        """a type nobody knows is kept and ignored"""
        answer = self.acknowledged("EVENT", self.event("x", {}, type="org.example.invented"))
        if not answer["ignored"]:
            raise Failed("ignored is false")
        return f"record {answer['record']}"

    def unknown_member(self):
        """a member of data that nobody knows is dropped, and named"""
        event = self.about()
        event["data"]["colour"] = "blue"
        answer = self.acknowledged("EVENT", event)
        if answer["dropped"] != ["colour"]:
            raise Failed(f"dropped is {answer['dropped']}")
        return "colour"

    def unknown_attribute(self):
        """an extension attribute that nobody knows does no harm"""
        return f"record {self.acknowledged('EVENT', self.about(colour='blue'))['record']}"

    def foreign_source(self):
        """a source the key has not is refused with 403.1, also one that begins alike"""
        self.refused("EVENT", self.about(source=f"{self.settings.source}2"), "403.1")
        return self.refused("EVENT", self.about(source=f"urn:conformance:{self.run}"), "403.1")

    def foreign_board(self):
        """a board the key may not speak to is refused with 403.2"""
        return self.refused("EVENT", self.about(board=f"board-{self.run}"), "403.2")

    def foreign_agency(self):
        """speaking for another agency is refused with 403.4"""
        return self.refused("EVENT", self.event("learning.identified",
                                                {"by": {"agency": self.settings.other}}), "403.4")

    def unknown_disagreement(self):
        """an event about what nobody raised is refused with 404.1"""
        return self.refused("EVENT", self.about(subject=str(uuid.uuid4())), "404.1")

    def impossible(self):
        """what the disagreement does not allow now is refused with 422.1"""
        event = self.about("release")
        event["data"]["reason"] = "conformance"
        return self.refused("EVENT", event, "422.1")

    def future(self):
        """an event of tomorrow is refused with 400.3"""
        tomorrow = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))
        return self.refused("EVENT", self.about(time=tomorrow), "400.3")

    def bad_samples(self):
        """each bad sample is refused with its code"""
        faults, count = [], 0
        for name, code, body in self.contract.bad_samples():
            if name == "400.4-by-missing":
                continue  # no fault where the key speaks for one agency
            count += 1
            try:
                self.refused("EVENT", body, code)
            except Failed as failed:
                faults.append(f"{name}: {failed}")
        if faults or not count:
            raise Failed(f"{len(faults)} of {count}; {faults[:1]}")
        return f"{count} samples"

    def longest(self):
        """65,536 bytes are taken, one more is refused with 413.1"""
        event = json.dumps(self.about()).encode()
        self.acknowledged("EVENT", event[:-1] + b" " * (BODY_MOST - len(event)) + b"}")
        return self.refused("EVENT", event + b" " * (BODY_MOST + 1 - len(event)), "413.1")

    # batches

    def batch(self):
        """a BATCH is acknowledged event by event, and again as duplicates"""
        whole = [self.about() for _ in range(50)]
        for duplicate in (False, True):
            acks = self.acknowledged("BATCH", whole, "acks")["acks"]
            if [ack["id"] for ack in acks] != [event["id"] for event in whole]:
                raise Failed("not one acknowledgement for each event, in their order")
            if {(ack["committed"], ack["duplicate"]) for ack in acks} != {(True, duplicate)}:
                raise Failed(f"not each is committed, with duplicate {duplicate}")
        return "50 events"

    def batch_of_all_or_none(self):
        """a BATCH with one wrong event is refused as a whole, and names it"""
        whole = [self.about(), self.about(subject=str(uuid.uuid4())), self.about()]
        said, answer = self.daemon.ask("BATCH", whole)
        seen = self.is_refused(said, answer, ["404.1"])
        if (answer.get("source"), answer.get("id")) != (whole[1]["source"], whole[1]["id"]):
            raise Failed(f"it names {answer.get('id')}, not {whole[1]['id']}")
        for event in whole:
            if self.acknowledged("STAT", {"source": event["source"],
                                          "id": event["id"]})["committed"]:
                raise Failed("one of them was kept all the same")
        return seen

    def batch_that_is_none(self):
        """an empty BATCH, one of 51 and one that is no list are refused with 400.2"""
        for body in (b"[]", json.dumps([{}] * 51).encode(), json.dumps(self.about()).encode()):
            seen = self.refused("BATCH", body, "400.2")
        return seen

    # the end

    def withdrawn(self):
        """withdrawn, it is closed"""
        event = self.about("withdrawn")
        event["data"]["reason"] = "conformance"
        answer = self.acknowledged("EVENT", event)
        if answer["disagreement_state"] != "withdrawn":
            raise Failed(f"the state is {answer['disagreement_state']}")
        return "state withdrawn (the key has the right close)"


ORDER = ["a_stranger", "hello", "hello_of_the_future", "hello_that_is_none", "frames", "ping", "raise_",
         "again", "id_again", "stat", "last", "window", "unknown_type", "unknown_member",
         "unknown_attribute", "foreign_source", "foreign_board", "foreign_agency",
         "unknown_disagreement", "impossible", "future", "bad_samples", "longest", "batch",
         "batch_of_all_or_none", "batch_that_is_none", "withdrawn"]


def run(settings, contract, report):
    checks = Checks(settings, contract)
    try:
        for name in ORDER:
            check = getattr(checks, name)
            try:
                report.say("ok", check.__doc__, check())
            except Failed as failed:
                report.say("FAILED", check.__doc__, failed)
                checks.daemon.close()  # an answer that came too late must not confuse the next
                checks.daemon = Daemon(settings)
    finally:
        checks.daemon.close()
