"""The routes, one file per subject. A file ends with `ROUTER = ...`; the app finds it."""
