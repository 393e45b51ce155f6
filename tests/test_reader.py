"""Reading: nothing is lost, and each release's rules of characters hold (facts: lexical rules)."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepalived_upgrade.conf.reader import parse, read_config
from keepalived_upgrade.conf.tree import Statement, Tree
from keepalived_upgrade.releases import Release, parse_release
from keepalived_upgrade.site import Site

SHARED = Path(__file__).resolve().parents[2] / "shared"
REAL = [*SHARED.glob("corpus/configs/*"), *SHARED.glob("facts/probes/*.conf")]
RELEASES = [
    parse_release(text) for text in ("1.2.13", "1.2.20", "1.3.9", "1.4.0", "1.4.5", "2.0.0", "2.0.20", "2.2.7", "2.4.3")
]
SYNTAX = st.lists(
    st.sampled_from(
        [b"vrrp_instance", b" ", b"\n", b"{", b"}", b'"', b"#", b"!", b"\\", b"$", b"$X=", b"${X}", b"@id ", b"@^id ",
         b"${_RANDOM 1 5}", b"$_PWD", b"${_ENV A}", b"${_INSTANCE}", b"${_HASH}", b"~SEQ(a,3) ", b"~LST(a,b,c) ", b"include x", b"\r", b"\t", b"\0", b"\xe9", b"a", b"=", b"$X", b"\\\n"]
    ),
    max_size=40,
).map(b"".join)  # fmt: skip


def shape(statements: list[Statement]) -> list[object]:
    return [(s.text, shape(s.children)) if s.has_block else s.text for s in statements]


def check_positions(tree: Tree) -> None:
    for statement in tree.walk():
        source = tree.sources[statement.path]
        assert 0 <= statement.line_start <= statement.start <= statement.end <= max(statement.line_end, statement.end)
        if statement.literal:
            assert source[statement.start : statement.end] == statement.text
        for word in statement.words:
            if word.literal and not word.quoted:
                assert tree.sources[word.path][word.start : word.end] == word.value
        if statement.has_block and statement.literal and statement.text:
            assert source[statement.open : statement.open + 1] == b"{"


@pytest.mark.parametrize("release", RELEASES, ids=str)
@pytest.mark.parametrize("file", REAL, ids=lambda f: f.name[-60:])
def test_real_files_read_back_and_every_position_holds(file: Path, release: Release) -> None:
    source = file.read_bytes()
    tree = parse(source, release)
    assert tree.source == source
    check_positions(tree)


@settings(max_examples=400, deadline=None)
@given(st.one_of(SYNTAX, st.binary(max_size=200)), st.sampled_from(RELEASES))
def test_any_bytes_read_back_and_every_position_holds(source: bytes, release: Release) -> None:
    tree = parse(source, release)
    assert tree.source == source
    check_positions(tree)


def test_braces_on_one_line_own_line_and_in_mid_word() -> None:
    tree = parse(b"a { b c } d\ne\n{\nf{g}\n}\n")
    assert shape(tree.statements) == [(b"a", [b"b c"]), b"d", (b"e", [(b"f", [b"g"])])]


def test_up_to_1_4_1_a_brace_in_mid_word_is_an_ordinary_character() -> None:
    source = b"script ${X}/a{b}c\nx {\n y\n}\n"
    assert shape(parse(source, Release(1, 4, 1)).statements) == [b"script ${X}/a{b}c", (b"x", [b"y"])]
    assert shape(parse(source, Release(1, 4, 2)).statements) != shape(parse(source, Release(1, 4, 1)).statements)


def test_a_brace_glued_to_a_name_is_reported_for_old_releases() -> None:
    tree = parse(b"vrrp_instance VI_1{\n  state MASTER\n}\n", Release(1, 2, 13))
    assert shape(tree.statements) == [(b"vrrp_instance VI_1", [b"state MASTER"])]
    assert [f.id for f in tree.findings] == ["conf/brace-in-word"]


def test_up_to_1_2_19_hash_and_bang_begin_a_comment_only_at_the_start_of_a_word() -> None:
    source = b'auth_pass pa#ss\nauth_pass s3cr3t! # note\nnotify "x #4 y"\n'
    old = [s.args for s in parse(source, Release(1, 2, 19)).statements]
    new = [s.args for s in parse(source, Release(1, 2, 20)).statements]
    assert old == [(b"pa#ss",), (b"s3cr3t!",), (b"x",)]
    assert new == [(b"pa",), (b"s3cr3t",), (b"x #4 y",)]


def test_old_quotes_join_words_with_single_blanks_and_new_ones_keep_them() -> None:
    source = b'notify "a   b" c\n'
    assert parse(source, Release(1, 2, 13)).statements[0].args == (b"a b", b"c")
    assert parse(source, Release(1, 3, 9)).statements[0].args == (b"a   b", b"c")
    assert parse(b'a"b c"d\n').statements[0].words[1].value == b"b c"


def test_escapes_outside_quotes_by_release() -> None:
    assert parse(b"a b\\#c d\n", Release(2, 0, 8)).statements[0].args == (b"b\\",)
    assert parse(b"a b\\#c d\n", Release(2, 1, 5)).statements[0].args == (b"b#c", b"d")
    # From 2.2.0 the children strip the line a second time.
    assert parse(b"a b\\#c d\n", Release(2, 2, 7)).statements[0].args == (b"b",)


def test_a_definition_is_expanded_and_its_single_use_points_at_its_value() -> None:
    source = b"$IF=eth0\n$P=100\ninterface $IF\npriority $P\nweight ${P}\n"
    tree = parse(source)
    interface, priority, weight = tree.statements
    assert (interface.args, priority.args, weight.args) == ((b"eth0",), (b"100",), (b"100",))
    word = interface.words[1]
    assert word.literal
    assert source[word.start : word.end] == b"eth0"
    assert not priority.words[1].literal
    assert not priority.literal
    assert "$P" in priority.why


def test_a_multi_line_definition_gives_its_lines_where_they_are_written() -> None:
    source = b"$BODY=\\\n  state MASTER \\\n  priority 10\n\nvrrp_instance A {\n  $BODY\n}\n"
    (instance,) = parse(source, Release(2, 1, 5)).statements
    assert shape(instance.children) == [b"state MASTER", b"priority 10"]
    assert instance.children[1].editable
    assert source[instance.children[1].start : instance.children[1].end] == b"priority 10"


def test_a_multi_line_definition_used_twice_is_marked_as_repeated() -> None:
    source = b"$B=\\\n  state MASTER \\\n  priority 10\n\na {\n  $B\n}\nb {\n  $B\n}\n"
    tree = parse(source)
    assert [s.repeated for s in tree.walk() if s.keyword == b"state"] == [True, True]


def test_a_definition_that_holds_itself_ends_with_a_finding() -> None:
    tree = parse(b"$A=x ${A}\nkeyword $A\n")
    assert [f.id for f in tree.findings] == ["conf/definition"]


def test_a_definition_bomb_ends() -> None:
    source = b"$A=aaaaaaaa\n" + b"".join(b"$%c=${%c}${%c}\n" % (c + 1, c, c) for c in range(65, 85)) + b"x ${U}\n"
    assert any(f.id == "conf/definition" for f in parse(source).findings)


def read_text(source: bytes, release: Release, root: Path, config_id: bytes | None = b"n1") -> Tree:
    (root / "etc").mkdir(exist_ok=True)
    (root / "etc/k.conf").write_bytes(source)
    site = Site.open("/etc/k.conf", root=root)
    return read_config("/etc/k.conf", source, release, site, config_id)


def test_predefined_definitions_with_a_known_value(tmp_path: Path) -> None:
    source = b'a ${_PWD}/x\nb $_INSTANCE\nc "${_HASH}1"\nd ${_BANG}gone\n'
    tree = read_text(source, Release(2, 2, 7), tmp_path)
    assert [s.args for s in tree.statements] == [(b"/etc/x",), (b"n1",), (b"#1",), ()]
    assert not tree.findings
    assert not any(word.literal for s in tree.statements for word in s.words[1:])
    assert not any(s.literal for s in tree.statements)


def test_predefined_definitions_came_one_after_the_other(tmp_path: Path) -> None:
    source = b'a $_PWD\nb $_INSTANCE\nc "${_HASH}"\n'
    for release, wanted in (
        (Release(1, 4, 2), [b"$_PWD", b"$_INSTANCE", b"${_HASH}"]),
        (Release(1, 4, 3), [b"/etc", b"$_INSTANCE", b"${_HASH}"]),
        (Release(2, 0, 1), [b"/etc", b"n1", b"${_HASH}"]),
        (Release(2, 1, 4), [b"/etc", b"n1", b"#"]),
    ):
        tree = read_text(source, release, tmp_path)
        assert [s.args[0] for s in tree.statements] == wanted
        assert not tree.findings


def test_the_folder_is_that_of_the_file_that_is_read(tmp_path: Path) -> None:
    (tmp_path / "etc/d").mkdir(parents=True)
    (tmp_path / "etc/d/i").write_bytes(b"b $_PWD\n")
    tree = read_text(b"a $_PWD\ninclude ${_PWD}/d/i\nc $_PWD\n", Release(2, 1, 5), tmp_path)
    assert [s.args[0] for s in tree.statements] == [b"/etc", b"/etc/d", b"/etc"]


def test_a_value_from_chance_or_the_environment_is_a_finding_and_stays_text(tmp_path: Path) -> None:
    source = b"vrrp_instance A {\n  priority 1${_RANDOM 10 50}\n  router_id x ${_ENV HOST}\n  w $_RANDOM\n}\n"
    tree = read_text(source, Release(2, 4, 3), tmp_path)
    assert shape(tree.statements) == [
        (b"vrrp_instance A", [b"priority 1${_RANDOM 10 50}", b"router_id x ${_ENV HOST}", b"w $_RANDOM"])
    ]
    assert tree.statements[0].children[0].args == (b"1${_RANDOM 10 50}",)
    assert tree.statements[0].children[1].args == (b"x", b"${_ENV HOST}")
    assert [(f.id, str(f.place)) for f in tree.findings] == [
        ("conf/unknowable-value", "/etc/k.conf:2:13"),
        ("conf/unknowable-value", "/etc/k.conf:3:15"),
        ("conf/unknowable-value", "/etc/k.conf:4:5"),
    ]
    assert "random" in tree.findings[0].message
    assert "environment" in tree.findings[1].message


def test_what_a_release_does_not_know_as_predefined_is_no_finding(tmp_path: Path) -> None:
    assert not read_text(b'a "${_ENV HOST}"\n', Release(2, 3, 4), tmp_path).findings
    assert not read_text(b"a $_RANDOM\n", Release(2, 0, 14), tmp_path).findings
    # Too many parameters: 2.4.0 leaves it unreplaced, and its braces are braces.
    assert len(read_text(b"a ${_RANDOM 1 2 3}\n", Release(2, 3, 4), tmp_path).statements) == 1
    assert shape(read_text(b"a ${_RANDOM 1 2 3}\n", Release(2, 4, 0), tmp_path).statements) == [
        (b"a $", [b"_RANDOM 1 2 3"])
    ]


def test_a_predefined_name_may_be_defined_again(tmp_path: Path) -> None:
    tree = read_text(b"$_RANDOM=5\n$_INSTANCE=x\na $_RANDOM $_INSTANCE\n", Release(2, 4, 3), tmp_path)
    assert tree.statements[0].args == (b"5", b"x")
    assert not tree.findings


def test_without_the_id_or_the_folder_their_names_stay_text(tmp_path: Path) -> None:
    for config_id in (b"", None):
        tree = read_text(b"x {\n a 10${_INSTANCE}\n}\n", Release(2, 2, 7), tmp_path, config_id)
        assert shape(tree.statements) == [(b"x", [b"a 10${_INSTANCE}"])]
        assert [str(f.place) for f in tree.findings] == ["/etc/k.conf:2:6"]
    assert [f.id for f in parse(b"a ${_PWD}/b\n").findings] == ["conf/unknowable-value"]


def test_an_unknowable_value_in_a_definition_or_a_sequence_is_reported_where_it_is_used(tmp_path: Path) -> None:
    source = b"$R=${_RANDOM 1 9}\nw $R\n~SEQ(i, 1, ${_ENV N}) x$i\n~SEQ(i, 1, 3) y $_RANDOM\n"
    tree = read_text(source, Release(2, 4, 3), tmp_path)
    assert [str(f.place) for f in tree.findings] == [f"/etc/k.conf:{at}" for at in ("2:1", "3:12", "4:17")]
    assert [s.text for s in tree.statements] == [b"w ${_RANDOM 1 9}", *[b"y $_RANDOM"] * 3]


def test_only_random_and_env_take_parameters() -> None:
    assert shape(parse(b"$X=1\na ${X 2}\n").statements) == [(b"a $", [b"X 2"])]


def test_sequences_repeat_the_line() -> None:
    tree = parse(
        b"~SEQ(i, 2, 3) a${i}\n~SEQ(j, 6, -2, 2) b$j\n~LST(k, x, y) c${k}\n~LST({m, n}, {1, 2}, {3}) d${m}-${n}\n"
    )
    assert [s.text for s in tree.statements] == [b"a2", b"a3", b"b6", b"b4", b"b2", b"cx", b"cy", b"d1-2", b"d3-"]
    assert all(s.repeated for s in tree.statements)


def test_a_sequence_that_never_ends_or_is_too_long_is_a_finding() -> None:
    for text in (
        b"~SEQ(i, 1, 0, 5) a\n",
        b"~SEQ(i, x) a\n",
        b"~SEQ(i) a\n",
        b"~SEQ(i, 999999999) a\n",
        b"~LST({a}, {1, 2}) b\n",
    ):
        assert [f.id for f in parse(text).findings] == ["conf/sequence"], text


def test_conditions_are_kept_for_the_id_and_its_negation(tmp_path: Path) -> None:
    (tmp_path / "c").write_bytes(b"@n1 priority 100\n@^n1 priority 50\n@n1\n@!n1 x\ninterface eth0\n")
    site = Site.open("/c", root=tmp_path)
    for config_id, wanted in ((b"n1", b"100"), (b"n2", b"50")):
        tree = read_config("/c", site.read("/c"), Release(2, 2, 7), site, config_id)
        assert [s.args for s in tree.statements] == [(wanted,), (b"eth0",)]
        assert tree.statements[0].editable
    assert tree.config_ids == {b"n1"}


def test_includes_nest_relative_to_the_including_file_and_inside_blocks(tmp_path: Path) -> None:
    (tmp_path / "etc/d").mkdir(parents=True)
    (tmp_path / "etc/k.conf").write_bytes(b"vrrp_instance A {\n  include d/*.conf\n}\n")
    (tmp_path / "etc/d/a.conf").write_bytes(b"state MASTER\ninclude deep.inc\n")
    (tmp_path / "etc/d/deep.inc").write_bytes(b"priority 5\n")
    (tmp_path / "etc/d/run.conf").write_bytes(b"priority 7\n")
    (tmp_path / "etc/d/run.conf").chmod(0o755)
    (tmp_path / "etc/d/dir.conf").mkdir()
    site = Site.open("/etc/k.conf", root=tmp_path)
    tree = read_config("/etc/k.conf", site.read("/etc/k.conf"), Release(2, 2, 7), site)
    assert shape(tree.statements) == [(b"vrrp_instance A", [b"state MASTER", b"priority 5"])]
    assert tree.statements[0].children[1].path == "/etc/d/deep.inc"
    assert [f.id for f in tree.findings] == ["conf/include-skipped"] * 2


def test_an_include_loop_and_a_missing_include_are_findings(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"include b\ninclude none\n")
    (tmp_path / "b").write_bytes(b"x\ninclude a\n")
    site = Site.open("/a", root=tmp_path)
    tree = read_config("/a", site.read("/a"), Release(2, 2, 7), site)
    assert [(f.id, str(f.place)) for f in tree.findings] == [
        ("conf/include-loop", "/b:2:1"),
        ("conf/include-missing", "/a:2:1"),
    ]


def test_a_file_included_twice_is_marked_as_repeated(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x {\n include b\n}\ny {\n include b\n}\n")
    (tmp_path / "b").write_bytes(b"priority 1\n")
    site = Site.open("/a", root=tmp_path)
    tree = read_config("/a", site.read("/a"), Release(2, 2, 7), site)
    assert [s.repeated for s in tree.walk() if s.keyword == b"priority"] == [True, True]


def test_an_include_with_a_blank_or_quotes_is_read_as_each_release_does() -> None:
    assert len(parse(b"include a b\n", Release(2, 0, 20)).includes) == 0
    assert parse(b'include "a"\n', Release(2, 0, 20)).includes[0].pattern == b"a"
    assert parse(b'include "a"\n', Release(2, 2, 7)).includes[0].pattern == b'"a"'
    assert len(parse(b"includer a\n", Release(2, 1, 5)).includes) == 0


def test_long_lines_are_cut_as_the_release_cuts_them() -> None:
    source = b"a " + b"x" * 1100 + b" b\n"
    assert len(parse(source, Release(2, 2, 7)).statements) == 2
    assert len(parse(source, Release(2, 4, 0)).statements) == 1


def test_a_bare_carriage_return_ends_a_line_up_to_1_2_22() -> None:
    assert len(parse(b"a\rb\r\nc\n", Release(1, 2, 13)).statements) == 3
    assert parse(b"a b\r\nc\r\n").statements[0].args == (b"b",)


@pytest.mark.parametrize(
    ("source", "finding"),
    [
        (b"a {\n b {\n", "conf/missing-brace"),
        (b"a\n}\n", "conf/extra-brace"),
        (b'a "b\n', "conf/unterminated-quote"),
        (b"{\n}\n", "conf/brace-without-keyword"),
        (b"a\0b\n", "conf/nul-byte"),
    ],
)
def test_a_broken_file_gives_a_finding_with_its_place(source: bytes, finding: str) -> None:
    (only,) = parse(source).findings
    assert only.id == finding
    assert only.place.line >= 1
    assert only.place.column >= 1
    assert only.cure


def test_deep_nesting_is_read_without_recursion() -> None:
    tree = parse(b"a {\n" * 10_000 + b"}\n" * 10_000)
    assert sum(1 for _ in tree.walk()) == 10_000
    assert not tree.findings


def test_a_hundred_megabytes_of_zeros_end_in_one_finding() -> None:
    begin = time.process_time()
    tree = parse(bytes(100_000_000))
    assert [f.id for f in tree.findings] == ["conf/nul-byte"]
    assert time.process_time() - begin < 30


def test_memory_grows_with_the_file_and_not_faster() -> None:
    def peak(lines: int) -> int:
        source = b"keyword value # comment\n" * lines
        tracemalloc.start()
        parse(source)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(20_000) < 14 * peak(2_000)
