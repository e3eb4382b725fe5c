"""Many pages at once: every page once, whatever happens in between."""

from __future__ import annotations

import gzip
import io
import json
import os
import pty
import random
import re
import signal
import subprocess
import sys
import termios
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from bodycopy import bulk, clean, inputs
from bodycopy.bulk import BulkError, Summary, run
from bodycopy.pool import Limits, Pool

MANY = 150
"""Pages of the runs that get interrupted."""
TESTS = Path(__file__).resolve().parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS.parent / "server"), str(TESTS)])}
FAULTS = "from bodycopy import bulk; bulk.WORK = 'web.works:run'\n"
"""Pages may ask for a fault then, such as one that waits for a file."""
COMMAND = FAULTS + "import sys; from bodycopy.cli import main; sys.exit(main(['bulk', *sys.argv[1:]]))"
PATIENCE = 90.0
"""Seconds for what happens at once where nothing else runs."""


def page(number: int, paragraphs: int = 3) -> str:
    body = "".join(
        f"<p>Paragraph {n} of page {number} tells at some length how the town council spent another long evening.</p>"
        for n in range(paragraphs)
    )
    return f"<html><head><title>Page {number}</title></head><body><article>{body}</article></body></html>"


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def written(path: Path) -> int:
    """Whole lines that are there."""
    return path.read_bytes().count(b"\n") if path.exists() else 0


def sources(path: Path) -> Counter[object]:
    return Counter(line["source"] for line in lines(path))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    (folder / "deeper").mkdir(parents=True)
    for number in range(6):
        (folder / f"{number}.html").write_text(page(number))
    (folder / "deeper" / "7.htm.gz").write_bytes(gzip.compress(page(7).encode()))
    (folder / "deeper" / "8.txt").write_text("A line of plain text about the council and its long evening, kept whole.")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


def test_every_page_of_a_folder_is_cleaned_once(folder: Path, out: Path) -> None:
    done = run([str(folder)], str(out))
    assert (done.cleaned, done.failed, done.before) == (8, 0, 0)
    expected = {f"{folder}/{n}.html" for n in range(6)} | {f"{folder}/deeper/7.htm.gz", f"{folder}/deeper/8.txt"}
    assert sources(out) == Counter(expected)


def test_line_is_the_answer_of_the_service_with_source_and_id(folder: Path, out: Path) -> None:
    run([str(folder / "1.html")], str(out))
    (line,) = lines(out)
    assert line["source"] == line["id"] == str(folder / "1.html")
    assert line["title"] == "Page 1"
    assert str(line["text"]).startswith("Paragraph 0 of page 1")
    assert {"markdown", "html", "removed", "warnings", "version"} <= line.keys()


def test_line_over_the_limit_is_bad_and_the_next_is_read(tmp_path: Path, out: Path, monkeypatch) -> None:
    monkeypatch.setattr(inputs, "_MAX_LINE_BYTES", 2_000)
    source = tmp_path / "pages.jsonl"
    source.write_text("".join(json.dumps({"html": page(n, size)}) + "\n" for n, size in ((1, 100), (2, 3), (3, 100))))
    assert (run([str(source)], str(out)).cleaned, [*sources(out)]) == (1, [f"{source}:2"])
    assert [*sources(out.with_name("out.errors.jsonl"))] == [f"{source}:1", f"{source}:3"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_file_is_read_in_its_encoding(tmp_path: Path, out: Path, encoding: str) -> None:
    text = "The café on the quay opened on Monday, nine years after the first plans for it were drawn up."
    (tmp_path / "a.txt").write_text(text, encoding=encoding)
    run([str(tmp_path / "a.txt")], str(out))
    assert [line["text"] for line in lines(out)] == [text]


def test_page_named_twice_is_cleaned_once(folder: Path, out: Path) -> None:
    run([str(folder / "1.html"), str(folder / "1.html")], str(out))
    assert len(lines(out)) == 1


def test_jsonl_lines_are_pages_and_bad_lines_are_told_and_passed_over(tmp_path: Path, out: Path, capfd) -> None:
    source = tmp_path / "pages.jsonl"
    source.write_text(
        json.dumps({"id": "first", "html": page(1), "url": "https://example.org/1"})
        + '\n\nnot json\n{"url": "https://example.org/2"}\n[1]\n'
        + json.dumps({"text": "A line of plain text about the council and its long evening, kept whole."})
    )
    done = run([str(source)], str(out))
    assert (done.cleaned, done.failed) == (2, 3)
    by_source = {line["source"]: line for line in lines(out)}
    assert by_source.keys() == {f"{source}:1", f"{source}:6"}
    assert by_source[f"{source}:1"]["id"] == "first"
    assert by_source[f"{source}:1"]["url"] == "https://example.org/1"
    bad = {line["source"]: line["error"] for line in lines(tmp_path / "out.errors.jsonl")}
    assert bad.keys() == {f"{source}:3", f"{source}:4", f"{source}:5"}
    assert bad[f"{source}:3"] == "The line is not JSON."
    assert f"{source}:3: The line is not JSON." in capfd.readouterr().err


def test_compressed_jsonl_is_read_line_by_line(tmp_path: Path, out: Path) -> None:
    source = tmp_path / "pages.jsonl.gz"
    source.write_bytes(gzip.compress("".join(json.dumps({"html": page(n)}) + "\n" for n in range(3)).encode()))
    assert run([str(source)], str(out)).cleaned == 3
    assert sources(out) == Counter(f"{source}:{n}" for n in (1, 2, 3))


def test_terminal_sees_how_far_it_is(folder: Path, out: Path) -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (25, 100))
    command = [sys.executable, "-m", "bodycopy.cli", "bulk", str(folder), "-o", str(out)]
    with subprocess.Popen(command, env=ENVIRONMENT, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 65_536):
                shown += chunk
        except OSError:
            pass  # How Linux says that the other side has gone.
        os.close(ours)
    assert process.returncode == 0
    assert b"0/8" in shown and b"8/8" in shown and b"pages/s" in shown


def test_page_over_the_limit_is_bad_and_the_others_are_cleaned(folder: Path, out: Path, monkeypatch) -> None:
    monkeypatch.setattr(inputs, "MAX_PAGE_BYTES", 2000)
    (folder / "0.html").write_text(page(0, 100))
    (folder / "deeper" / "7.htm.gz").write_bytes(gzip.compress(b"<p>" * 100_000))
    done = run([str(folder)], str(out))
    assert (done.cleaned, done.failed) == (6, 2)


def test_pdf_among_the_pages_is_bad_and_the_others_are_cleaned(folder: Path, out: Path) -> None:
    (folder / "0.html").write_bytes(b"%PDF-1.7\n")
    done = run([str(folder)], str(out))
    assert (done.cleaned, done.failed) == (7, 1)
    (bad,) = lines(out.with_name("out.errors.jsonl"))
    assert str(bad["error"]).startswith("This is a PDF")


def test_broken_gzip_is_bad_and_the_others_are_cleaned(folder: Path, out: Path) -> None:
    whole = (folder / "deeper" / "7.htm.gz").read_bytes()
    (folder / "deeper" / "7.htm.gz").write_bytes(whole[: len(whole) // 2])
    done = run([str(folder)], str(out))
    assert (done.cleaned, done.failed) == (7, 1)


@pytest.mark.parametrize("name", ["7.htm.gz", "pages.jsonl.gz"])
def test_corrupt_gzip_is_bad_and_the_others_are_cleaned(folder: Path, out: Path, name: str) -> None:
    (folder / "deeper" / "7.htm.gz").unlink()
    corrupt = bytearray(gzip.compress(random.Random(7).randbytes(9_000)))
    corrupt[10] = 0xFF  # Where the first block says of which kind it is.
    (folder / "deeper" / name).write_bytes(corrupt)
    done = run([str(folder)], str(out))
    assert (done.cleaned, done.failed) == (7, 1)
    (bad,) = lines(out.with_name("out.errors.jsonl"))
    assert bad["source"] == f"{folder}/deeper/{name}"
    assert str(bad["error"]).startswith("The file cannot be read to its end: Error -3")
    assert run([str(folder)], str(out)).before == 8


def test_what_cannot_be_read_is_told_by_name_and_the_others_are_cleaned(folder: Path, out: Path) -> None:
    for name in ("0.html", "pages.jsonl", "pages.warc"):
        (folder / f"away-{name}").symlink_to("nowhere")
        (folder / f"circle-{name}").symlink_to(f"circle-{name}")
    done = run([str(folder)], str(out))
    assert (done.cleaned, done.failed) == (8, 6)
    bad = {str(line["source"]): str(line["error"]) for line in lines(out.with_name("out.errors.jsonl"))}
    assert bad[f"{folder}/away-pages.jsonl"] == "The file cannot be read to its end: No such file or directory"
    assert run([str(folder)], str(out)).before == 14


def test_folder_that_cannot_be_read_is_told_by_name_and_the_others_are_cleaned(folder: Path, out: Path) -> None:
    # Its path is longer than any may be, which holds for root as well.
    above, names = os.open(folder / "deeper", os.O_RDONLY), []
    while len("/".join(names)) < 4_200:
        names.append("x" * 200)
        os.mkdir(names[-1], dir_fd=above)
        below = os.open(names[-1], os.O_RDONLY, dir_fd=above)
        os.close(above)
        above = below
    os.close(above)
    done = run([str(folder)], str(out))
    assert (done.cleaned, done.failed) == (8, 1)
    (bad,) = lines(out.with_name("out.errors.jsonl"))
    assert str(bad["source"]).startswith(f"{folder}/deeper/xxx")
    assert bad["error"] == "The folder cannot be read: File name too long"


def test_linked_folders_are_read_and_circles_end(folder: Path, tmp_path: Path, out: Path) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "link").symlink_to(folder)
    (folder / "deeper" / "up").symlink_to(folder)
    (folder / "deeper" / "given").symlink_to(tmp_path / "given")
    assert run([str(tmp_path / "given")], str(out)).cleaned == 8
    assert f"{tmp_path}/given/link/deeper/7.htm.gz" in sources(out)


@pytest.mark.parametrize("text", ["The ferry runs again, the operator of the line said on Wednesday.", ""])
def test_empty_html_is_none(tmp_path: Path, out: Path, text: str) -> None:
    (tmp_path / "pages.jsonl").write_text(json.dumps({"html": "", "text": text}))
    done = run([str(tmp_path / "pages.jsonl")], str(out))
    assert (done.cleaned, done.failed) == ((1, 0) if text else (0, 1))
    assert [line["text"] for line in (lines(out) if text else [])] == [text][: done.cleaned]


def _warc(path: Path, pages: dict[str, tuple[str, str, bytes]]) -> None:
    """A WARC of {url: (status line, content type, body)}; for `.gz` each record gzipped alone, as crawlers write them."""
    out = io.BytesIO()
    for url, (status, kind, body) in pages.items():
        http = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        head = (
            "WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000000>\r\n"
            f"WARC-Date: 2026-01-02T03:04:05Z\r\nWARC-Target-URI: {url}\r\n"
            f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
        )
        record = head.encode() + http + b"\r\n\r\n"
        out.write(gzip.compress(record) if path.suffix == ".gz" else record)
    path.write_bytes(out.getvalue())


@pytest.mark.parametrize("name", ["crawl.warc.gz", "crawl.warc"])
def test_warc_gives_its_html_pages_with_address_and_charset(tmp_path: Path, out: Path, name: str) -> None:
    source = tmp_path / name
    japanese = "<p>町議会は月曜日、冬までに古い橋を修理することを決めた。工事は四か月かかる見通しだ。</p>".encode(
        "shift_jis"
    )
    _warc(
        source,
        {
            "https://example.org/1": ("200 OK", "text/html", page(1).encode()),
            "https://example.org/logo": ("200 OK", "image/png", b"\x89PNG"),
            "https://example.org/gone": ("404 Not Found", "text/html", page(2).encode()),
            "https://example.org/ja": ("200 OK", "text/html; charset=Shift_JIS", japanese),
        },
    )
    done = run([str(source)], str(out))
    assert (done.cleaned, done.failed) == (2, 0)
    by_url = {line["url"]: line for line in lines(out)}
    assert by_url.keys() == {"https://example.org/1", "https://example.org/ja"}
    assert "町議会は月曜日" in str(by_url["https://example.org/ja"]["text"])


def test_warc_page_over_the_limit_is_bad_and_the_others_are_cleaned(tmp_path: Path, out: Path, monkeypatch) -> None:
    monkeypatch.setattr(inputs, "MAX_PAGE_BYTES", 2_000)
    source = tmp_path / "crawl.warc.gz"
    pages = {f"https://example.org/{n}": ("200 OK", "text/html", page(n, n).encode()) for n in (3, 100, 4)}
    _warc(source, pages)
    done = run([str(source)], str(out))
    assert (done.cleaned, done.failed) == (2, 1)
    (bad,) = lines(out.with_name("out.errors.jsonl"))
    assert bad["url"] == "https://example.org/100"


def _chunked(body: bytes) -> bytes:
    chunks = [body[at : at + 100] for at in range(0, len(body), 100)]
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in [*chunks, b""])


def _brotli(body: bytes) -> bytes:
    from fastwarc.stream_io import BrotliWriter

    out = io.BytesIO()
    with BrotliWriter(out) as writer:
        writer.write(body)
    return out.getvalue()


CHUNKED = "Transfer-Encoding: chunked"
GZIP = "Content-Encoding: gzip"


@pytest.mark.parametrize(
    ("header", "store"),
    [
        (GZIP, gzip.compress),
        ("content-encoding: GZIP", gzip.compress),
        ("Content-Encoding: deflate", zlib.compress),
        ("Content-Encoding: br", _brotli),
        ("Content-Encoding: identity", bytes),
        (CHUNKED, _chunked),
        (f"{CHUNKED}\r\n{GZIP}", lambda body: _chunked(gzip.compress(body))),
        # Decoded before they were stored.
        (GZIP, bytes),
        ("Content-Encoding: deflate", bytes),
        ("Content-Encoding: br", bytes),
        ("Content-Encoding: zstd", bytes),
        ("Content-Encoding: none", bytes),
        (CHUNKED, bytes),
        (f"{CHUNKED}\r\n{GZIP}", bytes),
        (f"{CHUNKED}\r\n{GZIP}", gzip.compress),
        (f"{CHUNKED}\r\n{GZIP}", _chunked),
        ("Set-Cookie: " + "x" * 50_000, bytes),
    ],
)
@pytest.mark.parametrize("name", ["crawl.warc.gz", "crawl.warc"])
def test_warc_page_is_read_whatever_of_its_encodings_it_was_stored_in(
    tmp_path: Path, name: str, header: str, store: Callable[[bytes], bytes]
) -> None:
    stored = store(page(1).encode())
    url = "https://example.org/"
    plain = ("200 OK", "text/html", page(2).encode())
    _warc(tmp_path / name, {f"{url}1": ("200 OK", f"text/html\r\n{header}", stored), f"{url}2": plain})
    found = [*inputs.read_inputs([str(tmp_path / name)], lambda _: False)]
    assert [(f.html, f.url, f.problem) for f in found] == [(page(n).encode(), f"{url}{n}", None) for n in (1, 2)]


@pytest.mark.parametrize(
    ("header", "store"),
    [
        (GZIP, lambda body: gzip.compress(body) + b"more"),
        ("Content-Encoding: br", lambda body: _brotli(body)[:-20]),
        (CHUNKED, lambda body: _chunked(body)[:-200]),
        (CHUNKED, lambda body: b"no head of a chunk \x1b[31m " + body),
        ("Set-Cookie: " + "x" * 2_000_000, bytes),
    ],
)
def test_warc_page_that_cannot_be_decoded_is_bad_once_and_the_others_are_cleaned(
    tmp_path: Path, out: Path, header: str, store: Callable[[bytes], bytes]
) -> None:
    stored = store(page(1, 50).encode())
    source = tmp_path / "crawl.warc.gz"
    bad, good = ("200 OK", f"text/html\r\n{header}", stored), ("200 OK", "text/html", page(2).encode())
    _warc(source, {"https://example.org/1": bad, "https://example.org/2": good, "https://example.org/3": good})
    done = run([str(source)], str(out))
    assert (done.cleaned, done.failed) == (2, 1)
    (line,) = lines(out.with_name("out.errors.jsonl"))
    assert line["url"] == "https://example.org/1"
    assert len(str(line["error"])) < 200 and str(line["error"]).isprintable()
    done = run([str(source)], str(out))
    assert (done.cleaned, done.failed, done.before) == (0, 0, 3)


@pytest.mark.parametrize("missing", [2, 40, 300])
def test_cut_warc_gives_what_is_whole_and_tells_the_rest(tmp_path: Path, out: Path, missing: int) -> None:
    source = tmp_path / "crawl.warc.gz"
    _warc(source, {f"https://example.org/{n}": ("200 OK", "text/html", page(n, 50).encode()) for n in range(3)})
    source.write_bytes(source.read_bytes()[:-missing])
    done = run([str(source)], str(out))
    assert (done.cleaned, done.failed) == (2, 1)
    (bad,) = lines(tmp_path / "out.errors.jsonl")
    assert "in the middle of this record" in str(bad["error"])
    assert run([str(source)], str(out)).failed == 0


def test_second_run_cleans_only_what_is_new(folder: Path, out: Path) -> None:
    run([str(folder)], str(out))
    (folder / "new.html").write_text(page(9))
    done = run([str(folder)], str(out))
    assert (done.cleaned, done.failed, done.before) == (1, 0, 8)
    assert set(sources(out).values()) == {1}


def test_files_whose_names_are_not_utf_8_are_told_apart_and_cleaned_once(tmp_path: Path, out: Path) -> None:
    names = [b"a\xff.html", b"a\xfe.html", b"a\xef\xbf\xbdff.html", b"a?.html", b"a%ff.html", "ä.html".encode()]
    (tmp_path / "pages").mkdir()
    for number, name in enumerate(names):
        (tmp_path / "pages" / os.fsdecode(name)).write_text(page(number))
    (tmp_path / "pages" / os.fsdecode(b"\xff.jsonl")).write_text(json.dumps({"html": page(9)}) + "\nnot JSON\n")
    assert run([str(tmp_path / "pages")], str(out)).cleaned == 7
    # Readers stricter than Python's take no halves of characters, escaped or not.
    assert not re.search("[\ud800-\udfff]", str([*lines(out), *lines(out.with_name("out.errors.jsonl"))]))
    assert len(sources(out)) == 7
    assert {f"{tmp_path}/pages/{name}" for name in ("a\ufffdff.html", "a\ufffdfe.html", "ä.html")} <= sources(
        out
    ).keys()
    done = run([str(tmp_path / "pages")], str(out))
    assert (done.cleaned, done.failed, done.before) == (0, 0, 8)


def test_half_written_last_line_is_cut_off_and_its_page_cleaned_again(folder: Path, out: Path) -> None:
    run([str(folder)], str(out))
    whole = out.read_bytes()
    out.write_bytes(whole[:-50])
    assert run([str(folder)], str(out)).cleaned == 1
    assert set(sources(out).values()) == {1}
    assert len(lines(out)) == 8


def test_zeros_after_a_power_loss_are_cut_off(folder: Path, out: Path) -> None:
    run([str(folder)], str(out))
    whole = out.read_bytes()
    out.write_bytes(whole + b"\0" * 4096)
    run([str(folder)], str(out))
    assert out.read_bytes() == whole


@pytest.mark.parametrize("cut", [1, 5, 11])
def test_line_of_which_only_the_begin_was_written_is_cut_off(folder: Path, out: Path, cut: int) -> None:
    run([str(folder)], str(out))
    whole = out.read_bytes()
    out.write_bytes(whole + whole[:cut])
    run([str(folder)], str(out))
    assert out.read_bytes() == whole


@pytest.mark.parametrize("content", ["precious\n", "precious", "<p>precious</p>", '{"html": "precious"}', "\0precious"])
@pytest.mark.parametrize("name", ["out.jsonl", "out.errors.jsonl"])
def test_file_that_is_not_ours_is_left_alone(folder: Path, out: Path, name: str, content: str) -> None:
    path = out.with_name(name)
    path.write_text(content)
    with pytest.raises(BulkError, match=r"Line 1 of .* is not from bodycopy bulk"):
        run([str(folder)], str(out))
    assert path.read_text() == content


@pytest.mark.parametrize("name", ["given.jsonl", "given.errors.jsonl"])
@pytest.mark.parametrize("link", [None, Path.symlink_to, Path.hardlink_to])
def test_input_is_never_written_to(tmp_path: Path, name: str, link: Callable[[Path, Path], None] | None) -> None:
    given = tmp_path / name
    given.write_text('{"source": "somewhere", "html": "<p>precious"}')
    before = given.read_bytes()
    output = tmp_path / "given.jsonl"
    if link is not None:
        output = tmp_path / "linked.jsonl"
        link(tmp_path / name.replace("given", "linked"), given)
    with pytest.raises(BulkError, match="is one of the inputs"):
        run([str(given)], str(output))
    assert given.read_bytes() == before


@pytest.mark.parametrize("name", ["", ".", "/", "-"])
def test_output_without_a_name_is_refused_in_words(folder: Path, name: str) -> None:
    with pytest.raises(BulkError, match=r"Name one for the output, such as -o articles\.jsonl"):
        run([str(folder)], name)


def test_output_named_like_a_compressed_file_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BulkError, match=r"Name it without \.gz"):
        run([str(folder)], str(tmp_path / "out.jsonl.GZ"))
    assert sorted(tmp_path.iterdir()) == [folder]


LIMITED = (
    "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))\n"
    "from bodycopy.cli import main; sys.exit(main(['bulk', *sys.argv[1:]]))"
)


@pytest.mark.parametrize("name", ["out.jsonl", "out.errors.jsonl"])
@pytest.mark.parametrize("kind", ["device", "pipe", "folder"])
def test_output_that_is_no_regular_file_is_refused_unread(folder: Path, out: Path, name: str, kind: str) -> None:
    path = out.with_name(name)
    if kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    # As a process of little memory: /dev/zero has no end.
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(folder), "-o", str(out)],
        env=ENVIRONMENT, capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 2
    assert (
        done.stderr
        == f"bodycopy: {path} is a folder, a device or a pipe: no file to go on from. Name another output.\n"
    )


def test_output_inside_the_folder_is_not_read_as_input(folder: Path) -> None:
    out = folder / "out.jsonl"
    run([str(folder)], str(out))
    assert run([str(folder)], str(out)) == Summary(0, 0, 0, 8, pytest.approx(0, abs=1e9), 1)


def test_second_run_at_the_same_time_is_refused(folder: Path, out: Path) -> None:
    with bulk.Lines(out), pytest.raises(BulkError, match="Another run is writing"):
        run([str(folder)], str(out))


def test_full_disk_stops_the_run_and_it_goes_on_afterwards(folder: Path, out: Path, tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys; from bodycopy.bulk import run, BulkError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))\n"
        "try: run([sys.argv[1]], sys.argv[2])\n"
        "except BulkError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), str(out)], capture_output=True, text=True, env=ENVIRONMENT
    )
    assert "cannot be written" in done.stdout, done.stderr
    assert out.stat().st_size <= 4000
    run([str(folder)], str(out))
    assert set(sources(out).values()) == {1}
    assert len(lines(out)) == 8


def test_run_for_which_there_is_no_process_stops_and_it_goes_on_afterwards(
    folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise BlockingIOError("Resource temporarily unavailable")

    with monkeypatch.context() as patch, pytest.raises(BulkError, match="No process could be started"):
        patch.setattr(subprocess, "Popen", fail)
        run([str(folder)], str(out))
    assert run([str(folder)], str(out)).cleaned == 8


def test_missing_input_is_refused_before_anything_is_written(out: Path) -> None:
    with pytest.raises(BulkError, match="There is no file or folder 'nowhere'"):
        run(["nowhere"], str(out))
    assert not out.exists()


def test_unknown_kind_of_file_is_refused_with_the_known_ones(tmp_path: Path, out: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    with pytest.raises(BulkError, match=r"\.jsonl"):
        run([str(tmp_path / "a.pdf")], str(out))


class Many:
    """A file of pages, of which the ones at `stops`, two by two, hold up two processes until they are let go."""

    def __init__(self, folder: Path, stops: Sequence[int]) -> None:
        self.path = folder / "many.jsonl"
        self._marks = [folder / f"go{stop}" for stop in stops]
        with self.path.open("w") as file:
            for number in range(MANY):
                held = [mark for mark, stop in zip(self._marks, stops, strict=True) if number in (stop, stop + 1)]
                wait = "".join(f"<p>please wait [{mark}]</p>" for mark in held)
                file.write(json.dumps({"html": page(number, 20) + wait}) + "\n")

    def let_go(self) -> None:
        """The next two that are held."""
        self._marks.pop(0).touch()


@pytest.fixture
def make_many(tmp_path: Path) -> Callable[..., Many]:
    return lambda *stops: Many(tmp_path, stops)


def _wait(until: Callable[[], bool], seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.01)


def _start(many: Many, out: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", COMMAND, str(many.path), "-o", str(out), "--timeout", "1000", *arguments]
    return subprocess.Popen(command, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)


def _children(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(status.parent.name))
    return found


def _gone(processes: Sequence[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in processes)


def test_killed_run_goes_on_with_no_page_twice_and_none_lost(make_many: Callable[..., Many], out: Path) -> None:
    many = make_many(5, 50)
    for count in (5, 50):
        with _start(many, out, "--processes", "2") as process:
            _wait(lambda number=count: written(out) == number)
            children = _children(process.pid)
            process.kill()
        many.let_go()
        _wait(lambda kids=children: _gone(kids))
    done = run([str(many.path)], str(out))
    assert done.before == 50
    assert sources(out) == Counter(f"{many.path}:{n}" for n in range(1, MANY + 1))


def test_killed_child_costs_no_page(make_many: Callable[..., Many], out: Path) -> None:
    many = make_many(5)
    with _start(many, out, "--processes", "2") as process:
        _wait(lambda: written(out) == 5)
        (victim, *_) = _children(process.pid)
        os.kill(victim, signal.SIGKILL)
        many.let_go()
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert sources(out) == Counter(f"{many.path}:{n}" for n in range(1, MANY + 1))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_the_run_whatever_is_in_hand_and_says_how_to_go_on(
    make_many: Callable[..., Many], out: Path, number: signal.Signals
) -> None:
    many = make_many(5)
    with _start(many, out, "--processes", "2") as process:
        _wait(lambda: written(out) == 5)
        children = _children(process.pid)
        process.send_signal(number)
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + number
    assert errors == "bodycopy: Stopped. Run the same command again to go on.\n"
    assert len(children) == 2
    _wait(lambda: _gone(children))
    assert written(out) == 5


def test_slow_page_is_bad_and_the_next_is_cleaned(folder: Path, out: Path, monkeypatch) -> None:
    monkeypatch.setattr(bulk, "WORK", "web.works:run")
    (folder / "0.html").write_text(page(0) + "please hang")
    done = run([str(folder)], str(out), processes=1, seconds=3)
    assert (done.cleaned, done.failed) == (7, 1)
    (bad,) = lines(out.with_name("out.errors.jsonl"))
    assert bad["error"] == "The page took longer than 3 seconds."


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("please eat", "needs more than 300 MB of memory"),
        ("please crash", "ended the process that cleaned it, twice"),
        ("please fail", "could not be cleaned (RuntimeError at works.py:"),
    ],
)
def test_bad_page_is_told_by_what_was_wrong(fault: str, words: str) -> None:
    page, order = fault.encode(), {"kind": "text", "url": None, "charset": None, "keep": [], "drop_texts": []}
    with Pool("web.works:run", Limits(workers=1, queue=0, seconds=PATIENCE, megabytes=300)) as pool:
        answer, problem, _ = bulk.clean_task(pool, json.dumps(order).encode(), page)
    assert answer == b""
    assert problem is not None and words in problem and fault not in problem


def test_run_leaves_no_process_behind(folder: Path, out: Path) -> None:
    before = set(_children(os.getpid()))
    run([str(folder)], str(out))
    assert set(_children(os.getpid())) <= before


def test_what_is_kept_and_where_links_lead_is_what_the_library_says(folder: Path, out: Path) -> None:
    (folder / "pages.jsonl").write_text(
        json.dumps({"id": 7, "html": page(1) + "<p>half \ud800 a character</p>", "url": "https://example.org/1"})
    )
    run([str(folder / "pages.jsonl")], str(out), keep=["promotion"])
    (line,) = lines(out)
    expected = clean(page(1) + "<p>half \ufffd a character</p>", "https://example.org/1", {"promotion"}).to_dict()
    assert line == {"source": f"{folder}/pages.jsonl:1", "id": "7", **expected}


def test_command_line_prints_a_summary_and_succeeds_despite_a_bad_page(folder: Path, out: Path) -> None:
    (folder / "bad.jsonl").write_text("{}\n")
    (folder / "empty.html").write_text("<title>Only a title</title>")
    done = subprocess.run(
        [sys.executable, "-m", "bodycopy.cli", "bulk", str(folder), "-o", str(out)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert re.search("9 pages cleaned in .* s, 1 of them without an article, 1 bad, 0 done before.", done.stderr)
    # The picture of the folder.
    assert "1 file of other kinds passed over; read are .html, .htm, " in done.stderr


def test_files_of_other_kinds_are_counted_once_and_the_own_output_is_none(folder: Path) -> None:
    (folder / "deeper" / "notes.md").write_text("A note.")
    for _ in range(2):
        assert run([str(folder), str(folder)], str(folder / "out.jsonl")).others == 2


def test_page_without_an_article_says_so_in_its_line_and_succeeds_in_company_only(tmp_path: Path, out: Path) -> None:
    (tmp_path / "empty.html").write_text("<title>Only a title</title>")
    command = [sys.executable, "-m", "bodycopy.cli", "bulk", str(tmp_path / "empty.html"), "-o", str(out)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
    assert (done.returncode, "1 pages cleaned" in done.stderr) == (1, True)
    (line,) = lines(out)
    assert (line["title"], line["text"], bool(line["warnings"])) == ("Only a title", "", True)


class Cluster:
    """A Dask scheduler and two workers as they run on machines of their own, each a process."""

    def __init__(self) -> None:
        self.address_file = Path()
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
            cwd=folder,
            env=ENVIRONMENT | {"DASK_DISTRIBUTED__SCHEDULER__WORK_STEALING": "true"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    machines = Cluster()
    file = tmp_path / "scheduler.json"
    machines.start(
        tmp_path,
        "dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
        "--scheduler-file",
        str(file),
    )
    try:
        _wait(lambda: file.exists() and file.stat().st_size > 0)
        address = json.loads(file.read_text())["address"]
        faults = tmp_path / "faults.py"
        faults.write_text(FAULTS)
        options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--preload", str(faults)]
        workers = [machines.start(tmp_path, "dask_worker", address, *options) for _ in range(2)]
        from distributed import Client

        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=PATIENCE)
        yield address, workers
    finally:
        for process in reversed(machines.processes):
            process.kill()
            process.wait()


def test_cluster_gives_every_page_once_though_a_worker_is_killed(
    make_many: Callable[..., Many], out: Path, cluster
) -> None:
    many = make_many(10)
    address, workers = cluster
    with _start(many, out, "--dask", address) as process:
        _wait(lambda: written(out) >= 5)
        workers[0].kill()
        assert written(out) < MANY
        many.let_go()
        process.communicate(timeout=2 * PATIENCE)
    assert process.returncode == 0
    assert sources(out) == Counter(f"{many.path}:{n}" for n in range(1, MANY + 1))


def test_missing_scheduler_is_said_with_its_address(folder: Path, out: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bodycopy.cli", "bulk", str(folder), "-o", str(out), "--dask", "tcp://127.0.0.1:1"],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "No Dask scheduler answers at tcp://127.0.0.1:1" in done.stderr
