"""What a configuration does under a release, as values: sorted, comparable, immutable."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from keepalived_upgrade.releases import Release

# (keyword, words) of what is set.
Settings = tuple[tuple[bytes, tuple[bytes, ...]], ...]


class Problem(Enum):
    """What a release makes of a line that it does not take as written.

    unknown: no keyword there. ignored: a line without effect. changed: another value is used than the one written.
    dropped: a whole block has no effect. disabled: a command that cannot be run on this host. advice: it says
    something, and does what is written. stops: the process ends.
    """

    UNKNOWN = "unknown"
    IGNORED = "ignored"
    CHANGED = "changed"
    DROPPED = "dropped"
    DISABLED = "disabled"
    ADVICE = "advice"
    STOPS = "stops"


@dataclass(frozen=True, slots=True)
class Mistake:
    """line 0: the daemon names none. subject: what is wrong, in words of the configuration.

    process: b"vrrp" or b"checkers" where it stops. said: whether the daemon reports it.
    """

    path: str
    line: int
    problem: Problem
    subject: bytes
    process: bytes = b""
    said: bool = True


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """An address that is put on an interface. interface b"": not known. excluded: not in the adverts.

    flags: words such as noprefixroute and deprecated.
    """

    family: int
    address: str
    prefix: int
    interface: bytes = b""
    label: bytes = b""
    broadcast: str = ""
    scope: bytes = b""
    peer: str = ""
    flags: tuple[bytes, ...] = ()
    excluded: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Route:
    """A route. options: (word, value) in order of the word; hops: the options of each nexthop."""

    family: int
    destination: str
    kind: str = ""
    options: tuple[tuple[str, str], ...] = ()
    hops: tuple[tuple[tuple[str, str], ...], ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """A rule. preference: as written, or the number that the release chooses; 0: the kernel chooses."""

    family: int
    preference: int
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Action:
    """A command on an event. states: those in which it is run, for notify; appended: what keepalived adds.

    argv: what is run; through a shell it is one text. user: b"" is the user of keepalived, root.
    umask: what keepalived sets it to, b"" where it is left to the environment.
    """

    event: bytes
    argv: tuple[bytes, ...]
    shell: bool
    user: bytes = b""
    group: bytes = b""
    appended: tuple[bytes, ...] = ()
    states: tuple[bytes, ...] = ()
    umask: bytes = b""


@dataclass(frozen=True, slots=True, order=True)
class Check:
    """A vrrp_script: what it runs, how often (ms), what its failure does."""

    name: bytes
    command: Action
    interval: int
    weight: int
    rise: int
    fall: int


@dataclass(frozen=True, slots=True, order=True)
class Track:
    """Something that an instance or group tracks. weight: its one number; () where its failure is a fault."""

    kind: bytes
    name: bytes
    weight: tuple[int, ...] = ()
    reverse: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Instance:
    """A vrrp_instance. advert: milliseconds. auth: PASS, AH or b"".

    secret: the part of the password that is sent; never shown. peers: unicast, b"" for none.
    """

    name: bytes
    interface: bytes
    family: int
    version: int
    vrid: int
    priority: int
    state: bytes
    advert: int
    auth: bytes = b""
    secret: bytes = b""
    source: str = ""
    peers: tuple[str, ...] = ()
    vmac: bytes = b""
    preempt: bool = True
    settings: Settings = ()
    addresses: tuple[Address, ...] = ()
    routes: tuple[Route, ...] = ()
    rules: tuple[Rule, ...] = ()
    tracks: tuple[Track, ...] = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """A sync group that is in force."""

    name: bytes
    members: tuple[bytes, ...]
    tracks: tuple[Track, ...] = ()
    actions: tuple[Action, ...] = ()
    settings: Settings = ()


@dataclass(frozen=True, slots=True, order=True)
class Checker:
    """A checker of a real server. settings: (keyword, words), in order of the keyword."""

    kind: bytes
    settings: Settings = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Real:
    """A real server. key: address and port. weight: as used."""

    key: tuple[bytes, ...]
    weight: int
    checkers: tuple[Checker, ...] = ()
    settings: Settings = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Virtual:
    """A virtual server. key: its words. entries: the lines of its group. sorry: address and port, or ()."""

    key: tuple[bytes, ...]
    scheduler: bytes
    method: bytes
    protocol: bytes
    delay: int
    entries: tuple[bytes, ...] = ()
    sorry: tuple[bytes, ...] = ()
    reals: tuple[Real, ...] = ()
    settings: Settings = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """What a release does with a configuration. stops: the processes that end instead of running.

    settings: global_defs and other top-level words. mistakes: in order of reading.
    """

    release: Release
    instances: tuple[Instance, ...] = ()
    groups: tuple[Group, ...] = ()
    checks: tuple[Check, ...] = ()
    addresses: tuple[Address, ...] = ()
    routes: tuple[Route, ...] = ()
    rules: tuple[Rule, ...] = ()
    servers: tuple[Virtual, ...] = ()
    settings: Settings = ()
    actions: tuple[Action, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    stops: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a configuration alone does not tell. interfaces, users, programs None: all that are named exist.

    linked: folders that are links (`/bin` on most hosts). script_user: whether the account keepalived_script is
    there; None: not known, and taken for neither. programs: the files that can be run. files: those that can be read.
    """

    interfaces: frozenset[bytes] | None = None
    users: frozenset[bytes] | None = None
    script_user: bool | None = None
    linked: frozenset[bytes] = frozenset()
    programs: frozenset[bytes] | None = None
    files: frozenset[bytes] | None = None
