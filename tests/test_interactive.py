"""The walk through a plan, change by change, and the questions before it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from keepalived_upgrade.cli.decisions import ask_choices
from keepalived_upgrade.cli.interactive import Quit, Review, edit_text
from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.migration import Choices, MixedChoice
from keepalived_upgrade.plan import Plan, Result
from keepalived_upgrade.releases import Release
from keepalived_upgrade.selection import select, together, units_of
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


class Operator:
    """Answers in order, and remembers what was said."""

    def __init__(self, *answers: str) -> None:
        self.answers: Iterator[str] = iter(answers)
        self.asked: list[str] = []
        self.said: list[str] = []

    def ask(self, prompt: str) -> str:
        self.asked.append(prompt)
        return next(self.answers)

    def review(self, plan: Plan, site: Site) -> Review:
        return Review(
            plan, site, self.ask, self.said.append, lambda u: f"{u.file.path}:{u.line}", lambda id: f"why {id}"
        )


def files(plan: Plan) -> dict[str, bytes]:
    return {change.path: change.after for change in plan.files}


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


def test_a_script_left_out_alone_fails_the_proof_of_names(plan: Plan, site: Site) -> None:
    kept = [unit for unit in units_of(plan) if unit.file.path == MAIN]
    chosen = select(plan, site, kept)
    assert [proof.name for proof in chosen.failed_proofs()] == ["names"]
    left = [f for f in chosen.findings if f.id == "choices/left-out"]
    assert left
    assert all(f.place.path != MAIN for f in left)


def test_yes_to_everything_gives_the_plan(plan: Plan, site: Site) -> None:
    operator = Operator(*["y"] * 10)
    assert operator.review(plan, site).run() is plan
    assert any("Belongs together" in text for text in operator.said)
    assert len(operator.asked) < len(units_of(plan))


def test_a_refused_change_stays_as_it_was(plan: Plan, site: Site) -> None:
    number = next(u.number for u in units_of(plan) if "v2_0_15/nb_get_retry" in u.migrations)
    operator = Operator(*["y"] * 10)
    review = operator.review(plan, site)
    review.ask = lambda prompt: "n" if prompt.startswith(f"({number + 1}/") else "y"
    chosen = review.run()
    assert chosen is not None
    assert b"nb_get_retry 3" in files(chosen)[MAIN]
    assert b"GW_v6" in files(chosen)[MAIN]
    assert all(proof.result is not Result.FAILED for proof in chosen.proofs)


def test_refusing_the_split_refuses_the_scripts_too(plan: Plan, site: Site) -> None:
    operator = Operator()
    review = operator.review(plan, site)
    split = next(u.number for u in units_of(plan) if "v1_2_20/mixed_families" in u.migrations)
    review.ask = lambda prompt: "n" if prompt.startswith(f"({split + 1}/") else "y"
    chosen = review.run()
    assert chosen is not None
    assert list(files(chosen)) == [MAIN]
    assert b"vrrp_instance GW {" in files(chosen)[MAIN]
    assert not chosen.renames


def test_undecided_changes_give_no_plan(plan: Plan, site: Site) -> None:
    operator = Operator(*["u"] * 20)
    assert operator.review(plan, site).run() is None
    assert "undecided" in operator.said[-1]


def test_quitting_gives_nothing(plan: Plan, site: Site) -> None:
    with pytest.raises(Quit):
        Operator("y", "q").review(plan, site).run()


def test_back_asks_again(plan: Plan, site: Site) -> None:
    operator = Operator("b", "y", "b", *["y"] * 10)
    assert operator.review(plan, site).run() is plan
    assert "This is the first change." in operator.said
    assert len([text for text in operator.asked if text.startswith("(1/")]) >= 2


def test_help_and_why_explain_and_ask_again(plan: Plan, site: Site) -> None:
    operator = Operator("?", "w", *["a"] * 20)
    assert operator.review(plan, site).run() is plan
    assert any("leave it undecided" in text for text in operator.said)
    assert any(text.startswith("why v") for text in operator.said)


def test_all_of_a_migration(plan: Plan, site: Site) -> None:
    operator = Operator(*["m"] * 20)
    assert operator.review(plan, site).run() is plan


def test_an_edited_change_is_checked_again(plan: Plan, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    number = next(u.number for u in units_of(plan) if "v2_0_15/nb_get_retry" in u.migrations)
    monkeypatch.setenv("VISUAL", "sed -i 's/retry/retry 9 #/'")
    operator = Operator()
    review = operator.review(plan, site)
    answers = iter("ey")
    review.ask = lambda prompt: next(answers) if prompt.startswith(f"({number + 1}/") else "y"
    chosen = review.run()
    assert chosen is not None
    assert b"retry 9 # 3" in files(chosen)[MAIN]


def test_an_editor_that_fails_changes_nothing(plan: Plan, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "false")
    assert edit_text(b"x") is None
    operator = Operator("e", *["y"] * 20)
    assert operator.review(plan, site).run() is plan
    assert any("stays as it was" in text for text in operator.said)


def plans(site: Site, choices: Choices) -> Plan:
    return upgrade(site, OLD, NEW, choices, daemon="")


def test_the_questions_say_what_follows_and_give_the_choices(site: Site) -> None:
    operator = Operator("ps", "x")
    choices = ask_choices(Choices(), lambda c: plans(site, c), operator.ask, operator.said.append)
    assert choices.instances == {b"GW": MixedChoice(cure="excluded")}
    assert any("GW_v6" in text for text in operator.said)  # the preview
    assert any("one after the other" in text for text in operator.said)


def test_an_empty_answer_keeps_the_choice(site: Site) -> None:
    given = Choices(mixed=MixedChoice(cure="split", names="keep", notify="group"))
    operator = Operator("", "", "nonsense", "")
    choices = ask_choices(given, lambda c: plans(site, c), operator.ask, operator.said.append)
    assert choices.mixed_for(b"GW") == given.mixed
    assert any("GW and GW_v6" in text for text in operator.said)


def command(tmp_path: Path, answers: str) -> subprocess.CompletedProcess[str]:
    shutil.copytree(CORPORA / "gateway-2017/root", tmp_path / "root", symlinks=True)
    words = ["upgrade", "--root", str(tmp_path / "root"), "--from", "1.2.13", "--to", "2.2.7", "--no-daemon"]
    program = [sys.executable, "-m", "keepalived_upgrade", *words, "--interactive", "--write"]
    return subprocess.run(program, input=answers, capture_output=True, text=True, check=False)


def test_the_command_asks_and_writes_what_was_taken(tmp_path: Path) -> None:
    done = command(tmp_path, "s\nk\n\n" + "y\n" * 9)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "root" / MAIN[1:]).read_text()
    assert "vrrp_instance GW {" in text
    assert "vrrp_instance GW_v6 {" in text


@pytest.mark.parametrize(("answers", "status"), [("s\ns\nf\nq\n", 1), ("s\ns\nf\n" + "u\n" * 9, 1), ("", 2)])
def test_the_command_writes_nothing_unless_all_is_decided(tmp_path: Path, answers: str, status: int) -> None:
    assert command(tmp_path, answers).returncode == status
    assert (tmp_path / "root" / MAIN[1:]).read_bytes() == (CORPORA / "gateway-2017/root" / MAIN[1:]).read_bytes()
