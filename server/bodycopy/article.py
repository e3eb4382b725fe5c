"""The types that flow through the pipeline. Imports nothing of ours when loaded.

A page becomes a flat list of `Block`; the judge gives each one a `Verdict`;
an `Article` holds all of them, and what is printed is derived from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .layout import Run


class Label(StrEnum):
    """What a block is. Closed: a new member is a change of the API."""

    CONTENT = "content"
    HEADING = "heading"
    CAPTION = "caption"
    # Shown as fields of the article, so neither in its text nor in `removed`.
    TITLE = "title"
    DEK = "dek"
    # The kinds of boilerplate.
    NAVIGATION = "navigation"
    RELATED = "related"
    NEWSLETTER = "newsletter"
    SUBSCRIPTION = "subscription"
    PROMOTION = "promotion"
    SOCIAL = "social"
    DONATION = "donation"
    APP = "app"
    ADVERTISEMENT = "advertisement"
    AFFILIATE = "affiliate"
    AUTHOR_BIO = "author_bio"
    BYLINE = "byline"
    COPYRIGHT = "copyright"
    COMMENTS = "comments"
    PAYWALL = "paywall"
    CONSENT = "consent"
    INTERFACE = "interface"


ARTICLE_LABELS = frozenset({Label.CONTENT, Label.HEADING, Label.CAPTION})
METADATA_LABELS = frozenset({Label.TITLE, Label.DEK})
BOILERPLATE_LABELS = frozenset(Label) - ARTICLE_LABELS - METADATA_LABELS


class Kind(StrEnum):
    """What form a block has on the page."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list_item"
    QUOTE = "quote"
    CODE = "code"
    TABLE = "table"
    FIGURE = "figure"


class Span(NamedTuple):
    """A run of text in one style. `marks` is a subset of strong, em, code, sub, sup, del, mark."""

    text: str
    marks: tuple[str, ...] = ()
    href: str | None = None
    """Absolute http, https or mailto address; None where the page gave none or another scheme."""


class Image(NamedTuple):
    """A picture: its absolute http(s) or data:image address, and its size in CSS pixels, 0 if unknown."""

    src: str
    alt: str = ""
    width: int = 0
    height: int = 0


class Container:
    """An element of the page that holds blocks: a fact of where they stood, shared between them.

    `names` are its class, id, role and itemprop words, as the page wrote them.
    """

    __slots__ = ("depth", "index", "names", "parent", "tag")

    def __init__(self, parent: Container | None, tag: str, names: str, index: int) -> None:
        self.parent = parent
        self.tag = tag
        self.names = names
        self.index = index
        self.depth: int = parent.depth + 1 if parent is not None else 0

    def __repr__(self) -> str:
        return f"<{self.tag} {self.names}>"


class Evidence(NamedTuple):
    """What told the kind of a removed block: what a reason says after its colon, for interfaces in any language."""

    code: str
    """One of `judge.kinds.EVIDENCE`."""
    values: tuple[str, ...] = ()
    """What the page wrote of it: a name, words, a number."""


class Notice(str):
    """A warning: a sentence for the reader, with the code and values that say it in any language."""

    code: str
    """One of `notices.NOTICES`."""
    values: tuple[int | str, ...]
    """Numbers, and what the page wrote, in the order of the sentence."""

    def __new__(cls, sentence: str, code: str, values: tuple[int | str, ...] = ()) -> Notice:
        made = super().__new__(cls, sentence)
        made.code, made.values = code, values
        return made

    def __getnewargs__(self) -> tuple[str, str, tuple[int | str, ...]]:  # type: ignore[override]
        """What copies are made of."""
        return str(self), self.code, self.values


class Verdict(NamedTuple):
    """The judge's word on a block."""

    label: Label
    reason: str
    """One sentence, for the reader of the article."""
    confidence: float
    """Probability that keeping or removing the block is right, 0.5 to 1."""
    source: str
    """`model`, `phrase:en/newsletter/3`, `repeated:12 pages`, `taught`, or `guard:<name>`."""
    evidence: Evidence | None = None
    """Of a removed block, where more than its kind is told."""


UNJUDGED = Verdict(Label.CONTENT, "Not judged yet.", 0.5, "none")


class Block(NamedTuple):
    """The text between two block-level boundaries of the page, with the facts of where it stood."""

    kind: Kind
    text: str
    """White space is folded, except in code."""
    spans: tuple[Span, ...] = ()
    container: Container | None = None
    """The nearest block-level element; None in plain text."""
    names: str = ""
    """Class and id words of the inline elements inside."""
    level: int = 0
    """1 to 6 for a heading, nesting depth from 1 for a list item, else 0."""
    ordinal: int | None = None
    """The number that a browser shows before an item of an `<ol>`; each block of the item has it."""
    group: int = 0
    """Equal for blocks that are one list, table, quotation or figure; 0 for none."""
    continues: bool = False
    """The block follows the previous one after a single line break of one paragraph."""
    cells: tuple[tuple[Span, ...], ...] = ()
    """A table row's cells; `spans` is empty then."""
    header: bool = False
    """A table row of header cells."""
    image: Image | None = None
    """A figure's picture. Its caption is a block of its own in the same group."""
    hidden: bool = False
    """The page says that the block is not shown (hidden, display:none, noscript), or it is the label of a drawing."""
    verdict: Verdict = UNJUDGED


class Removed(NamedTuple):
    """A block that is not in the article, with what is needed to put it back."""

    id: int
    """Index of the block in `Article.blocks`."""
    position: int
    """Index among the kept blocks (`Article.kept`) before which it stood."""
    block: Block


@dataclass(frozen=True)
class Metadata:
    """What a page says of itself. Unknown values are None or empty."""

    url: str | None = None
    canonical_url: str | None = None
    domain: str | None = None
    site_name: str | None = None
    title: str | None = None
    byline: str | None = None
    authors: tuple[str, ...] = ()
    dek: str | None = None
    date: str | None = None
    """ISO 8601, a date or a date with time and offset, as exact as the page is."""
    date_modified: str | None = None
    language: str | None = None
    """BCP 47, as the page declares it."""
    direction: str | None = None
    """`ltr` or `rtl`."""
    lead_image: str | None = None
    excerpt: str | None = None


class Declared(NamedTuple):
    """What a page says of its article to machines alone: signals for the judge, not to be printed."""

    body: str | None = None
    """The article's text, as JSON-LD has it."""
    news: bool = False
    """JSON-LD calls it a NewsArticle, or one of the types below it."""
    article: bool = False
    """JSON-LD calls it an Article of any type, or a BlogPosting."""
    og_article: bool = False
    """Its og:type is `article`."""


UNDECLARED = Declared()


@dataclass(frozen=True)
class Article:
    """All blocks of a page in reading order, judged, and what the page says of itself."""

    metadata: Metadata
    blocks: tuple[Block, ...]
    keep: frozenset[Label] = frozenset()
    """Boilerplate labels that the caller wants in the article."""
    warnings: tuple[Notice, ...] = field(default=())

    @property
    def title(self) -> str | None:
        return self.metadata.title

    @property
    def shown(self) -> frozenset[Label]:
        """Labels of the blocks that make up the article."""
        return ARTICLE_LABELS | self.keep

    @cached_property
    def kept(self) -> tuple[Block, ...]:
        """The blocks of the article, in reading order."""
        shown = self.shown
        return tuple(b for b in self.blocks if b.verdict.label in shown)

    @cached_property
    def removed(self) -> tuple[Removed, ...]:
        """Every block that is not in the article or shown as one of its fields, in reading order."""
        shown = self.shown
        out = []
        position = 0
        for number, block in enumerate(self.blocks):
            label = block.verdict.label
            if label in shown:
                position += 1
            elif label not in METADATA_LABELS:
                out.append(Removed(number, position, block))
        return tuple(out)

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """The kept blocks as every format prints them, those together that are one list, table or figure."""
        from .layout import kept_lines, runs

        return tuple(runs(kept_lines(self)))

    @cached_property
    def text(self) -> str:
        """Plain text, one block a line; no captions."""
        from .render import to_text

        return to_text(self)

    @cached_property
    def markdown(self) -> str:
        """CommonMark with GFM tables; inert when rendered with raw HTML on."""
        from .markdown import to_markdown

        return to_markdown(self)

    @cached_property
    def html(self) -> str:
        """HTML fragment built from blocks and sanitised; no scripts, styles, ids or classes."""
        from .render import to_html

        return to_html(self)

    @cached_property
    def word_count(self) -> int:
        """Words of `text`; a character of a script without spaces counts as half a word."""
        from .render import count_words

        return count_words(self.text)

    @property
    def reading_time_minutes(self) -> int:
        """Minutes at 230 words a minute, at least 1 where there is text."""
        return max(1, round(self.word_count / 230)) if self.word_count else 0

    def to_dict(self) -> dict[str, Any]:
        """The JSON answer of the service (DESIGN section 6), every key present; `version` included."""
        from .render import to_dict

        return to_dict(self)


def labels(names: Iterable[str]) -> frozenset[Label]:
    """Label names, or a single one, to labels. Raises ValueError, naming the known ones, for no kind of boilerplate."""
    names = (names,) if isinstance(names, str) else names
    out = set()
    for name in names:
        if name not in {label.value for label in BOILERPLATE_LABELS}:
            known = ", ".join(sorted(BOILERPLATE_LABELS))
            raise ValueError(f"{name!r} is not a label that can be kept. Known labels: {known}.")
        out.add(Label(name))
    return frozenset(out)
