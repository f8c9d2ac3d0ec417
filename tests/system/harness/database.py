"""A private MariaDB that can be killed and started again on the same data."""
import os
import subprocess

from harness.process import Process
from harness.waiting import wait_until

_TOOL = os.path.join(os.path.dirname(__file__), "..", "..", "..", "tools", "test-database")


class Database:
    """Lives in `directory`; root over the socket, without a password. Commits are durable."""

    def __init__(self, directory):
        self.socket = os.path.join(directory, "mariadb.sock")
        self.process = Process("mariadb", [os.path.abspath(_TOOL), "run", directory],
                               os.path.join(directory, "..", "mariadb.out"))

    def start(self):
        self.process.start()
        wait_until(self._answers, 120, "MariaDB answers")

    def kill(self):
        self.process.kill()

    def execute(self, sql):
        """Runs statements as root; returns what they print, tab separated, without headings."""
        done = subprocess.run(
            ["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", "--batch", "--skip-column-names"],
            input=sql, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _answers(self):
        assert self.process.alive, "MariaDB ended: " + self.process.log()
        return subprocess.run(
            ["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", "--execute=DO 1"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
