"""The state of a race: what has been told, until when it is complete, the tables and the running order that it makes."""
