"""Lines as a release takes them, and which keywords it knows where."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.model.effect_values import Mistake
from keepalived_upgrade.model.keywords import Path, keywords_of, value_blocks
from keepalived_upgrade.releases import Release

# Keywords that came between two of the tables: first release seen to know them (probes; the table says later).
_CAME: dict[Path, Release] = {
    (b"vrrp_sync_group", b"track_interface"): Release(2, 0, 0),
    (b"vrrp_sync_group", b"track_script"): Release(2, 0, 0),
    (b"vrrp_sync_group", b"track_file"): Release(2, 0, 0),
    (b"vrrp_instance", b"linkbeat_use_polling"): Release(2, 0, 0),
    (b"vrrp_instance", b"track_src_ip"): Release(2, 0, 0),
    (b"vrrp_instance", b"track_file"): Release(2, 0, 0),
    (b"vrrp_instance", b"kernel_rx_buf_size"): Release(2, 0, 5),
    (b"vrrp_instance", b"track_process"): Release(2, 0, 15),
    (b"vrrp_track_process",): Release(2, 0, 15),
    (b"vrrp_track_process", b"process"): Release(2, 0, 15),
    (b"vrrp_track_process", b"weight"): Release(2, 0, 15),
    (b"global_defs", b"vrrp_garp_interval"): Release(1, 2, 23),
    (b"garp_group",): Release(1, 2, 23),
    (b"garp_group", b"interface"): Release(1, 2, 23),
    (b"garp_group", b"garp_interval"): Release(1, 2, 23),
    (b"global_defs", b"max_auto_priority"): Release(2, 1, 0),
    (b"global_defs", b"reload_time_file"): Release(2, 1, 0),
    (b"track_file",): Release(2, 1, 0),
    (b"track_file", b"file"): Release(2, 1, 0),
    (b"track_file", b"weight"): Release(2, 1, 0),
    (b"virtual_server", b"real_server", b"UDP_CHECK"): Release(2, 1, 0),
    (b"virtual_server", b"real_server", b"UDP_CHECK", b"connect_timeout"): Release(2, 1, 0),
    (b"track_group",): Release(2, 0, 5),
    (b"track_group", b"group"): Release(2, 0, 5),
    (b"virtual_server", b"smtp_alert"): Release(2, 0, 0),
    (b"virtual_server", b"real_server", b"connect_timeout"): Release(2, 0, 15),
    (b"virtual_server", b"connect_timeout"): Release(2, 0, 15),
    (b"global_defs", b"dynamic_interfaces"): Release(2, 0, 0),
    (b"global_defs", b"no_email_faults"): Release(2, 0, 0),
    (b"global_defs", b"lvs_netlink_cmd_rcv_bufs"): Release(2, 0, 0),
    (b"global_defs", b"vrrp_netlink_cmd_rcv_bufs"): Release(2, 0, 0),
    (b"global_defs", b"vrrp_rt_priority"): Release(2, 0, 0),
    (b"global_defs", b"vrrp_rlimit_rtime"): Release(2, 0, 0),
    (b"global_defs", b"vrrp_rx_bufs_policy"): Release(2, 0, 5),
    (b"global_defs", b"vrrp_rx_bufs_multiplier"): Release(2, 0, 5),
}


@dataclass(slots=True)
class Node:
    """A line that the release takes, with what it reads in its block. close: the line of the block's end, else line.

    words: values of the words, the keyword first; quoted: whether each was quoted. text: the line without its `{`.
    """

    words: tuple[bytes, ...]
    quoted: tuple[bool, ...]
    text: bytes
    path: str
    line: int
    close: int = 0
    children: list[Node] = field(default_factory=list)

    @property
    def keyword(self) -> bytes:
        """The first word."""
        return self.words[0] if self.words else b""

    @property
    def args(self) -> tuple[bytes, ...]:
        """The other words."""
        return self.words[1:]

    def find(self, *keywords: bytes) -> Node | None:
        """Give the last child with one of these keywords."""
        return next((child for child in reversed(self.children) if child.keyword in keywords), None)

    def find_all(self, *keywords: bytes) -> list[Node]:
        """Give the children with one of these keywords, in order."""
        return [child for child in self.children if child.keyword in keywords]

    def entries(self, *keywords: bytes) -> list[Node]:
        """Give the lines of all lists with these keywords."""
        return [line for block in self.find_all(*keywords) for line in block.children]

    def first(self, *keywords: bytes) -> bytes | None:
        """Give the first argument of the last child with one of these keywords."""
        child = self.find(*keywords)
        return child.args[0] if child is not None and child.args else None


@dataclass(slots=True)
class Reading:
    """What a release makes of the lines: its top-level blocks, and what it did not take."""

    top: Node
    mistakes: list[Mistake] = field(default_factory=list)


@dataclass(slots=True)
class Event:
    """A piece of a line: text, `{` or `}`; at: its offset in the file, where known."""

    kind: bytes
    path: str
    line: int
    at: int
    statement: Statement | None = None


@cache
def levels_of(release: Release) -> tuple[frozenset[Path], frozenset[Path], frozenset[Path]]:
    """The keywords a release knows, those with keywords below them, and those that hold a list."""
    known = set(keywords_of(release)) | {path for path, first in _CAME.items() if release >= first}
    above = frozenset(path[:-1] for path in known if len(path) > 1)
    lists = {path for path in value_blocks() if path in known}
    # Seen with the lists of the later table.
    lists |= {path for path in _CAME if path in known and path[-1].startswith(b"track_") and len(path) == 2}
    return frozenset(known), above, frozenset(lists - {(b"vrrp_instance", b"track_src_ip")})
