"""The wheel, as others install it; and the files that put it on a machine."""

from __future__ import annotations

import configparser
import json
import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
import yaml
from bodycopy.web.errors import KINDS
from bodycopy.web.settings import SETTINGS, Settings

ROOT = Path(__file__).resolve().parents[1]
MAX_WHEEL_BYTES = 5_000_000
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "BODYCOPY_"))}


def run(*command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run([str(c) for c in command], cwd=cwd, env=CLEAN, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", folder, ROOT)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The python of an environment that has the wheel and what it asks for, and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    run(folder / "bin" / "pip", "install", "-q", "--disable-pip-version-check", wheel)
    return folder / "bin" / "python"


def test_wheel_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size < MAX_WHEEL_BYTES


def test_wheel_holds_all_of_the_package_and_only_it(wheel: Path) -> None:
    tracked = run("git", "ls-files", "server/bodycopy", cwd=ROOT).splitlines()
    expected = {path.removeprefix("server/") for path in tracked if (ROOT / path).exists()}
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert expected <= names
    assert all(name.startswith("bodycopy/") for name in names)
    assert "bodycopy/py.typed" in names
    assert any(name.startswith("bodycopy/judge/phrases/") for name in names)


def test_wheel_carries_the_licence(wheel: Path) -> None:
    assert any(name.endswith("/LICENSE") for name in zipfile.ZipFile(wheel).namelist())


def test_library_works_in_an_empty_environment(installed: Path, tmp_path: Path) -> None:
    page = ROOT / "tests" / "pages" / "whatsapp-russia.html"
    code = "import sys; from bodycopy import clean; print(clean(open(sys.argv[1], 'rb').read()).text)"
    out = run(installed, "-c", code, page, cwd=tmp_path)
    assert "Russia has moved closer to cutting off WhatsApp completely" in out
    assert "City Buzz Daily homepage" not in out


def test_command_works_in_an_empty_environment(installed: Path, tmp_path: Path) -> None:
    command = installed.with_name("bodycopy")
    assert run(command, "--version", cwd=tmp_path).startswith("bodycopy ")
    assert "--port" in run(command, "serve", "--help", cwd=tmp_path)
    page = tmp_path / "pages" / "a.html"
    page.parent.mkdir()
    page.write_bytes((ROOT / "tests" / "pages" / "whatsapp-russia.html").read_bytes())
    run(command, "bulk", page.parent, "-o", "out.jsonl", cwd=tmp_path)
    assert (tmp_path / "out.jsonl").read_bytes().count(b"\n") == 1


def test_types_are_seen_by_those_who_install_it(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "use.py").write_text("from bodycopy import clean\nreveal_type(clean('').text)\n")
    out = run(sys.executable, "-m", "mypy", "--strict", "--python-executable", installed, "use.py", cwd=tmp_path)
    assert 'Revealed type is "builtins.str"' in out or 'Revealed type is "str"' in out


def _dockerfile() -> list[tuple[str, str]]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return [(a, b) for a, _, b in (line.partition(" ") for line in text.splitlines() if line and line[0] != "#")]


def test_container_is_slim_runs_as_a_plain_user_and_reports_its_health() -> None:
    steps = _dockerfile()
    assert all("-slim" in rest for step, rest in steps if step == "FROM")
    last_stage = steps[max(i for i, (step, _) in enumerate(steps) if step == "FROM") :]
    names = [step for step, _ in last_stage]
    assert dict(last_stage)["USER"] not in ("root", "0")
    assert names.index("USER") < names.index("CMD")
    assert "/healthz" in dict(last_stage)["HEALTHCHECK"]
    assert dict(last_stage)["CMD"] == '["bodycopy", "serve"]'


def test_container_build_copies_what_the_wheel_needs(tmp_path: Path) -> None:
    """The build's steps, in a folder that holds only what COPY brings there."""
    for step, rest in _dockerfile():
        if step == "COPY" and not rest.startswith("--from"):
            *sources, _ = rest.split()
            for source in sources:
                run("cp", "-r", ROOT / source, tmp_path)
    (command,) = [rest for step, rest in _dockerfile() if step == "RUN" and "pip install" in rest]
    extras = set(re.findall(r"\.\[([\w,]+)\]", command)[0].split(","))
    assert extras <= set(re.findall(r"^(\w+) = \[", (ROOT / "pyproject.toml").read_text(), re.M))
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", tmp_path / "out", tmp_path)


def test_every_service_of_compose_that_asks_for_a_token_refuses_to_start_without() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert {"bodycopy", "replica", "proxy", "redis"} <= services.keys()
    for name in ("bodycopy", "replica"):
        assert services[name]["environment"]["BODYCOPY_TOKEN"].startswith("${BODYCOPY_TOKEN:?")
        assert services[name]["cap_drop"] == ["ALL"]
    for service in services.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_replicas_share_the_count_of_requests_and_trust_the_proxy() -> None:
    environment = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["replica"]["environment"]
    assert environment["BODYCOPY_RATE_STORAGE"].startswith("${BODYCOPY_RATE_STORAGE:-redis://redis:")
    assert environment["BODYCOPY_PROXIES"] == "${BODYCOPY_PROXIES:-1}"


def test_every_setting_reaches_the_containers_but_the_address_inside_them() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    inside = {"BODYCOPY_HOST", "BODYCOPY_PORT"}
    for name in ("bodycopy", "replica"):
        environment = services[name]["environment"]
        assert environment.keys() == {setting.variable for setting in SETTINGS} - inside
        for variable, value in environment.items():
            assert value is None or value.startswith(f"${{{variable}:"), f"{variable} cannot be set from outside"
    (image,) = [dict(pair.split("=") for pair in rest.split()) for step, rest in _dockerfile() if step == "ENV"]
    assert inside <= image.keys()
    for name, port in (("bodycopy", image["BODYCOPY_PORT"]), ("proxy", "80")):
        assert services[name]["ports"] == ["127.0.0.1:${BODYCOPY_PORT:-8347}:" + port]


def test_proxy_tells_whom_it_was_called_by_after_what_it_was_told() -> None:
    config = (ROOT / "deploy" / "nginx.conf").read_text()
    assert "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;" in config


def test_systemd_unit_runs_the_command_without_rights() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(ROOT / "deploy" / "bodycopy.service")
    service = unit["Service"]
    assert service["ExecStart"].endswith("bin/bodycopy serve")
    assert (service["DynamicUser"], service["NoNewPrivileges"]) == ("yes", "yes")


def test_proxy_keeps_pages_out_of_files_and_addresses_out_of_logs() -> None:
    config = (ROOT / "deploy" / "nginx.conf").read_text()
    for line in (
        "access_log off;",
        "error_log /dev/stderr crit;",
        "proxy_request_buffering off;",
        "proxy_buffering off;",
        "client_max_body_size 0;",
    ):
        assert line in config
    problem = json.loads(re.search(r"return 503 '(.*)';", config)[1])  # type: ignore[index]
    assert problem["status"] == KINDS["busy"].status and problem["title"] == KINDS["busy"].title
    assert problem["detail"]


def test_stop_is_given_longer_than_the_service_needs_for_it() -> None:
    (unit,) = re.findall(r"^TimeoutStopSec=(\d+)$", (ROOT / "deploy" / "bodycopy.service").read_text(), re.M)
    grace = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["replica"]["stop_grace_period"]
    assert min(int(unit), int(grace.removesuffix("s"))) > Settings().stop_seconds
