"""The cosine kernel."""

from __future__ import annotations

from scipy import sparse

from kg_rec.vectors import unit_rows

__all__ = ["cosine"]


def cosine(queries: sparse.csr_array, items: sparse.csr_array) -> sparse.csr_array:
    """Return the cosines of all rows of both matrices, as CSR (queries × items).

    A row of zeros has cosine 0 with every row.

    Examples:
        >>> u = sparse.csr_array([[0.5, 0.3, 0.2]])
        >>> v = sparse.csr_array([[0.4, 0.5, 0.1], [0.6, 0.2, 0.2], [0.3, 0.4, 0.3]])
        >>> cosine(u, v).toarray().round(4).tolist()
        [[0.9262, 0.9782, 0.9181]]
    """
    return sparse.csr_array(unit_rows(queries) @ unit_rows(items).T)
