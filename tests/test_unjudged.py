"""A page with more blocks than are judged: none is lost, and those beyond are kept or removed by their place."""

from __future__ import annotations

from bodycopy import Label, Limits, clean, clean_text

SENTENCE = "The council met on Tuesday, number {}, and agreed on the new bridge, which opens to traffic next year."
STORY = "".join(f"<p>{SENTENCE.format(n)}</p>" for n in range(40))
PAGE = (
    f"<nav><ul><li><a href=/>Home</a></li></ul></nav><main><article>{STORY}<h2>Later</h2>"
    f"<figure><img src=https://example.org/a.jpg></figure><p hidden>Unseen.</p></article></main>"
    f"<footer><ul><li><a href=/i>Imprint</a></li></ul></footer>"
)
SOME = Limits(blocks=30)


def test_blocks_beyond_the_limit_stay_where_they_stand_among_the_article_and_go_elsewhere() -> None:
    article = clean(PAGE, "https://example.org/a", limits=SOME)
    assert SENTENCE.format(0) in article.text
    assert SENTENCE.format(39) in article.text
    rest = {b.text: b.verdict for b in article.blocks[30:]}
    assert rest[SENTENCE.format(39)].label is Label.CONTENT
    assert rest["Later"].label is Label.HEADING
    assert rest["Imprint"].label is rest["Unseen."].label is Label.INTERFACE
    assert {v.source for v in rest.values()} == {"guard:not_judged"}
    assert "https://example.org/a.jpg" not in article.html or article.html.count("<img") == 1


def test_a_warning_says_how_many_were_not_judged() -> None:
    article = clean(PAGE, limits=SOME)
    count = len(article.blocks) - 30
    assert article.warnings[-1] == (
        f"The page has more than 30 pieces of text; the last {count} were not judged one by one."
    )
    assert clean(PAGE, limits=Limits(blocks=len(article.blocks))).warnings == clean(PAGE).warnings


def test_every_block_is_there_whatever_the_limit() -> None:
    whole = [b.text for b in clean(PAGE).blocks]
    for limit in (1, 7, 41, 44):
        assert [b.text for b in clean(PAGE, limits=Limits(blocks=limit)).blocks] == whole


def test_long_plain_text_is_kept_to_its_end() -> None:
    text = "\n".join(SENTENCE.format(n) for n in range(60))
    assert clean_text(text, limits=SOME).text == text
