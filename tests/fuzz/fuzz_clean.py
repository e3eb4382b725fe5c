"""Coverage-guided fuzzing of everything that reads a page, with atheris.

    python tests/fuzz/fuzz_clean.py -max_total_time=60 [CORPUS_DIRECTORY]

The first byte of an input says how it comes: as bytes, as text, as plain text; and
whether it is judged or kept whole. Checked are the promises of SECURITY.md that hold for
any page: an answer; every word of the tree in the blocks, once; every block in one place of
the answer; inert HTML, a fixed point of the sanitiser; no tag in Markdown outside of code;
our own HTML read as the same text. The corpus (without a directory: tests/fuzz/corpus, begun
with small seeds) is both read and added to. A finding is written to the current directory,
and `python tests/fuzz/fuzz_clean.py FILE` repeats it. Further arguments are libFuzzer's.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import atheris

HERE = Path(__file__).resolve().parent
CORPUS = HERE / "corpus"
SERVER = HERE.parents[1] / "server"
sys.path[:0] = [str(SERVER), str(HERE.parent / "hardening")]
WATCHED = frozenset(
    f"bodycopy.{name}" for name in ("page", "blocks", "render", "layout", "markdown", "metadata", "unjudged")
)


def modules() -> set[str]:
    """Names of all modules of the package."""
    paths = (path.relative_to(SERVER).with_suffix("") for path in (SERVER / "bodycopy").rglob("*.py"))
    return {".".join(path.parts).removesuffix(".__init__") for path in paths}


MAX_SECONDS = 30
ROUND_SECONDS = 300
# Atheris can include whole packages only, and keeps the result of every comparison that it watches: those of arrays, of
# which the judge makes thousands, took 300 kB a run.
with atheris.instrument_imports(include=["bodycopy"], exclude=sorted(modules() - WATCHED)):
    from bodycopy import PageTooLarge, clean, clean_text
    from bodycopy.article import Article, Block
    from bodycopy.blocks import text_blocks
    from bodycopy.metadata import read_metadata
    from bodycopy.page import read
from promises import check_article, check_blocks, check_idempotence, check_inert, kept_as_it_is, without_code  # noqa: E402

ADDRESS = "https://example.org/a"


def try_one(data: bytes) -> None:
    """One input; raises where a promise is broken."""
    mode = data[0] if data else 0
    html: bytes | str = data[1:]
    if mode & 1:
        html = data[1:].decode("utf-8", "surrogateescape")
    try:
        if mode & 4:
            check_answer(clean_text(html, ADDRESS) if isinstance(html, str) else clean(html, ADDRESS))
        elif mode & 2 and isinstance(html, str):
            check_kept(text_blocks(html)[0])
        else:
            page = read(html, ADDRESS)
            read_metadata(page)
            check_kept([b for b in check_blocks(page) if not b.hidden])
    except PageTooLarge:
        return


def check_kept(blocks: list[Block]) -> None:
    """An article of all blocks: the judge leaves the printing little to print."""
    check_answer(kept_as_it_is(blocks))
    check_idempotence(blocks)


def check_answer(article: Article) -> None:
    check_article(article)
    answer = article.to_dict()
    for piece in (answer, *answer["blocks"], *answer["removed"]):
        check_inert(piece["html"])
    assert "<" not in without_code(answer["markdown"])


def seeds(directory: Path) -> None:
    """Small pages to start from, in each of the ways."""
    import own_cases

    small = [payload.encode("utf-8", "replace") for payload in own_cases.PAYLOADS]
    small += [build(0.0001) for build in own_cases.CASES.values()]
    for path in sorted((HERE.parent / "pages").glob("*.html"))[::6]:
        small.append(path.read_bytes()[:4000])
    for number, page in enumerate(small):
        for mode in (0, 1, 3, 4, 5) if number % 5 == 0 else (number % 6,):
            (directory / f"seed{number}-{mode}").write_bytes(bytes([mode]) + page)


def main() -> int:
    """Rounds of a few minutes, each in a process of its own: watching costs memory for each run."""
    left = next((int(a.partition("=")[2]) for a in sys.argv if a.startswith("-max_total_time=")), 0)
    if left <= ROUND_SECONDS:
        fuzz(sys.argv)
        return 0
    others = [a for a in sys.argv[1:] if not a.startswith("-max_total_time=")]
    while left > 0:
        command = [sys.executable, __file__, f"-max_total_time={min(left, ROUND_SECONDS)}", *others]
        if status := subprocess.call(command):
            return status
        left -= ROUND_SECONDS
    return 0


def fuzz(arguments: list[str]) -> None:
    if not any(a.startswith("-dict=") for a in arguments):
        arguments.append(f"-dict={HERE / 'html.dict'}")
    if not any(a.startswith("-timeout=") for a in arguments):
        arguments.append(f"-timeout={MAX_SECONDS}")
    if not any(not a.startswith("-") for a in arguments[1:]):
        CORPUS.mkdir(exist_ok=True)
        seeds(CORPUS)
        arguments.append(str(CORPUS))
    atheris.Setup(arguments, try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
