"""Waiting for what is to become true, never for time to pass."""
import time


class Timeout(AssertionError):
    """The condition did not become true in time."""


def wait_until(condition, seconds, what):
    """Asks `condition` until it gives something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise Timeout(f"not within {seconds} s: {what}")
        time.sleep(0.02)
