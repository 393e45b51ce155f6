"""What a migration is: one versioned pass over the configuration, and what it may know and say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from keepalived_upgrade.edits import Edit, NewFile
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.names import Rename
from keepalived_upgrade.releases import Release

if TYPE_CHECKING:
    from keepalived_upgrade.model.config import Config


@dataclass(frozen=True, slots=True)
class Together:
    """What is done together or not at all, such as a split and its rename.

    about: the statement that it is done for. A suppression (see suppression.py) of the migration on that line, or on
    any line that one of the edits touches, leaves out all of it.
    """

    about: Place
    outcomes: tuple[Outcome, ...]


Outcome = Edit | Finding | Rename | NewFile | Together
MIXED_CURES = ("split", "excluded")
NAME_STYLES = ("suffix", "keep")
NOTIFY_STYLES = ("first", "both", "group")


@dataclass(frozen=True, slots=True)
class MixedChoice:
    """How an instance with both families is cured. Raises InputError for a word that is none of the choices.

    cure: "split" or "excluded". names: "suffix" (both halves get a suffix) or "keep" (the IPv4 half keeps the name).
    notify: "first" (the IPv4 half keeps the hooks), "both", or "group" (the sync group gets them).
    ipv4, ipv6: patterns of the new names; `{name}` stands for the old one.
    """

    cure: str = "split"
    names: str = "suffix"
    notify: str = "first"
    ipv4: str = "{name}_v4"
    ipv6: str = "{name}_v6"

    def __post_init__(self) -> None:
        for option, value, allowed in (
            ("--mixed", self.cure, MIXED_CURES),
            ("--names", self.names, NAME_STYLES),
            ("--notify", self.notify, NOTIFY_STYLES),
        ):
            if value not in allowed:
                raise InputError(f"{option} {value} is no choice", cure=f"Choose one of {', '.join(allowed)}.")
        for option, pattern in (("--ipv4-name", self.ipv4), ("--ipv6-name", self.ipv6)):
            if "{name}" not in pattern or any(c.isspace() or c in "\"'#!{}$" for c in pattern.replace("{name}", "")):
                raise InputError(
                    f"{option} {pattern!r} cannot name an instance",
                    cure="Use {name} and letters, digits, '_', '-' or '.', such as {name}_v6.",
                )


@dataclass(frozen=True, slots=True)
class Choices:
    """What the operator decided. instances: per instance name, overriding `mixed`.

    only, skip: migration ids; an empty `only` means all. accept: finding ids whose decision is taken as made.
    """

    mixed: MixedChoice = field(default_factory=MixedChoice)
    instances: Mapping[bytes, MixedChoice] = field(default_factory=dict)
    only: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()
    accept: frozenset[str] = frozenset()

    def mixed_for(self, instance: bytes) -> MixedChoice:
        """Give the cure for one instance."""
        return self.instances.get(instance, self.mixed)


class Host(Protocol):
    """Read-only facts about files of the host under review. Paths are as keepalived sees them (inside the root)."""

    def exists(self, path: str) -> bool:
        """Tell whether there is anything at the path, links followed inside the root."""
        ...

    def resolve(self, path: str) -> str | None:
        """Give the path with all links followed inside the root; None when it leads nowhere."""
        ...

    def is_executable(self, path: str) -> bool:
        """Tell whether the path is a regular file with an x bit."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What a migration may know besides the configuration.

    catches: given a name, says where a pattern in a dependent script would catch it ("/etc/x.sh:12: VI_*"), or "".
    """

    source: Release
    target: Release
    choices: Choices
    host: Host
    catches: Callable[[bytes, bytes], str] = lambda new, old: ""


@dataclass(frozen=True, slots=True)
class Migration:
    """One versioned pass.

    id: its folder below migrations/, `v1_2_20/mixed_families`. release: the first release with the new meaning.
    covers: catalogue entries as (id, version). kind: "rewrites" or "reports". area: vrrp, lvs, scripts, ….
    summary: one sentence in the imperative. run yields edits (against the texts that config was read from),
    renames, new files and findings. last: run after the release's other passes, since it changes how the text
    reads (parser passes).
    """

    id: str
    release: Release
    covers: tuple[tuple[str, str], ...]
    area: str
    kind: str
    summary: str
    run: Callable[[Config, Context], Iterator[Outcome]]
    last: bool = False
    readme: str = ""

    def applies(self, source: Release, target: Release) -> bool:
        """Tell whether the change lies between the two releases: source < release <= target."""
        return source < self.release <= target


def finding(id: str, severity: Severity, place: Place, message: str, cure: str) -> Finding:
    """Give a finding; a short spelling for migrations."""
    return Finding(id, severity, place, message, cure)
