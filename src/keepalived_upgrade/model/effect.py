"""What a release does with a configuration: `effect_of` reads it as the release would, and gives it as values.

Sources: the tags of keepalived, the catalogue of changes, and what built releases did (tests/test_effect_probes.py holds
the model against all of it).
"""

from __future__ import annotations

from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.effect_addresses import Place, addresses, routes, rules
from keepalived_upgrade.model.effect_commands import action
from keepalived_upgrade.model.effect_context import Making, leading, settings
from keepalived_upgrade.model.effect_lvs import servers
from keepalived_upgrade.model.effect_reading import Node, read_effect
from keepalived_upgrade.model.effect_required import check_required
from keepalived_upgrade.model.effect_tracks import check_tracked, checks, groups
from keepalived_upgrade.model.effect_values import Action, Effect, Problem, Surroundings
from keepalived_upgrade.model.effect_vrrp import instances
from keepalived_upgrade.releases import Release

_HOOKS = (
    *(b"startup_script", b"shutdown_script"),
    *(b"notify_fifo_script", b"vrrp_notify_fifo_script", b"lvs_notify_fifo_script"),
)
_READ = frozenset((*_HOOKS, b"vrrp_version", b"vrrp_strict", b"script_user", b"default_interface", b"enable_script_security"))


def effect_of(config: Config, around: Surroundings | None = None) -> Effect:
    """Give what the release of a configuration does with it.

    config: as the release reads it. around: what the host has; without it everything that is named is taken to exist.
    Raises nothing; what the release does not take as written is in the effect's mistakes.
    """
    reading = read_effect(config.tree, config.release)
    making = Making(config.release, around or Surroundings())
    making.mistakes += reading.mistakes
    top = reading.top
    check_required(making, top)
    defaults = _defaults(top)
    _check_defaults(making, defaults)
    found = instances(making, top, defaults)
    scripts = checks(making, top, defaults)
    _check_names(making, top, {check.name for check in scripts})
    in_force = groups(making, top, found)
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
        mistakes=tuple(dict.fromkeys(making.mistakes)),
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
    user = defaults.find(b"script_user")
    known = making.around.users
    if user is not None and user.args and known is not None and user.args[0] not in known:
        making.note(user, Problem.IGNORED, user.text)
    sender = defaults.find(b"notification_email_from")
    if sender is not None and not sender.args and making.release < Release(1, 2, 24):
        making.stop(sender, sender.text)
        making.stop(sender, sender.text, process=b"checkers")
    elif sender is not None and not sender.args and making.since(2, 0, 16):
        making.note(sender, Problem.IGNORED, sender.text)


def _check_names(making: Making, top: Node, scripts: set[bytes]) -> None:
    files = {b.args[0] for b in top.find_all(b"track_file", b"vrrp_track_file") if b.args}
    processes = {b.args[0] for b in top.find_all(b"vrrp_track_process") if b.args}
    check_tracked(
        making, top, {b"track_script": scripts, b"track_file": files, b"track_process": processes}
    )


def _static_interface(making: Making, defaults: Node | None) -> bytes:
    common = defaults.first(b"default_interface") if defaults is not None and making.since(1, 2, 24) else None
    return common or b"eth0"


def _actions(making: Making, defaults: Node | None) -> tuple[Action, ...]:
    if defaults is None:
        return ()
    lines = [line for keyword in _HOOKS if (line := defaults.find(keyword)) is not None]
    return tuple(sorted(made for line in lines if (made := action(making, line)) is not None))
