"""The keys of a terminal while a race is shown: read as they are pressed, and what each does to the session."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pitwall.live.control import Control

LEFT, RIGHT, ESCAPE, ENTER, BACK = "left", "right", "escape", "enter", "back"
SEQUENCES = {b"\x1b[D": LEFT, b"\x1b[C": RIGHT, b"\x1bOD": LEFT, b"\x1bOC": RIGHT}
NAMES = {b"\r": ENTER, b"\n": ENTER, b"\x7f": BACK, b"\x08": BACK, b"\x1b": ESCAPE}
SLOWEST, FASTEST = 0.25, 4096.0


@contextmanager
def raw_keys() -> Iterator[int | None]:
    """Yield the descriptor to read keys from, unbuffered and unseen; None where standard input is no terminal. Signals stay as they are."""
    if not sys.stdin.isatty():
        yield None
        return
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal)
        yield terminal
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def pressed(terminal: int | None) -> list[str]:
    """Return the keys that were pressed since the last look, without waiting."""
    if terminal is None or not select.select([terminal], [], [], 0)[0]:
        return []
    return list(parsed(os.read(terminal, 1024)))


def parsed(content: bytes) -> Iterator[str]:
    """Yield keys of what a terminal sends.

    Example:
        >>> list(parsed(bytes([27, 91, 68]) + b"12\\n "))
        ['left', '1', '2', 'enter', ' ']
    """
    while content:
        sequence = next((each for each in SEQUENCES if content.startswith(each)), None)
        if sequence:
            yield SEQUENCES[sequence]
        else:
            yield NAMES.get(content[:1], content[:1].decode("latin-1"))
        content = content[len(sequence or b"x") :]


@dataclass
class Hand:
    """What keys do.

    Attributes:
        control: of the session.
        typed: digits of a lap number so far.
    """

    control: Control
    typed: str = ""

    def press(self, key: str, lap: int) -> None:
        """Do what a key says.

        Args:
            key: its name.
            lap: that is shown.
        """
        if key.isdecimal():
            self.typed = (self.typed + key)[:3]
            return
        typed, self.typed = self.typed, ""
        if typed:
            self._finish(key, typed)
        else:
            self._command(key, lap)

    def _finish(self, key: str, typed: str) -> None:
        """End a number: go there, take a digit back, or leave it."""
        if key == ENTER:
            self.control.seek(int(typed))
        elif key == BACK:
            self.typed = typed[:-1]

    def _command(self, key: str, lap: int) -> None:
        match key:
            case " " | "p":
                (self.control.resume if self.control.paused else self.control.pause)()
            case "left":
                self.control.seek(max(lap - 1, 0))
            case "right":
                self.control.seek(lap + 1)
            case "+" | "=":
                self.control.speed = min((self.control.speed or FASTEST) * 2, FASTEST)
            case "-":
                self.control.speed = max((self.control.speed or FASTEST) / 2, SLOWEST)
            case "q":
                self.control.stop()
