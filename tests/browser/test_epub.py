"""The book that the reader saves, checked by EPUBCheck, which is what stores and libraries check with."""

from __future__ import annotations

import base64
import io
import subprocess
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from .conftest import Browser
from .news import STORIES, answer, page
from .servers import Prepared, Site
from .test_ways import illustrated

CHECKER = Path("/usr/share/java/epubcheck.jar")
OPF = "{http://www.idpf.org/2007/opf}"
WEBP = base64.b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")


def complaints(path: Path) -> str:
    """Errors and warnings, one a line; nothing where the book is valid."""
    if not CHECKER.exists():
        pytest.skip("epubcheck is not installed")
    done = subprocess.run(
        ["java", "-jar", str(CHECKER), "--failonwarnings", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode or "No errors or warnings detected" in done.stdout
    return done.stderr


def paragraph(number: int, html: str, kind: str = "paragraph") -> dict[str, Any]:
    return {"id": number, "kind": kind, "label": "content", "html": html, "text": "Words"}


def hard(site: Site) -> dict[str, Any]:
    """All that an article can hold, and some that a book cannot."""
    new = site.add("/new.webp", WEBP, Content_Type="image/webp", Access_Control_Allow_Origin="*")
    broken = site.add("/broken.webp", b"RIFF", Content_Type="image/webp", Access_Control_Allow_Origin="*")
    blocks = [
        *illustrated(site)["blocks"],
        paragraph(30, "<p>A control\x0b character, an <em>emoji</em> \U0001f4da &amp; <code>a &lt; b</code><br>H<sub>2</sub>O</p>"),
        paragraph(31, '<p><a href="https://example.org/a b|c?x=100%&amp;y=[2]">Odd</a> <a href="mailto:a@example.org">mail</a></p>'),
        paragraph(32, "<blockquote><p>Quoted.</p></blockquote>", "quote"),
        paragraph(33, "<pre><code>a\n  b</code></pre>", "code"),
        paragraph(34, "<ol><li>First</li></ol>", "list_item"),
        paragraph(35, "<h2>Between</h2>", "heading"),
        paragraph(36, f'<figure><img src="{new}" alt="" width="100%"></figure>', "figure"),
        paragraph(37, f'<figure><img src="{broken}" alt="Not to be had"></figure>', "figure"),
    ]  # fmt: skip
    return {**illustrated(site), "blocks": blocks, "language": "en_US", "dek": "What it is about."}


@pytest.mark.parametrize("kind", ["hard", "bare", "ar", "ja"])
def test_book_is_valid(browser: Browser, site: Site, prepared: Prepared, tmp_path: Path, kind: str) -> None:
    story = STORIES.get(kind, STORIES["en"])
    bare = answer(story, title="", byline=None, date=None, site_name=None, domain=None, language=None)
    prepared.answer = {"hard": hard(site), "bare": bare}.get(kind, answer(story))
    browser.use_service(prepared.base)
    reader = browser.read(site.add(f"/book-{kind}", page(story)))
    path = tmp_path / "book.epub"
    path.write_bytes(browser.driver.download(reader, "#save-epub")[1])
    assert complaints(path) == ""
    book = zipfile.ZipFile(path)
    package = ElementTree.fromstring(book.read("book/content.opf"))
    spine = package.find(f"{OPF}spine")
    assert spine is not None
    assert spine.get("page-progression-direction") == ("rtl" if kind == "ar" else "ltr")
    chapter = book.read("book/chapter-1.xhtml").decode()
    assert story.paragraphs[4] in chapter
    if kind == "hard":
        pictures = [name for name in book.namelist() if "/images/" in name]
        assert sorted(path.rpartition(".")[2] for path in pictures) == ["jpeg", "png"]
        assert "[Not to be had]" in chapter and "A control character" in chapter


def test_book_without_the_checker_holds_what_readers_need(browser: Browser, site: Site, prepared: Prepared) -> None:
    prepared.answer = illustrated(site)
    browser.use_service(prepared.base)
    reader = browser.read(site.add("/epub", page(STORIES["en"])))
    name, data = browser.driver.download(reader, "#save-epub")
    assert name.startswith(STORIES["en"].title) and name.endswith(".epub")
    book = zipfile.ZipFile(io.BytesIO(data))
    assert book.testzip() is None
    first = book.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert book.read("mimetype") == b"application/epub+zip"
    for name in book.namelist():
        if name.endswith((".xhtml", ".opf", ".xml")):
            ElementTree.fromstring(book.read(name))
    listed = {
        f"book/{item.get('href')}" for item in ElementTree.fromstring(book.read("book/content.opf")).iter(f"{OPF}item")
    }
    assert listed == {name for name in book.namelist() if name.startswith("book/")} - {"book/content.opf"}
    assert "book/images/1.png" in listed
