"""Invented names for the synthetic world: no person, team or circuit exists.

Surnames are put together from syllables, so that there are enough for any number of seasons.
"""

# ruff: noqa: SIM905  (long lists of words read better as text)
from __future__ import annotations

import numpy as np

FORENAMES = (
    "Ada Aldo Amaro Anouk Arlo Bela Bruna Caius Cleo Dario Edda Elio Enzo Faye Gilda Hugo Ilse Ivo Jorin Juno Kaya Lars "
    "Leonie Lino Maja Marlo Mika Nadia Nils Odile Orla Otis Paolo Pia Quill Rafe Remy Rosa Sami Silas Stella "
    "Tamsin Teo Ugo Una Vito Wanda Xeno Yara Yoris Zeno"
).split()
SURNAME_HEADS = (
    "Alde Bran Cor Dal Ester Fol Gran Hal Ister Jan Kor Lin Mor Nor Ost Pel Quar Ros Sal Tor Ulf Var Wen Zal".split()
)
SURNAME_TAILS = "bach cray dale dini fors gato horst kova lund mar nesi querra rios sson tello vane wick zari".split()
NATIONALITIES = "Aurelian Borean Cassian Doric Elysian Fenlander Galvan Hestian Iberic Jutian".split()
COUNTRIES = "Aurelia Borea Cassia Doria Elysia Fenland Galva Hestia Iberica Jutia".split()
TEAMS = (
    "Aquila",
    "Basalt",
    "Cobalt Works",
    "Drift & Sons",
    "Ember",
    "Falcon Ridge",
    "Granite",
    "Halcyon",
    "Ironbark",
    "Juniper",
    "Kestrel",
    "Lodestar",
    "Meridian",
    "Northlight",
)
PLACES = (
    "Alderpoint Brackwater Cinderford Dunmoor Eastholm Fairhaven Glasswater Harrow-on-Sands Inverloch Jasperbay Kingsreach "
    "Larkspur Marrowdale Nettlecombe Oakhurst Pinecrest Quarrytown Redcliff Stonebridge Thornbury Umberfield Vale-of-Ash "
    "Westmarch Yarrow Zephyr-Point Amberley"
).split()
BREAKDOWNS = (5, 5, 5, 6, 6, 9, 10, 22, 23, 131)  # status of cars that break down: the usual ones more often
ACCIDENTS = (3, 4, 4, 130, 20)
STATUS = {
    1: "Finished",
    2: "Disqualified",
    3: "Accident",
    4: "Collision",
    5: "Engine",
    6: "Gearbox",
    9: "Hydraulics",
    10: "Electrical",
    11: "+1 Lap",
    12: "+2 Laps",
    13: "+3 Laps",
    14: "+4 Laps",
    15: "+5 Laps",
    16: "+6 Laps",
    17: "+7 Laps",
    18: "+8 Laps",
    19: "+9 Laps",
    20: "Spun off",
    22: "Suspension",
    23: "Brakes",
    54: "Withdrew",
    130: "Collision damage",
    131: "Power Unit",
}


def surnames(count: int, rng: np.random.Generator) -> list[str]:
    """Return `count` different surnames in a random order (at most 864)."""
    everything = [head + tail for head in SURNAME_HEADS for tail in SURNAME_TAILS]
    everything += [head + "an" + tail for head in SURNAME_HEADS for tail in SURNAME_TAILS]
    return [everything[i] for i in rng.permutation(len(everything))[:count]]
