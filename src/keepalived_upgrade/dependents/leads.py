"""Where a script leads: what it sources, calls, runs or imports. A pass over bytes; nothing is parsed or run.

It gives candidates. One that is no file costs a look; one that is a file and no dependent costs a search for names.
So every rule here may take too much, and none may take too little.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

# Programs of the system, and logs: a log tells of names that were, and nothing reads it to decide.
SYSTEM = (
    *("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/lib/", "/lib64/", "/usr/lib/", "/dev/", "/proc/", "/sys/"),
    *("/var/log/", "/etc/init.d/functions", "/etc/rc.d/init.d/functions"),
)
# The literal byte stands first and the look behind second: so a search skips to the byte, three times as fast.
_ABSOLUTE = re.compile(rb"/(?<![\w$}/.-]/)(?:[\w.+@-]+/)+[\w.+@-]+")
_NEAR = re.compile(rb"\.(?<![\w$}/.-]\.)\.?/[\w./+@-]+")
_SOURCED = re.compile(rb"^[ \t]*(?:\.|source)[ \t]+[\"']?([^\s\"';&|]+)", re.MULTILINE)
_SOURCES = re.compile(
    rb"(?:^|[;&|({!]|\b(?:then|do|else)\b)[ \t]*(?:\.|source)[ \t]+(?:--[ \t]+)?[\"']?([^\s\"';&|)<>]+)", re.MULTILINE
)
_RUN = re.compile(
    rb"(?:(?:exec|sh|bash|dash|ash|ksh|env|sudo|nohup|python[\d.]*|perl|ruby|php\d*|lua[\d.]*|node)[ \t]+"
    rb"(?:-[\w-]+[ \t]+)*){1,4}[\"']?([\w.+@-]+(?:/[\w.+@-]+)*)"
)

# The folder of the script itself, as shells spell it; taken out before variables are looked up.
_SELF = rb"\"?\$(?:0|\{0\}|BASH_SOURCE|\{BASH_SOURCE(?:\[0\])?(?::-\$0)?\})\"?"
_REAL = rb"\"?\$\(\s*(?:readlink[ \t]+-\w+|realpath)[ \t]+(?:--[ \t]+)?" + _SELF + rb"\s*\)\"?"
_DIRNAME = rb"dirname[ \t]+(?:--[ \t]+)?(?:" + _SELF + rb"|" + _REAL + rb")"
_OWN_FOLDER = re.compile(
    rb"\$\(\s*" + _DIRNAME + rb"\s*\)|`\s*" + _DIRNAME + rb"\s*`|\$\{(?:0|BASH_SOURCE(?:\[0\])?)%/\*\}"
)
_CHANGED_INTO = re.compile(
    rb"(?:\$\(|`)\s*(?:CDPATH=\s+)?cd[ \t]+(?:-P[ \t]+)?(?:--[ \t]+)?\"?([\w./+@-]+)\"?[^()`]{0,40}?(?:&&|;)\s*"
    rb"pwd(?:[ \t]+-P)?\s*(?:\)|`)"
)
_REAL_SELF = re.compile(_REAL)
_SET = re.compile(
    rb"^[ \t]*(?:(?:export|readonly|local|declare|typeset)[ \t]+(?:-\w+[ \t]+)*)?"
    rb"([A-Za-z_]\w*)=[\"']?((?:[\w./+@-]|\$\w++|\$\{\w+\})++)[\"']?[ \t]*(?:[;#&]|\r?$)",
    re.MULTILINE,
)
_VARIABLE = re.compile(rb"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))\"?(?=[\w./+@$-]|[\"'\s;)&|])")
_MOST_VALUES = 4
_MOST_DEPTH = 4
_MOST_VARIABLES = 200

_LANGUAGES = re.compile(rb"#!.{0,60}?\b(perl|ruby|php|lua|node|python)")
_ENDINGS = {
    ".pl": "perl",
    ".pm": "perl",
    ".rb": "ruby",
    ".php": "php",
    ".lua": "lua",
    ".js": "node",
    ".mjs": "node",
    ".cjs": "node",
    ".py": "python",
}
_REQUIRED = re.compile(
    rb"\b(?:require_relative|require_once|require|include_once|include|dofile|loadfile|import|from|do|use|lib)\b"
    rb"[\s(]*(?:(?:__DIR__|\$FindBin::Bin)\s*\.\s*)?[\"'](?:\$FindBin::Bin)?([\w./+@-]+)[\"']"
)
_MODULE = re.compile(rb"^[ \t]*(?:use|require)[ \t]+([A-Z]\w*(?:::\w+)*)", re.MULTILINE)
_SUFFIXES = {
    "perl": ("", ".pl", ".pm"),
    "ruby": ("", ".rb"),
    "php": ("", ".php"),
    "lua": ("", ".lua"),
    "node": ("", ".js", ".mjs", ".cjs", "/index.js"),
}
_LITERAL_PATH = re.compile(rb"[\"'](?:/|\$\w+/|\$\{\w+\}/)?([\w+@-][\w+@-]*(?:[./][\w+@-]+)+)[\"']")


def leads_to(path: str, text: bytes) -> Iterator[str]:
    """Give the paths that a script may source, call, run or import, each once. They need not exist."""
    seen: set[str] = set()
    for candidate in _candidates(path, text):
        if candidate not in seen:
            seen.add(candidate)
            if candidate != path and not candidate.startswith(SYSTEM):
                yield candidate


def _candidates(path: str, text: bytes) -> Iterator[str]:
    folder = posixpath.dirname(path)
    language = language_by_look(path, text)
    if language == "python":
        from keepalived_upgrade.dependents.leads_python import python_leads

        yield from python_leads(folder, text)
    elif language:
        yield from _required(folder, text, language)
    for spelled in _expanded(path, folder, text):
        # A script says the same path again and again: it is made once.
        absolute = dict.fromkeys(_ABSOLUTE.findall(spelled))
        near = dict.fromkeys(_SOURCED.findall(spelled) + _RUN.findall(spelled))
        if b"./" in spelled:
            near |= dict.fromkeys(_NEAR.findall(spelled))
        for name in absolute:
            yield _path("/", name)
        for name in near:
            if b"$" not in name:
                yield _path(folder, name)


def language_by_look(path: str, text: bytes) -> str:
    """Give "python", "perl", "ruby", "php", "lua", "node", or "" for a shell or what cannot be told."""
    if text.startswith(b"#!"):
        match = _LANGUAGES.match(text)
        return match.group(1).decode() if match else ""
    return _ENDINGS.get(posixpath.splitext(path)[1], "")


def _expanded(path: str, folder: str, text: bytes) -> Iterator[bytes]:
    """Give the text with the script's own folder and its variables spelled out, once for each of their values."""
    if b"$" not in text and b"`" not in text:
        yield text
        return
    text = _spell_own_folder(path, folder, text)
    for chosen in _choices(text):
        yield _spell(text, chosen) if chosen else text


def _spell_own_folder(path: str, folder: str, text: bytes) -> bytes:
    if b"$0" not in text and b"${0" not in text and b"BASH_SOURCE" not in text:
        return text
    own, whole = folder.encode("utf-8", "surrogateescape"), path.encode("utf-8", "surrogateescape")
    text = _OWN_FOLDER.sub(lambda _: own, text)
    text = _CHANGED_INTO.sub(lambda match: match.group(1), text)
    return _REAL_SELF.sub(lambda _: whole, text)


def _choices(text: bytes) -> Iterator[dict[bytes, bytes]]:
    """Give values for the variables of a script: each of a variable's values stands in one of the dicts."""
    values: dict[bytes, list[bytes]] = {}
    for match in _SET.finditer(text):
        known = values.setdefault(match.group(1), [])
        if match.group(2) not in known and len(known) < _MOST_VALUES:
            known.append(match.group(2))
    if not values or len(values) > _MOST_VARIABLES:
        yield {}
        return
    for turn in range(max(len(known) for known in values.values())):
        yield {name: known[min(turn, len(known) - 1)] for name, known in values.items()}


def sourced_paths(path: str, text: bytes) -> tuple[str, ...]:
    """Give the paths that a shell script may source, each once; too many rather than too few."""
    if not _SOURCES.search(text):
        return ()
    folder = posixpath.dirname(path)
    found = (name for spelled in _expanded(path, folder, text) for name in _SOURCES.findall(spelled))
    return tuple(dict.fromkeys(_path(folder, name) for name in found if b"$" not in name and b"`" not in name))


def path_speller(path: str, text: bytes) -> Callable[[bytes], tuple[str, ...]]:
    """Give the function that tells which paths a word of a shell script says; none where that cannot be told."""
    folder = posixpath.dirname(path)
    choices = list(_choices(_spell_own_folder(path, folder, text)))

    def spell(word: bytes) -> tuple[str, ...]:
        word = _spell_own_folder(path, folder, word)
        spelled = {_spell(word + b" ", dict(chosen)).strip().replace(b'"', b"").replace(b"'", b"") for chosen in choices}
        if any(set(one) & set(b"$`*?[(") for one in spelled):
            return ()
        return tuple(_path(folder, one) for one in sorted(spelled))

    return spell


def _spell(text: bytes, values: dict[bytes, bytes]) -> bytes:
    def value(match: re.Match[bytes]) -> bytes:
        return values.get(match.group(1) or match.group(2), match.group())

    # A value may name further variables: `LIB=$BASE/lib`. Only the values grow in these turns, and are short.
    for _ in range(_MOST_DEPTH):
        grown = {name: _VARIABLE.sub(value, known + b" ")[:1024].rstrip(b" ") for name, known in values.items()}
        if grown == values:
            break
        values.update(grown)
    return _VARIABLE.sub(value, text)


def _required(folder: str, text: bytes, language: str) -> Iterator[str]:
    """What Perl, Ruby, PHP, Lua and JavaScript load, and literals that may name a file beside the script."""
    names = [match.group(1).lstrip(b"/") for match in _REQUIRED.finditer(text)]
    if language == "perl":
        names += [match.group(1).replace(b"::", b"/") for match in _MODULE.finditer(text)]
    if language == "lua":
        names += [name.replace(b".", b"/") for name in names]
    for name in names:
        for suffix in _SUFFIXES[language]:
            for place in (folder, posixpath.join(folder, "lib")):
                yield _path(place, name + suffix.encode())
    yield from literal_paths(folder, text)


def literal_paths(folder: str, text: bytes) -> Iterator[str]:
    """Give quoted words that look like a file, taken as standing beside the script."""
    for match in _LITERAL_PATH.finditer(text):
        yield _path(folder, match.group(1))


def _path(folder: str, name: bytes) -> str:
    return posixpath.normpath(posixpath.join(folder, name.decode("utf-8", "surrogateescape")))
