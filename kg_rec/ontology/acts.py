"""The predicates of what users do: what happened, and whether it speaks for the item."""

from __future__ import annotations

from kg_rec.ids import KGREC, SCHEMA, Iri, Namespace, mint
from kg_rec.ontology.terms import RATED_DOWN, RATED_UP

__all__ = [
    "ACTS",
    "CHOICES",
    "CHOSE",
    "FOAF_KNOWS",
    "KNOWS",
    "REJECTED",
    "SEGMENT",
    "act_predicate",
]

CHOSE = KGREC["chose"]
"""What all acts that speak for an item imply."""
REJECTED = KGREC["rejected"]
"""What all acts that speak against an item imply."""
ACTS = {
    "view": KGREC["viewed"],
    "click": KGREC["clicked"],
    "dwell": KGREC["dweltOn"],
    "favourite": KGREC["favourited"],
    "purchase": KGREC["purchased"],
}
"""The predicate of each kind of event that is known without settings, ratings apart."""
CHOICES = (RATED_UP, *ACTS.values())
"""The predicates from a user to an item that speak for it."""
KNOWS = SCHEMA["knows"]
"""From a user to a friend."""
FOAF_KNOWS = Namespace("http://xmlns.com/foaf/0.1/")["knows"]
"""The same in FOAF; read, not written."""
SEGMENT = KGREC["segment"]
"""From a user to the name of a segment, as in ``"country=FR"``."""


def act_predicate(kind: str, base_iri: str, *, positive: bool) -> Iri:
    """Return the predicate of a kind of event; a kind that the settings add gets a minted one.

    Examples:
        >>> act_predicate("view", "https://example.org/", positive=True).local_name
        'viewed'
        >>> act_predicate("skip", "https://example.org/", positive=False)
        Iri('https://example.org/event/skip')
    """
    if kind == "rating":
        return RATED_UP if positive else RATED_DOWN
    return ACTS.get(kind) or mint(base_iri, "event", kind)
