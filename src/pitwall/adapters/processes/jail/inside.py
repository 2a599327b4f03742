"""The first process of a jail: it loads our program, builds the walls, lets the program run in a second process, and watches it.

When it ends, the kernel ends all that was started here. It ends by itself once nobody listens: whoever started it may be killed.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable
from importlib import import_module
from types import ModuleType

from pitwall.adapters.processes.jail.calls import forbid, give_up_rights
from pitwall.adapters.processes.jail.settings import JailLimits, unpacked
from pitwall.adapters.processes.jail.walls import HOME, enclose

READY = "walls stand"
LOOK_S = 0.02
BY_SIGNAL = 128
TOO_LONG, NO_WALLS = 124, 71
OUTPUT = 1
Tell = Callable[[str], None]


def main(program: str, answer: str, limits: str) -> int:
    """Run `program`'s function `run(given, tell)` behind walls and return how it ended, as a shell's exit code.

    Args:
        program: the name of a module of ours that needs the standard library only.
        answer: the number of the descriptor to which it tells lines.
        limits: as `packed` writes them.
    """
    held = unpacked(limits)
    module, given = import_module(program), sys.stdin.buffer.read()
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        enclose(held)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return NO_WALLS
    if (child := os.fork()) == 0:
        _run(module, given, int(answer), held)
    os.close(int(answer))
    return _watch(child, time.monotonic() + held.wall_s)


def _run(module: ModuleType, given: bytes, answer: int, limits: JailLimits) -> None:
    """Hold this process to its limits and run the program in it; never returns."""
    code = 1
    try:
        os.environ.clear()
        os.environ.update({"HOME": HOME, "TMPDIR": HOME})
        give_up_rights()
        limits.process.hold()
        forbid()
        os.write(answer, f"{READY}\n".encode())
        module.run(given, lambda line: _tell(answer, line))
        code = 0
    except OSError as error:
        sys.stderr.write(f"{error}\n")
    finally:
        sys.stdout.flush()
        os._exit(code)


def _tell(answer: int, line: str) -> None:
    rest = f"{line}\n".encode()
    while rest:
        rest = rest[os.write(answer, rest) :]


def _watch(child: int, until: float) -> int:
    """Wait for a process; leave before, when its time is up or nobody listens to what it says."""
    listening = select.poll()
    listening.register(OUTPUT, 0)
    while time.monotonic() < until:
        ended, how = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(how) if os.WIFEXITED(how) else BY_SIGNAL + os.WTERMSIG(how)
        if listening.poll(LOOK_S * 1000):
            return BY_SIGNAL + signal.SIGPIPE
    return TOO_LONG
