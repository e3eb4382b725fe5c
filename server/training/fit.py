"""Fit the judge's weights: `python -m training.fit [--folds 5] [--seed 7]`, from `server/`.

Writes bodycopy/judge/weights.npz, and training/folds/ (the model of each fold, which
`training.evaluate` scores on the sites it has not seen); prints log losses.

Folds are split by site. Three layers are stacked, each fitted on out-of-fold scores
of the one below: linear models over hashed words and names; trees over features;
trees over features and the first trees' scores of the neighbours. A page's
out-of-fold probability comes from models of which none was fitted on its site.
"""

from __future__ import annotations

import argparse
import multiprocessing
import pathlib
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from bodycopy.article import Container
from bodycopy.judge.features import COLUMN, Features, compute, menu_keys, second_pass
from bodycopy.judge.lexicon import NAME_BITS, WORD_BITS, Lexicon, link_tokens, name_keys, name_tokens, word_keys
from bodycopy.judge.model import MIN_FIRST_CHANCE, Model, Trees, save, sigmoid
from bodycopy.judge.phrases import find_all, shares
from bodycopy.judge.words import Words

from .data import POSITIVE, TARGET, TrainingPage, corpus_hash, fold_of, load_all
from .linear import linear
from .menus import Site, sites
from .planting import decks, in_folds, plain, plant, planted_lines, planted_text, undeclared
from .trees import FIRST, PLAIN, SECOND, fit_trees
from .wordings import fit_wordings

HERE = pathlib.Path(__file__).resolve().parent
WEIGHTS = HERE.parent / "bodycopy" / "judge" / "weights.npz"
FOLDS = HERE / "folds"
NEAR_BEFORE, NEAR_AFTER = 4, 10
"""Blocks before the first and after the last of the article that still count as around it."""
LINE_WEIGHT = 1.5
"""Of a training line in the linear models over words, where a block of the corpus counts about 1."""
NEWS_LINE_WEIGHT = 6.0
"""Of one in the model of news: there is one block of news for five of companies and blogs, whose calls are text."""
FAR = 12
FAR_SHARE = 0.3
"""Of blocks further than FAR from any of the article's, as many are fitted on, each for more: most are menus."""
NEWS_WEIGHT = 3.5
"""Of a news page in the trees, others as in the linear models. The corpus has five articles of companies and blogs to
one of news, and their labels differ: lines that call for something are text in the one, not in the other."""
NEWS_COPIES, OTHER_COPIES = 10, 4
"""Of each page, with other lines each: with one, no more than 657 of the lines stood in pages of news."""
NEWS_COPY_WEIGHT = 0.2
"""Of a copy of a news page with planted lines, on top."""
OTHER_COPY_WEIGHT = 0.15
"""Of such a copy of any other page: there such lines are often part of the text."""
PUBLISHER_WEIGHT = 3.0
"""Of a page of a publisher of news, in the linear model that tells them by their menus: three in four are others."""
SITE_WEIGHT = 6.0
"""Of an invented site there, of which there are as many of either kind: with a sixth the words of small languages say little."""
UNDECLARED_WEIGHT = 0.5
"""Of a copy that declares nothing."""
BLANK = Lexicon.rounded(np.zeros((4, 1 << WORD_BITS), np.float32), np.zeros(1 << NAME_BITS, np.float32))
T = TypeVar("T")
R = TypeVar("R")


def row_weights(page: TrainingPage) -> np.ndarray:
    """Weights of a page's blocks: pages of few blocks count as much as long ones, up to a point."""
    scale = 1.0 if page.kind in TARGET else 0.5
    return page.weight * scale * (100 / max(40, len(page.blocks))) ** 0.5


class Keys(NamedTuple):
    """Hashed words and names of a page's blocks that the linear models are fitted on: computed once, used by each fold."""

    words: list[np.ndarray]
    names: list[np.ndarray]
    labels: np.ndarray
    weights: np.ndarray
    near: np.ndarray
    """Whether a block stands in or around the article, shape (blocks,)."""
    menus: np.ndarray
    """Keys of the words of the page's links, each once."""


def keys_of(page: TrainingPage) -> Keys:
    """Keys of a page's blocks whose label is known."""
    weights = row_weights(page)
    near = np.zeros(len(page.blocks), bool)
    positive = np.flatnonzero(page.share >= POSITIVE)
    if len(positive):
        near[max(0, positive[0] - NEAR_BEFORE) : positive[-1] + 1 + NEAR_AFTER] = True
    used = np.flatnonzero(weights > 0)
    words, names = [], []
    of_container: dict[int, list[int]] = {}
    for n in used:
        block = page.blocks[n]
        words.append(np.array(word_keys(block.text), np.int32))
        container = block.container
        keys: list[int] = []
        if container is not None:
            if container.index not in of_container:
                found: list[int] = []
                above: Container | None = container
                level = 0
                while above is not None:
                    found += name_keys(name_tokens(above), "012a"[min(level, 3)])
                    above = above.parent
                    level += 1
                of_container[container.index] = found
            keys = of_container[container.index]
        names.append(np.array([*keys, *name_keys(link_tokens(block), "h")], np.int32))
    share = features_of(page, BLANK).matrix[:, COLUMN["link_share"]]
    menus = np.unique(menu_keys(Words([block.text for block in page.blocks]), share))
    return Keys(words, names, page.share[used] >= POSITIVE, weights[used], near[used], menus)


def line_keys(folds: int) -> list[tuple[int, Keys]]:
    """The training lines, each with its fold: known to the linear models without a page around them."""
    out = []
    none = np.zeros(0, np.int32)
    for fold, lines in enumerate(in_folds(planted_lines(), folds)):
        for line in lines:
            words = [np.array(word_keys(planted_text(line)), np.int32)]
            label = np.array([line.label == "content"])
            out.append((fold, Keys(words, [none], label, np.ones(1), np.array([True]), none)))
    return out


def lexicon_of(keys: Sequence[Keys], pages: Sequence[TrainingPage], invented: Sequence[Site]) -> Lexicon:
    """The linear models, from keys of pages and of lines, the pages' first, and the links of invented sites."""
    words = [w for k in keys for w in k.words]
    names = [w for k in keys for w in k.names]
    labels = np.concatenate([k.labels for k in keys])
    weights = np.concatenate([k.weights for k in keys])
    near = np.concatenate([k.near for k in keys])
    of = np.repeat(np.arange(len(keys)), [len(k.labels) for k in keys])
    of_lines = of >= len(pages)
    news = near & np.array([n >= len(pages) or pages[n].kind == "news" for n in range(len(keys))])[of]
    news_weights = np.where(of_lines, NEWS_LINE_WEIGHT, 1.0) * weights
    weights = np.where(of_lines, LINE_WEIGHT, 1.0) * weights
    of_publisher = np.array([p.kind == "news" or p.declared.news for p in pages])
    page_weights = np.where(of_publisher, PUBLISHER_WEIGHT, [1.0 if p.kind in TARGET else 0.5 for p in pages])
    menus = [*(k.menus for k in keys[: len(pages)]), *(site.keys() for site in invented)]
    of_publisher = np.append(of_publisher, np.array([site.news for site in invented], bool))
    page_weights = np.append(page_weights, np.full(len(invented), SITE_WEIGHT))
    models = [
        linear(words, WORD_BITS, labels, weights, True, 2.0),
        linear([words[n] for n in np.flatnonzero(near)], WORD_BITS, labels[near], weights[near], True, 2.0),
        linear([words[n] for n in np.flatnonzero(news)], WORD_BITS, labels[news], news_weights[news], True, 2.0),
        linear(menus, WORD_BITS, of_publisher, page_weights, True, 1.0),
    ]
    return Lexicon.rounded(np.stack(models), linear(names, NAME_BITS, labels, weights, False, 0.05))


def features_of(page: TrainingPage, lexicon: Lexicon) -> Features:
    return compute(page.blocks, lexicon, shares(find_all([b.text for b in page.blocks])), page.metadata, page.declared)


def in_two(work: Callable[[T], R], jobs: Sequence[T]) -> Iterator[R]:
    """`work` of each job, in order, in two processes that share what stands in this one's memory."""
    with multiprocessing.get_context("fork").Pool(2) as pool:
        yield from pool.imap(work, jobs)


class Fitting:
    """All training pages, their rows stacked, and the folds; what the fitting processes share."""

    def __init__(self, pages: Sequence[TrainingPage], folds: int, seed: int) -> None:
        # Each page once as it is (scored), and copies that are fitted on only.
        deck = decks(folds, random.Random(seed))

        def chance(page: TrainingPage, use: str) -> random.Random:
            """Drawn for each page by itself: what is read of one page changes nothing on others."""
            return random.Random(f"{seed} {use} {page.id}")

        copies = [
            copy
            for p in pages
            for number in range(NEWS_COPIES if p.kind == "news" else OTHER_COPIES)
            if (copy := plant(p, deck[fold_of(p.site, folds)], chance(p, f"plant {number}"))) is not p
        ]
        texts = [t for p in pages if (t := plain(p, chance(p, "plain"))) is not None]
        pasted = [plant(t, deck[fold_of(t.site, folds)], chance(t, "plant plain")) for t in texts]
        silent = [u for p in pages if (u := undeclared(p, chance(p, "undeclared"))) is not None]
        self.pages = [*pages, *copies, *silent, *pasted]
        self.first_plain = len(self.pages) - len(pasted)
        self.silent = range(self.first_plain - len(silent), self.first_plain)
        self.originals = len(pages)
        self.folds = folds
        self.fold = [fold_of(p.site, folds) for p in self.pages]
        sizes = [len(p.blocks) for p in self.pages]
        self.starts = np.concatenate([[0], np.cumsum(sizes)])
        self.row_fold = np.repeat(self.fold, sizes)
        self.labels = np.concatenate([p.share >= POSITIVE for p in self.pages])
        self.scored = np.concatenate([row_weights(p) for p in self.pages])
        self.scored[self.starts[self.originals] :] = 0.0
        self.weights = np.concatenate(
            [_thinned(p, chance(p, f"thin {p.copy}")) * self._scale(n) for n, p in enumerate(self.pages)]
        )
        self.plain = np.repeat([n >= self.first_plain for n in range(len(self.pages))], sizes)
        self.keys: list[Keys] = []
        self.line_keys: list[tuple[int, Keys]] = []
        self.sites = sites()
        self.matrix = np.zeros((0, 0), np.float32)
        self.wide = np.zeros((0, 0), np.float32)
        self.first = np.zeros(0, np.float32)

    def _scale(self, number: int) -> float:
        scale = UNDECLARED_WEIGHT if number in self.silent else 1.0
        has_planted = self.originals <= number < self.silent.start
        if self.pages[number].kind != "news":
            return scale * (OTHER_COPY_WEIGHT if has_planted else 1.0)
        return scale * NEWS_WEIGHT * (NEWS_COPY_WEIGHT if has_planted else 1.0)

    def fitted_on(self, fold: int | None, plain: bool = False) -> np.ndarray:
        """Rows of pages, or of plain texts, that a fold's trees are fitted on; of all folds for None."""
        used = (self.weights > 0) & (self.plain == plain)
        return np.flatnonzero(used & (self.row_fold != (-1 if fold is None else fold)))

    def lexicon(self, fold: int | None) -> Lexicon:
        some = [n for n in range(self.originals) if self.fold[n] != fold]
        lines = [keys for of_fold, keys in self.line_keys if of_fold != fold]
        return lexicon_of([*(self.keys[n] for n in some), *lines], [self.pages[n] for n in some], self.sites)


def _thinned(page: TrainingPage, rng: random.Random) -> np.ndarray:
    """Weights of a page's rows with most of those far from the article left out."""
    weights = row_weights(page)
    far = np.ones(len(weights), bool)
    for n in np.flatnonzero(page.share >= POSITIVE):
        far[max(0, n - FAR) : n + FAR + 1] = False
    drawn = np.array([rng.random() < FAR_SHARE for _ in weights], bool)
    return np.where(far, np.where(drawn, weights / FAR_SHARE, 0.0), weights)


_shared: Fitting


def _keys(number: int) -> Keys:
    return keys_of(_shared.pages[number])


def _fold_features(fold: int) -> tuple[Lexicon, list[tuple[int, Features]]]:
    """A fold's lexicon, and the features that it gives the pages held out, by their numbers."""
    lexicon = _shared.lexicon(fold)
    return lexicon, [(n, features_of(p, lexicon)) for n, p in enumerate(_shared.pages) if _shared.fold[n] == fold]


def _last(number: int) -> Any:
    """What has no folds: the lexicon of all pages, and the kinds of boilerplate."""
    return fit_wordings(planted_lines()) if number else _shared.lexicon(None)


def _first_trees(fold: int | None) -> Trees:
    rows = _shared.fitted_on(fold)
    return fit_trees(_shared.matrix[rows], _shared.labels[rows], _shared.weights[rows], FIRST)


def _plain_trees(fold: int | None) -> Trees:
    rows = _shared.fitted_on(fold, plain=True)
    return fit_trees(_shared.matrix[rows], _shared.labels[rows], _shared.weights[rows], PLAIN)


def _second_trees(fold: int | None) -> Trees:
    rows = _shared.fitted_on(fold)
    rows = rows[_shared.first[rows] > MIN_FIRST_CHANCE]
    return fit_trees(_shared.wide[rows], _shared.labels[rows], _shared.weights[rows], SECOND)


def log_loss(chance: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> float:
    p = np.clip(chance, 1e-6, 1 - 1e-6)
    return float(-(weights * np.where(labels, np.log(p), np.log(1 - p))).sum() / weights.sum())


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--folds", type=int, default=5)
    cli.add_argument("--seed", type=int, default=7, help="of the copies of pages: which lines stand where")
    args = cli.parse_args()
    started = time.time()

    def say(text: str) -> None:
        print(f"[{time.time() - started:6.0f} s] {text}", flush=True)

    global _shared
    at = _shared = Fitting(load_all(), args.folds, args.seed)
    every = [*range(args.folds), None]
    say(
        f"{at.originals} pages, {len(at.pages) - at.originals} copies, {len(at.labels)} blocks, {(at.weights > 0).sum()} fitted on"
    )
    at.keys = list(in_two(_keys, range(at.originals)))
    at.line_keys = line_keys(args.folds)
    say("keys")
    features: list[Any] = [None] * len(at.pages)
    lexicons = []
    for lexicon, found in in_two(_fold_features, range(args.folds)):
        lexicons.append(lexicon)
        for n, f in found:
            features[n] = f
        say(f"lexicon {len(lexicons) - 1}")
    at.matrix = np.concatenate([f.matrix for f in features])
    at.first = np.zeros(len(at.matrix), np.float32)
    first = []
    for fold, trees in zip(every, in_two(_first_trees, every), strict=True):
        first.append(trees)
        if fold is not None:
            out = at.row_fold == fold
            at.first[out] = sigmoid(trees.log_odds(at.matrix[out]))
            say(f"first {fold}: log loss {log_loss(at.first[out], at.labels[out], at.scored[out]):.4f}")
    plain_trees = list(in_two(_plain_trees, every))
    plain_odds = np.zeros(len(at.matrix), np.float32)
    for fold in range(args.folds):
        out = at.plain & (at.row_fold == fold)
        plain_odds[out] = plain_trees[fold].log_odds(at.matrix[out])
    plain_loss = log_loss(sigmoid(plain_odds[at.plain]), at.labels[at.plain], at.weights[at.plain])
    say(f"plain: log loss {plain_loss:.4f}")
    # Plain texts stand last, and have no second pass: row numbers stay the same.
    pages = features[: at.first_plain]
    at.wide = np.concatenate([second_pass(f, at.first[at.starts[n] : at.starts[n + 1]]) for n, f in enumerate(pages)])
    at.matrix = np.zeros((0, 0), np.float32)
    second = list(in_two(_second_trees, every))
    say("second")
    lexicon, wordings = in_two(_last, range(2))
    lexicons.append(lexicon)
    chance = at.first.copy()
    FOLDS.mkdir(exist_ok=True)
    about: dict[str, Any] = {
        "command": f"python -m training.fit --folds {args.folds} --seed {args.seed}",
        "seed": args.seed,
        "folds": args.folds,
        "corpus_sha256": corpus_hash(),
    }
    for fold in every:
        number = args.folds if fold is None else fold
        if fold is None:
            about["log_loss"] = {
                "first": round(log_loss(at.first, at.labels, at.scored), 4),
                "second": round(log_loss(chance, at.labels, at.scored), 4),
                "plain": round(plain_loss, 4),
            }
        else:
            out = np.flatnonzero((at.row_fold == fold) & (at.first > MIN_FIRST_CHANCE) & ~at.plain)
            chance[out] = sigmoid(second[number].log_odds(at.wide[out]))
            say(f"second {fold}: log loss {log_loss(chance[out], at.labels[out], at.scored[out]):.4f}")
        trees = first[number], second[number], plain_trees[number]
        model = Model(lexicons[number], *trees, {**about, "fold": fold}, wordings)
        save(WEIGHTS if fold is None else FOLDS / f"{fold}.npz", model)
    say(f"{WEIGHTS.name} written, {WEIGHTS.stat().st_size:,} bytes; log losses {about['log_loss']}")


if __name__ == "__main__":
    main()
