"""Puts the HTML and the Markdown of every payload into headless Chromium and counts what runs or loads.

    python tests/hardening/payloads_in_chromium.py [--every N] [--chromium /usr/bin/chromium]

Each answer is set by innerHTML in a page whose policy forbids everything, so that each
attempt to run or load is reported; then it is taken out and set once more, to see whether
it changes (mutation). Exits with 1 if anything ran, loaded (pictures from http and https
apart), or changed. Needs the packages playwright and markdown-it-py.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "server"), str(HERE)]

PAGE = """<!doctype html><meta http-equiv="Content-Security-Policy"
content="default-src 'none'; script-src 'nonce-own'"><body><div id=place></div>
<script nonce=own>
window.violations = [];
document.addEventListener('securitypolicyviolation', e => violations.push(e.effectiveDirective + ' ' + e.blockedURI));
window.ran = 0;
window.alert = window.confirm = window.prompt = () => { ran += 1; };
window.judge = async (pieces) => {
  const out = [];
  const names = Element.prototype.getAttributeNames, get = Element.prototype.getAttribute;
  const place = document.getElementById('place');
  const walk = (root, faults) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT);
    for (let e = walker.nextNode(); e; e = walker.nextNode()) {
      for (const name of names.call(e)) {
        const value = get.call(e, name) || '';
        if (/^on|^(id|name|style|class|srcdoc|formaction)$/i.test(name)
            && !(name === 'style' && /^text-align/.test(value))
            && !(name === 'class' && /^language-/.test(value))) faults.push('attribute ' + name);
        if (/^(href|src|action|xlink:href)$/i.test(name) && !/^(https?:|mailto:)/i.test(value))
          faults.push('address ' + value.slice(0, 60));
      }
      if (/^(script|iframe|object|embed|form|style|link|meta|base|svg|math|template)$/i.test(e.localName))
        faults.push('element ' + e.localName);
    }
  };
  for (const piece of pieces) {
    violations.length = 0; ran = 0;
    const faults = [];
    place.innerHTML = piece;
    walk(place, faults);
    const once = place.innerHTML;
    place.innerHTML = once;
    if (place.innerHTML !== once) faults.push('mutation');
    await new Promise(done => setTimeout(done, 0));
    if (ran) faults.push('ran');
    for (const v of violations) if (!/^img-src https?:/.test(v)) faults.push('violation ' + v);
    out.push(faults);
  }
  place.replaceChildren();
  return out;
};
</script>"""


def answers(every: int) -> list[tuple[str, str]]:
    """(name, HTML) of each payload in each place, ours and that of our Markdown with raw HTML on."""
    from markdown_it import MarkdownIt
    from test_payloads import PLACES, everything_kept, payloads, placed

    renderer = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
    renderer.validateLink = lambda link: True  # type: ignore[method-assign]
    out = []
    for number, payload in list(enumerate(payloads()))[::every]:
        for place in PLACES:
            article = everything_kept(placed(payload, place))
            out.append((f"html {place} {number}", article.html))
            out.append((f"markdown {place} {number}", renderer.render(article.markdown)))
    return out


def judge(found: list[tuple[str, str]], chromium: str) -> list[tuple[str, list[str]]]:
    """The answers that did something in Chromium, with what they did."""
    from playwright.sync_api import sync_playwright

    bad = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False)
        page = browser.new_page()
        page.set_content(PAGE)
        for at in range(0, len(found), 200):
            part = found[at : at + 200]
            results = page.evaluate("pieces => judge(pieces)", [html for _, html in part])
            bad += [(name, faults) for (name, _), faults in zip(part, results, strict=True) if faults]
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
    print(f"{len(found):,} answers in Chromium: {len(bad)} ran, loaded, changed or hold what may.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
