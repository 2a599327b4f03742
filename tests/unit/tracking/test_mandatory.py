"""No run of Pitwall's own is opened without the type of its experiment and the version of its data."""

import pytest

from pitwall.domain.errors import TrackingError, UnknownName
from pitwall.testing import FakeTracker
from pitwall.testing.fakes.tracking import capture_training
from pitwall.tracking.capture import Work, capture
from pitwall.tracking.mandatory import version_of_data, with_mandatory
from pitwall.tracking.sections.unknown import is_unknown

GOOD = {"experiment_type": "architecture", "dataset_version": "v2.1"}


def test_what_the_tags_say_comes_before_what_the_opener_knows():
    assert with_mandatory({"a": "b", **GOOD}, experiment_type="baseline", dataset_version="v1") == {"a": "b", **GOOD}
    assert with_mandatory({"a": "b"}, **GOOD) == {"a": "b", **GOOD}


@pytest.mark.parametrize("lacking", GOOD)
@pytest.mark.parametrize("said", ["", "  "])
def test_a_run_that_lacks_one_is_refused(lacking, said):
    with pytest.raises(TrackingError, match=f"has no {lacking}; expected .*give it as a tag"):
        with_mandatory({**GOOD, lacking: said})


def test_an_unknown_type_is_refused_with_the_nearest_name(project):
    with pytest.raises(UnknownName, match="did you mean 'baseline'"):
        with_mandatory({**GOOD, "experiment_type": "base-line"})
    with pytest.raises(UnknownName, match="'sweep'"):  # where it is opened: before anything is recorded
        capture(project, Work("a", "b", "pitwall-lab", {}, 7, "sweep"), {})


def test_a_training_is_tagged_with_its_type_and_what_dvc_recorded(project):
    tags = capture_training(project, FakeTracker()).tags
    assert (tags["experiment_type"], tags["dataset_version"]) == ("hyperparameter", "synthetic-aa")
    project.dvc_lock.unlink()
    assert is_unknown(capture_training(project, FakeTracker()).tags["dataset_version"])


def test_the_version_of_the_data_is_the_sources_and_the_tables_that_they_gave():
    outs = {"data/tables": "0123456789abcdef.dir", "data/frames": "fedcba9876543210.dir"}
    assert version_of_data(["f1db", "ergast"], outs) == "ergast_f1db-0123456789ab"
    assert version_of_data([], outs) == "data-0123456789ab"
    assert version_of_data([], {}) == "unknown: dvc.lock records no data/tables"
