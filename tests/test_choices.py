"""Choices: kept in a file, given on the command line, checked in one place."""

from __future__ import annotations

import json
import os
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from commands import inside
from keepalived_upgrade.catalogue import load_migrations
from keepalived_upgrade.choices import GivenChoices, find_choices, read_choices, update_choices, write_choices
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.migration import MIXED_KEYS, Choices, MixedChoice
from keepalived_upgrade.site import Site
from keepalived_upgrade.toml_text import comments_of, find_line, quote_text

HOST = Path(__file__).resolve().parents[1] / "corpora/gateway-2017/root"
FILE = "etc/keepalived/keepalived-upgrade.toml"
FROM_TO = ("--from", "1.2.13", "--to", "2.2.7", "--no-daemon", "--format", "json")


@pytest.fixture
def host(tmp_path: Path) -> Path:
    shutil.copytree(HOST, tmp_path / "root")
    return tmp_path / "root"


Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def run(host: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `upgrade` on the host; give status, report and what was said beside it."""

    def run(*words: str, options: tuple[str, ...] = FROM_TO) -> tuple[int, Any, str]:
        status, out, err = inside(monkeypatch, capsys, "upgrade", "--root", str(host), *options, *words)
        return status, json.loads(out) if out else None, err

    return run


def names(report: dict[str, Any]) -> list[str]:
    return [new["name"] for rename in report["renames"] for new in rename["new"]]


def found(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f["id"]: f for f in report["findings"] if f["id"].startswith("choices/")}


# -- one file -----------------------------------------------------------------------------------------------------


def test_every_key_is_read() -> None:
    text = b"""
        mixed = "excluded"
        names = "keep"
        notify = "group"
        ipv4-name = "{name}-4"
        ipv6-name = "{name}-6"
        only = ["mixed_families"]
        skip = ["nb_get_retry", "v2_0_0/global_tracking"]
        accept = ["v1_2_20/mixed_families/no-peer"]
        scripts = ["/opt/scripts"]
        from = "1.2.13"
        to = "debian-bookworm"
        [instance.GW]
        mixed = "split"
        [instance."\xc3\xbc 1"]
        names = "suffix"
    """
    said = read_choices(text, "/k.toml")
    assert said.scripts == ("/opt/scripts",)
    assert (said.source, said.target) == ("1.2.13", "debian-bookworm")
    choices = said.choices()
    assert choices.mixed == MixedChoice("excluded", "keep", "group", "{name}-4", "{name}-6")
    assert choices.instances == {
        b"GW": MixedChoice("split", "keep", "group", "{name}-4", "{name}-6"),
        "ü 1".encode(): MixedChoice("excluded", "suffix", "group", "{name}-4", "{name}-6"),
    }
    assert choices.only == {"mixed_families"}
    assert choices.skip == {"nb_get_retry", "v2_0_0/global_tracking"}
    assert choices.accept == {"v1_2_20/mixed_families/no-peer"}
    assert choices.origin == "/k.toml"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('# c\nmixd = "split"', 2, "Did you mean mixed?"),
        ("\n\nxyzzy = 1", 3, "Known are mixed, names"),
        ('mixed = "both"', 1, "Choose one of split, excluded."),
        ("mixed = 3", 1, "mixed must be a text"),
        ('\nonly = "mixed_families"', 2, "only must be a list"),
        ('only = ["mixed_families", 3]', 1, "only must be a list"),
        ('\n\nskip = [\n  "mixed_familys",\n]', 3, "there is no migration 'mixed_familys'"),
        ('only = [""]', 1, "only must be a list"),
        ('scripts = ["opt"]', 1, "paths from /"),
        ('from = "1.x"\n', 1, "no keepalived release"),
        ("to = 2.2", 1, "to must be a text"),
        ("instance = 3", 1, "instance must be a table"),
        ("[[instance]]\n", 1, "instance must be a table"),
        ('[instance]\nGW = "split"', 2, "GW must be a table"),
        ('a = """\nmixd\n"""\n', 1, "'a' is not known here"),
        ('[instance.GW]\nnotify = "group"\nnotyfy = "first"', 3, "Did you mean notify?"),
        ('instance.GW.mixed = "x"', 1, "'x' is no choice for mixed"),
        ('only = [\n]\n\ninstance = {GW = {mixed = "x"}}', 4, "'x' is no choice for mixed"),
        ('[instance.GW]\nipv6-name = "six"', 2, "cannot name an instance"),
        ('[instance.GW]\nonly = ["x"]', 2, "'only' is not known here"),
        ("[instance.GW]\n[instance.GW]\n", 2, "no TOML"),
        ('mixed = "split\n', 1, "no TOML"),
        ("\n\xff".encode("latin-1").decode("latin-1"), 2, "no TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(InputError) as raised:
        read_choices(text.encode(), "/etc/keepalived/keepalived-upgrade.toml")
    assert str(raised.value).startswith(f"/etc/keepalived/keepalived-upgrade.toml:{line}:")
    assert said in str(raised.value)
    assert raised.value.cure


def test_what_is_no_text_too_large_or_too_deep_is_refused() -> None:
    for source, said in (
        (b"\n\n\xff", "keepalived-upgrade.toml:3: the choices are no UTF-8"),
        (b"a" * 2_000_000, "over 1 MiB"),
        (b"a = " + b"[" * 100_000, "no TOML"),
        (b"a = " + b"9" * 10_000, "no TOML"),
    ):
        with pytest.raises(InputError, match=said):
            read_choices(source)


TOML = st.lists(
    st.sampled_from(
        [
            *(
                f"{key} = "
                for key in (*MIXED_KEYS, "only", "skip", "accept", "scripts", "from", "to", "instance", "a.b")
            ),
            *('"split"', "'x'", "3", "[", "]", "{", "}", ",", "\n", '"""', "'''", "#", '"', "\\", "1979-05-27", "inf"),
            *("[instance.GW]\n", "[instance]\n", "[[instance]]\n", '"mixed_families"', '["1.2.13"]', '"2.2.7"', "\r\n"),
        ]
    ),
    max_size=20,
).map(lambda parts: "".join(parts).encode())


@given(st.one_of(st.binary(), TOML, st.text().map(str.encode)))
@example(b"a = 0001-01-01T00:00:00+23:59")
@example(b"\xef\xbb\xbf")
def test_any_bytes_give_choices_or_an_input_error(source: bytes) -> None:
    try:
        read_choices(source).choices()
    except InputError as error:
        assert error.path == "keepalived-upgrade.toml"
        assert error.cure


@given(TOML)
def test_the_line_of_a_key_is_found_in_any_toml(source: bytes) -> None:
    """Every value is on the line that is told, or begins there."""
    text = source.decode()
    try:
        table = tomllib.loads(text)
    except ValueError:
        return
    for key in table:
        line = find_line(text, (key,))
        assert line and key.split(".")[0] in text.split("\n")[line - 1]
    assert find_line(text, ("not there",)) == 0


# -- written ------------------------------------------------------------------------------------------------------

PATTERNS = st.sampled_from(["{name}", "{name}_v4", "x-{name}\\", "{name}é", "{name}{name}"])
MIXED = st.builds(
    MixedChoice,
    st.sampled_from(["split", "excluded"]),
    st.sampled_from(["suffix", "keep"]),
    st.sampled_from(["first", "both", "group"]),
    PATTERNS,
    PATTERNS,
)
IDS = st.frozensets(st.sampled_from([m.id for m in load_migrations()]))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
NAMES = st.text(st.characters(exclude_categories=["Cs"])).map(str.encode)


@given(st.builds(Choices, MIXED, st.dictionaries(NAMES, MIXED), IDS, IDS, st.frozensets(TEXTS)))
def test_what_is_written_reads_back_the_same(choices: Choices) -> None:
    text = write_choices(choices)
    assert read_choices(text.encode()).choices() == choices
    shuffled = Choices(
        choices.mixed, dict(reversed(list(choices.instances.items()))), choices.only, choices.skip, choices.accept
    )
    assert write_choices(shuffled) == text


PARTS = st.fixed_dictionaries(
    {},
    optional={
        "mixed": st.sampled_from(["split", "excluded"]),
        "names": st.sampled_from(["suffix", "keep"]),
        "notify": st.sampled_from(["first", "both", "group"]),
        "ipv4-name": PATTERNS,
        "ipv6-name": PATTERNS,
    },
)
LISTS = st.none() | st.lists(st.sampled_from([m.id for m in load_migrations()])).map(tuple)


@given(
    st.builds(
        GivenChoices,
        PARTS,
        st.dictionaries(NAMES, PARTS),
        LISTS,
        LISTS,
        st.none() | st.lists(TEXTS).map(tuple),
        st.none() | st.lists(TEXTS.map("/".__add__)).map(tuple),
        st.sampled_from([None, "1.2.13", "el7"]),
        st.sampled_from([None, "2.2.7"]),
        st.just("keepalived-upgrade.toml"),
    )
)
def test_what_was_given_reads_back_the_same(choices: GivenChoices) -> None:
    assert read_choices(write_choices(choices).encode()) == choices
    assert choices.over(GivenChoices()) == choices
    assert GivenChoices().over(choices) == choices
    assert choices.over(choices) == choices


def test_a_file_is_written_for_people_too() -> None:
    text = write_choices(
        GivenChoices({"mixed": "excluded"}, {b"GW": {"notify": "both"}, b'a"\x1b': {}}, skip=("nb_get_retry",))
    )
    assert text.splitlines()[1:] == [
        'mixed = "excluded"',
        'skip = ["nb_get_retry"]',
        "",
        "[instance.GW]",
        'notify = "both"',
        "",
        r'[instance."a\"\u001b"]',
    ]
    assert quote_text("\U0001f5ff\U000e0001\\") == '"\U0001f5ff\\U000e0001\\\\"'


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        (Choices(instances={b"GW\xff": MixedChoice()}), "no UTF-8"),
        (Choices(MixedChoice(ipv4="{name}\udcff")), "no UTF-8"),
        (Choices(accept=frozenset({"\udcff"})), "no UTF-8"),
        (GivenChoices(scripts=("here",)), "paths from /"),
        (GivenChoices({"mixed": "x"}), "is no choice"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(choices: Choices | GivenChoices, said: str) -> None:
    with pytest.raises(InputError, match=said) as raised:
        write_choices(choices)
    assert raised.value.cure


# -- checked in one place -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: MixedChoice("both"),
        lambda: MixedChoice(names="other"),
        lambda: MixedChoice(notify=""),
        lambda: MixedChoice(ipv4="GW"),
        lambda: MixedChoice(ipv6="{name} six"),
        lambda: MixedChoice(ipv6="{name}\x00"),
        lambda: MixedChoice(ipv6=3),  # type: ignore[arg-type]
        lambda: Choices(instances={"GW": MixedChoice()}),  # type: ignore[dict-item]
        lambda: Choices(instances={b"GW": "split"}),  # type: ignore[dict-item]
        lambda: Choices(only="mixed_families"),  # type: ignore[arg-type]
        lambda: Choices(accept=frozenset({3})),  # type: ignore[arg-type]
        lambda: GivenChoices({"mixed": "both"}).choices(),
    ],
)
def test_a_library_is_told_of_choices_that_cannot_be_meant(make: Callable[[], object]) -> None:
    with pytest.raises(InputError) as raised:
        make()
    assert raised.value.cure


# -- beside the configuration -------------------------------------------------------------------------------------


def test_the_file_beside_the_configuration_decides_and_the_report_says_so(host: Path, run: Run) -> None:
    (host / FILE).write_text(
        'names = "keep"\nfrom = "debian-jessie"\nto = "2.2.7"\n[instance.GW]\nipv6-name = "{name}-six"\n'
    )
    status, report, _ = run(options=("--no-daemon", "--format", "json"))
    assert status == 0
    assert names(report) == ["GW", "GW-six"]
    assert report["source"] == "1.2.13"
    assert found(report)["choices/read"]["path"] == "/" + FILE
    assert names(run("--no-choices")[1]) == ["GW_v4", "GW_v6"]
    assert "choices/read" not in found(run("--no-choices")[1])


def test_options_come_before_the_file_and_one_instance_before_all(host: Path, run: Run) -> None:
    (host / FILE).write_text(
        'names = "keep"\nskip = ["global_tracking"]\nscripts = ["/none"]\n[instance.GW]\nipv6-name = "{name}-six"\n'
    )
    assert names(run("--names", "suffix")[1]) == ["GW_v4", "GW-six"]
    assert names(run("--ipv6-name", "{name}-6")[1]) == ["GW", "GW-six"]
    assert names(run("--instance", "GW:ipv6-name={name}-6")[1]) == ["GW", "GW-6"]
    assert run("--mixed", "excluded")[1]["renames"] == []
    report = run()[1]
    assert report["skipped"] == ["v2_0_0/global_tracking"]
    assert "names/no-such-file" in [f["id"] for f in report["findings"]]
    assert run("--skip", "nb_get_retry")[1]["skipped"] == ["v2_0_15/nb_get_retry"]
    assert run("--from", "1.3.9")[1]["source"] == "1.3.9"


def test_another_file_can_be_given(host: Path, run: Run, tmp_path: Path) -> None:
    (host / FILE).write_text("broken")
    other = tmp_path / "other.toml"
    other.write_text('mixed = "excluded"\n')
    report = run("--choices", str(other))[1]
    assert report["renames"] == []
    assert found(report)["choices/read"]["path"] == str(other)
    assert run("--no-choices")[0] == 0
    for words, said in (
        ((), f"{host / FILE}:1: this is no TOML: Expected '=' after a name in a name/value pair"),
        (("--choices", str(other), "--no-choices"), "exclude each other"),
        (("--choices", str(tmp_path / "none.toml")), "cannot be read: No such file"),
        (("--choices", "a\0b"), "cannot be read"),
    ):
        status, _, err = run(*words)
        assert status == 2
        assert said in err


@pytest.mark.parametrize("kind", ["directory", "link", "outside"])
def test_a_file_that_is_there_and_cannot_be_read_is_an_error(host: Path, run: Run, kind: str) -> None:
    if kind == "directory":
        (host / FILE).mkdir()
    else:
        (host / FILE).symlink_to("nowhere" if kind == "link" else "../../../../x")
    status, _, err = run()
    assert status == 2
    assert "the choices cannot be read" in err
    assert "--no-choices" in err


def test_a_link_inside_the_root_is_followed_and_the_current_folder_does_not_count(
    host: Path, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "keepalived-upgrade.toml").write_text('mixed = "excluded"\n')
    monkeypatch.chdir(tmp_path)
    assert run()[1]["renames"] != []
    (host / "c.toml").write_text('mixed = "excluded"\n')
    (host / FILE).symlink_to("/c.toml")
    assert run()[1]["renames"] == []
    site = Site.open("/etc/keepalived/keepalived.conf", root=host)
    assert find_choices(site).mixed == {"mixed": "excluded"}
    assert "/c.toml" in site.texts


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("GW:mixed=both", "--instance GW:mixed=both: 'both' is no choice for mixed"),
        ("GW:notify=", "Choose one of first, both, group."),
        ("GW:ipv4-name=x", "cannot name an instance"),
        ("GW:mixd=split", "KEY is one of mixed, names"),
    ],
)
def test_a_choice_for_one_instance_is_checked(run: Run, word: str, said: str) -> None:
    status, _, err = run("--instance", word)
    assert status == 2
    assert said in err


def test_choices_that_meet_nothing_are_told_and_no_error(run: Run, host: Path) -> None:
    status, report, _ = run("--instance", "GX:mixed=split", "--accept", "v1_2_20/mixed_families/no-per", "--check")
    assert status == 1
    told = found(report)
    assert told["choices/no-such-instance"]["cure"] == "Did you mean GW?"
    assert told["choices/accepts-nothing"]["severity"] == "info"
    (host / FILE).write_text('accept = ["x"]\n')
    assert found(run()[1])["choices/accepts-nothing"]["path"] == "/" + FILE


def test_names_that_are_no_utf_8_come_by_the_command_line(host: Path, run: Run) -> None:
    file = host / "etc/keepalived/keepalived.conf"
    file.write_bytes(file.read_bytes().replace(b"GW", b"G\xff"))
    assert run("--instance", os.fsdecode(b"G\xff:mixed=excluded"))[1]["renames"] == []


# -- a file that is there already ------------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    st.builds(GivenChoices, PARTS, st.dictionaries(NAMES, PARTS), LISTS, LISTS),
    st.builds(GivenChoices, PARTS, st.dictionaries(NAMES, PARTS), LISTS, LISTS),
    st.sampled_from(["", "# about the file\n\n", "\n\n", "# one\r\n"]),
    st.sampled_from(["", "# the end", "\n\n"]),
)
def test_an_update_says_the_choices_and_keeps_the_comments(
    old: GivenChoices, new: GivenChoices, top: str, tail: str
) -> None:
    text = top + write_choices(old) + tail
    choices = new.over(read_choices(text.encode()))
    updated, kept = update_choices(text, choices)
    said = read_choices(updated.encode())
    assert kept
    assert comments_of(updated) == comments_of(text)
    assert replace(said, instances={name: one for name, one in said.instances.items() if one}) == replace(
        choices, instances={name: one for name, one in choices.instances.items() if one}
    )
    assert update_choices(updated, choices) == (updated, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        (
            "# mine\n\nfrom = '1.2.13'  # old\n",
            '# mine\n\nfrom = \'1.2.13\'  # old\nmixed = "split"\n\n[instance.GW]\nnames = "keep"\n',
        ),
        (
            "# mine\n\n# about GW\n[instance.GW]\nnames = 'suffix'  # why\n",
            '# mine\nmixed = "split"\n\n# about GW\n[instance.GW]\nnames = "keep"  # why\n',
        ),
        (
            "# about GW\n[instance.GW]\nnotify = 'both'",
            'mixed = "split"\n\n# about GW\n[instance.GW]\nnotify = \'both\'\nnames = "keep"\n',
        ),
        ("instance.GW.names='suffix'\n", 'instance.GW.names="keep"\nmixed = "split"\n'),
        ("mixed='split'\r\n[instance.GW]\r\n", "mixed='split'\r\n[instance.GW]\r\nnames = \"keep\"\r\n"),
    ],
)
def test_what_is_set_stands_where_a_person_would_write_it(text: str, expected: str | None) -> None:
    given = GivenChoices({"mixed": "split"}, {b"GW": {"names": "keep"}})
    choices = given.over(read_choices(text.encode() or b"\n"))
    assert update_choices(text, choices) == (expected or write_choices(given), True)


@pytest.mark.parametrize(
    "text", ["instance.GW = { names = 'suffix' } # braces\n", "instance.GW.mixed = 'split' # dotted\n"]
)
def test_a_form_that_cannot_be_changed_is_written_anew_and_said(text: str) -> None:
    choices = GivenChoices({}, {b"GW": {"names": "keep"}}).over(read_choices(text.encode()))
    assert update_choices(text, choices) == (write_choices(choices), False)


def test_a_comment_lost_within_a_list_is_said() -> None:
    text = 'skip = [\n  "nb_get_retry",  # why\n]  # kept\n'
    updated, kept = update_choices(text, GivenChoices(skip=("status_code",)))
    assert updated == 'skip = ["status_code"]  # kept\n'
    assert not kept
