"""Documents to statements."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from kg_rec.ontology import Ontology
from kg_rec.text.aligned import Aligned
from kg_rec.text.chinese import ChineseReader
from kg_rec.text.detection import detect, is_chinese
from kg_rec.text.keyphrases import STATED
from kg_rec.text.pipelines import installed_pipelines, load_pipeline
from kg_rec.text.preprocessing import clean
from kg_rec.text.reader import LanguageReader
from kg_rec.text.reading import new_entities

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from spacy.language import Language

    from kg_rec.ids import Iri
    from kg_rec.ontology import Entity
    from kg_rec.statements import Document, Statement
    from kg_rec.text.gazetteer import Gazetteer
    from kg_rec.text.reading import Findings

__all__ = ["Extractor"]

_BATCHES = 4
_DEFAULT, _CHINESE = "en", "zh"
_ANY = "xx"  # spaCy's code of pipelines for several languages


class Extractor:
    """Reads documents: facts, and what users like.

    Args:
        ontology: The domain: classes, relations and how text says them. None for open relations:
            whatever verbs and nouns say of each other.
        entities: What is already known: items, people, subjects; the ontology's own are known too.
        pipeline: A spaCy pipeline or its name; None picks one (see `load_pipeline`). Documents in
            another language than its own get the one that is picked for theirs.
        language: ISO 639-1 code of texts that do not say theirs; None takes that of the pipeline,
            or, without one, detects it among the languages that the ontology has forms in.
        base_iri: Where IRIs of new entities are minted, as in ``"https://example.org/"``.
        clean: Take off markup, compose characters, drop what is said twice before reading; False
            reads texts as they are.
        kinds: What is read from texts about items, of :data:`kg_rec.text.keyphrases.KINDS`.

    Raises:
        ConfigError: The pipeline does not exist.
        OntologyError: A lexical form is broken.

    Examples:
        >>> from kg_rec import Document, Iri, Ontology
        >>> extractor = Extractor(Ontology.load("movies"), base_iri="https://example.org/")
        >>> heat = Document("d", "Michael Mann directed this film.", Iri("urn:heat"), title="Heat")
        >>> [s.triple.object for s in extractor.extract([heat]) if s.triple.subject == heat.item]
        [Iri('https://example.org/Person/Michael_Mann')]
    """

    def __init__(
        self,
        ontology: Ontology | None,
        entities: Iterable[Entity] = (),
        *,
        pipeline: Language | str | None = None,
        language: str | None = "en",
        base_iri: str,
        clean: bool = True,
        kinds: Collection[str] = STATED,
    ) -> None:
        self.is_open = ontology is None
        self._given = ontology
        self.ontology = ontology or Ontology("", "no ontology")
        self.base_iri = base_iri
        if isinstance(pipeline, str):
            pipeline = load_pipeline(pipeline)
        own = pipeline.lang if pipeline is not None and pipeline.lang != _ANY else None
        known = language or own
        self.languages = (known,) if known else spoken(ontology)
        self.language = self.languages[0]
        if pipeline is None:
            pipeline = load_pipeline(None, self.language)
        self.nlp: Language = pipeline
        self._entities = tuple(entities)
        self._clean = clean
        self._kinds = tuple(kinds)
        self._readers: dict[str, LanguageReader | ChineseReader] = {
            self.language: self._made(pipeline, self.language)
        }

    def learn(self, entities: Iterable[Entity]) -> None:
        """Take up more of what is known: names that later texts may mention."""
        new = tuple(entities)
        self._entities += new
        for reader in self._readers.values():
            reader.learn(new)

    @property
    def gazetteer(self) -> Gazetteer:
        """What is known, by its labels in the first language."""
        return self._readers[self.language].gazetteer

    def extract(
        self, documents: Iterable[Document], *, batch_size: int = 64
    ) -> Iterator[Statement]:
        """Yield what the documents say, in their order; lazy and deterministic.

        Args:
            documents: Texts about an item, by a user, both or neither.
            batch_size: Texts that the pipeline reads at once.

        Yields:
            Per document: new entities (type and label), then each fact once, with its evidence.
        """
        seen: set[tuple[str, Iri]] = set()
        for found in self.read(documents, batch_size=batch_size):
            yield from new_entities(found, seen)
            yield from found.statements

    def read(self, documents: Iterable[Document], *, batch_size: int = 64) -> Iterator[Findings]:
        """Yield what each document says, one result a document, in their order."""
        stream = iter(documents)
        while batch := list(islice(stream, batch_size * _BATCHES)):
            yield from self.read_batch(batch, batch_size=batch_size)

    def read_batch(self, documents: Sequence[Document], *, batch_size: int = 64) -> list[Findings]:
        """Return what each of some documents says; they may be in several languages."""
        found: dict[int, Findings] = {}
        by_language: dict[str, list[tuple[int, Document, Aligned]]] = {}
        for k, document in enumerate(documents):
            source = clean(document.text) if self._clean else Aligned(document.text)
            language = document.lang or self._language_of(source.text)
            by_language.setdefault(language, []).append((k, document, source))
        for language, group in by_language.items():
            results = self.reader(language).read([(d, s) for _, d, s in group], batch_size)
            found.update(zip((k for k, _, _ in group), results, strict=True))
        return [found[k] for k in range(len(documents))]

    def _language_of(self, text: str) -> str:
        """Return the language of a text: one of those set, or Chinese where it is written so."""
        if self.languages == (_DEFAULT,) and _CHINESE in spoken(self._given) and is_chinese(text):
            return _CHINESE
        return detect(text, self.languages)

    def reader(self, language: str) -> LanguageReader | ChineseReader:
        """Return the reader of a language; it is made when a document first asks for it.

        Raises:
            ConfigError: spaCy does not have the language.

        Warns:
            ExtractionWarning: There is only a blank pipeline for it.
        """
        if language not in self._readers:
            self._readers[language] = self._made(load_pipeline(None, language), language)
        return self._readers[language]

    def _made(self, nlp: Language, language: str) -> LanguageReader | ChineseReader:
        if language == _CHINESE and not self.is_open:
            return ChineseReader(
                nlp, self.ontology, self._entities, language, self.base_iri, kinds=self._kinds
            )
        return LanguageReader(
            nlp,
            self.ontology,
            self._entities,
            language,
            self.base_iri,
            is_open=self.is_open,
            kinds=self._kinds,
        )


def spoken(ontology: Ontology | None) -> tuple[str, ...]:
    """Return the languages that texts can be read in, the default one first.

    They are those of the ontology's forms; without any, those of the installed pipelines.
    """
    forms = {
        form.language
        for relation in (ontology.relations.values() if ontology else ())
        for form in relation.forms
    }
    found = forms or {name.split("_")[0] for name in installed_pipelines()}
    first = [_DEFAULT] if _DEFAULT in found or not found else []
    return (*first, *sorted(found - set(first)))
