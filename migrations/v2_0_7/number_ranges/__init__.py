"""Write numbers as the release takes them (2.0.7).

Up to 2.0.6 numbers were read with atoi and clamped in silence; from 2.0.7 they are checked, and some are ignored."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Context, Migration, Outcome
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.families import speaks_v3
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import replace_word, show

# (block, keyword) → (least, most, below it the old release used, above it the old release used). None: report.

ID = "v2_0_7/number_ranges"
# What v2_0_17/status_code writes; no old release was given that.
ANY_STATUS = b"100-599"
Range = tuple[int, int, int | None, int | None]
RANGES: dict[tuple[bytes, bytes], Range] = {
    (b"vrrp_script", b"interval"): (1, 1_000_000, 1, None),
    (b"vrrp_script", b"rise"): (1, 1_000_000, 1, None),
    (b"vrrp_script", b"fall"): (1, 1_000_000, 1, None),
    (b"vrrp_script", b"weight"): (-253, 253, None, None),
    (b"global_defs", b"smtp_connect_timeout"): (1, 1_000_000, 1, None),
    (b"virtual_server", b"delay_loop"): (1, 1_000_000, 1, None),
    (b"vrrp_instance", b"garp_master_delay"): (1, 1_000_000, 1, None),
    (b"vrrp_instance", b"virtual_router_id"): (1, 255, None, None),
    (b"vrrp_instance", b"priority"): (1, 255, None, None),
    (b"url", b"status_code"): (100, 599, None, None),
}


def migrate(config: Config, context: Context) -> Iterator[Outcome]:
    """Write what the old release used, where it is known; report the rest."""
    for statement in config.tree.walk():
        block = statement.parent.keyword if statement.parent is not None else b""
        if block == b"vrrp_instance" and statement.keyword == b"advert_int":
            yield from _advert_int(config, statement)
        elif (block, statement.keyword) in RANGES and statement.args and statement.args[0] != ANY_STATUS:
            yield from _number(statement, RANGES[block, statement.keyword])


def _advert_int(config: Config, statement: Statement) -> Iterator[Outcome]:
    """1.x clamps at 255 seconds in VRRPv2; 2.0.7 ignores such a line and takes 1 second."""
    instance = statement.parent
    if instance is None or not statement.args or speaks_v3(config, instance):
        return
    if statement.args[0].isdigit() and int(statement.args[0]) > 255:
        reason = "Up to 2.0.6 more than 255 was taken as 255; from 2.0.7 it would become 1 second."
        yield replace_word(statement, statement.words[1], b"255", ID, reason)


def _number(statement: Statement, limits: Range) -> Iterator[Outcome]:
    least, most, below, above = limits
    word = statement.words[1]
    digits = _leading_number(word.value)
    if digits is None or (digits == word.value and least <= int(digits) <= most):
        return
    value = int(digits)
    used = below if value < least else above if value > most else value
    if used is None:
        yield Finding(
            f"{ID}/out-of-range",
            Severity.REVIEW,
            statement.place,
            f"{show(statement.keyword)} {show(word.value)} is outside {least} to {most}; from 2.0.7 it is reported, "
            "and another value is used or the line ignored",
            "Write the number that is meant.",
        )
        return
    now = "all of it counts" if statement.keyword == b"status_code" else "it is an error"
    reason = f"Up to 2.0.6 this was taken as {used}; from 2.0.7 {now}."
    yield replace_word(statement, word, b"%d" % used, ID, reason)


def _leading_number(value: bytes) -> bytes | None:
    """What atoi reads of a word; None where it reads nothing, or where a decimal fraction follows."""
    size = 1 if value[:1] in (b"-", b"+") else 0
    while size < len(value) and value[size : size + 1].isdigit():
        size += 1
    digits = value[:size]
    if not digits.strip(b"+-") or value[size : size + 1] in (b".", b"$"):
        return None
    return digits


MIGRATION = Migration(
    id=ID,
    release=Release(2, 0, 7),
    covers=(
        ("advert-int-range", "2.0.7"),
        ("numeric-validation", "2.0.7"),
        ("vrrp-script-minimums", "1.2.3"),
        ("delay-loop-zero", "1.3.7"),
        ("http-status-code-range", "2.0.7"),
    ),
    area="parser",
    kind="rewrites",
    summary="Write numbers out of range as the old release used them.",
    run=migrate,
)
