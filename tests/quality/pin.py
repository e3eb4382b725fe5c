#!/usr/bin/env python3
"""Pin the floors of the quality gate to what is measured now.

python tests/quality/pin.py                  measured beside pinned; writes nothing
python tests/quality/pin.py --write          raise floors; refuses if one would be lowered
python tests/quality/pin.py --write --lower  lower them too: a decision, to be told in the commit's message
"""

from __future__ import annotations

import argparse
import math
import sys

import corpus
import gate


def _down(value: float) -> float:
    """`value` rounded down to four places."""
    return math.floor(max(0.0, value) * 10_000) / 10_000


def main() -> int:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--write", action="store_true")
    cli.add_argument("--lower", action="store_true", help="allow floors to be lowered, dropped, or the corpus changed")
    args = cli.parse_args()
    if reason := corpus.missing():
        print(f"Nothing pinned: {reason}.", file=sys.stderr)
        return 2
    old = gate.floors()
    new: dict[str, gate.Figures] = {
        "sample": {row: {k: _down(v - gate.SLACK) for k, v in keys.items()} for row, keys in gate.sampled().items()}
    }
    if (report := gate.report()) is not None:
        new["report"] = {row: {k: _down(v) for k, v in keys.items()} for row, keys in gate.reported(report).items()}
        if report["weights_sha256"] != corpus.weights_sha256():
            print("The report is of other weights than the ones that ship: evaluate again.", file=sys.stderr)
            return 1
    lowered = []
    for part in ("report", "sample"):
        rows = {**old.get(part, {}), **new.get(part, {})}
        for row in rows:
            for key in {**old.get(part, {}).get(row, {}), **new.get(part, {}).get(row, {})}:
                was = old.get(part, {}).get(row, {}).get(key)
                now = new.get(part, {}).get(row, {}).get(key)
                print(f"{part:<7} {row:<8} {key:<10} pinned {was if was is not None else '-'} now {now}")
                if was is not None and (now is None or now < was):
                    lowered.append(f"{part} {row} {key}")
    if old and old["corpus_sha256"] != corpus.corpus_sha256():
        lowered.append("all of them, since the corpus is another")
    if not args.write:
        return 0
    if lowered and not args.lower:
        print("Refused, these floors would be lowered (--lower allows it): " + "; ".join(lowered), file=sys.stderr)
        return 1
    lines = ["# Written by tests/quality/pin.py.", f'corpus_sha256 = "{corpus.corpus_sha256()}"']
    for part, rows in new.items():
        for row, keys in rows.items():
            lines += ["", f"[{part}.{row}]", *(f"{key} = {value}" for key, value in keys.items())]
    gate.FLOORS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"Written to {gate.FLOORS.relative_to(corpus.REPOSITORY)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
