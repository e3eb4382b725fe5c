"""Log odds after what is decided together: parts of the main container, and headings with their text."""

from __future__ import annotations

import numpy as np
import pytest
from bodycopy.article import Kind
from bodycopy.judge import places
from bodycopy.judge.joint import joint_odds

H, P = Kind.HEADING, Kind.PARAGRAPH


def odds(kinds: list[Kind], given: list[float], parents: list[int] | None = None, parts: list[int] | None = None):
    count = len(kinds)
    groups = np.zeros((count, 4), np.int32)
    groups[:, places.PARENT] = parents or [1] * count
    groups[:, places.BRANCH] = parts or np.arange(count)
    facts = {"kind": kinds, "text": ["Text"] * count, "hidden": [False] * count}
    found = joint_odds(facts, groups, np.array(given, np.float32))
    assert found.dtype == np.float32
    return found.tolist()


@pytest.mark.parametrize(
    ("heading", "below", "drawn"),
    [
        (1.0, [-1.0], 0.0),
        (1.0, [-5.0], -0.5),
        (-3.0, [-4.0], -3.0),
        (-1.0, [0.5], -0.25),
        (-1.0, [5.0], 0.5),
        (3.0, [5.0], 3.0),
        (1.0, [-5.0, 0.0], 0.5),
        (1.0, [-5.0, -5.0, 3.0], -0.5),
        (-1.0, [-3.0, 5.0], -1.0),
    ],
)
def test_a_heading_is_drawn_half_way_to_the_text_below_it(heading, below, drawn):
    given = [2.0, heading, *below]
    assert odds([P, H, *[P] * len(below)], given) == pytest.approx([2.0, drawn, *below])


def test_a_heading_with_nothing_below_it_changes_neither_itself_nor_those_above():
    assert odds([H, P, H], [1.0, -1.0, 1.0]) == pytest.approx([0.0, -1.0, 1.0])


def test_text_in_another_container_draws_a_heading_down_only():
    assert odds([H, P], [-1.0, 5.0], parents=[1, 2]) == [-1.0, 5.0]
    assert odds([H, P], [1.0, -1.0], parents=[1, 2]) == [0.0, -1.0]


def test_a_block_is_drawn_down_to_the_mean_of_its_part_as_far_as_that_counts():
    assert odds([P, P, P], [1.0, -2.0, -9.0], parts=[1, 1, 1]) == pytest.approx([1 - 0.15 * (1 + 4 / 3), -2.0, -9.0])
    assert odds([P, P], [9.0, 1.0], parts=[1, 1]) == pytest.approx([9 - 0.15, 1.0])
    assert odds([P, P], [1.0, -2.0], parts=[0, 0]) == [1.0, -2.0]
