"""Names of the examples that are worth knowing: where they stand, they mostly are names."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kg_rec.ontology import Pattern
from kg_rec.text.candidates import Known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spacy.language import Language
    from spacy.tokens import Doc

    from kg_rec.text.pair_patterns import Place

__all__ = ["names_worth_knowing"]

_LEAST_SUPPORT = 2
_LEAST_PRECISION = 0.5


def names_worth_knowing(
    nlp: Language, read: Sequence[tuple[Doc, Sequence[Sequence[Place]]]], language: str
) -> list[Pattern]:
    """Return the names that at least two examples have, and that are names where they stand.

    Args:
        nlp: The pipeline that read the examples.
        read: Each example with its names.
        language: Of the texts.
    """
    named = [{here.text for places in names for here in places} for _, names in read]
    known = Known(nlp, set().union(*named)) if named else None
    stands: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for (doc, _), names in zip(read, named, strict=True):
        texts = {doc[start:end].text for start, end in known.longest(doc)} if known else set()
        stands.update(texts)
        held.update(texts & names)
    return [
        Pattern(name, None, count, round(count / stands[name], 2), language)
        for name, count in sorted(held.items())
        if count >= _LEAST_SUPPORT and count / stands[name] >= _LEAST_PRECISION
    ]
