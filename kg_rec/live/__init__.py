"""What changes a model while it is used: events, items, feedback, and requests to be forgotten.

Nothing is changed in place: a change makes new parts, and a copy of a recommender made before it
(``copy.copy``) goes on as it was. With a journal a change is on disk before it is seen.
"""

from __future__ import annotations

import copy
import math
import time
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kg_rec import bundle, io
from kg_rec.config import seconds
from kg_rec.errors import ConfigError, DataError, KgRecError, ModelError
from kg_rec.explanations.tuning import Wishes
from kg_rec.folding import folded
from kg_rec.journal import Journal
from kg_rec.live.feedback import Feedback, remembered
from kg_rec.live.privacy import moment_of, without_events, without_user
from kg_rec.live.user_data import UserData, user_data
from kg_rec.pseudonyms import Pseudonyms, pseudonymous
from kg_rec.serving import Serving

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kg_rec.building import Progress
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.live.item_reading import ItemReader
    from kg_rec.model import Model

__all__ = ["Live"]


class Live(Serving):
    """A model that takes in what happens.

    Args:
        model: The model.
    """

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self._journal: Journal | None = None
        self._folder: Path | None = None
        self._taken = {*model.log.ids.tolist()} - {0}
        self.pseudonyms = Pseudonyms.of_environment()

    # --- changes -----------------------------------------------------------------------------

    def update(self, events: Any) -> int:
        """Take in events; the next call reflects them.

        What depends on a user's own history is as if the model had been built with the events.
        What is learned of many users together follows with :meth:`refresh`.

        Args:
            events: A table as that of ``interactions``, of users known or new and items of the
                catalogue. An event with an id that was taken before is passed over. In a model
                that knows times, one without a time happens now.

        Returns:
            How many events were taken.

        Raises:
            DataError: A row is not as expected; no event is taken then, unless bad rows are
                dropped.

        Examples:
            >>> import pandas as pd
            >>> from kg_rec import Recommender
            >>> liked = pd.DataFrame({"user": ["u", "v", "v"], "item": ["a", "a", "c"]})
            >>> quick = {"embeddings": {"epochs": 0}}
            >>> items = pd.DataFrame({"id": ["a", "b", "c"]})
            >>> model = Recommender.fit(items=items, interactions=liked, config=quick)
            >>> model.update(pd.DataFrame({"user": ["new"], "item": ["a"]}))
            1
            >>> model.recommend("new")[0].item
            'c'
        """
        rows = self._unseen(self._read_events(io.read_table(events, "events")))
        if rows:
            self._do("update", {"rows": [_jsonable(row) for row in rows]})
            self._taken.update(row.id for row in rows)
        return len(rows)

    def add_items(
        self, items: Any, texts: Any = None, *, vectors: Mapping[str, Any] | None = None
    ) -> list[str]:
        """Put new items into the catalogue; they can be recommended and explained at once.

        Args:
            items: A table as that of ``items``.
            texts: A table as that of ``texts``, where the items table has no prose.
            vectors: Vectors that come with them, by name, for names that the model has; as in
                :meth:`Recommender.fit`. An item without one has no such likeness.

        Returns:
            Their ids.

        Raises:
            DataError: A row is not as expected, or the catalogue has the item; none is added then,
                unless bad rows are dropped.
        """
        config = self._base.config
        rows = io.read_table(items, "items")
        tables: dict[str, Any] = {"items": self._blotted(rows, config.items.text)}
        if texts is not None:
            table = io.read_table(texts, "texts")
            tables["texts"] = self._blotted(table, config.texts.text)
        if vectors:
            from kg_rec.features import features_of_new  # noqa: PLC0415 - seldom needed

            tables["vectors"] = features_of_new(config, vectors, rows)
        before = {item.id for item in self._base.items}
        self._do("add_items", tables)
        return [item.id for item in self._base.items if item.id not in before]

    def remove_items(self, ids: Sequence[str]) -> None:
        """Take items out of the catalogue, with all that only they brought.

        Args:
            ids: Their ids.

        Raises:
            UnknownIdError: The catalogue has no such item.
        """
        for item in ids:
            self._item_index.row(item)
        self._do("remove_items", {"ids": list(ids)})

    def feedback(
        self,
        user: str,
        item: str | None = None,
        verdict: str | None = None,
        *,
        mute: str | Sequence[Any] = (),
        boost: str | Sequence[Any] = (),
        time: Any = None,
    ) -> None:
        """Take in what somebody says of items and reasons; it holds from the next call on.

        Args:
            user: A user, known or new.
            item: Id of an item.
            verdict: What is said of the item: ``like`` and ``dislike`` count as events; ``hide``
                keeps it out of the user's lists, and says nothing of the taste; ``seen`` does, too,
                for what is known already; ``clear`` takes back what was said of the item or of the
                reasons named, without both all but likes and dislikes.
            mute: Reasons that are to count nothing, as in :meth:`Recommender.recommend`.
            boost: Reasons that are to count double. What is said last of a reason holds.
            time: When it was said: seconds since 1970 or ISO 8601; without it now, in a model that
                knows times.

        Raises:
            UnknownIdError: There is no such item, verdict or reason.
            DataError: Nothing is said, or only half of something.

        Examples:
            >>> import pandas as pd
            >>> from kg_rec import Recommender
            >>> liked = pd.DataFrame({"user": ["u", "v", "v"], "item": ["a", "a", "c"]})
            >>> quick = {"embeddings": {"epochs": 0}}
            >>> items = pd.DataFrame({"id": ["a", "b", "c"]})
            >>> model = Recommender.fit(items=items, interactions=liked, config=quick)
            >>> model.feedback("u", "c", "hide")
            >>> [best.item for best in model.recommend("u")]
            ['b']
        """
        wishes = Wishes.of(mute, boost)
        moment = None if time is None else moment_of(time)
        if moment is None and math.isfinite(self._now):
            moment = _now()
        told = Feedback(user, item, verdict, wishes.mute, wishes.boost, moment).checked()
        if item is not None:
            self._item_index.row(item)
        if verdict != "clear" and wishes:
            self._tuner.tuning(wishes)
        self._do("feedback", told._asdict())

    def refresh(self, progress: Progress | None = None) -> None:
        """Learn all that is learned of many users together again, and fold it in.

        The model is then as one built from the same data.

        Args:
            progress: Called with (stage, steps done, steps in all).
        """
        from kg_rec.live.refitting import refitted  # noqa: PLC0415 - imports PyKEEN's stage

        self._replace(refitted(self.model, progress))

    def forget(self, user: str) -> None:
        """Take a user out: nothing in the model names the user or comes from the user alone.

        The lists of others are then as if the user had never been there, as far as models are
        updated in place; see :mod:`kg_rec.live.privacy`. With a journal the model folder is
        written anew and the journal emptied, so that nothing is left in them either; without one
        a folder that the model was loaded from is as it was until it is saved. Copies that were
        made before (``copy.copy``) still hold the user.

        Raises:
            UnknownIdError: The model has no such user.
        """
        left = without_user(self.model, user)
        changed = copy.copy(self)  # after what was pending is in the model
        changed._replace(left)
        changed._know_events()  # noqa: SLF001
        if self._journal is not None:
            changed._rebase(journal=self._journal.append(_FORGOTTEN, {}))  # noqa: SLF001
            changed.checkpoint()
        self.__dict__ = changed.__dict__

    def expire(self, now: Any = None) -> int:
        """Drop the events that are older than ``privacy.retention`` allows.

        With a journal the model folder is written anew and the journal emptied, as by
        :meth:`forget`.

        Args:
            now: The time from which age counts: seconds since 1970, a text in ISO 8601 or a
                datetime; None is the present.

        Returns:
            How many events were dropped.

        Raises:
            ConfigError: The settings state no retention.
            DataError: ``now`` is no time.
        """
        kept = seconds(self._base.config.privacy.retention)
        if kept == math.inf:
            raise ConfigError("privacy.retention: not set, expected a duration as '2y'")
        moment = _now() if now is None else moment_of(now)
        before = len(self.model.log)
        self._do("expire", {"before": moment - kept})
        if self._journal is not None:
            self.checkpoint()
        return before - len(self.model.log)

    def export_user(self, user: str) -> UserData:
        """Return all that is held of a user: as JSON (``.json()``) and as RDF (``.rdf()``).

        Raises:
            UnknownIdError: The model has no such user.
        """
        return user_data(self.model, user, self.pseudonyms)

    def export_graph(self, *, users: bool = False, real_ids: bool = False) -> KnowledgeGraph:
        """Return the graph as it may leave the house.

        Args:
            users: Whether what users did and said is in it; under pseudonyms, without their words.
            real_ids: Whether users are named and quoted as they are (personal data).
        """
        model = self.model
        if not users:
            return model.graph.without_users()
        if real_ids:
            return model.graph
        return pseudonymous(model.graph, model.users, model.config.base_iri, self.pseudonyms)

    def checkpoint(self) -> None:
        """Write the model to the folder that it was loaded from, and empty the journal.

        Raises:
            DataError: The model was loaded from no folder.
        """
        if self._folder is None:
            raise DataError("the model was loaded from no folder: save it to one")
        bundle.save(self.model, self._folder)
        self.shorten_journal(self.model.journal)

    def shorten_journal(self, upto: int) -> None:
        """Take changes out of the journal, up to a number that the model in the folder holds."""
        if self._journal is not None:
            self._journal.drop(upto)

    def take_over(self, other: Live) -> None:
        """Take the folder and the journal of a model that this one replaces.

        What the journal holds beyond this model is done again.

        The other one must not be changed any more.

        Raises:
            KgRecError: A change cannot be made in this model; the journal stays where it was.
        """
        self._folder, self.pseudonyms, log = other._folder, other.pseudonyms, other._journal
        if log is not None:
            self._follow(log)

    def close(self) -> None:
        """Close the journal, so that another process may open it."""
        if self._journal is not None:
            self._journal.close()

    # --- inside ------------------------------------------------------------------------------

    def _attach(self, folder: Path, journal: str | Path | None) -> None:
        """Remember the folder, and do again what a journal holds beyond it."""
        self._folder = folder
        self.pseudonyms = Pseudonyms.beside(folder)
        if journal is None:
            return
        log = Journal(journal, self._base.journal)
        try:
            self._follow(log)
        except KgRecError:
            log.close()
            raise

    def _follow(self, log: Journal) -> None:
        """Do again what an open journal holds beyond the model, and write to it from now on."""
        after = self._base.journal
        entries = list(log.entries(after))
        if after and len(entries) != log.seq - after:  # 0 is a model that was built anew
            msg = f"{log.path}: changes from {after + 1} on are not in it any more"
            raise ModelError(f"{msg}: a later model than this one holds them")
        for entry in entries:
            self._apply(entry.op, entry.data)
            self._rebase(journal=entry.seq)
        self._know_events()
        self._journal = log

    def _do(self, op: str, data: Mapping[str, Any]) -> None:
        """Make a change: on a copy first, then in the journal, then for all to see."""
        changed = copy.copy(self)
        changed._apply(op, data)  # noqa: SLF001 - a copy of this
        if self._journal is not None:
            changed._rebase(journal=self._journal.append(op, data))  # noqa: SLF001
        self.__dict__ = changed.__dict__

    def _apply(self, op: str, data: Mapping[str, Any]) -> None:
        """Make a change of a name; ``data`` is as in the journal."""
        changes = {
            _FORGOTTEN: lambda _: None,
            "expire": self._apply_expiry,
            "update": self._apply_update,
            "feedback": self._apply_feedback,
            "add_items": self._apply_items,
            "remove_items": self._apply_removal,
        }
        changes[op](data)

    def _apply_expiry(self, data: Mapping[str, Any]) -> None:
        self._replace(without_events(self.model, data["before"]))
        self._know_events()

    def _know_events(self) -> None:
        """Take the ids of events and the latest time from the events that are held."""
        log, rows = self._base.log, [row for rows in self._pending.values() for row in rows]
        self._taken = {*log.ids.tolist(), *(row.id for row in rows)} - {0}
        self._now = max([log.latest, *(row.time for row in rows if math.isfinite(row.time))])

    def _apply_items(self, data: Mapping[str, Any]) -> None:
        from kg_rec.live.items import with_items  # noqa: PLC0415 - imports spaCy's stage

        items = io.Table("items", data["items"])
        texts = io.Table("texts", data["texts"]) if "texts" in data else None
        reader = self.__dict__.get("_item_reader")
        if texts or self._base.config.items.text in data["items"] or "_extractor" in self.__dict__:
            reader = self._item_reader
            reader.tastes = self.__dict__.get("_extractor")
        found = with_items(self.model, items, texts, reader, data.get("vectors"))
        self._replace(found, ("_extractor", "_item_reader"))

    @cached_property
    def _item_reader(self) -> ItemReader:
        from kg_rec.live.item_reading import ItemReader  # noqa: PLC0415 - imports spaCy's stage

        tastes = self.__dict__.get("_extractor")
        reader = ItemReader(self._base, tastes.nlp if tastes else self.__dict__.get("_pipeline"))
        self._pipeline = reader.pipeline
        return reader

    def _apply_removal(self, data: Mapping[str, Any]) -> None:
        from kg_rec.live.items import without_items  # noqa: PLC0415 - serving does not need it

        self._replace(without_items(self.model, data["ids"]))

    def _apply_update(self, data: Mapping[str, Any]) -> None:
        told: dict[str, list[io.EventRow]] = defaultdict(list)
        for user, item, kind, value, at, name in data["rows"]:
            moment = math.nan if at is None else at
            told[user].append(io.EventRow(user, item, kind, value, moment, name, weighed=False))
        changed = {user: (*self._rows_of(user), *rows) for user, rows in told.items()}
        self._pending = {**self._pending, **changed}
        times = (row.time for rows in told.values() for row in rows if math.isfinite(row.time))
        self._now = max([self._now, *times])

    def _apply_feedback(self, data: Mapping[str, Any]) -> None:
        told, before = Feedback.of(data), self._base.remembered
        wishes = told.wishes(before.get(told.user, Wishes()))
        self._rebase(remembered=remembered(before, told.user, wishes))
        rows = self._rows_of(told.user)
        event = told.event(rows)
        if event is not None or told.user not in self._base.users:
            own = rows if event is None else (*rows, event)
            self._pending = {**self._pending, told.user: own}
        if event is not None and told.time is not None:
            self._now = max(self._now, told.time)

    def _blotted(self, table: io.Table, prose: str) -> Mapping[str, Any]:
        """Return the columns of a table, its prose as it may be kept."""
        columns = table.columns
        if prose not in columns or not self._base.config.privacy.redact:
            return columns
        cells = (self.redacted(c) if isinstance(c, str) else c for c in columns[prose])
        return {**columns, prose: list(cells)}

    def _read_events(self, table: io.Table) -> Sequence[io.EventRow]:
        settings, log = self._base.config.interactions, self._base.log
        drop = self._base.config.bad_rows == "drop"
        if len(log) and log.graded != (settings.kind in table.columns):
            found, known = ("no kinds", "kinds") if log.graded else ("kinds", "no kinds")
            raise DataError(f"{table.name}: found events of {found}, the model's have {known}")
        rows = io.read_events(table, settings, self._item_index.ids, drop=drop)
        if not math.isfinite(self._now):
            return rows
        moment = _now()
        return [row._replace(time=moment) if math.isnan(row.time) else row for row in rows]

    def _unseen(self, rows: Sequence[io.EventRow]) -> Sequence[io.EventRow]:
        """Return the rows whose ids were not taken before; each id once."""
        first = {row.id: n for n, row in reversed([*enumerate(rows)])}
        return [
            row
            for n, row in enumerate(rows)
            if not row.id or (row.id not in self._taken and first[row.id] == n)
        ]

    def _fold(self) -> None:
        pending = self._pending
        self._replace(folded(self._base, pending), _KEPT)
        self._pending = {}

    def _replace(self, model: Model, kept: Sequence[str] = ()) -> None:
        """Put a model in the place of this one; of what was made of it some parts stay."""
        state = {"_base", "_pending", "_journal", "_folder", "_taken", "_now", "pseudonyms", *kept}
        if "_extractor" in self.__dict__:
            self._pipeline = self._extractor.nlp
        state.add("_pipeline")
        self.__dict__ = {
            **{name: value for name, value in self.__dict__.items() if name in state},
            "_base": model,
        }


_FORGOTTEN = "forget"
"""The entry of a journal that tells only that somebody was forgotten: no model that was made before
may take its place, as it would hold them still."""
_KEPT = (
    "facts",
    "_item_index",
    "_index",
    "_profiles",
    "_similar",
    "_said",
    "_extractor",
    "_item_reader",
    "_linker",
    "_strategies",
    "_attributes",
    "_tuner",
    "_understanding",
)
"""Parts that no event changes."""


def _now() -> float:
    """Return the time: seconds since 1970."""
    return time.time()


def _jsonable(row: io.EventRow) -> list[Any]:
    return [*row[:4], None if math.isnan(row.time) else row.time, row.id]
