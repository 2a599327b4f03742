"""The colours of all figures and pages.

Probabilities are one sequential blue on pages, dark for probable: it orders values for everybody, in print too, and claims nothing about teams.
"""

from __future__ import annotations

from functools import lru_cache

INK, MUTED, PAPER = "#1f2933", "#9aa5b1", "#f5f7fa"
ACCENT, SECOND, THIRD, CAUTION = "#c81d25", "#1d6fb8", "#6a3d9a", "#9c6500"
OTHERS = ("#7b8794", "#b08968", "#6a994e", "#8e7dbe", "#d08c60", "#4d908e", "#577590", "#a44a3f")
# Ten lines that people with any colour vision tell apart, by hue or by lightness
SERIES = (
    "#1d6fb8",
    "#d95f02",
    "#111827",
    "#56b4e9",
    "#b3367a",
    "#00795c",
    "#c9a100",
    "#8c8c8c",
    "#5e3c99",
    "#7f4a1e",
)
# By name of the tyre: background and ink of its letter, which says it to those who cannot tell the hues
TYRES = {
    "SOFT": ("#cc3311", "#ffffff"),
    "MEDIUM": ("#e6c229", "#1f2933"),
    "HARD": ("#d9dee4", "#1f2933"),
    "INTERMEDIATE": ("#117733", "#ffffff"),
    "WET": ("#1d4e9e", "#ffffff"),
    "SUPERSOFT": ("#ee7733", "#1f2933"),
    "ULTRASOFT": ("#6a3d9a", "#ffffff"),
    "HYPERSOFT": ("#ee99aa", "#1f2933"),
}
# Of laps that were neutralised, by why: the shade behind them
NEUTRAL = {"red flag": "#e8a0a0", "safety car": "#f3d9a4", "virtual safety car": "#e3e8ee"}
STOPS = ((247, 251, 255), (107, 174, 214), (8, 48, 107))
MIDDLE = 0.179  # the luminance on which black and white stand out alike, 4.6 to 1
FULL = 0.6  # the probability with the darkest shade; places are seldom more certain


def painted(chance: float) -> str:
    """Return the style of a probability's cell: its shade, and black or white on it, whichever stands out at least 4.5 to 1, as WCAG asks for."""
    mixed = _mixed(chance)
    return f"background:rgb({','.join(map(str, mixed))});color:{_ink(mixed)}"


@lru_cache(maxsize=1024)
def _ink(mixed: tuple[int, ...]) -> str:
    red, green, blue = (_linear(each / 255) for each in mixed)
    return "#000" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > MIDDLE else "#fff"


def _mixed(chance: float) -> tuple[int, ...]:
    """Return the shade of a probability; the square root lets small ones be told apart."""
    place = float(min(1.0, max(chance, 0.0) / FULL) ** 0.5) * (len(STOPS) - 1)
    first = min(int(place), len(STOPS) - 2)
    pairs = zip(STOPS[first], STOPS[first + 1], strict=True)
    return tuple(round(low + (place - first) * (high - low)) for low, high in pairs)


def _linear(share: float) -> float:
    """Return the light of a channel of sRGB."""
    return float(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
