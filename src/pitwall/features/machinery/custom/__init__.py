"""Features that people make themselves, in a notebook or by rule."""
