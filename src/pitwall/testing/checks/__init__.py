"""The contract of each kind of plug-in, as one check."""
