"""From the pages of the Jolpica API to the files of an Ergast dump."""
