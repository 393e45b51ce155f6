"""What a call of a script does, as its text tells: `a` surely runs, `a?` may run, everything else does not."""

from __future__ import annotations

import pytest

from keepalived_upgrade.dependents.behaviour_python import follow_python_call
from keepalived_upgrade.dependents.behaviour_shell import follow_shell_call
from keepalived_upgrade.dependents.behaviour_trace import TooMuchError, Trace, Value
from keepalived_upgrade.dependents.python_tree import parse_python
from keepalived_upgrade.dependents.shell_tree import parse_shell

WORDS = (Value(b"INSTANCE", "type"), Value(b"GW", "name"), Value(b"STOP", "state"), None)


def shown(trace: Trace) -> str:
    return " ".join(step.name.decode() + ("" if step.certain else "?") for step in trace.steps)


# INSTANCE GW STOP and a priority that is not known.
SHELL = [
    ("a; b\nc", "a b c"),
    ("a && b || c", "a b? c?"),
    ("true && a; false || b; true || c; false && d", "a b"),
    ("! true || a; ! false && b; ! c && d", "a b c d?"),
    ("if a; then b; elif c; then d; else e; fi", "a b? c d? e?"),
    ("if [ $3 = STOP ]; then a; else b; fi", "a"),
    ("if test $3 = STOP; then a; else b; fi", "a"),
    ("if test $3 != STOP; then a; else b; fi", "b"),
    ("if [ $3 = STOP -a $2 = GW ]; then a; else b; fi", "a"),
    ("if [ $3 = MASTER -o $2 = GW ]; then a; else b; fi", "a"),
    ("if [ $3 = MASTER -o $2 = X ]; then a; else b; fi", "b"),
    ("if [ $3 = MASTER -o -f /x ]; then a; else b; fi", "a? b?"),
    ("if [ $3 = MASTER -a -f /x ]; then a; else b; fi", "b"),
    ("if [ $3 = STOP -a -f /x ]; then a; else b; fi", "a? b?"),
    ("if [ ! $3 = STOP ]; then a; else b; fi", "b"),
    ("if ! [ $3 = STOP ]; then a; else b; fi", "b"),
    ("if [[ ( $3 == S* || $3 == B* ) && $2 != X ]]; then a; else b; fi", "a"),
    ("if [[ $3 == +(S|T)* ]]; then a; else b; fi", "a? b?"),
    ("if [[ $3 =~ ^(STOP|BACKUP)$ ]]; then a; else b; fi", "a"),
    ("if [[ $3 =~ $X ]]; then a; else b; fi", "a? b?"),
    ("if [[ $9x =~ ^x ]]; then a; fi; if [[ $Y =~ x ]]; then b; fi", "a? b?"),
    ("if [ $# -eq 4 ]; then a; else b; fi", "a"),
    ("if [ $# -ge 4 -a $# -le 4 -a $# -gt 3 ]; then a; else b; fi", "a"),
    ("if [ $# -lt 5 ] && [ $# -ne 5 ]; then a; else b; fi", "a"),
    ("if [ $3 -lt 5 ]; then a; else b; fi", "a? b?"),
    ('if [ -n "$3" ]; then a; fi; if [ -z "$9" ]; then b; fi; if [ -z "$X" ]; then c; fi', "a b c?"),
    ("if [ -f $3 ]; then a; fi; if [ $3 ]; then b; fi", "a? b?"),
    ("if (( $# == 4 )); then a; fi; if (( $# < 3 )); then b; fi; if (( X > 1 )); then c; fi", "a c?"),
    ("(( $# >= 4 )) && a; (( $# > 4 )) && b; (( $# <= 4 )) && c; (( $# != 4 )) && d", "a c"),
    ("case $3 in M*) a;; S?OP) b;; *) c;; esac", "b"),
    ("case $3 in STOP) a;& MASTER) b;; *) c;; esac", "a b"),
    ("case $3 in STOP) a;;& S*) b;;& X) c;; *) d;; esac", "a b d"),
    ("case $3 in $X) a;; *) b;; esac", "a? b?"),
    ("case $X in STOP) a;; *) b;; esac", "a? b?"),
    ('case "$2-$3" in GW-STOP) a;; *) b;; esac', "a"),
    ("case $3 in STOP) exit 0;; esac; a", "exit"),
    ("case ${3:-X} in STOP) a;; esac; case ${9:-X} in X) b;; esac", "a b"),
    ("case ${3^^} in STOP) a;; esac; case ${3%P} in STO) b;; esac", "a b?"),
    ("S=`echo $3 | tr [:upper:] [:lower:]`; [ $S = stop ] && a", "a"),
    ("S=$(echo stop | tr a-z A-Z); T=stop; U=$(echo $T | tr a-z A-Z); [ $U = STOP ] && a", "a"),
    ("S=$(echo $3 | tr -d x); [ $S = stop ] && a", "a?"),
    ("S=$(date); [ $S = stop ] && a", "a?"),
    ("export S=$3 T; [ $S = STOP ] && a", "a"),
    ("local S=$3; readonly T=x; [ $S$T = STOPx ] && a", "a"),
    ('S=; [ -z "$S" ] && a; A[1]=$3', "a"),
    ("if x; then S=$3; else S=$3; fi; [ $S = STOP ] && a", "x a?"),
    ("S=$3; if x; then S=Y; fi; [ $S = STOP ] && a", "x a?"),
    ("if x; then exit; fi; a", "x exit? a"),
    ("if x; then exit 1; else exit 0; fi; a", "x exit? exit?"),
    ("shift; [ $2 = STOP ] && a; shift 9; [ $# -eq 0 ] && b", "a b"),
    ("if [[ $3 =~ a{99999999999} ]]; then a; fi; (( $# == 99999999999 )) && b", "a? b?"),
    ("shift x; [ $3 = STOP ] && a", "a"),
    ("set -- x y; [ $2 = y ] && a; set -e; [ $1 = x ] && b", "a b"),
    ("f() { [ $1 = STOP ] && a; return 0; b; }\nf $3\nf X", "a return return"),
    ("function f { exit 3; }\nf\na", "exit"),
    ('f() { g "$@"; }\ng() { case $3 in STOP) a;; esac; }\nf $*', "a"),
    ("( exit 1 ); a; x | b | c", "exit a x b c"),
    ("{ a; b; } >/dev/null; c 2>/dev/null", "a b c"),
    ("exec >/dev/null 2>&1; a; exec b c; d", "exec a b"),
    ("while true; do a; break; done; while x; do b; done; while false; do c; done", "a x b?"),
    ("until x; do a; done; until true; do b; done; until false; do c; break; done", "x a? c"),
    ("for i in 1 2; do a $i; done; for ((i=0;i<3;i++)); do b; done", "a b?"),
    ("while true; do exit 2; done; a", "exit"),
    ("for i in 1; do continue; a; done; b", "b"),
    ("read X; [ $X = STOP ] && a", "a?"),
    ('$CMD a; "$3" b', "$CMD STOP"),
    ("a &\nb", "a b"),
    ("if [ $3 = STOP ]; then return; fi; a", "return"),
    ("cat <<EOF\n$3\nEOF\na", "cat a"),
]
PYTHON = [
    ("a()\nb(c())\n", "a c b"),
    ("if sys.argv[3] == 'STOP':\n    a()\nelse:\n    b()\n", "a"),
    ("if sys.argv[3] != 'STOP':\n    a()\nelif x():\n    b()\nelse:\n    c()\n", "x b? c?"),
    ("if sys.argv[3] == 'STOP' and sys.argv[2] == 'GW':\n    a()\nelse:\n    b()\n", "a"),
    ("if sys.argv[3] == 'X' or sys.argv[2] == 'GW':\n    a()\nelse:\n    b()\n", "a"),
    ("if sys.argv[3] == 'X' or y:\n    a()\nelse:\n    b()\n", "a? b?"),
    ("if not (sys.argv[3] == 'STOP'):\n    a()\nelse:\n    b()\n", "b"),
    ("if not y:\n    a()\n", "a?"),
    (
        "if sys.argv[3] in ('STOP', 'X'):\n    a()\nif sys.argv[3] not in ['X']:\n    b()\nif sys.argv[3] in (y, 'X'):\n    c()\n",
        "a b c?",
    ),
    ("if sys.argv[3] in {'STOP': 1}:\n    a()\n", "a"),
    ("if sys.argv[3] is 'STOP':\n    a()\nif 1 < 2:\n    b()\nif 2 >= 3:\n    c()\nif y < 3:\n    d()\n", "a b d?"),
    ("if len(sys.argv) > 4:\n    a()\nif len(sys.argv) <= 4:\n    b()\nif len(sys.argv[1:]) == 4:\n    c()\n", "a c"),
    ("if 'a' < 'b':\n    a()\nif sys.argv[3] in sys.argv[2]:\n    b()\nc(x for x in y)\n", "a? b? c"),
    ("if 1 < x < 2:\n    a()\n", "a?"),
    ("from sys import argv\nif argv[3].lower() == 'stop':\n    a()\n", "a"),
    ("s = sys.argv[3].strip().upper()\nif s == 'STOP':\n    a()\nif s.replace('x', 'y') == 'STOP':\n    b()\n", "a b?"),
    ("_, k, n, s, p = sys.argv\nif (k, s) == y or s == 'STOP':\n    a()\n", "a"),
    ("(k, n, s) = sys.argv[1:4]\nif s == 'STOP':\n    a()\nk, n = y\nif k == 'X':\n    b()\n", "a b?"),
    ("s = sys.argv[-2]\nif s == 'STOP':\n    a()\n", "a?"),
    ("s = sys.argv[1:x]\nif s == 'STOP':\n    a()\n", "a?"),
    ("s = sys.argv[" + "9" * 5000 + "]\nt = sys.argv[1:" + "9" * 5000 + "]\nif s == 'STOP':\n    a()\n", "a?"),
    ("s = sys.argv[9]\nif s == 'STOP':\n    a()\n", "a?"),
    ("if x():\n    s = 1\nelse:\n    s = 1\nif s == 1:\n    a()\n", "x a?"),
    ("if x():\n    sys.exit(1)\nelse:\n    raise X\na()\n", "x sys.exit? raise?"),
    (
        "def f(s, t=1):\n    if s == 'STOP':\n        a()\n        return 1\n    b()\nf(sys.argv[3])\nf('X')\n",
        "a return b",
    ),
    ("def f():\n    sys.exit(0)\nf()\na()\n", "sys.exit"),
    ("def f():\n    sys.exit(0)\nif x:\n    f()\na()\n", "sys.exit? a"),
    ("def f():\n    f()\n    f()\nx()\n", "x"),
    ("match sys.argv[3]:\n    case 'STOP':\n        a()\n    case _:\n        b()\n", "a"),
    ("match sys.argv[3]:\n    case 'X' | 'STOP':\n        a()\n", "a"),
    ("match sys.argv[3]:\n    case 'X':\n        a()\n", ""),
    ("match sys.argv[3]:\n    case 'STOP' if y:\n        a()\n    case _:\n        b()\n", "a? b?"),
    ("match x:\n    case 'STOP':\n        a()\n    case _:\n        b()\n", "a? b?"),
    ("try:\n    a()\nexcept X:\n    b()\nelse:\n    c()\nfinally:\n    d()\ne()\n", "a? b? c? d? e"),
    ("try:\n    a()\nfinally:\n    b()\n", "a b?"),
    ("try:\n    sys.exit(1)\nexcept X:\n    pass\na()\n", "sys.exit? a"),
    ("with x() as y:\n    a()\n", "a"),
    ("for i in sys.argv:\n    a()\nwhile True:\n    b()\n    break\n    c()\n", "a? b?"),
    ("for i in x:\n    continue\n    a()\n", ""),
    ("assert sys.argv[3] == 'STOP'\nassert sys.argv[3] == 'X', 'no'\nassert y\n", "raise"),
    (
        "{'STOP': a, 'X': b}[sys.argv[3]]()\n{x: a}[sys.argv[3]]()\n",
        "call call",
    ),
    ("d = {'X': a}\nd[sys.argv[3]]()\n", "raise call"),
    (
        "os.system('ip route add x')\nsubprocess.call(['a', 'b'])\nsubprocess.run([x])\nsubprocess.run(y)\n",
        "ip a run run",
    ),
    ("print 'x'\nprint('y')\n", "print"),
    ("x = f'{sys.argv[3]}'\nif x == 'STOP':\n    a()\n", "a?"),
    (
        "p = X()\np.add_argument('kind')\np.add_argument('--x')\np.add_argument(y)\np.add_argument('name', choices=['GW'])\n"
        "o = p.parse_args()\nif o.name == 'GW':\n    a()\n",
        "X a",
    ),
    ("class C:\n    def f(self):\n        a()\nC().f()\n", "C f"),
    ("return\n", "return"),
    ("exit()\na()\n", "sys.exit"),
]


@pytest.mark.parametrize(("script", "wanted"), SHELL)
def test_a_shell_script_is_followed(script: str, wanted: str) -> None:
    trace = follow_shell_call(parse_shell(script.encode()), WORDS)
    assert shown(trace) == wanted


@pytest.mark.parametrize(("script", "wanted"), PYTHON)
def test_a_python_script_is_followed(script: str, wanted: str) -> None:
    trace = follow_python_call(parse_python(script.encode()), WORDS)
    assert shown(trace) == wanted


def test_a_reader_gets_the_line_of_the_fifo() -> None:
    line = (Value(b"INSTANCE", "type"), Value(b'"GW"', "name"), Value(b"STOP", "state"), Value(b"150", "priority"))
    root = parse_shell(b"while read -r T N S P X; do [ $S = STOP ] && a; [ $X = y ] && b; done < $1")
    assert shown(follow_shell_call(root, (None,), line)) == "a b?"


@pytest.mark.parametrize("script", ["{ " * 200 + "a; " + "}; " * 200, '"' + '$(echo "' * 3 + "x", "a\n" * 30_000])
def test_too_much_is_said_or_left(script: str) -> None:
    try:
        follow_shell_call(parse_shell(script.encode()), WORDS)
    except TooMuchError:
        return
    assert len(script) < 100


def test_what_decides_an_arm_is_told() -> None:
    root = parse_shell(b'if [ "$1" = GROUP ]; then a\nelif [ "$2" = GW ] && [ "$3" = MASTER ]; then b\nelse c\nfi')
    trace = follow_shell_call(root, WORDS)
    assert [(taken.origin, taken.value, taken.form, taken.line) for taken in trace.taken] == [
        ("type", b"INSTANCE", "`else`", 3),
        ("state", b"STOP", "`else`", 3),
    ]
