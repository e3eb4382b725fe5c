"""The command line, run as people run it."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVER = str(Path(__file__).resolve().parents[1] / "server")
PAGE = """<html lang="en"><head><title>Bridge to be repaired</title></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav>
<article><h1>Bridge to be repaired</h1>
<p>The council voted on Monday to repair the old bridge over the river before the winter, after years of delay.</p>
<p>Engineers said that the work would take four months and that one lane would stay open for buses and bicycles.</p>
<p>Residents of the eastern bank, who have asked for the repair since spring, called the decision overdue.</p>
<p>The mayor told the meeting that the money had been found in the road budget and that no tax would rise for it.</p>
<p>A first bid from a local firm came in below the estimate, according to papers handed out before the vote.</p>
<p>Work is to begin in the second week of April, when the spring flood has passed and the water is low enough.</p>
</article><footer><a href="/imprint">Imprint</a></footer></body></html>"""
FIRST = "The council voted on Monday to repair the old bridge"


def bodycopy(*arguments: str, data: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bodycopy.cli", *arguments],
        input=data,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": SERVER, **environment},
    )


@contextlib.contextmanager
def on_a_terminal(*arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A command whose output is a terminal, and where to read what that shows."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (25, 60))
    environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"PYTHONPATH": SERVER}
    with subprocess.Popen(
        [sys.executable, "-m", "bodycopy.cli", *arguments], stdout=theirs, stderr=theirs, env=environment
    ) as process:
        os.close(theirs)
        yield process, ours
    os.close(ours)


def read_to_the_end(terminal: int) -> bytes:
    out = b""
    # The error is how Linux says that the other side has gone.
    with contextlib.suppress(OSError):
        while chunk := os.read(terminal, 65_536):
            out += chunk
    return out


@pytest.fixture
def page(tmp_path: Path) -> str:
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    return str(path)


def test_clean_prints_the_text_of_a_file(page: str) -> None:
    done = bodycopy("clean", page)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith(FIRST)
    assert len(lines) == 6
    assert "Imprint" not in done.stdout


def test_clean_reads_standard_input() -> None:
    assert bodycopy("clean", "-", data=PAGE).stdout.startswith(FIRST)


def test_standard_input_without_tags_is_plain_text() -> None:
    text = "The council voted 3 < 4 on Monday to repair the old bridge over the river.\nWork begins in the spring.\n"
    assert bodycopy("clean", "-", data=text).stdout.startswith("The council voted 3 < 4 on Monday")


def test_text_with_a_less_than_sign_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    lines = [
        "When x <y the boat is late, and the whole timetable of the harbour has to be written anew by hand.",
        "Questions go to Jane Mole <jane@example.org>, who has kept the timetable for more than twenty years.",
    ]
    path.write_text("\n".join(lines))
    assert bodycopy("clean", str(path)).stdout.splitlines() == lines


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("name", ["page.html", "page.txt", "page"])
def test_file_is_read_in_its_encoding(tmp_path: Path, encoding: str, name: str) -> None:
    path = tmp_path / name
    line = "The café on the quay opened on Monday, nine years after the first plans for it were drawn up."
    html = f"<html><body><article><p>{line}</p></article></body></html>"
    path.write_text(html if name.endswith(".html") else line, encoding=encoding)
    assert bodycopy("clean", str(path)).stdout == line + "\n"


def test_text_file_is_plain_text_even_with_a_tag_in_it(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("The tag <b> makes text bold, the handbook says in its chapter on emphasis in web pages.\n")
    assert "<b>" in bodycopy("clean", str(path)).stdout


@pytest.mark.parametrize(
    ("form", "begins"), [("markdown", "# Bridge to be repaired\n\n" + FIRST), ("html", "<p>" + FIRST), ("json", "{")]
)
def test_clean_prints_each_format(page: str, form: str, begins: str) -> None:
    assert bodycopy("clean", page, "--format", form).stdout.startswith(begins)


def test_json_is_the_answer_of_the_service(page: str) -> None:
    answer = json.loads(bodycopy("clean", page, "--format", "json", "--url", "https://example.org/bridge").stdout)
    assert answer["url"] == "https://example.org/bridge"
    assert answer["title"] == "Bridge to be repaired"
    assert any("Imprint" in item["text"] for item in answer["removed"])


def test_pdf_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "paper.html").write_bytes(b"%PDF-1.7\n" + PAGE.encode())
    done = bodycopy("clean", str(tmp_path / "paper.html"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("bodycopy: This is a PDF, and neither a page nor plain text.")


def test_url_resolves_links(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE.replace("years of delay", '<a href="/past">years of delay</a>'))
    out = bodycopy("clean", str(path), "--format", "markdown", "--url", "https://example.org/story").stdout
    assert "(https://example.org/past)" in out


@pytest.mark.parametrize("form", ["html", "json"])
def test_url_that_is_not_utf_8_is_no_hindrance(page: str, form: str) -> None:
    url = os.fsdecode(b"https://example.org/\xff/")
    done = bodycopy("clean", page, "--format", form, "--url", url)
    assert (done.returncode, done.stderr) == (0, "")
    if form == "json":
        assert json.loads(done.stdout)["url"] == "https://example.org/\ufffd/"


def test_kept_label_is_in_the_text(page: str) -> None:
    answer = json.loads(bodycopy("clean", page, "--format", "json").stdout)
    gone = next(item for item in answer["removed"] if item["text"] == "Imprint")
    assert "Imprint" in bodycopy("clean", page, "--keep", gone["label"]).stdout


def test_unknown_label_is_refused_and_the_known_are_named(page: str) -> None:
    done = bodycopy("clean", page, "--keep", "adverts")
    assert done.returncode == 2
    assert "'adverts' is not a label" in done.stderr
    assert "advertisement" in done.stderr


def test_missing_file_is_said_in_one_line() -> None:
    done = bodycopy("clean", "nowhere.html")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "bodycopy: nowhere.html cannot be read: No such file or directory.\n"


def test_address_instead_of_a_file_gets_the_command_that_works() -> None:
    done = bodycopy("clean", "https://example.org/story")
    assert done.returncode == 2
    assert "curl -sL https://example.org/story | bodycopy clean - --url https://example.org/story" in done.stderr


def test_empty_input_has_no_article() -> None:
    done = bodycopy("clean", "-")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("bodycopy: ")


def test_closed_pipe_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "long.html"
    path.write_text(PAGE.replace("Residents", "Residents of the bank. " * 100_000))
    command = f"{sys.executable} -m bodycopy.cli clean {path} | head -c 20"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": SERVER},
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_output_is_utf_8_whatever_the_locale() -> None:
    data = PAGE.replace("river", "Möhnetalsperre — 湖")
    assert "Möhnetalsperre — 湖" in bodycopy("clean", "-", data=data, LC_ALL="C", PYTHONIOENCODING="latin-1").stdout


@pytest.mark.parametrize(
    ("command", "closed", "words"),
    [
        ("clean - <&-", "input", "name a file in place of the -"),
        ("explain - <&-", "input", "name a file in place of the -"),
        ("clean {} >&-", "output", "would be printed there"),
        ("explain {} >&-", "output", "would be printed there"),
    ],
)
def test_closed_input_or_output_is_said_without_a_trace(page: str, command: str, closed: str, words: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m bodycopy.cli {command.format(page)}"],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": SERVER},
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"bodycopy: Standard {closed} is closed") and words in done.stderr


def test_explain_marks_what_stays_and_what_goes_with_label_and_reason(page: str) -> None:
    done = bodycopy("explain", page)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert any(line.startswith("  " + FIRST) for line in lines)
    index = lines.index("- Imprint")
    answer = json.loads(bodycopy("clean", page, "--format", "json").stdout)
    item = next(item for item in answer["removed"] if item["text"] == "Imprint")
    assert lines[index + 1].startswith(f"      {item['label']}: {item['reason']} ({item['source']}, ")
    assert lines[-1].startswith("6 blocks of text stay, ")


def test_explain_lists_every_block(page: str) -> None:
    out = bodycopy("explain", page).stdout
    for words in ("Home", "Sport", "Bridge to be repaired", FIRST, "Engineers", "Residents", "Imprint"):
        assert words in out


def test_explain_gives_the_verdict_of_what_stays_if_asked(page: str) -> None:
    assert "content: " not in bodycopy("explain", page).stdout
    assert bodycopy("explain", page, "--all").stdout.count("content: ") == 6


def test_explain_has_colours_on_a_terminal_only(page: str) -> None:
    assert "\x1b[" not in bodycopy("explain", page).stdout
    with on_a_terminal("explain", page) as (process, ours):
        out = read_to_the_end(ours)
    assert process.returncode == 0
    assert b"\x1b[31m- Imprint\x1b[0m" in out


def test_explain_lets_no_control_character_through() -> None:
    out = bodycopy("explain", "-", data=PAGE.replace("Imprint", "Im\x1b]0;owned\x07print\x9b31m")).stdout
    assert "\x1b" not in out and "\x07" not in out and "\x9b" not in out


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "soon"])
def test_time_limit_that_is_none_is_refused(page: str, value: str) -> None:
    done = bodycopy("bulk", page, "-o", "out.jsonl", "--timeout", value)
    assert done.returncode == 2
    assert "--timeout" in done.stderr


@pytest.mark.parametrize(
    ("option", "bounds"), [("--processes", "between 1 and 86,400"), ("--timeout", "above 0 and at most 86,400")]
)
def test_number_out_of_bounds_is_told_the_bounds(page: str, option: str, bounds: str) -> None:
    done = bodycopy("bulk", page, "-o", "out.jsonl", option, "0")
    assert done.returncode == 2
    assert f"0 is not {bounds}" in done.stderr


def test_version_is_the_package_version() -> None:
    import bodycopy as package

    assert bodycopy("--version").stdout == f"bodycopy {package.__version__}\n"


def test_command_line_imports_no_web_server_and_no_cluster_at_once() -> None:
    code = "import sys, bodycopy.cli; print([m for m in ('flask', 'waitress', 'distributed') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | {"PYTHONPATH": SERVER}
    )
    assert done.stdout == "[]\n"


def test_service_refuses_a_public_address_without_a_token() -> None:
    done = bodycopy("serve", "--host", "0.0.0.0", "--port", "0", BODYCOPY_TOKEN="")
    assert done.returncode == 2
    assert done.stderr.startswith("bodycopy: Not starting: ")
    assert "BODYCOPY_TOKEN" in done.stderr


def test_setting_that_cannot_be_read_is_named() -> None:
    done = bodycopy("serve", BODYCOPY_PORT="eighty")
    assert (done.returncode, done.stderr) == (2, "bodycopy: BODYCOPY_PORT must be a number, not 'eighty'.\n")


def test_service_on_a_terminal_says_where_it_is_and_stops_at_ctrl_c() -> None:
    with on_a_terminal("serve", "--port", "0") as (process, terminal):
        shown = b""
        while b"Ctrl-C stops it." not in shown:
            shown += os.read(terminal, 65_536)
        process.send_signal(signal.SIGINT)
        shown += read_to_the_end(terminal)
    assert process.returncode == 0
    assert re.search(rb"Open http://127\.0\.0\.1:\d+ in a browser", shown)
    assert b"event=stopped" in shown and b"Traceback" not in shown


def test_ctrl_c_ends_the_reading_of_a_page_without_a_trace(tmp_path: Path) -> None:
    pipe = tmp_path / "page.html"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "bodycopy.cli", "clean", str(pipe)]
    environment = {**os.environ, "PYTHONPATH": SERVER}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as process, pipe.open("wb"):
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert (process.returncode, errors) == (130, b"")


def test_port_in_use_is_said_without_a_trace() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = bodycopy("serve", "--port", port)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert port in done.stderr and "Is another one running?" in done.stderr


# The second is for documentation only (RFC 5737), the first by RFC 6761 nobody's.
@pytest.mark.parametrize("host", ["nosuch.invalid", "203.0.113.9"])
def test_address_that_is_not_this_machine_s_is_said_with_what_to_give(host: str) -> None:
    done = bodycopy("serve", "--host", host, "--port", "0", "--token", "secret", "--allowed-hosts", "*")
    assert done.returncode == 2
    assert host in done.stderr and "0.0.0.0 for all of them" in done.stderr and "Is another" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full to stand for a full disk")
def test_output_that_cannot_be_written_is_an_error_in_words(page: str) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "bodycopy.cli", "clean", page],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": SERVER},
        )
    assert done.returncode == 2
    assert "not complete" in done.stderr and "Traceback" not in done.stderr
