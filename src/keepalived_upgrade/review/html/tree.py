"""The changed files as a tree of folders; a folder that holds one folder only shares its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from keepalived_upgrade.review.html.diff import ShownFile, change_counts
from keepalived_upgrade.review.html.markup import Html, h


@dataclass(slots=True)
class _Folder:
    folders: dict[str, _Folder] = field(default_factory=dict)
    files: list[tuple[str, ShownFile]] = field(default_factory=list)


def file_tree(files: tuple[ShownFile, ...]) -> Html:
    """Give the tree, each file a link to its changes."""
    top = _Folder()
    for file in files:
        *folders, name = file.path.split("/")
        here = top
        for folder in folders:
            here = here.folders.setdefault(folder, _Folder())
        here.files.append((name, file))
    return h("ul", _items(top), class_="tree")


def _items(folder: _Folder) -> Iterator[Html]:
    # Not recursive below the folders that share a line; a path has at most 4096 bytes, so the rest is shallow enough.
    for name, inner in folder.folders.items():
        path = [name]
        while len(inner.folders) == 1 and not inner.files:
            ((deeper, inner),) = inner.folders.items()
            path.append(deeper)
        label = h("summary", h("code", "/".join(path) + "/"))
        yield h("li", h("details", label, h("ul", _items(inner)), open=True))
    for name, file in folder.files:
        sign = h("span", "new", class_="tag new") if file.is_new else None
        link = h("a", h("code", name), href=f"#{file.anchor}")
        yield h("li", link, sign, change_counts(file), class_="leaf", data_file=file.anchor)
