"""What goes to the stores, and what the extension may do."""

from __future__ import annotations

import json
import os
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from .conftest import EXTENSION, Browser, package

MIN_NODE = 20
PERMISSIONS = ["activeTab", "contextMenus", "scripting", "storage"]


def need_node_tools() -> None:
    if not (EXTENSION / "node_modules").exists():
        pytest.skip("npm packages are not installed: run `npm ci` in extension/")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.strip("v\n").split(".")[0]) < MIN_NODE:
        pytest.skip(f"the tools need node {MIN_NODE} or newer; this is {version.strip()}")


def source_manifest() -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((EXTENSION / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def test_permissions_are_exactly_those_of_the_design() -> None:
    """Chromium's side panel is a permission of its own: it is optional, and asked for when the person chooses the panel."""
    for manifest in (source_manifest(), package.manifest_for("chromium"), package.manifest_for("firefox")):
        assert sorted(manifest["permissions"]) == PERMISSIONS
        assert "host_permissions" not in manifest and "content_scripts" not in manifest
        assert manifest["optional_host_permissions"] == ["http://*/*", "https://*/*"]
        assert manifest.get("optional_permissions", ["sidePanel"]) == ["sidePanel"]
        assert "web_accessible_resources" not in manifest


def test_policy_of_its_pages_lets_nothing_run_from_elsewhere() -> None:
    policy = source_manifest()["content_security_policy"]["extension_pages"]
    for rule in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "require-trusted-types-for 'script'"):
        assert rule in policy
    assert "upgrade-insecure-requests" not in policy and "unsafe" not in policy


def test_oldest_chromium_that_it_says_it_runs_in_has_what_it_uses() -> None:
    """The manifest with both kinds of background, and `checkVisibility` with `visibilityProperty`, came with 121."""
    assert int(source_manifest()["minimum_chrome_version"]) >= 121


def test_archives_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    first = {store: path.read_bytes() for store, path in package.build(tmp_path / "a").items()}
    second = {store: path.read_bytes() for store, path in package.build(tmp_path / "b").items()}
    assert first == second


def test_archives_hold_what_the_extension_loads_and_no_tools(tmp_path: Path) -> None:
    for path in package.build(tmp_path).values():
        names = set(zipfile.ZipFile(path).namelist())
        assert not {name for name in names if re.search(r"node_modules|package|tsconfig|eslint|^tools/|^store/", name)}
        for name in names:
            if name.endswith((".js", ".html")) and not name.startswith("vendor/"):
                text = zipfile.ZipFile(path).read(name).decode()
                folder = Path(name).parent
                wanted = re.findall(r'(?:from|import\() ?"(\.[^"]+)"', text)
                wanted += re.findall(r'(?:src|href)="((?!https?:|#)[\w./-]+)', text) if name.endswith(".html") else []
                for target in wanted:
                    assert os.path.normpath(folder / target) in names, f"{name} loads {target}"


def test_reader_preloads_every_module_that_it_imports() -> None:
    """Else each layer of imports waits for the one before it."""
    reached: set[str] = set()

    def follow(name: str) -> None:
        reached.add(name)
        text = (EXTENSION / name).read_text(encoding="utf-8")
        for target in re.findall(r'^(?:import|export)[^;]*? from "(\.[^"]+)"', text, re.MULTILINE):
            path = os.path.normpath(Path(name).parent / target)
            if path not in reached:
                follow(path)

    follow("reader.js")
    html = (EXTENSION / "reader.html").read_text(encoding="utf-8")
    preloaded = re.findall(r'<link rel="modulepreload" href="([^"]+)"', html)
    assert sorted(preloaded) == sorted(reached - {"reader.js", "reader/request.js"})


def test_reader_draws_its_skeleton_before_it_loads_modules() -> None:
    html = (EXTENSION / "reader.html").read_text(encoding="utf-8")
    first, later = html.split('<template id="modules">')
    assert re.findall(r'<script[^>]* src="([^"]+)"', first) == ["look.js", "reader/start.js"]
    assert "modulepreload" not in first and 'id="skeleton"' in first
    assert re.findall(r'<script[^>]* src="([^"]+)"', later) == ["reader/request.js", "reader.js"]


def test_libraries_are_those_of_their_packages(tmp_path: Path) -> None:
    modules = EXTENSION / "node_modules"
    if not modules.exists():
        pytest.skip("npm packages are not installed: run `npm ci` in extension/")
    before = {path.name: path.read_bytes() for path in (EXTENSION / "vendor").iterdir()}
    subprocess.run(["node", "tools/vendor.mjs"], cwd=EXTENSION, check=True)
    assert {path.name: path.read_bytes() for path in (EXTENSION / "vendor").iterdir()} == before


@pytest.mark.parametrize("command", ["prettier --check .", "eslint .", "tsc"])
def test_source_is_checked(command: str) -> None:
    need_node_tools()
    done = subprocess.run(
        ["npx", "--no-install", *command.split()], cwd=EXTENSION, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_store_archive_for_firefox_has_no_error_and_no_warning(tmp_path: Path) -> None:
    need_node_tools()
    package.build(tmp_path)
    command = [
        "npx",
        "--no-install",
        "web-ext",
        "lint",
        "--no-input",
        "--output=json",
        f"--source-dir={tmp_path / 'firefox'}",
    ]
    done = subprocess.run(command, cwd=EXTENSION, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert (report["errors"], report["warnings"]) == ([], [])


def test_chromium_finds_nothing_wrong_with_its_archive(chromium: Browser, tmp_path: Path) -> None:
    from .chromium import Chromium

    package.build(tmp_path)
    key = source_manifest()["key"]
    # The key keeps the id that the driver expects.
    path = tmp_path / "chromium" / "manifest.json"
    path.write_text(json.dumps({**package.manifest_for("chromium"), "key": key}), encoding="utf-8")
    driver = Chromium(tmp_path / "chromium")
    try:
        page = driver.context.new_page()
        page.goto("chrome://extensions")
        page.evaluate("chrome.developerPrivate.updateProfileConfiguration({inDeveloperMode: true})")
        info = page.evaluate(f"chrome.developerPrivate.getExtensionInfo('{driver.id}')")
        assert (info["manifestErrors"], info["runtimeErrors"]) == ([], [])
    finally:
        driver.close()


def test_listing_names_the_screenshots_that_are_there() -> None:
    store = EXTENSION / "store"
    named = re.findall(r"`([\w-]+\.png)`", (store / "listing.md").read_text(encoding="utf-8"))
    assert sorted(named) == sorted(path.name for path in store.glob("*.png"))


def test_no_page_content_is_ever_set_as_markup() -> None:
    for path in package.files():
        if path.suffix == ".js" and "vendor" not in path.parts:
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"\.(innerHTML|outerHTML|srcdoc)\s*=[^=]|insertAdjacentHTML|document\.write", text), (
                path.name
            )
