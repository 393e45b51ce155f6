"""Two effects compared: what the new one does otherwise, each difference as a value with a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from keepalived_upgrade.model.effect_facts import Facts, facts_of
from keepalived_upgrade.model.effect_values import Effect
from keepalived_upgrade.names import Rename

_HIDDEN = ("…",)
_NOUNS = {
    "advert": "advert interval",
    "auth": "authentication",
    "family": "family of the adverts",
    "version": "VRRP version",
    "vrid": "virtual_router_id",
    "source": "source address",
    "vmac": "virtual MAC",
    "preempt": "preemption",
    "secret": "password that is sent",
    "real": "real server",
    "states": "states in which notify is called",
    "umask": "umask of scripts",
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
        noun = _NOUNS.get(self.kind, self.kind)
        what = f"{noun} {self.item}".strip()
        if self.kind == "stops":
            return f"the process `{self.owner}` of keepalived " + ("ends" if self.new else "no longer ends")
        if self.change == "lost":
            return f"{self.owner}: {what} is gone (was {', '.join(self.old)})"
        if self.change == "gained":
            return f"{self.owner}: {what} is new ({', '.join(self.new)})"
        return f"{self.owner}: {what} is {', '.join(self.new)} (was {', '.join(self.old)})"


def compare(old: Effect, new: Effect, renames: Iterable[Rename] = ()) -> tuple[Difference, ...]:
    """Give what the new effect does otherwise than the old one; () where they are equal up to the renames.

    renames: old name → new names. Where one instance has become several, what they do together is compared with it.
    """
    names = {name: rename.old for rename in renames for name in rename.names()}
    before, after = facts_of(old, secrets=True), facts_of(new, names, secrets=True)
    found = [_difference(key, before, after) for key in before.keys() | after.keys() if _differs(key, before, after)]
    return tuple(sorted(found))


def _differs(key: tuple[str, str, str], before: Facts, after: Facts) -> bool:
    return before.get(key) != after.get(key)


def _difference(key: tuple[str, str, str], before: Facts, after: Facts) -> Difference:
    old, new = before.get(key, ()), after.get(key, ())
    if key[0] == "secret":
        old, new = _HIDDEN if old else (), _HIDDEN if new else ()
    return Difference(*key, old, new)
