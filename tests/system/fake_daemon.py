"""A ROUTER under CURVE with ZAP that answers publishers as a test tells it to.

It speaks the wire of the daemon's acknowledged plane, through another ZeroMQ binding
than the client under test.
"""
import json
import threading

import zmq
import zmq.auth
from zmq.auth.thread import ThreadAuthenticator


class FakeDaemon:
    """`script` maps an event's id to a list of answers, used up one per arrival; an
    answer is ("ACK", {...}), ("NACK", {...}), ("BUSY", {...}) or None for silence.
    What is not in the script is acknowledged."""

    def __init__(self, directory, admitted, script=None, endpoint="tcp://127.0.0.1:*",
                 welcome=None):
        self.script = {key: list(value) for key, value in (script or {}).items()}
        self.welcome = welcome or {"version": 1, "max_body": 65536, "window": 64}
        self.arrivals = []
        self.hellos = []
        self.lasts = []  # the sources that were asked about, each with how many events had come
        self.last = {}   # source: (seqepoch, sequence), what LAST is answered
        self.unexpected = []
        self.most_under_way = 0
        self.hold = False
        self.held = []
        self.record = 0
        self.context = zmq.Context()
        self.zap = ThreadAuthenticator(self.context)
        self.zap.start()
        self.zap.configure_curve(domain="concernd", location=str(admitted))
        self.socket = self.context.socket(zmq.ROUTER)
        public, secret = zmq.auth.load_certificate(str(directory / "server.key_secret"))
        self.socket.curve_publickey, self.socket.curve_secretkey = public, secret
        self.socket.curve_server = True
        self.socket.zap_domain = b"concernd"
        self.socket.linger = 0
        self.socket.bind(endpoint)
        self.endpoint = self.socket.getsockopt_string(zmq.LAST_ENDPOINT)
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.stopping.is_set():
            if self.socket.poll(20):
                self.take(self.socket.recv_multipart())
            elif not self.hold and self.held:
                self.release()
        self.socket.close()

    def take(self, frames):
        if len(frames) != 5 or frames[1] != b"CON1" or not 1 <= len(frames[3]) <= 32:
            self.unexpected.append(frames)
            return
        peer, _, command, correlation, body = frames
        if command == b"HELLO":
            self.hellos.append(json.loads(body))
            self.say(peer, "WELCOME", correlation, self.welcome)
        elif command == b"LAST":
            source = json.loads(body)["source"]
            self.lasts.append((source, len(self.arrivals)))
            epoch, sequence = self.last.get(source, (None, None))
            self.say(peer, "ACK", correlation, {"source": source, "seqepoch": epoch,
                                                "sequence": sequence})
        elif command == b"EVENT":
            event = json.loads(body)
            self.arrivals.append((event["id"], correlation, body))
            answers = self.script.get(event["id"])
            answer = answers.pop(0) if answers else ("ACK", {})
            if self.hold:
                self.held.append((peer, correlation, event, answer))
                self.most_under_way = max(self.most_under_way, len(self.held))
            else:
                self.answer(peer, correlation, event, answer)
        else:
            self.unexpected.append(frames)

    def release(self):
        for held in self.held:
            self.answer(*held)
        self.held = []

    def answer(self, peer, correlation, event, answer):
        if answer is None:
            return
        command, members = answer
        body = {"source": event["source"], "id": event["id"]}
        if command == "ACK":
            self.record += 1
            body.update(record=self.record, committed=True, duplicate=False)
        body.update(members)
        self.say(peer, command, correlation, body if command != "BUSY" else members)

    def say(self, peer, command, correlation, body):
        self.socket.send_multipart([peer, b"CON1", command.encode(), correlation,
                                    json.dumps(body).encode()])

    def close(self):
        self.stopping.set()
        self.thread.join()
        self.zap.stop()
        self.context.term()
