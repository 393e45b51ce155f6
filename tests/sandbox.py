"""The inside of the execution harness: an empty root in namespaces of its own, in which scripts of ours are run.

    unshare --net --mount --pid --fork --kill-child python -I -S sandbox.py FOLDER [PREFIX]

FOLDER becomes the root: a few programs that only look at what they are given (and those that move files about) are
there, everything else that a script may call is a recorder, which notes how it was called and ends as it is told to.
Whatever is written stays in that root, is part of the trace, and is put back before the next run. PREFIX is where a
Python 2 lies, if there is one. Runs are asked for and answered on file descriptors 0 and 1, as pickles.
"""

from __future__ import annotations

import argparse  # noqa: F401 - imported for the scripts, which are forked from here
import collections  # noqa: F401
import configparser  # noqa: F401
import ctypes
import enum  # noqa: F401
import json  # noqa: F401
import logging  # noqa: F401
import os
import pickle
import re  # noqa: F401
import shlex  # noqa: F401
import shutil
import signal
import socket  # noqa: F401
import stat
import subprocess  # noqa: F401
import sys
import time
import traceback
import types
from pathlib import Path

SECONDS = 10
MOST_BYTES = 65536
SCRIPT = "/etc/keepalived/notify"

# Programs that only answer, and those that change files, which the trace holds anyway.
REAL = (
    *("sh", "bash", "dash", "awk", "basename", "cat", "chmod", "cp", "cut", "dirname", "egrep", "env", "expr", "false"),
    *("fgrep", "flock", "grep", "head", "ln", "mkdir", "mv", "nohup", "paste", "printf", "readlink", "rm", "rmdir"),
    *("sed", "seq", "setsid", "sort", "tac", "tail", "tee", "test", "timeout", "touch", "tr", "true", "uniq", "wc"),
    *("xargs", "["),
)
RECORDED = (
    *("act", "arping", "aws", "birdc", "brctl", "bridge", "chown", "conntrackd", "crm", "curl", "date", "dhclient"),
    *("docker", "etcdctl", "fping", "hostname", "id", "ifconfig", "ifdown", "ifup", "ip", "ip6tables", "ipset"),
    *(
        "iptables",
        "ipvsadm",
        "kill",
        "killall",
        "kubectl",
        "logger",
        "lsof",
        "modprobe",
        "mysql",
        "nc",
        "ndisc6",
        "nft",
    ),
    *("nmcli", "nsupdate", "openssl", "pgrep", "pidof", "ping", "ping6", "pkill", "ps", "psql", "rabbitmqctl", "radvd"),
    *("redis-cli", "rndc", "route", "rsync", "service", "sleep", "snmptrap", "socat", "ss", "ssh", "sudo", "sync"),
    *("sysctl", "systemctl", "systemd-cat", "tc", "uname", "vtysh", "wall", "wg", "wget", "who", "whoami", "xtables"),
    *(
        "zabbix_sender",
        "zfs",
        "zpool",
        "ndsend",
        "networkctl",
        "mount",
        "umount",
        "haproxy",
        "python3-helper",
        "rc-service",
    ),
)
# These are given their work on standard input, and note it; others must leave it to the script.
READERS = ("mail", "mailx", "sendmail", "iptables-restore", "ip6tables-restore", "nsupdate", "socat", "nc", "mysql")
RECORDER = r"""#!/bin/sh
name=${0##*/}
case " %s " in *" $name "*) input=$(head -c 4096) ;; *) input= ;; esac
{ printf '%%s\0' "$name" "$@"; printf '<%%s\0\036' "$input"; } >>/.recorder/log
[ -f /.recorder/out/"$name" ] && cat /.recorder/out/"$name"
if [ -f /.recorder/status/"$name" ]; then read -r status </.recorder/status/"$name"; else read -r status </.recorder/any; fi
exit "$status"
"""
FOLDERS = (
    *(
        "bin",
        "dev",
        "usr/bin",
        ".proc",
        ".recorder/out",
        ".recorder/status",
        "etc/keepalived",
        "etc/default",
        "proc/1/fd",
    ),
    *("proc/sys/net/ipv4/conf/all", "proc/sys/net/ipv4/conf/eth0", "proc/sys/net/ipv6/conf/all", "run/lock"),
    *("run/keepalived", "sys/class/net", "tmp", "var/lib/keepalived", "var/lock", "var/log/keepalived", "var/run"),
)
STATE = ("etc", "proc", "run", "sys", "tmp", "var")
MS_BIND, MS_REC = 4096, 16384


def main() -> None:
    """Make the root, move into it, and run what is asked for until nobody asks any more."""
    root = Path(sys.argv[1])
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    build(root, [Path(prefix) for prefix in sys.argv[2:]])
    os.chroot(root)
    os.chdir("/")
    pristine = snapshot()
    while True:
        try:
            jobs = pickle.load(asked)
        except EOFError:
            return
        pickle.dump([run(job, pristine) for job in jobs], answers)
        answers.flush()


# -- the root -----------------------------------------------------------------------------------------------------


def mount(source: str, target: Path, kind: str, flags: int = 0) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(source.encode(), os.fsencode(target), kind.encode(), flags, None):
        raise OSError(ctypes.get_errno(), f"mount {source} on {target}")


def build(root: Path, prefixes: list[Path]) -> None:
    """Fill the root with folders, programs, recorders and the libraries that the programs need."""
    mount("tmpfs", root, "tmpfs")
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for name in REAL:
        found = shutil.which(name, path="/usr/bin:/bin:/usr/sbin:/sbin")
        if found is None:
            raise FileNotFoundError(name)
        shutil.copy(found, root / "bin" / name)
    recorder = root / ".recorder/recorder"
    recorder.write_text(RECORDER % " ".join(READERS))
    recorder.chmod(0o755)
    for name in {*RECORDED, *READERS}:
        (root / "bin" / name).symlink_to("/.recorder/recorder")
    for folder in ("usr/bin", "sbin", "usr/sbin", "usr/local/bin"):
        (root / folder).parent.mkdir(parents=True, exist_ok=True)
        if (root / folder).is_dir():
            (root / folder).rmdir()
        (root / folder).symlink_to("/bin")
    # Only what is still here after chroot can be loaded: the libraries of the programs, and Python's own.
    libraries = [
        Path("/lib"),
        Path("/lib64"),
        Path("/usr/lib"),
        Path("/usr/lib64"),
        Path(os.__file__).parent,
        *prefixes,
    ]
    for folder in libraries:
        inside = root / folder.relative_to("/")
        if not folder.exists() or inside.exists():
            continue
        inside.parent.mkdir(parents=True, exist_ok=True)
        if folder.is_symlink():
            inside.symlink_to(folder.readlink())
            continue
        inside.mkdir()
        mount(str(folder), inside, "", MS_BIND | MS_REC)
    mount("proc", root / ".proc", "proc")
    for device in ("null", "zero", "urandom"):
        (root / "dev" / device).touch()
        mount(f"/dev/{device}", root / "dev" / device, "", MS_BIND)
    (root / "dev/fd").symlink_to("/.proc/self/fd")
    (root / "dev/stdin").symlink_to("/dev/fd/0")
    (root / "dev/stdout").symlink_to("/dev/fd/1")
    (root / "dev/stderr").symlink_to("/dev/fd/2")


# -- what scripts leave behind --------------------------------------------------------------------------------------


def snapshot() -> dict[str, bytes]:
    """Give every folder, file and link that scripts may change, with what it holds."""
    found: dict[str, bytes] = {}
    pending = [f"/{name}" for name in STATE]
    while pending:
        folder = pending.pop()
        for entry in os.scandir(folder):
            kind = entry.stat(follow_symlinks=False).st_mode
            if stat.S_ISLNK(kind):
                found[entry.path] = b"-> " + os.fsencode(os.readlink(entry.path))
            elif stat.S_ISDIR(kind):
                found[entry.path + "/"] = b""
                pending.append(entry.path)
            elif stat.S_ISREG(kind):
                with open(entry.path, "rb") as file:
                    found[entry.path] = file.read(MOST_BYTES)
            else:
                found[entry.path] = b"special"
    return found


def restore(now: dict[str, bytes], pristine: dict[str, bytes]) -> None:
    """Take away what is new; what a script took away or changed is only ever something that a run was given."""
    for path in sorted(now.keys() - pristine.keys(), reverse=True):
        if path.endswith("/"):
            os.rmdir(path)
        else:
            os.unlink(path)
    for path in sorted(pristine.keys() - now.keys()):
        os.mkdir(path)


def lay(files: dict[str, bytes]) -> None:
    for path, content in files.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        os.chmod(path, 0o755)


# -- one run ----------------------------------------------------------------------------------------------------------


def run(job: dict, pristine: dict[str, bytes]) -> tuple:
    """Run a script once. Gives status, output, errors, calls of recorders, and files that are left or gone."""
    with open("/.recorder/any", "w") as file:
        file.write(f"{job['status']}\n")
    for name, told in job["commands"].items():
        if "output" in told:
            lay({f"/.recorder/out/{name}": told["output"].encode()})
        if "status" in told:
            lay({f"/.recorder/status/{name}": f"{told['status']}\n".encode()})
    for empty in ("log", "stdout", "stderr"):
        open(f"/.recorder/{empty}", "wb").close()
    lay({**job["files"], SCRIPT: job["source"], "/.recorder/stdin": job["input"]})
    given = snapshot()
    status = wait(python(job) if job["language"] == "python" else program(job))
    left = snapshot()
    restore(left, pristine)
    for folder in ("out", "status"):
        for entry in os.scandir(f"/.recorder/{folder}"):
            os.unlink(entry.path)
    with open("/.recorder/log", "rb") as file:
        calls = [tuple(call.split(b"\0")[:-1]) for call in file.read(1 << 20).split(b"\036")[:-1]]
    changed = {path: held for path, held in left.items() if given.get(path) != held}
    gone = dict.fromkeys(given.keys() - left.keys())
    said = []
    for name in ("stdout", "stderr"):
        with open(f"/.recorder/{name}", "rb") as file:
            said.append(file.read(MOST_BYTES))
    return status, *said, calls, {**changed, **gone}


ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
STREAMS = (("stdin", os.O_RDONLY), ("stdout", os.O_WRONLY | os.O_APPEND), ("stderr", os.O_WRONLY | os.O_APPEND))


def program(job: dict) -> int:
    """Start a script as the kernel does, by its first line, or by the program that the job names."""
    argv = [*job["program"], SCRIPT, *job["arguments"]]
    streams = [(os.POSIX_SPAWN_OPEN, n, f"/.recorder/{name}", flags, 0) for n, (name, flags) in enumerate(STREAMS)]
    return os.posix_spawn(argv[0], argv, {**ENVIRONMENT, **job["environment"]}, file_actions=streams, setsid=True)


def python(job: dict) -> int:
    """Start a Python 3 script in a fork of this process, which has its modules loaded already."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        os.setsid()
        for number, (name, flags) in enumerate(STREAMS):
            os.dup2(os.open(f"/.recorder/{name}", flags), number)
        os.environ.clear()
        os.environ.update({**ENVIRONMENT, **job["environment"]})
        sys.argv = [SCRIPT, *job["arguments"]]
        sys.path.insert(0, os.path.dirname(SCRIPT))
        sys.dont_write_bytecode = True
        for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
            setattr(sys, name, open(number, mode, encoding="utf-8", errors="surrogateescape"))
        module = types.ModuleType("__main__")
        module.__file__ = SCRIPT
        sys.modules["__main__"] = module
        exec(compile(job["source"], SCRIPT, "exec", dont_inherit=True), module.__dict__)
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 0 if error.code is None else 1
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it ends the script
        print(*traceback.format_exception_only(error), sep="", end="", file=sys.stderr)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status & 255)


def wait(pid: int) -> int:
    """Wait for a script and all that it left running; give its status, or -1 where it took too long."""
    end, status = time.monotonic() + SECONDS, -1
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(pid, signal.SIGKILL))
    while True:
        try:
            ended, how = os.waitpid(-1, 0)
        except ChildProcessError:
            break
        if ended == pid and time.monotonic() < end:
            status = os.waitstatus_to_exitcode(how)
    signal.setitimer(signal.ITIMER_REAL, 0)
    return status


if __name__ == "__main__":
    main()
