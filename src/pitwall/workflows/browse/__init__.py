"""What the project holds, to look through: where things came from, tables line by line, lines set aside, the catalogue of features."""
