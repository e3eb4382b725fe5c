"""What a page's JSON-LD says: the article's own node among all that are there.

Lenient about the ways in which real pages break JSON, bounded against hostile ones.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

MAX_SCRIPT_CHARS = 200_000
MAX_SCRIPTS = 30
MAX_NODES = 3000
MAX_BODY_CHARS = 200_000
MAX_VALUE_CHARS = 5000
"""No regular expression sees a longer string (but for the article's body, whose expressions are linear)."""

Node = dict[str, Any]

_ARTICLE_TYPES = {
    "newsarticle": 5, "reportagenewsarticle": 5, "analysisnewsarticle": 5, "opinionnewsarticle": 5,
    "reviewnewsarticle": 5, "backgroundnewsarticle": 5, "askpublicnewsarticle": 5, "satiricalarticle": 5,
    "liveblogposting": 5, "article": 4, "blogposting": 4, "scholarlyarticle": 4, "medicalscholarlyarticle": 4,
    "techarticle": 4, "report": 4, "advertisercontentarticle": 4, "socialmediaposting": 3, "recipe": 3, "howto": 2,
    "discussionforumposting": 3, "review": 2, "creativework": 2, "medicalwebpage": 2, "videoobject": 1,
    "podcastepisode": 1, "webpage": 1, "itempage": 1,
}  # fmt: skip
_BODY_RANK = 2
# A page's own node stands at the top, in a graph, or as the main thing of a node; those elsewhere are other pages.
_INTO = ("@graph", "mainEntity", "mainEntityOfPage", "itemReviewed")

_COMMENT = re.compile(r"<!--|-->|/?\*?/?<!\[CDATA\[\*?/?|/?\*?/?\]\]>\*?/?")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_TAG = re.compile(r"</?[A-Za-z!][^<>]{0,1000}>")
# Half a character, which JSON can write and no other text can hold. A pair of them is one character.
_MAY_BE_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.S
)
_START = re.compile(r"[\[{]")
_BLOCK_TAG = re.compile(r"(?i)<(?:/?(?:p|div|li|h[1-6]|ul|ol|tr|blockquote|figure)|br)\b[^<>]{0,1000}>")
_FIELDS = re.compile(
    r'"(headline|datePublished|dateModified|articleBody|alternativeHeadline|description)"'
    r'\s{0,9}:\s{0,9}"((?:[^"\\]|\\.){1,5000})"'
)
_AUTHOR = re.compile(r'"author"\s{0,9}:\s{0,9}(?:\[\s{0,9})?\{[^\[\]{}]{0,300}?"name"\s{0,9}:\s{0,9}"([^"\\]{1,200})"')


class JsonLd:
    """All nodes of a page's scripts, and the one of the article."""

    def __init__(self, scripts: Iterable[str]) -> None:
        self.nodes: list[Node] = []
        self.by_id: dict[str, Node] = {}
        self._types: set[str] = set()
        self.site_name: str | None = None
        for count, script in enumerate(scripts):
            if count >= MAX_SCRIPTS or len(self.nodes) >= MAX_NODES:
                break
            for value in parse(script):
                self._collect(value)
        self._index()

    def _collect(self, value: Any) -> None:
        pending = [value]
        while pending and len(self.nodes) < MAX_NODES:
            item = pending.pop()
            if isinstance(item, list):
                pending.extend(reversed(item[:MAX_NODES]))
            elif isinstance(item, dict):
                self.nodes.append(item)
                pending.extend(item[key] for key in reversed(_INTO) if isinstance(item.get(key), dict | list))

    def _index(self) -> None:
        for node in self.nodes:
            key = node.get("@id")
            if isinstance(key, str) and len(node) > 1:
                self.by_id.setdefault(key, node)
            own = types(node)
            self._types.update(own)
            if self.site_name is None and "website" in own:
                self.site_name = text(node.get("name"))

    def article(self, is_this_page: Iterable[str] = ()) -> Node:
        """The node that describes the page's article, or an empty one.

        `is_this_page` are addresses and titles of the page, to tell its node from others of the same type.
        """
        known = {s for s in is_this_page if s}
        best: Node = {}
        best_rank = 0.0
        for node in self.nodes:
            rank: float = max((_ARTICLE_TYPES.get(t, 0) for t in types(node)), default=0)
            if not rank:
                continue
            if any(isinstance(node.get(k), str) and node[k].strip() in known for k in ("url", "@id", "headline")):
                rank += 0.5
            if not any(k in node for k in ("headline", "name", "datePublished", "author")):
                rank -= 3
            if rank > best_rank:
                best, best_rank = node, rank
        return best

    def page(self) -> Node:
        """The node of the page itself, less telling than the article's."""
        return next((n for n in self.nodes if "webpage" in types(n)), {})

    def body(self) -> str | None:
        """The longest article text of any Article-like node, tags stripped, white space folded; None without one."""
        best = ""
        for node in self.nodes:
            if max((_ARTICLE_TYPES.get(t, 0) for t in types(node)), default=0) < _BODY_RANK:
                continue
            for key in ("articleBody", "text"):
                value = node.get(key)
                if isinstance(value, list):
                    value = "\n".join(v for v in value[:500] if isinstance(v, str))
                if isinstance(value, str) and len(value) > len(best):
                    best = value
        return plain(best[:MAX_BODY_CHARS], MAX_BODY_CHARS) or None

    def is_news(self) -> bool:
        """Whether a node is of a type of news article."""
        return any("news" in t and "article" in t for t in self._types)

    def is_article(self) -> bool:
        """Whether a node is of a type of article, or a blog's posting."""
        return any(t.endswith(("article", "blogposting")) for t in self._types)

    def resolve(self, value: Any) -> Any:
        """The node that `value` refers to by its @id, else `value`."""
        if isinstance(value, dict) and isinstance(value.get("@id"), str) and "name" not in value and "url" not in value:
            return self.by_id.get(value["@id"], value)
        return value

    def names(self, value: Any) -> list[str]:
        """Names of the persons or organisations that `value` holds, in any of the shapes in use."""
        out: list[str] = []
        pending = [(value, 0)]
        while pending and len(out) < 30:
            item, depth = pending.pop()
            item = self.resolve(item)
            if isinstance(item, str):
                out.append(item[:MAX_VALUE_CHARS])
            elif depth > 4:
                continue
            elif isinstance(item, list):
                pending.extend((i, depth + 1) for i in reversed(item[:30]))
            elif isinstance(item, dict):
                name = item.get("name") or item.get("@value")
                if not name and isinstance(item.get("familyName"), str):
                    name = f"{text(item.get('givenName')) or ''} {item['familyName'][:100]}"
                if isinstance(name, str | list | dict):
                    pending.append((name, depth + 1))
        return out

    def image(self, value: Any) -> str | None:
        """Address of the first picture that `value` holds."""
        for _ in range(4):
            value = self.resolve(value)
            if isinstance(value, list):
                value = value[0] if value else None
            elif isinstance(value, dict):
                value = value.get("url") or value.get("contentUrl") or value.get("@id")
        return value[:MAX_VALUE_CHARS] if isinstance(value, str) else None


def parse(script: str) -> Iterator[Any]:
    """Values of one script; none where it is beyond repair."""
    script = script[: MAX_SCRIPT_CHARS + 1].strip()
    if not script or len(script) > MAX_SCRIPT_CHARS:
        return
    if _MAY_BE_HALF.search(script):
        script = _ESCAPE.sub(lambda escape: r"\ufffd" if escape[1] else escape[0], script)
    try:
        yield json.loads(script, strict=False)
        return
    except (ValueError, RecursionError):
        pass
    script = _TRAILING_COMMA.sub(r"\1", _COMMENT.sub("", script))
    if '"' not in script and "&quot;" in script:
        script = html.unescape(script)
    start = _START.search(script)
    if start is None:
        return
    try:
        # Stops at the value's end: what follows (`;`, a second value) is not needed.
        yield json.JSONDecoder(strict=False).raw_decode(script, start.start())[0]
    except (ValueError, RecursionError):
        yield _salvage(script)


def _salvage(script: str) -> Node:
    """The few fields that matter, read from text that is no JSON."""
    node: Node = {"@type": "Article"}
    for count, match in enumerate(_FIELDS.finditer(script)):
        if count > 50:
            break
        node.setdefault(match[1], match[2].replace('\\"', '"').replace("\\/", "/"))
    authors = [m[1] for m, _ in zip(_AUTHOR.finditer(script), range(10), strict=False)]
    if authors:
        node["author"] = authors[:1]
    return node if len(node) > 1 else {}


def types(node: Node) -> list[str]:
    """The node's types, in lower case, without a namespace."""
    value = node.get("@type")
    values = value[:10] if isinstance(value, list) else [value]
    return [v[:200].rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower() for v in values if isinstance(v, str)]


def text(value: Any) -> str | None:
    """A string value as plain text, None for anything else; the first of a list."""
    value = _single(value)
    return plain(value) or None if isinstance(value, str) else None


def moment(value: Any) -> str | int | float | None:
    """What a date may be given as: as plain text, or as a number, which some write as seconds or milliseconds."""
    value = _single(value)
    return value if isinstance(value, int | float) else text(value)


def _single(value: Any) -> Any:
    if isinstance(value, list) and value:
        value = value[0]
    return value.get("@value") or value.get("name") if isinstance(value, dict) else value


def plain(value: str, limit: int = MAX_VALUE_CHARS) -> str:
    """`value` without tags and references, white space folded."""
    value = value[:limit]
    if "&" in value:
        value = html.unescape(value)
        if "&" in value and ";" in value:
            value = html.unescape(value)
    if "<" in value:
        value = _TAG.sub("", _BLOCK_TAG.sub("\n", value))
    return " ".join(value.split())
