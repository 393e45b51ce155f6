"""What a migration is: one versioned pass over the configuration, and what it may know and say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from keepalived_upgrade.edits import Edit, NewFile
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.findings import Finding, Place
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
# What the parts of a MixedChoice are called on the command line and in a choices file.
MIXED_KEYS = {"mixed": "cure", "names": "names", "notify": "notify", "ipv4-name": "ipv4", "ipv6-name": "ipv6"}
_ALLOWED = {"mixed": MIXED_CURES, "names": NAME_STYLES, "notify": NOTIFY_STYLES}


def check_mixed(key: str, value: object) -> None:
    """Check one part of a MixedChoice by its key of MIXED_KEYS. Raises InputError for what cannot be meant."""
    if key in _ALLOWED:
        if value not in _ALLOWED[key]:
            raise InputError(f"{value!r} is no choice for {key}", cure=f"Choose one of {', '.join(_ALLOWED[key])}.")
        return
    rest = value.replace("{name}", "") if isinstance(value, str) and "{name}" in value else "!"
    if any(c.isspace() or c in "\"'#!{}$" or c < " " or c == "\x7f" for c in rest):
        raise InputError(
            f"{value!r} for {key} cannot name an instance",
            cure="Use {name} and letters, digits, '_', '-' or '.', such as {name}_v6.",
        )


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
        for key, name in MIXED_KEYS.items():
            check_mixed(key, getattr(self, name))


@dataclass(frozen=True, slots=True)
class Choices:
    """What the operator decided. instances: per instance name, overriding `mixed`.

    only, skip: migration ids; an empty `only` means all. accept: finding ids whose decision is taken as made.
    origin: the file that some of it comes from. untouched: instances with both families that stay as they are, since
    a review refused their cure. Every choice is checked here, wherever it comes from, and raises
    InputError; only whether the ids of only and skip exist is asked by the engine, which knows the migrations.
    """

    mixed: MixedChoice = field(default_factory=MixedChoice)
    instances: Mapping[bytes, MixedChoice] = field(default_factory=dict)
    only: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()
    accept: frozenset[str] = frozenset()
    origin: str = field(default="", compare=False)
    untouched: frozenset[bytes] = frozenset()

    def __post_init__(self) -> None:
        if not all(isinstance(n, bytes) and isinstance(c, MixedChoice) for n, c in self.instances.items()):
            raise InputError(
                "instances must map names in bytes to MixedChoice",
                cure='Write Choices(instances={b"GW": MixedChoice("excluded")}).',
            )
        for name in ("only", "skip", "accept"):
            ids = getattr(self, name)
            if isinstance(ids, str) or not all(isinstance(id, str) for id in ids):
                raise InputError(f"{name} must be a set of ids", cure=f'Write Choices({name}=frozenset({{"…"}})).')

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

    def applies(self, source: Release, target: Release) -> bool:
        """Tell whether the change lies between the two releases: source < release <= target."""
        return source < self.release <= target
