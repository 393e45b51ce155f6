"""The command `effect`, and the table of `upgrade --effect`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from keepalived_upgrade.cli.options import Format, FormatOption, Root
from keepalived_upgrade.errors import InputError

if TYPE_CHECKING:
    from keepalived_upgrade.model.effect_values import Effect, Mistake
    from keepalived_upgrade.plan import Plan


def effect(
    config: Annotated[str, typer.Argument(metavar="CONFIG", help="The main file, as the host sees it.")] = (
        "/etc/keepalived/keepalived.conf"
    ),
    release: Annotated[
        str, typer.Option("--release", metavar="RELEASE", help="Whose reading: 2.2.7, debian-bookworm …")
    ] = "",
    root: Root = "/",
    config_id: Annotated[str, typer.Option(metavar="ID", help="The node's id for @ conditions (-i).")] = "",
    format: FormatOption = Format.TEXT,
) -> None:
    """Show what a release does with a configuration: addresses, instances, commands, servers, and what it ignores."""
    from keepalived_upgrade.engine import read_site
    from keepalived_upgrade.model.effect import effect_of
    from keepalived_upgrade.releases import resolve_release
    from keepalived_upgrade.site import Site

    if not release:
        raise InputError("--release is missing", cure="Give the release that reads it, such as --release 2.2.7.")
    chosen = resolve_release(release)
    found = effect_of(read_site(Site.open(config, root, config_id), chosen))
    if format is Format.JSON:
        sys.stdout.write(_as_json(found, config))
    else:
        sys.stdout.write(_as_text(found, config))


def show_comparison(plan: Plan) -> str:
    """Give the table of a plan: what the old text does under the source beside the new one under the target."""
    import shutil

    from keepalived_upgrade.review.effect_table import render_comparison

    title = f"\nWhat keepalived does with {plan.config} (≠: not the same; names are the old ones)"
    heads = (f"{plan.source}, as it is", f"{plan.target}, as it will be")
    return render_comparison(title, plan.comparison, heads, shutil.get_terminal_size().columns)


def _as_text(found: Effect, config: str) -> str:
    from keepalived_upgrade.model.effect_compare import align_facts
    from keepalived_upgrade.model.effect_facts import facts_of
    from keepalived_upgrade.review.effect_table import render_effect
    from keepalived_upgrade.review.masking import clean

    facts = facts_of(found)
    text = render_effect(f"What {found.release} does with {clean(config)}", align_facts(facts, facts))
    mistakes = [_line(mistake) for mistake in found.mistakes if mistake.subject]
    if mistakes:
        text += "\nLines that it does not take as written\n" + "".join(f"  {line}\n" for line in mistakes)
    for process in found.stops:
        text += f"\nThe process {process.decode()} ends: nothing of what it should do above is done.\n"
    return text


def _line(mistake: Mistake) -> str:
    from keepalived_upgrade.review.masking import clean, mask, show

    place = f"{mistake.path}:{mistake.line}" if mistake.line else mistake.path
    silent = "" if mistake.said else " (without a word)"
    return clean(f"{place}  {mistake.problem.value}  {mask(show(mistake.subject))}{silent}")


def _as_json(found: Effect, config: str) -> str:
    import json

    from keepalived_upgrade.model.effect_compare import align_facts
    from keepalived_upgrade.model.effect_facts import facts_of
    from keepalived_upgrade.review.json_report import fact_as_json, masked
    from keepalived_upgrade.review.masking import mask, show

    facts = facts_of(found)
    report = {
        "version": 1,
        "release": str(found.release),
        "config": config,
        "facts": [fact_as_json(fact) | {"values": masked(fact.new)} for fact in align_facts(facts, facts)],
        "mistakes": [
            {
                "path": mistake.path,
                "line": mistake.line,
                "problem": mistake.problem.value,
                "subject": mask(show(mistake.subject)),
                "reported": mistake.said,
            }
            for mistake in found.mistakes
        ],
        "stops": [process.decode() for process in found.stops],
    }
    return json.dumps(report, indent=2, ensure_ascii=True) + "\n"
