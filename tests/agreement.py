"""Print how far the effect model agrees with what built releases did: `python tests/agreement.py [CATEGORY]`.

Without a category: the table by category and release. With one: every disagreement in it.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from probe_categories import CATEGORIES
from probes import Observation, observations, predict


@dataclass(frozen=True, slots=True)
class Verdict:
    """One observation in one category. seen, said: what was compared."""

    category: str
    observation: Observation
    seen: Any
    said: Any

    @property
    def agrees(self) -> bool:
        """Whether the model said what was seen."""
        return bool(self.seen == self.said)


def verdicts() -> Iterator[Verdict]:
    """Give every comparison."""
    for observation in observations():
        effect = predict(observation.probe, observation.release)
        for category, compare in CATEGORIES.items():
            pair = compare(observation, effect)
            if pair is not None:
                yield Verdict(category, observation, *pair)


def table(found: list[Verdict]) -> str:
    """Give the table: a row for each build, a column for each category, in hundredths; the sums last."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    builds = sorted({v.observation.build for v in found}, key=lambda b: (b.removeprefix("debian-").split("."), b))
    builds.sort(key=lambda b: ([int(p) for p in b.removeprefix("debian-").split(".")], b))
    for verdict in found:
        for build in (verdict.observation.build, "all"):
            for category in (verdict.category, "all"):
                sums[build, category][0] += verdict.agrees
                sums[build, category][1] += 1
    names = [*CATEGORIES, "all"]
    lines = [" " * 14 + "".join(f"{name:>18}" for name in names)]
    for build in (*builds, "all"):
        cells = [sums[build, name] for name in names]
        shown = (f"{right / of:>7.2%} {right:>5}/{of:<4}" if of else "–" for right, of in cells)
        lines.append(f"{build:<14}" + "".join(f"{cell:>18}" for cell in shown))
    return "\n".join(lines)


def main() -> None:
    """Print the table, or the disagreements of a category."""
    found = list(verdicts())
    if len(sys.argv) < 2:
        print(table(found))
        return
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for verdict in found:
        if not verdict.agrees and sys.argv[1] in (verdict.category, "all"):
            key = (
                verdict.category,
                verdict.observation.probe,
                f"seen {verdict.seen!r:.300} said {verdict.said!r:.300}",
            )
            groups[key].append(verdict.observation.build)
    for (category, probe, what), builds in sorted(groups.items()):
        print(f"{category}: {probe} [{' '.join(builds)}]\n    {what}")


if __name__ == "__main__":
    main()
