"""What a stranger's run says decides which of one's own things are used: never a path, a variable, a program or a package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pitwall.domain.errors import NotRepeatable
from pitwall.testing.fakes.repetition import LOCK as HONEST_LOCK
from pitwall.testing.fakes.repetition import manifest
from pitwall.tracking.manifest import of_run
from pitwall.workflows.hub.verifying.told import LOCK, MANIFEST, ToldRun

PACKAGE = {"name": "pitwall-ml", "version": "1.2", "sha256": "f" * 64}


def _told(folder: Path, changes: dict[str, Any] | None = None, lock: str = HONEST_LOCK, **package: str) -> ToldRun:
    files, own = folder / "files", folder / "own"
    (files / MANIFEST).parent.mkdir(parents=True)
    own.mkdir()
    (files / MANIFEST).write_text(manifest(changes).to_json())
    (files / LOCK).write_text(lock)
    return ToldRun(files, own, package)


def test_of_the_environment_only_numbers_of_threads_and_versions_are_left(tmp_path: Path) -> None:
    threads = {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2; x", "LD_PRELOAD": "/tmp/x.so", "PYTHONPATH": "/tmp"}
    versions = {"numpy": "2.4.6", "\x1b[2J": "1", "pip": "1 @ https://elsewhere"}
    run = _told(tmp_path, {"environment.threads": threads, "environment.versions": versions})
    used = of_run(run, "any").environment
    assert (used["threads"], used["versions"]) == ({"OMP_NUM_THREADS": "2", **_unset()}, {"numpy": "2.4.6"})


def _unset() -> dict[str, None]:
    return {"OPENBLAS_NUM_THREADS": None, "NUMEXPR_NUM_THREADS": None}


@pytest.mark.parametrize("commit", ["--upload-pack=x", "HEAD", "c" * 39, "C" * 40, "unknown: no git", ["c" * 40]])
def test_a_commit_is_forty_letters_or_none(tmp_path: Path, commit: Any) -> None:
    with pytest.raises(NotRepeatable, match="commit"):
        _told(tmp_path, {"code.commit": commit})


def test_no_package_is_installed_because_a_bundle_says_so(tmp_path: Path) -> None:
    said = {"code.package": {**PACKAGE, "changed": []}}
    assert "package" in of_run(_told(tmp_path / "same", said, **PACKAGE), "any").code
    assert "package" not in of_run(_told(tmp_path / "other", said, **{**PACKAGE, "version": "1.3"}), "any").code
    assert "package" not in of_run(_told(tmp_path / "none", said), "any").code


@pytest.mark.parametrize(
    ("lock", "found"),
    [
        ("stages: {a: {outs: [{path: data/tables, md5: ../../../etc/passwd}]}}\n", "hash that is none"),
        ("stages: {a: {outs: [{path: data/tables, md5: 'ab'}]}}\n", "hash that is none"),
        ("stages: {a: {outs: [{path: ../../elsewhere, md5: 0123456789abcdef0123456789abcdef}]}}\n", "path"),
        ("stages: {a: {outs: [{path: /etc/passwd}]}}\n", "path"),
        ("stages: {a: {outs: [{path: 'ssh://host/data'}]}}\n", "path"),
        ("a: &x [1]\nb: *x\n", "alias"),
        ("a: !!python/object/apply:os.system [x]\n", "tag"),
    ],
)
def test_a_lock_names_hashes_and_paths_within(tmp_path: Path, lock: str, found: str) -> None:
    with pytest.raises(NotRepeatable, match=found):
        _told(tmp_path, lock=lock)


def test_a_lock_as_dvc_writes_it_is_taken(tmp_path: Path) -> None:
    md5 = "0123456789abcdef0123456789abcdef.dir"
    _told(tmp_path, lock=f"stages: {{tables: {{cmd: x, outs: [{{path: data/tables, md5: {md5}, size: 3}}]}}}}\n")


@pytest.mark.parametrize("field", ["code", "environment"])
def test_a_manifest_of_another_form_is_said(tmp_path: Path, field: str) -> None:
    content = json.loads(manifest().to_json()) | {field: []}
    (tmp_path / "manifest").mkdir()
    (tmp_path / MANIFEST).write_text(json.dumps(content))
    (tmp_path / LOCK).write_text(HONEST_LOCK)
    with pytest.raises(NotRepeatable, match="form"):
        ToldRun(tmp_path, tmp_path, {})


def test_what_the_bundle_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotRepeatable, match="no manifest/dvc.lock"):
        ToldRun(tmp_path, tmp_path, {})
