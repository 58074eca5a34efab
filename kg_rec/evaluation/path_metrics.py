"""How recent, popular and varied the paths of explanations are: nine metrics, as hopwise has them.

LIR, SEP and the diversities are those of Balloccu, Boratto, Fenu & Marras ("Post Processing
Recommender Systems with Knowledge Graphs for Recency, Popularity, and Diversity of Explanations",
SIGIR 2022; "Reinforcement Recommendation Reasoning through Knowledge Graphs for Explanation Path
Quality", Knowledge-Based Systems 2023). Where paper and code differ, the code of hopwise 0.9.1
decides, since published numbers come from it; the differences are on the page of the docs.

All functions take a neutral format, a path a recommended item, whoever made it::

    user --relation--> linking interaction --> ... --> shared entity --relation--> item
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import signal

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    Values = NDArray[np.float64]

__all__ = [
    "METRICS",
    "SELF_LOOP",
    "ExplanationPath",
    "PathHop",
    "PathNode",
    "lid",
    "lir",
    "litd",
    "moving_average",
    "path_metrics",
    "ppt",
    "ptc",
    "ptd",
    "sed",
    "sep",
    "setd",
]

METRICS = ("LIR", "SEP", "LID", "SED", "LITD", "SETD", "PTD", "PTC", "PPT")
"""The names of the nine metrics, in the order of the tables."""
SELF_LOOP = "self_loop"
"""The relation of a hop that stays where it is; some models pad short paths with it."""


class PathNode(NamedTuple):
    """A node of a path.

    Attributes:
        id: Its name.
        type: Its type. hopwise knows two of them: ``"user"`` and ``"entity"``.
        is_item: Whether it is an item of the catalogue.
    """

    id: str
    type: str = "entity"
    is_item: bool = False


class PathHop(NamedTuple):
    """A step of a path."""

    head: PathNode
    relation: str
    tail: PathNode


class ExplanationPath(NamedTuple):
    """The path that explains why an item is recommended to a user.

    Attributes:
        user: For whom.
        item: What.
        hops: One or more; the first starts at the user. Where it ends is the *linking
            interaction*, where the last starts is the *shared entity*; in a path of two hops both
            are the same node.
    """

    user: str
    item: str
    hops: tuple[PathHop, ...]

    @property
    def linking(self) -> PathNode:
        """What the user had or said, and the path goes on from."""
        return self.hops[0].tail

    @property
    def shared(self) -> PathNode:
        """What leads to the item."""
        return self.hops[-1].head

    @property
    def type(self) -> str:
        """The relation that leads to the item; a padding hop is skipped."""
        last = self.hops[-1].relation
        return self.hops[-2].relation if last == SELF_LOOP and len(self.hops) > 1 else last

    @property
    def pattern(self) -> tuple[str, ...]:
        """All relations, in order."""
        return tuple(hop.relation for hop in self.hops)


def path_metrics(
    paths: Iterable[ExplanationPath],
    *,
    relations: int,
    longest: int,
    times: Mapping[str, Mapping[str, float]] | None = None,
    popularity: Mapping[str, Mapping[str, float]] | None = None,
) -> dict[str, float | None]:
    """Return the means of the nine metrics: of LIR and SEP over paths, of the others over users.

    Args:
        paths: One a recommended item.
        relations: How many relations there are, see :func:`ptd`.
        longest: Nodes and relations of the longest path, see :func:`ppt`.
        times: When each user had each item; without it LIR is None.
        popularity: By type of node, how many links each node has; without it SEP is None.

    Returns:
        Name to mean, all from 0 to 1; None for what cannot be told.

    Examples:
        >>> heat, crime = PathNode("heat", is_item=True), PathNode("crime")
        >>> hops = [PathHop(PathNode("u", "user"), "likes", heat)]
        >>> hops += [PathHop(heat, "genre", crime), PathHop(crime, "genre", PathNode("se7en"))]
        >>> path = ExplanationPath("u", "se7en", tuple(hops))
        >>> found = path_metrics([path], relations=2, longest=7)
        >>> found["LID"], found["PTC"], found["LIR"]
        (1.0, 0.0, None)
    """
    paths = list(paths)
    values = {
        "LIR": None if times is None else lir(paths, times),
        "SEP": None if popularity is None else sep(paths, popularity),
        "LID": lid(paths),
        "SED": sed(paths),
        "LITD": litd(paths),
        "SETD": setd(paths),
        "PTD": ptd(paths, relations),
        "PTC": ptc(paths),
        "PPT": ppt(paths, longest),
    }
    return {
        name: None if found is None or not len(found) else float(found.mean())
        for name, found in values.items()
    }


# --- recency and popularity ----------------------------------------------------------------------


def lir(paths: Iterable[ExplanationPath], times: Mapping[str, Mapping[str, float]]) -> Values:
    """Return the linking interaction recency of each path: 0 long ago, 1 the latest.

    It is the moving average of the user's times, in order, at the linking interaction, scaled to 0
    to 1. An item that the user did not have gets 0, and so does the only item of a user; a path
    whose linking node is no item has no value.

    Args:
        paths: The paths.
        times: User to item to time; of items of one time the earlier in the mapping counts as
            earlier.

    Returns:
        Float array (paths that start with an item).
    """
    recency: dict[str, dict[str, float]] = {}
    found = []
    for path in paths:
        if not path.linking.is_item:
            continue
        if path.user not in recency:
            recency[path.user] = _smoothed(times.get(path.user, {}))
        found.append(recency[path.user].get(path.linking.id, 0.0))
    return np.array(found, dtype=np.float64)


def sep(paths: Iterable[ExplanationPath], popularity: Mapping[str, Mapping[str, float]]) -> Values:
    """Return the popularity of the shared entity of each path: 0 the rarest, 1 the most linked.

    It is the moving average of the links of all nodes of its type, fewest first, at the shared
    entity, scaled to 0 to 1; a node without links gets 0.

    Args:
        paths: The paths.
        popularity: Type to node to number of links; of nodes with as many links the earlier in the
            mapping counts as rarer.

    Returns:
        Float array (paths).
    """
    scaled = {kind: _smoothed(links) for kind, links in popularity.items()}
    found = [scaled.get(path.shared.type, {}).get(path.shared.id, 0.0) for path in paths]
    return np.array(found, dtype=np.float64)


def _smoothed(values: Mapping[str, float]) -> dict[str, float]:
    names = sorted(values, key=values.__getitem__)
    return dict(zip(names, moving_average([values[n] for n in names]).tolist(), strict=True))


def moving_average(values: ArrayLike) -> Values:
    """Return the exponentially weighted moving average of ascending values, scaled to 0 to 1.

    With ``a = 2 / (n + 1)``: ``y_t = Σ_i (1 - a)^(t - i) x_i / Σ_i (1 - a)^(t - i)`` over
    ``i <= t``, as pandas has it (``ewm(span=n)``). Values that are all alike are replaced by their
    places; a single one becomes 0.

    Examples:
        >>> moving_average([1, 2, 4]).round(3).tolist()
        [0.0, 0.333, 1.0]
        >>> moving_average([5, 5]).tolist()
        [0.0, 1.0]
    """
    x = np.asarray(values, dtype=np.float64)
    if len(x) < 2:  # noqa: PLR2004 - nothing to scale
        return np.zeros_like(x)
    x = np.arange(len(x), dtype=np.float64) if x[0] == x[-1] else x - x[0]
    decay = [1.0, -(1.0 - 2.0 / (len(x) + 1.0))]
    average = signal.lfilter([1.0], decay, x) / signal.lfilter([1.0], decay, np.ones_like(x))
    scaled: Values = (average - average.min()) / (average.max() - average.min())
    return scaled


# --- diversity -----------------------------------------------------------------------------------


def lid(paths: Iterable[ExplanationPath]) -> Values:
    """Return the diversity of linking interactions of each user: different ones / paths."""
    return _different(paths, lambda path: path.linking.id)


def sed(paths: Iterable[ExplanationPath]) -> Values:
    """Return the diversity of shared entities of each user: different ones / paths."""
    return _different(paths, lambda path: path.shared.id)


def litd(paths: Iterable[ExplanationPath]) -> Values:
    """Return the diversity of types of linking interactions of each user: types / paths."""
    return _different(paths, lambda path: path.linking.type)


def setd(paths: Iterable[ExplanationPath]) -> Values:
    """Return the diversity of types of shared entities of each user: types / paths."""
    return _different(paths, lambda path: path.shared.type)


def ptd(paths: Iterable[ExplanationPath], relations: int) -> Values:
    """Return the path type diversity of each user: different types / min(paths, relations).

    Args:
        paths: The paths.
        relations: How many relations the graph has, that of interactions among them (hopwise also
            counts the padding).
    """
    return _different(paths, lambda path: path.type, most=relations)


def ppt(paths: Iterable[ExplanationPath], longest: int) -> Values:
    """Return the path pattern diversity of each user: different patterns / min(paths, longest).

    Args:
        paths: The paths.
        longest: Nodes and relations of the longest path: 7 for four nodes. 1 is the most that a
            user gets.
    """
    return np.minimum(_different(paths, lambda path: path.pattern, most=longest), 1.0)


def ptc(paths: Iterable[ExplanationPath]) -> Values:
    """Return how evenly the paths of each user spread over the types: 0 all of one type.

    One minus Simpson's index: the chance that two different paths are of different types. A user
    with a single path has 0.
    """
    return np.array([_simpson([path.type for path in own]) for own in _by_user(paths)])


def _simpson(types: Sequence[str]) -> float:
    pairs = len(types) * (len(types) - 1)
    same = sum(count * (count - 1) for count in Counter(types).values())
    return 1.0 - same / pairs if pairs else 0.0


def _different(
    paths: Iterable[ExplanationPath],
    key: Callable[[ExplanationPath], Hashable],
    most: int | None = None,
) -> Values:
    """Return different keys / paths of each user; no more than ``most`` paths count."""
    shares = [
        len({key(path) for path in own}) / min(len(own), most or len(own))
        for own in _by_user(paths)
    ]
    return np.array(shares, dtype=np.float64)


def _by_user(paths: Iterable[ExplanationPath]) -> list[list[ExplanationPath]]:
    found: dict[str, list[ExplanationPath]] = defaultdict(list)
    for path in paths:
        found[path.user].append(path)
    return list(found.values())
