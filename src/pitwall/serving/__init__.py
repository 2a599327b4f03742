"""The REST API: FastAPI routes around the use cases of `pitwall.workflows.serving`, and a client for it.

`pitwall serve` starts it; `python -m pitwall.serving` is the same for supervisors.
"""
