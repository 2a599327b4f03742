"""Processes and what keeps them apart: locks, signals, children, servers that live as long as we do."""
