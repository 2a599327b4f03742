"""How a forecast says what it says: what rows are called, and the answer to every question about each of them."""
