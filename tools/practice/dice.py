"""Numbers that look drawn by chance and are the same on every machine and Python version.

The standard `random` module changes how it draws between versions; committed data must not, so this is SplitMix64 with
integer arithmetic alone. Each subject draws from a stream of its own: a change to one leaves the others as they were.
"""

import hashlib

_MASK = (1 << 64) - 1


class Dice:
    """A stream of draws that its name alone decides."""

    def __init__(self, stream):
        self._state = int.from_bytes(hashlib.sha256(stream.encode()).digest()[:8], "big")

    def _next(self):
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return mixed ^ (mixed >> 31)

    def below(self, bound):
        """0 to bound - 1."""
        return self._next() % bound

    def between(self, low, high):
        """low to high, both included."""
        return low + self.below(high - low + 1)

    def percent(self, chance):
        """True in so many of a hundred draws."""
        return self.below(100) < chance

    def choice(self, items):
        return items[self.below(len(items))]

    def weighted(self, weights):
        """A key of `weights`, each as often as its weight says."""
        place = self.below(sum(weights.values()))
        for key, weight in weights.items():
            place -= weight
            if place < 0:
                return key
        raise ValueError("weights must be positive")

    def shuffled(self, items):
        mixed = list(items)
        for last in range(len(mixed) - 1, 0, -1):
            other = self.below(last + 1)
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return mixed

    def sample(self, items, count):
        return self.shuffled(items)[:count]
