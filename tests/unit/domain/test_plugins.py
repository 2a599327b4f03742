"""Discovery finds plug-ins, skips machinery and missing extras, and refuses what is broken."""

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from pitwall.domain.errors import FeatureError, UnknownName
from pitwall.domain.plugins import discover, pick

PLUGIN = "class P:\n    name = {name!r}\nTHING = P()\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> ModuleType:
    name = f"plugins_of_{abs(hash(request.node.name))}"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    module = import_module(name)
    yield module
    for loaded in [m for m in sys.modules if m.startswith(name)]:
        del sys.modules[loaded]


def add(package: ModuleType, module: str, text: str) -> None:
    (Path(package.__path__[0]) / f"{module}.py").write_text(text)


def test_public_modules_are_found_in_order_and_machinery_is_not(package: ModuleType) -> None:
    add(package, "b", PLUGIN.format(name="beta"))
    add(package, "a", PLUGIN.format(name="alpha"))
    add(package, "_helper", "raise RuntimeError('must not be imported')")
    assert list(discover(package, "THING")) == ["alpha", "beta"]


def test_a_missing_extra_is_skipped_with_a_line(package: ModuleType, caplog: pytest.LogCaptureFixture) -> None:
    add(package, "a", "import a_package_that_nobody_has\n")
    assert discover(package, "THING") == {}
    assert "a_package_that_nobody_has is not installed" in caplog.text


def test_a_missing_module_of_our_own_raises(package: ModuleType) -> None:
    add(package, "a", "import pitwall.no_such_module\n")
    with pytest.raises(ModuleNotFoundError):
        discover(package, "THING")


def test_a_file_without_its_constant_is_named(package: ModuleType) -> None:
    add(package, "a", "x = 1\n")
    with pytest.raises(FeatureError, match="defines no THING"):
        discover(package, "THING")


def test_two_plugins_of_one_name_are_refused(package: ModuleType) -> None:
    add(package, "a", PLUGIN.format(name="same"))
    add(package, "b", PLUGIN.format(name="same"))
    with pytest.raises(FeatureError, match="'same'"):
        discover(package, "THING")


def test_an_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'ergast'"):
        pick("source", "ergst", {"ergast": 1, "synthetic": 2})
