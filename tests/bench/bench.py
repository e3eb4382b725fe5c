#!/usr/bin/env python3
"""How fast: CPU time a page beside peers' in one run, by stage, as pages grow, at start, and memory.

python tests/bench/bench.py [--pages 150] [--json OUT] [--compare OLD] [--plot tests/bench/bench.png]

Times are CPU milliseconds; pages are interleaved, so that a slow minute of the
machine is everyone's. The service over HTTP is measured by tests/bench/service.py.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "quality"))

import corpus
import parts
import peers

OURS = "bodycopy, everything"
STARTS = 8
"""Pages that the command line is started for."""
PARTS = ("peers", "stages", "growth", "start", "memory")


def quantile(values: list[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)]


def measure(timers: dict[str, peers.Timer], pages: list[bytes], repeat: int) -> dict[str, dict[str, float]]:
    """Milliseconds a page: of each page the least of its repeats, then statistics over pages."""
    best: dict[str, list[float]] = {name: [float("inf")] * len(pages) for name in timers}
    for timer in timers.values():
        timer(pages[0])
    for _ in range(repeat):
        for number, html in enumerate(pages):
            for name, timer in timers.items():
                best[name][number] = min(best[name][number], timer(html))
    return {
        name: {
            "median": statistics.median(ms), "mean": statistics.mean(ms),
            "p95": quantile(ms, 0.95), "p99": quantile(ms, 0.99),
        }
        for name, ms in best.items()
    }  # fmt: skip


def ratios(of: dict[str, dict[str, float]]) -> dict[str, float]:
    """The figures that are promised: ours as a multiple of others'."""
    ours, peer, walk = of[OURS], of["trafilatura with metadata"], of["parse and walk"]
    return {
        "to trafilatura with metadata, mean": ours["mean"] / peer["mean"],
        "to trafilatura with metadata, p99": ours["p99"] / peer["p99"],
        "to parse and walk, mean": ours["mean"] / walk["mean"],
    }


def commit() -> str:
    """The commit that is measured, with a + where the tree differs from it."""
    run = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"], cwd=corpus.REPOSITORY, capture_output=True, text=True, check=False
    )
    return run.stdout.strip() or "unknown"


def show(result: dict[str, Any], old: dict[str, Any] | None) -> None:
    if rows := result.get("peers"):
        base = rows[OURS]["mean"]
        print("| CPU ms a page | median | mean | p95 | p99 | mean, ours = 1 |" + (" mean before |" if old else ""))
        print("| --- | ---: | ---: | ---: | ---: | ---: |" + (" ---: |" if old else ""))
        for name, row in sorted(rows.items(), key=lambda item: item[1]["mean"]):
            before = f" {old['peers'][name]['mean']:.1f} |" if old and name in old.get("peers", {}) else ""
            cells = " | ".join(f"{value:.1f}" for value in row.values())
            print(f"| {name} | {cells} | {row['mean'] / base:.2f} |{before}")
        print()
    for title in ("ratios", "stages", "start", "memory"):
        for name, value in result.get(title, {}).items():
            before = f"  (before {old[title][name]:.2f})" if old and name in old.get(title, {}) else ""
            print(f"{title:<8} {name:<36} {value:.2f}{before}")
    for row in result.get("growth", []):
        print(f"growth   {row['kB']:.0f} kB: time a byte ×{row['x10']:.2f} at ten, ×{row['x100']:.2f} at a hundred")


def plot(result: dict[str, Any], path: Path) -> None:
    """Mean and p99 by extractor, as bars on a logarithmic scale."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = sorted(result["peers"].items(), key=lambda item: -item[1]["mean"])
    figure, axes = pyplot.subplots(figsize=(7, 3.4), dpi=100)
    for offset, key, shade in ((0.2, "mean", 1.0), (-0.2, "p99", 0.45)):
        colours = [("#b3261e" if name.startswith("bodycopy") else "#5f6b7a") for name, _ in rows]
        places, values = [i + offset for i in range(len(rows))], [row[key] for _, row in rows]
        bars = axes.barh(places, values, 0.38, color=colours, alpha=shade)
        axes.bar_label(bars, fmt="%.1f", fontsize=7, padding=2)
    axes.set_yticks(range(len(rows)), [name for name, _ in rows], fontsize=8)
    axes.set_xscale("log")
    axes.set_xlabel(f"CPU ms a page, mean (full) and p99 (pale), {result['pages']} pages", fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Software": None})


def main() -> int:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--pages", type=int, default=150, help="news and article pages of the corpus, the same each time")
    cli.add_argument("--repeat", type=int, default=3)
    cli.add_argument("--memory-pages", type=int, default=10_000)
    cli.add_argument("--only", choices=PARTS, action="append", help="one part; may be given more than once")
    cli.add_argument("--json", type=Path, help="write the figures there")
    cli.add_argument("--compare", type=Path, help="figures of an earlier run, printed beside")
    cli.add_argument("--plot", type=Path, help="draw the peers there, as PNG")
    args = cli.parse_args()
    if reason := corpus.missing():
        print(f"Nothing to measure on: {reason}.", file=sys.stderr)
        return 2
    wanted = args.only or PARTS
    chosen = corpus.sample([p for p in corpus.pages() if p["kind"] in corpus.MAIN_KINDS], args.pages)
    pages = [corpus.html(page) for page in chosen]
    result: dict[str, Any] = {
        "commit": commit(), "pages": len(pages), "kB": statistics.mean(map(len, pages)) / 1000,
        "python": platform.python_version(), "trafilatura": version("trafilatura"), "cores": os.cpu_count(),
    }  # fmt: skip
    if "peers" in wanted:
        timers, missing = peers.timers()
        for line in missing:
            print(f"Not installed, so not measured: {line}", file=sys.stderr)
        result["peers"] = measure(timers, pages, args.repeat)
        result["ratios"] = ratios(result["peers"])
    if "stages" in wanted:
        result["stages"] = parts.stages(pages)
    if "growth" in wanted:
        result["growth"] = parts.growth(parts.fit_to_grow([corpus.html(page) for page in corpus.pages()]))
    if "start" in wanted:
        result["start"] = parts.start_up(pages[:STARTS])
    if "memory" in wanted:
        paths = [corpus.CORPUS / "html" / f"{page['id']}.html.gz" for page in chosen]
        result["memory"] = {f"MB after {args.memory_pages} pages, {k}": v
                            for k, v in parts.memory(paths, args.memory_pages).items()}  # fmt: skip
    print(f"{len(pages)} pages of {result['kB']:.0f} kB on average, commit {result['commit']}.\n")
    show(result, json.loads(args.compare.read_text(encoding="utf-8")) if args.compare else None)
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    if args.plot:
        plot(result, args.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
