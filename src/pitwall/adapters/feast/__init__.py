"""Feast behind the ports: its store, its definitions, its online slots."""
