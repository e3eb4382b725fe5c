"""What a reader is warned of: each warning's sentence in English, by the code that says it in any language."""

from __future__ import annotations

from .article import Notice

NOTICES = {
    "no_text": "The page holds no text.",
    "no_article": "No article was found on this page.",
    "running_text": "No clear article was found on this page; its running text is shown.",
    "second_opinion": "The page is unusual: some text was kept on a second extractor's word.",
    "frameset": "The page is a frameset: its text is in other pages.",
    "frame": "A frame of the page holds a text of its own, which is not read.",
    "open_comment": "A comment that is never closed hides the end of the page, as it does in a browser.",
    "open_quote": "A quotation mark in a tag that is never closed hides the end of the page, as it does in a browser.",
    "open_element": "A <{0}> that is never closed hides the end of the page, as it does in a browser.",
    "deep": "The page nests more than {0:,} elements; the text of deeper ones was kept without structure.",
    "unreadable_part": "A part of the page could not be read and is missing.",
    "many_tags": "The page has more than {0:,} tags; its last {1:,} bytes were left out.",
    "many_attributes": "A tag has more than {0:,} attributes; the others were left out.",
    "many_blocks": "The page has more than {0:,} pieces of text; the last {1:,} were not judged one by one.",
    "many_lines": "The text has more than {0:,} lines; its last {1:,} are one paragraph.",
    "bad_bytes": "Some bytes of the page are not valid {0} and were replaced.",
    "guessed_charset": "The page does not say its character set rightly; read as {0}.",
}
"""The sentences by their codes, with the places of what a page or a limit says."""


def notice(code: str, *values: int | str) -> Notice:
    """The warning with this code of `NOTICES`. Raises KeyError for another."""
    return Notice(NOTICES[code].format(*values), code, values)
