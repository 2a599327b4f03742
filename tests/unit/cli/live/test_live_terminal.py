"""A race on a real terminal, of the operating system's kind: the table follows, keys are obeyed, and the terminal is left as it was."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("shown.py")
CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][AB0]|\r")
PATIENCE_S = 90


class Terminal:
    """A command on a pseudo-terminal of 200 columns."""

    def __init__(self, root, *arguments):
        self.near, far = pty.openpty()
        fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        env = {**os.environ, "PITWALL_HOME": str(root), "TERM": "xterm-256color", "COLUMNS": "200", "LINES": "50"}
        command = [sys.executable, str(PROGRAM), *arguments]
        self.process = subprocess.Popen(command, stdin=far, stdout=far, stderr=far, env=env, preexec_fn=_own)  # noqa: PLW1509
        self.far, self.said, self.before = far, "", termios.tcgetattr(far)

    def read(self, seconds=0.1):
        if select.select([self.near], [], [], seconds)[0]:
            self.said += CODES.sub("", os.read(self.near, 65536).decode(errors="replace"))

    def until(self, words):
        """Return what is said from now on up to these words, which must come."""
        end = time.monotonic() + PATIENCE_S
        while words not in self.said:
            assert time.monotonic() < end, f"{words!r} is not in {self.said[-3000:]!r}"
            self.read()
        found, self.said = self.said.split(words, 1)
        return found

    def until_lap(self, lap):
        """Read until this lap or a later one is shown: a busy machine does not draw every one."""
        end = time.monotonic() + PATIENCE_S
        while max(map(int, re.findall(r"lap (\d+)/40", self.said)), default=0) < lap:
            assert time.monotonic() < end, f"lap {lap} is not in {self.said[-3000:]!r}"
            self.read()

    def press(self, keys):
        os.write(self.near, keys.encode())

    def left(self):
        """Return the exit code, and whether the terminal is as it was."""
        end = time.monotonic() + PATIENCE_S
        while self.process.poll() is None and time.monotonic() < end:
            self.read()
        self.read()
        return self.process.wait(1), termios.tcgetattr(self.far) == self.before

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.near)
        os.close(self.far)


def _own():
    """Make the terminal that of the process, so that Ctrl-C on it is a signal."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture
def terminal(tmp_path):
    for name in ("dvc.yaml", "params.yaml"):
        (tmp_path / name).write_text("{}\n")
    made = Terminal(tmp_path, "live", "--race", "2023-12")
    yield made
    made.close()


def test_the_table_follows_pauses_seeks_and_leaves_the_terminal_as_it_was(terminal):
    first = terminal.until("digits, Enter")
    assert "British Grand Prix 2023-12" in first and "win, lap by lap" in first and "Red Bull" in first
    terminal.until_lap(3)
    terminal.press(" ")
    terminal.until("paused")
    terminal.press("25")
    terminal.until("to lap 25_")
    terminal.press("\n")
    terminal.until("lap 25/40")
    terminal.until("paused")
    terminal.press("\x1b[D")
    terminal.until("lap 24/40")
    terminal.press("\x1b[C")
    terminal.until("lap 25/40")
    terminal.press("+ ")
    terminal.until("120 x")
    terminal.until_lap(28)
    terminal.press("q")
    assert terminal.left() == (0, True)


def test_ctrl_c_leaves_the_terminal_as_it_was(terminal):
    terminal.until_lap(1)
    terminal.press("\x03")
    code, same = terminal.left()
    assert same and code != 0
