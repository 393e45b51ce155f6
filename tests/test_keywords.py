"""Keyword tables: what they say, and that they say what the facts beside the checkout say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keepalived_upgrade.conf.reader import parse
from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.model.keywords import is_lost, keywords_of, path_of, value_blocks
from keepalived_upgrade.releases import Release, parse_release
from keepalived_upgrade.site import Site

FACTS = Path(__file__).resolve().parents[2] / "shared/facts/keywords.json"


def test_a_release_between_two_tables_is_read_by_the_lower_one() -> None:
    assert keywords_of(Release(2, 2, 3)) == keywords_of(Release(2, 2, 0))
    assert keywords_of(Release(1, 0, 0)) == keywords_of(Release(1, 2, 2))
    assert keywords_of(Release(9, 0, 0)) == keywords_of(Release(2, 4, 3))


def test_known_lost_and_value_blocks() -> None:
    tree = parse(b"virtual_server 192.0.2.1 80 {\n    nat_mask 255.255.255.0\n    delay_loop 6\n}\n")
    mask, loop = tree.statements[0].children
    assert path_of(mask) == (b"virtual_server", b"nat_mask")
    assert is_lost(mask, Release(1, 2, 13), Release(2, 2, 7))
    assert not is_lost(loop, Release(1, 2, 13), Release(2, 2, 7))
    assert not is_lost(mask, Release(1, 2, 13), Release(1, 2, 19))
    assert (b"vrrp_instance", b"track_interface") in value_blocks()


def test_a_keyword_that_the_target_lost_is_a_finding_on_its_line(tmp_path: Path) -> None:
    (tmp_path / "k").write_bytes(b"global_defs {\n    plugin_dir /x\n    router_id a\n    nonsense\n}\n")
    plan = upgrade(Site.open("/k", root=tmp_path), Release(1, 2, 13), Release(2, 2, 7), daemon="")
    assert [(f.id, f.place.line) for f in plan.findings] == [("keywords/lost", 2)]
    same = upgrade(Site.open("/k", root=tmp_path), Release(2, 2, 7), Release(2, 2, 7), daemon="")
    assert same.findings == ()


@pytest.mark.skipif(not FACTS.exists(), reason="the facts do not lie beside this checkout")
def test_the_tables_say_what_the_facts_say() -> None:
    def paths(nodes: list[dict[str, Any]], above: tuple[bytes, ...]) -> Iterator[tuple[bytes, ...]]:
        for node in nodes:
            path = (*above, node["keyword"].encode())
            yield path
            yield from paths(node.get("children", []), path)

    for name, nodes in json.loads(FACTS.read_text()).items():
        if name.startswith("v"):
            assert keywords_of(parse_release(name)) == set(paths(nodes, ())), name
