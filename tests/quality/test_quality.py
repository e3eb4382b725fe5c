"""Quality does not fall below what it was decided to be."""

from __future__ import annotations

import tomllib
from collections import Counter

import corpus
import gate
import planted
import pytest

FLOORS = gate.floors()
needs_corpus = pytest.mark.skipif(corpus.missing() is not None, reason=str(corpus.missing()))
needs_report = pytest.mark.skipif(
    "report" not in FLOORS, reason="no cross-validated floors are pinned: run python tests/quality/pin.py --write"
)
needs_floors = pytest.mark.skipif(
    "sample" not in FLOORS, reason="no floors are pinned: run python tests/quality/pin.py --write"
)


@needs_report
def test_cross_validated_figures_are_at_or_above_their_floors() -> None:
    report = gate.report()
    assert report is not None, "floors are pinned to server/training/report.json, which is gone"
    assert not gate.below(gate.reported(report), FLOORS["report"])


@needs_report
def test_report_is_of_the_weights_that_ship() -> None:
    report = gate.report()
    assert report is not None
    assert report["weights_sha256"] == corpus.weights_sha256(), "evaluate again, then pin.py --write"


@needs_report
@needs_corpus
def test_report_is_of_this_corpus() -> None:
    report = gate.report()
    assert report is not None
    assert report["corpus_sha256"] == corpus.corpus_sha256()


@needs_floors
@needs_corpus
def test_shipped_weights_are_at_or_above_their_floors_on_the_sample() -> None:
    assert FLOORS["corpus_sha256"] == corpus.corpus_sha256(), "the floors are of another corpus: pin.py --write --lower"
    assert not gate.below(gate.sampled(), FLOORS["sample"])


@needs_corpus
def test_planting_adds_the_line_and_nothing_else() -> None:
    page_id = planted.plantings()[0].page
    page = next(p for p in corpus.pages() if p["id"] == page_id)
    tree = planted._tree(page)
    before = Counter("".join(tree.itertext()).split())
    with_line, _ = planted.plant(page, "A line <b>planted</b> here.", "end")
    after = Counter("".join(planted.lxml_html.document_fromstring(with_line).itertext()).split())
    assert after - before == Counter(["A", "line", "planted", "here."])
    assert not before - after


@pytest.mark.parametrize("name", planted.SETS)
def test_planted_sets_hold_what_the_gate_promises(name: str) -> None:
    lines = tomllib.loads(planted.SETS[name].read_text(encoding="utf-8"))
    assert len(lines["promotional"]) >= 100
    assert len(lines["true"]) >= 60
    everything = [entry["html"] for kind in lines.values() for entry in kind]
    assert len(set(everything)) == len(everything)
    assert len({entry["lang"] for kind in lines.values() for entry in kind}) >= 8


def test_no_planted_line_is_a_training_line() -> None:
    files = sorted((corpus.REPORT.parent / "planted").glob("*/*.toml"))
    training = {entry["html"] for path in files for entry in tomllib.loads(path.read_text(encoding="utf-8"))["line"]}
    assert len(training) > 10_000
    for path in planted.SETS.values():
        lines = tomllib.loads(path.read_text(encoding="utf-8"))
        assert not {entry["html"] for kind in lines.values() for entry in kind} & training


def test_a_figure_that_is_missing_is_below_its_floor() -> None:
    assert gate.below({"news": {"f1": 0.9}}, {"news": {"f1": 0.9, "exact": 0.1}}) == [
        "news exact: 0.0000 is below the floor of 0.1000"
    ]
