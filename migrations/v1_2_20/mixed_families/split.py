"""The split: the block becomes the IPv4 half where it stands, and the IPv6 half is a copy of it behind."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from keepalived_upgrade.conf.grammar import parse_address
from keepalived_upgrade.conf.tree import Statement, Tree, Word
from keepalived_upgrade.edits import Edit, apply_edits
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Context, MixedChoice, Outcome
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.references import (
    argument_pattern,
    comments_on,
    group_of,
    member_words,
    members,
    program_end,
    sync_daemon_words,
)
from keepalived_upgrade.names import NewName, Rename
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import indent_of, line_end_of, members_between, not_editable, show

from .choose import Names
from .halves import ID, Mixed, cannot_cut, foreign, hooks, not_for_six, with_comment
from .references import duplicate_vrid, mentions

_UNKNOWN_TO_SIX = frozenset((b"brd", b"broadcast", b"label", b"scope"))
_LONGEST_INTERFACE = 15
# Releases whose IPv6 instances drop what is sent to their addresses unless `accept` stands there (be07426d ended it).
_DROPPING = (Release(1, 2, 20), Release(1, 2, 24))
MOST_SECONDS_V3 = 40.95


@dataclass(slots=True)
class Split:
    """One instance on its way into two. Everything yielded refers to the text that config was read from."""

    config: Config
    context: Context
    mixed: Mixed
    choice: MixedChoice
    names: Names

    @property
    def tree(self) -> Tree:
        return self.config.tree

    def run(self) -> Iterator[Outcome]:
        """Give the edits, the rename and the findings; one finding alone where the block cannot be cut."""
        block = self.mixed.statement
        obstacle = self._obstacle()
        span = with_comment(self.tree, block)
        if obstacle is not None or span is None:
            yield cannot_cut(obstacle or block, block, b"two instances")
            return
        group = self._group()
        if self.choice.notify == "group" and group is not None and self._hooks_collide(group):
            yield self._say(
                "group-has-hooks",
                Severity.DECISION,
                f"the sync group {show(group.args[0])}, or another member of it, has a hook of the same kind as "
                f"{show(self.mixed.name)}; the group could run one of them only",
                "Choose --notify first or --notify both for this instance.",
            )
            return
        four, six = list(self._edits_four()), list(self._edits_six())
        end = span[1]
        source = self.tree.sources[block.path]
        copy = apply_edits(source[:end], six)[block.line_start :]
        yield from four
        after = self._line_break(source, end) + copy.rstrip(b"\r\n") + line_end_of(self.tree, block.path)
        if group is None:
            after += self._new_group()
        yield self._edit(
            end, end, after, "The IPv6 addresses get an instance of their own, in one sync group with the first."
        )
        if group is not None:
            yield from self._extend(group)
        yield from duplicate_vrid(self.config, self.mixed)
        yield from mentions(self.config, self.mixed, self.names.four)
        yield from self._other_references()
        yield self._rename()

    # -- what stands in the way -------------------------------------------------------------------------------

    def _obstacle(self) -> Statement | None:
        """The first statement that does not stand in the block where it is read, so that the block cannot be cut."""
        block = self.mixed.statement
        if not block.editable or block.close < 0 or block.close_path != block.path:
            return block
        for statement in block.walk():
            inside = statement.path == block.path and block.start <= statement.start <= block.close
            if not inside or not statement.editable:
                return statement
        return None

    # -- the two halves ---------------------------------------------------------------------------------------

    def _edits_four(self) -> Iterator[Edit]:
        yield self._rename_word(self.mixed.statement.words[1], self.names.four)
        drop = list(foreign(self.mixed, 4))
        if self.choice.notify == "group":
            drop += hooks(self.mixed)
        else:
            yield from self._hook_arguments(self.names.four)
        for statement in drop:
            yield self._drop(statement, "This belongs to the IPv6 half, or to none.")

    def _edits_six(self) -> Iterator[Edit]:
        yield self._rename_word(self.mixed.statement.words[1], self.names.six)
        drop = [*foreign(self.mixed, 6), *not_for_six(self.mixed)]
        if self.choice.notify == "both":
            yield from self._hook_arguments(self.names.six)
        else:
            drop += hooks(self.mixed)
        for statement in drop:
            yield self._drop(statement, "This belongs to the IPv4 half, or to none.")
        yield from self._vmac_name()
        yield from self._accept()
        yield from self._interval()
        for line in self.mixed.six:
            yield from self._plain_address(line)

    def _drop(self, statement: Statement, reason: str) -> Edit:
        span = with_comment(self.tree, statement)
        if span is None:
            span = statement.start, (statement.close + 1 if statement.has_block else statement.end)
        return Edit(statement.path, *span, b"", ID, reason)

    def _plain_address(self, line: Statement) -> Iterator[Edit]:
        """IPv6 has no broadcast address and no label, and the kernel takes no scope from here."""
        if not line.literal or not {word.value for word in line.words} & _UNKNOWN_TO_SIX:
            return
        for option in parse_address(line.text).options:
            if option.name.encode() in _UNKNOWN_TO_SIX:
                start = len(line.text[: option.start].rstrip(b" \t"))
                why = "IPv6 addresses take no brd, label or scope."
                yield Edit(line.path, line.start + start, line.start + option.end, b"", ID, why)

    def _vmac_name(self) -> Iterator[Edit]:
        """Two instances with one VMAC name: the second deletes the first one's interface."""
        vmac = self.mixed.statement.find(b"use_vmac")
        if vmac is not None and len(vmac.words) > 1 and vmac.words[1].literal:
            word = vmac.words[1]
            yield Edit(word.path, word.start, word.end, self._free_vmac(word.value), ID, "A VMAC has one name.")

    def _free_vmac(self, name: bytes) -> bytes:
        """A name of at most 15 bytes that no word of the configuration is: interfaces are named in many places."""
        used = {word.value for statement in self.tree.walk() for word in statement.words}
        suffixes = itertools.chain((b"6",), (b"6_%d" % number for number in itertools.count(2)))
        return next(
            new for suffix in suffixes if (new := name[: _LONGEST_INTERFACE - len(suffix)] + suffix) not in used
        )

    def _accept(self) -> Iterator[Edit]:
        block = self.mixed.statement
        if not _DROPPING[0] <= self.context.target <= _DROPPING[1] or block.find(b"accept") is not None:
            return
        first = block.children[0]
        text = indent_of(self.tree, first) + b"accept" + line_end_of(self.tree, first.path)
        yield self._edit(first.line_start, first.line_start, text, "Without it IPv6 addresses answer nobody.")

    def _interval(self) -> Iterator[Edit]:
        """VRRPv3 counts to 40.95 seconds; the daemon lowers what is above to just this, with a complaint."""
        interval = self.mixed.statement.find(b"advert_int")
        if interval is None or too_long(interval) is None:
            return
        word = interval.words[1]
        yield Edit(word.path, word.start, word.end, b"%.2f" % MOST_SECONDS_V3, ID, "VRRPv3 counts to 40.95 seconds.")

    def _hook_arguments(self, name: bytes) -> Iterator[Edit]:
        """The old name among the arguments of a hook: `"x.sh GW MASTER"`."""
        pattern = argument_pattern(self.mixed.name)
        for hook in hooks(self.mixed):
            for match in pattern.finditer(hook.text, _arguments(hook)):
                start = hook.start + match.start()
                yield Edit(hook.path, start, start + len(self.mixed.name), name, ID, self._reason())

    # -- the group --------------------------------------------------------------------------------------------

    def _group(self) -> Statement | None:
        return group_of(self.tree, self.mixed.name)

    def _hooks_collide(self, group: Statement) -> bool:
        others = {word.value for word in members(group)} - {self.mixed.name}
        owners = [group, *(i for i in self.config.instances() if i.args and i.args[0] in others)]
        ours = {hook.keyword for hook in hooks(self.mixed)}
        return any(ours & {child.keyword for child in owner.children} for owner in owners)

    def _extend(self, group: Statement) -> Iterator[Outcome]:
        for line, word in member_words(group):
            if word.value != self.mixed.name:
                continue
            if not word.literal or line.repeated:
                yield not_editable(line, ID, self.names.four + b" " + self.names.six)
                return
            both = members_between(self.tree, line).join((self.names.four, self.names.six))
            yield Edit(word.path, word.start, word.end, both, ID, "Both halves take the place of the old instance.")
        if self.choice.notify == "group":
            source = self.tree.sources[group.path]
            start = source.rfind(b"\n", 0, group.close) + 1
            yield Edit(
                group.path, start, start, self._moved_hooks(), ID, "The group runs the hooks, once for both halves."
            )

    def _new_group(self) -> bytes:
        end = line_end_of(self.tree, self.mixed.statement.path)
        outer = indent_of(self.tree, self.mixed.statement)
        step = self._step()
        lines = [b"", outer + b"vrrp_sync_group " + self.names.group + b" {", outer + step + b"group {"]
        lines += [outer + step + step + name for name in (self.names.four, self.names.six)]
        lines.append(outer + step + b"}")
        if self._weighs():
            # Inside a sync group the weights of trackers are ignored without this (renamed in 2.0.0, 4d10dd9b).
            new = self.context.target >= Release(2, 0, 0)
            lines.append(outer + step + (b"sync_group_tracking_weight" if new else b"global_tracking"))
        text = end.join(lines) + end
        if self.choice.notify == "group":
            text += self._moved_hooks()
        return text + outer + b"}" + end

    def _moved_hooks(self) -> bytes:
        source = self.tree.sources[self.mixed.statement.path]
        parts = []
        for hook in hooks(self.mixed):
            span = with_comment(self.tree, hook) or (hook.start, hook.end)
            text = source[slice(*span)]
            if self.names.group != self.mixed.name:
                # The group is what changes state, so it is what an argument must name.
                at = hook.start - span[0] + _arguments(hook)
                text = text[:at] + argument_pattern(self.mixed.name).sub(lambda _: self.names.group, text[at:])
            parts.append(text if text.endswith(b"\n") else text + line_end_of(self.tree, hook.path))
        return b"".join(parts)

    def _step(self) -> bytes:
        for child in self.mixed.statement.children:
            indent = indent_of(self.tree, child)
            outer = indent_of(self.tree, self.mixed.statement)
            if indent.startswith(outer) and len(indent) > len(outer):
                return indent[len(outer) :]
        return b"    "

    def _weighs(self) -> bool:
        weighted = {
            s.args[0]
            for s in self.tree.find_all(b"vrrp_script")
            if s.args and (w := s.find(b"weight")) is not None and w.args[:1] not in ((b"0",), ())
        }
        trackers = [c for c in self.mixed.statement.children if c.keyword in (b"track_script", b"track_interface")]
        return any(b"weight" in line.args or line.keyword in weighted for t in trackers for line in t.children)

    # -- the rest of the configuration ------------------------------------------------------------------------

    def _other_references(self) -> Iterator[Outcome]:
        for line, word in sync_daemon_words(self.tree, self.mixed.name):
            if word.literal and not line.repeated:
                yield self._rename_word(word, self.names.four)
            else:
                yield not_editable(line, ID, self.names.four)
        for place in comments_on(self.tree, self.mixed.name):
            text = f"a comment mentions {show(self.mixed.name)}, which is {self._both()} now"
            yield Finding(f"{ID}/comment", Severity.INFO, place, text, "Reword it if it helps.")

    def _rename(self) -> Rename:
        new = [NewName(self.names.four, "IPv4 half"), NewName(self.names.six, "IPv6 half")]
        groups = {group.args[0] for group in self.tree.find_all(b"vrrp_sync_group") if group.args}
        if self.choice.notify == "group" and hooks(self.mixed):
            new.append(NewName(self.names.group, "sync group"))
        if self.mixed.name in groups and self.mixed.name not in {n.name for n in new}:
            # A sync group of the same name stays: scripts are still called with it.
            new.append(NewName(self.mixed.name, "sync group"))
        interface = self.mixed.statement.find(b"interface")
        return Rename(
            "instance", self.mixed.name, tuple(new), ID, interface.args[0] if interface and interface.args else b""
        )

    def _rename_word(self, word: Word, name: bytes) -> Edit:
        new = b'"' + name + b'"' if word.quoted else name
        return Edit(word.path, word.start, word.end, new, ID, self._reason())

    def _reason(self) -> str:
        return f"{show(self.mixed.name)} is split into {self._both()}: from 1.2.20 an instance has one family."

    def _both(self) -> str:
        return f"{show(self.names.four)} and {show(self.names.six)}"

    def _edit(self, start: int, end: int, new: bytes, reason: str) -> Edit:
        return Edit(self.mixed.statement.path, start, end, new, ID, reason)

    def _line_break(self, source: bytes, end: int) -> bytes:
        end_of_line = line_end_of(self.tree, self.mixed.statement.path)
        return end_of_line if source[:end].endswith(b"\n") else end_of_line * 2

    def _say(self, what: str, severity: Severity, message: str, cure: str) -> Finding:
        return Finding(f"{ID}/{what}", severity, self.mixed.statement.place, message, cure)


def _arguments(hook: Statement) -> int:
    """Give the offset in the hook's text at which the arguments of its command begin."""
    if len(hook.words) < 2:
        return len(hook.text)
    start = hook.words[1].start - hook.start
    return start + program_end(hook.text[start:])


def too_long(interval: Statement) -> float | None:
    """Give the seconds of an advert_int that VRRPv3 cannot count to, None where it can."""
    try:
        seconds = float(interval.args[0]) if interval.args else 0.0
    except ValueError:
        return None
    return seconds if seconds > MOST_SECONDS_V3 else None
