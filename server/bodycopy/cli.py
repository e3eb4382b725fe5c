"""The command line: bodycopy serve | clean | explain | bulk."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from . import Article, PageTooLarge, __version__, clean, clean_text
from .article import BOILERPLATE_LABELS
from .charsets import decode_text
from .formats import FORMATS, printed
from .sniff import is_html, refusal

MAX_SECONDS = 86_400
"""And processes: what is larger is a slip."""


class InputError(Exception):
    """What was asked for cannot be done; the message says what to do."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; the exit status: 0 done, 1 no article, 2 not possible as asked, 128 and a signal's number."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = _parser(arguments)
    args = parser.parse_args(arguments)
    try:
        return int(args.run(args))
    except InputError as error:
        print(f"bodycopy: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # `bodycopy … | head`: the reader has gone, which is no error of ours.
        _drop_output()
        return 0
    except OSError as error:
        # A full disk behind `>`: what is printed so far is not the whole article.
        _drop_output()
        print(f"bodycopy: {error.strerror or error}. The output is not complete.", file=sys.stderr)
        return 2


def _drop_output() -> None:
    """What is still to be written to standard output goes nowhere, so that the end of the process does not fail on it."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser(arguments: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bodycopy", description="Just the article of a page, and everything that was removed, with reasons."
    )
    parser.add_argument("--version", action="version", version=f"bodycopy {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    command = commands.add_parser("serve", help="start the service", description="Start the service.")
    command.set_defaults(run=_serve)
    if arguments[:1] == ["serve"]:
        from .web import settings

        settings.add_arguments(command)

    command = commands.add_parser("clean", help="print the article of a page", description=_CLEAN)
    _add_page(command)
    command.add_argument("--format", choices=FORMATS, default="text", help="what to print (default: text)")
    command.set_defaults(run=_clean)

    command = commands.add_parser("explain", help="show what stays, what goes, and why", description=_EXPLAIN)
    _add_page(command)
    command.add_argument("--all", action="store_true", help="give the verdict of what stays, too")
    command.set_defaults(run=_explain)

    command = commands.add_parser("bulk", help="clean many pages into a JSONL file", description=_BULK)
    command.add_argument("inputs", nargs="+", metavar="INPUT", help="folders, pages, JSONL and WARC files, also .gz")
    command.add_argument("-o", "--output", required=True, metavar="OUT.jsonl", help="one line of JSON for each page")
    command.add_argument("--keep", action="append", default=[], metavar="LABEL", help=_KEEP)
    command.add_argument(
        "--processes", type=_positive(int), metavar="N", help="how many pages at once (default: cores)"
    )
    command.add_argument("--timeout", type=_positive(float), default=30.0, metavar="SECONDS", help="for one page (30)")
    command.add_argument("--dask", metavar="ADDRESS", help="run on the Dask cluster of this scheduler")
    command.set_defaults(run=_bulk)
    return parser


_CLEAN = (
    "Print the article of a page. A file ending in .txt, or input without any tag, is plain text, one block a line."
)
_EXPLAIN = "List every block of a page: what stays as it is, what goes with '-' and a reason, '=' what becomes a field."
_BULK = "Clean many pages. Kill it at any time: the same command goes on, no page twice and none lost."
_KEEP = "leave this kind of boilerplate in; may be repeated. One of: " + ", ".join(sorted(BOILERPLATE_LABELS))


def _add_page(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", metavar="FILE", help="an HTML or text file, or - for standard input")
    command.add_argument("--url", help="the page's address, to resolve its links")
    command.add_argument("--keep", action="append", default=[], metavar="LABEL", help=_KEEP)


def _positive(kind: type[int] | type[float]) -> type[int] | type[float]:
    def number(value: str) -> int | float:
        out = kind(value)
        if not 0 < out <= MAX_SECONDS:
            bounds = f"between 1 and {MAX_SECONDS:,}" if kind is int else f"above 0 and at most {MAX_SECONDS:,}"
            raise argparse.ArgumentTypeError(f"{value} is not {bounds}")
        return out

    number.__name__ = kind.__name__
    return number  # type: ignore[return-value]


def _serve(args: argparse.Namespace) -> int:
    from . import web
    from .web import settings

    try:
        return int(web.serve(settings.from_args(args)) or 0)
    except ValueError as error:
        raise InputError(str(error)) from None


def _clean(args: argparse.Namespace) -> int:
    article = _article(args)
    _print(printed(article, args.format, indent=2))
    return _tell(article)


def _explain(args: argparse.Namespace) -> int:
    from .explain import explain

    article = _article(args)
    _print(explain(article, colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ, everything=args.all))
    return 0 if article.text else 1


def _bulk(args: argparse.Namespace) -> int:
    from .bulk import BulkError, errors_path, run

    def terminated(number: int, _: object) -> None:
        raise KeyboardInterrupt(number)

    # As the first process of a container it would not be ended by SIGTERM otherwise.
    before = signal.signal(signal.SIGTERM, terminated)
    try:
        done = run(args.inputs, args.output, args.keep, args.processes, args.timeout, args.dask)
    except (BulkError, ValueError) as error:
        raise InputError(str(error)) from None
    except KeyboardInterrupt as stop:
        print("bodycopy: Stopped. Run the same command again to go on.", file=sys.stderr)
        return 128 + (stop.args[0] if stop.args else signal.SIGINT)
    finally:
        signal.signal(signal.SIGTERM, before)
    print(
        f"{done.cleaned:,} pages cleaned in {done.seconds:.0f} s, {done.empty:,} of them without an article, "
        f"{done.failed:,} bad, {done.before:,} done before.",
        file=sys.stderr,
    )
    if done.others:
        from .inputs import KNOWN

        files = f"{done.others:,} file{'s' if done.others > 1 else ''} of other kinds"
        print(f"{files} passed over; read are {KNOWN}.", file=sys.stderr)
    if done.failed:
        print(f"Bad pages are listed in {errors_path(args.output)}; remove it to try them again.", file=sys.stderr)
    return 1 if done.empty + done.failed and done.cleaned + done.before == done.empty else 0


def _article(args: argparse.Namespace) -> Article:
    # A shell's `<&-` and `>&-`, and some supervisors, start a command without them.
    if sys.stdout is None:
        raise InputError("Standard output is closed, and the article would be printed there.")
    data = _read(args.file)
    if (why := refusal(data)) is not None:
        raise InputError(why)
    try:
        text = decode_text(data)
        if args.file.lower().endswith(".txt") or not is_html(text):
            return clean_text(text, args.url, args.keep)
        return clean(data, args.url, args.keep)
    except (PageTooLarge, ValueError) as error:
        raise InputError(str(error)) from None


def _read(name: str) -> bytes:
    if name == "-":
        if sys.stdin is None:
            raise InputError("Standard input is closed. Pipe a page in, or name a file in place of the -.")
        return sys.stdin.buffer.read()
    if name.startswith(("http://", "https://")):
        raise InputError(f"Bodycopy fetches no pages. Pipe it in: curl -sL {name} | bodycopy clean - --url {name}")
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror}.") from None


def _tell(article: Article) -> int:
    """Print the warnings; the exit status."""
    for warning in article.warnings:
        print(f"bodycopy: {warning}", file=sys.stderr)
    if article.text:
        return 0
    if not article.warnings:
        print("bodycopy: No article was found.", file=sys.stderr)
    return 1


def _print(text: str) -> None:
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    if text:
        print(text.removesuffix("\n"), flush=True)


if __name__ == "__main__":
    sys.exit(main())
