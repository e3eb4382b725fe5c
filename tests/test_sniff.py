"""What was given, told by its content."""

from __future__ import annotations

import pytest
from bodycopy.sniff import is_html


@pytest.mark.parametrize(
    "text",
    [
        "<p>One paragraph", "words </p> words", "a<br/>b", "a<BR />b", '<a href="/x">x</a>', "<img\nsrc=x>",
        "<IMG SRC=x>", "<!doctype html>words", "<!-- a\ncomment -->words", "x" * 100_000 + "<p>", "<h2>x", "3 < 4<hr>",
    ],
)  # fmt: skip
def test_whole_tag_comment_or_doctype_is_html(text: str) -> None:
    assert is_html(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "words", "3 < 4", "When x <y the boat is late.", "Jane <jane@example.org>", "<https://example.org/a=b>",
        "a <b and c> d", "a <b", "List<String> or <T extends Comparable>", "<!-- an arrow", "<p", "< p >", "<my-name>",
    ],
)  # fmt: skip
def test_less_than_sign_makes_no_html(text: str) -> None:
    assert not is_html(text)
