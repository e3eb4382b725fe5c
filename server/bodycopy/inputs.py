"""What `bodycopy bulk` reads: folders, single pages, JSONL and WARC files, one page after another."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from .charsets import decode_text
from .page import MAX_PAGE_BYTES

PAGE_SUFFIXES = (".html", ".htm", ".xhtml", ".txt")
JSONL_SUFFIXES = (".jsonl", ".ndjson")
WARC_SUFFIXES = (".warc",)
KNOWN = ", ".join(PAGE_SUFFIXES + JSONL_SUFFIXES + WARC_SUFFIXES) + ", each also with .gz"
"""The endings of what is read, for messages."""
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_MAX_LINE_BYTES = 8 * MAX_PAGE_BYTES
"""A JSON string may take six bytes for one of the page."""
_MAX_HEADER_BYTES = 1_000_000
"""Of an answer of HTTP: cookies and policies can take more than the 32 kB that FastWARC allows."""
_MAX_WORDS_CHARS = 100
"""Of an error's message."""
_UNWRITABLE = re.compile("[\ud800-\udfff\ufffd]")
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*+<[!?/a-zA-Z]")


class Input(NamedTuple):
    """A page to clean, or what kept it from being read."""

    source: str
    """Where it stands: `folder/page.html`, `pages.jsonl:17`, `crawl.warc.gz:17`. Unique, and the same in each run.

    Of a name that is not UTF-8, each byte that is none is `�` and its two digits: `a�ff.html`.
    """
    id: str | None = None
    """The name that a JSONL line gives itself."""
    html: bytes | str | None = None
    text: str | None = None
    url: str | None = None
    charset: str | None = None
    problem: str | None = None


def read_inputs(
    paths: Iterable[str],
    is_done: Callable[[str], bool],
    without: Collection[Path] = (),
    pass_over: Callable[[str], object] = lambda path: None,
) -> Iterator[Input]:
    """Every page of `paths` whose source is not done, each once, in a fixed order, but for the files of `without`.

    `pass_over` is told the files in folders that are of no known kind.
    """
    seen: set[str] = set()

    def is_known(place: str) -> bool:
        source = _written(place)
        if source in seen or is_done(source):
            return True
        seen.add(source)
        return False

    for path, problem in _files(paths, without, pass_over):
        if problem is not None:
            if not is_known(path):
                yield Input(_written(path), problem=problem)
            continue
        reader = _reader(path)
        try:
            for page in reader(path, is_known):
                yield page._replace(source=_written(page.source))
        except (OSError, EOFError, zlib.error) as error:
            if not is_done(_written(path)):
                yield Input(_written(path), problem=f"The file cannot be read to its end: {_words(error)}")


def count_inputs(paths: Iterable[str], without: Collection[Path] = ()) -> int | None:
    """How many pages there are, where it can be told without unpacking; else None."""
    total = 0
    for path, problem in _files(paths, without):
        if problem is not None or _reader(path) is _read_page:
            total += 1
        elif path.endswith(JSONL_SUFFIXES):
            try:
                with open(path, "rb") as lines:
                    total += sum(chunk.count(b"\n") for chunk in iter(lambda: lines.read(1 << 20), b""))
            except OSError:
                total += 1
        else:
            return None
    return total


def check_inputs(paths: Iterable[str]) -> None:
    """Raise ValueError for a path that does not exist or is of no kind that can be read."""
    for path in paths:
        if not os.path.exists(path):
            raise ValueError(f"There is no file or folder {path!r}.")
        if not os.path.isdir(path) and not _is_readable(path):
            raise ValueError(f"{path!r} is neither a folder nor a file of a known kind ({KNOWN}).")
        if _stem(path).endswith(WARC_SUFFIXES):
            _warc()


def _stem(path: str) -> str:
    return path.lower().removesuffix(".gz")


def _is_readable(path: str) -> bool:
    return _stem(path).endswith(PAGE_SUFFIXES + JSONL_SUFFIXES + WARC_SUFFIXES)


def _reader(path: str) -> Callable[[str, Callable[[str], bool]], Iterator[Input]]:
    stem = _stem(path)
    if stem.endswith(WARC_SUFFIXES):
        return _read_warc
    return _read_jsonl if stem.endswith(JSONL_SUFFIXES) else _read_page


def _files(
    paths: Iterable[str], without: Collection[Path], pass_over: Callable[[str], object] = lambda path: None
) -> Iterator[tuple[str, str | None]]:
    """The files of `paths`, folders opened, and the folders that cannot be opened, each with what was wrong."""
    for path in paths:
        if not os.path.isdir(path):
            yield path, None
            continue
        for file, problem in _walk(path):
            if problem is None and not _is_readable(file):
                pass_over(file)
            elif problem is not None or Path(os.path.realpath(file)) not in without:
                yield file, problem


def _walk(folder: str, above: tuple[str, ...] = ()) -> Iterator[tuple[str, str | None]]:
    """The files in a folder and those below, in the order of their names. Links are followed, but not in a circle."""
    real = os.path.realpath(folder)
    if real in above:
        return
    try:
        with os.scandir(folder) as entries:
            found = sorted((entry.name, _is_folder(entry)) for entry in entries)
    except OSError as error:
        yield folder, f"The folder cannot be read: {_words(error)}"
        return
    for name, is_folder in found:
        if not is_folder:
            yield os.path.join(folder, name), None
    for name, is_folder in found:
        if is_folder:
            yield from _walk(os.path.join(folder, name), (*above, real))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _open(path: str) -> gzip.GzipFile | io.BufferedReader:
    return gzip.open(path, "rb") if path.lower().endswith(".gz") else open(path, "rb")


def _read_page(path: str, is_known: Callable[[str], bool]) -> Iterator[Input]:
    if is_known(path):
        return
    with _open(path) as file:
        data = file.read(MAX_PAGE_BYTES + 1)
    if len(data) > MAX_PAGE_BYTES:
        yield Input(path, problem=_TOO_LARGE)
    elif _stem(path).endswith(".txt"):
        yield Input(path, text=decode_text(data))
    else:
        yield Input(path, html=data)


def _read_jsonl(path: str, is_known: Callable[[str], bool]) -> Iterator[Input]:
    with _open(path) as file:
        number = 0
        while line := file.readline(_MAX_LINE_BYTES):
            number += 1
            whole = line.endswith(b"\n") or len(line) < _MAX_LINE_BYTES
            while not whole:
                rest = file.readline(_MAX_LINE_BYTES)
                line, whole = b"", rest.endswith(b"\n") or len(rest) < _MAX_LINE_BYTES
            source = f"{path}:{number}"
            if (line and not line.strip()) or is_known(source):
                continue
            yield _from_line(source, line) if line else Input(source, problem=_TOO_LARGE)


def _from_line(source: str, line: bytes) -> Input:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return Input(source, problem="The line is not JSON.")
    if not isinstance(record, dict):
        return Input(source, problem='The line is not a JSON object such as {"html": …, "url": …}.')
    fields = {
        name: record[name] for name in ("html", "text", "url") if record.get(name) and isinstance(record[name], str)
    }
    if "html" not in fields and "text" not in fields:
        return Input(source, problem='The line has neither "html" nor "text".')
    given = record.get("id")
    return Input(source, str(given) if isinstance(given, str | int) else None, **fields)


def _read_warc(path: str, is_known: Callable[[str], bool]) -> Iterator[Input]:
    """The pages of a WARC file. Each is held back until the next record shows that it is whole."""
    warc = _warc()
    pages = int(warc.WarcRecordType.response) | int(warc.WarcRecordType.resource)
    number = 0
    start = 0
    held: Input | None = None
    source: str | None = None
    is_read = False
    with open(path, "rb") as file:
        try:
            # What the iterator parses or decodes itself, and cannot, it takes for the end of the file.
            for record in warc.ArchiveIterator(file, parse_http=False):
                if held is not None:
                    yield held
                    held = None
                start, source, is_read = record.stream_pos, None, False
                if not int(record.record_type) & pages:
                    continue
                number += 1
                source = f"{path}:{number}"
                held = _from_record(source, record, is_known)
                if held is None:
                    record.consume()
                    is_read = True
            is_cut, is_read = _is_cut(path, start), False
        except OSError:
            is_cut = True
    if is_cut:
        if source is None or is_read:
            source = f"{path}:{number + 1}"
        if held is not None or not is_known(source):
            yield Input(source, problem="The file ends, or cannot be read on, in the middle of this record.")
    elif held is not None:
        yield held


def _from_record(source: str, record: Any, is_known: Callable[[str], bool]) -> Input | None:
    """The page of a record, or what was wrong with it; None if it is known, or no page."""
    url = record.headers.get("WARC-Target-URI")
    problem = None
    try:
        record.parse_http(max_header_len=_MAX_HEADER_BYTES)
        if not _is_page(record):
            return None
    except OSError as error:
        problem = f"The record's header cannot be read: {_words(error)}"
    if is_known(source):
        return None
    if problem is not None:
        return Input(source, url=url, problem=problem)
    try:
        # Chunks have some bytes around them: of the page itself the limit is asked below.
        data = record.reader.read(2 * MAX_PAGE_BYTES + 1)
        if record.is_http and len(data) <= 2 * MAX_PAGE_BYTES:
            data = _decoded(record, data)
    except OSError as error:
        return Input(source, url=url, problem=f"The record cannot be unpacked: {_words(error)}")
    if len(data) > MAX_PAGE_BYTES:
        return Input(source, url=url, problem=_TOO_LARGE)
    return Input(source, html=data, url=url, charset=record.http_charset if record.is_http else None)


def _decoded(record: Any, body: bytes) -> bytes:
    """A body as its Transfer-Encoding and Content-Encoding say, and without those that it does not have. Raises OSError.

    Some crawlers store it decoded and keep the header.
    """
    try:
        return _decoded_as("all", record, body)
    except OSError:
        for encodings in ("content", "transfer", "none"):
            with suppress(OSError):
                # What is still chunked or compressed begins otherwise.
                if _MARKUP.match(data := _decoded_as(encodings, record, body)):
                    return data
        raise


def _decoded_as(encodings: str, record: Any, body: bytes) -> bytes:
    head = io.BytesIO()
    record.http_headers.write(head)
    # A record of its own: one that failed to decode its body does not let the iterator go on to the next.
    alone = _warc().WarcRecord()
    alone.is_http = True
    alone.set_bytes_content(head.getvalue() + body)
    alone.parse_http(auto_decode=encodings, max_header_len=_MAX_HEADER_BYTES)
    data: bytes = alone.reader.read(MAX_PAGE_BYTES + 1)
    return data


def _is_cut(path: str, start: int) -> bool:
    """Whether the last record, which begins at `start`, lacks its end: two line breaks, and the gzip trailer."""
    with open(path, "rb") as file:
        file.seek(start)
        try:
            with gzip.open(file) if path.lower().endswith(".gz") else file as record:
                tail = b""
                while chunk := record.read(1 << 20):
                    tail = (tail + chunk)[-4:]
        except (EOFError, OSError, zlib.error):
            return True
    return tail not in (b"", b"\r\n\r\n")


def _is_page(record: Any) -> bool:
    """Whether a WARC record holds an HTML page that was answered with success."""
    if record.is_http:
        kind, status = record.http_content_type, record.http_headers.status_code
    else:
        kind, status = record.headers.get("Content-Type"), 200
    return status == 200 and (kind or "").split(";")[0].strip().lower() in _HTML_TYPES


def _warc() -> Any:
    try:
        import fastwarc.warc
    except ImportError:
        raise ValueError("WARC files need one more package: pip install 'bodycopy[warc]'") from None
    return fastwarc.warc


def _written(path: str) -> str:
    """A path as UTF-8 can hold it, and no other path's. With `?` for what it cannot, two files become one source."""
    return path if path.isascii() else _UNWRITABLE.sub(_escaped, path)


def _escaped(match: re.Match[str]) -> str:
    # A sign that stands in a name itself is doubled. Python has a byte that is no UTF-8 as U+DC00 and the byte.
    return "\ufffd\ufffd" if match[0] == "\ufffd" else f"\ufffd{ord(match[0]) - 0xDC00:02x}"


def _words(error: BaseException) -> str:
    words = str(error.strerror if isinstance(error, OSError) and error.strerror else error) or type(error).__name__
    # Of a chunk whose head is none, FastWARC quotes all of the page.
    return "".join(filter(str.isprintable, words[:_MAX_WORDS_CHARS]))


_TOO_LARGE = f"The page is larger than the limit of {MAX_PAGE_BYTES:,} bytes."
