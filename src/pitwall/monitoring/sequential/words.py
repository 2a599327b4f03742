"""A look in words: who is ahead, by how much, and whether that may be said."""

from __future__ import annotations

from pitwall.monitoring.sequential.design import AHEAD, BEHIND, Look
from pitwall.monitoring.sequential.to_go import FEW

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
LEVEL = "level"


def say(look: Look | None, unit: str = "nats") -> str:
    """Return one line about the challenger.

    Args:
        look: the newest; None before the first race.
        unit: of the loss.

    Example:
        >>> say(None)
        'no race yet'
    """
    if look is None:
        return "no race yet"
    if look.decided_after is None:
        return f"{_standing(look, unit)}, not yet entitled to say {'so' if look.mean else 'more'}, {_more(look)}"
    e_value = look.ahead if look.verdict == AHEAD else look.behind
    since = f"since race {look.decided_after} (e-value {_large(e_value)})"
    if _side(look.mean) == look.verdict:
        return f"{_standing(look, unit)}, entitled to say so {since}"
    return f"entitled to say {look.verdict} {since}, though over all {spelt(look.races)} races {_standing(look, unit)}"


def spelt(count: int) -> str:
    """Return a number, up to twelve in words."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def _side(mean: float) -> str:
    return AHEAD if mean > 0 else BEHIND if mean < 0 else LEVEL


def _standing(look: Look, unit: str) -> str:
    """Return the mean, and where a few large races alone turn it round, that too: the verdict is about the clipped mean."""
    plain = f"{_side(look.mean)} by {_size(look.mean)} {unit}" if look.mean else LEVEL
    if look.mean * look.clipped < 0:
        return f"{plain}, but {_side(look.clipped)} where single races count no more than the bound"
    return plain


def _more(look: Look) -> str:
    if look.to_go is not None:
        return f"about {spelt(look.to_go)} more race{'s' if look.to_go > 1 else ''}"
    if look.races < FEW:
        return f"too few races ({spelt(look.races)}) to tell how many more"
    return "and not within ten seasons at this pace"


def _size(value: float) -> str:
    """Return two decimals, four where two would leave nothing of it; without the leading zero."""
    size = abs(value)
    text = "less than 0.0001" if size < 0.00005 else f"{size:.{2 if size >= 0.02 else 4}f}"
    return text.replace("0.", ".", 1) if size < 1 else text


def _large(e_value: float) -> str:
    return f"{e_value:,.0f}" if e_value < 1e6 else "above a million"
