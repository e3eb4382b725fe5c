"""Cleaning takes no more instructions than was recorded."""

from __future__ import annotations

import instructions
import pytest


@pytest.mark.skipif(instructions.missing() is not None, reason=str(instructions.missing()))
@pytest.mark.skipif(instructions.other_versions() is not None, reason=str(instructions.other_versions()))
def test_cleaning_takes_no_more_instructions_than_recorded() -> None:
    recorded = instructions.recorded()
    assert recorded is not None
    assert not instructions.slips(instructions.multiples(instructions.count()), recorded)


def test_a_slip_beyond_the_margin_is_told() -> None:
    assert instructions.slips({"clean": 11.5}, {"clean": 10.0})
    assert not instructions.slips({"clean": 10.9}, {"clean": 10.0})
