"""The execution harness: what a script does for a name and a state, as a trace that can be compared.

The scripts are our own, and they run in the empty root that `sandbox` makes. A trace holds every call of a command that
is not there (name, arguments, what it was given to read), the output, the exit status, and the files that are left.
"""

from __future__ import annotations

import os
import pickle
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from keepalived_upgrade.dependents.follow import follow_file, language_of
from keepalived_upgrade.dependents.result import FollowResult
from keepalived_upgrade.edits import apply_edits
from keepalived_upgrade.findings import Severity

STATES = ("MASTER", "BACKUP", "FAULT", "STOP")
PATH = "/etc/keepalived/notify"
Names = Mapping[bytes, tuple[bytes, ...]]
BOTH: Names = {b"GW": (b"GW_v4", b"GW_v6")}


@dataclass(frozen=True, slots=True)
class Call:
    """How keepalived, or what stands between it and the script, calls the script. `{name}` and `{state}` are replaced.

    commands: name → {"output": …, "status": …} of recorders; the others print nothing and end with 0. files: what the
    script finds on the host. program: what it is given to, where it does not say so itself.
    """

    arguments: tuple[str, ...] = ("INSTANCE", "{name}", "{state}", "100")
    input: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    commands: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    program: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """What a run did. files: path → content, None for one that is gone."""

    status: int
    output: bytes
    errors: bytes
    calls: tuple[tuple[bytes, ...], ...]
    files: tuple[tuple[str, bytes | None], ...]

    def without(self, names: Iterable[bytes]) -> str:
        """Give the trace with a mark in place of the names, which may stand in it since the script was given them."""
        found = repr(
            (self.status, self.output, self.errors, self.calls, sorted(self.files, key=lambda file: file[0]))
        ).encode()
        for name in sorted(names, key=len, reverse=True):
            found = re.sub(rb"(?<![A-Za-z0-9_])" + re.escape(name) + rb"(?![A-Za-z0-9_])", b"@", found)
        return found.decode("latin-1")


class Harness:
    """A sandbox that runs scripts until it is closed."""

    def __init__(self, folder: Path, python2: tuple[str, str] | None = None) -> None:
        self.python2 = python2
        command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child"]
        if os.geteuid():
            command.append("--map-root-user")
        command += [sys.executable, "-I", "-S", str(Path(__file__).with_name("sandbox.py")), str(folder)]
        command += [python2[1]] if python2 else []
        # Started elsewhere: the scripts may see nothing of the environment of the tests.
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        )

    def __enter__(self) -> Harness:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

    def ask(self, jobs: Sequence[Mapping[str, Any]]) -> list[Trace]:
        """Run jobs as the sandbox takes them, one after the other."""
        assert self.process.stdin and self.process.stdout
        pickle.dump([dict(job) for job in jobs], self.process.stdin)
        self.process.stdin.flush()
        traces = []
        for status, output, errors, calls, files in pickle.load(self.process.stdout):
            assert status != -1, "the script did not end in time"
            traces.append(Trace(status, output, _said(errors), tuple(calls), tuple(files.items())))
        return traces

    def job(self, source: bytes, name: bytes, state: str, call: Call, failing: bool = False) -> dict[str, Any]:
        """Give the job that runs a script for a name and a state. failing: the recorders end with 1."""
        said = {"{name}": name.decode(), "{state}": state}

        def fill(text: str) -> str:
            return re.sub(r"\{(?:name|state)\}", lambda match: said[match.group()], text)

        python3 = language_of(PATH, source) == "python" and not call.program
        return {
            "language": "python" if python3 else "program",
            "source": source,
            "program": call.program,
            "arguments": [fill(word) for word in call.arguments],
            "input": fill(call.input).encode(),
            "environment": {key: fill(value) for key, value in call.environment.items()},
            "commands": call.commands,
            "files": {path: fill(text).encode() for path, text in call.files.items()},
            "status": 1 if failing else 0,
        }

    def trace(self, source: bytes, name: bytes, state: str = "MASTER", call: Call = Call()) -> Trace:
        """Run a script once."""
        return self.ask([self.job(source, name, state, call)])[0]

    def check(
        self,
        before: bytes,
        after: bytes,
        names: Names,
        call: Call = Call(),
        *,
        states: Sequence[str] = STATES,
        after_call: Call | None = None,
        texts: bool = False,
        new_names: bool = True,
    ) -> None:
        """Hold that the script does for each new name what it did for the old one, and for all else what it did.

        after_call: how the new script is called, where a person changed what it reads. texts: a text of the script still says the old name, and so the output may. new_names: False where a person
        has to decide first, and only other names must be treated as before.
        """
        ways = [(state, False) for state in states] + [(states[0], True)]
        pairs: list[tuple[bytes, bytes, str, bool]] = []
        if new_names:
            pairs = [(old, n, *way) for old, new in names.items() for n in new for way in ways]
        if after != before or after_call not in (None, call):
            pairs += [(other, other, *ways[0]) for other in others(names)]
            pairs += [(other, other, *ways[-2]) for other in others(names)[:2]]
        wanted = {(old, *way): self.job(before, old, way[0], call, way[1]) for old, _, *way in pairs}
        found = {(new, *way): self.job(after, new, way[0], after_call or call, way[1]) for _, new, *way in pairs}
        traces = self.ask([*wanted.values(), *found.values()])
        of_before = dict(zip(wanted, traces, strict=False))
        of_after = dict(zip(found, traces[len(wanted) :], strict=True))
        for old, new, *way in pairs:
            was, became = of_before[old, *way], of_after[new, *way]
            if old == new and old not in names:
                assert became == was, difference(before, after, new, way, repr(was), repr(became))
                continue
            mine = {old, new} if texts else {new}
            said, says = was.without({old}), became.without(mine)
            assert says == said, difference(before, after, new, way, said, says)


def difference(before: bytes, after: bytes, name: bytes, way: Sequence[Any], was: str, became: str) -> str:
    """Say where two traces differ."""
    return (
        f"for {name.decode()!r}, {way[0]}{', commands failing' if way[1] else ''}:\n  before: {was}\n  after:  {became}\n"
        f"--- before\n{before.decode('latin-1')}\n--- after\n{after.decode('latin-1')}"
    )


def others(names: Names) -> tuple[bytes, ...]:
    """Give names that are none of ours: unrelated ones, longer and shorter ones, siblings, the empty one."""
    found = [b"", b"LAN", b"X-9", b"two words"]
    for old, new in names.items():
        found += [old + b"0", old + b"_DNS", b"MY" + old, old[:-1], old.swapcase(), new[0] + b"x", new[0][:-1]]
    known = {*names, *(name for new in names.values() for name in new)}
    return tuple(dict.fromkeys(name for name in found if name not in known))


def kept(names: Names) -> Names:
    """Give the same renames with the old name kept for the first half."""
    return {old: (old, *new[1:]) for old, new in names.items()}


def follow(source: bytes, names: Names) -> tuple[FollowResult, bytes]:
    """Give what following the names gives, and the script then."""
    result = follow_file(PATH, source, dict(names))
    return result, apply_edits(source, result.edits)


def is_open(result: FollowResult) -> bool:
    """Tell whether a person has to decide something."""
    return any(finding.severity is Severity.DECISION for finding in result.findings)


def says_names(result: FollowResult) -> bool:
    """Tell whether the report says that the old name is still in a text or used for something."""
    return any(finding.id.endswith(("/text", "/mention")) for finding in result.findings)


def find_python2() -> tuple[str, str] | None:
    """Give (program, prefix) of a Python 2: $PYTHON2, or what the path has; None where there is none that runs."""
    for name in (os.environ.get("PYTHON2", ""), "python2.7", "python2"):
        program = shutil.which(name) if name else None
        if program is None:
            continue
        asked = "import sys; print(sys.executable + '\\n' + sys.prefix)"
        done = subprocess.run([program, "-c", asked], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            executable, prefix = done.stdout.split("\n")[:2]
            return executable, prefix
    return None


# A shell says the line, and the program its name, before what is wrong; a traceback of Python 2 shows the source.
_PLACE = re.compile(rb"(?m)^(?:/\S+: )?(?:line )?\d+: .*\n|^" + PATH.encode() + rb": .*\n|^Traceback [\s\S]*?\n(?=\S)")


def _said(errors: bytes) -> bytes:
    """Give what the script itself wrote to its errors; a command that is missing in the sandbox is a fault of ours."""
    assert b"not found" not in errors and b"not started" not in errors, errors.decode()
    return _PLACE.sub(b"", errors)
