"""Generated feature groups for measuring the leak audit: planted leaks of six families, and clean ones of the same grammar.

They are written against the interface that every group has (`FeatureGroup`), so that they are audited by the very code
that audits real ones. Each is drawn by a seed.
"""

from pitwall.testing.leaks._draw import Draw
from pitwall.testing.leaks.clean import clean_group
from pitwall.testing.leaks.planted import FAMILIES, planted_group, shows

__all__ = ["FAMILIES", "Draw", "clean_group", "planted_group", "shows"]
