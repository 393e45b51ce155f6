"""What scripts will see besides names: a table of situations, and for each the findings on its lines."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Choices, MixedChoice
from keepalived_upgrade.releases import parse_release
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


PAIRS = "group {\n        GW\n        LAN\n    }\n"
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
