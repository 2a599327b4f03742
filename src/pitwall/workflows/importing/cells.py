"""Run the tagged cells of a notebook and tell what they declare. Runs in a jail (`pitwall.adapters.processes.jail`), never beside us.

Standard library only. The names that are looked out for here give a refusal its words; what keeps a cell in are the walls of the jail.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from pitwall.workflows.importing import declared
from pitwall.workflows.importing.declared import Refused

Tell = Callable[[str], None]
HELPERS = ("ctypes", "_ctypes")
FORBIDDEN = {
    "socket.": "the network",
    "subprocess.": "another process",
    "os.fork": "another process",
    "os.forkpty": "another process",
    "os.exec": "another process",
    "os.spawn": "another process",
    "os.posix_spawn": "another process",
    "os.system": "another process",
    "pty.spawn": "another process",
    "_thread.start_new_thread": "a thread",
    "os.kill": "a signal to a process",
    "os.killpg": "a signal to a process",
    "signal.pthread_kill": "a signal to a process",
    "ctypes.": "machine code",
    "os.symlink": "a link",
    "os.link": "a link",
    "resource.setrlimit": "other limits",
    "resource.prlimit": "other limits",
}
LONGEST = 300
BOTH = ("groups", "features")


def run(given: bytes, tell: Tell) -> None:
    """Run cells in their order, in one namespace, and tell of each how it went and what it declares; the first refusal ends it.

    Args:
        given: a JSON list of {"cell": number, "tag": "model" or "features", "source": text}.
        tell: takes lines of JSON.
    """
    home, library = str(Path.cwd()), [path for path in sys.path if path]
    _forget_the_package()
    declared.put_in_place()
    names: dict[str, Any] = {"__name__": "notebook"}
    at = [0]
    sys.addaudithook(lambda event, words: _look(event, words, tell, at, (home, *library)))
    for each in json.loads(given):
        at[0] = int(each["cell"])
        tell(json.dumps({"cell": at[0], "state": "begins"}))
        try:
            exec(compile(each["source"], f"<cell {at[0]}>", "exec"), names)  # noqa: S102  (in a jail)
            lines = _declared(each["tag"], names)
            tell(json.dumps({"cell": at[0], "state": "ran", "lines": lines}, allow_nan=False))
        except BaseException as error:  # noqa: BLE001  (whatever a cell raises is its refusal)
            _refuse(tell, at[0], _words(error))


def _declared(tag: str, names: dict[str, Any]) -> list[Any]:
    """Return what a cell has declared: orders, as lines or as text, or choices of features."""
    found: list[Any] = declared.taken()
    if tag == "model" and (order := names.pop("order", None)) is not None:
        found.append(dict(order) if isinstance(order, Mapping) else order)
    if tag == "features" and (said := {name: list(names.pop(name)) for name in BOTH if name in names}):
        found.append(said)
    if not found:
        wanted = (
            "a ModelBuilder, or a dict or text named `order`"
            if tag == "model"
            else "lists named `groups` or `features`"
        )
        raise Refused(f"it declares nothing; a cell tagged pitwall:{tag} makes {wanted}")
    return found


def _look(event: str, words: tuple[Any, ...], tell: Tell, at: list[int], open_to: tuple[str, ...]) -> None:
    for start, name in FORBIDDEN.items():
        if event.startswith(start):
            _refuse(tell, at[0], f"it asks for {name} ({event}), which no imported cell gets")
    if event == "open" and isinstance(words[0], str | bytes):
        path = os.path.realpath(os.fsdecode(words[0]))
        if not any(path == each or path.startswith(f"{each}{os.sep}") for each in open_to):
            _refuse(tell, at[0], f"it opens {path[:100]}, which is outside of its own folder")


def _refuse(tell: Tell, cell: int, why: str) -> NoReturn:
    tell(json.dumps({"cell": cell, "state": "refused", "why": why[:LONGEST]}))
    os._exit(0)


def _words(error: BaseException) -> str:
    if isinstance(error, Refused):
        return str(error)
    with contextlib.suppress(Exception):
        if isinstance(error, SyntaxError):
            return (
                f"line {error.lineno} is no Python: {error.msg} (lines that begin with % or ! are the notebook's own)"
            )
        if isinstance(error, ModuleNotFoundError):
            return f"{error}: a tagged cell has Python's standard library and the declarations of `pitwall`; do other work in cells without a tag"
        if isinstance(error, MemoryError):
            return "it takes more memory than a cell gets"
        return f"{type(error).__name__}: {error}"
    return type(error).__name__


def _forget_the_package() -> None:
    """Let a cell import neither the package as it is nor what it was loaded with."""
    for name in [each for each in sys.modules if each.split(".")[0] in {"pitwall", *HELPERS}]:
        del sys.modules[name]
