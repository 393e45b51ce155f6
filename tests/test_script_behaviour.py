"""What scripts will see besides names: a table of situations, and for each the findings on its lines."""

from __future__ import annotations

import os
import re
import subprocess
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keepalived_upgrade.dependents import behaviour_facts as facts
from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Choices, MixedChoice
from keepalived_upgrade.releases import Release, parse_release
from keepalived_upgrade.site import Site

SHARED = Path(os.environ.get("KEEPALIVED_UPGRADE_FACTS", Path(__file__).resolve().parents[2] / "shared"))
CONFIG = "/etc/keepalived/keepalived.conf"
SCRIPT = "/etc/keepalived/hook"
INSTANCE = """vrrp_instance GW {{
    state {state}
    interface eth0
    virtual_router_id 17
    priority 150
    virtual_ipaddress {{
        192.0.2.1/24
    }}
    {line}
}}
"""
MIXED = INSTANCE.replace("192.0.2.1/24\n", "192.0.2.1/24\n        2001:db8::1/64\n")
GROUP = """vrrp_sync_group SITE {
    group {
        GW
        LAN
    }
    notify /etc/keepalived/hook
}
"""
LAN = INSTANCE.replace("GW", "LAN").replace("17", "18").replace("192.0.2.1", "192.0.2.129")
SH = "#!/bin/sh\n"
PY = "#!/usr/bin/python3\nimport sys\n"


def conf(line: str = "notify /etc/keepalived/hook", state: str = "BACKUP", top: str = "", text: str = INSTANCE) -> str:
    return top + text.format(line=line, state=state)


@dataclass(frozen=True)
class Case:
    """wanted: `id@line` of every finding under scripts/, nothing else. says: parts of the first one's message."""

    name: str
    script: str
    wanted: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    config: str = field(default_factory=conf)
    step: tuple[str, str] = ("1.2.13", "2.0.8")
    mode: int = 0o755
    notify: str = "first"
    more: tuple[tuple[str, str], ...] = ()
    severity: Severity = Severity.REVIEW


CASES = [
    # -- STOP and other states ----------------------------------------------------------------------------------
    Case(
        "STOP in an arm for unknown states that exits 1",
        SH + 'case "$3" in\nMASTER) up;;\nBACKUP|FAULT) down;;\n*) echo "unknown $3" >&2\n   exit 1;;\nesac\n',
        ("stop@5",),
        ("from 2.0.0 `notify` says STOP too", "`*)` here takes it", "ends with `exit 1`"),
    ),
    Case(
        "STOP in the arm that means BACKUP and FAULT",
        SH + "case $3 in\nMASTER) ip route replace default via 192.0.2.254;;\n*) ip route del default;;\nesac\n",
        ("stop@4",),
        ("as it does for BACKUP and FAULT", "`ip route del default` is run"),
    ),
    Case(
        "STOP in an else that means BACKUP",
        SH + 'STATE=$3\nif [ "$STATE" = "MASTER" ]; then\n  start_it\nelse\n  stop_it\nfi\n',
        ("stop@5",),
        ("`else` here", "`stop_it` is run"),
    ),
    Case(
        "STOP after elif",
        SH + 'if [ "$3" = MASTER ]; then a\nelif [ "$3" = FAULT ]; then b\nelse c\nfi\n',
        ("stop@4",),
    ),
    Case("STOP in the last part of a && b || c", SH + '[ "$3" = "MASTER" ] && up || down\n', ("stop@2",)),
    Case("STOP is not MASTER", SH + 'if [ "$3" != "MASTER" ]; then\n  down\nfi\n', ("stop@2",), ("this test here",)),
    Case(
        "STOP with the state in small letters",
        SH + 'S=$(echo "$3" | tr A-Z a-z)\ncase $S in master) a;; *) b;; esac\n',
        ("stop@3",),
    ),
    Case("STOP with bash's small letters", "#!/bin/bash\ncase ${3,,} in master) a;; *) b;; esac\n", ("stop@2",)),
    Case("STOP with an x before it", SH + 'if [ x"$3" = xMASTER ]; then a; else b; fi\n', ("stop@2",)),
    Case("STOP in [[ ]]", "#!/bin/bash\nif [[ $3 == MASTER ]]; then a; else b; fi\n", ("stop@2",)),
    Case(
        "STOP against a regular expression", "#!/bin/bash\nif [[ $3 =~ ^MASTER$ ]]; then a; else b; fi\n", ("stop@2",)
    ),
    Case(
        "STOP in a function that gets all words",
        SH
        + 'usage() {\n  echo "usage"\n  exit 2\n}\nmain() {\n  case "$3" in\n  MASTER|BACKUP) a;;\n  *) usage;;\n  esac\n}\nmain "$@"\n',
        ("stop@9",),
        ("ends with `exit 2`",),
    ),
    Case(
        "STOP in a function that gets the state",
        SH + 'go() { if [ "$1" = MASTER ]; then a; else b; fi; }\ngo "$3"\n',
        ("stop@2",),
    ),
    Case("STOP after shift 2", SH + "shift 2\ncase $1 in MASTER) a;; *) b;; esac\n", ("stop@3",)),
    Case(
        "STOP in two places gives one finding",
        SH + '[ "$3" = MASTER ] || a\n[ "$3" = MASTER ] || b\n[ "$3" = BACKUP ] || c\n',
        ("stop@2",),
        ("(also line 3, 4)",),
    ),
    Case(
        "STOP in the script that gets all words from this one",
        SH + 'exec /etc/keepalived/real.sh "$@"\n',
        ("/etc/keepalived/real.sh:stop@2",),
        more=(("/etc/keepalived/real.sh", SH + "case $3 in MASTER) a;; *) b;; esac\n"),),
    ),
    Case(
        "STOP told to a sync group",
        SH + "case $3 in MASTER) a;; *) b;; esac\n",
        ("stop@2",),
        config=GROUP + conf("") + LAN.format(line="", state="BACKUP"),
    ),
    Case(
        "STOP in an arm that gives a password",
        SH + "case $3 in MASTER) a;; *) curl -u admin:secret http://192.0.2.9/;; esac\n",
        ("stop@2",),
        ("`curl …` is run",),
    ),
    Case(
        "STOP in an arm that writes a state file",
        SH + 'case $3 in MASTER) a;; *) echo "UNKNOWN" > /tmp/gw.state;; esac\n',
        ("stop@2",),
        ("`echo … > …` is run",),
    ),
    Case(
        "STOP in an arm that logs in its own way",
        SH
        + 'LOG=/var/log/gw.log\nlog() {\n  echo "$(date) $1" | tee -a "$LOG" >&2\n}\ncase $3 in MASTER) a;; *) log "state $3" 2>/dev/null;; esac\n',
    ),
    Case(
        "STOP in an arm that every state takes",
        SH + 'case "$2-$3" in\nLAN-*) a;;\n*) b;;\nesac\ncase $3 in UP) a;; *) b;; esac\n',
    ),
    Case("STOP in an arm of name and state", SH + 'case "$2-$3" in\nGW-MASTER) a;;\nGW-*) b;;\nesac\n', ("stop@4",)),
    Case(
        "STOP for notify and notify_stop",
        SH + "case $3 in STOP) service haproxy stop;; esac\n",
        ("both-stop@2",),
        ("`notify_stop` runs /etc/keepalived/stop: both at once",),
        config=conf('notify /etc/keepalived/hook\n    notify_stop "/etc/keepalived/stop --key secret"'),
    ),
    Case(
        "STOP for notify that does nothing then, and notify_stop",
        SH + "case $3 in MASTER) service haproxy start;; esac\n",
        config=conf("notify /etc/keepalived/hook\n    notify_stop /etc/keepalived/stop"),
    ),
    Case(
        "Python: STOP in an else that writes a file",
        PY + 'if sys.argv[3] == "MASTER":\n    up()\nelse:\n    open("/run/x.log", "w").write("no")\n',
        ("stop@5",),
    ),
    Case(
        "STOP against a class of characters",
        "#!/bin/bash\nif [[ $3 =~ ^[[:upper:]]+X ]]; then a; else b; fi\ncase $3 in [[:lower:]]*) a;; *) b;; esac\n",
    ),
    Case("STOP named by an arm", SH + "case $3 in MASTER) a;; BACKUP|FAULT|STOP) b;; *) exit 1;; esac\n"),
    Case("STOP where nothing takes it", SH + "case $3 in MASTER) a;; BACKUP) b;; esac\n"),
    Case("STOP in an arm that only says so", SH + 'case $3 in MASTER) a;; *) logger -t hook "state $3";; esac\n'),
    Case("STOP weeded out before", SH + '[ "$3" = STOP ] && exit 0\nif [ "$3" = MASTER ]; then a; else b; fi\n'),
    Case(
        "STOP weeded out by a list of states",
        SH + "case $3 in\nMASTER|BACKUP|FAULT) ;;\n*) exit 0;;\nesac\nif [ $3 = MASTER ]; then a; else b; fi\n",
    ),
    Case(
        "STOP where the script asks something else",
        SH + 'if [ -f /etc/default/hook ]; then a; else b; fi\ncase "$2" in GW) a;; *) b;; esac\n',
    ),
    Case("STOP where the state is cut", SH + "case ${3#M} in ASTER) a;; *) b;; esac\n"),
    Case(
        "STOP in a script of notify_master",
        SH + 'case "$1" in start) a;; *) exit 1;; esac\n',
        config=conf('notify_master "/etc/keepalived/hook start"'),
    ),
    Case("STOP when the old release told it too", SH + "case $3 in MASTER) a;; *) b;; esac\n", step=("2.0.0", "2.0.8")),
    Case("STOP in an extended pattern", "#!/bin/bash\ncase $3 in @(MASTER|STOP)) a;; *) b;; esac\n"),
    Case("STOP after text that cannot be read", SH + 'if [ "$3" = ; then (\ncase $3 in MASTER) a;; *) b;; esac\n'),
    Case(
        "Python: STOP in an else",
        PY + 'state = sys.argv[3]\nif state == "MASTER":\n    up()\nelse:\n    down()\n',
        ("stop@6",),
        ("`else` here takes it", "as it does for BACKUP and FAULT"),
    ),
    Case(
        "Python: STOP not among the states",
        PY + 'kind, name, state = sys.argv[1:4]\nif state not in ("MASTER", "BACKUP", "FAULT"):\n    sys.exit(1)\n',
        ("stop@4",),
        ("ends with `sys.exit 1`",),
    ),
    Case(
        "Python: STOP looked up in a dict",
        PY + '{"MASTER": up, "BACKUP": down}[sys.argv[3]]()\n',
        ("stop@3",),
        ("this dict",),
    ),
    Case(
        "Python: STOP not among argparse's choices",
        PY + "import argparse\np = argparse.ArgumentParser()\np.add_argument('kind')\np.add_argument('name')\n"
        "p.add_argument('state', choices=['MASTER', 'BACKUP', 'FAULT'])\np.add_argument('prio')\nargs = p.parse_args()\n",
        ("stop@9",),
    ),
    Case(
        "Python: STOP in case _",
        PY + 'match sys.argv[3]:\n    case "MASTER" | "BACKUP":\n        up()\n    case _:\n        raise ValueError\n',
        ("stop@6",),
    ),
    Case(
        "Python: STOP in main",
        PY
        + 'def main(argv):\n    if argv[3] == "MASTER":\n        up()\n    elif argv[3] in ["BACKUP", "FAULT"]:\n        down()\n'
        '    else:\n        sys.exit("unknown")\nif __name__ == "__main__":\n    main(sys.argv)\n',
        ("stop@8",),
    ),
    Case(
        "Python 2: STOP in an else",
        PY
        + 'state = sys.argv[3].lower()\nif state == "master":\n    print "up"\nelse:\n    subprocess.call(["ip", "route", "del", "default"])\n',
        ("stop@6",),
    ),
    Case("Python: an assert", PY + 'assert sys.argv[3] in ("MASTER", "BACKUP", "FAULT")\n', ("stop@3",)),
    Case(
        "Python: STOP named",
        PY
        + 'if sys.argv[3] == "MASTER":\n    up()\nelif sys.argv[3] in ("BACKUP", "STOP"):\n    down()\nelse:\n    sys.exit(1)\n',
    ),
    Case("Python: STOP got from a dict with get", PY + '{"MASTER": up}.get(sys.argv[3], down)()\n'),
    Case(
        "Python: STOP's error is caught", PY + 'try:\n    {"MASTER": up}[sys.argv[3]]()\nexcept KeyError:\n    pass\n'
    ),
    Case(
        "DELETED, asked for with notify_deleted",
        SH + "case $3 in MASTER) a;; BACKUP|FAULT|STOP) b;; *) c;; esac\n",
        ("new-state@2",),
        ("DELETED", "from 2.1.0"),
        config=conf("notify /etc/keepalived/hook\n    notify_deleted"),
        step=("2.0.20", "2.1.5"),
    ),
    Case(
        "DELETED, not asked for",
        SH + "case $3 in MASTER) a;; BACKUP|FAULT|STOP) b;; *) c;; esac\n",
        step=("2.0.20", "2.1.5"),
    ),
    Case(
        "a reader of the FIFO and MASTER_RX_LOWER_PRI",
        SH
        + 'while read TYPE NAME STATE PRIO; do\n  case "$STATE" in\n  MASTER) a;;\n  BACKUP|FAULT|STOP) b;;\n  *) c;;\n  esac\ndone < "$1"\n',
        ("new-state@6",),
        ("from 2.0.6 the FIFO says MASTER_RX_LOWER_PRI too",),
        config="global_defs {\n    vrrp_notify_fifo /run/k.fifo\n    vrrp_notify_fifo_script /etc/keepalived/hook\n}\n"
        + conf(""),
        step=("2.0.0", "2.0.8"),
    ),
    # -- words and their number ---------------------------------------------------------------------------------
    Case(
        "GROUP where INSTANCE was",
        SH + '[ "$1" = INSTANCE ] || exit 1\nip route replace default via 192.0.2.254\n',
        ("kind@2",),
        ("for a sync group, with GROUP where INSTANCE was",),
        config=conf(text=MIXED),
        notify="group",
    ),
    Case(
        "GROUP accepted",
        SH + 'case "$1" in INSTANCE|GROUP) ;; *) exit 1;; esac\n',
        config=conf(text=MIXED),
        notify="group",
    ),
    Case(
        "a fourth word",
        SH + "if [ $# -ne 3 ]; then\n  echo usage\n  exit 1\nfi\n",
        ("argument-count@2",),
        ("from 1.1.13", "4 arguments"),
        step=("1.1.12", "1.2.2"),
    ),
    Case(
        "a fourth word, counted in (( ))",
        "#!/bin/bash\nif (( $# != 3 )); then exit 1; fi\n",
        ("argument-count@2",),
        step=("1.1.12", "1.2.2"),
    ),
    Case("a fourth word is no harm", SH + "if [ $# -lt 3 ]; then exit 1; fi\n", step=("1.1.12", "1.2.2")),
    Case(
        "own arguments before those of notify",
        SH + 'case "$3" in\nMASTER) a;;\n*) exit 1;;\nesac\n',
        ("own-arguments@4",),
        ("the state is argument 5", "up to 2.0.5"),
        config=conf('notify "/etc/keepalived/hook one two"'),
    ),
    Case(
        "DELETED, and arguments that were there before",
        SH + "case $4 in MASTER) a;; BACKUP|FAULT|STOP) b;; *) c;; esac\n",
        ("new-state@2",),
        config=conf('notify "/etc/keepalived/hook one"\n    notify_deleted'),
        step=("2.0.20", "2.1.5"),
    ),
    Case(
        "own arguments counted",
        SH + "[ $# -eq 4 ] || exit 1\n",
        ("argument-count@2",),
        ("its own arguments come before", "5 arguments"),
        config=conf('notify "/etc/keepalived/hook one"'),
    ),
    # -- the file -----------------------------------------------------------------------------------------------
    Case("no x bit", SH + "a\n", ("not-executable@0",), ("no x bit",), mode=0o644, severity=Severity.DECISION),
    Case(
        "a check without x bit",
        SH + "a\n",
        ("not-executable@0",),
        ("counts as passed",),
        config='vrrp_script c {\n    script "/etc/keepalived/hook"\n    interval 2\n}\n' + conf(""),
        mode=0o644,
        severity=Severity.DECISION,
    ),
    Case(
        "no x bit, run by an interpreter",
        SH + "a\n",
        config=conf('notify_master "/bin/sh /etc/keepalived/hook"'),
        mode=0o644,
    ),
    Case("no x bit in both releases", SH + "a\n", mode=0o644, step=("2.0.0", "2.0.8")),
    Case("no shebang", 'echo "$3"\n', ("no-shebang@1",), ("no #! line",), severity=Severity.DECISION),
    Case(
        "no shebang, run by an interpreter", 'echo "$1"\n', config=conf('notify_master "/bin/sh /etc/keepalived/hook"')
    ),
    Case(
        "no shebang, and a shell still runs it from a wrapper of ours",
        'echo "$1"\n',
        config=conf('notify_master "/etc/keepalived/hook >/dev/null"'),
    ),
    Case("a program of machine code", "\x7fELF\0\0\0", step=("1.2.13", "2.0.8")),
    Case(
        "a carriage return in the shebang",
        "#!/bin/sh\r\na\r\n",
        ("interpreter@1",),
        ("carriage return",),
        severity=Severity.DECISION,
    ),
    Case(
        "Python 2 on a host that has none",
        "#!/usr/bin/env python2\nprint 1\n",
        ("interpreter@1",),
        ("python2 is not there",),
        more=(("/bin/sh", ""),),
        severity=Severity.DECISION,
    ),
    Case("Python 2 in a copy of some files", "#!/usr/bin/python2\nprint 1\n", ("interpreter@1",), ("no Python 2",)),
    Case("an interpreter that is there", "#!/usr/bin/env perl\n", more=(("/bin/sh", ""), ("/usr/bin/perl", ""))),
    Case("an interpreter in a copy of some files", "#!/usr/bin/perl\nexit 0\n"),
    # -- what is written, and as whom ---------------------------------------------------------------------------
    Case(
        "umask and a state file",
        SH + 'echo "$3" > /run/state\n',
        ("umask@2",),
        ("umask 0177 (0000 in 1.2.13)", "mode 0600"),
        step=("1.2.13", "2.2.7"),
    ),
    Case(
        "umask and a file by a variable",
        SH + 'F=/var/lib/gw/state\necho "$3" > "$F"\n',
        ("umask@3",),
        step=("1.2.13", "2.2.7"),
    ),
    Case(
        "umask and a folder",
        SH + "mkdir -p /var/lib/gw\n",
        ("umask@2",),
        ("a folder made here gets mode 0600",),
        step=("1.2.13", "2.2.7"),
    ),
    Case(
        "umask and a log",
        SH + 'echo "$3" >> /var/log/gw.log\n',
        ("umask@2",),
        step=("1.2.13", "2.2.7"),
        severity=Severity.INFO,
    ),
    Case(
        "umask in Python", PY + 'open("/run/state", "w").write(sys.argv[3])\n', ("umask@3",), step=("1.2.13", "2.2.7")
    ),
    Case("umask of the script's own", SH + 'umask 022\necho "$3" > /run/state\n', step=("1.2.13", "2.2.7")),
    Case(
        "umask in global_defs",
        SH + 'echo "$3" > /run/state\n',
        config=conf(top="global_defs {\n    umask 0022\n}\n"),
        step=("2.0.10", "2.2.7"),
    ),
    Case("umask and no file", SH + 'echo "$3" > /dev/null 2>&1\n', step=("1.2.13", "2.2.7")),
    Case(
        "another user and a route",
        SH + "ip route replace default via 192.0.2.254\n",
        ("user-command@2",),
        ("runs as keepalived_script",),
        more=(("/etc/passwd", "root:x:0:0::/:/bin/sh\nkeepalived_script:x:777:777::/:/bin/false\n"),),
        severity=Severity.DECISION,
    ),
    Case(
        "another user and a path",
        SH + 'echo "$3" > /run/gw\n',
        ("user-path@2",),
        config=conf(top="global_defs {\n    script_user nobody\n}\n"),
    ),
    Case(
        "another user with sudo",
        SH + "sudo ip route replace default via 192.0.2.254\n",
        config=conf(top="global_defs {\n    script_user nobody\n}\n"),
    ),
    Case(
        "script_user root",
        SH + "ip route replace default via 192.0.2.254\n",
        config=conf(top="global_defs {\n    script_user root\n}\n"),
    ),
    Case(
        "the old release knew the user",
        SH + "ip route replace default via 192.0.2.254\n",
        config=conf(top="global_defs {\n    script_user nobody\n}\n"),
        step=("1.3.9", "2.0.8"),
    ),
    Case(
        "script security and a file that anybody may write",
        SH + "a\n",
        ("security@0",),
        ("others than root may write /etc/keepalived/hook",),
        config=conf(top="global_defs {\n    script_user root\n    enable_script_security\n}\n"),
        mode=0o777,
        severity=Severity.DECISION,
    ),
    Case(
        "another user and a text about a route",
        SH + 'echo "try: ip route replace default via 192.0.2.254"\n',
        config=conf(top="global_defs {\n    script_user nobody\n}\n"),
    ),
    Case(
        "Python: another user and a service",
        PY + 'os.system("systemctl start frr")\n',
        ("user-command@3",),
        ("not allowed to `systemctl start frr`",),
        config=conf(top="global_defs {\n    script_user nobody\n}\n"),
        severity=Severity.DECISION,
    ),
    # -- once more ----------------------------------------------------------------------------------------------
    Case(
        "a rule for each half of a split instance",
        SH
        + "case $3 in\nMASTER) iptables -A INPUT -p tcp -j ACCEPT;;\nBACKUP|FAULT|STOP) iptables -D INPUT -p tcp -j ACCEPT;;\nesac\n",
        ("run-twice@3",),
        ("for GW_v4 and GW_v6", "adds the rule a second time"),
        config=conf(text=MIXED),
        notify="both",
    ),
    Case(
        "a route, and a process in the background, for each half",
        SH + "ip route add default via 192.0.2.254\nip rule add from 192.0.2.1 table 5\n/usr/local/bin/announce &\n",
        ("run-twice@2",),
        ("(also line 3, 4)",),
        config=conf("notify_master /etc/keepalived/hook", text=MIXED),
        notify="both",
    ),
    Case(
        "Python: a route for each half",
        PY + 'subprocess.check_call(["ip", "route", "add", "default", "via", "192.0.2.254"])\n',
        ("run-twice@3",),
        config=conf("notify_master /etc/keepalived/hook", text=MIXED),
        notify="both",
    ),
    Case(
        "a rule that is looked for first",
        SH + "iptables -C INPUT -j ACCEPT || iptables -A INPUT -j ACCEPT\n",
        config=conf("notify_master /etc/keepalived/hook", text=MIXED),
        notify="both",
    ),
    Case(
        "a route that may be there",
        SH + "ip route add default via 192.0.2.254 2>/dev/null\nip route add 10.0.0.0/8 via 192.0.2.254 || true\n",
        config=conf("notify_master /etc/keepalived/hook", text=MIXED),
        notify="both",
    ),
    Case(
        "commands that bear it",
        SH + "ip route replace default via 192.0.2.254\nsystemctl start haproxy\n",
        config=conf("notify_master /etc/keepalived/hook", text=MIXED),
        notify="both",
    ),
    Case(
        "a rule, and the hook stays with one half",
        SH + "iptables -A INPUT -j ACCEPT\n",
        config=conf("notify_master /etc/keepalived/hook", text=MIXED),
    ),
    Case(
        "BACKUP at the start of a master",
        SH + "case $3 in\nMASTER) service haproxy start;;\nBACKUP|FAULT|STOP) service haproxy stop;;\nesac\n",
        ("more-calls@4",),
        ("from 2.0.0 BACKUP is also told at each start before MASTER", "stops the service"),
        config=conf(state="MASTER"),
    ),
    Case(
        "BACKUP at the start of a backup",
        SH + "service haproxy stop\n",
        config=conf("notify_backup /etc/keepalived/hook"),
    ),
    Case(
        "BACKUP at the start of the members of a group",
        SH + "ipvsadm -C\n",
        ("more-calls@2",),
        ("from 2.0.14", "clears the virtual servers"),
        config=GROUP.replace("    notify /etc/keepalived/hook\n", "")
        + conf("notify_backup /etc/keepalived/hook")
        + LAN.format(line="", state="BACKUP"),
        step=("2.0.8", "2.0.20"),
    ),
    Case(
        "BACKUP at the start of a group",
        SH + "case $3 in BACKUP) systemctl restart frr;; esac\n",
        ("more-calls@2",),
        ("from 2.0.15",),
        config=GROUP + conf("") + LAN.format(line="", state="BACKUP"),
        step=("2.0.8", "2.0.20"),
    ),
    Case(
        "FAULT of a backup",
        SH + "systemctl restart network\n",
        ("more-calls@2",),
        ("from 1.2.14 FAULT",),
        config=conf("notify_fault /etc/keepalived/hook"),
        step=("1.2.13", "1.2.24"),
    ),
    # -- the rest -----------------------------------------------------------------------------------------------
    Case(
        "a status that 1.4 took for success",
        SH + "pidof haproxy || exit 255\n",
        ("exit-status@2",),
        ("ends with status 255 passed in 1.4.5",),
        config='vrrp_script c {\n    script "/etc/keepalived/hook"\n    interval 2\n}\n' + conf(""),
        step=("1.4.5", "2.0.8"),
    ),
    Case(
        "status 0 of a dynamic check",
        SH + "pidof haproxy && exit 0\n# exit 0\nexit 1\n",
        ("weight@2",),
        ("from 2.0.19",),
        config="virtual_server 192.0.2.1 80 {\n    real_server 192.0.2.9 80 {\n        MISC_CHECK {\n"
        "            misc_path /etc/keepalived/hook\n            misc_dynamic\n        }\n    }\n}\n",
        step=("2.0.15", "2.0.20"),
    ),
    Case(
        "a text of the log",
        SH + "grep -q 'Entering MASTER STATE' /var/log/messages\n",
        ("log-text@2",),
        config=conf("notify_fault /etc/keepalived/hook"),
        step=("1.4.5", "2.0.8"),
    ),
    Case("a status in a notify script", SH + "pidof haproxy || exit 255\n", step=("1.4.5", "2.0.8")),
    Case(
        "an address of keepalived's taken away",
        SH + "ip addr del 192.0.2.1/24 dev eth0\n",
        ("removes-address@2",),
        ("takes 192.0.2.1 away",),
        config=conf("notify_backup /etc/keepalived/hook"),
    ),
    Case(
        "all addresses of the interface taken away",
        SH + "ip addr flush dev eth0\n",
        ("removes-address@2",),
        config=conf("notify_backup /etc/keepalived/hook"),
    ),
    Case(
        "an address taken away at a stop",
        SH + "ip addr del 192.0.2.1/24 dev eth0\n",
        config=conf("notify_stop /etc/keepalived/hook"),
    ),
    Case(
        "another address taken away",
        SH + "ip addr del 192.0.2.77/24 dev eth0\n",
        config=conf("notify_backup /etc/keepalived/hook"),
    ),
    Case(
        "a stop that takes long",
        SH + "ip route del default\nsleep 5\nip rule flush\n",
        ("slow-stop@3",),
        ("killed after one second",),
        config=conf("notify_stop /etc/keepalived/hook"),
    ),
    Case("a stop that does not sleep", SH + "case $3 in MASTER) sleep 5;; esac\n"),
    Case(
        "a dump that is read",
        SH + "grep -c MASTER /tmp/keepalived.data\n",
        ("dump-file@2",),
        ("2.0.10",),
        config=conf("notify_master /etc/keepalived/hook"),
        step=("2.0.8", "2.0.20"),
    ),
    Case(
        "a PID file in a folder of its own",
        SH + "kill -0 $(cat /var/run/keepalived.pid)\n",
        ("pid-file@2",),
        ("in /run",),
        step=("2.0.15", "2.0.20"),
        more=(("/var/run/x", ""),),
    ),
    Case(
        "a PID file, /var/run is not known", SH + "kill -0 $(cat /var/run/keepalived.pid)\n", step=("2.0.15", "2.0.20")
    ),
    Case(
        "a relative path",
        SH + "./helper.sh\n",
        ("relative-path@2",),
        ("from 1.3.2",),
        step=("1.2.13", "1.3.9"),
        severity=Severity.INFO,
    ),
    Case("a relative path after cd", SH + "cd /etc/keepalived\n./helper.sh\n", step=("1.2.13", "1.3.9")),
    Case("the same release", SH + "case $3 in MASTER) a;; *) exit 1;; esac\n", step=("2.2.7", "2.2.7")),
    Case(
        "everything in order",
        SH
        + 'case "$2-$3" in\nGW-MASTER) ip route replace default via 192.0.2.254;;\nGW-BACKUP|GW-FAULT|GW-STOP) ip route del default;;\nesac\nexit 0\n',
        step=("1.2.13", "2.4.3"),
    ),
]


def lay_out(case: Case, root: Path) -> None:
    files = {CONFIG: case.config, SCRIPT: case.script, **dict(case.more)}
    for path, text in files.items():
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode("latin-1"))
        place.chmod(0o755)
    (root / SCRIPT.lstrip("/")).chmod(case.mode)


def found_in(root: Path, source: str, target: str, notify: str = "first") -> list[Finding]:
    site = Site.open(CONFIG, root=root)
    choices = Choices(mixed=MixedChoice(notify=notify))
    plan = upgrade(site, parse_release(source), parse_release(target), choices, daemon="")
    return [finding for finding in plan.findings if finding.id.startswith("scripts/")]


def spelled(finding: Finding) -> str:
    """`id@line`, with the path before it where that is not the script's own."""
    text = f"{finding.id.removeprefix('scripts/')}@{finding.place.line}"
    return text if finding.place.path == SCRIPT else f"{finding.place.path}:{text}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, tmp_path: Path) -> None:
    lay_out(case, tmp_path)
    found = found_in(tmp_path, *case.step, notify=case.notify)
    assert [spelled(f) for f in found] == list(case.wanted), [f"{f.place} {f.id}: {f.message}" for f in found]
    for part in case.says:
        assert part in found[0].message
    if found:
        assert found[0].severity is case.severity
        assert found[0].cure


# -- the table of facts -------------------------------------------------------------------------------------------


def test_every_fact_names_entries_of_the_catalogue() -> None:
    folder = SHARED / "facts"
    if not folder.is_dir():
        pytest.skip("the catalogue is not here")
    entries = {
        (entry["id"], entry["version"])
        for file in folder.glob("changes-*.toml")
        for entry in tomllib.loads(file.read_text(encoding="utf-8"))["change"]
    }
    assert entries
    named = {covered for fact in facts.facts() for covered in fact.covers}
    assert len(named) > 20
    assert named <= entries


def test_a_fact_is_new_only_where_the_step_crosses_it() -> None:
    fact = facts.Fact(Release(1, 3, 6), (), until=Release(1, 4, 0))
    assert fact.is_new(Release(1, 2, 13), Release(1, 3, 9))
    assert not fact.is_new(Release(1, 2, 13), Release(2, 0, 0))
    assert not fact.is_new(Release(1, 3, 6), Release(1, 3, 9))
    assert [facts.umask_of(Release(*r)) for r in ((2, 0, 8), (2, 0, 10), (2, 0, 11), (2, 4, 3))] == [
        "0000",
        "0022",
        "0177",
        "0177",
    ]


# -- links and rights ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "target", "wanted"),
    [
        (SH + 'case "$(basename "$0")" in up) a;; *) b;; esac\n', "2.3.0", ["zero@2"]),
        (SH + 'if [ "$0" = /etc/keepalived/up ]; then a; fi\n', "2.3.0", ["zero@2"]),
        (PY + "import os\nname = os.path.basename(sys.argv[0])\n", "2.3.0", ["zero@4"]),
        (SH + "# basename $0 is the link\necho usage: $0\n", "2.3.0", []),
        (SH + '. "$(dirname "$0")/lib"\n', "2.3.0", []),
        (SH + 'case "$(basename "$0")" in up) a;; *) b;; esac\n', "2.2.8", []),
    ],
)
def test_a_script_that_looks_at_its_name_and_is_called_through_a_link(
    tmp_path: Path, script: str, target: str, wanted: list[str]
) -> None:
    lay_out(Case("", script, config=conf("notify_master /etc/keepalived/up")), tmp_path)
    (tmp_path / "etc/keepalived/up").symlink_to("hook")
    (tmp_path / "etc/keepalived/lib").write_text("")
    found = found_in(tmp_path, "2.2.7", target)
    assert [f"{f.id.removeprefix('scripts/')}@{f.place.line}" for f in found] == wanted


def test_use_symlink_paths_keeps_the_name_of_the_link(tmp_path: Path) -> None:
    top = "global_defs {\n    use_symlink_paths\n}\n"
    script = SH + 'case "$(basename "$0")" in up) a;; esac\n'
    lay_out(Case("", script, config=conf("notify_master /etc/keepalived/up", top=top)), tmp_path)
    (tmp_path / "etc/keepalived/up").symlink_to("hook")
    assert found_in(tmp_path, "2.2.7", "2.3.0") == []


def test_a_path_that_the_user_may_write_is_not_reported(tmp_path: Path) -> None:
    script = SH + 'echo "$3" > /run/gw/state\n'
    top = "global_defs {\n    script_user hook\n}\n"
    passwd = ("/etc/passwd", f"root:x:0:0::/:\nhook:x:{os.geteuid()}:1::/:\n")
    lay_out(Case("", script, config=conf(top=top), more=(passwd, ("/run/gw/other", ""))), tmp_path)
    assert found_in(tmp_path, "1.2.13", "2.0.8") == []
    (tmp_path / "run/gw").chmod(0o555)
    assert [spelled(f) for f in found_in(tmp_path, "1.2.13", "2.0.8")] == ["user-path@2"]


# -- anything at all ----------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    r"""case "$3" in@MASTER)@*) b;;@;;@esac@if [ "$3" = MASTER ]; then@else@elif [ $# -lt 4 ]; then@fi@&&@||@exit 1
f() {@}@f "$*"@STATE=$3@while read A B C; do@done@iptables -A x@(@)@[[ $3 =~ ^(A ]]@shift 2@> /run/x@sleep 3@((@$(@`
'@"@f@def f(a, b):@    return 1@    f(a)@f(sys.argv)@match x:@    case _:@x = sys.argv[1:3]@x = {'A': 1}[y]
if x in ('A',):@    raise@\0@\r@ÿ""".replace("\n", "@").split("@")
)


@pytest.mark.parametrize("head", ["#!/bin/sh\n", "#!/usr/bin/python3\n", ""])
@given(
    data=st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=30).map(lambda p: "\n".join(p).encode("latin-1")))
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_make_it_fail(head: str, data: bytes, tmp_path: Path) -> None:
    text = head.encode() + data
    config = conf("notify /etc/keepalived/hook\n    notify_stop /etc/keepalived/hook", text=MIXED)
    lay_out(Case("", "", config=config), tmp_path)
    (tmp_path / SCRIPT.lstrip("/")).write_bytes(text)
    for finding in found_in(tmp_path, "1.2.13", "2.4.3", notify="both"):
        assert 0 <= finding.place.line <= text.count(b"\n") + 1
        assert finding.id != "scripts/failed"


def test_a_script_nested_deeply_or_very_long_is_left_alone(tmp_path: Path) -> None:
    deep = SH + 'if [ "$3" = MASTER ]; then a; else\n' * 500 + "fi\n" * 500
    long = SH + '[ "$3" = MASTER ] || true\n' * 30_000
    recursive = SH + 'f() { f "$@"; f "$@"; }\nf "$@"\n'
    for script in (deep, long, recursive, PY + "x = " + "(" * 500 + "1" + ")" * 500 + "\n"):
        lay_out(Case("", script), tmp_path)
        assert [f for f in found_in(tmp_path, "1.2.13", "2.0.8") if f.id == "scripts/stop"] == []


def test_real_configurations_with_a_script_at_each_of_their_paths(tmp_path: Path) -> None:
    folder = SHARED / "corpus/configs"
    if not folder.is_dir():
        pytest.skip("the real configurations are not here")
    script = (
        SH + 'echo "$3" > /run/state\ncase "$3" in\nMASTER) ip route add default via 192.0.2.254;;\n*) exit 1;;\nesac\n'
    )
    seen: set[str] = set()
    for number, file in enumerate(sorted(folder.iterdir())):
        root = tmp_path / str(number)
        text = file.read_bytes()
        place = root / CONFIG.lstrip("/")
        place.parent.mkdir(parents=True)
        place.write_bytes(text)
        for path in set(re.findall(rb"/(?:etc|usr/local|opt|root|home)/[\w./-]*\w", text)):
            hook = root / os.fsdecode(path).lstrip("/")
            if hook.exists() or any(parent.is_file() for parent in hook.parents):
                continue
            hook.parent.mkdir(parents=True, exist_ok=True)
            if not hook.is_dir():
                hook.write_text(script)
                hook.chmod(0o755)
        seen |= {finding.id for finding in found_in(root, "1.2.13", "2.4.3")}
    assert {"scripts/stop", "scripts/umask"} <= seen


def test_a_thousand_instances_with_one_script_take_no_longer_than_some(tmp_path: Path) -> None:
    script = SH + 'case "$2-$3" in\n' + "".join(f"GW{n}-MASTER) a;;\n" for n in range(1000)) + "*) b;;\nesac\n"
    text = "".join(conf().replace("GW", f"GW{n}").replace("17", str(n % 255 + 1)) for n in range(1000))
    lay_out(Case("", script, config=text), tmp_path)
    begin = time.process_time()
    found = found_in(tmp_path, "1.4.5", "2.0.8")
    assert [spelled(f) for f in found] == ["stop@1003"]
    assert time.process_time() - begin < 20


# -- hosts of the project's own -----------------------------------------------------------------------------------

CORPORA = Path(__file__).resolve().parents[1] / "corpora"


def test_the_gateway_hears_of_the_umask_alone(tmp_path: Path) -> None:
    """Its script names STOP, and bears all calls: only the mode of its log changes."""
    site = Site.open(CONFIG, root=CORPORA / "gateway-2017/root")
    plan = upgrade(site, parse_release("1.2.13"), parse_release("2.2.7"), daemon="")
    assert [(f.id, f.place.line, f.severity) for f in plan.findings if f.id.startswith("scripts/")] == [
        ("scripts/umask", 8, Severity.INFO)
    ]


def test_the_director_has_no_script_at_hand(tmp_path: Path) -> None:
    site = Site.open(CONFIG, root=CORPORA / "director/root")
    plan = upgrade(site, parse_release("1.2.13"), parse_release("2.2.7"), daemon="")
    assert [f.id for f in plan.findings if f.id.startswith("scripts/")] == []


# -- the daemon ---------------------------------------------------------------------------------------------------

RUN = """
mount --make-rprivate / && mount -t tmpfs none /run && ip link set lo up
ip link add lab0 type veth peer name lab1 && ip link set lab0 up && ip link set lab1 up
ip addr add 192.0.2.250/24 dev lab0
"{keepalived}" --dont-fork --log-console --use-file "{folder}/k.conf" >"{folder}/log" 2>&1 &
pid=$!
for i in $(seq 100); do grep -q 'STANDS MASTER' "{folder}/calls" && break; sleep 0.1; done
sleep 1; kill -TERM $pid; wait $pid; sleep 1.5
"""
DAEMON = """vrrp_sync_group SITE {{
    group {{
        ONE
        TWO
    }}
    notify {folder}/hook
}}
vrrp_instance STANDS {{
    state MASTER
    interface lab0
    virtual_router_id 1
    priority 150
    virtual_ipaddress {{
        192.0.2.1/24
    }}
    notify "{folder}/link own"
    notify_backup {folder}/bare
    notify_stop {folder}/slow
}}
"""
MEMBER = """vrrp_instance {name} {{
    state BACKUP
    interface lab0
    virtual_router_id {number}
    priority 150
    virtual_ipaddress {{
        192.0.2.{number}/24
    }}
    notify {folder}/hook
}}
"""


@pytest.fixture(scope="module")
def calls(keepalived: str, namespaces: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """What scripts wrote that a keepalived ran from its start to its stop: `name umask words…`."""
    folder = tmp_path_factory.mktemp("lab")
    note = f'echo "$(basename "$0") $(umask) $*" >> {folder}/calls\n'
    texts = {
        "hook": SH + note,
        "bare": note,
        "slow": SH + note + f"sleep 1.4\necho late >> {folder}/calls\n",
        "k.conf": DAEMON.format(folder=folder)
        + "".join(MEMBER.format(name=n, number=i, folder=folder) for n, i in (("ONE", 2), ("TWO", 3))),
        "calls": "",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o644 if name == "k.conf" else 0o755)
    (folder / "link").symlink_to("hook")
    subprocess.run(
        ["unshare", "-n", "-m", "sh", "-c", RUN.format(keepalived=keepalived, folder=folder)], check=False, timeout=60
    )
    lines = (folder / "calls").read_text().splitlines()
    assert any("MASTER" in line for line in lines), (folder / "log").read_text(errors="replace")
    yield lines


@pytest.fixture(scope="module")
def release(keepalived: str) -> Release:
    said = subprocess.run([keepalived, "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"v(\d+\.\d+\.\d+)", said.stderr + said.stdout)
    assert match
    return parse_release(match.group(1))


@pytest.mark.daemon
@pytest.mark.netns
def test_the_daemon_gives_the_states_and_words_that_the_table_says(calls: list[str], release: Release) -> None:
    assert facts.STOP.holds(release)
    assert facts.OWN_ARGUMENTS.holds(release)
    stands = [line.split()[2:] for line in calls if "INSTANCE STANDS" in line]
    assert [words[3] for words in stands] == ["BACKUP", "MASTER", "STOP"]
    assert stands[0] == ["own", "INSTANCE", "STANDS", "BACKUP", "150"]
    groups = [line.split()[2:] for line in calls if "GROUP" in line]
    assert groups[0] == ["GROUP", "SITE", "BACKUP", "0"]
    assert groups[-1] == ["GROUP", "SITE", "STOP", "0"]
    assert any("INSTANCE ONE BACKUP" in line for line in calls)


@pytest.mark.daemon
@pytest.mark.netns
def test_the_daemon_runs_scripts_as_the_table_says(calls: list[str], release: Release) -> None:
    assert {line.split()[1] for line in calls if " " in line} == {facts.umask_of(release)}
    names = {line.split()[0] for line in calls if "INSTANCE STANDS" in line}
    assert names == {"hook" if facts.zero_is_target(release) else "link"}
    assert any(line.startswith("slow") for line in calls)
    assert "late" not in calls  # killed after a second
    assert not any(line.startswith("bare") for line in calls)  # Debian builds without libmagic
