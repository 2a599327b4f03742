"""Prefect as a server that is asked over HTTP: its own library costs seconds to import, which `pitwall status` has no need of."""
