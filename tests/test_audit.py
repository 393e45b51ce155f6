"""The names of a configuration held against what its scripts wait for: what is found, and what must not be."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from commands import inside
from keepalived_upgrade.auditing import audit, examine
from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.findings import Severity
from keepalived_upgrade.migration import Choices, MixedChoice
from keepalived_upgrade.releases import Release, parse_release
from keepalived_upgrade.site import Site

CORPORA = Path(__file__).resolve().parents[1] / "corpora"
GATEWAY = CORPORA / "gateway-2017"
CONFIGS = sorted((Path(__file__).resolve().parents[2] / "shared/corpus/configs").glob("*"))
MAIN = "/etc/keepalived/keepalived.conf"
RELEASE = Release(2, 2, 7)
VARIANTS = ["sh", "py2", "py3"]


def gateway(tmp_path: Path, variant: str, config: str = "") -> Path:
    root = tmp_path / "root"
    shutil.copytree(GATEWAY / "root", root)
    if variant != "sh":
        shutil.copy(GATEWAY / f"variants/default-route.{variant}", root / "etc/keepalived/default-route")
    if config:
        shutil.copy(GATEWAY / config, root / MAIN[1:])
    return root


def host(tmp_path: Path, config: str, files: Mapping[str, str]) -> Path:
    for path, text in {MAIN: config, **files}.items():
        file = tmp_path / path.lstrip("/") if path.startswith("/") else tmp_path / "etc/keepalived" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def found(root: Path, release: Release = RELEASE, *, notes: bool = False, scripts: tuple[str, ...] = ()) -> list[str]:
    """What is wrong, as `file:line id`."""
    findings = audit(Site.open(MAIN, root=root), release, scripts)
    assert all(f.cure and f.message for f in findings)
    return [
        f"{Path(f.place.path).name}:{f.place.line} {f.id.removeprefix('audit/')}"
        for f in findings
        if notes or f.severity is not Severity.INFO
    ]


# -- the outage ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("variant", "line"), [("sh", 11), ("py2", 9), ("py3", 7)])
def test_the_outage_is_found_the_day_before(tmp_path: Path, variant: str, line: int) -> None:
    root = gateway(tmp_path, variant, "by-hand.conf")
    assert found(root) == [f"default-route:{line} waits-in-vain"]
    (finding,) = audit(Site.open(MAIN, root=root), RELEASE)
    assert "waits for GW" in finding.message
    assert "calls the script with GW_v4, which no test in it accepts" in finding.message
    assert "keepalived-upgrade rename GW GW_v4" in finding.cure


@pytest.mark.parametrize(
    "choice", [{}, {"names": "keep"}, {"notify": "both"}, {"notify": "group"}, {"cure": "excluded"}]
)
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_host_is_clean_before_and_after_our_own_upgrade(
    tmp_path: Path, variant: str, choice: dict[str, str]
) -> None:
    root = gateway(tmp_path, variant)
    assert found(root, Release(1, 2, 13), notes=True) == []
    plan = upgrade(
        Site.open(MAIN, root=root), Release(1, 2, 13), RELEASE, Choices(mixed=MixedChoice(**choice)), daemon=""
    )
    assert plan.write()
    assert found(root, notes=True) == []


@pytest.mark.parametrize("release", ["1.2.13", "2.2.7"])
def test_the_director_is_clean(release: str) -> None:
    root = CORPORA / "director/root"
    assert found(root, parse_release(release)) == []
    assert found(root, parse_release(release), notes=True) == ["shop-state:0 names/script-missing"]


@pytest.mark.skipif(not CONFIGS, reason="the corpus does not lie beside this checkout")
@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: c.name[-50:])
def test_a_real_configuration_is_audited_without_a_fault(config: Path, tmp_path: Path) -> None:
    (tmp_path / "etc/keepalived").mkdir(parents=True)
    (tmp_path / MAIN[1:]).write_bytes(config.read_bytes())
    for release in (Release(1, 2, 13), Release(2, 4, 3)):
        audited = examine(Site.open(MAIN, root=tmp_path), release)
        assert {f.id for f in audited.findings} <= {"names/script-missing"}


# -- scripts that keepalived calls with INSTANCE|GROUP, name, state, priority ---------------------------------------


def instances(*names: str, hook: str = "notify /etc/keepalived/n.sh", more: str = "") -> str:
    return "".join(f"vrrp_instance {name} {{\n    {hook}\n}}\n" for name in names) + more


SHELL_WAITS = {
    "case": 'case "$2" in\nOLD) ip r ;;\nesac\n',
    "case with quotes and alternatives": "case $2 in\n\"OLD\"|'OLDER') ip r ;;\nesac\n",
    "variable": 'NAME=$2\nif [ "$NAME" = "OLD" ]; then ip r; fi\n',
    "braces and a default": 'n="${2:-}"\n[ "${n}" = OLD ] && ip r\n',
    "double brackets": "if [[ $3 == MASTER && $2 == OLD ]]; then ip r; fi\n",
    "test": 'test "$2" = OLD && ip r\n',
    "prefix": "[ x$2 = xOLD ] && ip r\n",
    "other side": '[ OLD = "$2" ] && ip r\n',
    "negated": '[ "$2" != OLD ] && exit 0\nip r\n',
    "negated or": '[ "$2" = OLD ] || exit 0\nip r\n',
    "negated if": 'if [ "$2" != OLD ]; then\n  exit 0\nfi\nip r\n',
    "others leave": "case $2 in\nOLD) dev=eth0 ;;\n*) exit 1 ;;\nesac\nip r\n",
    "constant": 'OURS=OLD\n[ "$2" = "$OURS" ] && ip r\n',
    "constant in a case": 'OURS=OLD\ncase $2 in\n"$OURS") ip r ;;\nesac\n',
    "loop over names": 'for i in OLD OLDER; do [ "$2" = "$i" ] && ip r; done\n',
    "loop over a list in a variable": 'LIST="OLD OLDER"\nfor i in $LIST; do [ "$2" = "$i" ] && ip r; done\n',
    "function": 'f() { case $1 in OLD) ip r ;; esac; }\nf "$2"\n',
    "function given all": 'main() {\n  local name="$2"\n  [ "$name" = OLD ] && ip r\n}\nmain "$@"\n',
    "function in a function": 'g() { [ "$1" = OLD ] && ip r; }\nf() { g "$2"; }\nf "$1" "$2"\n',
    "shifted": 'kind=$1; shift\n[ "$1" = OLD ] && ip r\n',
    "compound": 'case "$2:$3" in\nOLD:MASTER) ip r ;;\nesac\n',
    "compound without end": '[ "$2-$3" = OLD-MASTER ] && ip r\n',
    "glob": "case $2 in\nOLD_*) ip r ;;\nesac\n",
    "glob in brackets": "[[ $2 == OLD* ]] && ip r\n",
    "regex": '[[ "$2" =~ ^(OLD|OLDER)$ ]] && ip r\n',
    "grep": 'if echo "$2" | grep -q OLD; then\n  ip r\nfi\n',
    "grep of a here string": 'if grep -q "^OLD$" <<< "$2"; then ip r; fi\n',
    "one of two names": '[ "$2" = OLD ] || [ "$2" = OLDER ] && ip r\nif [ "$2" = OLD -o "$2" = OLDER ]; then ip r; fi\n',
    "keys of an array": 'declare -A DEV=([OLD]=eth0 ["OLDER"]=eth1)\ndev="${DEV[$2]:-}"\n[ -n "$dev" ] || exit\nip r dev "$dev"\n',
    "keys of an array one by one": 'declare -A DEV\nDEV[OLD]=eth0\nip r dev ${DEV["$2"]}\n',
    "array of all arguments": 'args=("$@")\n[ "${args[1]}" = OLD ] && ip r\n',
    "fields of all arguments": 'name=$(echo $* | cut -d" " -f2)\n[ $name = OLD ] && ip r\n',
    "set": 'set -- "$2" "$3"\n[ "$1" = OLD ] && ip r\n',
    "a value used later": "case $2 in\nOLD) dev=eth9 ;;\nesac\nip link set $dev up\n",
    "a state is written": '[ "$2" = OLD ] && echo "$3" > /run/state\n',
    "logged for all": 'logger "$*"\necho "$*" >> /var/log/n\n[ "$2" = OLD ] && ip r\n',
}


@pytest.mark.parametrize("text", SHELL_WAITS.values(), ids=SHELL_WAITS)
def test_a_shell_script_that_waits_for_a_name_nothing_has(tmp_path: Path, text: str) -> None:
    root = host(tmp_path, instances("GW_v4"), {"n.sh": f"#!/bin/bash\n{text}"})
    assert {line.split()[1] for line in found(root)} == {"waits-in-vain"}
    renamed = host(tmp_path / "b", instances("OLD", "OLDER", "OLD_1"), {"n.sh": f"#!/bin/bash\n{text}"})
    assert not [line for line in found(renamed) if "not-handled" not in line]


SHELL_FINE = {
    "states and kinds": "case $3 in\nMASTER) ip r ;;\nBACKUP|FAULT|STOP) ip r ;;\n*) exit 1 ;;\nesac\n[ $1 = INSTANCE ] || exit\n",
    "name with the name in": 'case "$2" in\nGW_v4) ip r ;;\n*) logger "unknown $2" ;;\nesac\n',
    "other words elsewhere": 'MODE=fast\n[ "$MODE" = slow ] && ip r\n[ "$(uname)" = Linux ] && ip r\n',
    "priority": '[ "$4" = 100 ] && ip r\n',
    "environment": '[ "$SITE" = OLD ] && ip r\n',
    "empty": '[ "$2" = "" ] && exit 1\n[ -z "$2" ] && exit\ncase $2 in\n"") exit ;;\n--help) exit ;;\nesac\n',
    "a function of another thing": 'f() { [ "$2" = OLD ] && ip r; }\nf "$4" "$(hostname)"\n',
    "cut": '[ "${2%_v4}" = GW ] && ip r\n[ "${2%%_*}" = GW ] && ip r\n',
    "folded": '[ "${2,,}" = gw_v4 ] && ip r\n',
    "changed by a program": 'n=$(echo "$2" | tr A-Z a-z)\n[ "$n" = gw_v4 ] && ip r\n',
    "assigned twice": 'n=$2\n[ -f /etc/name ] && n=$(cat /etc/name)\n[ "$n" = OLD ] && ip r\n',
    "a default that is tested": 'n=${2:-none}\n[ "$n" = none ] && exit\n[ "$n" = GW_v4 ] && ip r\n',
    "options parsed in a loop": 'while [ $# -gt 0 ]; do\ncase "$2" in\nOLD) shift ;;\nesac\nshift\ndone\n',
    "shifted by chance": '[ "$1" = -v ] && shift\n[ "$2" = OLD ] && ip r\n',
    "words of another file": 'while read -r a b c d; do [ "$b" = OLD ] && ip r; done < /etc/hosts\n',
    "keys of an array that fit": "declare -A DEV=([GW_v4]=eth0)\nip r dev ${DEV[$2]}\n",
    "arrays with other keys": "declare -A S=([MASTER]=1 [x]=2)\necho ${S[$3]} ${S[$n]} ${S[$2]:-eth0}\nT=(a b)\necho ${T[1]}\n",
    "grep for all others": 'echo "$2" | grep -qv OLD && ip r\necho "$2" | grep -qi gw_V4 && ip r\n',
    "a pattern for a kind of names": "case $2 in\nGW_v4) ip r ;;\n*_v6|?LAN) ip x ;;\nesac\n",
    "case does not count": "shopt -s nocasematch\ncase $2 in\ngw_V4) ip r ;;\nesac\n",
    "folded where it is declared": "declare -l n=$2\n[ $n = gw_v4 ] && ip r\n",
    "by getopts": 'while getopts "n:" o; do case $o in n) n=$OPTARG ;; esac; done\n[ "$n" = OLD ] && ip r\n',
    "printed into a variable": 'printf -v n "%s_x" "$2"\n[ "$n" = OLD ] && ip r\n',
    "an element": 'n[0]=$2\nn+=x\n[ "$n" = OLD ] && ip r\n',
    "other arguments are set": 'set -- "$@" x\n[ "$2" = OLD ] && ip r\nset -- a\n[ "$2" = OLD ] && ip r\n',
    "shifted by a number": 'shift $N\n[ "$1" = OLD ] && ip r\n',
    "the program": '[ "$0" = OLD ] && ip r\n',
    "a function that nothing calls": 'f() { [ "$1" = OLD ] && ip r; }\n',
    "a function that calls itself": 'f() { f "$1"; [ "$1" = x ] && ip r; }\nf "$4"\n',
    "a variable that holds itself": 'n=$n\n[ "$n" = OLD ] && ip r\n',
    "glob that fits": "case $2 in\nGW*) ip r ;;\n?*_v4) ip r ;;\nesac\n",
    "a name of a group": '[ "$2" = SITE ] && ip r\n[ "$2" = GW_v4 ] && ip r\n',
    "a here document": "cat <<EOF\ncase $2 in OLD) ;; esac\nEOF\n",
    "a comment": '# case "$2" in OLD)\n: "$2" = OLD\n',
    "file tests": '[ -e OLD ] && [ "$2" -nt OLD ] && ip r\n',
}


@pytest.mark.parametrize("text", SHELL_FINE.values(), ids=SHELL_FINE)
def test_a_shell_script_in_which_nothing_is_wrong(tmp_path: Path, text: str) -> None:
    group = "vrrp_sync_group SITE {\n    group {\n        GW_v4\n    }\n}\n"
    root = host(tmp_path, instances("GW_v4", more=group), {"n.sh": f"#!/bin/bash\n{text}"})
    assert found(root) == []


PYTHON_WAITS = {
    "subscript": "import sys, os\nif sys.argv[2] == 'OLD':\n    os.system('ip r')\n",
    "unpacked": "import sys, os\n_, kind, name, state, prio = sys.argv\nif 'OLD' == name:\n    os.system('ip r')\n",
    "slice": "import sys, os\nkind, name, state = sys.argv[1:4]\nif name in ('OLD', 'OLDER') and state == 'MASTER':\n    os.system('ip r')\n",
    "tuple of both": "import sys, os\nname, state = sys.argv[2], sys.argv[3]\nif name == 'OLD': os.system('ip r')\n",
    "imported argv": "from sys import argv\nimport os\nif argv[2] == 'OLD': os.system('ip r')\n",
    "list of arguments": "import sys, os\nargs = sys.argv[1:]\nif args[1] == 'OLD': os.system('ip r')\n",
    "stripped": "import sys, os\nname = str(sys.argv[2]).strip()\nif name == 'OLD': os.system('ip r')\n",
    "function": "import sys, os\ndef main(name, state='x'):\n    if name == 'OLD':\n        os.system('ip r')\nmain(sys.argv[2])\n",
    "keyword": "import sys, os\ndef main(state, name):\n    if name == 'OLD':\n        os.system('ip r')\nmain(sys.argv[3], name=sys.argv[2])\n",
    "splat": "import sys, os\ndef main(kind, name, *rest):\n    if name == 'OLD':\n        os.system('ip r')\nmain(*sys.argv[1:])\n",
    "argv handed on": "import sys, os\ndef main(argv):\n    name = argv[2]\n    if name == 'OLD':\n        os.system('ip r')\nsys.exit(main(sys.argv))\n",
    "returning early": "import sys, os\ndef main():\n    if sys.argv[2] != 'OLD':\n        return\n    os.system('ip r')\nmain()\n",
    "dict": "import sys, os\nROUTES = {'OLD': 'eth0'}\nos.system('ip r dev ' + ROUTES[sys.argv[2]])\n",
    "dict asked first": "import sys, os\nROUTES = {'OLD': 'eth0'}\nif sys.argv[2] in ROUTES:\n    os.system('ip r')\n",
    "dict with get": "import sys, os\nROUTES = {'OLD': 'eth0'}\ndev = ROUTES.get(sys.argv[2])\n",
    "constant": "import sys, os\nOURS = 'OLD'\nif sys.argv[2] == OURS:\n    os.system('ip r')\n",
    "constant list": "import sys, os\nOURS = ['OLD', 'OLDER']\nif sys.argv[2] not in OURS:\n    sys.exit(0)\nos.system('ip r')\n",
    "match": "import sys, os\nmatch sys.argv[2]:\n    case 'OLD' | 'OLDER':\n        os.system('ip r')\n    case _:\n        print('?')\n",
    "starts": "import sys, os\nif sys.argv[2].startswith('OLD'):\n    os.system('ip r')\n",
    "regex": "import sys, os, re\nif re.match('^OLD$', sys.argv[2]):\n    os.system('ip r')\n",
    "attribute": "import sys, os\nclass N:\n    def __init__(self, name):\n        self.name = name\n    def run(self):\n        if self.name == 'OLD':\n            os.system('ip r')\nN(sys.argv[2]).run()\n",
    "argparse": "import argparse, os\np = argparse.ArgumentParser()\np.add_argument('kind')\np.add_argument('name')\nargs = p.parse_args()\nif args.name == 'OLD':\n    os.system('ip r')\n",
    "conditional": "import sys, os\nname = sys.argv[2] if len(sys.argv) > 2 else ''\nif name == 'OLD': os.system('ip r')\n",
    "or": "import sys, os\nname = (sys.argv[2] or 'x')\nif name == 'OLD': os.system('ip r')\n",
    "global": "import sys, os\nname = None\ndef read():\n    global name\n    name = sys.argv[2]\nread()\nif name == 'OLD': os.system('ip r')\n",
    "loop over names": "import sys, os\nfor one in ('OLD', 'OLDER'):\n    if sys.argv[2] == one:\n        os.system('ip r')\n",
    "walrus": "import sys, os\nif (name := sys.argv[2]) and name == 'OLD':\n    os.system('ip r')\n",
    "python 2": "import sys, os\nname = sys.argv[2]\nprint name\nif name <> 'OLD':\n    sys.exit(0)\nos.system('ip r')\n",
}


@pytest.mark.parametrize("text", PYTHON_WAITS.values(), ids=PYTHON_WAITS)
def test_a_python_script_that_waits_for_a_name_nothing_has(tmp_path: Path, text: str) -> None:
    root = host(tmp_path, instances("GW_v4"), {"n.sh": f"#!/usr/bin/python\n{text}"})
    assert {line.split()[1] for line in found(root)} <= {"waits-in-vain", "left-over"}
    assert any("waits-in-vain" in line for line in found(root)), found(root)
    renamed = host(tmp_path / "b", instances("OLD", "OLDER"), {"n.sh": f"#!/usr/bin/python\n{text}"})
    assert not [line for line in found(renamed) if "not-handled" not in line]


PYTHON_FINE = {
    "states": "import sys, os\nif sys.argv[3] == 'MASTER': os.system('ip r')\nif sys.argv[1] == 'INSTANCE': pass\n",
    "main": "import sys\nif __name__ == '__main__':\n    print(sys.argv[2] == 'GW_v4')\n",
    "folded": "import sys, os\nif sys.argv[2].lower() == 'gw_v4': os.system('ip r')\n",
    "cut": "import sys, os\nif sys.argv[2].split('_')[0] == 'GW': os.system('ip r')\nif sys.argv[2][:2] == 'GW': pass\n",
    "replaced": "import sys, os\nif sys.argv[2].replace('_v4', '') == 'GW': os.system('ip r')\n",
    "environment": "import os\nif os.environ['SITE'] == 'OLD': os.system('ip r')\n",
    "assigned twice": "import sys, os\nname = sys.argv[2]\nname += 'x'\nif name == 'OLD': os.system('ip r')\n",
    "never called": "import os\ndef hook(name):\n    if name == 'OLD': os.system('ip r')\n",
    "called with other things": "import sys, os\ndef f(name):\n    if name == 'OLD': os.system('ip r')\nf(os.uname()[1])\n",
    "from the end": "import sys, os\nif sys.argv[-1] == 'OLD': os.system('ip r')\n",
    "loop variable": "import sys, os\nfor name in open('/etc/names'):\n    if name == 'OLD': os.system('ip r')\n",
    "docstring": '"""If name == "OLD" it runs."""\nimport sys\n',
    "options": "import sys\nif sys.argv[2] in ('--help', '-h'): sys.exit(0)\n",
    "starred": "import sys, os\nfirst, *rest, name = sys.argv\nif name == 'OLD': os.system('ip r')\n",
    "changed by a call": "import sys, os\nif shorten(sys.argv[2]) == 'OLD': os.system('ip r')\nif (lambda x: x)(sys.argv[2]) == 'OLD': pass\n",
    "part of it": "import sys, os\nif sys.argv[2][0:1] == 'O': os.system('ip r')\nif sys.argv[2:][n] == 'OLD': pass\n",
    "every second": "import sys, os\nkind, name = sys.argv[::2]\nif name == 'OLD': os.system('ip r')\n",
    "several options": "import sys, os\ndef f(**k): pass\ndef g(a, name: str, b: int = 3):\n    if name == 'OLD' or b == 'OLD': os.system('ip r')\ng(*OTHER)\ng(**OTHER)\ng(1)\n",
    "argparse that takes several": "import argparse, os\np = argparse.ArgumentParser()\np.add_argument('-v')\np.add_argument('all', nargs='*')\np.add_argument('name')\na = p.parse_args()\nif a.name == 'OLD': os.system('ip r')\n",
    "a chain": "import sys\nprint('A' < sys.argv[2] < 'OLD', 'A' == sys.argv[2] == 'OLD')\n",
    "dict of other things": "import sys, os\nSTATES = {'MASTER': 1, 'up': 2}\nSTATES[sys.argv[3]]\nD = {}\nD['OLD'] = 1\n",
}


@pytest.mark.parametrize("text", PYTHON_FINE.values(), ids=PYTHON_FINE)
def test_a_python_script_in_which_nothing_is_wrong(tmp_path: Path, text: str) -> None:
    root = host(tmp_path, instances("GW_v4"), {"n.sh": f"#!/usr/bin/python3\n{text}"})
    assert found(root) == []


# -- other ways in which a name arrives -----------------------------------------------------------------------------


def script(operand: str, *names: str, rest: str = "") -> str:
    arms = "".join(f"{name}) ip r ;;\n" for name in names)
    return f"#!/bin/sh\ncase {operand} in\n{arms}{rest}esac\n"


def test_a_configured_argument_tells_which_one_holds_the_name(tmp_path: Path) -> None:
    config = instances("VI_1", hook='notify_master "/etc/keepalived/n.sh up VI_1"')
    assert found(host(tmp_path / "1", config, {"n.sh": script("$2", "VI_2")})) == ["n.sh:3 waits-in-vain"]
    assert found(host(tmp_path / "2", config, {"n.sh": script("$1", "VI_2", "up")})) == []
    # The arguments that keepalived adds come after those that are written.
    config = instances("VI_1", hook='notify "/etc/keepalived/n.sh fast"')
    assert found(host(tmp_path / "3", config, {"n.sh": script("$3", "VI_2")})) == ["n.sh:3 waits-in-vain"]
    assert found(host(tmp_path / "4", config, {"n.sh": script("$2", "VI_2")})) == []


def test_an_old_release_runs_a_shell(tmp_path: Path) -> None:
    hook = 'notify_master "/bin/sh /etc/keepalived/n.sh VI_1 >> /var/log/x 2>&1; /etc/keepalived/m.sh VI_1 up"'
    files = {"n.sh": script("$1", "VI_2"), "m.sh": script("$1", "VI_3")}
    root = host(tmp_path, instances("VI_1", hook=hook), files)
    assert found(root, Release(1, 2, 13)) == ["m.sh:3 waits-in-vain", "n.sh:3 waits-in-vain"]


@pytest.mark.parametrize(
    "command",
    [
        "/usr/bin/python3 -u /etc/keepalived/n.sh VI_1",
        "/usr/bin/sudo -u root /etc/keepalived/n.sh VI_1",
        "/bin/sh -c '/etc/keepalived/n.sh VI_1'",
    ],
)
def test_a_script_may_be_run_by_another_program(tmp_path: Path, command: str) -> None:
    root = host(tmp_path, instances("VI_1", hook=f'notify_master "{command}"'), {"n.sh": script("$1", "VI_2")})
    assert found(root) == ["n.sh:3 waits-in-vain"]


def test_what_a_hook_hands_over_is_waited_for_although_nothing_is_called_so(tmp_path: Path) -> None:
    config = instances("GW_v4", hook='notify_master "/etc/keepalived/n.sh GW"')
    assert found(host(tmp_path, config, {"n.sh": script("$1", "GW")})) == []


def test_a_check_that_is_given_a_word_like_a_name_is_not_given_a_name(tmp_path: Path) -> None:
    config = instances("nginx", more='vrrp_script c {\n    script "/etc/keepalived/c.sh nginx"\n}\n')
    root = host(tmp_path, config, {"n.sh": "#!/bin/sh\n", "c.sh": script("$1", "mysql", "redis")})
    assert found(root) == []


def test_an_instance_that_has_a_word_of_keepalived_as_its_name(tmp_path: Path) -> None:
    config = instances("MASTER", hook='notify_backup "/etc/keepalived/n.sh MASTER"')
    assert found(host(tmp_path, config, {"n.sh": script("$1", "up", "down")})) == []


def test_an_argument_that_a_shell_computes_may_be_anything(tmp_path: Path) -> None:
    hook = 'notify_master "/etc/keepalived/n.sh $NAME"\n    notify_backup "/etc/keepalived/n.sh VI_1"'
    assert found(host(tmp_path, instances("VI_1", hook=hook), {"n.sh": script("$1", "VI_2")}), Release(1, 2, 13)) == []


FIFO = "global_defs {\n    vrrp_notify_fifo /run/f\n    vrrp_notify_fifo_script /etc/keepalived/n.sh\n}\n"
QUIET = "state BACKUP"


@pytest.mark.parametrize(
    "text",
    [
        'while read -r kind name state prio; do\ncase $name in\n\'"OLD"\') ip r ;;\nesac\ndone < "$1"\n',
        'while read kind name state prio; do\nname=${name//\\"/}\n[ "$name" = OLD ] && ip r\ndone < "$1"\n',
        'while read line; do\nset -- $line\nn=$(echo "$2" | tr -d \'"\')\n[ "$n" = OLD ] && ip r\ndone < "$1"\n',
        "while read line; do\nn=$(echo $line | awk '{print $2}')\n[ $n = '\"OLD\"' ] && ip r\ndone < \"$1\"\n",
    ],
)
def test_the_lines_of_a_fifo_hold_names_in_quotes(tmp_path: Path, text: str) -> None:
    files = {"n.sh": f"#!/bin/bash\n{text}"}
    assert [line.split()[1] for line in found(host(tmp_path / "1", FIFO + instances("A", hook=QUIET), files))] == [
        "waits-in-vain"
    ]
    assert found(host(tmp_path / "2", FIFO + instances("A", "OLD", hook=QUIET), files)) == []


@pytest.mark.parametrize(
    ("loop", "found_there"),
    [
        ('tail -f "$1" | while read k n s p; do {test}; done', True),
        ('exec 3<"$1"\nwhile read k n s p <&3; do {test}; done', True),
        ('while read line; do read k n s p <<< "$line"; {test}; done < "$1"', True),
        ('while read line; do echo "$line" | while read k n s p; do {test}; done; done < "$1"', True),
        ("while read k n s p; do {test}; done < /run/keepalived.fifo", True),
        ("while read k n s p; do {test}; done < /etc/hosts", False),
        ("ip route | while read k n s p; do {test}; done", False),
        ('while IFS=_ read k n s p; do {test}; done < "$1"', False),
        ('while read k n; do {test}; done < "$1"', False),
        ('while read -a n; do {test}; done < "$1"', False),
        ('while read k n s p; do IFS=_ read a n <<< "$n"; {test}; done < "$1"', False),
    ],
)
def test_only_lines_of_the_fifo_are_its_lines(tmp_path: Path, loop: str, found_there: bool) -> None:
    text = "#!/bin/bash\n" + loop.replace("{test}", '[ "$n" = \'"OLD"\' ] && ip r') + "\n"
    root = host(tmp_path, FIFO + instances("A", hook=QUIET), {"n.sh": text})
    assert bool(found(root)) is found_there


def test_the_lines_of_a_fifo_in_python(tmp_path: Path) -> None:
    text = (
        "#!/usr/bin/python3\nimport sys, os\nfor line in open(sys.argv[1]):\n"
        "    kind, name, state, prio = line.split()\n    name = name.strip('\"')\n"
        "    if name == 'OLD':\n        os.system('ip r')\n"
    )
    assert found(host(tmp_path, FIFO + instances("A", hook=QUIET), {"n.sh": text})) == ["n.sh:6 waits-in-vain"]


# -- scripts that others run or source ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrapper",
    [
        '/etc/keepalived/inner "$2" "$3"\n',
        'exec /etc/keepalived/inner "${@:2}"\n',
        'shift\n/bin/sh /etc/keepalived/inner "$@"\n',
        'run() { /etc/keepalived/inner "$1"; }\nrun "$2"\n',
    ],
)
def test_a_wrapper_hands_the_name_on(tmp_path: Path, wrapper: str) -> None:
    files = {"n.sh": f"#!/bin/bash\n{wrapper}", "inner": script('"$1"', "OLD", "MASTER", "GROUP")}
    assert found(host(tmp_path, instances("A"), files)) == ["inner:3 waits-in-vain"]


def test_a_wrapper_in_python_hands_the_name_on(tmp_path: Path) -> None:
    text = "#!/usr/bin/python3\nimport sys, subprocess\nsubprocess.call(['/etc/keepalived/inner', sys.argv[2], 'x'])\n"
    files = {"n.sh": text, "inner": script('"$1"', "OLD") + '[ "$2" = y ] && ip r\n'}
    assert found(host(tmp_path, instances("A"), files)) == ["inner:3 left-over"]


def test_a_file_that_is_sourced_sees_variables_and_arguments(tmp_path: Path) -> None:
    files = {
        "n.sh": "#!/bin/sh\nNAME=$2\n. /etc/keepalived/lib.sh\n",
        "lib.sh": 'case "$NAME" in\nOLD) ip r ;;\nesac\nif [ "$2" = OLDER ]; then ip r; fi\n',
    }
    assert found(host(tmp_path, instances("A"), files)) == ["lib.sh:2 left-over", "lib.sh:4 left-over"]


def test_a_word_that_is_not_known_is_handed_on_as_such(tmp_path: Path) -> None:
    wrapper = '#!/bin/sh\n/etc/keepalived/inner "$2"\n/etc/keepalived/inner "$(hostname)"\n'
    files = {"n.sh": wrapper, "inner": script("$1", "OLD")}
    assert found(host(tmp_path, instances("A"), files)) == []


def test_two_scripts_that_run_one_another_come_to_an_end(tmp_path: Path) -> None:
    files = {
        "n.sh": '#!/bin/sh\n[ "$2" = OLD ] && /etc/keepalived/m.sh x "$2"\n',
        "m.sh": '#!/bin/sh\n/etc/keepalived/n.sh "$2" "$1"\n',
    }
    assert found(host(tmp_path, instances("A"), files)) == ["n.sh:2 waits-in-vain"]


# -- names that nothing is done for ---------------------------------------------------------------------------------


def test_an_instance_that_a_script_forgot(tmp_path: Path) -> None:
    root = host(tmp_path, instances("A", "B", "C"), {"n.sh": script("$2", "A", "B", rest="*) logger what ;;\n")})
    assert found(root) == ["n.sh:3 not-handled"]
    (finding,) = audit(Site.open(MAIN, root=root), RELEASE)
    assert (
        "A is handled here, and no test accepts C, which arrives here, too (/etc/keepalived/keepalived.conf:8:5)"
        in finding.message
    )


def test_an_instance_that_a_python_script_forgot(tmp_path: Path) -> None:
    for number, text in enumerate(
        (
            "ROUTES = {'A': 'x', 'B': 'y'}\nos.system(ROUTES[sys.argv[2]])\n",
            "if sys.argv[2] == 'A': os.system('x')\nelif sys.argv[2] == 'B': os.system('y')\nelse: print('?')\n",
            "if sys.argv[2] not in ('A', 'B'):\n    sys.exit()\nos.system('x')\n",
            "match sys.argv[2]:\n    case 'A' | 'B': os.system('x')\n    case _: print('?')\n",
        )
    ):
        files = {"n.sh": f"#!/usr/bin/python3\nimport os, sys\n{text}"}
        assert [f.split()[1] for f in found(host(tmp_path / str(number), instances("A", "B", "C"), files))] == [
            "not-handled"
        ], text


@pytest.mark.parametrize(
    "text",
    [
        script("$2", "A", "B", rest="*) ip r ;;\n"),
        script("$2", "A", "B") + "ip r\n",
        script("$2", "[A-C]"),
        script("$2", "A", "B") + '[ "$2" = A ] || ip r\n',
        "#!/bin/sh\nif [ $2 = A ]; then ip r; else ip x; fi\n",
        "#!/bin/sh\nif [ $2 = A ] || [ $3 = MASTER ]; then ip r; fi\n",
        "#!/bin/sh\nif [ $2 = A -o $3 = MASTER ]; then ip r; fi\n",
        "#!/bin/sh\n[ $2 = A ] && ip r\nsed -i s/x/$3/ /etc/state\n",
        "#!/bin/sh\n[ $2 = A ] && ip r\nexec /usr/local/bin/rest\n",
        "#!/bin/sh\nlook() { ip r; }\nif [ $2 = A ]; then look; fi\nlook\n",
        "#!/bin/sh\n[ $2 = A ] && ip r\necho $3 > /run/state.$2\n",
        "#!/bin/bash\n[ $2 = A ] && ip r\n[[ $2 =~ ^[BC].* ]] && ip r\n",
        "#!/bin/sh\n[ $2 = A ] && ip r\nif known $2; then ip r; fi\n",
        "#!/usr/bin/python3\nimport os, sys\nif sys.argv[2] == 'A': os.system('x')\nelse: os.system('y')\n",
        "#!/usr/bin/python3\nimport os, sys\nif sys.argv[2] == 'A': os.system('x')\nos.system('y')\n",
        "#!/usr/bin/python3\nimport os, sys\nif sys.argv[2] == 'A' or sys.argv[3] == 'MASTER': os.system('x')\n",
        "#!/usr/bin/python3\nimport os, sys\nif not sys.argv[2] == 'A': os.system('x')\n",
        "#!/usr/bin/python3\nimport re, os, sys\nif sys.argv[2] == 'A': os.system('x')\nif re.match('[BC].*', sys.argv[2]): os.system('y')\n",
        "#!/usr/bin/python3\nimport re, os, sys\nif sys.argv[2] == 'A': os.system('x')\nif RE.match(sys.argv[2]): os.system('y')\n",
        "#!/usr/bin/python3\nimport os, sys\nif sys.argv[2] == 'A': os.system('x')\nif sys.argv[2] in names(): os.system('y')\n",
        "#!/usr/bin/python3\nimport os, sys\nif sys.argv[2] == 'A': os.system('x')\nD = load()\nos.system(D[sys.argv[2]])\n",
    ],
)
def test_a_script_that_does_something_for_all_forgot_nobody(tmp_path: Path, text: str) -> None:
    assert found(host(tmp_path, instances("A", "B", "C"), {"n.sh": text})) == []


def test_only_names_with_which_the_script_is_called_count(tmp_path: Path) -> None:
    config = instances("A", "B") + instances("C", hook=QUIET)
    assert found(host(tmp_path, config, {"n.sh": script("$2", "A", "B")})) == []


def test_members_of_one_group_change_together_and_a_group_is_no_sibling_of_an_instance(tmp_path: Path) -> None:
    group = "vrrp_sync_group G {\n    group {\n        A\n        B\n    }\n    notify /etc/keepalived/n.sh\n}\n"
    root = host(tmp_path, instances("A", "B", more=group), {"n.sh": script("$2", "A")})
    assert found(root) == []
    assert found(root, notes=True) == ["n.sh:3 not-handled"]


# -- what is only told ----------------------------------------------------------------------------------------------


def test_a_test_that_is_left_over_beside_those_that_fit(tmp_path: Path) -> None:
    root = host(tmp_path, instances("A"), {"n.sh": script("$2", "A", "OLD")})
    assert found(root) == ["n.sh:4 left-over"]


def test_a_name_that_is_waited_for_where_none_arrives_is_a_note(tmp_path: Path) -> None:
    config = instances("A", hook="notify_master /etc/keepalived/n.sh")
    root = host(tmp_path, config, {"n.sh": script("$2", "A")})
    assert found(root) == []
    assert found(root, notes=True) == ["n.sh:3 never-arrives"]


def test_words_beside_a_name_that_look_like_it_are_notes(tmp_path: Path) -> None:
    files = {
        "n.sh": '#!/bin/sh\nname=$(sed s/x// /run/name)\n[ "$name" = VI_1 ] && ip r\n[ "$name" = VI_7 ] && ip r\n',
        "/etc/rules.yml": "- iname: VI_1\n- iname: VI_9\n- other: eth1 VI_X 42\n",
        "/etc/other.yml": "- iname: VI_9\n",
    }
    root = host(tmp_path, instances("VI_1", "VI_2"), files)
    notes = found(root, notes=True, scripts=("/etc/rules.yml", "/etc/other.yml"))
    assert notes == ["n.sh:4 looks-like-a-name", "rules.yml:2 looks-like-a-name"]
    assert found(root, scripts=("/etc/rules.yml",)) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("#!/bin/sh\n[ $2 = A ] && ip r\nif [ $2 = OLD ; then\nfi fi )\n", 0),
        ("#!/usr/bin/python3\nimport sys\nif sys.argv[2] == 'A':\n  x(\n", 0),
    ],
)
def test_a_script_that_cannot_be_read_is_a_note(tmp_path: Path, text: str, line: int) -> None:
    root = host(tmp_path, instances("A", "B"), {"n.sh": text})
    assert found(root) == []
    assert [note.split()[1] for note in found(root, notes=True)] == ["unreadable"]


@pytest.mark.parametrize("text", ["#!/bin/sh\n" + "[A]=2)\n" * 9300, "#!/usr/bin/python\n" + "=~\n" * 21_000])
def test_a_script_that_takes_too_long_to_read_is_no_note(tmp_path: Path, text: str) -> None:
    assert [one.split()[1] for one in found(host(tmp_path, instances("A", "B"), {"n.sh": text}))] == ["unreadable"]


def test_a_script_with_an_expression_deeper_than_anybody_writes_is_not_audited_and_that_is_said(tmp_path: Path) -> None:
    deep = "(" * 3000 + "sys.argv[2]" + ")" * 3000
    text = f"#!/usr/bin/python3\nimport sys\nif {deep} == 'A': pass\n"
    assert found(host(tmp_path, instances("A"), {"n.sh": text})) == ["n.sh:1 unreadable"]


def test_a_member_of_a_group_that_nothing_is_called(tmp_path: Path) -> None:
    config = "vrrp_sync_group G {\n    group {\n        A\n        B\n    }\n}\n" + instances("A", hook=QUIET)
    assert found(host(tmp_path, config, {})) == ["keepalived.conf:4 no-such-member"]


def test_all_views_are_one_configuration(tmp_path: Path) -> None:
    config = "@one vrrp_instance A {\n@two vrrp_instance B {\n    notify /etc/keepalived/n.sh\n}\n"
    assert found(host(tmp_path / "1", config, {"n.sh": script("$2", "A", "B")})) == []
    assert found(host(tmp_path / "2", config, {"n.sh": script("$2", "A")})) == ["n.sh:3 not-handled"]


# -- the command ----------------------------------------------------------------------------------------------------


def test_the_command_is_fit_for_cron_and_ci(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--root", str(gateway(tmp_path, "sh", "by-hand.conf")), "--release", "2.2.7")
    status, out, err = inside(monkeypatch, capsys, "audit", *words)
    assert (status, err) == (1, "")
    assert out.startswith("/etc/keepalived/default-route:11:5: this waits for GW")
    assert out.endswith("3 names, 1 script: 1 wrong\n")
    report = json.loads(inside(monkeypatch, capsys, "audit", *words, "--format", "json")[1])
    assert (report["wrong"], report["release"], report["names"]["SITE"]) == (1, "2.2.7", "group")
    assert report["findings"][0]["wrong"] is True
    assert (report["findings"][0]["line"], report["findings"][0]["column"]) == (11, 5)
    status, out, _ = inside(monkeypatch, capsys, "audit", *words, "--accept", "audit/waits-in-vain")
    assert (status, out) == (0, "3 names, 1 script: all is well; 1 note (--notes shows)\n")


def test_the_command_is_quiet_when_all_is_well_and_tells_what_it_could_not_see(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--root", str(CORPORA / "director/root"), "--release", "1.2.13")
    status, out, _ = inside(monkeypatch, capsys, "audit", *words)
    assert (status, out) == (0, "3 names, 0 scripts, 1 not there: all is well; 1 note (--notes shows)\n")
    out = inside(monkeypatch, capsys, "audit", *words, "--notes")[1]
    assert "/usr/local/bin/shop-state: note: the configuration runs this file" in out
    assert out.endswith("all is well; 1 note\n")


def test_bad_input_is_status_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    root = ("--root", str(GATEWAY / "root"))
    assert inside(monkeypatch, capsys, "audit", "/none.conf", *root, "--release", "2.2.7")[0] == 2
    status, _, err = inside(monkeypatch, capsys, "audit", *root)
    assert (status, "--release" in err) == (2, True)


def test_help_teaches_by_example() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "keepalived_upgrade", "audit", "--help"], capture_output=True, text=True, check=True
    )
    assert "--format json" in " ".join(done.stdout.split())
    assert "0 all is well, 1 something is wrong" in " ".join(done.stdout.split())


def test_odd_names_do_nothing_to_a_terminal_or_a_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = host(tmp_path, instances("A"), {"n.sh": '#!/bin/sh\n[ "$2" = "x\x1b[31m;rm" ] && ip r\n'})
    status, out, _ = inside(monkeypatch, capsys, "audit", "--root", str(root), "--release", "2.2.7")
    assert status == 1
    assert "\x1b" not in out
    assert "rename 'x\\x1b[31m;rm' A" in out


def test_the_members_of_a_track_group_are_held_against_the_instances_too(tmp_path: Path) -> None:
    config = "track_group T {\n    group {\n        B\n    }\n}\n" + instances("A", hook=QUIET)
    assert found(host(tmp_path, config, {})) == ["keepalived.conf:3 no-such-member"]
