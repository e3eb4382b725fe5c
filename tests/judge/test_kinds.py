"""What a removed block is called, and the reason that the reader is given."""

from __future__ import annotations

import pytest
from bodycopy.article import Block, Container, Kind, Label, Span
from bodycopy.judge.kinds import SENTENCES, Signals, kind_of, named_kind

BODY = Container(None, "body", "", 0)


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
):
    return kind_of(block, named_kind(block.container), Signals(link_share, word_score, copies, in_main), position)


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
