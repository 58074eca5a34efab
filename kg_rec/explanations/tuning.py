"""What someone says of reasons: not because of this one, more because of that one.

A reason is named by

* the id, IRI or name of an item or entity: all that is said of it or with it, and what starts
  from it;
* a relation, by IRI, local name or label: ``"genre"``;
* both: ``("director", "Christopher Nolan")`` or ``"director=Christopher Nolan"``;
* a kind of reason: ``"popularity"``, ``"liked_with"``, ``"community"``; ``"fact"`` for all facts,
  ``"profile"`` for what no single choice accounts for.

A muted reason counts nothing: its cells of the profile (sources × columns) are zero, and all others
stay as they are. A boosted one counts double for an item; where it counted against, it counts
nothing. To boost an item or entity is to say that one likes it, as well. Muting wins.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import sparse

from kg_rec.errors import UnknownIdError
from kg_rec.profiles import ITEM_BLOCKS, Preference, Source, content_links
from kg_rec.vectors import FACT_BLOCKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from kg_rec.explanations.names import NodeNames
    from kg_rec.ids import Iri
    from kg_rec.profiles import Profile
    from kg_rec.vectors import ItemVectors

__all__ = ["KINDS", "Tuner", "Tuning", "Wishes"]

KINDS = (
    "fact",
    *ITEM_BLOCKS,
    "model",
    "community",
    "preference",
    "profile",
    "popularity",
)
"""The kinds of reasons that can be muted or boosted as a whole."""
_OF_SOURCES = {"preference", "profile", "community"}


class Wishes(NamedTuple):
    """What someone wants of lists: reasons that are muted or boosted, items that are not listed.

    Attributes:
        mute: Names of reasons; of a relation and an entity as ``"relation=entity"``.
        boost: The same.
        hidden: Ids of items that are not to be listed.
        seen: Ids of items that are known, and so not listed.
    """

    mute: tuple[str, ...] = ()
    boost: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()

    @classmethod
    def of(cls, mute: Iterable[Any] | str = (), boost: Iterable[Any] | str = ()) -> Wishes:
        """Return the wishes of names, of pairs of them, or of a single name.

        Examples:
            >>> Wishes.of([("director", "Ann"), "genre"], "heist")
            Wishes(mute=('director=Ann', 'genre'), boost=('heist',), hidden=(), seen=())
        """
        return cls(_names(mute), _names(boost))

    def __bool__(self) -> bool:
        return any(self)

    def plus(self, other: Wishes) -> Wishes:
        """Return these wishes and others."""
        both = zip(self, other, strict=True)
        return Wishes(*(tuple(dict.fromkeys([*own, *more])) for own, more in both))


def _names(given: Iterable[Any] | str) -> tuple[str, ...]:
    names = [given] if isinstance(given, str) else given
    return tuple(name if isinstance(name, str) else "=".join(map(str, name)) for name in names)


class _Selected(NamedTuple):
    """Cells of a profile: all of some columns, and all of some sources."""

    columns: NDArray[np.bool_]
    source: Callable[[Source], bool]


class Tuning(NamedTuple):
    """Wishes made ready for a profile.

    Attributes:
        mute: The cells that count nothing.
        boost: The cells that count double.
        liked: What is liked, as well.
    """

    mute: tuple[_Selected, ...] = ()
    boost: tuple[_Selected, ...] = ()
    liked: tuple[Preference, ...] = ()

    def but(self, columns: NDArray[np.bool_]) -> Tuning:
        """Return the same with some columns muted, besides."""
        return self._replace(mute=(*self.mute, _Selected(columns, _no_source)))

    def liked_beside(self, said: Iterable[Preference]) -> list[Preference]:
        """Return what is liked as well, without what someone has said already."""
        known = {preference.entity for preference in said}
        return [preference for preference in self.liked if preference.entity not in known]

    def apply(self, profile: Profile) -> Profile:
        """Return the profile with its cells changed; sources and columns stay."""
        cells = profile.matrix.tocoo()
        values = cells.data.copy()
        for selected in self.boost:
            values += np.where(_of_columns(selected, cells), np.abs(values), 0.0)
            of_source = _of_sources(selected, profile, cells)
            values += np.where(of_source & ~_of_columns(selected, cells), values, 0.0)
        for selected in self.mute:
            off = _of_columns(selected, cells) | _of_sources(selected, profile, cells)
            values[off] = 0.0
        changed = sparse.coo_array((values, (cells.row, cells.col)), shape=cells.shape).tocsr()
        changed.eliminate_zeros()
        return replace(profile, matrix=sparse.csr_array(changed))


def _of_columns(selected: _Selected, cells: sparse.coo_array) -> NDArray[np.bool_]:
    return np.asarray(selected.columns[cells.col])


def _of_sources(
    selected: _Selected, profile: Profile, cells: sparse.coo_array
) -> NDArray[np.bool_]:
    chosen = np.array([selected.source(source) for source in profile.sources], dtype=bool)
    return np.asarray(chosen[cells.row])


class Tuner:
    """Finds what wishes mean in one model.

    Args:
        vectors: All item vectors.
        names: Names of nodes and relations.
    """

    def __init__(self, vectors: ItemVectors, names: NodeNames) -> None:
        self._names = names
        columns = vectors.columns
        self._blocks = np.array([c.block for c in columns])
        self._kinds = {*KINDS, *content_links({c.block for c in columns})}
        self._predicates = np.array([c.predicate for c in columns], dtype=object)
        self._number = {node: n for n, node in enumerate(dict.fromkeys(c.object for c in columns))}
        self._numbers = np.array([self._number[c.object] for c in columns])
        stated = {c.object for c in columns if c.block == "stated"}
        self._likeable = stated | set(names.ids.values())

    def tuning(self, wishes: Wishes) -> Tuning:
        """Return the wishes made ready for a profile.

        A name that several nodes have means all of them.

        Raises:
            UnknownIdError: A name is none of an item, an entity, a relation or a kind of reason, or
                nothing is said of it in the vectors.
        """
        return Tuning(
            tuple(map(self._selected, wishes.mute)),
            tuple(map(self._selected, wishes.boost)),
            tuple(liked for name in wishes.boost for liked in self._preferences(name)),
        )

    def known(self, wishes: Wishes) -> Wishes:
        """Return the wishes whose reasons still mean something: a model changes."""
        mute, boost = (tuple(filter(self._means, names)) for names in wishes[:2])
        return wishes._replace(mute=mute, boost=boost)

    def _means(self, name: str) -> bool:
        try:
            self._selected(name)
        except UnknownIdError:
            return False
        return True

    def _selected(self, name: str) -> _Selected:
        if name in self._kinds:
            return self._kind(name)
        relation, _, entity = name.partition("=")
        if entity and self._names.has_relation(relation):
            return self._of_both(relation, entity, name)
        if not self._used(name) and self._names.has_relation(name):
            return self._checked(self._predicates == self._names.relation(name), _no_source, name)
        nodes = self._nodes(name)
        return self._checked(self._of(nodes), lambda source: source.iri in nodes, name)

    def _kind(self, name: str) -> _Selected:
        blocks = FACT_BLOCKS if name == "fact" else (name,)
        columns = np.isin(self._blocks, blocks)
        if name in _OF_SOURCES:
            return _Selected(columns, lambda source: source.kind == name)
        return _Selected(columns, _no_source)

    def _of_both(self, relation: str, entity: str, name: str) -> _Selected:
        chosen = self._predicates == self._names.relation(relation)
        return self._checked(chosen & self._of(self._nodes(entity)), _no_source, name)

    def _checked(
        self, columns: NDArray[Any], source: Callable[[Source], bool], name: str
    ) -> _Selected:
        """Return a selection; of what nothing is said there is no reason to mute."""
        if not columns.any():
            raise UnknownIdError("reason", name)
        return _Selected(np.asarray(columns, dtype=bool), source)

    def _nodes(self, name: str) -> list[Iri]:
        """Return the nodes of a name that something is said of: a concept and a word, say."""
        used = self._used(name)
        if not used:
            raise UnknownIdError("reason", name, {*self._kinds, *self._names.known})
        return used

    def _used(self, name: str) -> list[Iri]:
        return [node for node in self._names.nodes(name) if self._of([node]).any()]

    def _of(self, nodes: Sequence[Iri]) -> NDArray[np.bool_]:
        """Return which columns are of some nodes."""
        return np.isin(self._numbers, [self._number.get(node, -1) for node in nodes])

    def _preferences(self, name: str) -> list[Preference]:
        """Return what a boosted name stands for as stated likes."""
        if name in self._kinds:
            return []
        label = self._names.graph.label
        liked = (node for node in self._used(name) if node in self._likeable)
        return [Preference(node, 1.0, label(node)) for node in liked]


def _no_source(_: Source) -> bool:
    return False
