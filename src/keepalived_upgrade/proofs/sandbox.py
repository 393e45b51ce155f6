"""A place where a keepalived can do no harm: it sees the texts under their own paths, the system's programs and
libraries, and stand-ins for the interfaces; no other file, process, interface, account or network of the host.

Where the kernel allows no such place, nothing is run, and the reason is told.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

SECONDS = 20
_MOST_OUTPUT = 8 * 2**20
_MOST_INTERFACES = 200
_NAME = re.compile(r"^[A-Za-z0-9_.-]{1,15}$")
# What is shown of the host. What else stands in /usr and /opt may be the user's own, and is not.
_FOLDERS = (
    *("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store"),
    *("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/libexec", "/usr/share"),
    *("/usr/local/lib", "/usr/local/lib64", "/etc/alternatives", "/etc/iproute2", "/etc/ld.so.conf.d"),
)
_FILES = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/protocols", "/etc/services")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
# Folders of which only the program itself is shown when it lies in them.
_SHARED = ("/", "/etc", "/home", "/opt", "/root", "/srv", "/tmp", "/var", "/var/tmp")
_WRITABLE = ("/proc", "/run", "/tmp", "/var/run", "/var/tmp", "/var/lib")
# $1: the place, $2: a file to make when it is ready; standard input: what is mounted, as pairs of lines.
_SET_UP = r"""
set -e
place=$1 ready=$2
shift 2
mount --bind -- "$place" "$place"
while IFS= read -r source && IFS= read -r target; do
    mount --rbind -- "$source" "$target"
    case $source in /dev/*) ;; *) mount -o remount,bind,ro -- "$target" ;; esac
done
# To be read only: its settings are those of the whole kernel, and belong to whoever is root outside.
mount -t proc -o ro proc "$place/proc" 2>/dev/null || :
ip link set lo up
STAND_INS
ulimit -f MOST
: >"$ready"
cd "$place"
# Not the first process itself: to that one signals do nothing, and 2.2.7 sends itself some.
chroot "$place" "$@" </dev/null
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program said and how it ended. status: None where it was not run to its end, then reason tells why.

    A status above 128 is a signal.
    """

    text: str
    status: int | None
    reason: str = ""


def run_apart(
    executable: str, arguments: Sequence[str], files: Mapping[str, bytes], interfaces: Sequence[bytes] = ()
) -> Answer:
    """Run a program with the files (path → text) and interfaces that it shall see. Raises nothing.

    All processes that it leaves are ended with it.
    """
    isolation = find_isolation()
    if isolation is None:
        return Answer("", None, "no private network namespace can be had here; run as root")
    with tempfile.TemporaryDirectory(prefix="keepalived-upgrade-") as folder:
        try:
            shown = _lay_out(Path(folder), os.path.abspath(executable), files)  # noqa: PTH100 - links stay
        except (OSError, ValueError) as error:
            return Answer("", None, f"no copy for the daemon could be made: {error}")
        return _run(Path(folder), [*isolation, "sh", "-c", _set_up(interfaces)], shown, [executable, *arguments])


def _run(folder: Path, isolation: Sequence[str], shown: str, command: Sequence[str]) -> Answer:
    said, ready = folder / "said", folder / "ready"
    program = os.path.abspath(command[0])  # noqa: PTH100 - links stay
    whole = [*isolation, "sh", str(folder / "place"), str(ready), program, *command[1:]]
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
    reason = ""
    with said.open("wb") as output:
        try:
            done = subprocess.run(
                whole,
                input=shown.encode("utf-8", "surrogateescape"),
                stdout=output,
                stderr=output,
                timeout=SECONDS,
                check=False,
                env=environment,
            )
        except subprocess.TimeoutExpired:
            reason = f"{program} gave no answer within {SECONDS} seconds"
        except OSError as error:
            reason = str(error)
    with said.open("rb") as output:
        text = output.read(_MOST_OUTPUT).decode("utf-8", "backslashreplace")
        more = bool(output.read(1))
    if not reason and not ready.exists():
        reason = f"no place for the daemon could be made: {(text.splitlines() or [''])[-1]}"
    if not reason and more:
        reason = f"{program} says too much"
    return Answer(text, None if reason else done.returncode, reason)


def _lay_out(folder: Path, program: str, files: Mapping[str, bytes]) -> str:
    """Make the place with the files in it, and give what is to be mounted: pairs of lines, source and target."""
    place = folder / "place"
    for path in (*_WRITABLE, "/dev", "/etc"):
        (place / path[1:]).mkdir(parents=True, exist_ok=True)
    mounts: list[tuple[str, str]] = []
    for path in dict.fromkeys((*_FOLDERS, *_FILES, *_DEVICES, *_program_paths(program))):
        mounts += _show(place, path)
    own = {
        "/etc/passwd": _accounts(),
        "/etc/group": b"root:x:0:\n",
        "/etc/nsswitch.conf": b"passwd: files\ngroup: files\nhosts: files\n",
        # From 2.3 keepalived gives up without it.
        "/etc/keepalived/keepalived.config-opts": b"",
    }
    for number, (path, text) in enumerate({**own, **files}.items()):
        if "\n" in path or not path.startswith("/") or ".." in PurePosixPath(path).parts:
            raise ValueError(f"{path!r} is no path for a copy")
        if any(PurePosixPath(path).is_relative_to(target) for _, target in mounts):
            staged = folder / f"over{number}"
            staged.write_bytes(text)
            mounts.append((str(staged), path))
            continue
        file = place / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)
    return "".join(f"{source}\n{place}{target}\n" for source, target in mounts)


def _show(place: Path, path: str) -> Iterator[tuple[str, str]]:
    """Make the target of a mount; a link, as /bin is on most hosts, is made again instead."""
    if not os.path.lexists(path):
        return
    target = place / path[1:]
    if os.path.lexists(target):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if os.path.islink(path) and path in _FOLDERS:  # noqa: PTH114
        target.symlink_to(os.readlink(path))  # noqa: PTH115
        return
    if os.path.isdir(path):  # noqa: PTH112
        target.mkdir()
    else:
        target.touch()
    yield os.path.realpath(path), path


def _program_paths(program: str) -> Iterator[str]:
    """The program, and what it may need beside it; links are shown as what they lead to."""
    for path in dict.fromkeys((program, os.path.realpath(program))):
        folder = os.path.dirname(path)  # noqa: PTH120
        if any(PurePosixPath(path).is_relative_to(shown) for shown in _FOLDERS):
            continue
        yield path if folder in _SHARED or os.path.dirname(folder) == "/home" else folder  # noqa: PTH120


def _accounts() -> bytes:
    """The accounts of the host, all of them root: 2.2.7 ends itself when it looks at a script as another user."""
    try:
        lines = Path("/etc/passwd").read_bytes().splitlines()
    except OSError:
        lines = []
    names = dict.fromkeys((b"root", *(line.partition(b":")[0] for line in lines)))
    return b"".join(name + b":x:0:0::/:/bin/false\n" for name in names if name)


def _set_up(interfaces: Sequence[bytes]) -> str:
    stand_ins = "\n".join(_stand_in(number, name) for number, name in enumerate(_usable(interfaces)))
    return _SET_UP.replace("STAND_INS", stand_ins).replace("MOST", str(2 * _MOST_OUTPUT // 512))


def _usable(interfaces: Sequence[bytes]) -> list[str]:
    names = [os.fsdecode(name).split("@")[0] for name in interfaces]
    return [name for name in dict.fromkeys(names) if _NAME.match(name) and name != "lo"][:_MOST_INTERFACES]


def _stand_in(number: int, name: str) -> str:
    first, second = divmod(number, 200)
    return (
        f"ip link add {name} type veth peer name standin{number}\n"
        f"ip link set {name} up\nip link set standin{number} up\n"
        f"ip addr add 10.{250 + first}.{second}.2/24 dev {name}\n"
        f"ip addr add fd00:{number:x}::2/64 dev {name} nodad"
    )


@cache
def find_isolation() -> tuple[str, ...] | None:
    """Give the command that runs another in namespaces of its own; None where the kernel allows none.

    With a user namespace even root can change nothing of the kernel: no module is loaded, no setting made.
    """
    unshare, ip = shutil.which("unshare"), shutil.which("ip", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if unshare is None or ip is None:
        return None
    spaces = ("--net", "--mount", "--pid", "--ipc", "--fork", "--kill-child")
    for options in (("--user", "--map-root-user"), ()):
        command = (unshare, *options, *spaces)
        try:
            done = subprocess.run(
                [*command, ip, "link", "set", "lo", "up"], capture_output=True, timeout=SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return command
    return None
