"""Settings: one table, read from flags and the environment, and refused where they are not safe."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys

import pytest
from bodycopy.web.settings import SETTINGS, Settings, add_arguments, from_args, from_environment

from .conftest import PATIENCE, SERVER


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch):
    for setting in SETTINGS:
        monkeypatch.delenv(setting.variable, raising=False)


def parsed(*arguments):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return from_args(parser.parse_args(arguments))


def test_defaults_are_those_of_the_table():
    assert parsed() == Settings() == Settings(**{s.name: s.default for s in SETTINGS})


def test_flag_goes_before_environment(monkeypatch):
    monkeypatch.setenv("BODYCOPY_PORT", "9000")
    monkeypatch.setenv("BODYCOPY_METRICS", "on")
    assert parsed().port == 9000
    assert parsed("--port", "9001", "--metrics", "off") == Settings(port=9001, metrics=False)
    assert parsed("--metrics").metrics is True


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BODYCOPY_PORT", "x"), ("BODYCOPY_PORT", "-1"), ("BODYCOPY_METRICS", "maybe"),
        ("BODYCOPY_PAGE_SECONDS", "nan"), ("BODYCOPY_PAGE_SECONDS", "inf"), ("BODYCOPY_WORKERS", "1.5"),
    ],
)  # fmt: skip
def test_value_that_cannot_be_read_is_named(variable, value):
    with pytest.raises(ValueError, match=variable):
        from_environment({variable: value})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "reader.example.org", ""])
def test_public_address_without_token_is_refused_with_advice(host):
    with pytest.raises(ValueError, match="BODYCOPY_TOKEN"):
        Settings(host=host).check()
    Settings(host=host, token="long-secret").check()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.9"])
def test_own_machine_needs_no_token(host):
    Settings(host=host).check()


@pytest.mark.parametrize(
    "values",
    [
        {"token": "with space"},
        {"token": "tokén"},
        {"log_format": "xml"},
        {"port": 70_000},
        {"max_bytes": 10**9},
        {"traffic_megabytes": 20},
    ],
)
def test_unusable_values_are_refused(values):
    with pytest.raises(ValueError, match="BODYCOPY_"):
        Settings(**values).check()


@pytest.mark.parametrize(
    ("value", "instead"),
    [
        ("https://reader.example.org/clean", "`reader.example.org`"),
        ("ftp://reader.example.org", "`reader.example.org`"),
        ("*.example.org", "`reader.example.org`"),
        ("reader.example.org other.example.org", "commas"),
        ("reader.example.org;other.example.org", "commas"),
        ("me@reader.example.org", "`reader.example.org`"),
        ("reader.example.org, https://", "commas"),
    ],
)
def test_host_that_no_request_would_have_is_refused_with_what_to_write(value, instead):
    with pytest.raises(ValueError, match="BODYCOPY_ALLOWED_HOSTS") as refused:
        Settings(allowed_hosts=value).check()
    assert instead in str(refused.value).partition("Write")[2]


@pytest.mark.parametrize(
    ("value", "instead"),
    [
        ("news.example.org", "`https://news.example.org`"),
        ("news.example.org:8443", "`https://news.example.org:8443`"),
        ("https://news.example.org/reader", "`https://news.example.org`"),
        ("https://a.example, *", "`https://news.example.org`"),
        ("https://*.example.org", "`https://news.example.org`"),
        ("null", "`https://news.example.org`"),
        ("file:///home/me/page.html", "`https://news.example.org`"),
        ("https://a.example https://b.example", "commas"),
    ],
)
def test_origin_that_no_page_would_have_or_every_page_is_refused_with_what_to_write(value, instead):
    with pytest.raises(ValueError, match="BODYCOPY_ALLOWED_ORIGINS") as refused:
        Settings(allowed_origins=value).check()
    assert instead in str(refused.value).partition("Write")[2]


@pytest.mark.parametrize(
    ("values", "setting"),
    [
        ({"rate_limit": "often"}, "BODYCOPY_RATE_LIMIT"),
        ({"rate_storage": "floppy://:canary-7731@x"}, "BODYCOPY_RATE_STORAGE"),
        ({"rate_storage": "redis:6379"}, "BODYCOPY_RATE_STORAGE"),
        ({"rate_storage": "redis://:canary/7731@x:6379"}, "BODYCOPY_RATE_STORAGE"),
    ],
)
def test_unusable_rate_is_refused_with_what_to_write_and_without_the_password(make_app, values, setting):
    with pytest.raises(ValueError, match=setting) as refused:
        make_app(**{"rate_limit": "1/minute", **values})
    assert "`" in str(refused.value) and "canary" not in str(refused.value)


def test_redis_that_is_not_installed_is_named(make_app, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"bodycopy\[redis\]"):
        make_app(rate_limit="1/minute", rate_storage="redis://127.0.0.1:1")


def run(command, **given):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BODYCOPY_")}
    environment |= {"PYTHONPATH": str(SERVER), "BODYCOPY_LOG_FORMAT": "json", **given}
    return subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True, timeout=PATIENCE)


ONE_REQUEST = ("-c", "from bodycopy.web import create_app; create_app().test_client().get('/healthz').close()")


def test_application_for_another_server_writes_its_log():
    line = json.loads(run(ONE_REQUEST).stderr)
    assert (line["route"], line["status"]) == ("/healthz", 200)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("BODYCOPY_TOKN", "BODYCOPY_TOKEN"),
        ("BODYCOPY_ALLOWED_HOST", "BODYCOPY_ALLOWED_HOSTS"),
        ("BODYCOPY_MAX_SIZE", "BODYCOPY_MAX_BYTES"),
        ("bodycopy_token", "BODYCOPY_TOKEN"),
        ("BODYCOPY_WHATEVER", None),
    ],
)
def test_variable_that_is_no_setting_is_named_at_start_with_the_one_it_may_mean_and_not_its_value(name, nearest):
    done = run(ONE_REQUEST, **{name: "canary-7731"})
    line, request = map(json.loads, done.stderr.splitlines())
    assert (line["event"], line["level"], line["name"], line.get("nearest")) == (
        "setting-unknown", "warning", name, nearest,
    )  # fmt: skip
    assert request["status"] == 200 and "7731" not in done.stderr


def test_mistyped_name_of_the_token_is_named_before_the_token_is_missed():
    done = run(("-m", "bodycopy.cli", "serve"), BODYCOPY_TOKN="long-secret", BODYCOPY_HOST="0.0.0.0")
    line, refusal = done.stderr.split("\n", 1)
    assert json.loads(line)["nearest"] == "BODYCOPY_TOKEN"
    assert "no token is set" in refusal and done.returncode
