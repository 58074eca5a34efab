"""Statements from documents: the function that people call, and many processes for many texts."""

from __future__ import annotations

import multiprocessing
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg_rec.errors import ConfigError
from kg_rec.io import documents_of, read_documents
from kg_rec.ontology import Ontology
from kg_rec.text.extractor import Extractor
from kg_rec.text.reading import new_entities

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from spacy.language import Language

    from kg_rec.ids import Iri
    from kg_rec.ontology import Entity
    from kg_rec.statements import Document, Statement
    from kg_rec.text.reading import Findings

__all__ = ["BASE_IRI", "Recipe", "extract", "find_all"]

BASE_IRI = "https://w3id.org/kg-rec/id/"
"""Where IRIs are minted, unless the caller says otherwise."""

_TASK = 4
_AHEAD = 2


def extract(  # noqa: PLR0913 - what a caller may choose
    documents: Iterable[Document | Mapping[str, Any]] | Any,
    ontology: Ontology | str | Path | None = None,
    *,
    entities: Iterable[Entity] = (),
    pipeline: Language | str | None = None,
    language: str | None = None,
    base_iri: str = BASE_IRI,
    batch_size: int = 64,
    workers: int = 1,
    names: bool = False,
    clean: bool = True,
) -> Iterator[Statement]:
    """Yield what documents say, in their order; each statement with the passage that says so.

    The same input gives the same statements, whatever the number of workers.

    Args:
        documents: :class:`Document` objects or mappings with ``id`` and ``text`` (and ``lang``,
            ``item``, ``title``, ``user``), read lazily; or a file or dataframe of them.
        ontology: What to look for: an ontology, the name of a shipped one (``"movies"``) or
            a Turtle file. Without one, open relations: whatever the words say.
        entities: What is known already, beside the ontology's own individuals.
        pipeline: A spaCy pipeline or its name; None picks one for the language.
        language: Code of texts that do not say theirs (``lang``); None takes that of the pipeline
            or, without one, detects it.
        base_iri: Where IRIs of new entities are minted.
        batch_size: Texts that the pipeline reads at once.
        workers: Processes. They are started afresh, so a script that asks for more than one needs
            ``if __name__ == "__main__":`` around what it does.
        names: Yield type and label of each new entity and open relation, too, as a graph needs.
        clean: Take off markup, and drop what is said twice, before reading. Evidence cites the
            original text in any case.

    Raises:
        ConfigError: There is no such pipeline or language, or a pipeline object is to go to other
            processes.
        DataError: A document is not as expected.
        OntologyError: The ontology is broken.
        UnknownIdError: There is no such ontology.

    Examples:
        >>> (said,) = extract([{"id": 1, "text": "Rome is the capital of Italy."}])
        >>> said.subject_text, said.object_text, said.evidence[0].start
        ('Rome', 'the capital of Italy', 0)
    """
    if ontology is not None and not isinstance(ontology, Ontology):
        ontology = Ontology.load(ontology)
    recipe = Recipe(ontology, tuple(entities), pipeline, language, base_iri, clean)
    seen: set[tuple[str, Iri]] = set()
    if isinstance(documents, str | Path) or hasattr(documents, "columns"):
        documents = read_documents(documents, base_iri=base_iri)
    stream = documents_of(documents, base_iri)
    for found in find_all(stream, recipe, batch_size, workers):
        if names:
            yield from new_entities(found, seen)
        yield from found.statements


@dataclass(frozen=True)
class Recipe:
    """What an extractor is made of, as other processes can be told; see :class:`Extractor`."""

    ontology: Ontology | None
    entities: tuple[Entity, ...] = ()
    pipeline: Language | str | None = None
    language: str | None = None
    base_iri: str = BASE_IRI
    clean: bool = True

    def extractor(self) -> Extractor:
        """Make the extractor."""
        return Extractor(
            self.ontology,
            self.entities,
            pipeline=self.pipeline,
            language=self.language,
            base_iri=self.base_iri,
            clean=self.clean,
        )


def find_all(
    documents: Iterable[Document],
    recipe: Recipe,
    batch_size: int = 64,
    workers: int = 1,
    *,
    done: int = 0,
) -> Iterator[Findings]:
    """Yield what each document says, one result a document, in their order.

    Batches are the same for any number of workers and for a run that is resumed, so that the
    results are, too.

    Args:
        documents: All documents, those that are done among them.
        recipe: What the extractor is made of.
        batch_size: Texts that the pipeline reads at once.
        workers: Processes.
        done: How many documents, from the first on, get no result.

    Raises:
        ConfigError: A pipeline object is to go to other processes: give them its name.
    """
    size = batch_size * _TASK
    skipped, over = divmod(done, size)
    tasks = islice(_batches(documents, size), skipped, None)
    yield from islice(_results(tasks, recipe, batch_size, workers), over, None)


def _results(
    tasks: Iterable[list[Document]], recipe: Recipe, batch_size: int, workers: int
) -> Iterator[Findings]:
    if workers <= 1:
        extractor = recipe.extractor()
        for task in tasks:
            yield from extractor.read_batch(task, batch_size=batch_size)
        return
    if not (recipe.pipeline is None or isinstance(recipe.pipeline, str)):
        msg = "several workers need a pipeline by its name or folder, as they load it themselves"
        raise ConfigError(msg)
    recipe.extractor()  # what is wrong with it is said here, once
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, _start, (recipe, batch_size))
    running: deque[Future[list[Findings]]] = deque()
    try:
        for task in tasks:
            running.append(pool.submit(_work, task))
            if len(running) > workers * _AHEAD:
                yield from running.popleft().result()
        while running:
            yield from running.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _batches(documents: Iterable[Document], size: int) -> Iterator[list[Document]]:
    stream = iter(documents)
    while batch := list(islice(stream, size)):
        yield batch


class _Worker:
    """What a process keeps from task to task."""

    extractor: Extractor
    batch_size: int


def _start(recipe: Recipe, batch_size: int) -> None:
    _Worker.extractor = recipe.extractor()
    _Worker.batch_size = batch_size


def _work(documents: Sequence[Document]) -> list[Findings]:
    return _Worker.extractor.read_batch(documents, batch_size=_Worker.batch_size)
