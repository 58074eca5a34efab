"""What tables state of users: who they are, what they did, whom they know (personal data)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg_rec.ids import RDFS, Iri, Literal, mint
from kg_rec.ontology import LABEL, TYPE, USER
from kg_rec.ontology.acts import CHOICES, CHOSE, KNOWS, REJECTED, act_predicate
from kg_rec.ontology.terms import RATED_DOWN, RATED_UP
from kg_rec.statements import USERS, Statement, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kg_rec.io.events import Act, Event
    from kg_rec.io.friends import Friend

__all__ = ["event_statements", "friend_statements", "user_statements"]

_SUB_PROPERTY = RDFS["subPropertyOf"]


def user_statements(names: Iterable[str], base_iri: str) -> Iterator[Statement]:
    """Return the type and the label of users."""
    for name in names:
        user = mint(base_iri, "user", name)
        yield Statement(Triple(user, TYPE, USER), part=USERS)
        yield Statement(Triple(user, LABEL, Literal(name)), part=USERS)


def event_statements(
    events: Iterable[Event], items: Mapping[str, Iri], base_iri: str
) -> Iterator[Statement]:
    """Return what users did with items, and the users themselves.

    Without kinds it is ``ratedUp`` or ``ratedDown``, by the sign of the weight. With kinds each act
    is a statement of its own (``viewed``, ``purchased``), whose strength is that of the act; the
    predicate of a kind that the settings add is a sub-property of ``chose`` or ``rejected``.

    Args:
        events: What users did.
        items: Item id to node.
        base_iri: Start of the users' nodes.
    """
    own: dict[Iri, tuple[str, bool]] = {}
    users: dict[str, Iri] = {}
    for event in events:
        if event.user not in users:
            users[event.user] = mint(base_iri, "user", event.user)
            yield from user_statements([event.user], base_iri)
        user, item = users[event.user], items[event.item]
        if not event.acts and event.weight:
            predicate = RATED_UP if event.weight > 0 else RATED_DOWN
            yield Statement(Triple(user, predicate, item), part=USERS)
        for act in filter(_happened, event.acts):
            positive = act.strength > 0
            predicate = act_predicate(act.kind, base_iri, positive=positive)
            if predicate not in {*CHOICES, RATED_DOWN}:
                own[predicate] = (act.kind, positive)
            strength = round(abs(act.strength), 4)
            yield Statement(Triple(user, predicate, item), part=USERS, strength=strength)
    for predicate, (kind, positive) in sorted(own.items()):
        parent = CHOSE if positive else REJECTED
        yield Statement(Triple(predicate, _SUB_PROPERTY, parent), part=USERS)
        yield Statement(Triple(predicate, LABEL, Literal(kind)), part=USERS)


def _happened(act: Act) -> bool:
    return act.strength != 0.0 or act.kind == "rating"


def friend_statements(friends: Sequence[Friend], base_iri: str) -> Iterator[Statement]:
    """Return who knows whom, and the users themselves; the closest friend has strength 1."""
    closest: dict[str, float] = {}
    for friend in friends:
        closest[friend.user] = max(friend.weight, closest.get(friend.user, 0.0))
    for friend in friends:
        user, other = (mint(base_iri, "user", name) for name in friend[:2])
        strength = friend.weight / closest[friend.user]
        yield Statement(Triple(user, KNOWS, other), part=USERS, strength=strength)
        yield from user_statements(friend[:2], base_iri)
