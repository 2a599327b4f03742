"""Honest bundles are taken, by whom they should be and only then; the loader's limits; keys."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

import pandas as pd
import pytest

from pitwall.domain.errors import UsageError
from pitwall.domain.project import Project
from pitwall.ml.data.selection import CARS
from pitwall.ml.specs import ModelSpec
from pitwall.testing.bundles.honest import Signer, honest_bundle, honest_files
from pitwall.workflows.hub import trust as keys
from pitwall.workflows.hub.opening.contents import see_file
from pitwall.workflows.hub.opening.refusal import BundleRefused
from pitwall.workflows.hub.packing import content_id, pack
from pitwall.workflows.hub.receiving import ZIP, quarantine, receive
from pitwall.workflows.hub.shelf import find, preview, taken, verify_again


def test_an_honest_bundle_is_taken_shown_and_verified_again(project: Project, tmp_path: Path, ada: Signer) -> None:
    bundle = receive(project, _given(tmp_path, honest_bundle(ada)))
    assert (bundle.about.owner, bundle.about.key) == ("ada", ada.id)
    assert not list(quarantine(project).iterdir())
    assert [each.hash for each in taken(project)] == [bundle.hash]
    assert "it knows the grid" in preview(find(project, "fast")).card.lower()
    (bundle.files / "card.md").write_text("changed", encoding="utf-8")
    assert "knows the grid" in preview(verify_again(project, bundle)).card
    (bundle.folder / ZIP).write_bytes(honest_bundle(ada))
    with pytest.raises(BundleRefused, match="changed_file"):
        verify_again(project, bundle)


def test_a_strangers_bundle_is_taken_by_the_id_of_its_key_alone(
    project: Project, tmp_path: Path, mallory: Signer
) -> None:
    file = _given(tmp_path, honest_bundle(mallory))
    with pytest.raises(BundleRefused, match=f"--trust {mallory.id}"):
        receive(project, file)
    with pytest.raises(BundleRefused, match="unknown_signer"):
        receive(project, file, "0" * 64)
    assert mallory.id not in keys.trusted(project)
    receive(project, file, mallory.id)
    assert mallory.id in keys.trusted(project)
    keys.distrust(project, mallory.id)
    with pytest.raises(BundleRefused, match="unknown_signer"):
        receive(project, file)


@pytest.mark.parametrize("told", [{"estimator": "stack"}, {"model": "dnf-pre_race"}])
def test_a_model_that_is_another_one_than_told_is_refused(project: Project, tmp_path: Path, ada: Signer, told) -> None:
    with pytest.raises(BundleRefused, match="model") as refusal:
        receive(project, _given(tmp_path, honest_bundle(ada, **told)))
    assert refusal.value.reason == "model"


@pytest.mark.parametrize("question", ["race_winner", "dnf"])
def test_a_model_that_somebody_ordered_bears_their_name_and_is_one_of_its_question(
    project: Project, tmp_path: Path, ada: Signer, question: str
) -> None:
    order = ModelSpec(
        question, "pre_race", CARS, ("grid",), "grid_frequency", hashlib.sha256(b"").hexdigest(), 2015
    ).content()
    spec = {
        "spec/spec.json": json.dumps(order).encode(),
        "spec/rows.parquet": pd.DataFrame({"race_id": [1]}).to_parquet(),
    }
    file = _given(tmp_path, honest_bundle(ada, spec, model="mine-pre_race"))
    if question == "race_winner":
        assert receive(project, file).about.model == "mine-pre_race"
        return
    with pytest.raises(BundleRefused, match="order-pre_race") as refusal:
        receive(project, file)
    assert refusal.value.reason == "model"


def test_a_file_that_breaks_its_loader_is_refused_as_a_model(project: Project, tmp_path: Path, ada: Signer) -> None:
    with pytest.raises(BundleRefused) as refusal:
        receive(project, _given(tmp_path, honest_bundle(ada, {"model/slots.json": b'{"table": "no numbers"}'})))
    assert refusal.value.reason == "model"


def test_a_key_is_made_once_and_its_private_half_is_its_users_alone(project: Project) -> None:
    made, public = keys.own_key(project, "ada")
    assert keys.own_key(project, "ada") == (made, public)
    assert stat.S_IMODE((public.parent / "private.pem").stat().st_mode) == 0o600
    assert keys.own_key(project, "bob")[0] != made
    with pytest.raises(UsageError, match="no public"):
        keys.trust(project, public.parent / "private.pem")
    with pytest.raises(UsageError):
        keys.own_key(project, "../ada")


def test_the_same_files_give_the_same_bytes_and_id() -> None:
    files = honest_files()
    turned = dict(reversed(files.items()))
    assert pack(files) == pack(turned)
    assert content_id(files) == content_id(turned) != content_id({**files, "card.md": b"#"})


def test_honest_files_of_every_kind_are_looked_at_and_pass() -> None:
    import io

    import numpy as np

    arrays = io.BytesIO()
    np.savez_compressed(arrays, a=np.zeros((3, 4)), b=np.array(["x", "yz"]), c=np.array(3), d=np.array([True]))
    header = b'{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}'
    for name, content in {
        "model/net.npz": arrays.getvalue(),
        "model/net.safetensors": len(header).to_bytes(8, "little") + header + bytes(8),
        "model/predictions.parquet": pd.DataFrame({"a": [1]}).to_parquet(),
        "model/booster.ubj": b"{L\x00",
        "model/booster.txt": b"tree\nversion=v4\n",
        "model/booster.cbm": b"CBM1\x00",
        "manifest/params.yaml": b"a: {b: [1, 2]}\n",
        "card.md": "# Ein Überblick\n\na < b, 5 > 3, x <= 2; [link](https://example.org)\n".encode(),
    }.items():
        see_file(name, content)


def _given(tmp_path: Path, content: bytes) -> Path:
    file = tmp_path / "given.zip"
    file.write_bytes(content)
    return file
