"""What reasons start from: history items, stated preferences, people, all others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from scipy import sparse

if TYPE_CHECKING:
    from kg_rec.ids import Iri
    from kg_rec.statements import Evidence

__all__ = ["EVERYONE", "REST", "Preference", "Profile", "Source", "stated_source"]


class Source(NamedTuple):
    """What a reason starts from.

    Attributes:
        kind: ``"history"``, ``"preference"``, ``"community"``, ``"model"``, ``"profile"``,
            ``"popularity"`` or ``"rerank"``.
        id: Item id, entity IRI, id of a friend, a segment (``"country=FR"``), or the kind again.
        label: Its name.
        iri: The node of the graph that its paths start from, if it is one: of a friend, the user
            who knows the friend.
        positive: False for a disliked item or entity.
        evidence: Where the user said so, for a stated preference.
        strength: How much it is liked, from 0 to 1.
        relation: For a preference that was asked for as an attribute: how items are to be related
            to the entity.
    """

    kind: str
    id: str
    label: str
    iri: Iri | None = None
    positive: bool = True
    evidence: tuple[Evidence, ...] = ()
    strength: float = 1.0
    relation: Iri | None = None


REST = Source("profile", "profile", "your taste as a whole")
"""What no single event accounts for: the chosen items and their company, against all others."""
EVERYONE = Source("popularity", "popularity", "what most people like")


class Preference(NamedTuple):
    """A stated like or dislike of an entity.

    Attributes:
        entity: What is liked or disliked.
        strength: From -1 to 1.
        label: What the user called it.
        evidence: Where the user said so.
        relation: How items are to be related to the entity; None: in any way.
    """

    entity: Iri
    strength: float
    label: str
    evidence: tuple[Evidence, ...] = ()
    relation: Iri | None = None


def stated_source(preference: Preference) -> Source:
    """Return a preference as a source."""
    return Source(
        "preference",
        preference.entity,
        preference.label,
        preference.entity,
        preference.strength > 0,
        preference.evidence,
        abs(preference.strength),
        preference.relation,
    )


@dataclass(frozen=True)
class Profile:
    """A user as sources × columns.

    Attributes:
        sources: The rows.
        matrix: float64 CSR (sources × columns).
        known: Rows of the items that the user has had, named or hidden; they are not recommended.
    """

    sources: tuple[Source, ...]
    matrix: sparse.csr_array
    known: frozenset[int]

    @cached_property
    def vector(self) -> sparse.csr_array:
        """The user's vector: the sum of the rows, as CSR (1 × columns)."""
        return sparse.csr_array(self.matrix.sum(axis=0)[None, :])
