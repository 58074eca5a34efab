"""Settings of an evaluation: those of a model, and a table that says where the data is."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from kg_rec.config import Config

__all__ = ["CandidatesConfig", "DataConfig", "EvaluationConfig", "SplitConfig"]

Share = Annotated[float, Field(ge=0, lt=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _for_the_test(value: Any) -> Any:
    return {"test": value} if isinstance(value, str) else value


class _Settings(BaseModel):
    model_config = Config.model_config


class SplitConfig(_Settings):
    """A split made here; see :mod:`kg_rec.evaluation.splits`."""

    kind: Literal["random", "leave-one-out", "time", "cold-item", "cold-user"] = "random"
    """What is put aside: a random share of each user's events, the last one, the latest of all,
    whole items, whole users."""
    valid: Share = 0.1
    """Share of the validation part: of events, items or users."""
    test: Share = 0.1
    """Share of the test part."""
    known: Annotated[int, Field(ge=0)] = 0
    """Events that a cold user keeps for training."""
    seed: Seed = 0
    """Seed of the draw."""

    @model_validator(mode="after")
    def _some_stay(self) -> Self:
        if self.valid + self.test >= 1:
            msg = "expected valid + test below 1, so that something is left to learn from"
            raise ValueError(msg)
        return self


class CandidatesConfig(_Settings):
    """Files of item ids, one a line: only these are ranked."""

    test: str | None = None
    """For the test part."""
    valid: str | None = None
    """For the validation part; without it the items of that part, if it holds any beyond those
    of ``test``."""


class DataConfig(_Settings):
    """Where the data of an evaluation is; paths are relative to the configuration.

    Tables have a header with ``user_id`` and ``item_id``, by choice ``rating`` and ``timestamp``
    (or the names that ``[interactions]`` states); they are separated by commas or tabs, or are
    RecBole's (``user_id:token``).
    """

    train: str | None = None
    """Events to learn from."""
    valid: str | None = None
    """Events to choose settings by; the test run learns from them, too."""
    test: str | None = None
    """Events to judge by."""
    interactions: str | None = None
    """All events, to be split here, in place of the three tables above; without any of them it is
    ``interactions.path``."""
    split: SplitConfig | None = None
    """How they are split; by default a random share of each user's events."""
    items: str | None = None
    """A table of items with names, prose and facts, as ``items.path``."""
    graph: Annotated[tuple[str, ...], BeforeValidator(_one_or_more)] = ()
    """Files of facts: RDF of any kind, or head, relation and tail in columns; SPARQL servers."""
    links: str | None = None
    """A table ``item_id entity_id``: which node of the graph each item is. Items that are not in
    it are the nodes of their own ids, if the graph has these."""
    candidates: Annotated[CandidatesConfig, BeforeValidator(_for_the_test)] = CandidatesConfig()
    """Files of the items to rank among; without them all items are."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        given = self.train or self.valid or self.test
        if given and (self.interactions or self.split):
            other = "interactions" if self.interactions else "split"
            msg = f"expected either train, valid and test, or interactions to split; found {other}"
            raise ValueError(msg)
        if given and (self.train is None or (self.valid is None and self.test is None)):
            msg = "expected train and test (or valid), or interactions to split"
            raise ValueError(msg)
        return self


class EvaluationConfig(Config):
    """All settings of a model, and its data. Read one with ``EvaluationConfig.load(path)``.

    Examples:
        >>> config = EvaluationConfig.parse({"data": {"train": "a.tsv", "test": "b.tsv"}})
        >>> config.data.test, config.data.candidates.test
        ('b.tsv', None)
        >>> EvaluationConfig.parse({"data": {"train": "a.tsv"}})
        Traceback (most recent call last):
        kg_rec.errors.ConfigError: configuration: 'data': expected train and test (or valid), or \
interactions to split, found {'train': 'a.tsv'}
    """

    data: DataConfig = DataConfig()
    """Where the data is; without it ``interactions.path`` is split."""
