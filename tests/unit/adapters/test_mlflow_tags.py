"""A dozen tags on a page, and every fact is read back under its own name, also of runs that an earlier version wrote."""

import json

from pitwall.adapters.mlflow.tags import PACKED, SAFE, pack, packs_any, unpack

RUN = {
    **{f"version.package{n}": "1.0" for n in range(10)},
    **{
        "git.commit": "abc",
        "git.dirty": "clean",
        "data.stale": "clean",
        "python": "3.11.7",
        "env.OMP_NUM_THREADS": "1",
    },
    **{"pitwall.model": "order-pre_race", "pitwall.stage": "pre_race", "pitwall.process": "a:b", "mlflow.user": "ada"},
    **{"experiment_type": "baseline", "dataset_version": "synthetic-0123456789ab"},
}


def test_what_people_look_for_is_shown_and_all_is_read_back():
    written = pack(RUN, {})
    looked_for = {"experiment_type", "dataset_version", "pitwall.model", "pitwall.stage", "mlflow.user"}
    assert set(written) == {*looked_for, PACKED}
    assert unpack(written) == RUN


def test_what_is_packed_later_joins_what_is_there():
    first = pack(RUN, {})
    later = pack({"optuna.trials": "20", "pitwall.version": "3", "python": "3.11.8"}, first)
    assert set(later) == {"pitwall.version", PACKED}
    assert unpack({**first, **later}) == {**RUN, "optuna.trials": "20", "pitwall.version": "3", "python": "3.11.8"}


def test_nothing_is_packed_where_nothing_need_be():
    assert not packs_any({"pitwall.version": "3"})
    assert pack({"pitwall.version": "3"}, pack(RUN, {})) == {"pitwall.version": "3"}


def test_a_tag_of_an_earlier_version_is_read_and_overtaken():
    old = {"version.numpy": "2.0", "git.branch": "main"}
    assert unpack(old) == old
    assert unpack({**old, **pack({"version.numpy": "2.4"}, old)}) == {"version.numpy": "2.4", "git.branch": "main"}


def test_a_version_shows_its_content_and_its_commit():
    shown = {"pitwall.content": "c0ffee", "git.commit": "abc", "git.dirty": "clean", "data.stale": "clean"}
    rest = {"experiment_type": "baseline", "python": "3.11"}
    assert pack({**shown, **rest}, {}, version=True) == {**shown, PACKED: json.dumps(rest)}


def test_what_is_too_long_for_one_tag_gets_its_own():
    written = pack({**RUN, "git.patch": "p" * SAFE}, {})
    assert written["git.patch"] == "p" * SAFE
    assert len(written[PACKED]) <= SAFE
    assert unpack(written)["version.package3"] == "1.0"
