"""What a worker process does with a page, for the service and for `bulk`: bytes in, the finished answer out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from . import Article, Label, PageTooLarge, Verdict, clean, clean_text
from .article import BOILERPLATE_LABELS
from .charsets import decode_text
from .formats import printed
from .render import coded
from .sniff import refusal

_TAUGHT = "You chose not to see this text on this site."


def run(order: dict[str, Any], page: bytes) -> tuple[dict[str, Any], bytes]:
    """Clean a page as `order` says (kind, url, charset, keep, drop_texts, format).

    Gives what the caller needs to know of it, and the body of the answer: JSON, text,
    Markdown or HTML in UTF-8. What is no page, or over a limit, has no body, and `error` among the facts.
    """
    if (detail := refusal(page)) is not None:
        return {"error": "unsupported-media-type", "detail": detail}, b""
    try:
        if order["kind"] == "text":
            article = clean_text(decode_text(page, order["charset"]), order["url"], order["keep"])
        else:
            article = clean(page, order["url"], order["keep"], order["charset"])
    except PageTooLarge as error:
        return {"error": "too-large", "detail": str(error), "limit": error.limit, "value": error.value}, b""
    article = drop(article, order["drop_texts"])
    facts = {
        "words": article.word_count,
        "is_empty": not article.text,
        "removed": Counter(r.block.verdict.label.value for r in article.removed),
        "title": article.title,
        "url": article.metadata.canonical_url or article.metadata.url,
        "warnings": list(map(str, article.warnings)),
        "warning_codes": list(map(coded, article.warnings)),
    }
    return facts, printed(article, order["format"]).encode("utf-8", "replace")


def drop(article: Article, texts: Iterable[str]) -> Article:
    """`article` with every block whose text is one of `texts` marked as taught, so that it is removed."""
    unwanted = {" ".join(text.split()) for text in texts} - {""}
    if not unwanted:
        return article
    label = next((label for label in (Label.PROMOTION, *sorted(BOILERPLATE_LABELS)) if label not in article.keep), None)
    verdict = Verdict(label or Label.PROMOTION, _TAUGHT, 1.0, "taught")
    blocks = tuple(
        b._replace(verdict=verdict) if b.verdict.label in article.shown and " ".join(b.text.split()) in unwanted else b
        for b in article.blocks
    )
    return replace(article, blocks=blocks, keep=article.keep - {verdict.label})


# Loads what is loaded on first use while the worker starts, not in the first page's time.
clean("<article><p>A first page, so that the next one finds everything in its place.</p></article>")
