"""Builds the two store archives from the one source, the same bytes each time.

    python extension/tools/package.py [FOLDER]     # default: dist/ beside extension/

writes bodycopy-chromium-VERSION.zip and bodycopy-firefox-VERSION.zip, and the same
unpacked in chromium/ and firefox/. Each store's manifest leaves out what only the
other browser knows, so that neither warns.
"""

from __future__ import annotations

import json
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parent.parent
SHIPPED = (
    "*.js",
    "*.html",
    "*.css",
    "reader/*.js",
    "exports/*.js",
    "vendor/*",
    "icons/*.png",
    "_locales/*/messages.json",
)
NOT_SHIPPED = {"eslint.config.js"}
STAMP = (1980, 1, 1, 0, 0, 0)


def files() -> list[Path]:
    """What the extension consists of, but for its manifest."""
    found = {path for pattern in SHIPPED for path in SOURCE.glob(pattern)}
    return sorted(path for path in found if path.is_file() and path.name not in NOT_SHIPPED)


def manifest_for(store: str) -> dict[str, Any]:
    """The manifest as one browser wants it."""
    manifest: dict[str, Any] = json.loads((SOURCE / "manifest.json").read_text(encoding="utf-8"))
    # Stores give the id; in the source it keeps the id of an unpacked extension the same on every computer.
    del manifest["key"]
    if store == "chromium":
        for key in ("browser_specific_settings", "sidebar_action"):
            del manifest[key]
        del manifest["background"]["scripts"]
    else:
        for key in ("minimum_chrome_version", "incognito", "optional_permissions", "side_panel"):
            del manifest[key]
        del manifest["background"]["service_worker"]
    return manifest


def build(target: Path) -> dict[str, Path]:
    """Writes both archives into a folder; their paths by store."""
    out = {}
    target.mkdir(parents=True, exist_ok=True)
    for store in ("chromium", "firefox"):
        manifest = manifest_for(store)
        contents = {"manifest.json": (json.dumps(manifest, indent=2) + "\n").encode()}
        contents |= {path.relative_to(SOURCE).as_posix(): path.read_bytes() for path in files()}
        contents["LICENSE"] = (SOURCE / "LICENSE").read_bytes()
        out[store] = target / f"bodycopy-{store}-{manifest['version']}.zip"
        folder = target / store
        shutil.rmtree(folder, ignore_errors=True)
        with zipfile.ZipFile(out[store], "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name in sorted(contents):
                entry = zipfile.ZipInfo(name, STAMP)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, contents[name])
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(contents[name])
    return out


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE.parent / "dist"
    for path in build(folder).values():
        print(path)
