"""Perl, Ruby, PHP, Lua and JavaScript: nothing is rewritten, and each mention is said with its form and its cure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from keepalived_upgrade.dependents.mentions import Names
from keepalived_upgrade.dependents.other_lexer import Token, tokens
from keepalived_upgrade.dependents.other_mentions import Mention, find_mentions, joined, one_a_line, say, show
from keepalived_upgrade.dependents.regexes import accept_pattern
from keepalived_upgrade.dependents.result import FollowResult
from keepalived_upgrade.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class Language:
    """shown: its name. equal, unequal: its comparison operators. either, both: what joins two of them."""

    shown: str
    equal: bytes
    unequal: bytes
    either: bytes
    both: bytes


LANGUAGES = {
    "perl": Language("Perl", rb"\beq\b|==|~~", rb"\bne\b|!=", b"or", b"and"),
    "ruby": Language("Ruby", rb"===?", rb"!=", b"||", b"&&"),
    "php": Language("PHP", rb"===?", rb"!==?|<>", b"||", b"&&"),
    "lua": Language("Lua", rb"==", rb"~=", b"or", b"and"),
    "javascript": Language("JavaScript", rb"===?", rb"!==?", b"||", b"&&"),
}
# A variable, with its members: what may be said twice without doing anything twice.
# Each byte can be read in one way only (`*+`), or a long run of letters would take for ever.
_OPERAND = rb"[$@]?[A-Za-z_]\w*+(?:(?:->|\.|::)[A-Za-z_]\w*+|(?:->|\.)?(?:\[[$@\w'\"]++\]|\{[$\w'\"]++\}))*+(?![\w(])"
_BEFORE_OPERAND = re.compile(
    rb"(?:\A|[({;,?]|&&|\|\||=>|(?<![=!<>~.])=|\b(?:if|unless|elsif|elseif|while|until|and|or|return|when|then|do|else))\s*\Z"
)
_AFTER_OPERAND = re.compile(rb"\s*(?:\Z|[);{},?]|&&|\|\||(?:and|or|then|do|if|unless)\b)|[ \t]*(?:\r?\n|#|//|--)")
_CASE = re.compile(rb"\b(?:case|when)\s*(?:[^;{}\n]*,\s*)?\Z")
_INDEX = re.compile(rb"[\w)\]}>]\s*(?:->\s*)?[\[{]\s*\Z|\.(?:fetch|key\?|has_key\?|get|has|dig)\(\s*\Z")
_PRINTS = re.compile(
    rb"\b(?:printf?|say|warn|die|carp|croak|confess|puts|echo|error_log|syslog|trigger_error|raise|write|throw"
    rb"|console\.\w+|log(?:ger)?|(?:log(?:ger)?|\$log(?:ger)?)(?:\.|->|::|:)\w+)\b[^;{}]*\Z"
)
_MATCHES = re.compile(
    rb"(?:\bpreg_\w+\(\s*|\bRegExp\(\s*|\bRegexp\.new\(\s*|=~\s*|!~\s*|:g?match\(\s*|:find\(\s*"
    rb"|string\.(?:g?match|find)\([^;\n]*,\s*)\Z"
)
_PHP_DELIMITED = re.compile(rb"(?s)([/#~@!%])(.*)\1\w*")
_INSERTED = {
    **dict.fromkeys(("perl", "php"), re.compile(rb"(?:(?<!\\)[$@]\{?|->|::)\Z")),
    "ruby": re.compile(rb"#\{[^}\"']*\Z"),
    "javascript": re.compile(rb"\$\{[^}\"']*\Z"),
}
_AROUND = 200


def follow_code(path: str, source: bytes, names: Names, language: str) -> FollowResult:
    """Report the mentions of old names in a script; what compares with one must be decided. Raises nothing."""
    return FollowResult((), one_a_line(_Code(path, source, names, language).findings()))


class _Code:
    """One script, its tokens at hand."""

    def __init__(self, path: str, source: bytes, names: Names, language: str) -> None:
        self.path, self.source, self.names, self.id = path, source, names, language
        self.language = LANGUAGES[language]

    def findings(self) -> Iterator[Finding]:
        """Give the finding of every mention that is not a variable of the same name."""
        found = list(find_mentions(self.source, self.names))
        if not found:
            return
        known = tokens(self.source, self.id)
        token = next(known, None)
        for mention in found:
            while token is not None and token.end <= mention.start:
                token = next(known, None)
            inside = token if token is not None and token.start <= mention.start else None
            finding = self._in_token(mention, inside) if inside else self._in_code(mention)
            if finding is not None:
                yield finding

    def _say(self, mention: Mention, form: str, severity: Severity, what: str, cure: str) -> Finding:
        return say(self.path, mention, f"{self.id}/{form}", severity, what, cure)

    def _decide(self, mention: Mention, form: str, what: str, cure: str) -> Finding:
        return self._say(mention, form, Severity.DECISION, what, f"{cure}, then accept this finding.")

    def _is_variable(self, mention: Mention, token: Token) -> bool:
        """Tell whether a text has a variable of the same name put in: `"$GW is up"`, `${GW}`, `#{GW}`."""
        opening = _INSERTED.get(self.id)
        return opening is not None and bool(
            opening.search(self.source, max(token.start, mention.start - _AROUND), mention.start)
        )

    def _in_token(self, mention: Mention, token: Token) -> Finding | None:
        if token.kind == "comment":
            return self._say(mention, "comment", Severity.INFO, "said in a comment", "Reword it if it helps.")
        if token.kind == "words":
            return self._list(mention, b" ".join(mention.new))
        if self._is_variable(mention, token):
            return None
        body = self.source[token.body_start : token.body_end]
        if token.kind == "regex" and mention.start < token.body_end:
            return self._expression(mention, body)
        if token.kind in ("text", "regex"):
            return self._text(mention, "a here-document or text", Severity.REVIEW)
        if body == mention.old:
            return self._literal(mention, token)
        before = self.source[max(0, token.start - _AROUND) : token.start]
        if _MATCHES.search(before):
            inner = _PHP_DELIMITED.fullmatch(body) if self.id == "php" else None
            return self._expression(mention, inner.group(2) if inner else body)
        if _PRINTS.search(before.rpartition(b"\n")[2]):
            return self._text(mention, "a message", Severity.INFO)
        return self._text(mention, "a longer string", Severity.REVIEW)

    def _text(self, mention: Mention, where: str, severity: Severity) -> Finding:
        id = "message" if severity is Severity.INFO else "text"
        return self._say(mention, id, severity, f"said in {where}", "Change it by hand if it names the instance.")

    def _literal(self, mention: Mention, token: Token) -> Finding:
        """A string that is the name and nothing else."""
        # Where the text is cut, a byte that nothing here expects stands for the rest.
        before = self.source[max(0, token.start - _AROUND) : token.start]
        before = b"\0" * (token.start > _AROUND) + before
        after = self.source[token.end : token.end + _AROUND]
        after += b"\0" * (token.end + _AROUND < len(self.source))
        spelled = [
            self.source[token.start : token.body_start] + name + self.source[token.body_end : token.end]
            for name in mention.new
        ]
        compared = self._comparison(mention, before, after, spelled)
        if compared is not None:
            return compared
        if _CASE.search(before):
            return self._case(mention, spelled)
        follows = after.lstrip()
        if follows.startswith(b"=>") or (follows.startswith(b":") and before.rstrip().endswith((b"{", b","))):
            return self._key(mention, "the key of an entry", "Give each new name an entry of its own")
        if before.rstrip().endswith(b"[") and re.match(rb"\]\s*=[^=]", follows) and self.id == "lua":
            return self._key(mention, "the key of an entry", "Give each new name an entry of its own")
        if _INDEX.search(before):
            return self._key(mention, "a key that is looked up", "Look up the name at hand, or make the entry for each")
        before = before.rstrip()
        if before.endswith((b"=", b":")):
            return self._decide(
                mention,
                "value",
                "kept as a value",
                f"Follow what uses it, and make that take {joined(mention.new, 'or')}",
            )
        if before.endswith((b"(", b"[", b",", b"{")):
            return self._list(mention, b", ".join(spelled))
        return self._say(
            mention, "mention", Severity.REVIEW, "a string here", "Change it by hand if it names the instance."
        )

    def _comparison(self, mention: Mention, before: bytes, after: bytes, spelled: list[bytes]) -> Finding | None:
        language = self.language
        operator = rb"(" + language.equal + rb"|" + language.unequal + rb")"
        match = re.search(rb"(?<![=!<>~])" + operator + rb"\s*\Z", before)
        behind = match is not None
        match = match or re.match(rb"\s*" + operator + rb"(?![=~])", after)
        if match is None:
            return None
        unequal = re.fullmatch(language.unequal, match.group(1)) is not None
        glue = b" %s " % (language.both if unequal else language.either)
        if behind:
            operand = self._operand_before(before[: match.start()]) if _AFTER_OPERAND.match(after) else None
            parts = [b"%s %s %s" % (operand or b"", match.group(1), one) for one in spelled]
        else:
            operand = self._operand_after(after[match.end() :]) if _BEFORE_OPERAND.search(before) else None
            parts = [b"%s %s %s" % (one, match.group(1), operand or b"") for one in spelled]
        what = "what a test rules out" if unequal else "what a test asks for"
        if operand is None:
            cure = f"Make the test accept {joined(mention.new, 'and')}"
        elif len(parts) == 1:
            cure = f"Write `{show(parts[0])}`"
        else:
            cure = f"Write `({show(glue.join(parts))})`"
        return self._decide(mention, "comparison", what, cure)

    def _case(self, mention: Mention, spelled: list[bytes]) -> Finding:
        if self.id == "ruby":
            cure = f"Write `{show(b', '.join(spelled))}` in its place"
        else:
            cure = f"Write `{show(b': case '.join(spelled))}` in its place"
        return self._decide(mention, "case", "an arm of a choice", cure)

    def _key(self, mention: Mention, what: str, cure: str) -> Finding:
        return self._decide(mention, "key", what, f"{cure} ({joined(mention.new, 'and')})")

    def _list(self, mention: Mention, spelled: bytes) -> Finding:
        cure = f"Where it is a list of names, write `{show(spelled)}`; where a call is told one name, call it for each"
        return self._decide(mention, "list", "a member of a list or an argument", cure)

    def _expression(self, mention: Mention, body: bytes) -> Finding:
        """A regular expression: what the simple ones accept can be told."""
        accepted = accept_pattern(body, self.names)
        if accepted == body:
            return self._say(
                mention,
                "expression",
                Severity.INFO,
                "matched by an expression that accepts the new names too",
                "Nothing need be done.",
            )
        if accepted is None or self.id == "lua":
            cure = f"Make it match {joined(mention.new, 'and')}, and nothing more than before"
        else:
            cure = f"Write `{show(accepted)}`"
        return self._decide(mention, "expression", "part of a regular expression", cure)

    def _in_code(self, mention: Mention) -> Finding | None:
        """A bare word: a key, a symbol, or something of the program's own that is only called the same."""
        before = self.source[max(0, mention.start - _AROUND) : mention.start]
        after = self.source[mention.end : mention.end + _AROUND].lstrip(b" \t")
        if before.endswith((b"$", b"@", b"%", b"&")) and self.id != "javascript":
            return None
        key = after.startswith(b"=>") or (
            before.rstrip().endswith((b"{", b",")) and re.match(rb":(?!:)|=(?!=)", after) is not None
        )
        if key:
            return self._key(mention, "the key of an entry", "Give each new name an entry of its own")
        if self.id == "perl" and before.endswith(b"{") and after.startswith(b"}") and _INDEX.search(before):
            return self._key(mention, "a key that is looked up", "Look up the name at hand, or make the entry for each")
        if self.id == "ruby" and before.endswith(b":") and not before.endswith(b"::"):
            return self._decide(mention, "symbol", "a symbol", f"Make what uses it take {joined(mention.new, 'and')}")
        if self.id in ("javascript", "lua") and before.endswith(b".") and not before.endswith(b".."):
            what, cure = "a member here", "Change it by hand if it stands for the instance."
            return self._say(mention, "member", Severity.REVIEW, what, cure)
        return self._say(
            mention,
            "identifier",
            Severity.INFO,
            "a word of the program's own here",
            "Nothing need be done, most likely.",
        )

    def _operand_before(self, text: bytes) -> bytes | None:
        """Give the variable that a text ends with, None where more than a variable may be compared."""
        match = re.search(rb"(?<![\w$@.>\])}:])(" + _OPERAND + rb")\s*\Z", text)
        return self._variable(match) if match and _BEFORE_OPERAND.search(text[: match.start()]) else None

    def _operand_after(self, text: bytes) -> bytes | None:
        match = re.match(rb"\s*(" + _OPERAND + rb")", text)
        return self._variable(match) if match and _AFTER_OPERAND.match(text[match.end() :]) else None

    def _variable(self, match: re.Match[bytes]) -> bytes | None:
        """A bare word of Perl or PHP is a call or a constant: `shift eq "GW"`."""
        operand = match.group(1)
        return operand if operand.startswith(b"$") or self.id not in ("perl", "php") else None
