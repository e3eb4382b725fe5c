"""The learned judge: features, trees, shipped weights."""

from __future__ import annotations

import io

import numpy as np
import pytest
from bodycopy import clean
from bodycopy.article import Block, Container, Kind, Metadata, Span
from bodycopy.judge import judge
from bodycopy.judge.features import COLUMN, NAMES, SECOND_NAMES, Features, compute, second_pass
from bodycopy.judge.lexicon import NAME_BITS, WORD_BITS, Lexicon
from bodycopy.judge.model import BOUNDS, Model, Trees, current, logit, read, save, shipped, sigmoid, use

BODY = Container(None, "body", "", 0)


def paragraphs(count: int) -> list[Block]:
    out = []
    for n in range(count):
        text = f"Sentence number {n} says something about the harbour and its boats, which are many."
        out.append(Block(Kind.PARAGRAPH, text, (Span(text),), Container(BODY, "p", "", n + 1)))
    return out


def test_features_have_a_row_a_block_and_a_column_a_name():
    model = shipped()
    for count in (0, 1, 7):
        features = compute(paragraphs(count), model.lexicon, [0.0] * count, Metadata())
        assert features.matrix.shape == (count, len(NAMES))
        chance = model.chance(features)
        assert second_pass(features, chance).shape == (count, len(SECOND_NAMES))
        assert chance.shape == (count,) and ((chance >= 0) & (chance <= 1)).all()


def test_trees_give_the_sum_of_the_leaves_that_a_row_falls_into():
    # One tree: column 0 above 0.5 is 7; else column 1 above 2 is 4, else 1. The other is a single leaf.
    trees = Trees(
        np.array([0, 0, 1, 0, 0, 0]),
        np.array([0.5, np.inf, 2.0, np.inf, np.inf, np.inf], np.float32),
        np.array([2, 1, 4, 3, 4, 5]),
        np.array([0, 0.25, 0, 7, 1, 4], np.float32),
        np.array([0, 1]),
        np.array(2),
    )
    rows = np.array([[0, 0], [0, 3], [0.5, 2], [1, 3]], np.float32)
    assert trees.log_odds(rows).tolist() == [1.25, 4.25, 1.25, 7.25]
    assert trees.log_odds(np.repeat(rows, 300, axis=0)).tolist() == np.repeat([1.25, 4.25, 1.25, 7.25], 300).tolist()


@pytest.mark.parametrize("depth", [0, 1, 3, 10])
@pytest.mark.parametrize("count", [0, 1, 64, 65, 600])
def test_trees_of_any_depth_give_what_going_down_each_of_them_gives(depth, count):
    rng = np.random.default_rng(depth)
    trees = grown(rng, 9, depth)
    rows = rng.integers(0, 5, (count, 3)).astype(np.float32)
    assert trees.log_odds(rows).tolist() == [walked(trees, row) for row in rows]


def grown(rng: np.random.Generator, count: int, depth: int) -> Trees:
    """Trees some of whose ways end early; values are whole numbers, whose sum does not depend on their order."""
    feature, border, child, level = ([0] * count, [np.inf] * count, list(range(count)), [0] * count)
    node = 0
    while node < len(child):
        if level[node] < depth and rng.random() < 0.8:
            feature[node], border[node], child[node] = int(rng.integers(3)), float(rng.integers(5)), len(child)
            for _ in range(2):
                feature.append(0)
                border.append(np.inf)
                child.append(len(child))
                level.append(level[node] + 1)
        node += 1
    return Trees(
        np.array(feature),
        np.array(border, np.float32),
        np.array(child),
        rng.integers(-50, 50, len(child)).astype(np.float32),
        np.arange(count),
        np.array(depth),
    )


def walked(trees: Trees, row: np.ndarray) -> float:
    total = 0.0
    for node in trees.roots:
        while trees.child[node] != node:
            node = trees.child[node] + (row[trees.feature[node]] > trees.border[node])
        total += float(trees.value[node])
    return total


def test_weights_survive_being_written_and_hold_no_pickle():
    model = shipped()
    again = read(written(model))
    features = compute(paragraphs(5), model.lexicon, [0.0] * 5, Metadata())
    assert np.allclose(model.chance(features), again.chance(features), atol=1e-5)
    assert again.about == model.about


def written(model: Model) -> io.BytesIO:
    file = io.BytesIO()
    save(file, model)
    file.seek(0)
    return file


def test_weights_with_objects_in_them_are_refused():
    with np.load(written(leaf_model())) as data:
        arrays = dict(data) | {"about": np.array([{"a": 1}], dtype=object)}
    file = io.BytesIO()
    np.savez(file, **arrays)
    file.seek(0)
    with pytest.raises(ValueError, match="pickle"):
        read(file)


def leaf(value: float) -> Trees:
    """An ensemble that says the same of every row."""
    zero = np.zeros(1, np.int64)
    return Trees(zero, np.full(1, np.inf, np.float32), zero, np.full(1, value, np.float32), zero, np.array(0))


def question(column: str, border: float, no: float, yes: float) -> Trees:
    """An ensemble of one tree that asks one question."""
    inf = np.inf
    return Trees(
        np.array([COLUMN[column], 0, 0]), np.array([border, inf, inf], np.float32), np.array([1, 1, 2]),
        np.array([0, no, yes], np.float32), np.array([0]), np.array(1),
    )  # fmt: skip


def leaf_model(first: Trees | None = None, second: Trees | None = None, plain: Trees | None = None) -> Model:
    blank = Lexicon.rounded(np.zeros((4, 1 << WORD_BITS), np.float32), np.zeros(1 << NAME_BITS, np.float32))
    return Model(blank, first or leaf(0), second or leaf(0), plain or leaf(0), {"seed": 1})


@pytest.mark.parametrize("largest", [0, 1, 127, 128, 255, 256, 32_767, 32_768, 70_000])
def test_node_numbers_of_any_size_survive_being_written(largest: int):
    nodes = np.array([largest, 0, 1])
    trees = Trees(
        nodes, np.array([0.5, np.inf, 2], np.float32), nodes, np.array([1, 2, 3], np.float32), nodes, np.array(2)
    )
    file = written(leaf_model(first=trees))
    with np.load(file) as data:
        assert data["first/child"].itemsize == (1 if largest < 128 else 2 if largest < 32_768 else 4)
    file.seek(0)
    again = read(file)
    for part in ("feature", "border", "child", "value", "roots", "depth"):
        assert (getattr(again.first, part) == getattr(trees, part)).all()
    assert again.about == {"seed": 1}


def features_of(count: int, plain_text: bool = False, **columns: list[float]) -> Features:
    matrix = np.zeros((count, len(NAMES)), np.float32)
    matrix[:, COLUMN["plain_text"]] = plain_text
    for name, values in columns.items():
        matrix[:, COLUMN[name]] = values
    return Features(matrix, np.zeros((count, 4), np.int32), np.ones(count, bool))


def test_blocks_that_the_first_pass_is_sure_of_are_not_looked_at_again():
    model = leaf_model(first=question("links", 3, no=-1, yes=-5), second=leaf(2))
    assert model.chance(features_of(3, links=[0, 9, 0])) == pytest.approx(sigmoid(np.array([2, -5, 2])))
    none = leaf_model(first=leaf(-6), second=leaf(2))
    assert none.chance(features_of(2)) == pytest.approx(sigmoid(np.array([-6, -6])))


def test_plain_text_is_judged_by_what_was_learned_of_it():
    model = leaf_model(first=leaf(1), second=leaf(2), plain=leaf(3))
    assert model.chance(features_of(2, plain_text=True)) == pytest.approx(sigmoid(np.array([3, 3])))
    assert model.chance(features_of(2)) == pytest.approx(sigmoid(np.array([2, 2])))


@pytest.mark.parametrize("name", BOUNDS)
def test_lengths_beyond_what_was_learned_count_as_the_longest(name: str):
    asks = question(name, BOUNDS[name] + 0.01, no=1, yes=-1)
    features = features_of(2, **{name: [BOUNDS[name] - 1, BOUNDS[name] + 9]})
    before = features.matrix.copy()
    assert leaf_model(second=asks).chance(features) == pytest.approx(sigmoid(np.array([1, 1])))
    assert (features.matrix == before).all(), "the features themselves stay"


def test_log_odds_and_probabilities_are_each_others_inverse():
    odds = np.array([-12, -1, 0, 0.5, 3, 12], np.float32)
    assert sigmoid(odds)[2] == 0.5 and logit(0.5) == 0
    assert sigmoid(odds.astype(np.float64)).dtype == np.float32, "of which a page has three for each block"
    assert sigmoid(np.array([np.log(3)])) == pytest.approx(0.75)
    assert logit(sigmoid(odds)) == pytest.approx(odds, abs=0.02)
    assert np.isfinite(logit(np.array([0, 1], np.float32))).all()
    assert sigmoid(np.array([-1000, 1000])).tolist() == pytest.approx([0, 1])


def test_another_model_is_used_only_for_a_while_whatever_happens():
    with use(leaf_model()) as _, pytest.raises(RuntimeError):
        inner = leaf_model()
        with use(inner):
            assert current() is inner
            raise RuntimeError
    assert current() is shipped()


def test_shipped_weights_say_where_they_come_from():
    about = shipped().about
    assert {"seed", "corpus_sha256", "command", "log_loss"} <= about.keys()


def test_another_model_can_be_used_for_a_while():
    blank = Lexicon.rounded(np.zeros((4, 1 << WORD_BITS), np.float32), np.zeros(1 << NAME_BITS, np.float32))
    zero = np.zeros(1, np.int64)
    never = Trees(zero, np.full(1, np.inf, np.float32), zero, np.full(1, -5, np.float32), zero, np.array(0))
    html = "<article>" + "".join(f"<p>{b.text}</p>" for b in paragraphs(8)) + "</article>"
    assert len(clean(html).kept) == 8
    with use(Model(blank, never, never, never, {})):
        assert any("No clear article" in w for w in clean(html).warnings)
    assert len(clean(html).kept) == 8


def test_the_judge_gives_each_block_a_verdict_in_order():
    blocks = paragraphs(6)
    judged = judge(blocks, Metadata())
    assert [b.text for b in judged.blocks] == [b.text for b in blocks]
    assert all(b.verdict.reason.endswith(".") and 0.5 <= b.verdict.confidence <= 1 for b in judged.blocks)
    assert judge([], Metadata()).warnings


def test_an_article_longer_than_any_that_was_learned_from_stays_whole():
    """As long as a book: without bounds on lengths two thirds of it were taken for something else."""
    sides = ("north", "east", "south", "west", "harbour", "market", "station")
    things = ("bridge", "school", "ferry", "library", "mill", "church", "lighthouse", "theatre", "dam", "road", "wall")
    years = range(1700, 1760)
    told = [
        f"In the spring of {years[n % 60]} the {things[n % 11]} on the {sides[n % 7]} side was mended for the {n}th time, "
        f"and the council, which had argued over the cost since the {things[n % 9]} burned down, paid half of it."
        for n in range(600)
    ]
    menu = "<nav><ul><li><a href='/news'>News</a></li><li><a href='/sport'>Sport</a></li></ul></nav>"
    text = "".join(f"<p>{paragraph}</p>" for paragraph in told)
    article = clean(f"{menu}<main><article><h1>The town</h1>{text}</article></main><footer><p>© The Post</p></footer>")
    lost = [paragraph for paragraph in told if paragraph not in article.text]
    assert len(lost) < len(told) / 50
    assert "Sport" not in article.text
