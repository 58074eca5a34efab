"""Commands that make, ask and export a model."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kg_rec import demo as demonstration
from kg_rec.cli.common import (
    Count,
    Lang,
    Model,
    Quiet,
    RealIds,
    Text,
    User,
    err_console,
    hint,
    is_text,
    load,
    print_json,
    print_table,
    progress_bars,
)
from kg_rec.cli.wishes import (
    Attributes,
    Boost,
    Calibration,
    Caps,
    Diversity,
    Explore,
    Facet,
    Friends,
    Liked,
    Mute,
    Novelty,
    Only,
    Seed,
    Segments,
    Strategy,
    Where,
    Without,
    asked,
    reranking,
    tell,
    told,
    whom,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kg_rec.explanations import Recommendation
    from kg_rec.io.endpoint import Endpoint
    from kg_rec.profiles import Preference
    from kg_rec.recommender import Recommender

__all__ = ["build", "demo", "explain", "export", "init", "recommend"]


class RdfFormat(StrEnum):
    """RDF formats of export: the keys of ``graph.FORMATS``."""

    ttl = "ttl"
    nt = "nt"
    jsonld = "jsonld"
    rdf = "rdf"
    nq = "nq"
    trig = "trig"


class Profile(StrEnum):
    """What is written besides the triples: ``graph.writing.PROFILES``."""

    plain = "plain"
    evidence = "evidence"
    rdf12 = "rdf12"


class ListFormat(StrEnum):
    """How recommendations are printed."""

    table = "table"
    json = "json"
    ttl = "ttl"


class ExplanationFormat(StrEnum):
    """How an explanation is printed."""

    text = "text"
    json = "json"
    html = "html"
    ttl = "ttl"


def demo(
    out: Annotated[Path, typer.Option("--out", help="The folder to write.")] = Path("demo"),
    taste: Annotated[str, typer.Option("--taste", help="Your taste.")] = demonstration.TASTE,
    *,
    quiet: Quiet = False,
) -> None:
    """Build the shipped film demonstration, print three people's top 10, write a report."""
    from kg_rec import bundle, io  # noqa: PLC0415 - see above
    from kg_rec.pseudonyms import Pseudonyms  # noqa: PLC0415
    from kg_rec.recommender import Recommender  # noqa: PLC0415

    bundle.check_free(out / "model")
    out.mkdir(parents=True, exist_ok=True)
    with progress_bars(quiet=quiet) as progress:
        model = Recommender.fit(config=demonstration.DEMO_CONFIG, progress=progress)
        model.save(out / "model")
        model.pseudonyms = Pseudonyms.beside(out / "model")
        io.write_file(out / "graph.ttl", model.export_graph(users=True).serialize("ttl"))
        model.report(text=taste, out=out / "report.html")
    rated, told = demonstration.RATED_USER, demonstration.TOLD_USER
    print_table(model.recommend(rated), f"For user {rated}, known by ratings")
    said = model.graph.documents[f"users/{told}"]
    print_table(model.recommend(told), f"For user {told}, who said: {said}")
    print_table(model.recommend(text=taste), f"For a taste just typed: {taste}")
    hint(f"Open {out / 'report.html'}; the graph is {out / 'graph.ttl'}", quiet=quiet)


def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder to write to.")],
) -> None:
    """Write a commented kg-rec.toml with tiny example tables, ready for build."""
    for path in demonstration.init(folder):
        hint(f"wrote {path}", quiet=False)


def build(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="The settings, a TOML file.")],
    out: Annotated[Path, typer.Option("--out", help="The model folder to write.")],
    *,
    quiet: Quiet = False,
) -> None:
    """Build a model from the tables, texts and RDF that a configuration names."""
    from kg_rec import bundle  # noqa: PLC0415
    from kg_rec.recommender import Recommender  # noqa: PLC0415

    bundle.check_free(out)
    with progress_bars(quiet=quiet) as progress:
        model = Recommender.fit(config=config, progress=progress)
        model.save(out)
    users, items = len(model.users), len(model.items)
    hint(f"{out}: {items:,} items, {users:,} users, {len(model.graph):,} triples", quiet=quiet)


def recommend(  # noqa: PLR0913, PLR0917 - each is an option
    model: Model,
    user: User = None,
    text: Text = None,
    liked: Liked = None,
    attribute: Attributes = None,
    friend: Friends = None,
    segment: Segments = None,
    k: Count = 10,
    lang: Lang = "en",
    only: Only = None,
    without: Without = None,
    where: Where = None,
    diversity: Diversity = None,
    novelty: Novelty = None,
    calibration: Calibration = None,
    facet: Facet = None,
    cap: Caps = None,
    mute: Mute = None,
    boost: Boost = None,
    strategy: Strategy = None,
    explore: Explore = 0.0,
    seed: Seed = 0,
    format: Annotated[ListFormat, typer.Option("--format")] = ListFormat.table,  # noqa: A002 - the option's name
    *,
    real_ids: RealIds = False,
) -> None:
    """Print the best items for a user or a taste, with their strongest reason or all reasons."""
    ask = asked(
        user=user,
        text=text,
        liked=liked,
        attributes=attribute,
        friends=friend,
        segments=segment,
        strategy=strategy,
    )
    rerank = reranking(
        cap, diversity=diversity, novelty=novelty, calibration=calibration, facet=facet
    )
    recommender = load(model)
    found = recommender.recommend(
        **ask,
        k=k,
        language=lang,
        only=only or (),
        without=without or (),
        where=where,
        rerank=rerank,
        mute=mute or (),
        boost=boost or (),
        explore=explore,
        seed=seed,
    )
    if format is ListFormat.json:
        print_json({"user": user, "items": [item.to_dict() for item in found], **told(found)})
    elif format is ListFormat.ttl:
        _print_turtle(recommender, found, ask, real_ids=real_ids)
    else:
        print_table(found, whom(ask))
        tell(found, ask)
    if text is not None and (note := _note(recommender.read_taste(text), found)):
        err_console.print(f"kg-rec: note: {note}", markup=False, soft_wrap=True)


def explain(  # noqa: PLR0913, PLR0917 - as above
    model: Model,
    item: Annotated[str, typer.Option("--item", callback=is_text, help="Id of the item.")],
    user: User = None,
    text: Text = None,
    liked: Liked = None,
    attribute: Attributes = None,
    friend: Friends = None,
    segment: Segments = None,
    lang: Lang = "en",
    mute: Mute = None,
    boost: Boost = None,
    strategy: Strategy = None,
    format: Annotated[ExplanationFormat, typer.Option("--format")] = ExplanationFormat.text,  # noqa: A002 - the option's name
    *,
    real_ids: RealIds = False,
) -> None:
    """Print why an item has its score for a user or a taste: all terms, with evidence."""
    ask = asked(
        user=user,
        text=text,
        liked=liked,
        attributes=attribute,
        friends=friend,
        segments=segment,
        strategy=strategy,
    )
    if format is ExplanationFormat.html and (mute or boost):
        msg = "--mute and --boost are not for --format html"
        raise typer.BadParameter(msg)
    recommender = load(model)
    if format is ExplanationFormat.html:
        sys.stdout.write(recommender.report(**ask, item=item, language=lang))
        return
    explanation = recommender.explain(
        item, **ask, language=lang, mute=mute or (), boost=boost or ()
    )
    if format is ExplanationFormat.json:
        print_json({"user": user, "items": [explanation.to_dict(support=True)]})
        return
    if format is ExplanationFormat.ttl:
        _print_turtle(recommender, [explanation], ask, real_ids=real_ids)
        return
    from kg_rec.report import render_text  # noqa: PLC0415 - other commands do without

    sys.stdout.write(render_text(explanation, explanation.words) + "\n")


def export(  # noqa: PLR0913 - each is an option
    model: Model,
    out: Annotated[Path | None, typer.Option("--out", help="The file to write.")] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="URL", help="A SPARQL server to write to, as http://…/query."),
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name
        RdfFormat | None, typer.Option("--format", help="Format of the file; ttl if not told.")
    ] = None,
    profile: Annotated[
        Profile,
        typer.Option("--profile", help="evidence, rdf12: also where each triple comes from."),
    ] = Profile.plain,
    update_url: Annotated[
        str | None,
        typer.Option(
            "--update-url", metavar="URL", help="Where updates go, if not to …/update beside --to."
        ),
    ] = None,
    headers: Annotated[
        list[str] | None,
        typer.Option(
            "--header",
            metavar="NAME=VARIABLE",
            help="Send a header whose value is in an environment variable.",
        ),
    ] = None,
    *,
    users: Annotated[
        bool,
        typer.Option("--users", help="Write what users did and said, too, under pseudonyms."),
    ] = False,
    real_ids: Annotated[
        bool,
        typer.Option("--real-ids", help="With --users: their ids and own words (personal data)."),
    ] = False,
) -> None:
    """Write the graph of a model, without the users unless asked for, as RDF.

    To a file, or to a SPARQL server, where the graphs of the same names are replaced.
    """
    _check_target(out, to, file=[format], server=[update_url, headers])
    if real_ids and not users:
        msg = "--real-ids is for --users"
        raise typer.BadParameter(msg)
    graph = load(model).export_graph(users=users, real_ids=real_ids)
    if out is not None:
        from kg_rec import io  # noqa: PLC0415

        io.write_file(out, graph.serialize(format or RdfFormat.ttl, profile))
    elif to is not None:
        with _endpoint(to, update_url, headers or []) as endpoint:
            graph.to_endpoint(endpoint, profile=profile, users=users)
    hint(f"wrote {to if out is None else out}: {len(graph):,} triples", quiet=False)


def _check_target(
    out: Path | None, to: str | None, *, file: Sequence[object], server: Sequence[object]
) -> None:
    """Refuse a file and a server, neither, and options of the other one."""
    if (out is None) == (to is None):
        msg = "give either --out or --to"
        raise typer.BadParameter(msg)
    if to is not None and any(file):
        msg = "--format is for --out"
        raise typer.BadParameter(msg)
    if out is not None and any(server):
        msg = "--update-url and --header are for --to"
        raise typer.BadParameter(msg)


def _endpoint(url: str, update_url: str | None, headers: Sequence[str]) -> Endpoint:
    """Return the server that options name."""
    from kg_rec.io.endpoint import Endpoint, headers_from  # noqa: PLC0415

    pairs = [header.partition("=") for header in headers]
    if not all(name and variable for name, _, variable in pairs):
        msg = "--header: expected NAME=VARIABLE, as Authorization=MY_TOKEN"
        raise typer.BadParameter(msg)
    values = headers_from({name: variable for name, _, variable in pairs})
    return Endpoint(url, update_url, values)


def _print_turtle(
    recommender: Recommender,
    found: Sequence[Recommendation],
    ask: Mapping[str, Any],
    *,
    real_ids: bool,
) -> None:
    """Print recommendations with all their terms as Turtle."""
    from kg_rec.tastes import Ask  # noqa: PLC0415 - other formats do without

    told = Ask(**{name: value for name, value in ask.items() if name != "strategy"}).told
    graph = recommender.to_rdf(found, ask["user"], text=told, real_ids=real_ids)
    sys.stdout.write(graph.serialize("ttl").decode())


def _note(said: Sequence[Preference], found: Sequence[Recommendation]) -> str | None:
    """Return what the reader of a list should know of the taste that it was made for."""
    if not said:
        return "no like or dislike was understood in the text; this is what is popular"
    used = {term.source.id for item in found for term in item.contributions}
    lost = [repr(p.label) for p in said if p.strength > 0 and p.entity not in used]
    return f"none of these items has to do with {', '.join(lost)}" if lost else None
