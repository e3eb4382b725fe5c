"""What goes in and out as JSON. Requests are checked by these models; /openapi.json is made of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..addresses import MAX_URL_CHARS
from ..article import BOILERPLATE_LABELS, Kind, Label
from ..formats import FORMATS
from ..judge.kinds import EVIDENCE
from ..notices import NOTICES
from .errors import KINDS

MAX_RULES = 5_000

_KEEP = "Kinds of boilerplate to leave in: " + ", ".join(sorted(BOILERPLATE_LABELS)) + "."
_Texts = Annotated[list[str], Field(max_length=MAX_RULES)]
_Labels = Annotated[
    list[Annotated[str, Field(json_schema_extra={"enum": sorted(BOILERPLATE_LABELS)})]], Field(max_length=100)
]


class _Answer(BaseModel):
    # Every key is always there, and the description says so.
    model_config = ConfigDict(extra="forbid")


class Options(BaseModel):
    """A reader's own rules."""

    model_config = ConfigDict(strict=True)

    keep_labels: _Labels = Field([], description=_KEEP)
    drop_texts: _Texts = Field([], description="Blocks with exactly these texts are removed.")


class PageRequest(BaseModel):
    """A page or plain text to clean. One of `html` and `text` is needed."""

    model_config = ConfigDict(strict=True)

    html: str | None = Field(None, description="The page, as served or as rendered.")
    text: str | None = Field(None, description="Plain text instead, one block a line.")
    url: str | None = Field(None, max_length=MAX_URL_CHARS, description="The page's address, to resolve its links.")
    format: str | None = Field(
        None, max_length=100, description=f"{', '.join(FORMATS)}; `?format=` goes before it, `Accept` after."
    )
    keep: _Labels | None = Field(None, description=_KEEP)
    options: Options | None = None


class _Block(_Answer):
    """What the blocks of an answer have in common: where each is printed in one piece with its neighbours.

    Put in the order of their ids, neighbours are one list, table, quotation or figure where both `kind` and `group`
    are equal.
    """

    id: int = Field(description="Number of the block on the page, from 0, in the order of reading.")
    kind: Literal[tuple(k.value for k in Kind)]  # type: ignore[valid-type]
    group: int | None = Field(
        description="Equal for blocks that are one list, table, quotation or figure; null where it is none of them."
    )
    level: int = Field(ge=0, description="1 to 6 for a heading, the depth from 1 for a list item, else 0.")
    ordinal: int | None = Field(description="The number before an item of a numbered list.")
    item: int | None = Field(description="Equal for blocks of one list item; a further one has no marker of its own.")
    paragraph: int = Field(
        description="The `id` of the block that its paragraph begins with: blocks that have it in common are lines of "
        "one paragraph or list item, with a single line break between them."
    )


class KeptBlock(_Block):
    """A block of the article."""

    label: Literal[tuple(label.value for label in Label)]  # type: ignore[valid-type]
    html: str
    text: str


class Evidence(_Answer):
    """What told a removed block's kind, to be said in other languages than English."""

    code: Literal[tuple(EVIDENCE)]  # type: ignore[valid-type]
    values: list[str] = Field(description="What the page wrote of it: a name, words, a number.")


class WarningCode(_Answer):
    """A warning, to be said in other languages than English."""

    code: Literal[tuple(NOTICES)]  # type: ignore[valid-type]
    values: list[int | str] = Field(
        description="Limits and numbers, or what the page wrote, in the order of the sentence."
    )


class RemovedBlock(_Block):
    """A block that was taken out, with the reason, and what is needed to put it back."""

    label: Literal[tuple(label.value for label in Label)]  # type: ignore[valid-type]
    reason: str = Field(description="A sentence for the reader of the article.")
    evidence: Evidence | None = Field(
        description="What `reason` says after its colon; null where it tells the kind alone."
    )
    source: str = Field(description="`model`, `phrase:en/newsletter/3`, `repeated:12 pages`, `taught`, `guard:…`.")
    confidence: float = Field(ge=0, le=1)
    text: str = Field(description="Of a picture, what the page says instead of it; may be empty.")
    html: str
    position: int = Field(ge=0, description="Index into `blocks` before which it stood.")


class CleanAnswer(_Answer):
    """The article and what was removed. Every key is always there, null where unknown."""

    url: str | None
    canonical_url: str | None
    domain: str | None
    site_name: str | None
    title: str | None
    byline: str | None
    authors: list[str]
    dek: str | None
    date: str | None = Field(description="ISO 8601, as exact as the page is.")
    date_modified: str | None
    language: str | None = Field(description="BCP 47.")
    direction: str | None = Field(description="`ltr` or `rtl`.")
    lead_image: str | None
    excerpt: str | None
    text: str
    markdown: str
    html: str = Field(description="Sanitised: no scripts, styles, ids or classes.")
    word_count: int = Field(ge=0)
    reading_time_minutes: int = Field(ge=0)
    blocks: list[KeptBlock]
    removed: list[RemovedBlock]
    warnings: list[str]
    warning_codes: list[WarningCode] = Field(description="Of the same warnings, in the same order.")
    version: str


class BatchLine(CleanAnswer):
    """One line of a batch's answer; a page that failed has a problem in its place, with the same `index`."""

    index: int = Field(ge=0, description="Place of the page in the request, from 0.")


class Health(_Answer):
    """What a client should know before it sends a page."""

    status: Literal["ok"]
    version: str
    auth_required: bool
    fetch_enabled: bool = Field(description="Whether the service fetches pages by address. It does not.")
    max_bytes: int
    formats: list[str]


class ProblemAnswer(BaseModel):
    """An error, as RFC 9457 has it. `detail` says what to do."""

    type: str = Field(json_schema_extra={"enum": [f"/docs#{name}" for name in KINDS]})
    title: str
    status: int
    detail: str
    request_id: str | None


class NoArticleAnswer(ProblemAnswer):
    """The problem `no-article`: the page was read, and this is what is known of it."""

    page_title: str | None = Field(description="The page's own; `title` is the problem's.")
    url: str | None
    warnings: list[str]
    warning_codes: list[WarningCode] = Field(description="Of the same warnings, in the same order.")


class TooLargeAnswer(ProblemAnswer):
    """The problem `too-large`: over which limit, and by which setting it is raised."""

    limit: int = Field(
        ge=0,
        description="Bytes of a page, or of a whole request, which may have twice as many and some; or pages of a batch.",
    )
    setting: str = Field(description="`BODYCOPY_…`, from which the limit follows.")


MODELS: tuple[type[BaseModel], ...] = (
    PageRequest, CleanAnswer, BatchLine, Health, ProblemAnswer, NoArticleAnswer, TooLargeAnswer,
)  # fmt: skip


def explain(errors: list[Any]) -> str:
    """Pydantic's errors as one sentence that names the members, without the values they had."""
    parts = []
    for error in errors[:3]:
        where = ".".join(str(step) for step in error["loc"]) or "the body"
        parts.append(f"{where}: {error['msg'][:1].lower()}{error['msg'][1:]}")
    return "; ".join(parts) + ". /docs describes the request."
