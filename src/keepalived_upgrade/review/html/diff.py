"""The changes of every file: hunks with their reasons, and lines that serve both layouts.

Each line stands in the page once. `del` and `ins` lines that belong together share a `.run`, which the style sheet
lays out one below the other or in two columns; line numbers are attributes, so that they are never copied along.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, groupby

from keepalived_upgrade.plan import FileChange, Plan
from keepalived_upgrade.review.html.markup import Html, h, join
from keepalived_upgrade.review.html.texts import count, path_code, quoting, slug
from keepalived_upgrade.review.hunks import Hunk, Line, hunks_of
from keepalived_upgrade.review.marks import mark_words
from keepalived_upgrade.review.masking import clean, mask, show

# A file with more lines of diff than this begins closed; beyond the second the patch must be read instead.
FOLDED = 400
MOST = 20_000
# From so many lines on the browser lays out a file when it comes near; until then readers of the screen miss nothing.
LARGE = 3_000


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file with its hunks. anchor: its id in the page. shown: how many of the hunks the page has room for.

    added, removed: how many lines.
    """

    change: FileChange
    anchor: str
    hunks: tuple[Hunk, ...]
    shown: int
    added: int
    removed: int

    @property
    def path(self) -> str:
        """The path as it may be shown."""
        return clean(self.change.path)

    @property
    def is_new(self) -> bool:
        """Whether the plan creates it."""
        return self.change.before is None

    @property
    def size(self) -> int:
        """How many lines its hunks have."""
        return sum(len(hunk.lines) for hunk in self.hunks)

    def hunk_anchor(self, number: int) -> str:
        """Give the id of a hunk, counted from 1; that of the file where the hunk is not shown."""
        return f"{self.anchor}.{number}" if number <= self.shown else self.anchor

    def anchor_of_line(self, line: int) -> str:
        """Give the id of the hunk that shows a line of the old text, or of the file."""
        for number, hunk in enumerate(self.hunks, 1):
            if hunk.old_start <= line < hunk.old_start + hunk.old_count:
                return self.hunk_anchor(number)
        return self.anchor


def shown_files(plan: Plan) -> tuple[ShownFile, ...]:
    """Give the files of a plan with their hunks."""
    return tuple(_shown(change, f"file-{number}") for number, change in enumerate(plan.files, 1))


def changes_section(files: tuple[ShownFile, ...]) -> Html:
    """Give the section with every file's diff."""
    body: Html = join(_file(file) for file in files) if files else h("p", "No file changes.")
    return h(
        "section",
        h("h2", "Changes", id="changes-title"),
        h("div", body, id="files"),
        h("div", id="by-migration", hidden=True),
        id="changes",
        class_="large" if sum(file.size for file in files) > LARGE else None,
        aria_labelledby="changes-title",
    )


def migrations_section(plan: Plan, files: tuple[ShownFile, ...]) -> Html | None:
    """Give the table of what made changes, in the order of running, with links; None where nothing changes."""
    order = {migration: number for number, migration in enumerate(plan.ran)}
    found: dict[str, list[tuple[ShownFile, int, str]]] = {}
    for file in files:
        for number, hunk in enumerate(file.hunks, 1):
            for migration, reason in hunk.because:
                found.setdefault(migration, []).append((file, number, reason))
    if not found:
        return None
    rows = (
        h(
            "tr",
            h("th", path_code(migration), scope="row", id=slug("migration", migration)),
            h("td", _reasons([reason for _, _, reason in places])),
            h("td", _links(places)),
        )
        for migration, places in sorted(found.items(), key=lambda item: (order.get(item[0], len(order)), item[0]))
    )
    head = h("tr", *(h("th", title, scope="col") for title in ("Migration", "Why", "Where")))
    table = h("table", h("caption", "What changes, by migration"), h("thead", head), h("tbody", rows))
    return h(
        "section",
        h("h2", "Migrations", id="migrations-title"),
        h("div", table, class_="table"),
        id="migrations",
        aria_labelledby="migrations-title",
    )


def change_counts(file: ShownFile) -> Html:
    """Give `+3 −1`, with words for who cannot see it."""
    return h(
        "span",
        h("span", f"+{file.added}", class_="added", aria_hidden="true"),
        h("span", f"−{file.removed}", class_="removed", aria_hidden="true"),
        h("span", f"{count(file.added, 'line')} added, {count(file.removed, 'line')} removed", class_="unseen"),
        class_="counts",
    )


def _shown(change: FileChange, anchor: str) -> ShownFile:
    hunks = hunks_of(change)
    marks = [line.mark for hunk in hunks for line in hunk.lines]
    sizes = accumulate(len(hunk.lines) for hunk in hunks)
    shown = sum(size <= MOST for size in sizes)
    return ShownFile(change, anchor, hunks, shown, marks.count(b"+"), marks.count(b"-"))


def _reasons(reasons: list[str]) -> Html:
    different = list(dict.fromkeys(reasons))
    more = f" … and {count(len(different) - 3, 'more reason')}" if len(different) > 3 else ""
    return join((h("p", quoting(reason)) for reason in different[:3]), h("p", more, class_="quiet") if more else None)


def _links(places: list[tuple[ShownFile, int, str]]) -> Html:
    links = dict.fromkeys((file, number) for file, number, _ in places)
    shown = [
        h(
            "li",
            h("a", path_code(f"{file.path}:{file.hunks[number - 1].new_start}"), href=f"#{file.hunk_anchor(number)}"),
        )
        for file, number in list(links)[:12]
    ]
    more = h("li", f"… and {len(links) - 12} more", class_="quiet") if len(links) > 12 else None
    return h("ul", shown, more, class_="plain")


def _file(file: ShownFile) -> Html:
    change = file.change
    mode = f"new, mode {change.mode:04o}, {clean(change.owner)}:{clean(change.group)}" if file.is_new else None
    heading = h(
        "summary",
        h("h3", path_code(file.path), id=f"{file.anchor}-title"),
        h("span", mode, class_="tag new") if mode else None,
        change_counts(file),
    )
    return h(
        "details",
        heading,
        _hunks(file),
        class_="file",
        id=file.anchor,
        open=file.size <= FOLDED,
        data_path=file.path,
    )


def _hunks(file: ShownFile) -> Iterator[Html]:
    for number, hunk in enumerate(file.hunks[: file.shown], 1):
        yield _hunk(file, number, hunk)
    left = len(file.hunks) - file.shown
    if left:
        yield h("p", f"{count(left, 'more change')} of this file: too many for a page; see --patch.", class_="note")


def _hunk(file: ShownFile, number: int, hunk: Hunk) -> Html:
    anchor = file.hunk_anchor(number)
    start = hunk.new_start if file.is_new else hunk.old_start
    size = hunk.new_count if file.is_new else hunk.old_count
    where = f"Line {start}" if size <= 1 else f"Lines {start} to {start + size - 1}"
    return h(
        "article",
        h(
            "header",
            h("h4", where, id=f"{anchor}-title"),
            h("ul", _why(hunk), class_="why"),
        ),
        h("div", _lines(hunk), class_="code"),
        class_="hunk",
        id=anchor,
        tabindex=-1,
        aria_labelledby=f"{file.anchor}-title {anchor}-title",
        data_migration=", ".join(dict.fromkeys(migration for migration, _ in hunk.because)),
    )


def _why(hunk: Hunk) -> Iterator[Html]:
    """Each migration once, with all its reasons."""
    reasons: dict[str, list[str]] = {}
    for migration, reason in hunk.because:
        reasons.setdefault(migration, []).append(reason)
    for migration, several in reasons.items():
        link = h("a", path_code(migration), href=f"#{slug('migration', migration)}")
        yield h("li", link, ([" ", h("span", quoting(reason))] for reason in several))


def _lines(hunk: Hunk) -> Iterator[Html]:
    """Context lines by themselves; removed lines and the added ones in their place in a run."""
    old, new = hunk.old_start, hunk.new_start
    for changed, group in groupby(hunk.lines, key=lambda line: line.mark != b" "):
        lines = list(group)
        if not changed:
            for line in lines:
                yield h("div", _code(*_text(line)), class_="c", data_o=old, data_n=new)
                old, new = old + 1, new + 1
            continue
        run = _run(lines, old, new)
        old += sum(line.mark == b"-" for line in lines)
        new += sum(line.mark == b"+" for line in lines)
        yield h("div", run, class_="run")


def _run(lines: list[Line], old: int, new: int) -> Iterator[Html]:
    # Blocks that meet come as -, +, -, +: sorting keeps the order on each side, which is all that a diff says.
    removed = [_text(line) for line in lines if line.mark == b"-"]
    added = [_text(line) for line in lines if line.mark == b"+"]
    pairs = len(removed) == len(added)
    for index, (text, ending) in enumerate(removed):
        yield h("del", _code(text, ending, added[index][0] if pairs else ""), data_o=old + index)
    for index, (text, ending) in enumerate(added):
        yield h("ins", _code(text, ending, removed[index][0] if pairs else ""), data_n=new + index)


def _code(text: str, ending: str, other: str = "") -> Html:
    parts = mark_words(text, other) if other else [(text, False)]
    shown = [h("mark", part) if marked else part for part, marked in parts]
    return h("code", shown, h("span", ending, class_="end") if ending else None)


def _text(line: Line) -> tuple[str, str]:
    """Give a line as it may be shown, and what is to be said of its end."""
    text = line.text
    if text.endswith(b"\r\n"):
        return mask(show(text[:-2])), "^M"
    if text.endswith(b"\n"):
        return mask(show(text[:-1])), ""
    return mask(show(text)), " (no line break at the end)"
