"""TCP ports that nobody else uses while a test runs."""
import fcntl
import os
import random
import socket
import tempfile

# Below the range from which the kernel takes the ports of outgoing connections: a service that was killed finds its
# port free again.
_FIRST, _LAST = 20000, 29999


class PortLease:
    """A port on loopback that is free and stays this test's until `release`, also while nothing listens on it."""

    def __init__(self):
        directory = os.path.join(tempfile.gettempdir(), f"zhuqi-test-ports-{os.getuid()}")
        os.makedirs(directory, exist_ok=True)
        while True:
            port = random.SystemRandom().randint(_FIRST, _LAST)
            lock = open(os.path.join(directory, str(port)), "w", encoding="ascii")
            if _try_lock(lock) and _is_free(port):
                self.port = port
                self._lock = lock
                return
            lock.close()

    def release(self):
        self._lock.close()


def _try_lock(file):
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False


def _is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False
