"""The whole upgrade on input that nobody wrote with care: no fault of ours, and every proof of the text holds."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.plan import Result
from keepalived_upgrade.releases import parse_release
from keepalived_upgrade.site import Site

WORDS = st.sampled_from(
    [
        *b"GW VI_1 eth0 51 300 0 -1 1.5 2x 192.0.2.1/24 2001:db8::1/64 fe80::1 label brd dev weight /bin/x MASTER $X ${X} a#b a!b".split(),
        b'"x | y"',
        b'"',
        b"{",
        b"}",
        b"# c",
        b"\\",
        b'"/s.sh GW x"',
        b"",
    ]
)
LINES = st.tuples(
    st.sampled_from(
        b"state interface virtual_router_id priority advert_int native_ipv6 notify notify_master script interval "
        b"lvs_sync_daemon_interface use_vmac auth_pass nb_get_retry global_tracking include $X= @n1 ~SEQ(i,2) version".split()
    ),
    st.lists(WORDS, max_size=3),
).map(lambda t: t[0] + b" " + b" ".join(t[1]))
BLOCKS = st.recursive(
    st.lists(LINES, max_size=4).map(b"\n".join),
    lambda inner: st.tuples(
        st.sampled_from(
            [
                b"vrrp_instance GW",
                b"vrrp_instance VI_1",
                b"vrrp_sync_group G",
                b"group",
                b"virtual_ipaddress",
                b"global_defs",
                b"virtual_ipaddress_excluded",
                b"unicast_peer",
                b"authentication",
                b"HTTP_GET",
                b"url",
                b"vrrp_script c",
                b"track_script",
            ]
        ),
        st.sampled_from([b" {\n", b"\n{\n", b"{\n", b" { "]),
        st.lists(st.one_of(inner, WORDS), max_size=4).map(b"\n".join),
    ).map(lambda t: t[0] + t[1] + t[2] + b"\n}\n"),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(BLOCKS, max_size=4).map(b"".join), st.sampled_from(["1.2.2", "1.2.13", "1.3.9", "2.0.0", "2.1.5"]))
def test_any_configuration_upgrades_without_a_fault_of_ours(text: bytes, source: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "k.conf").write_bytes(text)
        site = Site.open("/k.conf", root=folder)
        plan = upgrade(site, parse_release(source), parse_release("2.4.3"), daemon="")
        assert [f for f in plan.findings if f.id.endswith("/failed")] == []
        assert [p for p in plan.proofs if p.name == "round trip" and p.result is not Result.PASSED] == []
        plan.patch()
        plan.diff()


def test_scripts_given_by_path_are_searched_too(tmp_path: Path) -> None:
    from keepalived_upgrade.findings import Severity

    both = b"vrrp_instance GW {\n    virtual_ipaddress {\n        192.0.2.1\n        fe80::1\n    }\n}\n"
    for path, text in {
        "k.conf": both,
        "opt/a/x.sh": b"#!/bin/sh\n[ $1 = GW ]\n",
        "opt/y.sh": b"#!/bin/sh\ncase $1 in *_v6) ;; esac\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(text)
    (tmp_path / "opt/link.sh").symlink_to("y.sh")
    site = Site.open("/k.conf", root=tmp_path)
    scripts = ["/opt", str(tmp_path / "opt/y.sh"), "/none"]
    plan = upgrade(site, parse_release("1.2.13"), parse_release("2.2.7"), scripts=scripts, daemon="")
    assert [change.path for change in plan.files] == ["/k.conf", "/opt/a/x.sh"]
    assert b"GW_ip6" in plan.files[0].after
    found = {f.id for f in plan.findings if f.severity is not Severity.INFO}
    assert "names/no-such-file" in found
    assert "v1_2_20/mixed_families/other-name" in found
