"""Re-ranks what was recommended, and says in words why each item is where it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import sparse

from kg_rec.config import Config
from kg_rec.errors import DataError
from kg_rec.explanations import Contribution, Contributions
from kg_rec.explanations.words import wording
from kg_rec.ontology.texts import HAS_WORD, MENTIONS
from kg_rec.profiles import Source
from kg_rec.ranking.reranking import Cap, Pool, Term, rerank
from kg_rec.vectors import unit_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from kg_rec.config import RerankConfig
    from kg_rec.filters import Catalogue, Restriction
    from kg_rec.profiles import Profile
    from kg_rec.ranking.reranking import Place, Skip
    from kg_rec.vectors import ItemVectors

__all__ = ["Listed", "Move", "Reordered", "Reorderer", "joined", "reranking_of", "shortage"]

NAMED = 3
"""Shared facts that are named where an item is like one above it; the others are summed."""

_SOURCES = {
    "en": {
        "diversity": Source("rerank", "diversity", "variety of the list"),
        "novelty": Source("rerank", "novelty", "things not everybody knows"),
        "calibration": Source("rerank", "calibration", "the balance of your history"),
    },
    "zh": {
        "diversity": Source("rerank", "diversity", "列表的多样性"),
        "novelty": Source("rerank", "novelty", "不为人人所知"),
        "calibration": Source("rerank", "calibration", "与你的历史相称"),
    },
}
_WORDS = {
    "en": {
        "again": "again {words}",
        "tie": "like {other} above it",
        "nth": "number {n} so in the list",
        "others": "{n} more facts shared",
        "novelty": "liked by only {likes} of {users} people",
        "first": "brings {value}, of which the list had none ({share} of your history)",
        "more": "adds to {value} ({share} of your history)",
        "cap": "the list already has {n} with {relation} {value}",
        "up": "re-ranking put it before others",
        "down": "re-ranking put others before it",
        "below": "place {n} before re-ranking",
    },
    "zh": {
        "again": "又一部{words}",
        "tie": "与排在前面的{other}相同",
        "nth": "列表中第{n}部",
        "others": "另有{n}项相同",
        "novelty": "{users}人中只有{likes}人喜欢",
        "first": "带来列表中还没有的{value}（占你历史的{share}）",
        "more": "增加{value}（占你历史的{share}）",
        "cap": "列表中已有{n}部，{relation}为{value}",
        "up": "重新排序使其前移",
        "down": "重新排序使其后移",
        "below": "重新排序前为第{n}位",
    },
}


class Move(NamedTuple):
    """What re-ranking did with an item.

    Attributes:
        item: Its id.
        label: Its name.
        before: Its place without re-ranking, from 1.
        after: Its place now; None if it is not in the list.
        why: The reason in words.
    """

    item: str
    label: str
    before: int
    after: int | None
    why: str


class Listed(NamedTuple):
    """An item of a re-ranked list.

    Attributes:
        row: Its row.
        score: Its score with what re-ranking added.
        terms: What re-ranking added, in words; with those of the score itself they sum to it.
    """

    row: int
    score: float
    terms: tuple[Contribution, ...]


class Reordered(NamedTuple):
    """A re-ranked list, best first, and all that changed its place or was kept out by a cap."""

    items: list[Listed]
    moves: list[Move]


class Reorderer:
    """Re-ranks lists of the items of one model.

    Args:
        vectors: All item vectors.
        catalogue: The items and what is known of them.
        events: CSR (users × items) of signed weights.
        language: Language of the words: ``en``, ``zh``.
    """

    def __init__(
        self,
        vectors: ItemVectors,
        catalogue: Catalogue,
        events: sparse.csr_array,
        language: str = "en",
    ) -> None:
        self.vectors = vectors
        self.catalogue = catalogue
        self.events = events
        self.language = language if language in _WORDS else "en"
        self._words = _WORDS[self.language]

    def reorder(
        self,
        profile: Profile,
        rows: Sequence[int],
        scores: Sequence[float],
        k: int,
        config: RerankConfig,
    ) -> Reordered:
        """Return the best list of k of some candidates.

        Args:
            profile: For whom: calibration follows what it has liked.
            rows: Rows of the candidates, best first.
            scores: Their scores.
            k: How many.
            config: What counts how much.

        Raises:
            UnknownIdError: A relation named in ``config`` is not one of the ontology.
            DataError: A facet has no values.
        """
        if not config.active:
            plain = zip(rows[:k], scores[:k], strict=True)
            return Reordered([Listed(row, score, ()) for row, score in plain], [])
        chosen = np.asarray(rows, dtype=np.int64)
        columns = self._feature_columns(config.features) if config.diversity else []
        facets, codes = self._facets(config.facet) if config.calibration else (None, None)
        wanted = None if facets is None else self._wanted(profile, facets)
        caps = [(name, most, *self._incidence(name)) for name, most in config.caps.items()]
        pool = Pool(
            np.asarray(scores, dtype=np.float64),
            config.diversity,
            self._features(chosen, columns) if config.diversity else None,
            config.novelty,
            self._novel()[chosen] if config.novelty else None,
            config.calibration,
            None if facets is None or wanted is None else sparse.csr_array(facets[chosen]),
            wanted,
            [Cap(sparse.csr_array(matrix[chosen]), most) for _, most, matrix, _ in caps],
        )
        places, skips = rerank(pool, k)
        say = _Sayer(self, rows, columns, codes, wanted)
        items = [Listed(rows[p.candidate], p.score, say.terms(p)) for p in places]
        named = [(name, most, values) for name, most, _, values in caps]
        return Reordered(items, self._moves(rows, places, skips, named))

    # --- what is compared ------------------------------------------------------------------------

    def _feature_columns(self, names: Sequence[str]) -> list[int]:
        """Return the columns of facts by which items are alike."""
        if names:
            used = {self.catalogue.relation(name).iri for name in names}
        else:
            used = set(self.catalogue.ontology.reasons) - {HAS_WORD, MENTIONS}
        columns = enumerate(self.vectors.columns)
        return [n for n, c in columns if c.block == "facts" and c.predicate in used]

    def _features(self, rows: NDArray[np.int64], columns: Sequence[int]) -> sparse.csr_array:
        return unit_rows(sparse.csr_array(abs(self.vectors.matrix[rows][:, columns])))

    def _incidence(self, relation: str) -> tuple[sparse.csr_array, NDArray[np.int64]]:
        """Return which item has which value of a relation (items × values), and the values."""
        rows, codes = self.catalogue.values(relation)
        used, columns = np.unique(codes, return_inverse=True)
        shape = (len(self.catalogue), len(used))
        matrix = sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=shape)
        return matrix.tocsr(), used

    def _facets(self, relation: str) -> tuple[sparse.csr_array, NDArray[np.int64]]:
        matrix, codes = self._incidence(relation)
        if not len(codes):
            raise DataError(f"calibration: no item has a value of the facet {relation!r}")
        counts = np.asarray(matrix.sum(axis=1))
        return sparse.csr_array(sparse.diags_array(1 / np.maximum(counts, 1)) @ matrix), codes

    def _wanted(self, profile: Profile, facets: sparse.csr_array) -> NDArray[np.float64] | None:
        """Return the shares of the facet values in what is liked; None if nothing is known."""
        row_of = {iri: row for row, iri in enumerate(self.catalogue.items)}
        liked = np.zeros(len(self.catalogue))
        for source in profile.sources:
            if (
                source.iri in row_of
                and source.positive
                and source.kind in {"history", "preference"}
            ):
                liked[row_of[source.iri]] = source.strength
        shares = np.asarray(facets.T @ liked)
        total = float(shares.sum())
        return shares / total if total > 0 else None

    def likes(self) -> NDArray[np.int64]:
        """Return how many users like each item."""
        liked = self.events.indices[self.events.data > 0]
        return np.bincount(liked, minlength=self.events.shape[1])

    def _novel(self) -> NDArray[np.float64]:
        """Return ``-log p / log n``: 1 for what one of n users likes at most, 0 for what all do."""
        users = max(self.events.shape[0], 2)
        return np.asarray(np.log(users / np.clip(self.likes(), 1, users)) / np.log(users))

    # --- what is told of moves -------------------------------------------------------------------

    def _moves(
        self,
        rows: Sequence[int],
        places: Sequence[Place],
        skips: Sequence[Skip],
        caps: Sequence[tuple[str, int, NDArray[np.int64]]],
    ) -> list[Move]:
        found = []
        for after, place in enumerate(places, start=1):
            before = place.candidate + 1
            if before != after:
                why = self._words["up" if after < before else "down"]
                found.append(self._move(rows, place.candidate, after, why))
        found += [self._move(rows, s.candidate, None, self._why(s, caps)) for s in skips]
        listed = {place.candidate for place in places} | {skip.candidate for skip in skips}
        out = (n for n in range(len(places)) if n not in listed)
        found += [self._move(rows, n, None, self._words["down"]) for n in out]
        return found

    def _move(self, rows: Sequence[int], candidate: int, after: int | None, why: str) -> Move:
        row = rows[candidate]
        return Move(self.catalogue.ids[row], self.label(row), candidate + 1, after, why)

    def _why(self, skip: Skip, caps: Sequence[tuple[str, int, NDArray[np.int64]]]) -> str:
        name, most, codes = caps[skip.cap]
        relation = self.catalogue.relation(name)
        called = relation.labels.get(self.language, (relation.iri.local_name,))[0]
        value = self.name(int(codes[skip.value]))
        return self._words["cap"].format(n=most, relation=called, value=value)

    def label(self, row: int) -> str:
        """Return the name of an item."""
        graph, iri = self.catalogue.graph, self.catalogue.items[row]
        return graph.label(iri, None if self.language == "en" else self.language)

    def name(self, code: int) -> str:
        """Return the name of a value."""
        graph = self.catalogue.graph
        return graph.label(graph.terms[code], None if self.language == "en" else self.language)


class _Sayer:
    """Puts the terms of one list into words."""

    def __init__(
        self,
        owner: Reorderer,
        rows: Sequence[int],
        columns: Sequence[int],
        codes: NDArray[np.int64] | None,
        wanted: NDArray[np.float64] | None,
    ) -> None:
        self.owner = owner
        self.rows = rows
        self.columns = columns
        self.codes = codes
        self.wanted = wanted
        self.words = _WORDS[owner.language]
        self.sources = _SOURCES[owner.language]

    def terms(self, place: Place) -> tuple[Contribution, ...]:
        """Return what was added to a score, in words; small shared facts are summed."""
        alike = sorted((t for t in place.terms if t.kind == "diversity"), key=lambda t: t.value)
        found = [self._alike(term) for term in alike[:NAMED]]
        if rest := alike[NAMED:]:
            words = self.words["others"].format(n=len(rest))
            value = sum(term.value for term in rest)
            found.append(self._said("diversity", value, words, self._tie(rest[0])))
        for term in place.terms:
            if term.kind == "novelty":
                found.append(self._novel(term, self.rows[place.candidate]))
            elif term.kind == "calibration":
                found.append(self._balance(term))
        return tuple(found)

    def _said(self, kind: str, value: float, fact: str, tie: str = "") -> Contribution:
        return Contribution(value, self.sources[kind], (), fact, tie=tie)

    def _alike(self, term: Term) -> Contribution:
        column = self.owner.vectors.columns[self.columns[term.key]]
        catalogue, language = self.owner.catalogue, self.owner.language
        label = catalogue.graph.label(column.object, None if language == "en" else language)
        words = wording(catalogue.ontology, column.predicate, language).replace("{object}", label)
        tie = self._tie(term)
        if term.times > 1:
            comma = ", " if language == "en" else "，"
            tie += comma + self.words["nth"].format(n=term.times + 1)
        return self._said("diversity", term.value, self.words["again"].format(words=words), tie)

    def _tie(self, term: Term) -> str:
        return self.words["tie"].format(other=self.owner.label(self.rows[term.other]))

    def _novel(self, term: Term, row: int) -> Contribution:
        likes, users = int(self.owner.likes()[row]), self.owner.events.shape[0]
        words = self.words["novelty"].format(likes=f"{likes:,}", users=f"{users:,}")
        return self._said("novelty", term.value, words)

    def _balance(self, term: Term) -> Contribution:
        if self.codes is None or self.wanted is None:
            raise AssertionError
        words = self.words["more" if term.times else "first"]
        value = self.owner.name(int(self.codes[term.key]))
        share = f"{self.wanted[term.key]:.0%}"
        return self._said("calibration", term.value, words.format(value=value, share=share))


def reranking_of(given: RerankConfig | Mapping[str, Any] | None, config: Config) -> RerankConfig:
    """Return the settings of re-ranking: what is given, else those of the configuration.

    Raises:
        ConfigError: A setting is not as expected.
    """
    if given is None:
        return config.rerank
    if not isinstance(given, Mapping):
        return given
    return Config.parse({"rerank": dict(given)}).rerank


def shortage(found: int, k: int, restriction: Restriction, config: RerankConfig) -> str:
    """Return why a list is shorter than was asked for, or nothing if no wish is the reason."""
    if found >= k:
        return ""
    left = "" if restriction.rows is None else _passing(len(restriction.rows))
    if left and not found:
        return f"{left}, and nothing of that is new"
    if config.caps:
        caps = ", ".join(f"{most} by {name}" for name, most in config.caps.items())
        return f"the caps ({caps}) leave {found} of the best {config.pool:,} items"
    return f"only {left}" if left else ""


def _passing(count: int) -> str:
    return "1 item passes the filter" if count == 1 else f"{count:,} items pass the filter"


def joined(own: Sequence[Contribution], added: Sequence[Contribution]) -> Contributions:
    """Return the terms of a score and those that re-ranking added, the largest first.

    Terms that are made when asked for stay so.
    """
    values = own.values if isinstance(own, Contributions) else np.array([c.value for c in own])
    both = np.concatenate([values, np.array([c.value for c in added], dtype=np.float64)])
    order = np.argsort(-np.abs(both), kind="stable")

    def make(place: int) -> Contribution:
        number = int(order[place])
        return own[number] if number < len(own) else added[number - len(own)]

    return Contributions(both[order], make)
