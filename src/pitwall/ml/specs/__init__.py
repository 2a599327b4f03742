"""What users order: the specs of models that are made in a notebook, and where a project keeps them."""

from pitwall.ml.specs.spec import ModelSpec, OwnFeature, OwnGroup, OwnTarget
from pitwall.ml.specs.store import StoredSpec, find_spec, save_spec, specs

__all__ = ["ModelSpec", "OwnFeature", "OwnGroup", "OwnTarget", "StoredSpec", "find_spec", "save_spec", "specs"]
