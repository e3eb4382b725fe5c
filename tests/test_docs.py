"""The README is true: its commands print what it says, its tables name what there is.

    BODYCOPY_WRITE=1 pytest tests/test_docs.py

writes the commands' output and the settings table into the README; the diff is the review.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import bodycopy
import pytest
from bodycopy import Article, Metadata
from bodycopy.article import BOILERPLATE_LABELS
from bodycopy.web.app import create_app
from bodycopy.web.settings import SETTINGS, Settings

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
WRITES = bool(os.environ.get("BODYCOPY_WRITE"))
MEND = "To write it: BODYCOPY_WRITE=1 pytest tests/test_docs.py"
BLOCK = re.compile(r"(?<=```console\n).*?(?=^```$)", re.S | re.M)
DEFAULT = "127.0.0.1:8347"


def readme() -> str:
    return README.read_text(encoding="utf-8")


def section(name: str) -> str:
    match = re.search(f"<!-- {name} -->(.*?)<!-- /{name} -->", readme(), re.S)
    assert match is not None, f"README.md has lost its section <!-- {name} -->"
    return match[1]


def rewrite(old: str, new: str) -> None:
    text = readme()
    assert text.count(old) == 1, f"README.md says this not exactly once: {old[:80]}"
    README.write_text(text.replace(old, new), encoding="utf-8")


def commands() -> list[str]:
    """The README's commands, each with the output below it."""
    return [part for block in BLOCK.findall(readme()) for part in re.split(r"^(?=\$ )", block, flags=re.M) if part]


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a running service, and the environment of a shell that has `bodycopy`."""
    folder = tmp_path_factory.mktemp("bin")
    script = folder / "bodycopy"
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m bodycopy.cli "$@"\n')
    script.chmod(0o755)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("BODYCOPY_")}
    environment |= {"PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "server")}
    with subprocess.Popen(
        ["bodycopy", "serve", "--port", "0"], env=environment, stderr=subprocess.PIPE, text=True, cwd=folder
    ) as server:
        assert server.stderr is not None
        for line in server.stderr:
            if match := re.search(r"http://(127\.0\.0\.1:\d+)", line):
                break
        else:
            pytest.fail("The service did not start.")
        yield match[1], environment
        server.terminate()
        server.communicate(timeout=30)


@pytest.mark.parametrize("number", range(len(commands())))
def test_command_prints_what_the_readme_says(number: int, shell: tuple[str, dict[str, str]]) -> None:
    address, environment = shell
    entry = commands()[number]
    command, _, expected = entry.removeprefix("$ ").partition("\n")
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command.replace(DEFAULT, address)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    actual = done.stdout.replace(address, DEFAULT).rstrip("\n") + "\n"
    if WRITES and actual != expected:
        rewrite(entry, f"$ {command}\n{actual}")
    else:
        assert actual == expected, MEND


def settings_table() -> str:
    rows = ["", "| Variable | Flag | Default | Meaning |", "| --- | --- | --- | --- |"]
    for setting in SETTINGS:
        default = setting.default
        shown = ("on" if default else "off") if isinstance(default, bool) else default
        value = f"`{shown}`" if shown != "" else "empty"
        rows.append(f"| `{setting.variable}` | `{setting.flag}` | {value} | {setting.help} |")
    return "\n".join([*rows, ""])


def test_settings_table_has_every_setting_with_its_default() -> None:
    if WRITES and section("settings") != settings_table():
        before = f"<!-- settings -->{section('settings')}"
        rewrite(before, f"<!-- settings -->{settings_table()}")
    assert section("settings") == settings_table(), MEND


def test_every_variable_named_in_the_documents_exists() -> None:
    known = {setting.variable for setting in SETTINGS} | {"BODYCOPY_WRITE"}
    for file in ("README.md", "CONTRIBUTING.md", "Dockerfile", "compose.yaml", "deploy/bodycopy.service"):
        named = set(re.findall(r"BODYCOPY_[A-Z_]+", (ROOT / file).read_text(encoding="utf-8")))
        assert named <= known, f"{file} names settings that do not exist"


def test_metrics_named_are_those_that_are_served() -> None:
    app = create_app(Settings(metrics=True))
    served = re.findall(r"^# TYPE (\w+) \w+$", app.test_client().get("/metrics").text, re.M)
    named = set(re.findall(r"`(bodycopy_\w+)`", readme()))
    assert named == {name for name in served if not name.endswith("_created")}


def test_keys_of_the_answer_are_those_named() -> None:
    assert re.findall(r"`(\w+)`", section("keys")) == list(Article(Metadata(), ()).to_dict())


def test_labels_are_those_named() -> None:
    assert set(re.findall(r"`(\w+)`", section("labels"))) == set(BOILERPLATE_LABELS)


def test_public_surface_is_documented_in_full() -> None:
    assert set(re.findall(r"`(\w+)`", section("surface"))) == set(bodycopy.__all__)
    for name in bodycopy.__all__:
        assert name == "__version__" or getattr(bodycopy, name).__doc__, f"bodycopy.{name} has no docstring"


def test_files_that_the_documents_name_are_there() -> None:
    for file in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / file).read_text(encoding="utf-8")
        for path in re.findall(r"(?:\]\(|@|`)((?:extension|tests|deploy|server)/[\w./-]+\w)", text):
            if "NAME" not in path and "<" not in path:
                assert (ROOT / path).exists(), f"{file} names {path}, which is not there"


def test_marked_sections_that_commands_fill_are_filled() -> None:
    for name in ("quality", "bench"):
        assert "|" in section(name), f"README.md: <!-- {name} --> has no table"
