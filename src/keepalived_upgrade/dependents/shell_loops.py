"""Loops over names (`for i in GW LAN`): where one name may become several without anything running twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.mentions import Names
from keepalived_upgrade.dependents.shell_steps import Step, change, instead_of, refuse
from keepalived_upgrade.dependents.shell_tree import case_patterns, literal_value, respell, show, text_of, walk
from keepalived_upgrade.dependents.shell_variables import only_compared, variable_comparisons, variable_of

if TYPE_CHECKING:
    from tree_sitter import Node

_MAY_BE_ANOTHER = "it may be called so for another reason"


def loop_words(loop: Node) -> list[tuple[Node, bytes]]:
    """Give the literal words that a `for` runs over, with what they say."""
    words = [(word, literal_value(word)) for word in loop.children_by_field_name("value")]
    return [(word, value) for word, value in words if value is not None]


def loop_steps(root: Node, loop: Node, names: Names) -> Iterator[Step]:
    """Give what becomes of each old name that a `for` lists itself."""
    words = loop_words(loop)
    present = {value for _, value in words}
    for word, old in words:
        new = names.get(old, ())
        if not new:
            continue
        why = reason_against(root, loop, len(new) > 1)
        if why is None:
            spelled = [respell(word, old, name) for name in instead_of(old, new, present)]
            yield change(word, b" ".join(spelled), old)
        elif not (old in new and present >= set(new)):
            doubt = "with several in its place it would do more than before" if len(new) > 1 else _MAY_BE_ANOTHER
            yield refuse(
                word,
                f"is a name that a loop runs over, and {doubt}: {why}",
                "List the new names in the loop by hand where each is meant, then accept this finding.",
            )


def reason_against(root: Node, loop: Node, several: bool) -> str | None:
    """Say why a word of a `for` must stay: `for s in haproxy nginx; do systemctl restart $s` lists no instances."""
    if several:
        return reason_against_more(root, loop)
    name = loop.child_by_field_name("variable")
    if name is None or only_compared(root, text_of(name)):
        return None
    return f"{show(text_of(name))} is used for more than to be compared"


def reason_against_more(root: Node, loop: Node) -> str | None:
    """Say why a `for` must not get more words; None where it only compares a word, and acts on a match alone.

    Then a word more is a comparison more, which fails for every input that it is not meant for. The loop's exit status
    is that of its last round, so something must follow that does not ask for it.
    """
    name, body = loop.child_by_field_name("variable"), loop.child_by_field_name("body")
    if name is None or body is None:
        return "it cannot be told what it does"
    if not _status_is_unused(loop):
        return "its exit status, which is that of its last round, is used or ends what it stands in"
    if not only_compared(root, text_of(name)):
        return f"{show(text_of(name))} is used for more than to be compared"
    compared = [c for c in variable_comparisons(body, text_of(name)) if c.operator in (b"=", b"==")]
    tests = {c.container.start_byte for c in compared}
    statements = [child for child in body.named_children if child.type != "comment"]
    if not all(_acts_on_a_match(statement, text_of(name), tests) for statement in statements):
        return "it also acts on words that do not match"
    if _changes(body, {variable_of(c.other) for c in compared}):
        return "it changes what it compares with"
    return None


def _status_is_unused(loop: Node) -> bool:
    following = loop.next_named_sibling
    while following is not None and following.type == "comment":
        following = following.next_named_sibling
    parents = ("program", "compound_statement", "if_statement", "do_group", "case_item")
    if following is None or loop.parent is None or loop.parent.type not in parents:
        return False
    # `exit` and `return` alone hand on the status of the loop.
    asked = b"$?" in text_of(following) or text_of(following) in (b"exit", b"return")
    return following.type not in ("else_clause", "elif_clause", "case_item") and not asked


def _acts_on_a_match(statement: Node, name: bytes, tests: set[int]) -> bool:
    """`[ x = "$i" ] && …`, `if [ x = "$i" ]; then … fi` without an else, `case x in $i) … esac`."""
    if statement.type == "list":
        first = statement
        while first.type == "list":
            if not any(child.type == "&&" for child in first.children):
                return False
            first = first.children[0]
        return first.type == "test_command" and first.start_byte in tests
    if statement.type == "if_statement":
        condition = statement.child_by_field_name("condition")
        alone = not any(child.type in ("else_clause", "elif_clause") for child in statement.children)
        single = len(statement.children_by_field_name("condition")) <= 2  # the condition and its `;`
        return alone and single and condition is not None and condition.start_byte in tests
    if statement.type == "case_statement":
        items = [child for child in statement.children if child.type == "case_item"]
        patterns = [pattern for item in items for pattern in case_patterns(item)]
        return len(patterns) == 1 and variable_of(patterns[0]) == name
    return False


def _changes(body: Node, variables: set[bytes | None]) -> bool:
    """Tell whether the loop sets what it compares, so that a later round could see another value."""
    for node in walk(body):
        if node.type == "variable_assignment" and text_of(node.children[0]) in variables:
            return True
        if node.type == "command_name" and text_of(node) in (b"shift", b"set", b"read", b"eval", b".", b"source"):
            return True
    return False
