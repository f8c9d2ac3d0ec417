"""One process of a stack."""
import os
import signal
import subprocess


class Process:
    """Runs a command; its output goes to a log file. Start it from the main thread: it ends when that thread does."""

    def __init__(self, name, command, log_path):
        self.name = name
        self.command = command
        self.log_path = log_path
        self._popen = None

    @property
    def pid(self):
        return self._popen.pid

    @property
    def alive(self):
        return self._popen is not None and self._popen.poll() is None

    def start(self):
        assert not self.alive, f"{self.name} runs already"
        with open(self.log_path, "ab") as log:
            # A test that is itself killed leaves nothing behind.
            self._popen = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *self.command], stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT)

    def kill(self):
        """As a power cut would: SIGKILL, no warning."""
        self._end(signal.SIGKILL)

    def terminate(self, seconds=30):
        """An orderly stop. Returns the exit code."""
        return self._end(signal.SIGTERM, seconds)

    def _end(self, number, seconds=30):
        if self._popen is None:
            return None
        if self._popen.poll() is None:
            os.kill(self._popen.pid, number)
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
            raise AssertionError(f"{self.name} did not stop within {seconds} s") from None

    def log(self):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""
