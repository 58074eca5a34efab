"""The data of an evaluation: events by part, the catalogue, the graph, the candidates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from kg_rec import io
from kg_rec.config import Config
from kg_rec.errors import ConfigError, DataError
from kg_rec.evaluation import splits, tables
from kg_rec.evaluation.config import EvaluationConfig, SplitConfig
from kg_rec.evaluation.linking import link_items
from kg_rec.graph import KnowledgeGraph
from kg_rec.ids import IdIndex
from kg_rec.io.endpoint import is_endpoint
from kg_rec.io.recbole import is_label
from kg_rec.io.rows import RowError, name_of
from kg_rec.locating import located

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec.evaluation.config import DataConfig
    from kg_rec.evaluation.tables import Events

__all__ = ["PARTS", "EvaluationData", "load_data"]

PARTS = ("train", "valid", "test")


@dataclass(frozen=True, eq=False)
class EvaluationData:
    """All that an evaluation reads.

    Attributes:
        name: What it is called: the configuration's name.
        config: The settings, without ``data``; paths are found.
        users: Ids of all users, sorted.
        items: Ids of all items, sorted.
        parts: Events of ``train``, ``valid`` and ``test``; codes into ``users`` and ``items``.
        candidates: Rows of the items to rank among, by part; None for all.
        table: The catalogue as a table of items.
        graph: What files say of it.
        sources: Further tables: ``texts``, ``users``, ``friends``.
        endpoints: SPARQL servers with further facts.
    """

    name: str
    config: Config
    users: IdIndex
    items: IdIndex
    parts: Mapping[str, Events]
    candidates: Mapping[str, NDArray[np.int64] | None]
    table: io.Table
    graph: KnowledgeGraph
    sources: Mapping[str, Any]
    endpoints: Sequence[str] = ()

    @cached_property
    def like_at(self) -> float:
        """The rating from which an item is liked."""
        at = self.config.interactions.like_at
        return -np.inf if at is None else at

    def judged_part(self, on: str | None = None) -> str:
        """Return the part to judge by: what is asked, else ``test``, else ``valid``.

        Raises:
            DataError: There is no such part.
        """
        part = on or ("test" if len(self.parts["test"]) else "valid")
        if not len(self.parts[part]):
            raise DataError(f"{self.name}: there are no {part} events to judge by")
        return part

    def training(self, part: str) -> Events:
        """Return what is learned from before a part is judged: for the test, ``valid`` too."""
        names = ("train",) if part == "valid" else ("train", "valid")
        return _joined([self.parts[name] for name in names if len(self.parts[name])])

    def liked(self, events: Events) -> sparse.csr_array:
        """Return which users liked which items: float64 CSR (users × items) of ones."""
        if events.kinds is not None:
            return self._weighed(events)
        if events.ratings is not None:
            events = events.take(events.ratings >= self.like_at)
        return self.matrix(events)

    def _weighed(self, events: Events) -> sparse.csr_array:
        """Return which users have done more with an item that speaks for it than against it."""
        settings, dislike = self.config.interactions, self.config.ranking.dislike
        found = io.read_interactions(
            self.interactions(events), settings, self.items.ids, dislike=dislike
        )
        liked = [event for event in found if event.weight > 0]
        users = self.users.rows(event.user for event in liked)
        items = self.items.rows(event.item for event in liked)
        return self.matrix(replace(events, users=users, items=items))

    def matrix(self, events: Events) -> sparse.csr_array:
        """Return which users had which items: float64 CSR (users × items) of ones."""
        cells = (np.ones(len(events)), (events.users, events.items))
        shape = (len(self.users), len(self.items))
        found = sparse.csr_array(sparse.coo_array(cells, shape=shape).tocsr())
        found.sum_duplicates()
        found.data[:] = 1.0
        return found

    def interactions(self, events: Events) -> io.Table:
        """Return events as the table that a model is built from."""
        settings = self.config.interactions
        users, items = self.users.ids, self.items.ids
        columns: dict[str, list[Any]] = {
            settings.user: [users[row] for row in events.users.tolist()],
            settings.item: [items[row] for row in events.items.tolist()],
        }
        graded = settings.like_at is not None or events.kinds is not None
        if events.ratings is not None and graded:
            columns[settings.weight] = events.ratings.tolist()
        if events.kinds is not None:
            columns[settings.kind] = events.kinds.tolist()
        if events.times is not None:
            columns[settings.timestamp] = events.times.tolist()
        return io.Table("training events", columns)


def load_data(source: EvaluationConfig | str | Path) -> EvaluationData:
    """Read all that a configuration names.

    Args:
        source: A TOML file; or settings, whose paths are relative to the current folder.

    Raises:
        ConfigError: A setting is not as expected.
        DataError: A table or file is not as expected.
    """
    if isinstance(source, EvaluationConfig):
        return _load(source, Path(), "evaluation")
    return _load(EvaluationConfig.load(source), Path(source).parent, Path(source).stem)


def _load(settings: EvaluationConfig, base: Path, name: str) -> EvaluationData:
    data = settings.data
    events = _events(settings, base)
    named = _Named.read(settings, base)
    had = {item for found in events.values() for item in found.item_ids}
    users = IdIndex((user for found in events.values() for user in found.user_ids), kind="user")
    items = IdIndex({*had, *named.items}, kind="item")
    parts = {part: _recoded(found, users, items) for part, found in events.items()}
    stored = [*data.graph, *settings.graph]
    nodes, graph = link_items(
        items.ids, _graph(stored, settings, base), named.links, settings.base_iri
    )
    return EvaluationData(
        name=name,
        config=_plain(settings, base),
        users=users,
        items=items,
        parts=parts,
        candidates=_candidates(data, base, named, parts, items, had),
        table=_catalogue(named.table, items.ids, [str(node) for node in nodes]),
        graph=graph,
        sources={
            kind: base / path
            for kind in ("texts", "users", "friends")
            if (path := getattr(settings, kind).path) is not None
        },
        endpoints=[name for name in stored if is_endpoint(name)],
    )


def _plain(settings: EvaluationConfig, base: Path) -> Config:
    """Return the settings of the model. Graphs of others are not checked unless that is set."""
    named = {name: name for name in ("id", "label", "iri")}  # as the table of items names them
    changed: dict[str, Any] = {"graph": (), "items": settings.items.model_copy(update=named)}
    if "validation" not in settings.model_fields_set:
        changed["validation"] = "off"
    values = {name: getattr(settings, name) for name in Config.model_fields} | changed
    return located(base, Config.model_construct(settings.model_fields_set - {"data"}, **values))


# --- events --------------------------------------------------------------------------------------


def _events(settings: EvaluationConfig, base: Path) -> dict[str, Events]:
    data, names = settings.data, settings.interactions
    if data.train is None:
        path = data.interactions or names.path
        if path is None:
            raise ConfigError("data: expected train and test (or valid), or interactions to split")
        return _split(tables.read_events(base / path, names), data.split or SplitConfig())
    found = {}
    for part in PARTS:
        path = getattr(data, part)
        found[part] = tables.NO_EVENTS if path is None else tables.read_events(base / path, names)
        if path is not None and not len(found[part]):
            raise DataError(f"{base / path}: expected events below the header, found none")
    return found


def _split(events: Events, split: SplitConfig) -> dict[str, Events]:
    shares = {"valid": split.valid, "test": split.test}
    if split.kind == "time":
        if events.times is None:
            raise DataError("data.split: 'time' needs a column 'timestamp', found none")
        parts = splits.by_time(events.users, events.times, **shares)
    elif split.kind == "leave-one-out":
        parts = splits.leave_one_out(events.users, events.times, seed=split.seed)
    elif split.kind == "cold-item":
        parts = splits.cold_items(events.items, **shares, seed=split.seed)
    elif split.kind == "cold-user":
        known = split.known
        parts = splits.cold_users(events.users, **shares, known=known, seed=split.seed)
    else:
        parts = splits.random(events.users, **shares, seed=split.seed)
    return {name: events.take(parts == number) for number, name in enumerate(PARTS)}


def _recoded(events: Events, users: IdIndex, items: IdIndex) -> Events:
    """Return events with rows of the common indexes."""
    return replace(
        events,
        users=users.rows(events.user_ids)[events.users],
        items=items.rows(events.item_ids)[events.items],
        user_ids=users.ids,
        item_ids=items.ids,
    )


def _joined(parts: Sequence[Events]) -> Events:
    """Return the events of several parts that have common indexes."""
    if len(parts) == 1:
        return parts[0]

    def column(name: str) -> Any:
        columns = [getattr(part, name) for part in parts]
        return None if any(c is None for c in columns) else np.concatenate(columns)

    names = ("users", "items", "ratings", "times", "kinds")
    return replace(parts[0], **{name: column(name) for name in names})


# --- items ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Named:
    """The items that files other than those of events name."""

    table: io.Table | None
    links: Mapping[str, str]
    candidates: Mapping[str, Mapping[str, int]]

    @classmethod
    def read(cls, settings: EvaluationConfig, base: Path) -> _Named:
        data = settings.data
        files = data.candidates.model_dump(exclude_none=True)
        return cls(
            table=_item_table(settings, base),
            links=tables.read_links(base / data.links) if data.links else {},
            candidates={part: tables.read_ids(base / path) for part, path in files.items()},
        )

    @cached_property
    def listed(self) -> set[str]:
        return set() if self.table is None else set(self.table.columns["id"])

    @cached_property
    def items(self) -> set[str]:
        return self.listed.union(self.links, *self.candidates.values())


def _item_table(settings: EvaluationConfig, base: Path) -> io.Table | None:
    """Return the table of items with its columns named ``id``, ``label`` and ``iri``."""
    path = settings.data.items or settings.items.path
    if path is None:
        return None
    table = tables.read_items(base / path)
    columns = dict(table.columns)
    for name, names in (
        ("id", (settings.items.id, *tables.ITEM)),
        ("label", (settings.items.label, *(name for name in columns if is_label(name)))),
        ("iri", (settings.items.iri,)),
    ):
        found = next((other for other in names if other in columns), None)
        if found is not None:
            columns[name] = columns.pop(found)
    if "id" not in columns:
        there = ", ".join(map(repr, table.columns))
        raise DataError(f"{base / path}, line 1: no column 'item_id'; columns: {there}")
    columns["id"] = [_id(table, row, cell) for row, cell in enumerate(columns["id"])]
    return io.Table(table.name, columns, table.lines)


def _id(table: io.Table, row: int, cell: Any) -> str:
    try:
        return name_of("item_id", cell)
    except RowError as problem:
        raise DataError(f"{table.name}, {table.place(row)}, {problem}") from None


def _catalogue(table: io.Table | None, items: Sequence[str], nodes: Sequence[str]) -> io.Table:
    """Return all items as a table; the node that an item states itself comes before its link."""
    if table is None:
        return io.Table("items", {"id": list(items), "iri": list(nodes)})
    row_of = {name: row for row, name in enumerate(table.columns["id"])}
    if len(row_of) < len(table):
        twice = next(n for r, n in enumerate(table.columns["id"]) if row_of[n] != r)
        raise DataError(f"{table.name}: item {twice!r} is there twice")
    rows = [row_of.get(item) for item in items]
    columns = {
        name: [None if row is None else column[row] for row in rows]
        for name, column in table.columns.items()
    }
    stated = columns.get("iri", [None] * len(items))
    columns["iri"] = [own or node for own, node in zip(stated, nodes, strict=True)]
    return io.Table(table.name, columns | {"id": list(items)})


def _candidates(
    data: DataConfig,
    base: Path,
    named: _Named,
    parts: Mapping[str, Events],
    items: IdIndex,
    had: set[str],
) -> dict[str, NDArray[np.int64] | None]:
    """Return the rows of the items to rank among, by part; cold items are ranked by themselves."""
    found: dict[str, NDArray[np.int64] | None] = {"valid": None, "test": None}
    for part, lines in named.candidates.items():
        known = named.listed | had
        strange = [item for item in lines if item not in known and item not in named.links]
        if strange and (named.listed or len(strange) == len(lines)):
            path = base / getattr(data.candidates, part)
            line = lines[strange[0]]
            raise DataError(f"{path}, line {line}: {strange[0]!r} is no item of the data")
        found[part] = items.rows(lines)
    if data.split and data.split.kind == "cold-item":
        for part in found.keys() - named.candidates.keys():
            found[part] = np.unique(parts[part].items)
    if found["test"] is not None and found["valid"] is None:
        asked = np.unique(parts["valid"].items)
        found["valid"] = found["test"] if np.isin(asked, found["test"]).all() else asked
    return found


# --- graph ---------------------------------------------------------------------------------------


def _graph(names: Iterable[str], settings: EvaluationConfig, base: Path) -> KnowledgeGraph:
    files = [str(base / name) for name in names if not is_endpoint(name)]
    if not files:
        return KnowledgeGraph.from_statements(())
    return KnowledgeGraph.read(*files, base_iri=settings.base_iri)
