"""Shared models in the browser: brought, looked at, taken away; who is trusted; and what a stranger wrote is text and nothing else."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import parse_qsl

import pytest

from pitwall.domain.access.permissions import Owner
from pitwall.domain.access.sharing import Badge
from pitwall.testing.bundles.honest import Signer, honest_bundle, signer
from pitwall.testing.bundles.hostile import hostile_bundles
from pitwall.testing.schedule.runs import FakeRuns
from pitwall.web.paging import Ask, Form
from pitwall.web.parts.shared import measured, sample_block
from pitwall.web.wizard.choices import order_of_query, query_of
from pitwall.workflows.hub.desk import waiting
from pitwall.workflows.hub.receiving import quarantine, received, refused
from pitwall.workflows.hub.trust import own_key, trusted
from pitwall.workflows.jobs import notes, starting

EVIL = "<img src=x onerror=alert(1)>"
SCORE = {
    "template": "race_winner",
    "metric": "log_loss",
    "baseline": "grid_frequency",
    "value": 0.41,
    "low": 0.38,
    "high": 0.44,
    "baseline_value": 0.52,
    "gain_value": 0.11,
    "gain_low": 0.07,
    "gain_high": 0.15,
}

SPEC = {
    "target": "dnf",
    "stage": "pre_race",
    "features": ["grid"],
    "algorithm": "logistic",
    "selection": {"seasons": [2015, 2016], "drivers": ["hamilton"]},
}


def test_a_bundle_of_a_trusted_signer_is_brought_shown_and_taken_away_as_it_came(visitor, workspace, ada):
    sample = {"keys": ["race_id", "driver_id"], "rows": [[7, 1, 0.9, 0.1], [7, 2, 0.1, 0.9]]}
    extra = {"sample.json": json.dumps(sample).encode()}
    bundle = honest_bundle(ada, extra, scores=[SCORE])
    answer = visitor.bring(bundle)
    assert answer.url.path == "/hub/fast" and answer.status_code == 200
    text = visitor.plain("/hub/fast")
    assert "Its signature holds" in text and "is trusted here" in text and "It knows the grid; p &lt; 0.05" in text
    assert "0.410 (0.380 to 0.440)" in text and "0.110 (0.070 to 0.150)" in text and "race 7, driver 2" in text
    listed = visitor.plain("/hub")
    assert "log_loss 0.410 (0.380 to 0.440)" in listed and "0.110 (0.070 to 0.150) over grid_frequency" in listed
    (folder,) = received(workspace.project).iterdir()
    file = visitor.post("/hub/fast/download", "/hub/fast", bundle=folder.name)
    assert file.content == bundle
    assert file.headers["content-disposition"] == 'attachment; filename="fast-1.pitwall.zip"'
    again = visitor.post("/hub/fast/verify", "/hub/fast", bundle=folder.name)
    assert "It was verified once more" in again.text
    (folder / "bundle.zip").write_bytes(bundle + b" ")
    assert "changed_file" in visitor.post("/hub/fast/verify", "/hub/fast", bundle=folder.name).text


def test_a_strangers_bundle_waits_until_the_id_of_its_key_is_told(visitor, workspace, mallory, ada):
    shown = visitor.bring(honest_bundle(mallory), "../../<b>fast</b>.zip")
    assert shown.url.path.startswith("/quarantine/") and "unknown_signer" in shown.text and mallory.id in shown.text
    assert "It knows the grid" not in shown.text and not trusted_but(workspace, ada)
    there = shown.url.path
    for key, said in ((ada.id, "It is still refused"), ("x", "64 characters")):
        assert said in visitor.post(f"{there}/trust", there, key=key).text
    assert not trusted_but(workspace, ada) and not received(workspace.project).exists()
    taken = visitor.post(f"{there}/trust", there, key=f" {mallory.id.upper()} ")
    assert taken.url.path == "/hub/fast" and "It knows the grid" in taken.text
    assert trusted_but(workspace, ada) == [mallory.id] and not refused(workspace.project)


def trusted_but(workspace, ada):
    return [each for each in trusted(workspace.project) if each != ada.id]


def test_keys_are_trusted_and_trusted_no_more(visitor, workspace, ada, tmp_path):
    eve = signer(tmp_path, "eve")
    assert eve.id in visitor.post("/hub/trust", pem=eve.pem.read_text().replace("\n", "\r\n")).text
    assert visitor.post("/hub/trust", pem=(eve.keys / "private.pem").read_text()).status_code == 409
    assert visitor.post("/hub/trust", pem="é" * 9000).status_code == 409
    visitor.post("/hub/distrust", key=eve.id)
    assert trusted(workspace.project) == [ada.id]
    for key in ("../../trusted/x", "", eve.id):
        assert visitor.post("/hub/distrust", key=key).status_code == 409
    visitor.bring(honest_bundle(ada))
    visitor.post("/hub/distrust", key=ada.id)
    assert "trusted no more" in visitor.plain("/hub/fast")


def test_hostile_bundles_are_told_by_name_and_nothing_of_them_is_shown_but_text(visitor, workspace, ada, mallory):
    firsts = {case.reason: case for case in reversed(list(hostile_bundles(ada, mallory)))}
    assert len(firsts) > 25
    for case in firsts.values():
        answer = visitor.bring(case.content, f"{EVIL}.zip")
        assert (
            answer.status_code == 413 if case.reason == "too_large" and "/quarantine/" not in str(answer.url) else 200
        )
        assert f"Refused ({case.reason}):" in answer.text or answer.status_code == 413, case.name
        assert EVIL not in answer.text and "<script>alert" not in answer.text, case.name
    assert EVIL not in visitor.get("/hub").text
    assert not received(workspace.project).exists()
    names = {each.name for each in workspace.project.state.joinpath("quarantine").rglob("*") if each.is_file()}
    assert names <= {"bundle.zip", "refused.json"}, "nothing else of them lies anywhere"


@pytest.mark.parametrize(
    "sample",
    [
        {"keys": EVIL, "rows": EVIL},
        {"keys": [EVIL], "rows": [[1, EVIL]]},
        {"rows": []},
        {"keys": ["race_id"], "rows": [[1, 2], [1]]},
        {"keys": ["race_id"], "rows": [[True, 10**400, None]]},
    ],
)
def test_a_sample_that_is_none_has_no_rows(sample):
    assert sample_block(sample).text == "Its sample has no rows."


def test_what_a_trusted_signer_wrote_is_text_too(visitor, ada):
    score = dict.fromkeys(SCORE, EVIL)
    extra = {"sample.json": json.dumps({"keys": [EVIL, "a"], "rows": [[1, 2, 3], [1, 3, 4]]}).encode()}
    visitor.bring(
        honest_bundle(ada, extra, scores=[score, {"value": 1, "template": 7}], templates=[EVIL], estimator=EVIL)
    )
    for path in ("/hub", "/hub/fast"):
        html = visitor.get(path).text
        assert EVIL not in html and unescape(html).count("onerror") > 0
    assert measured({"value": float("nan"), "low": True}, "value", "low", "high") == ""


def test_names_that_are_none_are_told_and_lead_nowhere(visitor, workspace, ada):
    visitor.bring(honest_bundle(ada))
    for path in (
        "/hub/fats",
        "/hub/..%2f..%2fx",
        f"/hub/fast?bundle={'0' * 64}",
        f"/quarantine/{'0' * 64}",
        "/quarantine/%2e%2e",
        "/quarantine/incoming",
    ):
        assert visitor.get(path).status_code == 404, path
    assert "did you mean &#39;fast&#39;" in visitor.get("/hub/fats").text


def test_a_file_is_taken_from_a_page_of_ours_alone_and_no_longer_one_than_its_owner_may(
    visitor, workspace, ada, monkeypatch
):
    sent = {"Origin": "http://localhost", "X-Pitwall-Form": "0" * 64}
    assert visitor.client.post("/hub/bring", content=b"PK", headers=sent).status_code == 403
    assert (
        visitor.client.post("/hub/bring", content=b"PK", headers={**sent, "Origin": "https://evil.example"}).status_code
        == 403
    )
    assert visitor.client.post("/hub/trust", content=b"x" * 70_000).status_code == 413, (
        "questions are as short as before"
    )
    monkeypatch.setattr("pitwall.web.pages.hub._most_mb", lambda _: 0.001)
    assert visitor.bring(b"PK" * 1000).status_code == 429
    assert not list(quarantine(workspace.project).parent.glob("incoming-*"))


def test_quarantine_has_room_for_so_much_and_what_is_thrown_away_makes_it(visitor, workspace, monkeypatch):
    shown = visitor.bring(b"PK" * 1000)
    monkeypatch.setattr(waiting.see_room, "__defaults__", (10,))
    assert "Throw some away first" in visitor.bring(b"PK" * 3).text
    assert visitor.post(f"{shown.url.path}/remove", shown.url.path).url.path == "/hub"
    assert not list(quarantine(workspace.project).iterdir())
    assert "/quarantine/" in str(visitor.bring(b"PK" * 3).url)


def test_a_member_brings_and_looks_and_an_admin_decides_who_is_trusted(visitor, workspace, mallory, monkeypatch):
    shown = visitor.bring(honest_bundle(mallory))
    there = shown.url.path
    assert (
        "Trust and verify" in shown.text and "Throw away" in shown.text and "Trust another key" in visitor.plain("/hub")
    )
    workspace.accounts.create("ben", ("read",))
    monkeypatch.setattr(Ask, "owner", Owner("ben"))
    text = visitor.plain(there)
    assert "An admin decides" in text and "Trust and verify" not in text and "Throw away" not in text
    assert "Trust another key" not in visitor.plain("/hub") and "At most 100 MB." in visitor.plain("/hub")


def test_what_is_downloaded_and_rated_is_counted_and_nobody_rates_their_own(visitor, workspace, ada, tmp_path):
    visitor.bring(honest_bundle(ada))
    (folder,) = received(workspace.project).iterdir()
    assert "Top models this week" in visitor.plain("/hub") and "not rated" in visitor.plain("/hub/fast")
    visitor.post("/hub/fast/download", "/hub/fast", bundle=folder.name)
    assert "2, 2 of them this week" in visitor.plain("/hub/fast")
    for stars in ("", "0", "6", "-1", "x", EVIL):
        assert visitor.post("/hub/fast/rate", "/hub/fast", bundle=folder.name, stars=stars).status_code == 409
    assert (
        "Your rating is kept: 4 of 5" in visitor.post("/hub/fast/rate", "/hub/fast", bundle=folder.name, stars="4").text
    )
    text = visitor.plain("/hub/fast")
    assert "4.0 of 5 (1)" in text and "Rate again" in text and "4.0 of 5 (1)" in visitor.plain("/hub")
    workspace.market.award(Badge(folder.name, "bit-equal", f"all 2 files are the same bytes {EVIL}"), "local")
    badged = visitor.get("/hub/fast").text
    assert "bit-equal: all 2 files are the same bytes" in badged and EVIL not in badged
    own_key(workspace.project, "local")
    mine = Signer("local", workspace.project.state / "keys" / "owners" / "local")
    own = visitor.bring(honest_bundle(mine, name="mine"))
    assert "nobody rates a model of their own" in own.text and "/hub/mine/rate" not in own.text
    sent = {"bundle": own.url.params["bundle"], "stars": "5"}
    assert visitor.post("/hub/mine/rate", "/hub/fast", **sent).status_code == 403


def test_a_fork_leads_to_the_wizard_with_its_order_and_where_it_comes_from(visitor, ada):
    extra = {"spec/spec.json": json.dumps(SPEC).encode()}
    bundle = visitor.bring(honest_bundle(ada, extra)).url.params["bundle"]
    shown = visitor.get(f"/hub/fast/fork?bundle={bundle}")
    assert "It asks for dnf at pre_race, by logistic." in shown.text
    assert "Not taken over: its rows were those of some drivers" in shown.text
    onward = unescape(re.search(r'href="(/new/data\?[^"]+)"', shown.text)[1])
    order = order_of_query(Form(parse_qsl(onward.partition("?")[2])))
    assert order.forked_from == f"fast@1/{bundle}/{ada.id}" and order.seasons == (2015, 2016)
    assert ("forked_from", order.forked_from) in query_of(order).items()
    hostile = {"spec/spec.json": json.dumps({**SPEC, "algorithm": EVIL}).encode()}
    refused = visitor.get(f"/hub/fast/fork?bundle={visitor.bring(honest_bundle(ada, hostile)).url.params['bundle']}")
    assert "It cannot be forked here" in refused.text and EVIL not in refused.text and "/new/data" not in refused.text


def test_a_worker_trains_it_again_and_the_page_of_the_job_says_what_came_out(visitor, workspace, ada, monkeypatch):
    bundle = visitor.bring(honest_bundle(ada)).url.params["bundle"]
    assert "no Prefect server" in visitor.post("/hub/fast/again", "/hub/fast", bundle=bundle, key="k").text
    runs = FakeRuns()
    monkeypatch.setattr(starting, "_server", lambda project: runs)
    monkeypatch.setattr(starting, "worker_alive", lambda project: True)
    monkeypatch.setattr("pitwall.workflows.jobs.standing.worker_alive", lambda project: True)
    began = visitor.post("/hub/fast/again", "/hub/fast", bundle=bundle, key="one form")
    assert "train fast version 1 again" in began.text and "the four steps of a bundle once more" in began.text
    assert visitor.post("/hub/fast/again", "/hub/fast", bundle=bundle, key="one form").url == began.url
    (number,) = (each.id for each in notes.notes(workspace.project))
    told = {"name": "fast", "bundle": bundle, "said": EVIL}
    for outcome, mood in (("bit-equal", "good"), ("not repeated", "bad")):
        notes.ended(workspace.project, number, {**told, "outcome": outcome})
        monkeypatch.setattr(starting, "_server", lambda project: None)
        shown = visitor.get(f"/jobs/{number}").text
        assert f"{outcome}: " in shown and f"/hub/fast?bundle={bundle}" in shown and EVIL not in shown
        assert re.search(rf'class="[^"]*\b{mood}\b[^"]*"[^>]*>[^<]*{outcome}', shown)


def test_what_is_shared_no_more_is_gone_and_a_fork_says_so(visitor, workspace, ada, monkeypatch):
    own_key(workspace.project, "local")
    mine = Signer("local", workspace.project.state / "keys" / "owners" / "local")
    first = visitor.bring(honest_bundle(mine, name="mine")).url.params["bundle"]
    visitor.bring(honest_bundle(ada, forked_from=first))
    assert "mine version 1 of" in visitor.plain("/hub/fast")
    assert "Share it no more" in visitor.get("/hub/mine").text
    gone = visitor.post("/hub/mine/withdraw", "/hub/mine", bundle=first)
    assert gone.url.path == "/hub" and "mine version 1 is shared no more" in gone.text
    assert visitor.get("/hub/mine").status_code == 404 and not (received(workspace.project) / first).exists()
    assert "which is gone since" in visitor.plain("/hub/fast")
    monkeypatch.setattr(Ask, "owner", Owner("ben"))
    assert "Share it no more" not in visitor.get("/hub/fast").text
