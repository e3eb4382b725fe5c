"""Rows of tables: which hold data, and which column each cell stands in."""

from __future__ import annotations

from typing import Any, TypeVar

from lxml import etree

from .elements import natural

_CELL_BREAKERS = (
    "table", "h1", "h2", "h3", "ul", "ol", "form", "article", "section", "figure", "img", "pre", "blockquote",
)  # fmt: skip
MAX_CELL_CHARS = 400
"""A longer cell is layout: its text is read as blocks. Of 46,000 data cells of the corpus 99 % are shorter."""
MAX_COLUMNS = 20
"""That a cell may reach over: an attribute of a few bytes must not become thousands of cells."""
_MAX_ROWS = 65_534

Cell = TypeVar("Cell")


class Columns:
    """Where the cells of a table's rows stand: a cell may reach over several columns and rows (HTML, 4.9.12).

    What a cell reaches over is an empty cell: without it those to the right would be a column too far to the left.
    """

    def __init__(self) -> None:
        self._group: Any = None
        # For how many more rows each column is taken by a cell above.
        self._taken: list[int] = []
        self._ahead = 0

    def begin(self, row: etree._Element) -> None:
        """Begin a row. No cell reaches out of its table, nor out of a `<tbody>`."""
        group = row.getparent()
        if group is not self._group:
            self._group, self._taken = group, []
        self._ahead = 0

    def add(self, row: list[list[Cell]], cell: etree._Element) -> None:
        """Add an empty list for the pieces of a cell to a row, where the cell stands."""
        self._pass_over(row)
        wide, high = natural(cell.get("colspan")), natural(cell.get("rowspan"))
        columns = min(max(wide or 1, 1), MAX_COLUMNS)
        if high is not None and high != 1 and len(row) + columns <= MAX_COLUMNS:
            end = len(row) + columns
            self._taken += [0] * (end - len(self._taken))
            # 0 is all that follow.
            self._taken[len(row) : end] = [min(high or _MAX_ROWS, _MAX_ROWS) - 1] * columns
        self._ahead = columns - 1
        row.append([])

    def end(self, row: list[list[Cell]]) -> None:
        """Add what cells above take of the end of a row."""
        self._pass_over(row)
        for column in range(len(row), len(self._taken)):
            if self._taken[column]:
                row += [[] for _ in range(column - len(row))]
                self._pass_over(row)

    def _pass_over(self, row: list[list[Cell]]) -> None:
        row += [[] for _ in range(self._ahead)]
        self._ahead = 0
        while len(row) < len(self._taken) and self._taken[len(row)]:
            self._taken[len(row)] -= 1
            row.append([])


def is_data_row(row: etree._Element) -> bool:
    """Whether a table row holds data, one short run of text a cell, rather than the page's layout."""
    for _ in row.iter(*_CELL_BREAKERS):
        return False
    # What stands between the cells is printed as one: measured as far as the next cell begins, and a space a piece.
    size = len(row.text or "")
    for part in row:
        if size > MAX_CELL_CHARS:
            return False
        is_cell = part.tag in ("td", "th")
        size = 0 if is_cell else size + 1
        for text in part.itertext():
            size += len(text)
            if size > MAX_CELL_CHARS:
                return False
        # Each is set apart by a space.
        for paragraphs, _ in enumerate(part.iter("p", "br"), 1):
            if paragraphs > 3 or size + paragraphs > MAX_CELL_CHARS:
                return False
        size = len(part.tail or "") + (0 if is_cell else size + 1)
    return size <= MAX_CELL_CHARS
