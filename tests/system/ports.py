"""ports.py - a port of this machine's loopback for a server that comes, goes and comes back."""
import atexit
import socket

_held = []
atexit.register(lambda: [one.close() for one in _held])


def held_port():
    """A port that nobody else gets for as long as this process lives: it stays bound here.  Whoever
    binds it by number, as servers do (with SO_REUSEADDR), may listen at it; while nobody does,
    connections are refused, and none is made from it, so that no reconnect meets itself."""
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind(("127.0.0.1", 0))
    _held.append(one)
    return one.getsockname()[1]
