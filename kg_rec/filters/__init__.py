"""Which items may be recommended: by kind, by what they have to do with, by expression or SPARQL.

* ``catalogue``: what the graph says of the items, as arrays of rows;
* ``expressions``: conditions such as ``year >= 1990 and genre == 'Crime'``;
* ``restrict``: all of these together.
"""

from __future__ import annotations

from kg_rec.filters.catalogue import Catalogue, Values
from kg_rec.filters.expressions import matching
from kg_rec.filters.restrict import NO_RESTRICTION, ItemFilter, Restriction

__all__ = ["NO_RESTRICTION", "Catalogue", "ItemFilter", "Restriction", "Values", "matching"]
