"""The walk through a plan, change by change, and the questions before it."""

from __future__ import annotations

import io
import os
import pty
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from keepalived_upgrade.choices import GivenChoices, find_choices, read_choices
from keepalived_upgrade.cli import saving
from keepalived_upgrade.cli.decisions import Answers, Decisions, ask_open
from keepalived_upgrade.cli.dialogue import Dialogue, Quit
from keepalived_upgrade.cli.editing import edit_text, with_whole_lines
from keepalived_upgrade.cli.interactive import Review, old_form
from keepalived_upgrade.cli.session import Session
from keepalived_upgrade.engine import accept_findings, upgrade
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.grouping import groups_of, names_of, together, why_together
from keepalived_upgrade.migration import Choices, MixedChoice
from keepalived_upgrade.plan import Plan, Proof, Result
from keepalived_upgrade.releases import Release
from keepalived_upgrade.selection import files_with, select, units_of
from keepalived_upgrade.site import Site

CORPORA = Path(__file__).resolve().parents[1] / "corpora"
MAIN = "/etc/keepalived/keepalived.conf"
OLD, NEW = Release(1, 2, 13), Release(2, 2, 7)
EXTRA = b"""virtual_server 192.0.2.9 80 {
    protocol TCP
    real_server 192.0.2.10 80 {
        HTTP_GET {
            url {
                path /
                status_code 200
            }
            nb_get_retry 3
            delay_before_retry 2
        }
    }
}
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The gateway of 2017, with a checker whose keyword was renamed."""
    shutil.copytree(CORPORA / "gateway-2017/root", tmp_path / "root", symlinks=True)
    with (tmp_path / "root" / MAIN[1:]).open("ab") as file:
        file.write(EXTRA)
    return Site.open(MAIN, root=tmp_path / "root")


@pytest.fixture
def plan(site: Site) -> Plan:
    return upgrade(site, OLD, NEW, daemon="")


class Operator(Dialogue):
    """Answers in order, and remembers what was said."""

    def __init__(self, *answers: str) -> None:
        super().__init__(io.StringIO(), width=0)
        self.answers: Iterator[str] = iter(answers)
        self.asked: list[str] = []

    @property
    def said(self) -> str:
        return self.stream.getvalue()  # type: ignore[attr-defined, no-any-return]

    def ask(self, prompt: str) -> str:
        self.asked.append(prompt)
        return next(self.answers)

    def review(self, plan: Plan, site: Site) -> Review:
        def without(ids: frozenset[str], untouched: frozenset[bytes], daemon: str) -> Plan:
            return upgrade(site, OLD, NEW, Choices(skip=ids, untouched=untouched), daemon=daemon)

        return Review(
            plan,
            site,
            self,
            without,
            lambda id: f"why {id}\n\n**What the new release does with the old form.** Trouble of {id}.\n",
        )


def files(plan: Plan) -> dict[str, bytes]:
    return {change.path: change.after for change in plan.files}


def place_of(plan: Plan, migration: str) -> int:
    """Where in the walk the changes of a migration stand, from 1."""
    groups = groups_of(plan, units_of(plan))
    return next(n for n, group in enumerate(groups, 1) if any(migration in unit.migrations for unit in group))


def answering(plan: Plan, migration: str, answers: str, others: str = "y") -> Operator:
    """An operator who gives these answers to the changes of one migration."""
    place = place_of(plan, migration)
    operator = Operator()
    given = iter(answers)
    operator.ask = lambda prompt: next(given) if prompt.startswith(f"({place}/") else others  # type: ignore[method-assign]
    return operator


# -- parts of a plan ----------------------------------------------------------------------------------------------


def test_all_changes_make_the_plan_itself(plan: Plan, site: Site) -> None:
    chosen = select(plan, site, units_of(plan))
    assert files(chosen) == files(plan)
    assert chosen.failed_proofs() == ()
    assert len(chosen.findings) == len(plan.findings)


def test_the_split_and_the_scripts_that_follow_it_go_together(plan: Plan) -> None:
    units = units_of(plan)
    groups = together(plan, units)
    names = {
        u.number for u in units if any(m.startswith("names/") or m.endswith("mixed_families") for m in u.migrations)
    }
    retry = [u.number for u in units if "v2_0_15/nb_get_retry" in u.migrations]
    assert len({u.file.path for u in units if u.number in names}) > 1
    assert all(groups[number] == names for number in names)
    assert [groups[number] for number in retry] == [{number} for number in retry]


def test_groups_hold_every_unit_once_and_are_shown_whole(plan: Plan) -> None:
    units = units_of(plan)
    groups = groups_of(plan, units)
    assert sorted(unit.number for group in groups for unit in group) == [unit.number for unit in units]
    assert {file.path: file.after for file in files_with(units)} == files(plan)
    for group in groups:
        for file in files_with(group):
            assert file.before is None or len(file.changes) == sum(unit.file.path == file.path for unit in group)


def test_a_script_left_out_alone_fails_the_proof_of_names(plan: Plan, site: Site) -> None:
    kept = [unit for unit in units_of(plan) if unit.file.path == MAIN]
    chosen = select(plan, site, kept)
    assert [proof.name for proof in chosen.failed_proofs()] == ["names"]
    left = [f for f in chosen.findings if f.id == "choices/left-out"]
    assert left
    assert all(f.place.path != MAIN for f in left)


# -- several instances with both families -------------------------------------------------------------------------

HOOK = b"""#!/bin/sh
case $2 in
    GW)
        echo a
        ;;
    LAN)
        echo b
        ;;
esac
"""


def mixed(name: bytes, number: int) -> bytes:
    return (
        b"vrrp_instance %s {\n    interface lan%d\n    virtual_router_id %d\n    priority 150\n    notify /etc/hook\n"
        b"    virtual_ipaddress {\n        192.0.2.%d/24\n        2001:db8::%d/64\n    }\n}\n"
    ) % (name, number, number, number, number)


@pytest.fixture
def lay_out(tmp_path: Path) -> Callable[..., Site]:
    """GW and LAN, both with both families, and a script that knows them."""

    def make(config: bytes = b"", hook: bytes = HOOK) -> Site:
        for path, text in ((MAIN, mixed(b"GW", 1) + mixed(b"LAN", 2) + config), ("/etc/hook", hook)):
            file = tmp_path / "root" / path[1:]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text)
            file.chmod(0o755)
        return Site.open(MAIN, root=tmp_path / "root")

    return make


def names_asked(plan: Plan) -> list[tuple[bytes, ...]]:
    return [names_of(group) for group in groups_of(plan, units_of(plan))]


@pytest.mark.parametrize("refused", [b"GW", b"LAN"])
def test_one_of_two_independent_splits_is_refused_and_the_other_written(
    lay_out: Callable[..., Site], refused: bytes
) -> None:
    site = lay_out()
    plan = upgrade(site, OLD, NEW, daemon="")
    assert names_asked(plan) == [(b"GW",), (b"LAN",)]
    operator = Operator(*("n" if refused == name else "y" for name in (b"GW", b"LAN")), "y")
    review = operator.review(plan, site)
    chosen = review.run()
    assert chosen is not None
    assert review.untouched() == {refused}
    assert len(review.beyond_choices()) == 4
    (kept,) = {b"GW", b"LAN"} - {refused}
    assert [rename.old for rename in chosen.renames] == [kept]
    assert "share" not in operator.said
    # What is found is found of what is left: the names, the second run, the address that goes, and no split of the other.
    assert {proof.name: proof.result for proof in chosen.proofs if proof.result is not Result.PASSED} == {
        "daemon": Result.NOT_MADE
    }
    assert {rename.old for rename in plan.renames} == {b"GW", b"LAN"}
    assert not any(refused.decode() in f.message and f.id.startswith("v1_2_20/mixed_families") for f in chosen.findings)
    (lost,) = chosen.decisions()
    assert (lost.id, lost.place.line) == ("effect/address-lost", {b"GW": 1, b"LAN": 11}[refused])
    accepted = accept_findings(chosen.findings, Choices(accept=frozenset({"effect/address-lost"})))
    replace(chosen, findings=accepted).write()
    (split,) = (group for group in groups_of(plan, units_of(plan)) if names_of(group) == (kept,))
    only = {file.path: file.after for file in files_with(split)}
    assert {path: Path(site.outer(path)).read_bytes() for path in (MAIN, "/etc/hook")} == only
    assert only[MAIN].count(b"vrrp_instance") == 3
    assert mixed(refused, {b"GW": 1, b"LAN": 2}[refused]) in only[MAIN]


def test_instances_of_one_sync_group_are_one_question_and_it_says_why(lay_out: Callable[..., Site]) -> None:
    group = b"vrrp_sync_group ALL {\n    group {\n        GW\n        LAN\n        X\n    }\n}\n"
    site = lay_out(group + mixed(b"OTHER", 3) + mixed(b"X", 4).replace(b"192.0.2.4/24", b""))
    plan = upgrade(site, OLD, NEW, daemon="")
    assert names_asked(plan) == [(b"GW", b"LAN"), (b"OTHER",)]
    operator = Operator("n", "y", "y")
    review = operator.review(plan, site)
    chosen = review.run()
    assert chosen is not None
    assert review.untouched() == {b"GW", b"LAN"}
    assert [rename.old for rename in chosen.renames] == [b"OTHER"]
    assert "GW and LAN share the sync group ALL.\n" in operator.said


def test_instances_that_one_change_of_a_script_is_for_are_one_question_and_it_says_where(
    lay_out: Callable[..., Site],
) -> None:
    site = lay_out(mixed(b"OTHER", 3), b"#!/bin/bash\n[[ $2 =~ ^(GW|LAN)$ ]] && echo a\n")
    plan = upgrade(site, OLD, NEW, daemon="")
    operator = Operator("y", "y")
    assert operator.review(plan, site).run() is plan
    assert names_asked(plan) == [(b"GW", b"LAN"), (b"OTHER",)]
    assert "GW and LAN share the change at /etc/hook:2.\n" in operator.said


def test_instances_that_a_whole_pass_changes_are_one_question(lay_out: Callable[..., Site]) -> None:
    """A pass whose changes go together, in the same places as the split."""
    shell = b'notify_master "/etc/hook; true"'
    both = [mixed(name, number).replace(b"notify /etc/hook", shell) for name, number in ((b"A", 3), (b"B", 4))]
    site = lay_out(b"".join(both))
    plan = upgrade(site, OLD, NEW, Choices(mixed=MixedChoice(notify="both")), daemon="")
    assert names_asked(plan) == [(b"GW",), (b"LAN",), (b"A", b"B")]
    assert {file.path for file in files_with(groups_of(plan, units_of(plan))[2]) if file.before is None}
    operator = Operator("y", "y", "y")
    assert operator.review(plan, site).run() is plan
    assert "A and B share what v2_0_0/scripts_without_shell changes.\n" in operator.said


def test_instances_cured_by_exclusion_are_asked_for_one_by_one(lay_out: Callable[..., Site]) -> None:
    site = lay_out()
    plan = upgrade(site, OLD, NEW, Choices(mixed=MixedChoice(cure="excluded")), daemon="")
    assert names_asked(plan) == [(b"GW",), (b"LAN",)]
    kept = [unit for unit in units_of(plan) if names_of([unit]) == (b"LAN",)]
    chosen = select(plan, site, kept, untouched=frozenset({b"GW"}))
    assert files(chosen)[MAIN] == mixed(b"GW", 1) + mixed(b"LAN", 2).replace(
        b"        2001:db8::2/64\n    }\n", b"    }\n    virtual_ipaddress_excluded {\n        2001:db8::2/64\n    }\n"
    )
    assert chosen.failed_proofs() == ()


def test_what_follows_names_and_is_made_for_none_that_is_known_goes_with_all(lay_out: Callable[..., Site]) -> None:
    site = lay_out()
    plan = upgrade(site, OLD, NEW, daemon="")
    units = units_of(plan)
    (script,) = [file for file in plan.files if file.path == "/etc/hook"]
    unnamed = replace(script, changes=tuple(replace(change, names=()) for change in script.changes))
    plan = replace(plan, files=tuple(unnamed if file is script else file for file in plan.files))
    units = units_of(plan)
    assert [len(group) for group in groups_of(plan, units)] == [len(units)]
    assert next(why_together(plan, units)) == "GW and LAN share the change at /etc/hook:3."
    assert [r.old for r in select(plan, site, [u for u in units if u.file.path == MAIN]).renames] == [b"GW", b"LAN"]
    assert select(plan, site, [u for u in units if u.file.path != MAIN]).renames == ()


# -- the walk -----------------------------------------------------------------------------------------------------


def test_yes_to_everything_gives_the_plan(plan: Plan, site: Site) -> None:
    operator = Operator(*["y"] * 10)
    assert operator.review(plan, site).run() is plan
    assert "make sense only together: a new name, and what follows it" in operator.said
    assert len(operator.asked) == len(groups_of(plan, units_of(plan))) < len(units_of(plan))


def test_whatever_is_taken_was_shown(plan: Plan, site: Site) -> None:
    operator = Operator(*["y"] * 10)
    operator.review(plan, site).run()
    for text in files(plan).values():
        for line in text.decode().splitlines():
            if "_v4" in line or "_v6" in line:
                assert line in operator.said


def test_a_refused_change_stays_as_it_was(plan: Plan, site: Site) -> None:
    review = answering(plan, "v2_0_15/nb_get_retry", "n").review(plan, site)
    chosen = review.run()
    assert chosen is not None
    assert b"nb_get_retry 3" in files(chosen)[MAIN]
    assert b"GW_v6" in files(chosen)[MAIN]
    assert all(proof.result is not Result.FAILED for proof in chosen.proofs)
    assert chosen.skipped == ("v2_0_15/nb_get_retry",)
    assert review.refused() == {"v2_0_15/nb_get_retry"}
    assert review.beyond_choices() == ()
    assert "Trouble of v2_0_15/nb_get_retry." in review.dialogue.stream.getvalue()  # type: ignore[attr-defined]


def test_refusing_the_split_refuses_the_scripts_too_and_all_that_was_found_of_it(plan: Plan, site: Site) -> None:
    chosen = answering(plan, "v1_2_20/mixed_families", "n").review(plan, site).run()
    assert chosen is not None
    assert list(files(chosen)) == [MAIN]
    assert b"vrrp_instance GW {" in files(chosen)[MAIN]
    assert chosen.renames == ()
    assert not any("mixed_families" in finding.id for finding in chosen.findings)


def test_what_is_left_out_in_part_is_a_finding(site: Site, tmp_path: Path) -> None:
    with (tmp_path / "root" / MAIN[1:]).open("ab") as file:
        file.write(EXTRA.replace(b"192.0.2.9 ", b"192.0.2.8 "))
    site = Site.open(MAIN, root=tmp_path / "root")
    plan = upgrade(site, OLD, NEW, daemon="")
    review = answering(plan, "v2_0_15/nb_get_retry", "n").review(plan, site)
    chosen = review.run()
    assert chosen is not None
    assert files(chosen)[MAIN].count(b"nb_get_retry") == 1
    assert [f.id for f in chosen.findings if f.id.startswith("choices/")] == ["choices/left-out"]
    assert len(review.beyond_choices()) == 1
    assert review.refused() == frozenset()


def test_the_last_refusal_can_be_taken_back(plan: Plan, site: Site) -> None:
    groups = groups_of(plan, units_of(plan))
    operator = Operator(*["y"] * (len(groups) - 1), "n", "b", "y")
    assert operator.review(plan, site).run() is plan
    assert any("1 left out; b goes back" in prompt for prompt in operator.asked)


def test_a_refusal_that_breaks_a_proof_is_asked_again(plan: Plan, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Proof("names", Result.FAILED, "a script tests GW; auth_pass hunter2")
    monkeypatch.setattr(Review, "_broken", lambda self, answers: (broken,))
    operator = Operator("n", "", "n", "y", *["y"] * 9)
    chosen = operator.review(plan, site).run()
    assert chosen is not None
    assert chosen is not plan
    assert operator.said.count("the proof “names” fails: a script tests GW; auth_pass ********") == 2


def test_undecided_changes_are_asked_about_at_the_end_and_give_no_plan(plan: Plan, site: Site) -> None:
    number = len(groups_of(plan, units_of(plan)))
    operator = Operator(*["u"] * number, "n")
    assert operator.review(plan, site).run() is None
    assert f"{number} changes left undecided." in operator.said
    assert Operator(*["u"] * number, "y", *["y"] * number).review(plan, site).run() is plan


def test_quitting_gives_nothing(plan: Plan, site: Site) -> None:
    with pytest.raises(Quit):
        Operator("y", "q").review(plan, site).run()


def test_back_asks_again(plan: Plan, site: Site) -> None:
    operator = Operator("b", "y", "b", *["y"] * 10)
    assert operator.review(plan, site).run() is plan
    assert "This is the first change." in operator.said
    assert len([text for text in operator.asked if text.startswith("(1/")]) == 3


def test_help_and_why_explain_and_ask_again(plan: Plan, site: Site) -> None:
    operator = Operator("?", "nonsense", "w", *["a"] * 20)
    assert operator.review(plan, site).run() is plan
    assert "leave it undecided" in operator.said
    assert f"and all further changes of {MAIN}, /etc/keepalived/default-route" in operator.said
    assert "why v1_2_20/mixed_families" in operator.said


def test_the_paragraph_of_the_old_form_is_found_in_every_explanation() -> None:
    from keepalived_upgrade.catalogue import load_migrations, read_text

    assert all(old_form(read_text(migration)) for migration in load_migrations())
    assert old_form("") == ""


@pytest.mark.parametrize("answer", ["a", "m"])
def test_all_of_a_file_or_a_migration(plan: Plan, site: Site, answer: str) -> None:
    operator = Operator(*[answer] * 20)
    assert operator.review(plan, site).run() is plan
    groups = groups_of(plan, units_of(plan))
    assert len(operator.asked) == (1 if answer == "a" else len(groups))


def test_an_edited_change_is_checked_again(plan: Plan, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "sed -i 's/retry/retry 9 #/'")
    review = answering(plan, "v2_0_15/nb_get_retry", "ey").review(plan, site)
    chosen = review.run()
    assert chosen is not None
    assert b"            retry 9 # 3\n" in files(chosen)[MAIN]
    assert len(review.beyond_choices()) == 1


def test_one_of_several_is_edited_and_what_it_breaks_is_said(
    plan: Plan, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "sed -i s/GW_v4.GW_v6/GW/")
    place = next(
        n for n, unit in enumerate(groups_of(plan, units_of(plan))[0], 1) if unit.file.path.endswith("default-route")
    )
    operator = Operator("e", "0", "x", str(place), *["y"] * 10)
    chosen = operator.review(plan, site).run()
    assert chosen is not None
    assert b"    GW)\n" in files(chosen).get("/etc/keepalived/default-route", b"    GW)\n")
    assert [proof.name for proof in chosen.failed_proofs()] == ["names"]
    assert "With this text the proof “names” fails" in operator.said


def test_an_editor_that_fails_or_changes_nothing_changes_nothing(
    plan: Plan, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "false")
    assert edit_text(b"x") is None
    operator = answering(plan, "v2_0_15/nb_get_retry", "ey")
    assert operator.review(plan, site).run() is plan
    assert "stays as it was" in operator.said
    monkeypatch.setenv("VISUAL", "true")
    operator = answering(plan, "v2_0_15/nb_get_retry", "ey")
    assert operator.review(plan, site).run() is plan
    assert "Nothing was edited." in operator.said
    monkeypatch.setattr(subprocess, "Popen", none)
    assert edit_text(b"x") is None


def none(*given: object, **options: object) -> None:
    raise OSError(2, "no such file")


def test_the_editor_gets_whole_lines_and_they_say_the_same(plan: Plan, site: Site) -> None:
    units = units_of(plan)
    for unit in units:
        whole = with_whole_lines(unit, units)
        assert [file.after for file in files_with([whole])] == [file.after for file in files_with([unit])]
        if whole.change is not None and whole.change != unit.change:
            before = unit.file.before or b""
            assert before[whole.change.start - 1 : whole.change.start] in (b"", b"\n")
            assert before[whole.change.end - 1 : whole.change.end] == b"\n"
            assert whole.change.new.endswith(b"\n")
    assert files(select(plan, site, [with_whole_lines(unit, units) for unit in units])) == files(plan)


# -- the questions before it --------------------------------------------------------------------------------------


def decide(site: Site, given: GivenChoices, *answers: str) -> tuple[Answers, Operator]:
    operator = Operator(*answers)
    return Decisions(given, lambda choices: upgrade(site, OLD, NEW, choices, daemon=""), operator).ask(), operator


def test_the_questions_say_what_follows_and_give_the_choices(site: Site) -> None:
    answers, operator = decide(site, GivenChoices(), "ps", "x")
    assert answers == {b"GW": {"mixed": "excluded"}}
    assert "+ vrrp_instance GW_v6 {" in operator.said  # the preview
    assert "one after the other" in operator.said


def test_an_empty_answer_is_the_usual_one(site: Site) -> None:
    answers, operator = decide(site, GivenChoices(), "", "", "nonsense", "")
    assert answers == {b"GW": {"mixed": "split", "names": "suffix", "notify": "first"}}
    assert "GW and GW_v6" in operator.said


def test_what_was_said_before_is_not_asked(site: Site) -> None:
    given = GivenChoices({"mixed": "split", "names": "keep"}, {b"GW": {"notify": "group"}}, path="/etc/k.toml")
    answers, operator = decide(site, given)
    assert answers == {}
    assert operator.asked == []
    assert "GW: split, keep, group, as it is said in /etc/k.toml." in operator.said
    answers, operator = decide(site, GivenChoices({"names": "keep"}), "s", "t")
    assert answers == {b"GW": {"mixed": "split", "notify": "both"}}


def test_questions_go_back_and_quit(site: Site) -> None:
    assert decide(site, GivenChoices(), "s", "k", "b", "b", "x")[0] == {b"GW": {"mixed": "excluded"}}
    with pytest.raises(Quit):
        decide(site, GivenChoices(), "q")


SECOND = b"""vrrp_instance LAN {
    interface lan1
    virtual_router_id 18
    track_script {
        nothing
    }
    virtual_ipaddress {
        198.51.100.1/24
        2001:db8:18::1/64
    }
}
"""


@pytest.fixture
def two(tmp_path: Path, site: Site) -> Site:
    """Two instances with both families; the second runs no script."""
    with (tmp_path / "root" / MAIN[1:]).open("ab") as file:
        file.write(SECOND)
    return Site.open(MAIN, root=tmp_path / "root")


def test_one_answer_serves_all_further_instances(two: Site) -> None:
    answers, operator = decide(two, GivenChoices(), "x", "y")
    assert answers == {b"GW": {"mixed": "excluded"}, b"LAN": {"mixed": "excluded"}}
    assert "1 more instance with both families: LAN" in operator.said


def test_answers_of_one_without_hooks_do_not_serve_one_that_has_some(two: Site, tmp_path: Path) -> None:
    file = tmp_path / "root" / MAIN[1:]
    file.write_bytes(SECOND + file.read_bytes().removesuffix(SECOND))
    answers, operator = decide(Site.open(MAIN, root=tmp_path / "root"), GivenChoices(), "s", "s", "s", "s", "g")
    assert answers[b"LAN"] == {"mixed": "split", "names": "suffix"}
    assert answers[b"GW"] == {"mixed": "split", "names": "suffix", "notify": "group"}
    assert not any("The same" in prompt for prompt in operator.asked)


def test_each_instance_is_asked_where_they_differ_and_back_crosses_over(two: Site) -> None:
    answers, operator = decide(two, GivenChoices(), "x", "n", "b", "s", "s", "f", "n", "s", "k")
    assert answers == {
        b"GW": {"mixed": "split", "names": "suffix", "notify": "first"},
        b"LAN": {"mixed": "split", "names": "keep"},
    }
    assert not any(prompt.startswith("LAN") and "pf" in prompt for prompt in operator.asked)  # it has no hooks


def test_open_decisions_are_accepted_or_left(plan: Plan) -> None:
    def finding(id: str) -> Finding:
        return Finding(id, Severity.DECISION, Place("/k", 3), "auth_pass hunter2 \x1b[2J", "Do it.")

    opened = replace(plan, findings=(finding("a/b"), finding("c/d")))
    operator = Operator("w", "a", "o")
    assert ask_open(opened, operator, lambda id: "") == {"a/b"}
    assert "2 decisions to take" in operator.said
    assert "auth_pass ********" in operator.said
    assert "\x1b" not in operator.said
    assert ask_open(plan, Operator(), lambda id: "") == frozenset()


# -- saving -------------------------------------------------------------------------------------------------------


def save(site: Site, answers: saving.Answers, *said: str) -> tuple[bytes | None, str]:
    operator = Operator(*said)
    change = saving.ask_saving(site, find_choices(site), answers, operator)
    return (None if change is None else change.after), operator.said


KEPT = {"mixed": "split", "names": "keep"}


def test_answers_are_saved_for_one_instance_or_for_all(site: Site) -> None:
    answers = saving.Answers({b"GW": KEPT}, frozenset({"v2_0_15/nb_get_retry"}), frozenset({"a/b"}))
    one, said = save(site, answers, "i", "y")
    assert one is not None
    assert read_choices(one).instances == {b"GW": KEPT}
    assert read_choices(one).skip == ("v2_0_15/nb_get_retry",)
    assert read_choices(one).accept == ("a/b",)
    assert "    [instance.GW]\n" in said
    every, _ = save(site, answers, "d", "y")
    assert every is not None
    assert read_choices(every).mixed == KEPT
    assert read_choices(every).instances == {}
    assert save(site, answers, "n")[0] is None
    assert save(site, answers, "i", "n")[0] is None


def test_what_was_accepted_here_is_not_saved_for_elsewhere() -> None:
    assert not saving.Answers({}, accept=frozenset({"a/b"})).to_save()
    assert saving.Answers({b"GW": KEPT}, accept=frozenset({"a/b"})).to_save() == saving.Answers({b"GW": KEPT})


def test_what_differs_is_saved_for_each(two: Site) -> None:
    answers = saving.Answers({b"GW": KEPT, b"LAN": {"mixed": "excluded"}})
    assert answers.for_all(GivenChoices()) is None
    text, said = save(two, answers, "d", "i", "y")
    assert text is not None
    assert read_choices(text).instances == answers.instances
    assert "for every instance" not in said


def test_a_default_does_not_override_what_the_file_says_of_an_instance(site: Site) -> None:
    known = GivenChoices({"notify": "both"}, {b"GW": {"names": "suffix"}, b"X": {"mixed": "excluded"}})
    saved = saving.Answers({b"GW": KEPT}).for_all(known)
    assert saved is not None
    assert saved.mixed == {**KEPT, "notify": "both"}
    assert saved.choices().mixed_for(b"GW").names == "keep"
    assert saved.choices().mixed_for(b"X").cure == "excluded"


def test_an_existing_file_keeps_its_comments_or_the_question_says_that_it_does_not(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "root/etc/keepalived/keepalived-upgrade.toml"
    file.write_text("# ours\n\naccept = ['x/y']  # seen to\n")
    text, said = save(site, saving.Answers({b"GW": KEPT}, accept=frozenset({"a/b"})), "i", "y")
    assert text is not None
    assert text.startswith(b'# ours\n\naccept = ["a/b", "x/y"]  # seen to\n')
    assert "are lost" not in said
    file.write_text("instance = { GW = { mixed = 'excluded' } }  # braces\n")
    text, said = save(Site.open(MAIN, root=tmp_path / "root"), saving.Answers({b"GW": KEPT}), "i", "y")
    assert text is not None
    assert b"braces" not in text
    assert "Comments of the file as it is now are lost" in said


def test_the_answers_for_a_refused_split_are_not_saved_and_the_other_one_is_written(
    lay_out: Callable[..., Site], tmp_path: Path
) -> None:
    lay_out()
    done = command(tmp_path, "s\nk\nf\ny\ny\nn\ny\na\ni\ny\n", "--write")
    assert done.returncode == 0, done.stderr
    assert read_choices(tmp_path / CHOICES).instances == {b"GW": {"mixed": "split", "names": "keep", "notify": "first"}}
    assert "yes, for GW alone" in done.stderr
    assert "for every instance with both families" not in done.stderr
    text = (tmp_path / "root" / MAIN[1:]).read_bytes()
    assert text.count(b"vrrp_instance") == 3
    assert mixed(b"LAN", 2) in text


def test_nothing_new_is_not_saved_again(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "root/etc/keepalived/keepalived-upgrade.toml"
    file.write_text("[instance.GW]\nmixed = 'split'\nnames = 'keep'\n")
    text, said = save(site, saving.Answers({b"GW": KEPT}), "i")
    assert text is None
    assert "says all of this already" in said


def test_a_name_that_no_file_can_hold_is_said(site: Site) -> None:
    text, said = save(site, saving.Answers({b"\xff": KEPT}), "i")
    assert text is None
    assert "cannot be saved" in said
    assert saving.Answers({b"GW": {"mixed": "excluded"}}, frozenset({"s"}), frozenset({"a"})).options() == [
        *("--instance", "GW:mixed=excluded", "--skip", "s", "--accept", "a")
    ]


def test_a_folder_that_cannot_be_written_is_known_before_anything_is_asked(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert saving.cannot_save(site) == ""
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "cannot be written" in saving.cannot_save(site)
    operator = Operator()
    saving.excused("so it is", saving.Answers({b"GW": {"mixed": "excluded"}}), operator)
    assert "    --instance GW:mixed=excluded\n" in operator.said


# -- the whole ----------------------------------------------------------------------------------------------------


REMINDER = "keepalived must be 2.2.7 when it next reads these files: upgrade it before a reload or restart."
HOST = CORPORA / "gateway-2017/root"
CHOICES = "root/etc/keepalived/keepalived-upgrade.toml"


def command(tmp_path: Path, answers: str, *more: str) -> subprocess.CompletedProcess[str]:
    if not (tmp_path / "root").exists():
        shutil.copytree(HOST, tmp_path / "root", symlinks=True)
    words = ["upgrade", "--root", str(tmp_path / "root"), "--from", "1.2.13", "--to", "2.2.7", "--no-daemon"]
    program = [sys.executable, "-m", "keepalived_upgrade", *words, "--interactive", *more]
    return subprocess.run(program, input=answers, capture_output=True, text=True, check=False)


def is_untouched(tmp_path: Path) -> bool:
    kept = {file.relative_to(HOST): file.read_bytes() for file in HOST.rglob("*") if file.is_file()}
    root = tmp_path / "root"
    return {file.relative_to(root): file.read_bytes() for file in root.rglob("*") if file.is_file()} == kept


def test_the_command_asks_and_writes_what_was_taken(tmp_path: Path) -> None:
    done = command(tmp_path, "s\nk\n\ny\nn\n", "--write")
    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith(f"keepalived was not restarted.\n{REMINDER}\n")
    text = (tmp_path / "root" / MAIN[1:]).read_text()
    assert "vrrp_instance GW {" in text
    assert "vrrp_instance GW_v6 {" in text
    assert not (tmp_path / CHOICES).exists()


def test_it_asks_to_write_and_undo_takes_answers_back_too(tmp_path: Path) -> None:
    done = command(tmp_path, "s\nk\n\ny\ni\ny\ny\n")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(REMINDER) == 1  # before the question, not again behind it
    assert read_choices(tmp_path / CHOICES).instances == {b"GW": {"mixed": "split", "names": "keep", "notify": "first"}}
    assert "GW_v6" in (tmp_path / "root" / MAIN[1:]).read_text()
    undo = [sys.executable, "-m", "keepalived_upgrade", "undo", "--root", str(tmp_path / "root")]
    subprocess.run(undo, check=True, capture_output=True)
    shutil.rmtree(tmp_path / "root/var")
    assert is_untouched(tmp_path)


def test_answers_saved_without_writing_decide_the_next_run_alike(tmp_path: Path) -> None:
    done = command(tmp_path, "s\nk\ng\ny\nd\ny\nn\n")
    assert done.returncode == 0, done.stderr
    assert "No other file was written." in done.stderr
    assert "--write" in done.stderr
    assert (tmp_path / "root" / MAIN[1:]).read_bytes() == (HOST / MAIN[1:]).read_bytes()
    again = command(tmp_path, "y\n", "--write")
    assert again.returncode == 0, again.stderr
    assert "GW: split, keep, group, as it is said in /etc/keepalived/keepalived-upgrade.toml." in again.stderr
    assert "What shall the halves" not in again.stderr
    text = (tmp_path / "root" / MAIN[1:]).read_text()
    assert "vrrp_instance GW {" in text
    assert text.index("vrrp_sync_group") < text.index("notify /etc/keepalived/default-route")


def test_a_refused_migration_is_saved_and_left_out_next_time(tmp_path: Path) -> None:
    done = command(tmp_path, "s\nk\ng\nn\ny\na\ny\ny\n")
    assert done.returncode == 0, done.stderr
    assert read_choices(tmp_path / CHOICES) == GivenChoices(
        skip=("v1_2_20/mixed_families",), path=str(tmp_path / CHOICES)
    )
    assert "Take " not in command(tmp_path, "").stderr


def test_without_saving_the_options_that_say_the_same_are_told(tmp_path: Path) -> None:
    done = command(tmp_path, "x\ny\nn\nn\n")
    assert done.returncode == 0, done.stderr
    assert "--instance GW:mixed=excluded --write" in done.stderr
    assert "every file is as it was" in done.stderr
    assert is_untouched(tmp_path)


def test_what_goes_to_a_file_ends_the_dialogue(tmp_path: Path) -> None:
    done = command(tmp_path, "x\ny\n", "--patch", "-")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("diff --git a/etc/keepalived/keepalived.conf")
    assert "Save" not in done.stderr
    assert is_untouched(tmp_path)


def test_choices_from_elsewhere_are_not_saved_here(tmp_path: Path) -> None:
    done = command(tmp_path, "x\ny\nn\n", "--no-choices")
    assert done.returncode == 0, done.stderr
    assert "cannot be saved: --no-choices was given" in done.stderr
    assert is_untouched(tmp_path)


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ("", 2),
        ("q\n", 1),
        ("s\ns\nf\nq\n", 1),
        ("s\ns\nf\nu\nn\n", 1),
        ("s\ns\nf\ny\nq\n", 1),
        ("s\ns\nf\ny\nd\nq\n", 1),
        ("s\ns\nf\ny\nd\ny\nq\n", 1),
        ("s\ns\nf\ny\nd\ny\n", 2),
    ],
)
def test_nothing_is_written_before_the_last_answer(tmp_path: Path, answers: str, status: int) -> None:
    done = command(tmp_path, answers)
    assert done.returncode == status
    assert "as it was" in done.stderr or status == 2
    assert is_untouched(tmp_path)


def test_interactive_and_check_exclude_each_other(tmp_path: Path) -> None:
    assert command(tmp_path, "", "--check").returncode == 2


def test_a_host_with_nothing_to_change_is_asked_nothing(site: Site, tmp_path: Path) -> None:
    (tmp_path / "root" / MAIN[1:]).write_text("vrrp_instance A {\n    interface lan0\n    virtual_router_id 1\n}\n")
    site = Site.open(MAIN, root=tmp_path / "root")
    operator = Operator()
    shown: list[Plan] = []
    session = Session(
        site,
        GivenChoices(),
        GivenChoices(),
        lambda choices, daemon: upgrade(site, OLD, NEW, choices, daemon=""),
        shown.append,
        "",
        operator,
    )
    session.run()
    assert operator.asked == []
    assert shown
    assert "There is nothing to write." in operator.said


def test_the_end_of_input_quits_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(" yes \n"))
    dialogue = Dialogue(io.StringIO())
    assert dialogue.ask("one?") == "yes"
    with pytest.raises(InputError):
        dialogue.ask("two?")
    shown, answers = pty.openpty()
    with open(answers, encoding="utf-8") as terminal, open(shown, "wb", buffering=0) as keys:
        monkeypatch.setattr(sys, "stdin", terminal)
        keys.write(b" no \n")
        assert dialogue.ask("three?") == "no"
        keys.write(b"\x04")
        with pytest.raises(Quit):
            dialogue.ask("four?")


def test_a_signal_that_ends_nothing_leaves_the_question_open(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, answers = pty.openpty()
    seen: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, _: seen.append(number))
    with open(answers, encoding="utf-8") as terminal, open(shown, "wb", buffering=0) as keys:
        monkeypatch.setattr(sys, "stdin", terminal)
        late = threading.Timer(0.5, keys.write, [b"yes\n"])
        late.start()
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        try:
            assert Dialogue(io.StringIO()).ask("one?") == "yes"
        finally:
            signal.signal(signal.SIGALRM, before)
            late.join()
    assert seen == [signal.SIGALRM]
    assert signal.set_wakeup_fd(-1) == -1, "what was set for the time of the question is taken back"


def test_what_is_taller_than_the_terminal_is_paged(monkeypatch: pytest.MonkeyPatch) -> None:
    paged: list[str] = []
    monkeypatch.setattr("keepalived_upgrade.cli.terminal.page", lambda text, leaving: not paged.append(text))
    dialogue = Dialogue(io.StringIO(), height=10)
    dialogue.show("short\n" * 8)
    dialogue.show("long\n" * 9)
    assert paged == ["long\n" * 9]
    assert dialogue.stream.getvalue() == "short\n" * 8  # type: ignore[attr-defined]
