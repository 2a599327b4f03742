"""How good an answer was: scores, intervals, and how often the seasons that judge were opened."""
