"""What a removed block is called, and the reason that the reader is given."""

from __future__ import annotations

import pytest
from bodycopy.article import Block, Container, Kind, Label, Span
from bodycopy.judge.kinds import SENTENCES, kind_of

BODY = Container(None, "body", "", 0)


def block(text: str, tag: str = "p", names: str = "", outer: str = "", kind: Kind = Kind.PARAGRAPH) -> Block:
    parent = Container(BODY, "div", outer, 1)
    return Block(kind, text, (Span(text),), Container(parent, tag, names, 2))


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
    found, reason = kind_of(block("Some words here", outer=names), 0.0, "after", False)
    assert found is label
    assert reason.startswith(SENTENCES[label])


def test_the_block_s_own_name_wins_over_its_parent_s():
    assert kind_of(block("Words", names="newsletter", outer="site-nav"), 0.0, "after", False)[0] is Label.NEWSLETTER


def test_the_element_tells_where_names_do_not():
    assert kind_of(block("Search", tag="button"), 0.0, "before", False)[0] is Label.INTERFACE
    assert kind_of(block("Imprint", tag="footer"), 0.0, "after", False)[0] is Label.NAVIGATION


def test_links_below_the_article_point_to_other_articles_and_above_it_to_the_site():
    assert kind_of(block("Another story"), 1.0, "after", False)[0] is Label.RELATED
    assert kind_of(block("Sport"), 1.0, "before", False)[0] is Label.NAVIGATION


def test_every_reason_is_one_sentence():
    for position in ("before", "inside", "after"):
        for link_share in (0.0, 1.0):
            for text in ("Menu", "A line with a few more words in it than that", "Monday 3 March 2025"):
                _, reason = kind_of(block(text), link_share, position, True)
                assert reason.endswith(".") and reason.count(". ") == 0
