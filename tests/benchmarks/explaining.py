"""Whether explanations are exact and quick, on any saved model.

    python tests/benchmarks/explaining.py demo/model [--pairs 1000] [--cases 300] [--users 200]

* sums: for random (user, item) pairs the contributions sum to the score, which is computed apart
  from them; taking out each of the five largest changes the score by its value; every hop is in
  the graph; every passage is the slice of its document;
* mass: the share of the positive score mass of top-10 lists in reasons that have a path, that have
  a passage, and in learned links whose supporting path of facts has one;
* counterfactuals: each is scored again with a profile built anew, must take the item out of the
  list, and has no smaller set where there are at most 12 sources (all smaller sets are built);
* time: of a top-10 list with all its terms, and with its reasons in words; time of the process,
  one thread. Set OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import statistics
import time
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec import Recommender
from kg_rec.explanations.explainer import LEARNED_BLOCKS
from kg_rec.report import group_reasons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec import Contribution, Recommendation
    from kg_rec.profiles import Profile, Source

TOP = 5
HELD = 12
K = 10


class Exactness(NamedTuple):
    """The largest errors, relative to the largest term of a score, and what is wrong."""

    pairs: int
    terms: int
    additivity: float
    deletion: float
    missing_hops: int
    wrong_passages: int


def exactness(model: Recommender, pairs: int, seed: int) -> Exactness:
    """Return how exact the explanations of random pairs are."""
    rng = np.random.default_rng(seed)
    graph, vectors = model.graph, model.model.vectors.matrix
    sums, deletions, terms, hops, passages = [0.0], [0.0], 0, 0, 0
    for _ in range(pairs):
        user = model.users[int(rng.integers(len(model.users)))]
        row = int(rng.integers(len(model.items)))
        profile = model.profile(user)
        own = vectors[[row]].toarray().ravel()
        score = float(profile.vector.toarray().ravel() @ own)
        found = model._explainer.contributions(profile, row, model.items[row].iri)
        size = max(abs(score), max((abs(c.value) for c in found), default=0.0)) or 1.0
        sums.append(abs(sum(c.value for c in found) - score) / size)
        deletions.extend(
            abs(score - without(profile, term, own) - term.value) / size for term in found[:TOP]
        )
        terms += len(found)
        hops += sum(hop.triple not in graph for c in found for hop in c.path)
        for e in (e for c in found for e in c.evidence):
            passages += graph.documents[e.document][e.start : e.end] != e.text
    return Exactness(pairs, terms, max(sums), max(deletions), hops, passages)


def without(profile: Profile, term: Contribution, item: np.ndarray) -> float:
    """Return the score of an item without one cell of the profile."""
    matrix = profile.matrix.toarray()
    source = next(n for n, s in enumerate(profile.sources) if s is term.source)
    matrix[source, model_index[term.column]] = 0.0
    return float(matrix.sum(axis=0) @ item)


model_index: dict[object, int] = {}
"""Number of each column, of the model at hand."""


def mass(model: Recommender, users: Sequence[str]) -> dict[str, float]:
    """Return shares of the positive score mass of lists."""
    whole = path = passage = backed = 0.0
    for found in (r for user in users for r in model.recommend(user, k=K)):
        for c in (c for c in found.contributions if c.value > 0):
            whole += c.value
            path += c.value * bool(c.path)
            passage += c.value * bool(c.evidence)
            learned = c.column is not None and c.column.block in LEARNED_BLOCKS
            if learned and not c.evidence:
                backed += c.value * bool(c.support_evidence)
    return {"path": path / whole, "passage": passage / whole, "backed": backed / whole}


class Cases(NamedTuple):
    """What came of counterfactuals."""

    asked: int
    none: int
    wrong: int
    proven: int
    compared: int
    larger: int
    sizes: list[int]
    seconds: list[float]


def counterfactuals(model: Recommender, cases: int, seed: int) -> Cases:
    """Return what came of counterfactuals for random items of the lists of random users."""
    rng = np.random.default_rng(seed)
    none = wrong = proven = compared = larger = 0
    sizes, seconds = [], []
    for _ in range(cases):
        user = model.users[int(rng.integers(len(model.users)))]
        found = model.recommend(user, k=K)
        item = found[int(rng.integers(len(found)))]
        asked = model.what_if(user)
        start = time.process_time()
        answer = asked.counterfactual(item.item, K)
        seconds.append(time.process_time() - start)
        sizes.append(len(answer.removed))
        none += not answer.removed
        proven += answer.smallest
        wrong += bool(answer.removed) and in_list(model, user, item, answer.removed)
        sources = [s for s in model.profile(user).sources if s.kind in {"history", "preference"}]
        if len(sources) <= HELD:
            compared += 1
            least = len(answer.removed) or len(sources) + 1
            smaller = (gone for n in range(1, least) for gone in combinations(sources, n))
            larger += any(not in_list(model, user, item, gone) for gone in smaller)
    return Cases(cases, none, wrong, proven, compared, larger, sizes, seconds)


def in_list(model: Recommender, user: str, item: Recommendation, removed: Sequence[Source]) -> bool:
    """Return whether an item is in the list of a user of whom some things are not known."""
    row_of = {i.iri: row for row, i in enumerate(model.items)}
    gone = {s.iri for s in removed}
    events = {r: x for r, x in model._events(user).items() if model.items[r].iri not in gone}
    said = [p for p in model.preferences(user) if p.entity not in gone]
    community, builder = model._community, model._profiles
    friends = community.friends(model.model.users.row(user), events) if community else ()
    profile = builder.build(events, said, friends)
    scores = model.model.vectors.matrix @ profile.vector.toarray().ravel()
    scores[sorted(model.profile(user).known)] = -np.inf
    row = row_of[item.iri]
    ties = (scores == scores[row]) & (np.arange(len(scores)) < row)
    return int((scores > scores[row]).sum() + ties.sum()) < K


def times(model: Recommender, users: Sequence[str]) -> dict[str, list[float]]:
    """Return milliseconds of the process for the lists of some users."""
    found: dict[str, list[float]] = {"terms": [], "words": []}
    for user in users:
        start = time.process_time()
        listed = model.recommend(user, k=K)
        middle = time.process_time()
        for r in listed:
            group_reasons(r)
        found["terms"].append(1000 * (middle - start))
        found["words"].append(1000 * (time.process_time() - start))
    return found


def main() -> None:
    """Print all measures of each model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    for folder in given.models:
        model = Recommender.load(folder)
        model_index.clear()
        model_index.update(model.model.vectors.index)
        print(f"{folder}: {len(model.items):,} items, {len(model.users):,} users, {model.graph}")
        rng = np.random.default_rng(given.seed)
        known = [u for u in model.users if model.history(u)]
        users = [known[n] for n in rng.permutation(len(known))[: given.users]]
        model.recommend(users[0])
        for name, found in times(model, users).items():
            median = statistics.median(found)
            print(f"  top 10 with {name}: median {median:.1f} ms, slowest {max(found):.1f} ms")
        print(f"  {exactness(model, given.pairs, given.seed)}")
        print(f"  {mass(model, users)}")
        cases = counterfactuals(model, given.cases, given.seed)
        median = statistics.median(cases.seconds)
        print(f"  counterfactuals: {cases._replace(sizes=[], seconds=[])}")
        print(f"  sizes {np.bincount(cases.sizes).tolist()}, median {median:.2f} s")


if __name__ == "__main__":
    main()
