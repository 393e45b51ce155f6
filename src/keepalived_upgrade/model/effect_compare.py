"""Two effects compared: what the new one does otherwise, each difference as a value with a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from keepalived_upgrade.model.effect_facts import Facts, Key, facts_of
from keepalived_upgrade.model.effect_values import Effect
from keepalived_upgrade.names import Rename

_HIDDEN = ("…",)
# Where one of these comes or goes, what else belongs to it comes or goes with it, but for what the network sees.
_WHOLE = ("instance", "group", "script", "server")
_SEEN = ("address", "route", "rule")
_COMMON = ("states", "umask")
_NOUNS = {
    "advert": "the advert interval",
    "auth": "the authentication",
    "checker": "the checker",
    "command": "the command",
    "entry": "the entry",
    "family": "the family of the adverts",
    "forwarding": "the forwarding method",
    "group": "the sync group",
    "instance": "the instance",
    "interface": "the interface",
    "preempt": "the preemption",
    "priority": "the priority",
    "protocol": "the protocol",
    "real": "the real server's",
    "scheduler": "the scheduler",
    "script": "the script",
    "secret": "the password, as it is sent,",
    "server": "the virtual server",
    "setting": "the setting",
    "source": "the source address",
    "state": "the initial state",
    "states": "what is told to",
    "track": "the tracking of",
    "umask": "the umask of",
    "version": "the VRRP version",
    "vmac": "the virtual MAC",
    "vrid": "the virtual_router_id",
}


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One fact that two effects do not share. kind: `address`, `command`, `version`, …. owner: the instance, group,
    script or server, by its old name. item: what it is about, or "". old, new: the values, () where there is none.
    """

    kind: str
    owner: str
    item: str
    old: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def change(self) -> str:
        """lost, gained or changed."""
        return "changed" if self.old and self.new else "lost" if self.old else "gained"

    @property
    def sentence(self) -> str:
        """The difference in words."""
        if self.kind == "stops":
            return f"the process {self.owner} of keepalived " + ("ends" if self.new else "no longer ends")
        what = f"{_NOUNS.get(self.kind, self.kind)} {self.item}".strip()
        old, new = ", ".join(self.old), ", ".join(self.new)
        if self.kind in _WHOLE and not self.item:
            return f"{what} {self.owner} " + {"lost": "is gone", "gained": "is new"}.get(self.change, f"is {new} now")
        if self.change == "lost":
            return f"{self.owner}: {what} is gone" + (f" ({old})" if old not in _PLAIN else "")
        if self.change == "gained":
            return f"{self.owner}: {what} is new" + (f" ({new})" if new not in _PLAIN else "")
        if self.kind in _COMMON:
            return f"{what} {self.owner}: {new} (before: {old})"
        if self.kind == "secret":
            return f"{self.owner}: {what} is another one"
        return f"{self.owner}: {what}: {new} (before: {old})"


# Values that say no more than that a fact holds.
_PLAIN = ("set", "on", "peer", "runs", "…", "fault")


def compare(old: Effect, new: Effect, renames: Iterable[Rename] = ()) -> tuple[Difference, ...]:
    """Give what the new effect does otherwise than the old one; () where they are equal up to the renames.

    renames: old name → new names. Where one instance has become several, what they do together is compared with it.
    """
    return compare_facts(facts_of(old, secrets=True), facts_of(new, old_names(renames), secrets=True))


def old_names(renames: Iterable[Rename]) -> dict[bytes, bytes]:
    """Give new name → old name."""
    return {name: rename.old for rename in renames for name in rename.names()}


def compare_facts(before: Facts, after: Facts) -> tuple[Difference, ...]:
    """Give what differs between the facts of two effects, as compare does."""
    keys = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
    return tuple(sorted(_difference(key, before, after) for key in keys if not _is_told(key, before, after)))


def align_facts(before: Facts, after: Facts) -> tuple[Difference, ...]:
    """Give every fact of both, those that they share too; without passwords."""
    keys = [key for key in before.keys() | after.keys() if key[0] != "secret"]
    return tuple(sorted(_difference(key, before, after) for key in keys))


def _is_told(key: Key, before: Facts, after: Facts) -> bool:
    """Whether the whole that a fact belongs to has come or gone, which says it already."""
    kind, owner, item = key
    if kind in _COMMON:
        return key not in before or key not in after  # no script, no umask
    if kind in _SEEN or (kind in _WHOLE and not item):
        return False
    server = owner.partition(" real_server ")[0]
    wholes = [(whole, name, "") for whole in _WHOLE for name in (owner, server)]
    return any((whole in before) != (whole in after) for whole in wholes)


def _difference(key: Key, before: Facts, after: Facts) -> Difference:
    old, new = before.get(key, ()), after.get(key, ())
    if key[0] == "secret":
        old, new = _HIDDEN if old else (), _HIDDEN if new else ()
    return Difference(*key, old, new)
