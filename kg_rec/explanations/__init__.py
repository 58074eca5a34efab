"""The terms of a score, written as paths through the graph with their evidence.

The score is ``Σ_s Σ_c P[s, c] · V[i, c]`` over the sources s of the profile and the columns c of
item i. Each nonzero product is one contribution; their sum is the score (law 1).

* ``terms``: what an explanation is made of;
* ``explainer``: splits scores into terms;
* ``words``: what they say, in English and Chinese;
* ``paths``: the best paths between any two nodes.
"""

from __future__ import annotations

from kg_rec.explanations.explainer import Explainer
from kg_rec.explanations.paths import Path, best_paths
from kg_rec.explanations.recommendation import Recommendation
from kg_rec.explanations.terms import Contribution, Contributions, Hop

__all__ = [
    "Contribution",
    "Contributions",
    "Explainer",
    "Hop",
    "Path",
    "Recommendation",
    "best_paths",
]
