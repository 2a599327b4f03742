"""A card says what is known, says that the rest is unknown, reads the same in every form, and grows at promotion."""

import json
import re
from dataclasses import replace

import pytest

from pitwall.domain.ports import ModelVersion
from pitwall.domain.project import Project
from pitwall.domain.refs import Verdict
from pitwall.ml.cards.artifacts import artifact_folder, publish, read_card, write_card
from pitwall.ml.cards.build import build
from pitwall.ml.cards.card import from_dict
from pitwall.ml.cards.decision import gate_report, history
from pitwall.ml.cards.subject import Described
from pitwall.ml.gates import gate, run_gate
from pitwall.ml.gates.card_present import SECTIONS
from pitwall.report.content.markdown import section_texts, to_markdown, write_markdown
from pitwall.report.html import to_html
from pitwall.testing import FakeTracker
from pitwall.testing.checks.gates import good_candidate

MANIFEST = {"data": {"vintage": "2024-12-08"}, "resources": {"seconds": 12.34}, "inference": {"p50_ms": 1.5}}
VERDICTS = [
    Verdict("latency", True, 12.0, 50.0, "ms", "quick"),
    Verdict("slices", False, -0.2, -0.05, "nats", "worse in the wet | and <late>", 0.31, "race_winner"),
]


@pytest.fixture(scope="module")
def candidate():
    return good_candidate()


@pytest.fixture(scope="module")
def version():
    return ModelVersion("order-pre_race", 3, "run0000", "0123456789abcdef", {"git.commit": "c0ffee"})


@pytest.fixture(scope="module")
def card(candidate, version):
    return build(Described(version, candidate, MANIFEST), history([], 3, "auto"))


def test_every_section_is_there_in_order_and_says_something(card):
    expected = ["Can it be trusted?", *SECTIONS]
    expected.insert(expected.index("Calibration"), "Accuracy and F1")
    assert [section.name for section in card.sections] == expected
    texts = section_texts(to_markdown(card))
    assert list(texts) == expected
    assert "| race_winner | accuracy | " in texts["Accuracy and F1"]
    assert "how often the most probable car is one of those" in texts["Accuracy and F1"]
    assert all(texts.values())


def test_what_is_known_is_told_and_the_rest_is_unknown(card):
    texts = section_texts(to_markdown(card))
    assert "commit: c0ffee" in texts["Lineage"]
    assert "dvc lock: unknown" in texts["Lineage"]
    assert "vintage: 2024-12-08" in texts["Data"]
    assert "data known until: unknown" in texts["Data"]
    assert "training time: 12.3 s" in texts["Cost"]
    assert "peak memory: unknown" in texts["Cost"]
    assert "answer, median: 1.5 ms" in texts["Cost"]
    assert "Nothing here is about real races" in texts["Limits"]
    assert "opened once" in texts["Limits"]
    assert "opener (5)" in texts["Limits"]
    assert "Not judged yet" in texts["Gates"]
    assert "Nothing was decided" in texts["Approvals and history"]


def test_metrics_stand_beside_the_baseline_with_intervals_and_gains(card):
    metrics = section_texts(to_markdown(card))["Metrics"]
    assert "| mean of 50 races | planted | grid_frequency |" in metrics
    assert re.search(r"\| log_loss \| \d\.\d+ \(\d\.\d+ to \d\.\d+\) \|", metrics)
    assert re.search(r"gain over it \|  \| \+0\.\d+ \(", metrics)
    assert re.search(r"could see a gain of \|  \| 0\.\d+ \|", metrics)


def test_json_markdown_and_page_say_the_same(card, tmp_path):
    assert from_dict(json.loads(json.dumps(card.to_dict()))) == card
    written = write_markdown(card, tmp_path / "card.md").read_text()
    page = to_html(card)
    for picture in card.pictures():
        assert f"(pictures/{picture.name})" in written
        assert (tmp_path / "pictures" / picture.name).read_bytes().startswith(b"\x89PNG")
        assert picture.caption in page
    assert page.count("data:image/png;base64,") == len(card.pictures()) == 4
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page), "the page asks no other address"
    assert "pictures/" not in to_markdown(card, pictures=False)


def test_the_same_model_gives_the_same_card(card, candidate, version):
    assert build(Described(version, candidate, MANIFEST), history([], 3, "auto")) == card


def test_the_gate_of_the_card_takes_it_and_no_other(card, candidate, version):
    own = replace(candidate, content=version.content, card=to_markdown(card))
    assert run_gate(gate("card_present"), own)[0].passed
    assert not run_gate(gate("card_present"), replace(own, content="f" * 16))[0].passed


def test_verdicts_and_history_are_told_and_escaped(card):
    rows = [
        {"version": 2, "at": "2024-01-01", "kind": "promoted", "by": "Ada", "why": "another"},
        {"version": 3, "at": "2024-02-02", "kind": "refused", "by": "policy:auto", "why": "slices"},
    ]
    grown = card.exchange(gate_report(VERDICTS, "refused"), history(rows, 3, "two", ["challenger"]))
    texts = section_texts(to_markdown(grown))
    assert "Verdicts: 2, refused: 1. refused" in texts["Gates"]
    assert "| slices | race_winner | REFUSED | -0.2 | -0.05 | 0.31 | nats |" in texts["Gates"]
    assert "worse in the wet \\| and <late>" in texts["Gates"]
    assert "2024-02-02 | refused | policy:auto" in texts["Approvals and history"]
    assert "Ada" not in texts["Approvals and history"]
    assert "aliases: challenger" in texts["Approvals and history"]
    page = to_html(grown)
    assert '<td class="bad">REFUSED</td>' in page
    assert "&lt;late&gt;" in page
    assert {section.name: section for section in grown.sections}["Data"] in card.sections


def test_a_model_of_other_races_has_no_figures(card, candidate, version):
    elsewhere = candidate.predictions.assign(race_id=candidate.predictions["race_id"] + 10**6)
    other = build(Described(version, replace(candidate, predictions=elsewhere)), history([], 3, "auto"))
    texts = section_texts(to_markdown(other))
    assert all("unknown: the project's tables" in texts[name] for name in ("Metrics", "Calibration", "Kinds of races"))
    assert other.pictures() == []


def test_a_card_lies_with_its_run_and_the_last_one_below_the_reports(card, version, tmp_path):
    tracker, project = FakeTracker(), Project(tmp_path)
    run_id = tracker.start("pitwall-order", "a run", {})
    tracker.finish(run_id, "FINISHED")
    own = replace(version, run_id=run_id)
    assert read_card(tracker, own) is None
    write_card(tracker, own, card)
    assert read_card(tracker, own) == card
    assert read_card(tracker, replace(own, version=4)) is None
    logged = tracker.runs[run_id].files
    assert {f"{artifact_folder(own)}/card.{kind}" for kind in ("json", "md", "html")} <= set(logged)
    page = publish(project, card)
    assert page == tmp_path / "reports" / "cards" / "order-pre_race" / "card.html"
    assert page.with_name("card.md").is_file()
