"""Without what an item would not be recommended: the smallest set, found by scoring again.

To remove something is to build the profile anew without it, as if it had never been told: the
ridge profile is learned again, what the removed item brought goes, and friends are weighed again.
What was removed stays out of the list, since the user has had it. So the effect of a set is not
the sum of the contributions of its members, and a larger set need not do more than a smaller one.

* Up to :data:`EXACT` sources all sets are tried by size: the result is the smallest, proven.
* Above, the source whose removal costs the item most of its lead is taken away, and again, until
  the item is out; then members are put back as long as it stays out. No member of the result can
  be spared; that there is no smaller set is proven up to two members.

The order is that of the scores: re-ranking and filters do not enter.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from itertools import combinations, islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from kg_rec.community import NOBODY, Company
from kg_rec.errors import DataError
from kg_rec.vectors import POPULARITY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec.community import Community, FriendOf
    from kg_rec.explanations.tuning import Tuning
    from kg_rec.ids import Iri
    from kg_rec.profiles import Preference, Profile, ProfileBuilder, Source

__all__ = ["EXACT", "Counterfactual", "Person", "Rescorer"]

EXACT = 12
"""Most sources of which all sets are tried."""
_TRIED = 12
"""Sources whose removal is tried at each step, where there are more than ``EXACT``."""
_STEPS = 16
"""Steps after which twice as many sources are taken away at a time."""
_BATCH = 64
"""Sets that are scored at a time."""
_PROVEN = 2
"""Size up to which it is proven that there is no smaller set, however many sources there are."""

_Set = tuple[int, ...]


class Counterfactual(NamedTuple):
    """Without what an item would not be in the list.

    Attributes:
        removed: The history items and stated preferences; empty if no set was found.
        rank: The rank of the item without them, in the catalogue without the user's history; its
            rank as it is if no set was found.
        smallest: Whether it is proven that there is no smaller set (or none at all).
        k: The length of the list.
    """

    removed: tuple[Source, ...]
    rank: int
    smallest: bool
    k: int


class Person(NamedTuple):
    """What a profile is built from.

    Attributes:
        events: Item row to signed weight.
        said: Stated preferences.
        user: Row of the user, if it is one of the model.
        company: Whom someone tells about.
        hidden: Rows of items that are not to be listed.
    """

    events: Mapping[int, float]
    said: Sequence[Preference] = ()
    user: int | None = None
    company: Company = NOBODY
    hidden: frozenset[int] = frozenset()


class Rescorer:
    """Scores all items for someone without some of what is known of them.

    Args:
        builder: Builds profiles.
        person: What is known.
        community: The friends of the users of the model.
        tuning: Reasons that are muted or boosted.

    Attributes:
        profile: The profile as it is.
        sources: What may be removed: history items and stated preferences.
    """

    def __init__(
        self,
        builder: ProfileBuilder,
        person: Person,
        community: Community | None = None,
        tuning: Tuning | None = None,
    ) -> None:
        self.builder = builder
        self.person = person
        self.tuning = tuning
        self.community = community if community or any(person.company) else None
        self.profile = self.rebuilt(())
        matrix = builder.vectors.matrix
        self.items = sparse.csr_array(matrix)
        kinds = {"history", "preference"}
        self.sources = tuple(s for s in self.profile.sources if s.kind in kinds)
        own = [None if s.relation else s.iri for s in self.sources]
        self._rows = [None if iri is None else builder.row_of.get(iri) for iri in own]
        self._events = self._event_row()
        self._left_out = np.array(sorted(self.profile.known), dtype=np.int64)

    # --- scoring -----------------------------------------------------------------------------

    def rebuilt(self, removed: _Set) -> Profile:
        """Return the profile without some of the sources, by number."""
        gone = {_key(self.sources[n]) for n in removed}
        rows = {self._rows[n] for n in removed} - {None}
        events = {row: x for row, x in self.person.events.items() if row not in rows}
        row_of = self.builder.row_of.get
        said = [
            p
            for p in self.person.said
            if ("preference", p.entity, p.relation) not in gone
            and (p.relation or row_of(p.entity, -1) not in rows)
        ]
        profile = self.builder.build(events, said, self._friends(events))
        profile = replace(profile, known=profile.known | self.person.hidden)
        return profile if self.tuning is None else self.tuning.apply(profile)

    def rank(self, row: int, removed: _Set = ()) -> int:
        """Return the rank of an item without some of the sources."""
        profile = self.rebuilt(removed) if removed else self.profile
        scores = np.asarray(self.items @ profile.vector.toarray().ravel())[None, :]
        return int(self._ranks(scores, row)[0])

    def _friends(self, events: Mapping[int, float]) -> Sequence[FriendOf]:
        if self.community is None:
            return ()
        return self.community.friends(self.person.user, events, self.person.company)

    def _event_row(self) -> NDArray[np.float64]:
        """Return the weight of each source that is an item."""
        strengths = [s.strength if s.positive else -s.strength for s in self.sources]
        return np.array(strengths)

    @cached_property
    def _said(self) -> sparse.csr_array:
        """Return what each source that is no item says (sources × columns), not normalised."""
        everyone = self.profile.matrix[[len(self.profile.sources) - 1]]
        length = 1.0 / float(everyone[0, self.builder.vectors.index[POPULARITY]])
        number = {id(s): n for n, s in enumerate(self.profile.sources)}
        rows = self.profile.matrix[[number[id(s)] for s in self.sources]] * length
        other = np.array([float(row is None) for row in self._rows])
        return sparse.csr_array(sparse.diags_array(other) @ rows)

    def _scores(self, sets: Sequence[_Set]) -> NDArray[np.float64]:
        """Return the scores of all items (sets × items) without each of some sets of sources."""
        if self.tuning is not None or any(self.person.company):  # vectors have no single cells
            vectors = [self.rebuilt(removed).vector for removed in sets]
            return np.asarray((self.items @ sparse.vstack(vectors, format="csr").T).toarray().T)
        kept = np.ones((len(sets), len(self.sources)))
        for n, removed in enumerate(sets):
            kept[n, list(removed)] = 0.0
        places = [n for n, row in enumerate(self._rows) if row is not None]
        events = np.zeros((len(sets), self.items.shape[0]))
        events[:, [row for row in self._rows if row is not None]] = (
            kept[:, places] * self._events[places]
        )
        matrix = sparse.csr_array(events)
        extra = sparse.csr_array(kept) @ self._said
        if self.community is not None and self.person.user is not None:
            users = np.full(len(sets), self.person.user)
            extra = extra + self.community.weights(users, matrix)
        return self.builder.scores(matrix, sparse.csr_array(extra))

    def _ranks(self, scores: NDArray[np.float64], row: int) -> NDArray[np.int64]:
        """Return the rank of an item by each row of scores; ties go to the lower row."""
        own = scores[:, [row]]
        before = (scores > own) | ((scores == own) & (np.arange(scores.shape[1]) < row))
        before[:, self._left_out] = False
        return np.asarray(before.sum(axis=1)) + 1

    def _leads(self, scores: NDArray[np.float64], row: int, k: int) -> NDArray[np.float64]:
        """Return by how much an item is above the best k others; negative if it is out."""
        others = scores.copy()
        others[:, [*self._left_out.tolist(), row]] = -np.inf
        last = others.shape[1] - min(k, others.shape[1])
        return np.asarray(scores[:, row] - np.partition(others, last, axis=1)[:, last])

    # --- searching ---------------------------------------------------------------------------

    def counterfactual(self, row: int, k: int = 10) -> Counterfactual:
        """Return the smallest set without which an item is not among the best k.

        Args:
            row: The row of the item.
            k: The length of the list.

        Raises:
            DataError: The item is not among the best k, or the user has had it.
        """
        rank = self.rank(row)
        if row in self.profile.known or rank > k:
            where = "in the history" if row in self.profile.known else f"at rank {rank}"
            name = self.builder.labels[row][1]
            raise DataError(f"{name!r} is {where}, not among the first {k} of the list")
        exact = len(self.sources) <= EXACT
        found = self._smallest(row, k) if exact else self._greedy(row, k)
        if found is None:
            return Counterfactual((), rank, exact, k)
        removed, proven = found
        sources = tuple(self.sources[n] for n in removed)
        return Counterfactual(sources, self.rank(row, removed), proven, k)

    def _out(self, row: int, k: int, sets: Iterable[_Set]) -> Iterator[_Set]:
        """Yield the sets without which an item is not among the best k, in their order."""
        rest = iter(sets)
        size = 1  # the first guess is often right
        while batch := list(islice(rest, size)):
            size = min(4 * size, _BATCH)
            for removed, rank in zip(batch, self._ranks(self._scores(batch), row), strict=True):
                if rank > k and self.rank(row, removed) > k:
                    yield removed

    def _effects(self, row: int, k: int, removed: _Set = ()) -> list[int]:
        """Return the other sources, those first that speak most for an item against the next."""
        profile = self.rebuilt(removed) if removed else self.profile
        scores = np.asarray(self.items @ profile.vector.toarray().ravel())
        scores[[*self._left_out.tolist(), row]] = -np.inf
        place = min(k, len(scores)) - 1
        rival = int(np.argpartition(-scores, place)[place])
        difference = (self.items[[row]] - self.items[[rival]]).toarray().ravel()
        lead = profile.matrix @ difference
        effect = {_key(s): float(x) for s, x in zip(profile.sources, lead, strict=True)}
        others = [n for n in range(len(self.sources)) if n not in removed]
        keys = [_key(s) for s in self.sources]
        return sorted(others, key=lambda n: (-effect.get(keys[n], 0.0), n))

    def _smallest(self, row: int, k: int) -> tuple[_Set, bool] | None:
        """Return the first of the smallest sets of all sources."""
        order = self._effects(row, k)
        sets = (s for size in range(1, len(order) + 1) for s in combinations(order, size))
        found = next(self._out(row, k, sets), None)
        return None if found is None else (found, True)

    def _greedy(self, row: int, k: int) -> tuple[_Set, bool] | None:
        """Return a set that takes an item out, and none of whose members can be spared."""
        singles = next(self._out(row, k, ((n,) for n in self._effects(row, k))), None)
        if singles is not None:
            return singles, True
        removed = self._taken_away(row, k)
        if removed is None:
            return None
        removed = self._spared(row, k, removed)
        return removed, len(removed) <= _PROVEN

    def _taken_away(self, row: int, k: int) -> _Set | None:
        removed: _Set = ()
        steps = 0
        while len(removed) < len(self.sources):
            order = self._effects(row, k, removed)
            if steps < _STEPS:
                tried = [(*removed, n) for n in order[:_TRIED]]
                removed = tried[int(np.argmin(self._leads(self._scores(tried), row, k)))]
            else:
                removed = (*removed, *order[: 2 ** (steps - _STEPS + 1)])
            steps += 1
            if self.rank(row, removed) > k:
                return removed
        return None

    def _spared(self, row: int, k: int, removed: _Set) -> _Set:
        """Put back members, the first ones last, until none can be spared."""
        while len(removed) > 1:
            smaller = (removed[:n] + removed[n + 1 :] for n in reversed(range(len(removed))))
            found = next(self._out(row, k, smaller), None)
            if found is None:
                break
            removed = found
        return removed


def _key(source: Source) -> tuple[str, str, Iri | None]:
    return source.kind, source.id, source.relation
