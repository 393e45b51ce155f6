"""The README: every example is run and its output compared, its pictures are the tool's own, what it names is there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from browser import Browser
from conftest import _need
from keepalived_upgrade.cli.words import read_program
from keepalived_upgrade.releases import Release
from keepalived_upgrade.review.svg import DARK, LIGHT
from readme import ROOT, Block, Desk, blocks, differences
from test_pre_commit import run_hook

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = blocks(README)
PICTURES = {"review": {"COLUMNS": "104", "LINES": "33"}, "review-narrow": {"COLUMNS": "52", "LINES": "40"}}
FILES = ("toml", "python", "yaml")
# Blocks that are not run as they are, by how they begin, each with its reason.
NOT_RUN = {
    "apt-get install": "installs packages; its last command is the one that draws the pictures, which is run",
    "tests/run": "runs the tests, this one among them",
}


@pytest.fixture
def desk(tmp_path: Path, daemons: dict[Release, str]) -> Desk:
    """The examples were made with Debian bookworm's keepalived, whose word the daemon proof is."""
    daemon = daemons.get(Release(2, 2, 7), "")
    _need(bool(daemon), "keepalived 2.2.7, which the README's examples were made with, is not at hand")
    return Desk(tmp_path, daemon)


def reason_not_to_run(block: Block) -> str:
    return next((reason for begin, reason in NOT_RUN.items() if block.text.startswith(begin)), "")


def test_no_example_is_left_out_in_silence() -> None:
    unknown = [
        f"line {block.line}: {block.language}"
        for block in BLOCKS
        if block.language not in ("console", *FILES) and not reason_not_to_run(block)
    ]
    assert not unknown
    assert all(any(block.text.startswith(begin) for block in BLOCKS) for begin in NOT_RUN)
    assert all("/" in block.file or "." in block.file for block in BLOCKS if block.language in FILES)
    assert README.count("\n```") == 2 * len(BLOCKS), "a fence that is no block"


def test_every_example_gives_what_is_shown(desk: Desk) -> None:
    """From the first to the last, as a reader would follow them."""
    wrong = []
    ran = 0
    for block in BLOCKS:
        if block.language in FILES:
            desk.put(block)
        elif not reason_not_to_run(block):
            commands = block.commands()
            printed = desk.run(block)
            assert len(printed) == len(commands), f"line {block.line}: the shell ended early"
            for (command, shown), real in zip(commands, printed, strict=True):
                ran += 1
                different = differences(shown, real)
                if different:
                    wrong.append("\n".join([f"README.md:{block.line}: $ {command}", *different]))
    assert not wrong, "\n\n".join(wrong)
    assert ran == README.count("\n$ ")


@pytest.mark.parametrize(
    ("shown", "real", "same"),
    [
        (["a", "…", "c"], ["a", "b", "b", "c"], True),
        (["a", "…"], ["a"], True),
        (["id 0001-…; x"], ["id 0001-20261125-131725; x"], True),
        (["id 0001-…; x"], ["id 0001-a b; x"], False),
        (["… and 3 lines more"], ["… and 3 lines more"], True),
        (["a", "c"], ["a", "b", "c"], False),
        (["a"], ["a", ""], False),
        (["a.c"], ["abc"], False),
        ([], ["a"], False),
    ],
)
def test_only_what_is_marked_may_differ(shown: list[str], real: list[str], same: bool) -> None:
    assert (not differences(shown, real)) is same


def draw(desk: Desk, name: str) -> str:
    """Run the README's first command, but its setting up, in the width and length of a picture."""
    (first,) = (block.text for block in BLOCKS if block.text.startswith("apt-get install"))
    command = first.strip().rpartition(".venv/bin/")[2]
    assert command.startswith("keepalived-upgrade upgrade --root corpora/")
    desk.environment |= PICTURES[name]
    done = subprocess.run(
        ["sh", "-c", f"{command} --svg -"], cwd=desk.folder, env=desk.environment, capture_output=True, check=True
    )
    return done.stdout.decode()


@pytest.mark.parametrize("name", PICTURES)
def test_the_pictures_show_what_the_first_command_shows(desk: Desk, name: str) -> None:
    """To make them anew: tests/pictures."""
    assert f"docs/{name}.svg" in README
    assert (ROOT / f"docs/{name}.svg").read_text(encoding="utf-8") == draw(desk, name)


@pytest.mark.parametrize(("name", "width"), [("review", 838), ("review-narrow", 328)])
def test_the_pictures_can_be_read_in_a_browser(name: str, width: int, browser: Browser, tmp_path: Path) -> None:
    """At the widths of a README on a desk and on a phone: nothing is fetched, no text leaves its cells or the frame."""
    text = (ROOT / f"docs/{name}.svg").read_text(encoding="utf-8")
    assert not re.search(r"<script|href|url\(|@import|@font-face", text)
    file = tmp_path / "page.html"
    file.write_text(f'<meta charset="utf-8"><style>body{{margin:0}}svg{{width:{width}px;height:auto}}</style>{text}')
    page = browser.open(file, width=width + 20)
    found = page.run(
        "(() => { const svg = document.querySelector('svg'), frame = svg.getBoundingClientRect();"
        " const scale = frame.width / svg.viewBox.baseVal.width;"
        " return {size: 14 * scale, title: svg.querySelector('title').textContent, texts: [...svg.querySelectorAll('text')].map(t => {"
        "  const box = t.getBoundingClientRect(), length = t.getAttribute('textLength');"
        "  return [t.textContent, box.right <= frame.right && box.bottom <= frame.bottom,"
        "   length ? Math.abs(box.width / scale - length) : 0] }) } })()"
    )
    assert page.complaints() == []
    page.close()
    assert found["size"] >= 9
    assert "keepalived 1.2.13 → 2.2.7" in found["title"]
    assert len(found["texts"]) > 50
    assert [text for text in found["texts"] if not text[1] or text[2] > 1.5] == []


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_colours_of_a_picture_can_be_told_from_its_ground(theme: dict[str, str]) -> None:
    for name, color in theme.items():
        if name not in ("ground", "head", "frame"):
            assert contrast(color, theme["ground"]) >= 4.5, name
    assert contrast(theme["text"], theme["head"]) >= 4.5


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.1."""

    def light(color: str) -> float:
        parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    bright, dim = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def the_block(file: str) -> Block:
    (block,) = (block for block in BLOCKS if block.file == file)
    return block


def github_steps() -> list[str]:
    """What the workflow runs. Its other steps are GitHub's: they fetch the checkout, and take the file SARIF."""
    workflow: dict[Any, Any] = yaml.safe_load(the_block(".github/workflows/keepalived.yml").text)
    steps = workflow["jobs"]["keepalived"]["steps"]
    assert all(set(step) <= {"uses", "with", "run"} for step in steps)
    assert {step["uses"].partition("@")[0] for step in steps if "uses" in step} == {
        "actions/checkout",
        "github/codeql-action/upload-sarif",
    }
    return [step["run"] for step in steps if "run" in step]


def gitlab_steps() -> list[str]:
    jobs = yaml.safe_load(the_block(".gitlab-ci.yml").text)
    return list(jobs["keepalived"]["script"])


@pytest.mark.parametrize(
    ("steps", "made"), [(github_steps, "upgrade.sarif"), (gitlab_steps, "upgrade.html")], ids=["github", "gitlab"]
)
def test_the_steps_for_ci_fail_until_there_is_nothing_to_do(steps: Any, made: str, tmp_path: Path) -> None:
    """As a runner does it: each step as written in the checkout, up to the first that fails."""
    desk = Desk(tmp_path)
    shutil.copytree(desk.folder / "corpora/gateway-2017/root", desk.folder / "gw1")

    def statuses() -> list[int]:
        found: list[int] = []
        for step in steps():
            done = subprocess.run(["bash", "-eo", "pipefail", "-c", step], cwd=desk.folder, env=desk.environment)
            found.append(done.returncode)
        return found

    *before, last = statuses()
    assert (set(before), last) == ({0}, 1)
    assert (desk.folder / made).stat().st_size > 1000
    assert made in the_block(".github/workflows/keepalived.yml").text + the_block(".gitlab-ci.yml").text
    (desk.folder / "gw1/etc/keepalived/keepalived.conf").write_text("global_defs {\n    router_id gw1\n}\n")
    assert set(statuses()) == {0}


def test_the_hooks_for_pre_commit_run_with_the_arguments_shown(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "corpora/gateway-2017/root", tmp_path / "gw1")
    (repo,) = yaml.safe_load(the_block(".pre-commit-config.yaml").text)["repos"]
    for hook in repo["hooks"]:
        done = run_hook(hook["id"], tmp_path, *hook["args"])
        assert done.returncode in (0, 1), done.stderr
        assert not done.stderr


def test_what_the_readme_names_is_there() -> None:
    program = read_program()
    commands = {command.name: command for command in program.commands}
    prose = re.sub(r"^```.*?^```$", "", README, flags=re.M | re.S)
    spellings = {name for command in program.commands for option in command.options for name in option.names}
    spellings |= {"--config-test"}  # keepalived's own
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", prose))
    assert named <= spellings, named - spellings
    table = README.partition("## All commands")[2]
    assert set(commands) == set(re.findall(r"^\| `([a-z]+)", table, flags=re.M))
    options = {name for option in commands["upgrade"].options for name in option.names if name.startswith("--")}
    # --help is said of all commands at once; --limit and the like stand with what they limit.
    assert options <= set(re.findall(r"--[a-z][a-z0-9-]+", README)), (
        "an option of upgrade that the README does not name"
    )
    for path in re.findall(r"\]\(([^):]+)\)|srcset=\"([^\"]+)\"|src=\"([^\"]+)\"", README):
        assert (ROOT / "".join(path)).exists(), path


def test_python_of_the_readme_is_typed(tmp_path: Path) -> None:
    """What the README teaches passes mypy --strict."""
    file = tmp_path / "show.py"
    file.write_text(the_block("show.py").text)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
