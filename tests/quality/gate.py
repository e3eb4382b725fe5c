"""The quality gate's figures: cross-validated ones from the report, and the shipped weights' on a fixed sample."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import corpus
import extractors
import planted

FLOORS = Path(__file__).with_name("floors.toml")
SAMPLE = {"news": 165, "article": 120, "other": 60}
SLACK = 0.005
"""Subtracted from the sample's figures when they are pinned: processors round differently, and a page may tip."""
PLANTED_FIGURES = ("removed", "kept", "unchanged")

Figures = dict[str, dict[str, float]]


def report() -> dict[str, Any] | None:
    """The training code's report of the weights that ship, or None."""
    return json.loads(corpus.REPORT.read_text(encoding="utf-8")) if corpus.REPORT.exists() else None


def floors() -> dict[str, Any]:
    """The pinned floors; empty where none are."""
    return tomllib.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.exists() else {}


def reported(of: dict[str, Any]) -> Figures:
    """The report's figures that have a floor."""
    out = _main(of["figures"])
    out |= {f"undeclared_{name}": row for name, row in _main(of.get("undeclared", {})).items()}
    out |= {name: {key: of[name][key] for key in PLANTED_FIGURES} for name in planted.SETS if of.get(name)}
    return out


def sampled() -> Figures:
    """The shipped weights' figures on the sample and on the planted lines."""
    pages = [
        page
        for name, size in SAMPLE.items()
        for page in corpus.sample([p for p in corpus.pages() if corpus.group(p) == name], size)
    ]
    out = _main(corpus.figures(pages, extractors.predict("bodycopy", pages)))
    measured = planted.measure()
    out["planted"] = {key: measured[key] for key in PLANTED_FIGURES}
    return out


def _main(of: Figures) -> Figures:
    return {
        name: {key: row[key] for key in (corpus.MAIN_FIGURES if name in corpus.MAIN_KINDS else ("f1",))}
        for name, row in of.items()
    }


def below(found: Figures, pinned: Figures) -> list[str]:
    """One line for each figure that is under its floor or missing."""
    return [
        f"{row} {key}: {found.get(row, {}).get(key, 0.0):.4f} is below the floor of {floor:.4f}"
        for row, keys in pinned.items()
        for key, floor in keys.items()
        if found.get(row, {}).get(key, 0.0) < floor
    ]
