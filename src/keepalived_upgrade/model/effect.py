"""What a release does with a configuration: `effect_of` reads it as the release would, and gives it as values.

Sources: the tags of keepalived, the catalogue of changes, and what built releases did (tests/test_effect_probes.py
holds the model against all of it).
"""

from __future__ import annotations

from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.effect_addresses import Place, addresses, routes, rules
from keepalived_upgrade.model.effect_commands import action
from keepalived_upgrade.model.effect_context import Making, leading, settings
from keepalived_upgrade.model.effect_lvs import servers
from keepalived_upgrade.model.effect_nodes import Node
from keepalived_upgrade.model.effect_reading import read_effect
from keepalived_upgrade.model.effect_required import check_required, up_to_missing
from keepalived_upgrade.model.effect_tracks import check_tracked, checks, groups, without_weights
from keepalived_upgrade.model.effect_values import Action, Effect, Problem, Surroundings
from keepalived_upgrade.model.effect_vrrp import instances
from keepalived_upgrade.releases import Release

_HOOKS = (
    *(b"startup_script", b"shutdown_script"),
    *(b"notify_fifo_script", b"vrrp_notify_fifo_script", b"lvs_notify_fifo_script"),
)
_READ = frozenset(
    (*_HOOKS, b"vrrp_version", b"vrrp_strict", b"script_user", b"default_interface", b"enable_script_security")
)


# Numbers of global_defs that 2.0.7 checks.
_WHOLE = {
    b"startup_script_timeout": (1, 1000),
    b"shutdown_script_timeout": (1, 1000),
    b"vrrp_garp_master_delay": (0, 86400),
    b"vrrp_garp_master_refresh": (0, 4294967),
    b"smtp_connect_timeout": (0, 4294967),
}
_SECONDS = frozenset((b"vrrp_garp_interval", b"vrrp_gna_interval"))
_INCLUDE_CHECKS = (b"read", b"readable", b"match", b"wildcard_match", b"brace_match")


def effect_of(config: Config, around: Surroundings | None = None) -> Effect:
    """Give what the release of a configuration does with it.

    config: as the release reads it. around: what the host has; without it everything that is named is taken to exist.
    Raises nothing; what the release does not take as written is in the effect's mistakes.
    """
    reading = read_effect(config.tree, config.release)
    making = Making(config.release, around or Surroundings())
    making.mistakes += reading.mistakes
    making.stops |= {mistake.process for mistake in reading.mistakes if mistake.problem is Problem.STOPS}
    top = reading.top
    check_required(making, top)
    defaults = _defaults(top)
    _check_defaults(making, defaults)
    _check_ssl(making, top)
    found = instances(making, top, defaults)
    scripts = checks(making, top)
    _check_names(making, top)
    in_force = groups(making, top, found)
    found = without_weights(making, top, found, in_force, scripts)
    static = Place(_static_interface(making, defaults))
    return Effect(
        release=config.release,
        instances=tuple(sorted(found)),
        groups=tuple(sorted(in_force)),
        checks=tuple(sorted(scripts)),
        addresses=tuple(sorted(addresses(making, top.entries(b"static_ipaddress"), static))),
        routes=tuple(routes(making, top.entries(b"static_routes"))),
        rules=tuple(rules(making, top.entries(b"static_rules"))),
        servers=tuple(sorted(servers(making, top))),
        settings=settings(defaults.children, _READ) if defaults is not None else (),
        actions=_actions(making, defaults),
        mistakes=tuple(dict.fromkeys(up_to_missing(making))),
        stops=tuple(sorted(making.stops)),
    )


def _defaults(top: Node) -> Node | None:
    """All global_defs as one block: a later line of a keyword counts."""
    blocks = top.find_all(b"global_defs")
    if not blocks:
        return None
    first = blocks[0]
    children = [child for block in blocks for child in block.children]
    return Node(first.words, first.quoted, first.text, first.path, first.line, first.close, children)


def _check_defaults(making: Making, defaults: Node | None) -> None:
    if defaults is None:
        return
    version = defaults.find(b"vrrp_version")
    if version is not None and version.args and leading(version.args[0]) not in (2, 3):
        making.note(version, Problem.IGNORED, version.text)
    _check_script_user(making, defaults)
    _check_default_interface(making, defaults)
    _check_numbers(making, defaults)
    for word in defaults.find_all(b"include_check"):
        if any(arg.lstrip(b"+-") not in _INCLUDE_CHECKS for arg in word.args):
            making.note(word, Problem.IGNORED, word.text)
    sender = defaults.find(b"notification_email_from")
    if sender is not None and not sender.args and making.release < Release(1, 2, 24):
        making.stop(sender, sender.text, said=False)
        making.stop(sender, sender.text, process=b"checkers", said=False)
    elif sender is not None and not sender.args and making.since(2, 0, 16):
        making.note(sender, Problem.IGNORED, sender.text)


def _check_default_interface(making: Making, defaults: Node) -> None:
    """1.3.5 to 2.0.5 look for it before they know any interface (probe g40_glob_default_interface)."""
    line = defaults.find(b"default_interface")
    if line is None or not Release(1, 3, 5) <= making.release < Release(2, 0, 6):
        return
    if making.since(2, 0, 0):
        making.stop(line, line.text)
    else:
        making.note(line, Problem.IGNORED, line.text, 0)


def _check_ssl(making: Making, top: Node) -> None:
    """Up to 1.3.5 a file of the SSL block that is not there ends the checkers (probe g41h)."""
    files = making.around.files
    for block in top.find_all(b"SSL"):
        lost = [
            line
            for line in block.find_all(b"ca", b"certificate", b"key")
            if line.args and line.args[0] not in (files or ())
        ]
        if files is not None and lost and not making.since(1, 3, 6):
            making.stop(lost[0], lost[0].text, process=b"checkers", said=False)


def _check_numbers(making: Making, defaults: Node) -> None:
    for line in defaults.children:
        if line.keyword in _WHOLE and line.args:
            making.whole(line, *_WHOLE[line.keyword], None)
        elif line.keyword in _SECONDS and line.args:
            making.seconds(line, "0.000001", "4294.967295", Release(2, 0, 7), 0)


def _check_script_user(making: Making, defaults: Node) -> None:
    making.secure = defaults.find(b"enable_script_security") is not None
    making.dynamic = making.since(2, 0, 0) and defaults.find(b"dynamic_interfaces") is not None
    user = defaults.find(b"script_user")
    if user is None or not user.args:
        return
    known = making.around.users
    making.script_user = user.args
    if known is not None and user.args[0] not in known:
        making.note(user, Problem.IGNORED, user.text)
        if not making.since(1, 3, 6):
            making.script_user = ()


def _check_names(making: Making, top: Node) -> None:
    gone = {m.line for m in making.mistakes if m.problem is Problem.DROPPED}
    scripts = {b.args[0] for b in top.find_all(b"vrrp_script") if b.args and b.close not in gone}
    files = {b.args[0] for b in top.find_all(b"track_file", b"vrrp_track_file") if b.args}
    processes = {b.args[0] for b in top.find_all(b"vrrp_track_process") if b.args}
    check_tracked(making, top, {b"track_script": scripts, b"track_file": files, b"track_process": processes})


def _static_interface(making: Making, defaults: Node | None) -> bytes:
    common = defaults.first(b"default_interface") if defaults is not None and making.since(1, 2, 24) else None
    return common or b"eth0"


def _actions(making: Making, defaults: Node | None) -> tuple[Action, ...]:
    if defaults is None:
        return ()
    lines = [line for keyword in _HOOKS if (line := defaults.find(keyword)) is not None]
    found = []
    for line in lines:
        fifo = defaults.first(line.keyword.removesuffix(b"_script")) if b"fifo" in line.keyword else None
        made = action(making, line, (fifo,) if fifo else ())
        if made is not None:
            found.append(made)
    return tuple(sorted(found))
