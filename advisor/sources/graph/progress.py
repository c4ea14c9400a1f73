"""What a reading tells while it goes on: requests, waiting, and how much was read."""

from __future__ import annotations


class ProgressListener:
    """Hears what a reading does, and says nothing. No call ever gets a token."""

    def request(self, method: str, url: str, status: int, seconds: float, size: int) -> None:
        """An answer came: its HTTP status, the time it took and its size in bytes."""

    def waiting(self, seconds: float, why: str) -> None:
        """The next request waits."""

    def read(self, part: str, count: int) -> None:
        """Count further objects of a part that were read."""

    def say(self, text: str) -> None:
        """Show a sentence."""
