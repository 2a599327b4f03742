"""The contract of a model: its family, rows and features exist, and each of its questions has rules to beat that its frames can feed."""

from __future__ import annotations

import re
from collections.abc import Collection

from pitwall.domain.keys import SPINE_NAMES
from pitwall.features import feature_sets
from pitwall.ml.estimators import estimators
from pitwall.ml.families import families
from pitwall.ml.models import Model
from pitwall.ml.rows import row_kinds
from pitwall.ml.templates import templates

NAME = re.compile(r"[a-z][a-z0-9_]*")


def check_model(model: Model) -> None:
    """Check a model against its contract.

    Raises:
        AssertionError: it breaks the contract; says where.
    """
    assert NAME.fullmatch(model.name), (
        f"{model.name!r}: a model's name is in snake_case; `<name>-<stage>` is registered"
    )
    known: dict[str, Collection[str]] = {"family": families(), "rows": row_kinds(), "feature_set": feature_sets()}
    for what, names in known.items():
        name = getattr(model, what)
        assert name in names, (
            f"the {what} {name!r} of the model {model.name} does not exist; there are: {', '.join(names)}"
        )
    assert model.summary.strip() and not model.summary.endswith("."), (
        "the summary finishes the sentence `This model ...`"
    )
    _check_settings(model)
    asked = [each for each in templates().values() if each.model == model.name]
    assert asked, f"no template is answered by the model {model.name}; add one to src/pitwall/ml/templates"
    features = {name for group in feature_sets()[model.feature_set] for name in group.names} | set(SPINE_NAMES)
    assert not model.start or (model.family == "regression" and model.start in features), (
        f"{model.name} starts from {model.start!r}: answers about a number start from a feature of the set {model.feature_set}"
    )
    lacking = sorted(set(model.optional) - {group.name for group in feature_sets()[model.feature_set]})
    assert not lacking, f"{model.name}: {', '.join(lacking)} is optional and no group of the set {model.feature_set}"
    plugins = estimators(model.family)
    for template in asked:
        for rule in template.baselines:
            assert rule in plugins, f"{template.name}: its baseline {rule} is no estimator of the {model.family} family"
            assert plugins[rule].role == "baseline", f"{template.name}: its baseline {rule} is no rule but a model"
            lacking = sorted(set(plugins[rule].needs or ()) - features)
            assert not lacking, (
                f"{template.name}: its baseline {rule} needs {', '.join(lacking)}, which the set {model.feature_set} lacks"
            )
        stages = [stage for stage in model.settings.stages if stage in template.stages]
        assert stages, (
            f"{template.name} is asked at {', '.join(template.stages)}, and the model is trained at none of them"
        )


def _check_settings(model: Model) -> None:
    kind, settings = model.kind, model.settings
    never = [stage for stage in settings.stages if stage not in kind.stages]
    assert not never, (
        f"{model.name} is trained at {', '.join(never)}; {kind.nouns[1]} are forecast at {', '.join(kind.stages)}"
    )
    plugins = estimators(model.family)
    assert settings.estimator in plugins, (
        f"{settings.estimator} is no estimator of the {model.family} family, so {model.name} cannot be trained where params.yaml "
        f"does not list it; there are: {', '.join(plugins) or 'none'}"
    )
    assert plugins[settings.estimator].role == "model", f"{settings.estimator} is a rule; a model is trained"
