"""How answers are learned: samples of the past, members of the blend, rules beside it."""
