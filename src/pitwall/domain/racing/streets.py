"""Which circuits run through a city: a fact that no data source tells.

A street circuit here is one whose lap runs mostly over city streets that carry traffic when there is no race, between
walls. Road courses through the country, park roads that are kept as a track (Melbourne, Montreal, Sochi) and car parks
(Miami, Las Vegas of 1981-82) are not counted. Names are those of the Ergast data (`circuits.ref`).
"""

from __future__ import annotations

STREET_CIRCUITS = frozenset(
    {
        *("adelaide", "baku", "boavista", "dallas", "detroit", "jeddah", "long_beach", "marina_bay", "monaco"),
        *("monsanto", "montjuic", "pedralbes", "phoenix", "valencia", "vegas"),
    }
)
