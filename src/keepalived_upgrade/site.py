"""The site: the files under review on one host, each read once. Everything stays inside the root."""

from __future__ import annotations

import contextlib
import errno
import fnmatch
import hashlib
import os
import posixpath
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

from keepalived_upgrade.errors import InputError
from keepalived_upgrade.inside import Files, list_folder

MOST_BYTES = 64 * 1024 * 1024
_MOST_LINKS = 40
_MOST_MATCHES = 10_000
_MOST_LISTED = 100_000
_WILD = re.compile(r"[*?\[]")


@dataclass(slots=True)
class Site:
    """root: the folder that stands for `/`. config: path of the main file as the host sees it.

    config_id: what `@id` conditions are compared with. texts: what was read. Only `read` touches the disk's content.
    leads: where scripts lead to, which is asked several times in one run: path → its text, and paths.
    """

    root: str
    config: str
    config_id: bytes = b""
    texts: dict[str, bytes] = field(default_factory=dict)
    leads: dict[str, tuple[bytes, tuple[str, ...]]] = field(default_factory=dict, repr=False, compare=False)
    _folders: dict[str, str] = field(default_factory=dict)
    _globs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _files: Files = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._files = Files(self.root)

    @classmethod
    def open(cls, path: str | os.PathLike[str], root: str | os.PathLike[str] = "/", config_id: str = "") -> Site:
        """Open a host by its configuration.

        path: the configuration as the host sees it; a path that exists only outside the root and lies below it is
        taken as inside. config_id: the node's (`-i`); the node name up to its first dot when empty and root is `/`.
        Raises InputError when the file is missing, no regular file, unreadable or over 64 MiB.
        """
        folder = Path(root).resolve()
        if not folder.is_dir():
            raise InputError("the root is no directory", path=str(root), cure="Give the folder that holds etc/.")
        site = cls(str(folder), _inside(os.fspath(path), str(folder)), _config_id(config_id, str(folder)))
        kind = site.kind(site.config)
        shown = site.outer(site.config)
        if kind in ("missing", "outside"):
            raise InputError(
                "there is no such file" if kind == "missing" else "the path leads outside the root",
                path=shown,
                cure="Give the path of keepalived.conf as the host sees it, and --root for a copy of a host.",
            )
        if kind in ("directory", "other"):
            raise InputError("this is no regular file", path=shown, cure="Give the path of keepalived.conf.")
        try:
            site.read(site.config)
        except OSError as error:
            raise InputError(
                f"the file cannot be read: {error.strerror or error}",
                path=shown,
                cure="Run as a user who can read it (files over 64 MiB are refused).",
            ) from error
        return site

    def outer(self, path: str) -> str:
        """Give where a path of the host lies on this machine, no link followed."""
        return f"{self.root}/{path.lstrip('/')}" if self.root != "/" else path

    def inside(self, path: str) -> str:
        """Give a path as the host sees it; one that lies below the root on this machine is taken as such."""
        return _inside(path, self.root)

    def read(self, path: str) -> bytes:
        """Give the bytes of a file, from memory when it was read before. Raises OSError."""
        folder, _, name = path.rpartition("/")
        known_folder = self._folders.get(folder)
        if known_folder is not None and name not in ("", ".", ".."):
            here = f"{known_folder}/{name}"
            text = self.texts.get(here)
            if text is not None:
                return text
            try:
                text = self.texts[here] = self._files.read(here, MOST_BYTES)
            except OSError:
                pass  # a link, which is refused here and resolved below, or nothing
            else:
                return text
        real = self.resolve(path)
        if real is None:
            raise FileNotFoundError(2, "No such file inside the root", path)
        known = self.texts.get(real)
        if known is None:
            known = self.texts[real] = self._files.read(real, MOST_BYTES)
        return known

    def read_if_there(self, path: str) -> bytes | None:
        """Give the bytes of a regular file, or None."""
        try:
            return self.read(path)
        except OSError:
            return None

    def peek(self, path: str, most: int) -> bytes:
        """Give the bytes of a file of at most so many, without keeping them: nothing of the plan rests on them.

        Raises OSError.
        """
        real = self.resolve(path)
        if real is None:
            raise FileNotFoundError(2, "No such file inside the root", path)
        known = self.texts.get(real)
        return self._files.read(real, most) if known is None else known

    def hashes(self) -> tuple[tuple[str, str], ...]:
        """Give (path, SHA-256) of everything read so far, in order of path."""
        return tuple((path, hashlib.sha256(text).hexdigest()) for path, text in sorted(self.texts.items()))

    def modes(self) -> tuple[tuple[str, int], ...]:
        """Give (path, mode) of everything read so far that is still there, in order of path."""
        found = []
        for path in sorted(self.texts):
            with contextlib.suppress(OSError):
                found.append((path, os.lstat(self.outer(path)).st_mode))
        return tuple(found)

    def globs(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Give (pattern, matches) of every include pattern looked up so far, in order of pattern."""
        return tuple(sorted(self._globs.items()))

    def exists(self, path: str) -> bool:
        """Tell whether there is anything at the path, links followed inside the root."""
        return self.resolve(path) is not None

    def is_executable(self, path: str) -> bool:
        """Tell whether the path is a regular file with an x bit."""
        return self.kind(path) == "executable"

    def resolve(self, path: str) -> str | None:
        """Give the path with every link followed inside the root; None when it leads nowhere or in a circle."""
        folder, _, name = path.rpartition("/")
        known = self._folders.get(folder)
        # Thousands of scripts stand in a few folders: each is resolved once.
        if known is not None and name not in ("", ".", ".."):
            return self._resolve(f"{known}/{name}", known)
        real = self._resolve(path, "")
        if real is not None and name not in ("", ".", "..") and (above := self._resolve(folder, "")) is not None:
            self._folders[folder] = above.rstrip("/")
        return real

    def _resolve(self, path: str, known: str) -> str | None:
        """known: what the path begins with and is resolved already."""
        parts = [part for part in path[len(known) :].split("/") if part]
        done = known.split("/")[1:] if known else []
        links = 0
        while parts:
            part = parts.pop(0)
            if part == ".":
                continue
            if part == "..":
                done = done[:-1]
                continue
            here = "/" + "/".join([*done, part])
            try:
                mode = os.lstat(self.outer(here)).st_mode
            except (OSError, ValueError):
                return None
            if not stat.S_ISLNK(mode):
                done.append(part)
                continue
            links += 1
            if links > _MOST_LINKS:
                return None
            target = str(Path(self.outer(here)).readlink())
            parts = [p for p in target.split("/") if p] + parts
            if target.startswith("/"):
                done = []
        return "/" + "/".join(done)

    def kind(self, path: str) -> str:
        """Give "file", "executable" (a regular file with an x bit), "directory", "other" or "missing"."""
        real = self.resolve(path)
        if real is None:
            return "missing"
        mode = Path(self.outer(real)).lstat().st_mode
        if stat.S_ISDIR(mode):
            return "directory"
        if not stat.S_ISREG(mode):
            return "other"
        return "executable" if mode & 0o111 else "file"

    def is_link(self, path: str) -> bool:
        """Tell whether the last part of a path is a symbolic link, in whatever folder its other parts lead to."""
        folder, _, name = path.rpartition("/")
        above = self.resolve(folder or "/")
        return above is not None and Path(self.outer(posixpath.join(above, name))).is_symlink()

    def status(self, path: str) -> os.stat_result | None:
        """Give mode and owner of what stands at the path, links followed inside the root; None where nothing does."""
        real = self.resolve(path)
        try:
            return Path(self.outer(real)).lstat() if real is not None else None
        except OSError:
            return None

    def glob(self, pattern: bytes, folder: str) -> list[str]:
        """Give the paths of the host that match a pattern of wildcards, sorted. Links are followed inside the root.

        What a pattern matched before it matches again. Raises OSError when it leads to more than 10,000 paths or
        through more than 100,000 names.
        """
        text = os.fsdecode(pattern)
        path = posixpath.normpath(text if text.startswith("/") else posixpath.join(folder, text))
        if path not in self._globs:
            self._globs[path] = tuple(self._matches(path))
        return list(self._globs[path])

    def _matches(self, pattern: str) -> list[str]:
        found, listed = [""], 0
        for part in pattern.strip("/").split("/"):
            if not _WILD.search(part):
                found = [f"{path}/{part}" for path in found]
                continue
            longer: list[str] = []
            for path in found:
                real = self.resolve(path or "/")
                names = list_folder(self.root, real) if real is not None else []
                listed += len(names)
                visible = names if part.startswith(".") else [name for name in names if not name.startswith(".")]
                longer += [f"{path}/{name}" for name in fnmatch.filter(visible, part)]
                if listed > _MOST_LISTED or len(longer) > _MOST_MATCHES:
                    raise OSError(errno.E2BIG, "too many files and folders", pattern)
            found = longer
        return sorted(path for path in found if self.exists(path) or self.is_link(path))


def _inside(path: str, root: str) -> str:
    absolute = os.path.abspath(path)  # noqa: PTH100 - no link may be followed before the root is known
    if root == "/":
        return absolute
    below = absolute.startswith(root + "/")
    return absolute[len(root) :] if below else posixpath.normpath("/" + path.lstrip("/"))


def _config_id(config_id: str, root: str) -> bytes:
    if config_id or root != "/":
        return os.fsencode(config_id)
    return os.fsencode(os.uname().nodename.split(".")[0])
