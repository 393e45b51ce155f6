"""Where a script of Python, 2 or 3, mentions a name. No libcst here: this is asked of every script."""

from __future__ import annotations

import re

from keepalived_upgrade.dependents.mentions import Names, mention_pattern


def python_mentions(names: Names) -> re.Pattern[bytes]:
    r"""Give the expression that finds any old name as a word of its own, and after an escape as in `\bGW\b`, `\nGW`.

    The letter of an escape is no part of the name, although it stands right before it.
    """
    either = b"|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(mention_pattern(names).pattern + rb"|(?<=\\[A-Za-z])(?:" + either + rb")(?![A-Za-z0-9_])")
