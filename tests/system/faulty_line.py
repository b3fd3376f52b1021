"""faulty_line.py - a line between a publisher and the daemon that is cut, and that swallows.

A TCP proxy on loopback.  Under CURVE nobody between can drop or repeat one frame unseen; what a bad
network can do is lose what is under way, either way, and break.  So at random instants a connection
first swallows all that the daemon answers, or all that it is told, and is then broken off; and now
and then nobody can connect at all.
"""
import random
import select
import socket
import threading
import time


class Line:
    def __init__(self, port, seed, calm_s=(0.2, 1.5), dead_s=(0.0, 0.4)):
        self.target, self.dice = ("127.0.0.1", port), random.Random(seed)
        self.calm_s, self.dead_s = calm_s, dead_s
        self.cuts = self.swallowed = 0
        self.faulty, self.ends = True, False
        self.lock = threading.Lock()
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(16)
        self.endpoint = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        self.threads = [threading.Thread(target=self.take, daemon=True)]
        self.threads[0].start()

    def between(self, span):
        with self.lock:
            return self.dice.uniform(*span)

    def take(self):
        while not self.ends:
            if not select.select([self.listener], [], [], 0.2)[0]:
                continue
            near = self.listener.accept()[0]
            self.threads.append(threading.Thread(target=self.carry, args=(near,), daemon=True))
            self.threads[-1].start()

    def carry(self, near):
        try:
            far = socket.create_connection(self.target, 1)
        except OSError:
            near.close()  # the daemon is being started again
            return
        with near, far:
            try:
                self.pass_on(near, far)
            except OSError:
                pass
        self.cuts += 1
        if self.faulty:
            time.sleep(self.between(self.dead_s))

    def pass_on(self, near, far):
        begins = time.monotonic()
        swallow = begins + self.between(self.calm_s)
        end = swallow + self.between((0.0, 0.3))
        deaf = near if self.between((0, 1)) < 0.5 else far  # whose words get lost
        while not self.ends:
            for one in select.select([near, far], [], [], 0.05)[0]:
                data = one.recv(65536)
                if not data:
                    return
                if self.faulty and one is deaf and time.monotonic() > swallow:
                    self.swallowed += len(data)
                else:
                    (far if one is near else near).sendall(data)
            if self.faulty and time.monotonic() > end:
                return

    def close(self):
        self.ends = True
        for thread in self.threads:
            thread.join()
        self.listener.close()
