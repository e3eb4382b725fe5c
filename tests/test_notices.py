"""Warnings: a sentence in English, and what says it in any language."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from bodycopy import clean, clean_text
from bodycopy.notices import NOTICES, notice
from bodycopy.page import Limits


def test_a_warning_is_its_sentence_and_tells_its_code_and_values():
    warning = notice("many_tags", 20_000, 1_234)
    assert warning == "The page has more than 20,000 tags; its last 1,234 bytes were left out."
    assert (warning.code, warning.values) == ("many_tags", (20_000, 1_234))
    assert json.dumps([warning]) == json.dumps([str(warning)])


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda given: pickle.loads(pickle.dumps(given))])
def test_copies_of_a_warning_tell_the_same(copied):
    warning = copied(notice("open_element", "style"))
    assert (warning, warning.code, warning.values) == (notice("open_element", "style"), "open_element", ("style",))


def test_an_unknown_code_is_refused():
    with pytest.raises(KeyError):
        notice("nothing")


def test_answers_hold_the_codes_of_their_warnings_in_order():
    answer = clean("<frameset><frame src='a.html'></frameset>").to_dict()
    assert answer["warnings"] == [NOTICES["frameset"], NOTICES["no_text"]]
    assert answer["warning_codes"] == [{"code": "frameset", "values": []}, {"code": "no_text", "values": []}]
    text = clean_text("One line.\nAnother.\nA third.", limits=Limits(tags=2)).to_dict()
    assert text["warning_codes"][0] == {"code": "many_lines", "values": [2, 2]}


def test_what_the_page_wrote_is_a_value():
    answer = clean("<p>The bridge stays open.</p><style>What follows is never seen.").to_dict()
    assert answer["warning_codes"][0] == {"code": "open_element", "values": ["style"]}
