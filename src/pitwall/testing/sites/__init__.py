"""Servers of this machine that answer in the form of a public source, with what they hold taken from a dump, and with faults where they are planted."""
