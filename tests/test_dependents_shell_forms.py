"""Lists, greps, regular expressions, defaults and calls in shell scripts: run before and after, as in the other file."""

from __future__ import annotations

from pathlib import Path

import pytest

from keepalived_upgrade.dependents.shell import follow_shell
from keepalived_upgrade.edits import apply_edits
from keepalived_upgrade.findings import Severity
from test_dependents_shell import BOTH, KEPT, ONE, check_same, rewrite, script

# line before → line after, for GW → GW_v4 and GW_v6, in sh; each is run in a script.
LISTS = {
    'for n in GW OTHER; do [ "$n" = "$2" ] && found=1; done; act $found': (
        'for n in GW_v4 GW_v6 OTHER; do [ "$n" = "$2" ] && found=1; done; act $found'
    ),
    'NAMES="GW LAN"\nfor x in $NAMES; do [ "$2" = "$x" ] && act a; done\n:': (
        'NAMES="GW_v4 GW_v6 LAN"\nfor x in $NAMES; do [ "$2" = "$x" ] && act a; done\n:'
    ),
    "NAMES=GW\nfor x in ${NAMES}; do [ $x = $2 ] && act a; done\n:": (
        'NAMES="GW_v4 GW_v6"\nfor x in ${NAMES}; do [ $x = $2 ] && act a; done\n:'
    ),
    "readonly NAMES='LAN GW'\nfor x in $NAMES; do\n  case $2 in $x) act a ;; esac\ndone\n:": (
        "readonly NAMES='LAN GW_v4 GW_v6'\nfor x in $NAMES; do\n  case $2 in $x) act a ;; esac\ndone\n:"
    ),
    'NAMES="GW LAN"\ncase " $NAMES " in *" $2 "*) act a ;; esac': (
        'NAMES="GW_v4 GW_v6 LAN"\ncase " $NAMES " in *" $2 "*) act a ;; esac'
    ),
    'NAMES="LAN GW" # ours: NAMES\ncase " ${NAMES} " in\n*" ${2} "*) act a ;;\n*) act b ;;\nesac': (
        'NAMES="LAN GW_v4 GW_v6" # ours: NAMES\ncase " ${NAMES} " in\n*" ${2} "*) act a ;;\n*) act b ;;\nesac'
    ),
    'NAMES="LAN,GW"\ncase ",$NAMES," in *",$2,"*) act a ;; esac': (
        'NAMES="LAN,GW_v4,GW_v6"\ncase ",$NAMES," in *",$2,"*) act a ;; esac'
    ),
    'f() {\n  local NAMES="GW LAN"\n  case " $NAMES " in *" $1 "*) return 0 ;; esac\n  return 1\n}\nf "$2" && act a': (
        'f() {\n  local NAMES="GW_v4 GW_v6 LAN"\n'
        '  case " $NAMES " in *" $1 "*) return 0 ;; esac\n  return 1\n}\nf "$2" && act a'
    ),
    'if [ "$3" = MASTER ]; then L="GW LAN"; else L=LAN; fi\nfor x in $L; do [ $2 = $x ] && act a; done; :': (
        'if [ "$3" = MASTER ]; then L="GW_v4 GW_v6 LAN"; else L=LAN; fi\nfor x in $L; do [ $2 = $x ] && act a; done; :'
    ),
}
GREPS = {
    "echo \"$2\" | grep -q '^GW$' && act a": "echo \"$2\" | grep -q -e '^GW_v4$' -e '^GW_v6$' && act a",
    'echo "$2" | grep -q "^GW$" && act a': 'echo "$2" | grep -q -e "^GW_v4$" -e "^GW_v6$" && act a',
    "echo $2 | grep -qx GW && act a": "echo $2 | grep -qx -e GW_v4 -e GW_v6 && act a",
    'printf "%s\\n" "$2" | grep -Fqx "GW" && act a': ('printf "%s\\n" "$2" | grep -Fqx -e "GW_v4" -e "GW_v6" && act a'),
    "echo $2 | grep -q -x -e GW && act a": "echo $2 | grep -q -x -e GW_v4 -e GW_v6 && act a",
    "echo $2 | grep -qx -e LAN -e GW && act a": "echo $2 | grep -qx -e LAN -e GW_v4 -e GW_v6 && act a",
    "if ! echo $2 | grep -qx GW; then act a; fi": "if ! echo $2 | grep -qx -e GW_v4 -e GW_v6; then act a; fi",
    "echo $2 | grep -qvx GW && act a": "echo $2 | grep -qvx -e GW_v4 -e GW_v6 && act a",
    "echo $2 | grep ^GW$ >/dev/null && act a": "echo $2 | grep -e ^GW_v4$ -e ^GW_v6$ >/dev/null && act a",
    "echo $2 | grep -qE '^(GW|LAN)$' && act a": "echo $2 | grep -qE '^(GW_v4|GW_v6|LAN)$' && act a",
    'echo "$2" | egrep -q "^GW$|^LAN$" && act a': 'echo "$2" | egrep -q "^(GW_v4|GW_v6)$|^LAN$" && act a',
    "echo $2 | grep -qw GW && act a": "echo $2 | grep -qw -e GW -e GW_v4 -e GW_v6 && act a",
    "echo $2 | grep -q 'GW$' && act a": "echo $2 | grep -q -e 'GW$' -e 'GW_v4$' -e 'GW_v6$' && act a",
}
CALLS = {
    'N=$2\nis() { [ "$N" = "$1" ]; }\nis GW && act a': (
        'N=$2\nis() { [ "$N" = "$1" ]; }\n{ is GW_v4 || is GW_v6; } && act a'
    ),
    'is() { [ "$2" != "$1" ]; }\nif is GW "$2"; then act a; fi': (
        'is() { [ "$2" != "$1" ]; }\nif { is GW_v4 "$2" && is GW_v6 "$2"; }; then act a; fi'
    ),
    'is() {\n  test_it=1; [ "$2" = "$1" ]\n}\nis LAN "$2" && act a; [ $2 = GW ] && act b': (
        'is() {\n  test_it=1; [ "$2" = "$1" ]\n}\nis LAN "$2" && act a; { [ $2 = GW_v4 ] || [ $2 = GW_v6 ]; } && act b'
    ),
}
BASH = {
    'NAMES="GW LAN"\n[[ " $NAMES " == *" $2 "* ]] && act a': (
        'NAMES="GW_v4 GW_v6 LAN"\n[[ " $NAMES " == *" $2 "* ]] && act a'
    ),
    'NAMES="GW LAN"\nif [[ " $NAMES " != *" $2 "* && $3 == MASTER ]]; then act a; fi': (
        'NAMES="GW_v4 GW_v6 LAN"\nif [[ " $NAMES " != *" $2 "* && $3 == MASTER ]]; then act a; fi'
    ),
    'NAMES="GW LAN"\n[[ " $NAMES " =~ " $2 " ]] && act a': 'NAMES="GW_v4 GW_v6 LAN"\n[[ " $NAMES " =~ " $2 " ]] && act a',
    'NAMES=(GW LAN)\nfor x in "${NAMES[@]}"; do [[ $2 == "$x" ]] && act a; done; :': (
        'NAMES=(GW_v4 GW_v6 LAN)\nfor x in "${NAMES[@]}"; do [[ $2 == "$x" ]] && act a; done; :'
    ),
    'NAMES=(\n  LAN\n  "GW" # ours\n)\n[[ " ${NAMES[*]} " == *" $2 "* ]] && act a': (
        'NAMES=(\n  LAN\n  "GW_v4" "GW_v6" # ours\n)\n[[ " ${NAMES[*]} " == *" $2 "* ]] && act a'
    ),
    'declare -a NAMES=(GW LAN)\nif [[ " ${NAMES[@]} " =~ " $2 " ]]; then act a; fi': (
        'declare -a NAMES=(GW_v4 GW_v6 LAN)\nif [[ " ${NAMES[@]} " =~ " $2 " ]]; then act a; fi'
    ),
    'NAMES=(GW LAN)\nif printf "%s\\n" "${NAMES[@]}" | grep -qxF -- "$2"; then act a; fi': (
        'NAMES=(GW_v4 GW_v6 LAN)\nif printf "%s\\n" "${NAMES[@]}" | grep -qxF -- "$2"; then act a; fi'
    ),
    "[[ $2 =~ ^GW$|^LAN$ ]] && act a": "[[ $2 =~ ^(GW_v4|GW_v6)$|^LAN$ ]] && act a",
    "[[ $2 =~ ^(GW|LAN)$ && $3 == MASTER ]] && act a": ("[[ $2 =~ ^(GW_v4|GW_v6|LAN)$ && $3 == MASTER ]] && act a"),
    'grep -qx GW <<< "$2" && act a': 'grep -qx -e GW_v4 -e GW_v6 <<< "$2" && act a',
    "if grep -q '^GW$' <<<$2; then act a; else act b; fi": (
        "if grep -q -e '^GW_v4$' -e '^GW_v6$' <<<$2; then act a; else act b; fi"
    ),
    "case $2 in GW) act a ;& LAN) act b ;; *) act c ;; esac": (
        "case $2 in GW_v4|GW_v6) act a ;& LAN) act b ;; *) act c ;; esac"
    ),
    "case $2 in GW) act a ;;& G*) act b ;;& G?) act c ;; esac": (
        "case $2 in GW_v4|GW_v6) act a ;;& G*) act b ;;& G?|GW_v4|GW_v6) act c ;; esac"
    ),
}
SH = {**LISTS, **GREPS, **CALLS}
ALL = {**SH, **{before: after for before, after in BASH.items() if after is not None}}


@pytest.fixture(scope="session")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a command `act` that says how it was called, and the greps."""
    folder = tmp_path_factory.mktemp("recorder")
    (folder / "act").write_text('#!/bin/sh\necho "act $*"\n')
    (folder / "act").chmod(0o755)
    for name in ("grep", "egrep"):
        (folder / name).write_text(f'#!/bin/sh\nexec /bin/{name} "$@" 2>/dev/null\n')
        (folder / name).chmod(0o755)
    return folder


@pytest.mark.parametrize("before", ALL)
def test_a_form_accepts_each_new_name_and_behaves_as_before(before: str, recorder: Path) -> None:
    shell = "bash" if before in BASH else "sh"
    source, wanted = script(before, shell), script(ALL[before], shell)
    result = follow_shell("/x", source, BOTH)
    assert apply_edits(source, result.edits).decode() == wanted.decode()
    assert result.findings == ()
    assert rewrite(wanted) == wanted
    check_same(source, wanted, shell, recorder, ("MASTER", "BACKUP"))


@pytest.mark.parametrize("before", ALL)
def test_where_the_name_is_kept_a_second_run_changes_nothing(before: str, recorder: Path) -> None:
    shell = "bash" if before in BASH else "sh"
    source = script(before, shell)
    once = rewrite(source, KEPT)
    assert rewrite(once, KEPT) == once
    assert b"GW_v6" in once


@pytest.mark.parametrize("before", ALL)
def test_one_new_name_takes_the_old_one_s_place(before: str) -> None:
    if "-qw" in before or "'GW$'" in before or "G?" in before:
        return  # the old pattern stays beside the new name
    wanted = script(before.replace("GW", "WAN"), "bash")
    assert rewrite(script(before, "bash"), ONE) == wanted


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('for n in GW LAN; do [ "$n" = "$2" ] && echo $n >/run/state; done; :', "more than to be compared"),
        ('for n in GW LAN; do ip route add table "$n"; done; :', "more than to be compared"),
        ('NAMES="GW LAN"\nfor x in $NAMES; do act $x; done', "stands in the list NAMES, and"),
        ('NAMES="GW LAN"\nfor x in $NAMES; do [ $2 = $x ] && act a; done; echo $NAMES', "line 3 uses it for more"),
        ('NAMES="GW LAN"\nread NAMES\nfor x in $NAMES; do [ $2 = $x ] && act a; done; :', "line 3 uses it for more"),
        ('export NAMES="GW LAN"\nfor x in $NAMES; do [ $2 = $x ] && act a; done; :', "hands it on"),
        ('NAMES="GW LAN"\n. /etc/default/x\nfor x in $NAMES; do [ $2 = $x ] && act a; done; :', "without naming it"),
        ('NAMES="GW LAN"\ncase " $NAMES " in *" $2 "*) act a ;; *LAN*) act b ;; esac\nfor x in $NAMES; do :; done', ""),
        ('NAMES="GW LAN"\nIFS=,\nfor x in $NAMES; do [ $2 = $x ] && act a; done; :', "how it is split"),
        ('N=(GW LAN)\nact ${N[0]}\nfor x in "${N[@]}"; do [ $2 = $x ] && act a; done; :', "line 3 uses it for more"),
        ('N=(GW LAN)\n[[ " ${N[*]} " == *" $2 "* ]] && act ${#N[@]}', "line 3 uses it for more"),
        ("N=(GW LAN)\nact $N", "line 3 uses it for more"),
        ('NAMES="GW LAN"\necho $NAMES | grep -qw "$2" && act a', "line 3 uses it for more"),
        ('declare -A N=(GW eth0)\n[[ " ${N[*]} " == *" $2 "* ]] && act a', "hands it on"),
        ("[[ $2 =~ ^GW$ ]] && act ${BASH_REMATCH[0]}", "counts the groups"),
        ("[[ $2 =~ GW$ ]] && act a", "may match more than names"),
        ('[[ $2 =~ "GW" || $2 =~ ^GW[0-9]*$ ]] && act a', "may match more than names"),
        ("echo $2 | grep GW", "output may be used"),
        ("N=$(echo $2 | grep -x GW)", "output may be used"),
        ("grep -q GW /etc/hosts && act a", "reads files"),
        ("echo $2 $3 | grep -q '^GW ' && act a", "more than one variable"),
        ("echo $2 | grep -qF GW$ && act a", "cannot be read"),
        ("echo $2 | grep -qix GW && act a", "options of its own"),
        ("ip link | grep -q GW$ && act a", "more than one variable"),
        ("expr \"$2\" : 'GW$' >/dev/null && act a", "an expression of expr"),
        ("echo $2 | awk '$1 == \"GW\" { exit 1 }' || act a", "an awk program"),
        ("echo $2 | sed -n '/^GW$/p'", "a sed program"),
        ("N=${2:-GW}\nact $N", "one value became several (GW_v4 and GW_v6)"),
        (': "${2:=GW}"', "one value became several"),
        ('setup() {\n  [ "$1" = "$N" ] && act a\n}\nsetup GW', "more than one comparison"),
        ('is() { [ "$2" = "$1" ]; }\nis GW $(act)', "more than one comparison"),
        ("is() { [[ $2 == $1 ]]; }\nis GW $2", "more than one comparison"),
        ("! { [ $2 = GW ]; } && act a", "cannot be rewritten safely"),
        ("case $2 in GW) act a ;;& *_v6) act b ;; esac", "catches the new name GW_v6, and did not catch GW"),
    ],
)
def test_what_cannot_keep_its_meaning_is_a_decision_that_says_why(body: str, why: str) -> None:
    source = script(body, "bash")
    result = follow_shell("/x", source, BOTH)
    decisions = [f for f in result.findings if f.severity is Severity.DECISION]
    assert any(why in f.message and f.cure for f in decisions), result
    if "catches" not in why:
        assert result.edits == ()


@pytest.mark.parametrize(
    ("name", "body"),
    [
        (b"vrrp", 'logger -t vrrp "$2 is $3"\npgrep -f "keepalived --vrrp" && act a'),
        (b"vrrp", '[ "$1" = INSTANCE ] && ip -d link show | grep -c vrrp_'),
        (b"42", "[ $4 -gt 42 ] && exit 42"),
        (b"42", "sleep 42; act $((42 + 1)) ${4:42}"),
        (b"eth1", "ip route add default via 192.0.2.1 dev eth1"),
        (b"eth1", "N=${3:-eth1}\nsysctl net.ipv4.conf.eth1.arp_ignore=1"),
        (b"vips", "vips=$(ip -o addr | wc -l)\nfor vip in $vips; do act $vip; done"),
        (b"vips", 'vips() { [ "$1" = "$N" ]; }\nvips && act a'),
        (b"VIP", "DNS_VIP=192.0.2.1\n[ $DNS_VIP = $2 ] && act a"),
        (b"2", "act a | awk '{ print $2 }'"),
        (b"GW", "pgrep GW_daemon && act a\nkillall MYGW"),
        (b"VI_1", 'for n in VI_10 VI_11; do [ "$n" = "$2" ] && act a; done; :'),
        (b"VI_1", "echo $2 | grep -qx VI_10 && act a"),
        (b"VI_1", 'N=(VI_10 VI_2)\n[[ " ${N[*]} " == *" $2 "* ]] && [[ $2 =~ ^VI_1[0-9]$ ]] && act a'),
        (b"GW", "echo $2 | grep -q GW && act a"),
        (b"GW", "echo $2 | grep -q ^GW && act a"),
    ],
)
def test_words_that_only_look_like_a_name_stay_to_the_byte(name: bytes, body: str) -> None:
    names = {name: (name + b"_v4", name + b"_v6")}
    assert follow_shell("/x", script(body, "bash"), names).edits == ()
