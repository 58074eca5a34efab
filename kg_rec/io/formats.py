"""Formats of graphs: their names, the ends of their files, and how their files are opened."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import hashlib
import importlib
import io
import lzma
import zlib
from codecs import BOM_UTF8
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import pyoxigraph as ox

from kg_rec.errors import DataError, MissingDependencyError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FORMATS", "Format", "Source", "format_named", "format_of", "open_packed", "sources_of"]


@dataclass(frozen=True)
class Format:
    """A format of graphs.

    Attributes:
        name: What options call it.
        title: What people call it.
        ends: Ends of file names.
        rdf: The pyoxigraph format, for RDF.
        reads: Whether it can be read.
        writes: Whether it can be written.
        named: Whether it holds named graphs.
        is_folder: Whether it is written as a folder of files.
    """

    name: str
    title: str
    ends: tuple[str, ...]
    rdf: ox.RdfFormat | None = None
    reads: bool = True
    writes: bool = True
    named: bool = False
    is_folder: bool = False


FORMATS = {
    format_.name: format_
    for format_ in (
        Format("ttl", "Turtle", (".ttl", ".turtle"), ox.RdfFormat.TURTLE),
        Format("nt", "N-Triples", (".nt", ".ntriples"), ox.RdfFormat.N_TRIPLES),
        Format("jsonld", "JSON-LD", (".jsonld", ".json"), ox.RdfFormat.JSON_LD, named=True),
        Format("rdf", "RDF/XML", (".rdf", ".xml", ".owl", ".rdfs"), ox.RdfFormat.RDF_XML),
        Format("nq", "N-Quads", (".nq", ".nquads"), ox.RdfFormat.N_QUADS, named=True),
        Format("trig", "TriG", (".trig",), ox.RdfFormat.TRIG, named=True),
        Format("n3", "N3", (".n3",), ox.RdfFormat.N3, writes=False),
        Format("tsv", "head, relation and tail in columns", (".tsv", ".tab", ".txt")),
        Format("edges", "head and tail, the relation is the file's name", (".edgelist",)),
        Format(
            "recbole",
            "RecBole atomic files",
            (".kg", ".link", ".inter", ".item", ".user"),
            is_folder=True,
        ),
        Format("hdt", "HDT", (".hdt",), writes=False),
        Format("pykeen", "PyKEEN triples", (), reads=False),
        Format("graphml", "GraphML", (".graphml",), reads=False),
        Format("gexf", "GEXF", (".gexf",), reads=False),
        Format("neo4j", "Neo4j bulk CSV", (), reads=False, is_folder=True),
    )
}
"""All formats by name."""

_PACKED = (".gz", ".bz2", ".xz", ".zst")


def format_named(name: str, *, writes: bool = False) -> Format:
    """Return a format by name.

    Raises:
        DataError: There is none of that name, or it cannot be read (or written).
    """
    known = [f.name for f in FORMATS.values() if (f.writes if writes else f.reads)]
    if name not in known:
        way = "written" if writes else "read"
        msg = f"unknown format {name!r}; can be {way}: {', '.join(known)}"
        raise DataError(msg)
    return FORMATS[name]


def format_of(path: Path, *, writes: bool = False) -> Format:
    """Return the format that the end of a file's name tells, ``.gz`` and the like apart.

    Raises:
        DataError: It tells none; the message names those that are known.
    """
    end = _end(path)
    known = [f for f in FORMATS.values() if (f.writes if writes else f.reads)]
    for format_ in known:
        if end in format_.ends:
            return format_
    ends = ", ".join(format_.ends[0] for format_ in known if format_.ends)
    packed = ", ".join(_PACKED)
    raise DataError(
        f"{path}: unknown kind of RDF file {end!r}; known: {ends}, each also with {packed}"
    )


@dataclass(frozen=True)
class Source:
    """A graph to read: a file, packed or not, or bytes.

    Attributes:
        path: The file; for bytes a name for messages.
        format: Its format.
        content: The bytes, if there is no file.
    """

    path: Path
    format: Format
    content: bytes | None = None

    @classmethod
    def of(cls, path: str | Path, format: str | None = None) -> Source:  # noqa: A002 - its name
        """Return the source of a file; its name tells the format if nothing else does.

        Raises:
            DataError: The format is unknown.
        """
        path = Path(path)
        return cls(path, format_of(path) if format is None else format_named(format))

    @property
    def name(self) -> str:
        """The name of the file, without its folder."""
        return self.path.name

    @contextlib.contextmanager
    def open(self) -> Iterator[io.BufferedReader]:
        """Open for reading, unpacked, behind a byte order mark; errors as in ``checking``."""
        with self.checking(), self._stream() as stream:
            if stream.peek(len(BOM_UTF8)).startswith(BOM_UTF8):
                stream.read(len(BOM_UTF8))
            yield stream

    @contextlib.contextmanager
    def checking(self) -> Iterator[None]:
        """Turn errors of reading into DataError with the name of the file.

        Raises:
            DataError: The file cannot be read or is broken; the message names the line.
        """
        try:
            yield
        except SyntaxError as error:
            line = f", line {error.lineno}" if error.lineno else ""
            raise DataError(f"{self.path}{line}: {error.msg}") from None
        except DataError as error:
            start = "" if str(error).startswith(str(self.path)) else f"{self.path}: "
            raise DataError(f"{start}{error}") from None
        except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
            if isinstance(error, MissingDependencyError):
                raise
            reason = getattr(error, "strerror", None) or error
            raise DataError(f"{self.path}: cannot be read: {reason}") from None

    def _stream(self) -> io.BufferedReader:
        if self.content is not None:
            return io.BufferedReader(cast("io.RawIOBase", io.BytesIO(self.content)))
        packed = open_packed(self.path, "rb")
        return packed if isinstance(packed, io.BufferedReader) else _buffered(packed)

    def digest(self) -> str:
        """Return ten hexadecimal digits of the content: equal content, equal digits."""
        found = hashlib.blake2b(digest_size=5)
        with self.open() as stream:
            while block := stream.read(1 << 20):
                found.update(block)
        return found.hexdigest()


def sources_of(path: str | Path | Source, format: str | None = None) -> list[Source]:  # noqa: A002
    """Return the sources of a file, or of a folder of RecBole atomic files.

    Raises:
        DataError: The format is unknown, or the folder holds no atomic file.
    """
    if isinstance(path, Source):
        return [path]
    path = Path(path)
    if not path.is_dir():
        return [Source.of(path, format)]
    recbole = FORMATS["recbole"]
    inside = sorted(file for file in path.iterdir() if _end(file) in recbole.ends)
    if not inside or format not in {None, "recbole"}:
        raise DataError(f"{path}: is a folder, and holds no RecBole atomic files")
    return [Source(file, recbole) for file in inside]


def _end(path: Path) -> str:
    """Return the end of a file's name that tells the format."""
    return Path(path.stem if path.suffix.lower() in _PACKED else path.name).suffix.lower()


def _buffered(stream: IO[bytes]) -> io.BufferedReader:
    return io.BufferedReader(cast("io.RawIOBase", stream))


def open_packed(path: Path, mode: str) -> IO[bytes]:
    """Open a file; by the end of its name it is packed with gzip, bzip2, xz or Zstandard.

    The same content gives the same bytes: no times or names are written.

    Raises:
        MissingDependencyError: Zstandard is needed, and Python has none.
        OSError: The file cannot be opened.
    """
    end = path.suffix.lower()
    if end == ".gz" and "w" in mode:
        return cast("IO[bytes]", _GzipWriter(path))
    if end == ".gz":
        return cast("IO[bytes]", gzip.open(path, mode))
    if end == ".bz2":
        return cast("IO[bytes]", bz2.open(path, mode))
    if end == ".xz":
        return cast("IO[bytes]", lzma.open(path, mode))
    if end == ".zst":
        return cast("IO[bytes]", _zstandard(path).open(path, mode))
    return path.open(mode)


class _GzipWriter(gzip.GzipFile):
    """Writes gzip without time and name."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        super().__init__(filename="", mode="wb", fileobj=self._file, mtime=0)

    def close(self) -> None:
        """Close both."""
        super().close()
        self._file.close()


def _zstandard(path: Path) -> Any:
    for name in ("compression.zstd", "backports.zstd"):
        with contextlib.suppress(ImportError):
            return importlib.import_module(name)
    raise MissingDependencyError("backports.zstd", "zstd", f"{path}: Zstandard")
