"""What a removed block is called, and the reason that the reader is given."""

from __future__ import annotations

import pytest
from bodycopy.article import BOILERPLATE_LABELS, Block, Container, Kind, Label, Span
from bodycopy.judge.kinds import SENTENCES, is_certain, kind_of, named_kinds, reason_of
from bodycopy.judge.wordings import Wording

BODY = Container(None, "body", "", 0)


def named_kind(container: Container | None):
    return named_kinds([container])[0]


def block(text: str, tag: str = "p", names: str = "", outer: str = "", kind: Kind = Kind.PARAGRAPH) -> Block:
    parent = Container(BODY, "div", outer, 1)
    return Block(kind, text, (Span(text),), Container(parent, tag, names, 2))


def told(
    block: Block,
    position: str,
    *,
    link_share: float = 0.0,
    in_main: bool = False,
    word_score: float = 0.0,
    copies: int = 1,
    wording: Wording | None = None,
):
    signals = link_share, word_score, copies, in_main
    label, evidence = kind_of(block, named_kind(block.container), signals, position, wording)
    return label, reason_of(label, evidence)


@pytest.mark.parametrize(
    ("names", "label"),
    [
        ("site-nav__list", Label.NAVIGATION),
        ("relatedStories", Label.RELATED),
        ("c-newsletter-box", Label.NEWSLETTER),
        ("share_bar", Label.SOCIAL),
        ("CommentList", Label.COMMENTS),
        ("author-bio", Label.AUTHOR_BIO),
        ("cookie-consent", Label.CONSENT),
        ("donate-cta", Label.DONATION),
        ("copyright", Label.COPYRIGHT),
    ],
)
def test_the_nearest_telling_name_decides(names, label):
    found, reason = told(block("Some words here", outer=names), "after")
    assert found is label
    assert reason.startswith(SENTENCES[label])


def test_the_block_s_own_name_wins_over_its_parent_s():
    assert told(block("Words", names="newsletter", outer="site-nav"), "after")[0] is Label.NEWSLETTER


def test_the_element_tells_where_names_do_not():
    assert told(block("Search", tag="button"), "before")[0] is Label.INTERFACE
    assert told(block("Imprint", tag="footer"), "after")[0] is Label.NAVIGATION


def test_links_below_the_article_point_to_other_articles_and_above_it_to_the_site():
    assert told(block("Another story"), "after", link_share=1.0)[0] is Label.RELATED
    assert told(block("Sport"), "before", link_share=1.0)[0] is Label.NAVIGATION


@pytest.mark.parametrize(
    ("words", "evidence"),
    [
        (("inbox", "weekly"), "by its words, such as “inbox” and “weekly”"),
        (("inbox",), "by its words, such as “inbox”"),
        ((), "by its wording as a whole"),
    ],
)
def test_words_tell_the_kind_where_the_page_does_not_and_are_named(words, evidence):
    wording = Wording(Label.NEWSLETTER, words)
    line = block("It is in your inbox each Friday")
    expected = Label.NEWSLETTER, f"{SENTENCES[Label.NEWSLETTER]}: {evidence}."
    assert told(line, "inside", wording=wording) == told(line, "after", link_share=1.0, wording=wording) == expected
    named = block("It is in your inbox each Friday", names="promo")
    assert told(named, "inside", wording=wording)[0] is Label.PROMOTION


def test_every_reason_is_one_sentence():
    for position in ("before", "inside", "after"):
        for link_share in (0.0, 1.0):
            for text in ("Menu", "A line with a few more words in it than that", "Monday 3 March 2025"):
                _, reason = told(block(text), position, link_share=link_share, in_main=True)
                assert reason.endswith(".") and reason.count(". ") == 0


def test_words_that_speak_against_a_line_are_part_of_its_reason():
    line = block("Come and see us on Saturday")
    with_words = told(line, "after", in_main=True, word_score=-2.0)[1]
    assert with_words != told(line, "after", in_main=True, word_score=2.0)[1]
    assert "worded" in with_words


def test_what_stands_on_the_page_again_and_again_is_told_with_the_count():
    assert "4 times" in told(block("Come and see us on Saturday"), "after", copies=4)[1]


NAMES = [
    ("gdpr", Label.CONSENT), ("paywall", Label.PAYWALL), ("mailchimp", Label.NEWSLETTER),
    ("abonnement", Label.SUBSCRIPTION), ("spenden", Label.DONATION), ("disqus", Label.COMMENTS),
    ("addtoany", Label.SOCIAL), ("telegram", Label.SOCIAL), ("outbrain", Label.RELATED), ("taboola", Label.RELATED),
    ("biography", Label.AUTHOR_BIO), ("dateline", Label.BYLINE), ("reviewer", Label.BYLINE),
    ("anzeige", Label.ADVERTISEMENT), ("affiliate", Label.AFFILIATE), ("callout", Label.PROMOTION),
    ("impressum", Label.COPYRIGHT), ("appstore", Label.APP),
    ("breadcrumb", Label.NAVIGATION), ("masthead", Label.NAVIGATION), ("tooltip", Label.INTERFACE),
    ("controls", Label.INTERFACE),
]  # fmt: skip


@pytest.mark.parametrize(("name", "label"), NAMES)
def test_each_kind_has_its_names_and_the_reader_is_told_the_name(name, label):
    assert told(block("Words", outer=name), "after") == (
        label,
        f"{SENTENCES[label]}: the page calls this part “{name}”.",
    )


@pytest.mark.parametrize(
    ("tag", "label", "part"),
    [
        ("nav", Label.NAVIGATION, "the page's menu"), ("header", Label.NAVIGATION, "the page's header"),
        ("footer", Label.NAVIGATION, "the page's footer"), ("form", Label.INTERFACE, "a form"),
        ("button", Label.INTERFACE, "a button"), ("select", Label.INTERFACE, "a choice"),
        ("option", Label.INTERFACE, "a choice"), ("label", Label.INTERFACE, "a form"),
        ("textarea", Label.INTERFACE, "a form"), ("noscript", Label.INTERFACE, "a note for browsers without scripts"),
        ("dialog", Label.INTERFACE, "a dialog"),
    ],
)  # fmt: skip
def test_each_telling_element_is_named_to_the_reader(tag, label, part):
    assert told(block("Words", tag=tag), "after") == (label, f"{SENTENCES[label]}: stands in {part}.")


def test_every_kind_has_its_own_words():
    assert all(SENTENCES.values())
    assert len(set(SENTENCES.values())) == len(SENTENCES)
    assert set(SENTENCES) >= set(BOILERPLATE_LABELS)


def inside(depth: int, names: str, top: str = "body") -> Container:
    """A container, and `depth` above it one of that name."""
    container = Container(Container(None, top, "", 0), "div", names, 1)
    for n in range(depth):
        container = Container(container, "div", "", n + 2)
    return container


def test_names_far_out_and_those_of_the_article_itself_tell_nothing():
    assert named_kind(inside(5, "newsletter")).label is Label.NEWSLETTER
    assert named_kind(inside(6, "newsletter")) is None
    assert named_kind(None) is None
    for tag in ("body", "html", "article", "main"):
        assert named_kind(Container(Container(None, "div", "newsletter", 0), tag, "newsletter", 1)) is None


LONG = "word " * 40 + "word."


@pytest.mark.parametrize(
    ("text", "position", "in_main", "link_share", "label"),
    [
        (LONG, "inside", True, 0.0, Label.PROMOTION),
        (LONG, "inside", True, 0.3, Label.NEWSLETTER),
        (LONG, "inside", False, 0.0, Label.NEWSLETTER),
        (LONG, "after", True, 0.0, Label.NEWSLETTER),
        (LONG[-200:], "inside", True, 0.0, Label.NEWSLETTER),
        (LONG[-201:], "inside", True, 0.0, Label.PROMOTION),
    ],
)
def test_a_name_is_not_believed_of_a_long_paragraph_among_the_articles(text, position, in_main, link_share, label):
    assert told(block(text, names="newsletter"), position, in_main=in_main, link_share=link_share)[0] is label


def test_captions_of_other_pictures_point_elsewhere_however_long_they_are():
    elsewhere = (Label.RELATED, "Points to other articles: belongs to a picture apart from the article's.")
    for found in (block(LONG, names="caption"), block("Words", names="caption"), block("Words", tag="figcaption")):
        assert told(found, "inside", in_main=True) == elsewhere
    assert told(block("", names="caption"), "inside")[0] is Label.INTERFACE


@pytest.mark.parametrize(
    ("changed", "position", "label", "evidence"),
    [
        ({"hidden": True}, "inside", Label.INTERFACE, "the page does not show it as text"),
        ({"link_share": 0.51}, "before", Label.NAVIGATION, "mostly links, above the article"),
        ({"link_share": 0.51}, "inside", Label.RELATED, "mostly links, between its paragraphs"),
        ({"link_share": 0.51}, "after", Label.RELATED, "mostly links, below the article"),
        ({"copies": 3}, "before", Label.NAVIGATION, "stands on the page 3 times"),
        ({"copies": 3}, "after", Label.RELATED, "stands on the page 3 times"),
        (
            {"kind": Kind.HEADING},
            "before",
            Label.NAVIGATION,
            "a heading above the article with none of the article's text below it",
        ),
        (
            {"kind": Kind.HEADING},
            "after",
            Label.RELATED,
            "a heading below the article with none of the article's text below it",
        ),
        ({"text": "By one of our many reporters"}, "before", Label.BYLINE, "a short line above the article's text"),
        (
            {"text": "Read by one of our reporters, 2025"},
            "before",
            Label.BYLINE,
            "a short line above the article's text",
        ),
        (
            {"text": "Read by one of our reporters, 17:45"},
            "before",
            Label.BYLINE,
            "a short line above the article's text",
        ),
        (
            {"text": "Read by one of our reporters today"},
            "before",
            Label.NAVIGATION,
            "stands above the article's text, apart from it",
        ),
        ({"link_share": 0.5, "copies": 2}, "after", Label.RELATED, "stands below the article, apart from it"),
        ({"in_main": True}, "after", Label.PROMOTION, "stands below the article's last paragraph"),
        ({"in_main": True, "word_score": -0.7}, "after", Label.PROMOTION, "stands below the article's last paragraph"),
        (
            {"in_main": True, "word_score": -0.71},
            "after",
            Label.PROMOTION,
            "stands below the article's last paragraph, and worded as such lines are",
        ),
        (
            {"word_score": -0.71},
            "after",
            Label.RELATED,
            "stands below the article, apart from it, and worded as such lines are",
        ),
        ({"text": "a few words here"}, "inside", Label.INTERFACE, "a few words between paragraphs"),
        (
            {"text": "a few words more here"},
            "inside",
            Label.PROMOTION,
            "its place and form are unlike the paragraphs around it",
        ),
        (
            {"word_score": -1.0},
            "inside",
            Label.PROMOTION,
            "its place and form are unlike the paragraphs around it, and worded as such lines are",
        ),
    ],
)
def test_without_a_name_the_reason_is_what_was_seen(changed, position, label, evidence):
    signals = {
        name: value for name, value in changed.items() if name in ("link_share", "copies", "in_main", "word_score")
    }
    line = block(
        changed.get("text", "Seven words that stand here by themselves"), kind=changed.get("kind", Kind.PARAGRAPH)
    )
    line = line._replace(hidden=changed.get("hidden", False))
    assert told(line, position, **signals) == (label, f"{SENTENCES[label]}: {evidence}.")


def test_some_names_are_certain_and_others_only_a_hint():
    for name in ("disqus", "biography", "outbrain", "impressum", "affiliate"):
        assert is_certain(named_kind(inside(0, name))), name
    for name in (
        "dateline",
        "callout",
        "paywall",
        "share",
        "newsletter",
        "gdpr",
        "breadcrumb",
        "nothing",
    ):
        assert not is_certain(named_kind(inside(0, name))), name
