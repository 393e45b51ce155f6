"""A host with one of everything that may hold a name: each mention is rewritten or reported, none is passed over."""

from __future__ import annotations

from pathlib import Path

from keepalived_upgrade import Choices, Plan, Release, Site, upgrade
from keepalived_upgrade.findings import Severity

CONFIG = """vrrp_sync_group G {
    group {
        GW
    }
    notify "/etc/keepalived/group.sh GW MASTER"
}
vrrp_script chk {
    script "/etc/keepalived/chk.sh NAME=GW"
    interval 2
}
vrrp_instance GW {
    interface lan0
    virtual_router_id 5
    virtual_ipaddress {
        192.0.2.1/24
        2001:db8::1/64
    }
    notify_master "/etc/keepalived/master.sh GW MASTER"
    notify_backup "/etc/keepalived/master.sh NAME=GW GW.up"
    notify /etc/keepalived/notify.sh
} #end vrrp_instance GW
"""
TEST = '#!/bin/sh\n[ "$2" = GW ] && act\n'
# path → text; the scripts and the rule are rewritten, all others are reported.
REWRITTEN = {
    "etc/keepalived/notify.sh": TEST,
    "etc/keepalived/master.sh": TEST.replace("$2", "$1"),
    "etc/keepalived/group.sh": TEST.replace("$2", "$1"),
    "etc/init.d/keepalived": '#!/bin/sh\ncase "$1" in GW) start ;; esac\n',
    "etc/prometheus/rules.d/k.yml": 'groups:\n- name: k\n  rules:\n  - expr: vrrp_state{iname="GW"} != 1\n',
}
REPORTED = {
    "etc/systemd/system/keepalived.service.d/x.conf": "[Service]\nEnvironment=INSTANCE=GW\n",
    "etc/systemd/system/vrrp@GW.service": "[Service]\nExecStart=/usr/bin/true keepalived GW\n",
    "etc/default/keepalived": "INSTANCE=GW\n",
    "etc/cron.d/vrrp": "* * * * * root /usr/local/bin/check-vrrp GW\n",
    "etc/sudoers.d/keepalived": "nagios ALL=(root) NOPASSWD: /usr/local/bin/vrrp-state GW\n",
    "etc/logrotate.d/keepalived": "/var/log/keepalived-GW.log {\n    weekly\n}\n",
    "etc/monit/conf.d/keepalived": "check file state with path /run/vrrp.GW\n",
    "etc/nagios/nrpe.d/k.cfg": "command[check_vrrp]=/usr/lib/nagios/plugins/check_keepalived GW\n",
    "etc/icinga2/conf.d/k.conf": 'object Service "vrrp" {\n  vars.keepalived_instance = "GW"\n}\n',
    "etc/zabbix/zabbix_agentd.d/k.conf": "UserParameter=vrrp.state[*],/usr/local/bin/keepalived-state GW\n",
    "etc/telegraf/telegraf.d/k.conf": '[[inputs.exec]]\n  commands = ["/usr/local/bin/keepalived GW"]\n',
    "etc/collectd/collectd.conf.d/k.conf": '<Plugin exec>\n  Exec "u" "/x/keepalived" "GW"\n</Plugin>\n',
    "etc/keepalived/a.pl": '#!/usr/bin/perl\nif ($ARGV[1] eq "GW") { print 1 }\n',
    "etc/keepalived/a.rb": '#!/usr/bin/ruby\nif ARGV[1] == "GW" then puts 1 end\n',
    "etc/keepalived/a.php": '<?php if ($argv[1] == "GW") { echo 1; }\n',
    "etc/keepalived/a.lua": 'if arg[2] == "GW" then print(1) end\n',
    "etc/keepalived/a.js": 'if (process.argv[3] === "GW") { x(); }\n',
    "etc/keepalived/a.yaml": "instances:\n  - GW\n",
    "etc/keepalived/a.json": '{"instance": "GW"}\n',
    "etc/keepalived/a.toml": '[x]\ninstance = "GW"\n',
    "etc/keepalived/a.ini": "[x]\ninstance = GW\n",
    "etc/keepalived/a.j2": 'vrrp_instance {{ x | default("GW") }} {\n',
    "etc/keepalived/a.erb": 'vrrp_instance <%= "GW" %> {\n',
    "etc/keepalived/a.tmpl": 'vrrp_instance {{ if eq .x "GW" }} {\n',
    "etc/keepalived/README": "The instance GW is the gateway.\n",
    "usr/local/bin/vrrp-status": '#!/bin/sh\n# keepalived\n[ "$1" = GW ] && x\n',
}


def plan_for(tmp_path: Path) -> Plan:
    files = {"etc/keepalived/keepalived.conf": CONFIG, "etc/keepalived/chk.sh": "#!/bin/sh\nexit 0\n"}
    for path, text in {**files, **REWRITTEN, **REPORTED}.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        if text.startswith("#!"):
            file.chmod(0o755)
    site = Site.open("/etc/keepalived/keepalived.conf", root=tmp_path)
    return upgrade(site, Release(1, 2, 13), Release(2, 2, 7), Choices(), daemon="")


def test_every_file_is_rewritten_or_reported_with_a_line_and_a_cure(tmp_path: Path) -> None:
    plan = plan_for(tmp_path)
    changed = {change.path.removeprefix("/") for change in plan.files}
    assert changed == {*REWRITTEN, "etc/keepalived/keepalived.conf"}
    reported = [f for f in plan.findings if f.id.startswith("names/") and f.severity is not Severity.INFO]
    assert {f.place.path.removeprefix("/") for f in reported} == set(REPORTED)
    assert all(f.cure and (f.place.line or "called after" in f.message) for f in reported)


def test_every_mention_in_the_configuration_is_rewritten_or_reported(tmp_path: Path) -> None:
    plan = plan_for(tmp_path)
    mine = "/etc/keepalived/keepalived.conf"
    (change,) = (change for change in plan.files if change.path == mine)
    told = {f.place.line for f in plan.findings if f.place.path == mine}
    before = CONFIG.split("\n")
    after = (change.after or b"").decode()
    for line, text in enumerate(before, 1):
        if "GW" in text:
            assert line in told or text not in after.split("\n"), text
    # What stands beside another word may be another name: it stays, and is said.
    assert 'notify_backup "/etc/keepalived/master.sh NAME=GW_v4 GW.up"' in after
    assert before.index('    notify_backup "/etc/keepalived/master.sh NAME=GW GW.up"') + 1 in told
