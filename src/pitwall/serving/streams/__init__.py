"""Answers that go on: a published race as server-sent events, for the server and for the client that reads them."""
