"""curve_peer.py - a peer that speaks ZMTP 3.0 and CURVE itself, byte by byte, to say what no library
says: messages that never end, the same bytes twice, a nonce gone back.

The crypto is libsodium's, by its C functions; the letters are those of rfc.zeromq.org 23 and 26.
"""
import ctypes
import ctypes.util
import os
import socket
import struct

import zmq.utils.z85

SODIUM = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")
BOX_ZERO, BOX_ZERO_SEALED = 32, 16

MORE, LARGE, COMMAND = 1, 2, 4


def box(plain, nonce, public, secret):
    padded = bytes(BOX_ZERO) + plain
    sealed = ctypes.create_string_buffer(len(padded))
    assert SODIUM.crypto_box(sealed, padded, ctypes.c_ulonglong(len(padded)), nonce, public,
                             secret) == 0
    return sealed.raw[BOX_ZERO_SEALED:]


def unbox(sealed, nonce, public, secret):
    padded = bytes(BOX_ZERO_SEALED) + sealed
    plain = ctypes.create_string_buffer(len(padded))
    if SODIUM.crypto_box_open(plain, padded, ctypes.c_ulonglong(len(padded)), nonce, public,
                              secret) != 0:
        raise ValueError("a box that cannot be opened")
    return plain.raw[BOX_ZERO:]


def key_pair():
    public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
    SODIUM.crypto_box_keypair(public, secret)
    return public.raw, secret.raw


class CurvePeer:
    """Connected and shaken hands when it is made; `keys` are (public, secret) in Z85."""

    def __init__(self, address, keys, server_key, patience=10):
        self.socket = socket.create_connection(address, patience)
        self.public, self.secret = (zmq.utils.z85.decode(key) for key in keys)
        self.server = zmq.utils.z85.decode(server_key)
        self.ours, self.ours_secret = key_pair()
        self.nonce = 0
        self.shake_hands()

    def shake_hands(self):
        self.socket.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"CURVE".ljust(20, b"\0") +
                            bytes(32))
        self.read(64)
        nonce = self.next_nonce()
        self.send_frame(COMMAND, b"\x05HELLO\x01\x00" + bytes(72) + self.ours + nonce +
                        box(bytes(64), b"CurveZMQHELLO---" + nonce, self.server,
                            self.ours_secret))
        welcome = self.read_frame()
        assert welcome[:8] == b"\x07WELCOME", welcome[:20]
        plain = unbox(welcome[24:], b"WELCOME-" + welcome[8:24], self.server, self.ours_secret)
        self.theirs, cookie = plain[:32], plain[32:]
        vouch_nonce = os.urandom(16)
        vouch = box(self.ours + self.server, b"VOUCH---" + vouch_nonce, self.theirs, self.secret)
        metadata = b"\x0bSocket-Type" + struct.pack(">I", 6) + b"DEALER" + \
            b"\x08Identity" + struct.pack(">I", 0)
        nonce = self.next_nonce()
        self.send_frame(COMMAND, b"\x08INITIATE" + cookie + nonce +
                        box(self.public + vouch_nonce + vouch + metadata,
                            b"CurveZMQINITIATE" + nonce, self.theirs, self.ours_secret))
        ready = self.read_frame()
        assert ready[:6] == b"\x05READY", ready[:20]

    def next_nonce(self):
        self.nonce += 1
        return struct.pack(">Q", self.nonce)

    def message(self, plain, more=False):
        """The bytes of one frame of a message, sealed."""
        nonce = self.next_nonce()
        body = b"\x07MESSAGE" + nonce + box(bytes([more]) + plain, b"CurveZMQMESSAGEC" + nonce,
                                            self.theirs, self.ours_secret)
        return self.frame(0, body)

    def send_message(self, *frames):
        self.socket.sendall(b"".join(self.message(frame, number + 1 < len(frames))
                                     for number, frame in enumerate(frames)))

    @staticmethod
    def frame(flags, body):
        if len(body) > 255:
            return bytes([flags | LARGE]) + struct.pack(">Q", len(body)) + body
        return bytes([flags, len(body)]) + body

    def send_frame(self, flags, body):
        self.socket.sendall(self.frame(flags, body))

    def read(self, size):
        taken = b""
        while len(taken) < size:
            piece = self.socket.recv(size - len(taken))
            if not piece:
                raise ConnectionError("the other side has ended it")
            taken += piece
        return taken

    def read_frame(self):
        flags = self.read(1)[0]
        size = struct.unpack(">Q", self.read(8))[0] if flags & LARGE else self.read(1)[0]
        return self.read(size)

    def read_message(self):
        """The frames of the next message, opened; heartbeats are left out."""
        frames = []
        while True:
            body = self.read_frame()
            if body[:8] != b"\x07MESSAGE":
                continue
            plain = unbox(body[16:], b"CurveZMQMESSAGES" + body[8:16], self.theirs,
                          self.ours_secret)
            if plain[0] & 2:
                continue  # a command inside: PING
            frames.append(plain[1:])
            if not plain[0] & MORE:
                return frames

    def close(self):
        self.socket.close()
