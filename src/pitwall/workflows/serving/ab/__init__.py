"""A test of two versions as a server runs it: who answers a race, and who is asked behind the answer."""
