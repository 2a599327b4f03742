"""Functions of a notebook as text: what a process that never saw the notebook needs to call them.

A function is kept with the modules and plain values that it reads from around it. What else it reads (a table, another function, an
object) cannot be kept, and is refused by name: it would be another function elsewhere.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from pitwall.domain.errors import UsageError

KNOWN = "import numpy as np\nimport pandas as pd\n"  # what every such function may use


def source_of(function: Callable[..., Any]) -> str:
    """Return the text of a plain function, without its decorators, after the imports and values that it reads.

    Raises:
        UsageError: it is no function written with `def`, its text is not to be had, or it reads what cannot be kept.
    """
    plain = inspect.unwrap(function)
    if not isinstance(plain, FunctionType):
        raise UsageError(f"found a {type(function).__name__}; expected a function written with `def`.")
    try:
        text = textwrap.dedent(inspect.getsource(plain))
        node = ast.parse(text).body[0]
    except (OSError, TypeError, SyntaxError, IndentationError) as error:
        raise _unwritten(plain, "its text is not to be had") from error
    if not isinstance(node, ast.FunctionDef):
        raise _unwritten(plain, "it is a lambda or a part of an expression")
    lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
    return "\n".join([*_around(plain), *lines]) + "\n"


def load_function(source: str) -> Callable[..., Any]:
    """Return the function that a text of `source_of` ends with."""
    name = next(node.name for node in reversed(ast.parse(source).body) if isinstance(node, ast.FunctionDef))
    space: dict[str, Any] = {"__name__": f"pitwall_spec_{name}"}
    exec(compile(KNOWN + source, f"<{name}>", "exec"), space)  # noqa: S102 - the project's own code, as its plug-ins
    found: Callable[..., Any] = space[name]
    return found


def _around(function: FunctionType) -> list[str]:
    """Return the lines that give a function what it reads from around it."""
    read = inspect.getclosurevars(function)
    lines = []
    for name, value in sorted({**read.globals, **read.nonlocals}.items()):
        if name in ("np", "pd") or value is function:
            continue
        if isinstance(value, ModuleType):
            lines.append(f"import {value.__name__} as {name}")
        elif _is_plain(value):
            lines.append(f"{name} = {value!r}")
        else:
            raise UsageError(
                f"{function.__name__} reads {name} ({type(value).__name__}) from outside, which cannot be kept with the model: move it "
                "into the function, or make it a number, a text or a list of such."
            )
    if lost := sorted(read.unbound - {function.__name__} - _attributes(function)):
        raise UsageError(
            f"{function.__name__} reads {', '.join(lost)}, which is not defined; define it in the function."
        )
    return lines


def _attributes(function: FunctionType) -> set[str]:
    """Return the names after a dot: `inspect` counts them as unbound."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def _is_plain(value: object) -> bool:
    try:
        return bool(ast.literal_eval(repr(value)) == value)
    except (ValueError, SyntaxError):
        return False


def _unwritten(function: FunctionType, why: str) -> UsageError:
    return UsageError(
        f"{function.__name__} cannot be kept with the model, as {why}; write it with `def` in a file or a cell of a notebook."
    )
