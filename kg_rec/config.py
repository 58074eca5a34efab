"""Settings: frozen models; a misspelt key is an error that names the place."""

from __future__ import annotations

import difflib
import math
import re
import reprlib
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    ValidationError,
)

from kg_rec.errors import ConfigError

__all__ = [
    "Config",
    "EmbeddingsConfig",
    "EndpointConfig",
    "EventKind",
    "FactColumn",
    "FriendsConfig",
    "InteractionsConfig",
    "ItemsConfig",
    "PrivacyConfig",
    "RankingConfig",
    "RerankConfig",
    "TextConfig",
    "TextsConfig",
    "UsersConfig",
    "VectorsConfig",
]

Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[Finite, Field(gt=0)]
NotNegative = Annotated[Finite, Field(ge=0)]
Share = Annotated[Finite, Field(ge=0, lt=1)]
Count = Annotated[int, Field(gt=0)]
Memory = Annotated[ByteSize, Field(gt=0)]


def _start_of_iris(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[\w%/.~:@!$&'()*+,;=-]*[/#:]", text):
        msg = "expected the start of absolute IRIs, ending with '/', '#' or ':'"
        raise ValueError(msg)
    return text


IriStart = Annotated[str, AfterValidator(_start_of_iris)]


def _vectors_name(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", text) or text in {"graph", "text"}:
        msg = "expected small letters, digits and '_', and not 'graph' or 'text'"
        raise ValueError(msg)
    return text


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


OneOrMore = Annotated[tuple[str, ...], BeforeValidator(_one_or_more), Field(min_length=1)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class FactColumn(_Settings):
    """How a column of the items table becomes facts."""

    relation: str
    """The relation, by IRI, local name or label."""
    separator: str | None = None
    """What separates several values in one cell; without it the cell is one value."""


class ItemsConfig(_Settings):
    """The table of items."""

    path: str | None = None
    """The file, relative to the configuration (CSV, TSV, JSON Lines or Parquet)."""
    id: str = "id"
    """Column of the ids."""
    label: str = "label"
    """Column of the names shown to people; where there is none, the id is the name."""
    iri: str = "iri"
    """Column of the items' own IRIs; an empty cell gets a minted IRI."""
    text: str = "text"
    """Column of the prose to read."""
    facts: dict[str, FactColumn] = {}
    """Columns that hold facts. Any other column that bears the name of a relation is one, too."""


class TextsConfig(_Settings):
    """A table of prose about items, apart from the items table; several texts an item are fine."""

    path: str | None = None
    """The file."""
    item: str = "item"
    """Column of the item ids."""
    text: str = "text"
    """Column of the prose."""
    lang: str = "lang"
    """Column of the language codes, where texts are in several languages: ``en``, ``zh``."""


NEVER = "never"
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31557600.0}
_DURATION = re.compile(rf"(\d+(?:\.\d+)?) ?({'|'.join(_SECONDS)})")


def seconds(duration: str) -> float:
    """Return the seconds of a duration; infinity for ``"never"``.

    Examples:
        >>> seconds("90d"), seconds("never")
        (7776000.0, inf)
    """
    if duration == NEVER:
        return math.inf
    found = _DURATION.fullmatch(duration)
    value = float(found[1]) * _SECONDS[found[2]] if found else 0.0
    if not 0.0 < value < math.inf:
        units = ", ".join(_SECONDS)
        msg = f"expected a positive number with a unit ({units}), as in '90d', or 'never'"
        raise ValueError(msg)
    return value


def _duration(text: str) -> str:
    seconds(text)
    return text


Duration = Annotated[str, AfterValidator(_duration)]


class EventKind(_Settings):
    """What events of one kind say."""

    weight: Annotated[Finite, Field(ge=-1, le=1)] = 0.5
    """How surely one such event shows that the item is liked; below 0, that it is not."""
    half_life: Duration | None = None
    """The time in which that halves, as in ``"90d"``; ``"never"``: it does not fade."""
    value: Literal["count", "seconds", "rating"] = "count"
    """What the column of values holds for this kind: how often, how long, how good."""
    full: Positive = 300.0
    """Seconds from which on an event counts in full, where the value is seconds."""


DEFAULT_KINDS: dict[str, dict[str, Any]] = {
    "view": {"weight": 0.2, "half_life": "90d"},
    "click": {"weight": 0.3, "half_life": "90d"},
    "dwell": {"weight": 0.6, "half_life": "180d", "value": "seconds"},
    "favourite": {"weight": 0.9},
    "rating": {"weight": 1.0, "value": "rating"},
    "purchase": {"weight": 0.8},
}
"""The kinds of events that are known without settings."""


def _with_default_kinds(given: Any) -> Any:
    """Return the settings of kinds over the default ones; a kind may state a part of them only."""
    if not isinstance(given, dict):
        return given
    changed = {
        kind: {**default, **given[kind]} if isinstance(given.get(kind), dict) else default
        for kind, default in DEFAULT_KINDS.items()
    }
    other = {k: v for k, v in given.items() if k not in changed or not isinstance(v, dict)}
    return {**changed, **other}


class InteractionsConfig(_Settings):
    """The table of who liked what."""

    path: str | None = None
    """The file."""
    user: str = "user"
    """Column of the user ids."""
    item: str = "item"
    """Column of the item ids."""
    weight: str = "weight"
    """Column of the ratings or counts; where there is none, each row counts 1."""
    like_at: Finite | None = None
    """Rating from which an item is liked; below it counts against. Without it all are likes."""
    kind: str = "kind"
    """Column of the kinds of events (``view``, ``purchase``); where there is none, all are one."""
    timestamp: str = "timestamp"
    """Column of the times: seconds since 1970, or ISO 8601. Where there is none, nothing fades."""
    id: str = "id"
    """Column of what names an event, so that none is taken twice; events need none."""
    half_life: Duration = NEVER
    """The time in which an event counts half, where its kind states none, as in ``"90d"``."""
    kinds: Annotated[
        dict[str, EventKind], BeforeValidator(_with_default_kinds), Field(validate_default=True)
    ] = {}
    """The kinds of events, where they differ from the default ones; others may be added."""


class FriendsConfig(_Settings):
    """The table of who knows whom."""

    path: str | None = None
    """The file."""
    user: str = "user"
    """Column of the user ids."""
    friend: str = "friend"
    """Column of the ids of the users whom they know."""
    weight: str = "weight"
    """Column of how close they are; where there is none, each friend counts 1."""
    mutual: bool = False
    """Whether a row holds both ways."""
    named: bool = False
    """Whether reasons name the friend and say what the friend did; else they say "a friend of
    yours"."""


class UsersConfig(_Settings):
    """The table of what users say of themselves."""

    path: str | None = None
    """The file."""
    id: str = "id"
    """Column of the user ids."""
    text: str = "text"
    """Column of the texts in the first person."""
    segments: tuple[str, ...] = ()
    """Columns of what users have in common, such as a country or an age group: what is popular
    among those of one value is told to others of it. With them a user need not have a text."""


class PrivacyConfig(_Settings):
    """What is told of users, what is kept of them, and for how long; see the page on privacy."""

    min_support: Count = 5
    """How many users must like two items before it is said that people like them together."""
    retention: Duration = NEVER
    """How long events are kept, counted back from the latest one, as in ``"2y"``."""
    redact: tuple[Literal["email", "phone", "card"], ...] = ()
    """What is blotted out of texts before they are read or kept; needs ``kg-rec[privacy]``."""
    phone_regions: tuple[str, ...] = ("US", "GB", "CN")
    """Countries whose telephone numbers are found without a country code (ISO 3166)."""


class TextConfig(_Settings):
    """How text is read."""

    model: str | None = None
    """A spaCy pipeline by name or path; without it the best one installed."""
    language: str = "en"
    """Language of the texts, as in the ontology's language tags."""
    read: tuple[Literal["relations", "concepts", "names", "words"], ...] = (
        "relations",
        "concepts",
        "names",
        "words",
    )
    """What is read from texts about items: facts, what they are about, names, single words."""
    labels: bool = True
    """Whether words and names are read from the names of items, too, if these have prose."""
    entities: str | None = None
    """A file that says which names mean what: columns ``name`` and ``entity``, tab-separated."""
    encoder: str = "wordllama"
    """What makes vectors of texts: ``"wordllama"``, a transformer's folder, a word2vec file."""
    cache: str | None = None
    """A folder that keeps text vectors, so that a text is encoded once; without it none does."""


class EndpointConfig(_Settings):
    """How SPARQL servers are asked, where ``graph`` names one."""

    headers: dict[str, str] = {}
    """Header to environment variable with its value, as ``{ Authorization = "MUSIC_TOKEN" }``.
    The value itself is never kept. All servers of ``graph`` get it."""
    timeout: Positive = 60.0
    """Seconds that a server may take to connect, and between two parts of an answer."""
    tries: Count = 5
    """How often a request is made at most."""
    page: Count = 50_000
    """Most triples of one request."""


class EmbeddingsConfig(_Settings):
    """How graph embeddings are trained (PyKEEN)."""

    model: str = "RotatE"
    """Any PyKEEN model by name."""
    parts: tuple[Literal["facts", "users"], ...] = ("facts",)
    """What is embedded: facts only, or facts and interactions."""
    dimension: Count = 64
    """Length of the vectors; a complex model has half as many complex numbers."""
    epochs: Annotated[int, Field(ge=0)] = 10
    """Most passes over the triples; 0 trains none."""
    batch_size: Count = 1024
    """Triples a step, at most; fewer on small graphs, so that an epoch has enough steps."""
    learning_rate: Positive = 0.05
    """Step size of Adam."""
    negatives: Count = 64
    """Random nodes that stand as false heads and tails of all triples of a batch."""
    loss: str | None = None
    """Any PyKEEN loss by name; without it the one that measured best for that kind of model."""
    options: dict[str, Any] = {}
    """Further arguments of the model, as ``{ scoring_fct_norm = 2 }`` for TransE."""
    numbers: Literal["bins", "nodes", "none"] = "bins"
    """What numbers are to models that are not of literals: nodes of ranges, nodes, nothing."""
    patience: Annotated[int, Field(ge=0)] = 2
    """Training stops after so many checks without a better mean reciprocal rank; 0 checks none."""
    checkpoint: str | None = None
    """A file that keeps the state of training, so that it goes on after an interruption."""


class VectorsConfig(_Settings):
    """Vectors that come with the items; items that are alike there speak for each other."""

    name: Annotated[str, AfterValidator(_vectors_name)]
    """What they are of, in small letters, digits and ``_``: ``poster``; explanations say it."""
    file: Annotated[tuple[str, ...], BeforeValidator(_one_or_more)] = ()
    """The file; several are brought into the space of the first by the items that they share."""
    weight: NotNegative = 0.5
    """Weight of closeness there beside that of facts; a blend that is learned tries 0, too."""
    id: str = "id"
    """Column of the ids, in Parquet and JSON Lines."""
    vector: str = "vector"
    """Column of the vectors, in Parquet and JSON Lines."""
    made_by: str = ""
    """What made them, for explanations: the name of a model."""
    wording: dict[str, str] = {}
    """How an explanation says it, by language: ``{ en = "looks like {object}" }``."""
    transfer: bool = False
    """Whether they are of another model: it may know other items, and those that it does not know
    get a vector by what is known of them here."""


class RankingConfig(_Settings):
    """How much each kind of reason counts."""

    blend: Literal["learned", "fixed"] = "learned"
    """Whether the weights of ``slim``, ``rp3beta``, ``facts``, ``facts_cold``, ``shared_likers``
    and ``popularity`` are learned on held-out likes, or are as given here."""
    facts: NotNegative = 0.1
    """Weight of what items are like, for items that many like: facts, words, closeness."""
    facts_cold: NotNegative = 0.1
    """The same for items that nobody has had yet; between the two it slides."""
    liked_with: NotNegative = 1.0
    """Weight of what is liked together."""
    ease: NotNegative = 1.0
    """Share of the closed-form autoencoder (EASE) in what is liked together."""
    slim: NotNegative = 0.7
    """Share of the sparse autoencoder (SLIM)."""
    shared_likers: NotNegative = 200.0
    """Weight of whom items have in common (walk and cosine), for those of whom little is known: it
    halves with every 2 likes."""
    model: NotNegative = 0.0
    """Weight of what a PyKEEN model predicts that a user likes; needs ``embeddings.parts`` with
    ``"users"``."""
    rp3beta: NotNegative = 0.0
    """Share of the random walk (RP3beta)."""
    item_cosine: NotNegative = 0.0
    """Share of the cosine of the items' users."""
    words: NotNegative = 1.0
    """Weight of a word of an item's texts among its facts, whose weights the ontology states."""
    names: NotNegative = 1.5
    """Weight of a name that an item's texts mention among its facts."""
    similar_in_graph: NotNegative = 0.1
    """Weight of closeness in the embedded graph beside that of facts."""
    similar_in_text: NotNegative = 1.0
    """Weight of closeness in meaning of the texts beside that of facts."""
    similar_in: dict[str, NotNegative] = {}
    """Weights of closeness in vectors that come with the items, by their name; see ``vectors``.
    A blend that is learned tries them without, too."""
    company: NotNegative = 10.0
    """How much what is liked together with the history counts where a taste is learned from it."""
    popularity: NotNegative = 0.02
    """Weight of popularity, the fallback for those of whom nothing is known."""
    popularity_half_life: Duration = NEVER
    """The time in which a like counts half for popularity, as in ``"90d"``; needs timestamps."""
    segments: NotNegative = 0.5
    """Weight of popularity among people of a user's segments, against that with everyone."""
    community: NotNegative = 0.3
    """Weight of what friends have chosen; it tells most of those who have done little yet."""
    stated: NotNegative = 1.0
    """Weight of what a user says against what a user did."""
    asked: NotNegative = 3.0
    """How much more an attribute that is asked for weighs than a stated like."""
    stated_dislike: NotNegative = 3.0
    """How much more a stated dislike weighs than a stated like."""
    ridge: Positive = 0.2
    """Regularisation of the ridge profile."""
    user_power: NotNegative = 0.5
    """How much less the likes of an active user count in EASE: ``n_likes ** -user_power``."""
    ease_ridge: Positive = 50.0
    """Regularisation of EASE."""
    ease_dropout: NotNegative = 0.25
    """Regularisation of EASE in proportion to the likes of an item."""
    slim_l1: NotNegative = 0.5
    """Lasso penalty of SLIM."""
    slim_l2: Positive = 75.0
    """Ridge penalty of SLIM."""
    graph_side: NotNegative = 10.0
    """Weight of the facts inside EASE and SLIM."""
    memory: Memory = ByteSize(1_000_000_000)
    """Most memory for the dense matrix of EASE, as in ``"1 GB"``; above it sparse forms do."""
    neighbours: Count = 400
    """Items that each item keeps a liked-with link to."""
    similar_neighbours: Count = 20
    """Items that each item keeps a similarity link to, in the graph and in meaning."""
    dislike: NotNegative = 0.5
    """Weight of a rating below ``like_at`` against that of a like, in the facts.

    What is liked together is not held against it: people choose what they then rate low, and its
    company is what they choose next (measured; see the page on accuracy).
    """
    min_items: Count = 2
    """Facts shared by fewer items give no column, except as stated preferences."""


class RerankConfig(_Settings):
    """How a list of recommendations is re-ranked; see the page on ranking."""

    diversity: Share = 0.0
    """How much a list avoids items like those above (MMR), from 0 to below 1."""
    features: tuple[str, ...] = ()
    """Relations by which items are alike; without any, all relations that are reasons."""
    novelty: Share = 0.0
    """How much a list prefers what few people like, from 0 to below 1."""
    calibration: Share = 0.0
    """How much a list keeps the proportions of the user's history, from 0 to below 1."""
    facet: str = "genre"
    """The relation whose proportions calibration keeps."""
    caps: dict[str, Count] = {}
    """Most items of a list that share a value of a relation, as in ``{ director = 2 }``."""
    pool: Count = 200
    """How many of the best items are candidates of the re-ranked list."""

    @property
    def active(self) -> bool:
        """Whether anything is to be changed."""
        return bool(self.diversity or self.novelty or self.calibration or self.caps)


def _different(vectors: tuple[VectorsConfig, ...]) -> tuple[VectorsConfig, ...]:
    names = [one.name for one in vectors]
    if len({*names}) < len(names):
        msg = f"expected different names, found {', '.join(names)}"
        raise ValueError(msg)
    return vectors


class Config(_Settings):
    """All settings of a model. Read one with ``Config.load("kg-rec.toml")``.

    Examples:
        >>> Config().embeddings.dimension
        64
        >>> Config.parse({"rankin": {}})
        Traceback (most recent call last):
        kg_rec.errors.ConfigError: configuration: unknown key 'rankin'; did you mean 'ranking'?
    """

    ontology: OneOrMore = ("movies",)
    """A shipped ontology by name, or a file; several are read as one, as in a published ontology
    and a file of lexical forms."""
    graph: Annotated[tuple[str, ...], BeforeValidator(_one_or_more)] = ()
    """RDF files with further facts, and SPARQL servers by the URL of their queries."""
    endpoint: EndpointConfig = EndpointConfig()
    """How SPARQL servers are asked."""
    base_iri: IriStart = "https://w3id.org/kg-rec/id/"
    """Start of the IRIs minted for items, users and entities that have none."""
    bad_rows: Literal["stop", "drop"] = "stop"
    """Whether a bad row of items or interactions stops the run, or is dropped with a warning."""
    inference: tuple[
        Literal["subclass", "subproperty", "inverse", "symmetric", "transitive", "broader"], ...
    ] = ()
    """What is inferred from the facts; see the page on the graph."""
    validation: Literal["stop", "warn", "off"] = "stop"
    """Whether a graph that breaks the shapes of the ontology stops the run, or is warned of."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    """Seed of all that is random."""
    items: ItemsConfig = ItemsConfig()
    texts: TextsConfig = TextsConfig()
    interactions: InteractionsConfig = InteractionsConfig()
    users: UsersConfig = UsersConfig()
    friends: FriendsConfig = FriendsConfig()
    text: TextConfig = TextConfig()
    vectors: Annotated[tuple[VectorsConfig, ...], AfterValidator(_different)] = ()
    embeddings: EmbeddingsConfig = EmbeddingsConfig()
    ranking: RankingConfig = RankingConfig()
    rerank: RerankConfig = RerankConfig()
    privacy: PrivacyConfig = PrivacyConfig()

    @property
    def transferred(self) -> tuple[str, ...]:
        """Names of vectors that are of another model."""
        return tuple(one.name for one in self.vectors if one.transfer)

    @classmethod
    def parse(cls, values: dict[str, Any], source: str = "configuration") -> Self:
        """Check plain values; ConfigError names the key and what is expected."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise ConfigError(f"{source}: {_explain(cls, error)}") from None

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a TOML file."""
        path = Path(path)
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
        except ValueError as error:  # broken TOML, or not UTF-8
            raise ConfigError(f"{path}: not TOML: {error}") from None
        return cls.parse(values, str(path))


def _explain(model: type[BaseModel], error: ValidationError) -> str:
    problem = error.errors()[0]
    place = [str(part) for part in problem["loc"]]
    key = ".".join(place)
    if problem["type"] != "extra_forbidden":
        expected = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "model_type":
            expected = f"expected a table of settings, as in [{key}]"
        return f"{key!r}: {expected}, found {reprlib.repr(problem['input'])}"
    known = list(_fields_at(model, place[:-1]))
    close = difflib.get_close_matches(place[-1], known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"known keys: {', '.join(known)}"
    return f"unknown key {key!r}; {hint}"


def _fields_at(model: type[BaseModel], place: list[str]) -> dict[str, Any]:
    for part in place:
        field = model.model_fields.get(part)
        kind = field.annotation if field else model  # inside items.facts.<column>
        inside = [a for a in (kind, *get_args(kind)) if isinstance(a, type)]
        model = next((a for a in inside if issubclass(a, BaseModel)), FactColumn)
    return dict(model.model_fields)
