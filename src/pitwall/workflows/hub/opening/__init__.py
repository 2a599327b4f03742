"""Open a stranger's bundle: its directory, its signature, and only then what is in it; each refusal has a name."""
