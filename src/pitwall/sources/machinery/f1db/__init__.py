"""From a release of F1DB to the files of an Ergast dump."""
