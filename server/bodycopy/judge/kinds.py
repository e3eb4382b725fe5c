"""What a removed block is, and why it went, in words for the reader.

In this order: a phrase in the block, the names of the elements it stood in, the
kind of element, the block's words, and what else the model saw of the block.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from ..article import Block, Container, Evidence, Kind, Label
from .lexicon import name_key, name_words
from .wordings import Wording
from .words import Remembered

SENTENCES = {
    Label.NAVIGATION: "Leads to other parts of the site",
    Label.RELATED: "Points to other articles",
    Label.NEWSLETTER: "Offers a newsletter",
    Label.SUBSCRIPTION: "Offers a subscription",
    Label.PROMOTION: "Promotes the site or what it sells",
    Label.SOCIAL: "Asks to share or follow",
    Label.DONATION: "Asks for money",
    Label.APP: "Promotes an app",
    Label.ADVERTISEMENT: "Advertisement",
    Label.AFFILIATE: "Says that the site earns from links",
    Label.AUTHOR_BIO: "Presents the author",
    Label.BYLINE: "Names the author, the date or the section",
    Label.COPYRIGHT: "Copyright or legal notice",
    Label.COMMENTS: "Comments of readers",
    Label.PAYWALL: "Asks to pay or log in to read on",
    Label.CONSENT: "Asks for consent to cookies or data use",
    Label.INTERFACE: "A control of the page, not text",
}
"""How each kind is told to a reader; a reason starts with it."""

_WORDED = ", and worded as such lines are"
EVIDENCE = {
    "named": "the page calls this part “{}”",
    "in_nav": "stands in the page's menu",
    "in_header": "stands in the page's header",
    "in_footer": "stands in the page's footer",
    "in_form": "stands in a form",
    "in_button": "stands in a button",
    "in_choice": "stands in a choice",
    "in_noscript": "stands in a note for browsers without scripts",
    "other_picture": "belongs to a picture apart from the article's",
    "in_dialog": "stands in a dialog",
    "hidden": "the page does not show it as text",
    "wording": "by its wording as a whole",
    "word": "by its words, such as “{}”",
    "words": "by its words, such as “{}” and “{}”",
    "links_before": "mostly links, above the article",
    "links_inside": "mostly links, between its paragraphs",
    "links_after": "mostly links, below the article",
    "copies": "stands on the page {} times",
    "heading_before": "a heading above the article with none of the article's text below it",
    "heading_inside": "a heading between its paragraphs with none of the article's text below it",
    "heading_after": "a heading below the article with none of the article's text below it",
    "short_before": "a short line above the article's text",
    "byline": "a short line at the head of the article's text",
    "apart_before": "stands above the article's text, apart from it",
    "last": "stands below the article's last paragraph",
    "last_worded": f"stands below the article's last paragraph{_WORDED}",
    "apart_after": "stands below the article, apart from it",
    "apart_after_worded": f"stands below the article, apart from it{_WORDED}",
    "few_words": "a few words between paragraphs",
    "unlike": "its place and form are unlike the paragraphs around it",
    "unlike_worded": f"its place and form are unlike the paragraphs around it{_WORDED}",
}
"""What can tell the kind, by code; a reason ends with it. The extension says the same in its languages, as `told_<code>`."""

# Words of class, id and role names, nearest element first. Grouped by kind; the first kind found at an element wins.
_BY_NAME: tuple[tuple[Label, frozenset[str]], ...] = tuple(
    (label, frozenset(words.split()))
    for label, words in (
        (Label.CONSENT, "cookie cookies consent gdpr onetrust ccpa"),
        (Label.PAYWALL, "paywall regwall piano metered premiumwall"),
        (Label.NEWSLETTER, "newsletter newsletters signup mailchimp mailing optin"),
        (Label.SUBSCRIPTION, "subscribe subscription subscriptions abo abonnement membership"),
        (Label.DONATION, "donate donation donations contribute spenden"),
        (Label.COMMENTS, "comment comments disqus discussion kommentare commentaires respond replies"),
        (Label.SOCIAL, "social share sharing shares sharedaddy sharebar addthis addtoany follow teilen sociallinks whatsapp "
                       "telegram facebook twitter"),
        (Label.RELATED, "related recommended recommendations recommendation recirc recirculation readmore readnext outbrain "
                        "taboola trending popular mostread upnext teaser teasers similar morefrom latest suggested also"),
        (Label.AUTHOR_BIO, "bio biography authorbox aboutauthor authorbio authorcard"),
        (Label.BYLINE, "byline byl author authors meta metadata dateline timestamp published pubdate date time entrymeta "
                       "postmeta reviewer readingtime"),
        (Label.ADVERTISEMENT, "ad ads advert advertisement adv adslot sponsored sponsor dfp gpt banner anzeige werbung"),
        (Label.AFFILIATE, "affiliate disclosure disclaimer"),
        (Label.PROMOTION, "promo promotion cta callout offer upsell"),
        (Label.COPYRIGHT, "copyright legal imprint rights colophon impressum"),
        (Label.APP, "appstore googleplay appbanner"),
        (Label.CAPTION, "caption figcaption credit wpcaption imagecaption legend"),
        (Label.NAVIGATION, "nav navigation navbar menu menus submenu breadcrumb breadcrumbs header footer sitemap topbar "
                           "masthead tags tag tagcloud categories category topics pagination pager toc contents skip"),
        (Label.INTERFACE, "button btn form search login signin modal popup dialog toolbar tooltip widget player video "
                          "controls print loading dropdown"),
    )
)  # fmt: skip
_LABELS = tuple(label for label, _ in _BY_NAME)
_NUMBERS = {word: number for number, (_, words) in reversed([*enumerate(_BY_NAME)]) for word in words}
"""Number of the first kind that each word names."""
_LEVELS = 6
"""Elements looked at upwards from the block: names further out are those of the whole page's layout."""
_OUTERMOST = frozenset({"body", "html", "article", "main"})
"""Elements whose names, and those of all above them, tell nothing of a part of the page."""
_MAX_KINDS = 50_000
_DATE = re.compile(r"\b(19|20)\d\d\b|\b\d{1,2}[:h.]\d\d\b")


class Named(NamedTuple):
    """The kind that the page itself gives the part a block stands in, and how."""

    label: Label
    evidence: Evidence


_BY_TAG = {
    tag: Named(label, Evidence(code))
    for tag, label, code in (
        ("nav", Label.NAVIGATION, "in_nav"), ("header", Label.NAVIGATION, "in_header"),
        ("footer", Label.NAVIGATION, "in_footer"), ("form", Label.INTERFACE, "in_form"),
        ("label", Label.INTERFACE, "in_form"), ("textarea", Label.INTERFACE, "in_form"),
        ("button", Label.INTERFACE, "in_button"), ("select", Label.INTERFACE, "in_choice"),
        ("option", Label.INTERFACE, "in_choice"), ("noscript", Label.INTERFACE, "in_noscript"),
        ("dialog", Label.INTERFACE, "in_dialog"), ("figcaption", Label.CAPTION, "other_picture"),
    )
}  # fmt: skip
"""What elements of a tag tell by themselves."""


Signals = tuple[float, float, int, bool]
"""What the model saw of a block, as far as it can be told to a reader: share of its characters that are links; log odds
by its words that it is the article's rather than a line set among its paragraphs; blocks of the page with the same text,
itself included; whether it stands in the container of the article."""
MIN_TELLING_WORD_SCORE = -0.7
"""Below it, words alone make a block twice as likely boilerplate as text: enough to be named as a reason."""


def kind_of(
    block: Block, named: Named | None, signals: Signals, position: str, wording: Wording | None = None
) -> tuple[Label, Evidence]:
    """Label of a block that the judge takes for boilerplate, and what told it.

    `named` is what `named_kinds` says of its container; `position` is `before`, `inside` or `after` the article's text;
    `wording` the kind that its words are of.
    """
    link_share, word_score, copies, in_main = signals
    is_paragraph = in_main and position == "inside" and link_share < 0.3 and len(block.text) > 200
    if named is not None and named.label is Label.CAPTION:
        # The captions of the article's own pictures are found before this is asked.
        return Label.RELATED if block.text else Label.INTERFACE, named.evidence
    if named is not None and not is_paragraph:
        return named
    words = block.text.count(" ") + 1
    if block.hidden:
        return Label.INTERFACE, Evidence("hidden")
    if wording is not None:
        return wording.label, Evidence(("wording", "word", "words")[len(wording.words)], wording.words)
    elsewhere = Label.NAVIGATION if position == "before" else Label.RELATED
    if link_share > 0.5:
        return elsewhere, Evidence(f"links_{position}")
    if copies > 2:
        return elsewhere, Evidence("copies", (str(copies),))
    if block.kind is Kind.HEADING:
        return elsewhere, Evidence(f"heading_{position}")
    worded = "_worded" if word_score < MIN_TELLING_WORD_SCORE else ""
    if position == "before":
        if _DATE.search(block.text) or words <= 6:
            return Label.BYLINE, Evidence("short_before")
        return Label.NAVIGATION, Evidence("apart_before")
    if position == "after":
        if in_main:
            return Label.PROMOTION, Evidence(f"last{worded}")
        return Label.RELATED, Evidence(f"apart_after{worded}")
    if words <= 4:
        return Label.INTERFACE, Evidence("few_words")
    return Label.PROMOTION, Evidence(f"unlike{worded}")


@lru_cache(maxsize=4_096)
def reason_of(label: Label, evidence: Evidence) -> str:
    """The sentence that tells a reader what a block is, and what told it."""
    return f"{SENTENCES[label]}: {EVIDENCE[evidence.code].format(*evidence.values)}."


# Not among them are names that pages give to the article's own text as well: `paywall` and `metered` around it, `share`
# on each paragraph, `newsletter` where it is one.
_CERTAIN = frozenset({Label.COMMENTS, Label.AUTHOR_BIO, Label.RELATED, Label.AFFILIATE, Label.COPYRIGHT})


def is_certain(named: Named | None) -> bool:
    """Whether the page itself names the part that a block stands in as one that is never an article's text."""
    return named is not None and named.label in _CERTAIN


def named_kinds(containers: Iterable[Container | None]) -> list[Named | None]:
    """What the nearest telling element of those that each block stands in names."""
    # A menu's items and a story's paragraphs share what is above them: it is looked at once.
    above: dict[Container, Named | None] = {}
    out = []
    for container in containers:
        named = None
        if container is not None and container.tag not in _OUTERMOST:
            named, parent = _own_kinds[name_key(container.tag, container.names)], container.parent
            if named is None and parent is not None:
                if parent not in above:
                    above[parent] = _named_from(parent)
                named = above[parent]
        out.append(named)
    return out


def _named_from(parent: Container) -> Named | None:
    """What the nearest telling element names, from a block's container's parent on upwards."""
    container: Container | None = parent
    for _ in range(_LEVELS - 1):
        if container is None or container.tag in _OUTERMOST:
            return None
        if named := _own_kinds[name_key(container.tag, container.names)]:
            return named
        container = container.parent
    return None


def _own_kind(element: tuple[str, str]) -> Named | None:
    """What an element of a tag and names is itself named."""
    tag, names = element
    found = [(_NUMBERS[word], word) for word in name_words(names) if word in _NUMBERS]
    if found:
        number, word = min(found)
        label = _LABELS[number]
        return Named(label, Evidence("other_picture") if label is Label.CAPTION else Evidence("named", (word,)))
    return _BY_TAG.get(tag)


_own_kinds = Remembered(_own_kind, _MAX_KINDS)
