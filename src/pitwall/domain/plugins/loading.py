"""Run a plug-in's code: its own errors become one that names it, a missing extra becomes a log line."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from pitwall.domain.errors import PluginError

T = TypeVar("T")
log = logging.getLogger(__name__)


def load(work: Callable[[], T], where: str, own: str = "") -> T | None:
    """Return what `work` returns; None where it needs a third-party package that is not installed.

    Args:
        work: imports the plug-in.
        where: it comes from, for messages.
        own: module of the plug-in's own package: where that is missing the plug-in is broken, and no extra is missing.

    Raises:
        PluginError: it failed in any other way.
    """
    try:
        return work()
    except ModuleNotFoundError as error:
        lacks = (error.name or "").split(".")[0]
        if lacks in {"pitwall", own.split(".", maxsplit=1)[0]}:
            raise PluginError(
                f"the plug-in {where} imports {error.name}, which does not exist; correct the import."
            ) from error
        log.warning("plug-in %s skipped: the package %s is not installed", where, error.name)
        return None
    except Exception as error:  # whatever it is that other people's code raised
        raise PluginError(f"the plug-in {where} cannot be loaded: {type(error).__name__}: {error}") from error
