"""connection.py - a DEALER under CURVE, and what became of its connection.

ZeroMQ connects, and connects again, by itself and says nothing; the socket's monitor is what
tells a wrong key from a daemon that is not there.
"""
from __future__ import annotations

import json
from typing import Any, Optional, Union

import zmq
import zmq.utils.monitor

from .event import BODY_MOST

MAGIC = b"CON1"
UP, DOWN = zmq.EVENT_HANDSHAKE_SUCCEEDED, zmq.EVENT_DISCONNECTED
REFUSED, NOBODY = zmq.EVENT_HANDSHAKE_FAILED_AUTH, zmq.EVENT_CONNECT_RETRIED
BROKEN_OFF = zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL

TROUBLES = {
    DOWN: "the connection was lost",
    NOBODY: "nobody listens there",
    REFUSED: "the daemon does not admit this client key: it is not in its keyring, or not live",
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL:
        "the connection is closed during the handshake: the server key is not that daemon's",
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL: "what listens there does not speak this protocol",
}


class Connection:
    """zmq.ZMQError for an endpoint or key that cannot be."""

    def __init__(self, context: zmq.Context, endpoint: str, server_key: bytes,
                 pair: tuple[bytes, bytes]):
        self.socket = context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.immediate = True  # nothing waits in a connection that may never be
        self.socket.maxmsgsize = BODY_MOST + 512
        self.socket.handshake_ivl = self.socket.heartbeat_ivl = 5000
        self.socket.heartbeat_timeout = 15000
        self.socket.reconnect_ivl, self.socket.reconnect_ivl_max = 1000, 5000
        self.socket.curve_publickey, self.socket.curve_secretkey = pair
        self.socket.curve_serverkey = server_key
        self.monitor = self.socket.get_monitor_socket(UP | DOWN | BROKEN_OFF | REFUSED | NOBODY)
        try:
            self.socket.connect(endpoint)
        except zmq.ZMQError:
            self.close()
            raise

    def heard(self) -> list[int]:
        """What the monitor has told."""
        found = []
        while self.monitor.poll(0):
            found.append(zmq.utils.monitor.recv_monitor_message(self.monitor)["event"])
        return found

    def has_news(self) -> bool:
        """Whether the monitor tells something that heard() has not taken."""
        return bool(self.monitor.poll(0))

    def say(self, command: str, correlation: bytes, body: Union[bytes, dict[str, Any]]) -> bool:
        """Sends the four frames; False where the socket is full."""
        if isinstance(body, dict):
            body = json.dumps(body).encode()
        try:
            self.socket.send_multipart([MAGIC, command.encode(), correlation, body], zmq.DONTWAIT)
        except zmq.Again:
            return False
        return True

    def receive(self) -> Optional[tuple[str, bytes, dict[str, Any]]]:
        """(command, correlation, body) of the next message; None when there is no more."""
        while self.socket.poll(0):
            frames = self.socket.recv_multipart()
            if len(frames) != 4 or frames[0] != MAGIC:
                continue
            try:
                body = json.loads(frames[3])
            except ValueError:
                continue
            if isinstance(body, dict):
                return frames[1].decode("ascii", "replace"), frames[2], body
        return None

    def close(self) -> None:
        monitor = self.monitor
        self.socket.disable_monitor()
        monitor.close(0)
        self.socket.close(0)
