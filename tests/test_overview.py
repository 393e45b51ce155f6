"""What a configuration sets up, as plain values."""

from __future__ import annotations

from keepalived_upgrade.conf.reader import parse
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.overview import Address, GroupOverview, Hook, InstanceOverview, make_overview
from keepalived_upgrade.releases import Release

TEXT = b"""
vrrp_script chk {
    script "/usr/bin/check -t 3 /etc/list"
}
vrrp_script no_command {
    interval 2
}
vrrp_sync_group G {
    group {
        A B
        C
    }
    notify_master /etc/link
}
vrrp_instance A {
    interface lan0
    virtual_router_id 7
    priority 100
    virtual_ipaddress {
        192.0.2.1/24 dev lan0
        no-address
    }
    virtual_ipaddress_excluded {
        2001:db8::1/64
    }
    track_script {
        chk
        no_command
        unknown weight 3
    }
    notify
    notify "/bin/sh -c 'x'"
}
vrrp_instance {
}
"""


def test_instances_groups_addresses_and_commands_are_told() -> None:
    config = Config(parse(TEXT), Release(2, 2, 7), "/etc/k.conf")
    overview = make_overview(config, {"/etc/link": "/opt/real", "/bin/sh": None}.get)
    assert overview.groups == (
        GroupOverview(b"G", (b"A", b"B", b"C"), (Hook(b"notify_master", b"/etc/link", ("/opt/real",)),)),
    )
    first, nameless = overview.instances
    assert (first.name, first.interface, first.vrid, first.priority) == (b"A", b"lan0", b"7", b"100")
    assert first.addresses == (
        Address(b"192.0.2.1/24 dev lan0", 4),
        Address(b"no-address", None),
        Address(b"2001:db8::1/64", 6, True),
    )
    assert first.hooks == (
        Hook(b"notify", b"/bin/sh -c 'x'", ("/bin/sh",)),
        Hook(b"track_script chk", b"/usr/bin/check -t 3 /etc/list", ("/usr/bin/check", "/etc/list")),
    )
    assert nameless == InstanceOverview(b"", b"", b"", b"", (), ())
