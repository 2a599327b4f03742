"""People: owners with a password and a role, their sessions, and the wrong passwords of a name."""
