"""From frames to a registered candidate, step by step.

The version before kept all steps in one module of this name; its names are still found here.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    from pitwall.domain.renames.old_modules import old_attribute

    return old_attribute(__name__, name)
