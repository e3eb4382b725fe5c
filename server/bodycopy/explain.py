"""An article as a reviewed patch: every block of the page with its verdict."""

from __future__ import annotations

import shutil
import textwrap

from .article import METADATA_LABELS, Article, Block, Kind, Label

_RED, _DIM, _BOLD, _CYAN, _YELLOW, _OFF = "\x1b[31m", "\x1b[2m", "\x1b[1m", "\x1b[36m", "\x1b[33m", "\x1b[0m"
MAX_BLOCK_CHARS = 600
"""Of a removed block; enough to know it by."""


def explain(article: Article, colour: bool = False, everything: bool = False) -> str:
    """A listing of all blocks in reading order: `  ` stays, `- ` goes with label and reason, `= ` became a field.

    `everything` gives the verdict of what stays, too; `colour` is for terminals,
    where lines are wrapped to its width.
    """
    width = shutil.get_terminal_size().columns if colour else 0
    lines: list[str] = []
    removed = 0
    shown = article.shown
    for block in article.blocks:
        label = block.verdict.label
        stays = label in shown
        if not block.text and block.image is None:
            continue
        if stays:
            lines += _wrap("  ", _text(block), width, _BOLD if block.kind is Kind.HEADING and colour else "")
        elif label in METADATA_LABELS:
            lines += _wrap("= ", _text(block), width, _CYAN if colour else "")
        else:
            removed += bool(block.text)
            lines += _wrap("- ", _short(_text(block)), width, _RED if colour else "")
        if everything or not stays or _is_remarkable(block):
            lines += _wrap("      ", _verdict(block), width, _DIM if colour else "")
    head = [f"! {warning}" for warning in article.warnings]
    tail = f"{_count(sum(1 for b in article.kept if b.text), 'block')} of text stay, {removed} go."
    return "\n".join([*(f"{_YELLOW}{line}{_OFF}" if colour else line for line in head), *lines, "", tail])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _is_remarkable(block: Block) -> bool:
    """Whether a block that stays does so against what one might think."""
    verdict = block.verdict
    return verdict.source.startswith("guard") or verdict.label not in (Label.CONTENT, Label.HEADING, Label.CAPTION)


def _verdict(block: Block) -> str:
    verdict = block.verdict
    return f"{verdict.label}: {verdict.reason} ({verdict.source}, {verdict.confidence:.0%})"


def _text(block: Block) -> str:
    if block.image is not None:
        return f"[picture{': ' + block.image.alt if block.image.alt else ''}]"
    if block.kind is Kind.HEADING:
        return "#" * block.level + " " + block.text
    mark = {Kind.LIST_ITEM: "* ", Kind.QUOTE: "> "}.get(block.kind, "")
    return mark + block.text


def _short(text: str) -> str:
    return text if len(text) <= MAX_BLOCK_CHARS else text[:MAX_BLOCK_CHARS].rsplit(" ", 1)[0] + " …"


def _wrap(sign: str, text: str, width: int, style: str) -> list[str]:
    """`text` with `sign` before each of its lines."""
    # Control characters of a page must not reach the terminal.
    text = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    room = max(20, width - len(sign))
    lines = [part for line in text.split("\n") for part in (textwrap.wrap(line, room) if width else [line]) or [""]]
    return [f"{style}{sign}{line}{_OFF if style else ''}" for line in lines]
