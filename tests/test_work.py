"""What a worker does with a page: bytes in, the finished answer out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bodycopy import clean
from bodycopy.page import MAX_PAGE_BYTES
from bodycopy.work import run

FIRST = "The café on the quay opened on Monday, nine years after the first plans for it were drawn up."
SECOND = "Its owner said that he would bake the bread himself, and that nobody should expect cake before May."
PAGE = f"<html><head><title>Quay</title></head><body><article><p>{FIRST}</p><p>{SECOND}</p></article></body></html>"


def order(**values: Any) -> dict[str, Any]:
    return {
        "kind": "html",
        "url": None,
        "charset": None,
        "keep": [],
        "drop_texts": [],
        "format": "json",
        **values,
    }


def test_answer_is_that_of_the_library() -> None:
    facts, body = run(order(url="https://a.example/"), PAGE.encode())
    article = clean(PAGE, "https://a.example/")
    assert json.loads(body) == article.to_dict()
    assert (facts["words"], facts["is_empty"], facts["title"]) == (article.word_count, False, "Quay")


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_each_format_is_the_article_s_own(form: str) -> None:
    assert run(order(format=form), PAGE.encode())[1].decode() == getattr(clean(PAGE), form)


@pytest.mark.parametrize(
    ("encoding", "charset"),
    [
        ("utf-8", None), ("utf-8-sig", None), ("utf-16", None), ("cp1252", None), ("cp1252", "windows-1252"),
        ("utf-16-le", "utf-16le"), ("utf-8-sig", "latin-1"),
        ("utf-8", "no-such-charset"), ("utf-8", "base64"), ("cp1252", "ascii"),
    ],
)  # fmt: skip
def test_plain_text_is_read_in_its_encoding(encoding: str, charset: str | None) -> None:
    _, body = run(order(kind="text", charset=charset, format="text"), f"{FIRST}\n{SECOND}".encode(encoding))
    assert body.decode() == f"{FIRST}\n{SECOND}"


def test_page_over_the_limit_has_facts_and_no_body() -> None:
    facts, body = run(order(), b"x" * (MAX_PAGE_BYTES + 1))
    assert (facts["error"], facts["limit"], body) == ("too-large", "max_bytes", b"")


def test_page_without_an_article_says_so() -> None:
    facts, _ = run(order(), b"<title>Only a title</title>")
    assert (facts["is_empty"], facts["title"]) == (True, "Only a title")


def test_dropped_text_is_found_whatever_its_white_space() -> None:
    facts, body = run(order(drop_texts=[FIRST.replace(" ", "\n  "), " "], format="text"), PAGE.encode())
    assert body.decode() == SECOND
    assert facts["removed"] == {"promotion": 1}
