"""Start a program in a jail, hear what it tells, and end it. What comes back are lines of text: nothing of them is believed here."""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pitwall.adapters.processes.jail.calls import known
from pitwall.adapters.processes.jail.inside import BY_SIGNAL, NO_WALLS, READY, TOO_LONG
from pitwall.adapters.processes.jail.settings import USUAL_LIMITS, JailLimits, packed
from pitwall.domain.processes.limits import JailRefused

NAMESPACES = ("--user", "--map-root-user", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child")
PACKAGE = Path(__file__).resolve().parents[4]
BOOT = (
    "import sys\nbefore = list(sys.path)\nsys.path.insert(0, sys.argv[1])\n"
    "from pitwall.adapters.processes.jail.inside import main\n"
    "code = main(*sys.argv[2:])\nsys.exit(code)"
)
CHUNK = 1 << 16
END_S = 0.5  # for its processes to be gone once they have said all
LATE_S = 10.0  # to build the walls; the jail counts from then on and ends itself, and we end it where it does not
KEPT = 4000  # characters of what it printed
ROOM = threading.BoundedSemaphore(
    2
)  # jails of a process at once: many notebooks must not fill the machine; others wait
DO = "let users make namespaces (kernel.unprivileged_userns_clone, user.max_user_namespaces, an AppArmor rule for unshare)"


@dataclass(frozen=True)
class Ended:
    """How a jailed program ended.

    Attributes:
        told: its lines, each with the seconds since its walls stood.
        printed: the first of what it printed.
        why: why it was ended; empty where it came to its end.
        seconds: by the clock, all in all.
    """

    told: tuple[tuple[float, str], ...]
    printed: str
    why: str
    seconds: float


@dataclass
class _Heard:
    answer: bytearray = field(default_factory=bytearray)
    output: bytearray = field(default_factory=bytearray)
    at: list[tuple[float, int]] = field(default_factory=list)  # when which number of bytes of the answer was there
    why: str = ""


def jailed(program: str, given: bytes, limits: JailLimits = USUAL_LIMITS) -> Ended:
    """Run the function `run(given, tell)` of a module of ours in a jail, and return how it ended.

    Args:
        program: the module's name; it needs the standard library only.
        given: what it is handed.
        limits: that it is held to.

    Raises:
        JailRefused: this machine builds no walls; says why, and nothing was run.
    """
    with ROOM:
        return _jailed(program, given, limits)


def _jailed(program: str, given: bytes, limits: JailLimits) -> Ended:
    began = time.monotonic()
    read, write = os.pipe()
    with tempfile.TemporaryFile() as handed, _closing(read):
        handed.write(given)
        handed.seek(0)
        try:
            process = _started(program, write, limits, handed.fileno())
        finally:
            os.close(write)
        with process:
            try:
                heard = _hear(process, read, limits, began)
            finally:
                _end(process)
    return _ended(process.returncode, heard, limits, began)


@cache
def why_not() -> str:
    """Say why nothing can be jailed on this machine; empty where it can. Tried once a process."""
    try:
        jailed("pitwall.adapters.processes.jail.nothing", b"")
    except JailRefused as error:
        return str(error)
    return ""


def _started(program: str, write: int, limits: JailLimits, handed: int) -> subprocess.Popen[bytes]:
    tool = shutil.which("unshare")
    if not known() or tool is None or sys.platform != "linux":
        found = "no program `unshare` (util-linux)" if known() else "a machine whose system calls it does not know"
        raise JailRefused(f"strangers' code is run on Linux behind walls only; found {found}. Nothing was run.")
    python = (sys.executable, "-I", "-S", "-X", "utf8", "-c", BOOT, str(PACKAGE))
    return subprocess.Popen(
        [tool, *NAMESPACES, *python, program, str(write), packed(limits)],
        stdin=handed,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=(write,),
        env={},
        cwd="/",
        start_new_session=True,
    )


def _hear(process: subprocess.Popen[bytes], read: int, limits: JailLimits, began: float) -> _Heard:
    """Read what a program tells and prints until it ends, its time is up, or it says too much."""
    heard, until = _Heard(), began + limits.wall_s + LATE_S
    assert process.stdout is not None
    most = {read: (heard.answer, limits.answer_bytes), process.stdout.fileno(): (heard.output, limits.output_bytes)}
    with selectors.DefaultSelector() as ears:
        for each in most:
            ears.register(each, selectors.EVENT_READ)
        while ears.get_map() and not heard.why:
            for key, _ in ears.select(max(0.0, until - time.monotonic())):
                into, limit = most[key.fd]
                if not (part := os.read(key.fd, CHUNK)):
                    ears.unregister(key.fd)
                into += part
                if into is heard.answer:
                    heard.at.append((time.monotonic(), len(into)))
                if len(into) > limit:
                    heard.why = f"it says more than {limit:,} bytes"
            if time.monotonic() >= until:
                heard.why = _too_long(limits)
    return heard


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the jail: its first process, with which the kernel ends all others; it is awaited by whoever opened it."""
    if process.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(END_S)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def _ended(code: int, heard: _Heard, limits: JailLimits, began: float) -> Ended:
    printed = heard.output.decode("utf-8", "replace")[:KEPT]
    lines = list(_lines(heard))
    if not heard.why and (not lines or lines[0][1] != READY or code == NO_WALLS):
        said = (printed.strip().splitlines() or [f"exit code {code}"])[-1]
        raise JailRefused(
            f"this machine builds no walls around strangers' code ({said}); nothing was run. To run it, {DO}."
        )
    start = lines[0][0] if lines else began
    told = tuple((at - start, line) for at, line in lines[1:])
    return Ended(told, printed, heard.why or _why(code, limits), time.monotonic() - began)


def _lines(heard: _Heard) -> Iterator[tuple[float, str]]:
    """Yield the whole lines of an answer, each with when it was there."""
    end = 0
    for line in bytes(heard.answer).split(b"\n")[:-1]:
        end += len(line) + 1
        yield next(at for at, size in heard.at if size >= end), line.decode("utf-8", "replace")


def _why(code: int, limits: JailLimits) -> str:
    """Say why a program did not come to its end; empty where it did."""
    if code == TOO_LONG:
        return _too_long(limits)
    number = code - BY_SIGNAL if code > BY_SIGNAL else -code if code < 0 else 0
    if number in {signal.SIGXCPU, signal.SIGKILL}:
        return f"it takes more than {limits.process.cpu_s} s of processor time, or more memory than there is"
    if number == signal.SIGSYS:
        return "it asks the kernel for what is not allowed here: a process, a thread, a connection, a signal, a mount"
    if number:
        return f"it was ended by signal {number} ({signal.strsignal(number)})"
    return f"it left with exit code {code}" if code else ""


def _too_long(limits: JailLimits) -> str:
    return f"it takes more than {limits.wall_s:g} s"


@contextlib.contextmanager
def _closing(number: int) -> Iterator[None]:
    try:
        yield
    finally:
        os.close(number)
