"""Fakes of the tools' ports, throw-away servers, and ways to die."""
