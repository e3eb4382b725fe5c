"""What was given, told by its content."""

from __future__ import annotations

import gzip
import random

import pytest
from bodycopy.sniff import is_html, refusal


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


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF"), (b"\n%PDF-1.4\n<< /Type /Catalog >>", "a PDF"),
        (b"PK\x03\x04\x14\0", "a ZIP archive"), (b"{\\rtf1\\ansi", "an RTF document"),
        (b"\x89PNG\r\n\x1a\n", "a picture"), (b"\xff\xd8\xff\xe0", "a picture"), (gzip.compress(b"<p>"), "gzip"),
        (random.Random(1).randbytes(5_000), "binary data"), (bytes(100), "binary data"),
        (random.Random(1).randbytes(5_000).decode("utf-8", "replace").encode(), "binary data"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_named(data: bytes, what: str) -> None:
    assert what in (refusal(data) or "")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"<p>", b"The file begins with %PDF-1.7, the handbook says.", b"GIF is a format.", b"a\0b\x01c",
        b"<p>\0\0\0one paragraph with a few control\x01characters\x02\x03</p>" * 20, "日本語のページ".encode("iso2022_jp") * 9,
        *("Grüße — 日本語のページ\n".encode(name) * 40 for name in ("utf-8", "utf-8-sig", "utf-16", "utf-32")),
        *("Hello, plain text\n".encode(name) * 40 for name in ("utf-16-le", "utf-16-be")),
        "Straße\n".encode("cp1252") * 40, "日本語のページ".encode("shift_jis") * 40,
    ],
)  # fmt: skip
def test_pages_and_texts_of_every_encoding_are_no_binary_data(data: bytes) -> None:
    assert refusal(data) is None
