"""Puts what Bodycopy makes of every payload into headless Chromium and counts what runs or loads.

    python tests/hardening/payloads_in_chromium.py [--every N] [--chromium /usr/bin/chromium]

Five ways for each payload: the service's HTML and its Markdown rendered with raw HTML on,
set by innerHTML; the service's HTML through the extension's reader (its `toFragment`, with
DOMPurify); and the payload itself through the same, as if the service had been replaced by a
hostile one, with pictures and without. The page's policy forbids everything, so that each attempt to run or load is
reported; then the answer is taken out and set once more, to see whether it changes
(mutation). Exits with 1 if anything ran, loaded (pictures apart), or changed, or if nothing
was tried. Needs the packages playwright and markdown-it-py.
"""

from __future__ import annotations

import argparse
import mimetypes
import sys
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
EXTENSION = HERE.parents[1] / "extension"
ORIGIN = "http://reader.test"
sys.path[:0] = [str(HERE.parents[1] / "server"), str(HERE)]

PAGE = """<!doctype html><meta charset="utf-8"><body><div id=place></div>
<script nonce=own type=module>
import { toFragment } from "/dom.js";
const violations = [];
let ran = 0;
document.addEventListener("securitypolicyviolation", (e) => violations.push(e.effectiveDirective + " " + e.blockedURI));
window.alert = window.confirm = window.prompt = () => { ran += 1; };
const names = Element.prototype.getAttributeNames, get = Element.prototype.getAttribute;
const place = document.getElementById("place");
const pause = (ms = 0) => new Promise((done) => setTimeout(done, ms));

function isFine(name, value, way) {
  if (name === "style") return /^text-align:(left|right|center)$/.test(value);
  if (name === "class") return /^language-/.test(value) || (way.startsWith("reader") && value === "alt");
  return !/^on|^(id|name|srcdoc|formaction|srcset|ping|background|poster)$/i.test(name);
}

function isPicture(violation, way) {
  if (way.includes("without")) return false;
  return way.startsWith("reader") ? /^img-src (https?|data)/.test(violation) : /^img-src https?/.test(violation);
}

function walk(root, way, faults) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT);
  for (let e = walker.nextNode(); e; e = walker.nextNode()) {
    for (const name of names.call(e)) {
      const value = get.call(e, name) || "";
      if (!isFine(name, value, way)) faults.push("attribute " + name);
      const picture = way.startsWith("reader") && e.localName === "img" && /^data:image\\/(png|jpeg|gif|webp|avif);/i;
      // On other elements `href` does nothing.
      if (name === "href" && !/^(a|area|base|link)$/i.test(e.localName)) continue;
      if (/^(href|src|action|xlink:href)$/i.test(name) && !/^(https?:|mailto:)/i.test(value)
          && !(picture && picture.test(value))) faults.push("address " + value.slice(0, 60));
    }
    if (/^(script|iframe|object|embed|form|input|style|link|meta|base|svg|math|template)$/i.test(e.localName))
      faults.push("element " + e.localName);
  }
}

window.judge = async (pieces) => {
  const out = [];
  for (const [way, html] of pieces) {
    violations.length = 0;
    ran = 0;
    const faults = [];
    if (way.startsWith("reader")) {
      let fragment;
      try {
        fragment = toFragment(html, { images: !way.includes("without") });
      } catch (error) {
        // Shows nothing, which is what may come of a hostile service, and not of ours.
        if (way === "reader") faults.push("threw " + error);
        fragment = "";
      }
      // The sanitiser parses in a document that runs nothing; Chromium reports its inline handlers and styles all the same.
      await pause();
      for (const v of violations.splice(0))
        if (!/^(script|style)-src-(attr|elem) inline$/.test(v) && !isPicture(v, way)) faults.push("loaded " + v);
      place.replaceChildren(fragment);
    } else place.innerHTML = html;
    walk(place, way, faults);
    const once = place.innerHTML;
    place.innerHTML = once;
    if (place.innerHTML !== once) faults.push("mutation");
    // Frames report late; what has faults is given time, so that they are not laid at the next one's door.
    await pause(faults.length || html === pieces.at(-1)[1] ? 200 : 0);
    if (ran) faults.push("ran");
    for (const v of violations)
      if (!isPicture(v, way)) faults.push("violation " + v);
    out.push(faults);
  }
  place.replaceChildren();
  return out;
};
</script>"""
POLICY = "default-src 'none'; script-src 'nonce-own' http://reader.test/dom.js http://reader.test/vendor/purify.js"


def answers(every: int) -> list[tuple[str, str, str]]:
    """(way, name, HTML) of each payload in each place, ours, that of our Markdown with raw HTML on, and as it is."""
    from markdown_it import MarkdownIt
    from test_payloads import PLACES, everything_kept, payloads, placed

    renderer = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
    renderer.validateLink = lambda link: True  # type: ignore[method-assign]
    out = []
    for number, payload in list(enumerate(payloads()))[::every]:
        for place in PLACES:
            name = f"{place} {number}"
            article = everything_kept(placed(payload, place))
            out.append(("html", name, article.html))
            out.append(("markdown", name, renderer.render(article.markdown)))
            out.append(("reader", name, article.html))
        text = payload.encode("utf-8", "replace").decode()
        out.append(("reader of a hostile service", str(number), text))
        out.append(("reader of a hostile service without pictures", str(number), text))
    return out


def judge(found: list[tuple[str, str, str]], chromium: str) -> list[tuple[str, list[str]]]:
    """The answers that did something in Chromium, by way and name, with what they did."""
    from playwright.sync_api import Route, sync_playwright

    def serve(route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN).split("?")[0]
        file = (EXTENSION / path.lstrip("/")).resolve()
        if path == "/":
            headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html"}
            route.fulfill(body=PAGE, headers=headers)
        elif file.is_file() and file.is_relative_to(EXTENSION):
            route.fulfill(body=file.read_text("utf-8"), content_type=mimetypes.guess_type(file.name)[0])
        else:
            route.abort()

    bad = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False)
        page: Any = browser.new_page()
        page.route("**/*", serve)
        page.goto(ORIGIN + "/")
        page.wait_for_function("() => window.judge")
        for at in range(0, len(found), 200):
            part = found[at : at + 200]
            results = page.evaluate("pieces => judge(pieces)", [[way, html] for way, _, html in part])
            bad += [(f"{way} {name}", f) for (way, name, _), f in zip(part, results, strict=True) if f]
        browser.close()
    return bad


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="only each Nth payload")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    found = answers(options.every)
    bad = judge(found, options.chromium)
    for name, faults in bad:
        print(name, faults)
    ways = ", ".join(f"{count:,} {way}" for way, count in Counter(way for way, _, _ in found).items())
    print(f"{len(found):,} answers in Chromium ({ways}): {len(bad)} ran, loaded, changed or hold what may.")
    return 1 if bad or not found else 0


if __name__ == "__main__":
    sys.exit(main())
