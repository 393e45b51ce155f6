"""What is no shell and no Python: how a name stands there, what to write instead, and the few things rewritten.

Everywhere the instance GW has become GW_v4 and GW_v6, and VI_1 is WAN.
"""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from keepalived_upgrade.dependents import other_yaml
from keepalived_upgrade.dependents.follow import follow_file, language_of
from keepalived_upgrade.dependents.other_code import LANGUAGES
from keepalived_upgrade.dependents.other_lexer import tokens
from keepalived_upgrade.edits import Edit, apply_edits
from keepalived_upgrade.findings import Finding, Severity

NAMES = {b"GW": (b"GW_v4", b"GW_v6"), b"VI_1": (b"WAN",)}
KEPT = {b"GW": (b"GW", b"GW_v6")}

PERL, RUBY, PHP, LUA, JS = "/k/n.pl", "/k/n.rb", "/k/n.php", "/k/n.lua", "/k/n.js"
UNIT, CRON, SUDO = "/etc/systemd/system/x.service", "/etc/cron.d/x", "/etc/sudoers.d/x"
NRPE, ROTATE, MONIT = "/etc/nagios/nrpe.cfg", "/etc/logrotate.d/x", "/etc/monit/conf.d/x"
YAML, JSON, TOML, INI, SETTINGS = "/k/x.yml", "/k/x.json", "/k/x.toml", "/k/x.ini", "/etc/default/x"

# file | its text | form | severity | what the cure says
SAID = [
    # Perl
    (PERL, "if ($n eq 'GW') { up(); }", "perl/comparison", "decision", "`($n eq 'GW_v4' or $n eq 'GW_v6')`"),
    (PERL, 'if ($n ne "GW") { up(); }', "perl/comparison", "decision", '`($n ne "GW_v4" and $n ne "GW_v6")`'),
    (PERL, "up() if 'GW' eq $n;", "perl/comparison", "decision", "`('GW_v4' eq $n or 'GW_v6' eq $n)`"),
    (PERL, "up() if $n eq 'VI_1';", "perl/comparison", "decision", "`$n eq 'WAN'`"),
    (PERL, "up() if $s->{name} eq 'GW' && $x;", "perl/comparison", "decision", "`($s->{name} eq 'GW_v4' or"),
    (PERL, "up() unless $ARGV[1] eq 'GW';", "perl/comparison", "decision", "`($ARGV[1] eq 'GW_v4' or $ARGV[1] eq"),
    (PERL, "up() if shift eq 'GW';", "perl/comparison", "decision", "Make the test accept GW_v4 and GW_v6"),
    (PERL, "up() if $a . $n eq 'GW';", "perl/comparison", "decision", "Make the test accept GW_v4 and GW_v6"),
    (PERL, "up() if !$n eq 'GW';", "perl/comparison", "decision", "Make the test accept"),
    (PERL, "up() if $n eq 'GW' . $x;", "perl/comparison", "decision", "Make the test accept"),
    (PERL, "my %t = (GW => 1, LAN => 2);", "perl/key", "decision", "an entry of its own"),
    (PERL, "my %t = ('GW' => 1);", "perl/key", "decision", "an entry of its own"),
    (PERL, "$t{GW}++;", "perl/key", "decision", "Look up the name at hand"),
    (PERL, "$t->{'GW'}++;", "perl/key", "decision", "Look up the name at hand"),
    (PERL, "for (qw(GW LAN)) { up($_) }", "perl/list", "decision", "`GW_v4 GW_v6`"),
    (PERL, "for (qw/GW LAN/) { up($_) }", "perl/list", "decision", "`GW_v4 GW_v6`"),
    (PERL, "up() if $n =~ /^GW$/;", "perl/expression", "decision", "`^(GW_v4|GW_v6)$`"),
    (PERL, "up() if $n =~ m{^(GW|LAN)$}x;", "perl/expression", "decision", "`^(GW_v4|GW_v6|LAN)$`"),
    (PERL, "up() if $n =~ /^GW\\s/;", "perl/expression", "decision", "Make it match GW_v4 and GW_v6"),
    (PERL, "up() if $n =~ /GW/;", "perl/expression", "info", "Nothing need be done"),
    (PERL, "my $i = 'GW';", "perl/value", "decision", "Follow what uses it"),
    (PERL, "system('/x', 'GW');", "perl/list", "decision", "call it for each"),
    (PERL, "open F, '>/run/GW.state';", "perl/text", "review", "by hand"),
    (PERL, "print 'GW is up';", "perl/message", "info", "by hand"),
    (PERL, "print <<E;\n GW\nE\n", "perl/text", "review", "by hand"),
    (PERL, "up(); # GW", "perl/comment", "info", "Reword"),
    (PERL, "=pod\n\nGW\n\n=cut\nup();", "perl/comment", "info", "Reword"),
    (PERL, "1;\n__END__\nGW\n", "perl/text", "review", "by hand"),
    # Ruby
    (RUBY, 'up if n == "GW"\n', "ruby/comparison", "decision", '`(n == "GW_v4" || n == "GW_v6")`'),
    (RUBY, "up if @name != 'GW'\n", "ruby/comparison", "decision", "`(@name != 'GW_v4' && @name != 'GW_v6')`"),
    (RUBY, "up if ARGV[1] == 'GW' and x\n", "ruby/comparison", "decision", "`(ARGV[1] == 'GW_v4' ||"),
    (RUBY, "case n\nwhen 'GW' then up\nend", "ruby/case", "decision", "`'GW_v4', 'GW_v6'`"),
    (RUBY, "case n\nwhen 'LAN', 'GW'\n up\nend", "ruby/case", "decision", "`'GW_v4', 'GW_v6'`"),
    (RUBY, "T = { GW: 1 }", "ruby/key", "decision", "an entry of its own"),
    (RUBY, "T = { 'GW' => 1 }", "ruby/key", "decision", "an entry of its own"),
    (RUBY, "x = :GW\n", "ruby/symbol", "decision", "Make what uses it take"),
    (RUBY, "%w[GW LAN].include?(n)", "ruby/list", "decision", "`GW_v4 GW_v6`"),
    (RUBY, "up if n =~ /\\AGW\\z/", "ruby/expression", "decision", "Make it match"),
    (RUBY, "up if n =~ %r{^GW$}", "ruby/expression", "decision", "`^(GW_v4|GW_v6)$`"),
    (RUBY, 'puts "GW is #{s}"', "ruby/message", "info", "by hand"),
    (RUBY, "x = <<~E\n  GW\nE\n", "ruby/text", "review", "by hand"),
    (RUBY, "=begin\nGW\n=end\n", "ruby/comment", "info", "Reword"),
    # PHP
    (PHP, "<?php if ($n === 'GW') {}", "php/comparison", "decision", "`($n === 'GW_v4' || $n === 'GW_v6')`"),
    (PHP, "<?php if ('GW' !== $n) {}", "php/comparison", "decision", "`('GW_v4' !== $n && 'GW_v6' !== $n)`"),
    (PHP, "<?php switch ($n) { case 'GW': up(); }", "php/case", "decision", "`'GW_v4': case 'GW_v6'`"),
    (PHP, "<?php $t = ['GW' => 1];", "php/key", "decision", "an entry of its own"),
    (PHP, "<?php $t['GW']++;", "php/key", "decision", "Look up the name at hand"),
    (PHP, "<?php preg_match('/^GW$/', $n);", "php/expression", "decision", "`^(GW_v4|GW_v6)$`"),
    (PHP, "<?php in_array($n, ['GW', 'LAN']);", "php/list", "decision", "`'GW_v4', 'GW_v6'`"),
    (PHP, "<?php echo 'GW is up';", "php/message", "info", "by hand"),
    (PHP, "<b>GW</b><?php up();", "php/text", "review", "by hand"),
    (PHP, "<?php up(); ?>\nGW <?= $x ?>", "php/text", "review", "by hand"),
    (PHP, "<?php # GW\nup(); // GW", "php/comment", "info", "Reword"),
    (PHP, "<?php $x = <<<'E'\nGW\nE;\n", "php/text", "review", "by hand"),
    # Lua
    (LUA, "if n == 'GW' then up() end", "lua/comparison", "decision", "`(n == 'GW_v4' or n == 'GW_v6')`"),
    (LUA, 'if n ~= "GW" then up() end', "lua/comparison", "decision", '`(n ~= "GW_v4" and n ~= "GW_v6")`'),
    (LUA, "t = { GW = 1 }", "lua/key", "decision", "an entry of its own"),
    (LUA, "t = { ['GW'] = 1 }", "lua/key", "decision", "an entry of its own"),
    (LUA, "t.GW = 1", "lua/member", "review", "by hand"),
    (LUA, "if n:match('^GW$') then up() end", "lua/expression", "decision", "Make it match"),
    (LUA, "x = [==[ GW ]==]", "lua/text", "review", "by hand"),
    (LUA, "up() -- GW", "lua/comment", "info", "Reword"),
    (LUA, "--[[\n GW\n]] up()", "lua/comment", "info", "Reword"),
    # JavaScript
    (JS, "if (n === 'GW') up();", "javascript/comparison", "decision", "`(n === 'GW_v4' || n === 'GW_v6')`"),
    (JS, "if (a.n != 'GW' || x) up();", "javascript/comparison", "decision", "`(a.n != 'GW_v4' && a.n != 'GW_v6')`"),
    (JS, 'switch (n) { case "GW": up(); }', "javascript/case", "decision", '`"GW_v4": case "GW_v6"`'),
    (JS, "const t = { GW: 1 };", "javascript/key", "decision", "an entry of its own"),
    (JS, "const t = { 'GW': 1 };", "javascript/key", "decision", "an entry of its own"),
    (JS, "t.GW();", "javascript/member", "review", "by hand"),
    (JS, "if (/^GW$/.test(n)) up();", "javascript/expression", "decision", "`^(GW_v4|GW_v6)$`"),
    (JS, "['LAN', 'GW'].includes(n)", "javascript/list", "decision", "`'GW_v4', 'GW_v6'`"),
    (JS, "console.log(`GW is ${s}`);", "javascript/message", "info", "by hand"),
    (JS, "const x = { n: 'GW' };", "javascript/value", "decision", "Follow what uses it"),
    (JS, "l.filter(n => n === 'GW')", "javascript/comparison", "decision", "`(n === 'GW_v4' || n === 'GW_v6')`"),
    (PERL, "foo(<<A, <<'B', 'x');\na\nA\nGW\nB\nup();\n", "perl/text", "review", "by hand"),
    (PERL, "foo(<<A, 'x');\na 'b\nA\nup() if $n eq 'GW';\n", "perl/comparison", "decision", "`($n eq 'GW_v4' or"),
    (PERL, "my $x = $#l / 2; up() if $n eq 'GW'; $y / 2;", "perl/comparison", "decision", "`($n eq 'GW_v4' or"),
    (PERL, "s/\"/x/g; up() if $n eq 'GW'; # \"", "perl/comparison", "decision", "`($n eq 'GW_v4' or"),
    (PERL, "$n =~ s{'}\n {GW}; up(); # '", "perl/text", "review", "by hand"),
    (PERL, "$n =~ /a\n ' # it's\n/x; up() if $n eq 'GW';", "perl/comparison", "decision", "`($n eq 'GW_v4' or"),
    (PERL, "$x = $a / 2;\nup() if $n eq 'GW' / 1;", "perl/comparison", "decision", "Make the test accept"),
    (PERL, "x" * 192 + ".\n      $n eq 'GW';", "perl/comparison", "decision", "Make the test accept"),
    (PERL, "x" * 191 + ";\n      $n eq 'GW';", "perl/comparison", "decision", "`($n eq 'GW_v4' or"),
    (PERL, "use constant line 'GW';", "perl/mention", "review", "by hand"),
    (PERL, "sub y { 1 } up() if $n eq 'GW';", "perl/comparison", "decision", "`($n eq 'GW_v4' or"),
    (PERL, "foo(q(a 'GW", "perl/text", "review", "by hand"),
    (PHP, "GW\n", "php/text", "review", "by hand"),
    (JS, "return n + 'GW';", "javascript/mention", "review", "by hand"),
    (JS, "/* GW */ up(); // GW", "javascript/comment", "info", "Reword"),
    # YAML
    (YAML, "instance: GW\n", "yaml/value", "review", "make an entry for each of GW_v4 and GW_v6"),
    (YAML, "instances:\n  - GW\n  - LAN\n", "yaml/item", "review", "List GW_v4 and GW_v6"),
    (YAML, "vips:\n  GW: {prio: 1}\n", "yaml/key", "review", "an entry of its own"),
    (YAML, "text: 'see GW'\n", "yaml/text", "review", "by hand"),
    (YAML, "x: 1 # GW\n", "yaml/comment", "info", "Reword"),
    (YAML, "x: &GW 1\ny: *GW\n", "yaml/mention", "review", "by hand"),
    (YAML, "x: [\n GW\n", "text/mention", "review", "by hand"),
    (YAML, "- expr: count(x{iname=\"GW\"})\n", "prometheus/expression", "review", '`iname=~"GW_v4|GW_v6"`'),
    (YAML, "- expr: absent(x{iname=\"GW\"})\n", "prometheus/expression", "review", "mend what the expression makes"),
    (YAML, "- expr: x{iname=\"GW\"} * on(vrid) y\n", "prometheus/expression", "review", '`iname=~"GW_v4|GW_v6"`'),
    (YAML, "- expr: sum by (vrid) (x{iname=\"GW\"})\n", "prometheus/expression", "review", "two series"),
    (YAML, "- expr: x{iname=~\"G.|GW\\\\d\"}\n", "prometheus/expression", "review", "a matcher of GW_v4 and GW_v6"),
    (YAML, "- expr: x{iname=~\"(?i)GW\"}\n", "prometheus/expression", "review", "a matcher of"),
    (YAML, "- record: a\n  expr: x{iname=\"GW\"}\n", "prometheus/expression", "review", "two series"),
    (YAML, "- expr: x{name=\"GW\"}\n", "yaml/text", "review", "by hand"),
    (YAML, "- labels: {iname: GW}\n", "yaml/value", "review", "an entry for each"),
    (YAML, "- summary: 'x{iname=\"GW\"} fired'\n", "yaml/text", "review", "by hand"),
    # JSON, TOML, INI, settings
    (JSON, '{"a": [{"b": "GW"}]}', "json/value", "review", "GW_v4 and GW_v6"),
    (JSON, '{"a": {"GW": 1}}', "json/key", "review", "a member of its own"),
    (JSON, '{"expr": "x{iname=\\"GW\\"}"}', "json/expression", "review", '`iname=~\\"GW_v4|GW_v6\\"`'),
    (JSON, '{"expr": "count(x{iname=\\"GW\\"})"}', "json/expression", "review", '`iname=~\\"GW_v4|GW_v6\\"`'),
    (JSON, '["see GW"]', "json/text", "review", "by hand"),
    (JSON, "{GW: 1", "json/mention", "review", "by hand"),
    (TOML, '[[inputs.exec]]\ncommands = [\n  "/x GW",\n]\n', "toml/text", "review", '`"/x GW_v4", "/x GW_v6"`'),
    (TOML, 'commands = ["/y", "/x GW"]', "toml/text", "review", '`"/x GW_v4", "/x GW_v6"`'),
    (TOML, 'commands = ["/x --password 1 GW"]', "toml/text", "review", "by hand"),
    (UNIT, "[Service]\nExecStop=/x \\\n  a \\\n  b GW\n", "systemd/command", "review", "GW_v6"),
    (TOML, "[vrrp.GW]\n", "toml/section", "review", "a section of its own"),
    (TOML, 'n = "GW" # ours\n', "toml/value", "review", "See what reads it"),
    (INI, "[a]\nGW = 1\n", "ini/key", "review", "a setting of its own"),
    (INI, "[a]\n; GW\n", "ini/comment", "info", "Reword"),
    (INI, "[a]\nx = 1 # GW\n", "ini/comment", "info", "Reword"),
    (SETTINGS, 'export INSTANCE="GW"\n', "environment/value", "review", "See what reads it"),
    (SETTINGS, 'ARGS="-i GW"\n', "environment/text", "review", "by hand"),
    # what the system reads
    (UNIT, "[Service]\nExecStart=/x GW up\n", "systemd/command", "review", "`ExecStart=/x GW_v4 up` and `ExecStart=/x GW_v6 up`"),
    (UNIT, "[Service]\nExecStart=/x GW up\n", "systemd/command", "review", "Type=oneshot"),
    (UNIT, "[Service]\nExecStop=/x \\\n  GW\n", "systemd/command", "review", "GW_v6"),
    (UNIT, "[Unit]\nAfter=a.service vip@GW.service\n", "systemd/unit", "review", "`After=a.service vip@GW_v4.service vip@GW_v6.service`"),
    (UNIT, "[Service]\nEnvironment=I=GW\n", "systemd/value", "review", "make that take GW_v4 and GW_v6"),
    (UNIT, "[Unit]\nDescription=the GW watch\n", "systemd/text", "info", "Reword"),
    (UNIT, "[Path]\nPathExists=/run/GW\n", "systemd/mention", "review", "`PathExists=/run/GW_v6`"),
    ("/etc/systemd/system/keepalived.service.d/x.conf", "[Service]\nExecStartPost=/x GW\n", "systemd/command", "review", "`ExecStartPost=/x GW_v4`"),
    (CRON, "* * * * * root /x INSTANCE GW MASTER\n", "cron/command", "review", "`* * * * * root /x INSTANCE GW_v6 MASTER`"),
    (CRON, "I=GW\n* * * * * root /x $I\n", "cron/value", "review", "make that take"),
    ("/var/spool/cron/crontabs/root", "@reboot /x GW\n", "cron/command", "review", "`@reboot /x GW_v4`"),
    (SUDO, "n ALL=(root) NOPASSWD: /x GW, /y LAN\n", "sudoers/command", "review", "`n ALL=(root) NOPASSWD: /x GW_v4, /x GW_v6, /y LAN`"),
    (SUDO, "Cmnd_Alias V = /z A, /x GW\n", "sudoers/command", "review", "`Cmnd_Alias V = /z A, /x GW_v4, /x GW_v6`"),
    (SUDO, "GW ALL=/x\n", "sudoers/command", "review", "Name GW_v4 and GW_v6 there"),
    (NRPE, "command[vrrp]=/x -i GW\n", "monitoring/command", "review", "`command[vrrp]=/x -i GW_v4`"),
    (NRPE, "command[vrrp]=/x --password k GW\n", "monitoring/command", "review", "Write the line once for each"),
    ("/etc/nagios/o.cfg", "  check_command check_vrrp!GW\n", "monitoring/command", "review", "in an object of its own"),
    ("/etc/icinga2/o.conf", 'object Service "GW" {\n', "monitoring/object", "review", "the whole object"),
    ("/etc/zabbix/zabbix_agentd.d/k.conf", "UserParameter=vrrp[GW],/x GW\n", "monitoring/command", "review", "`UserParameter=vrrp[GW_v4],/x GW_v4`"),
    ("/etc/collectd/collectd.conf", '  Exec "nobody" "/x" "GW"\n', "monitoring/command", "review", '`Exec "nobody" "/x" "GW_v6"`'),
    ("/etc/nagios/o.cfg", "  notes GW\n", "monitoring/mention", "review", "`notes GW_v4`"),
    (ROTATE, "/var/log/vrrp/GW.log {\n weekly\n}\n", "logrotate/path", "review", "`/var/log/vrrp/GW_v4.log /var/log/vrrp/GW_v6.log {`"),
    (ROTATE, "  postrotate /x GW\n", "logrotate/command", "review", "`postrotate /x GW_v4`"),
    (MONIT, 'check program GW with path "/x"\n', "monit/object", "review", "the whole check"),
    (MONIT, "  start program = \"/x GW\"\n", "monit/mention", "review", '`start program = "/x GW_v4"`'),
    # templates
    ("/k/keepalived.conf.j2", "vrrp_instance GW {\n", "template/text", "review", "the next run would undo"),
    ("/k/keepalived.conf.j2", "{% if n == 'GW' %}x{% endif %}", "template/expression", "review", "Make the expression take"),
    ("/k/n.sh.j2", '#!/bin/sh\n[ "$2" = GW ] && up\n', "template/text", "review", "Change the template"),
    ("/k/n.erb", "<% if @n == 'GW' %>", "template/expression", "review", "Make the expression take"),
    ("/k/n.erb", "<%# GW %>", "template/comment", "info", "Reword"),
    ("/k/n.ctmpl", '{{ if eq .n "GW" }}x{{ end }}', "template/expression", "review", "Make the expression take"),
    ("/k/n.tmpl", "{{/* GW */}}", "template/comment", "info", "Reword"),
    ("/r/templates/n.conf", "{# GW #}{{ x }}", "template/comment", "info", "Reword"),
    ("/r/templates/n.conf", "<%= x %> GW", "template/text", "review", "Change the template"),
    ("/r/templates/n.conf", "{{ range .x }} GW {{ end }}", "template/text", "review", "Change the template"),
    ("/k/notes", "GW is the uplink\n", "text/mention", "review", "by hand"),
]  # fmt: skip

# before → after, in a file of rules
REWRITTEN = {
    'record: a\nexpr: up{iname!="GW"}': 'record: a\nexpr: up{iname!~"GW_v4|GW_v6"}',
    'expr: &e !!str up{iname="GW"}': 'expr: &e !!str up{iname=~"GW_v4|GW_v6"}',
    'expr: up{iname="GW"} == 0': 'expr: up{iname=~"GW_v4|GW_v6"} == 0',
    'expr: up{iname="VI_1"} == 0': 'expr: up{iname="WAN"} == 0',
    "expr: up{iname != 'GW'}": "expr: up{iname !~ 'GW_v4|GW_v6'}",
    'expr: up{a="b", iname = "GW"}': 'expr: up{a="b", iname =~ "GW_v4|GW_v6"}',
    "expr: up{iname=`GW`}": "expr: up{iname=~`GW_v4|GW_v6`}",
    "expr: 'up{iname=\"GW\"}'": "expr: 'up{iname=~\"GW_v4|GW_v6\"}'",
    "expr: 'up{iname=''GW''}'": "expr: 'up{iname=~''GW_v4|GW_v6''}'",
    'expr: "up{iname=\\"GW\\"}"': 'expr: "up{iname=~\\"GW_v4|GW_v6\\"}"',
    'expr: "up{iname=\\"\\\n  GW\\"}"': 'expr: "up{iname=~\\"\\\n  GW_v4|GW_v6\\"}"',
    "expr: \"up{iname='GW'}\"": "expr: \"up{iname=~'GW_v4|GW_v6'}\"",
    'expr: |\n  up{iname="GW"}\n    > 1': 'expr: |\n  up{iname=~"GW_v4|GW_v6"}\n    > 1',
    'expr: >-\n  up{\n    iname="GW"\n  }': 'expr: >-\n  up{\n    iname=~"GW_v4|GW_v6"\n  }',
    'expr: up{iname=~"GW|LAN"}': 'expr: up{iname=~"GW_v4|GW_v6|LAN"}',
    'expr: up{iname=~"LAN|GW"}': 'expr: up{iname=~"LAN|GW_v4|GW_v6"}',
    'expr: up{iname=~"(GW|LAN)"}': 'expr: up{iname=~"(GW_v4|GW_v6|LAN)"}',
    'expr: up{iname=~"^GW$"}': 'expr: up{iname=~"^(GW_v4|GW_v6)$"}',
    'expr: up{iname!~"GW|LAN"}': 'expr: up{iname!~"GW_v4|GW_v6|LAN"}',
    'expr: count(up{iname!="GW"})': 'expr: count(up{iname!~"GW_v4|GW_v6"})',
    'expr: sum(up{iname="VI_1"})': 'expr: sum(up{iname="WAN"})',
    'expr: sum by (iname) (up{iname="GW"})': 'expr: sum by (iname) (up{iname=~"GW_v4|GW_v6"})',
    'expr: sum(up{iname="GW"}) without (vrid)': 'expr: sum(up{iname=~"GW_v4|GW_v6"}) without (vrid)',
    'expr: a{iname="GW"} > on(iname) b{iname="GW"}': 'expr: a{iname=~"GW_v4|GW_v6"} > on(iname) b{iname=~"GW_v4|GW_v6"}',
    "match[]: ['{iname=\"GW\"}']": "match[]: ['{iname=~\"GW_v4|GW_v6\"}']",
    'matchers: [ iname="GW", x="y" ]': 'matchers: [ iname=~"GW_v4|GW_v6", x="y" ]',
    'matchers:\n  - iname=~"GW|LAN"\n  - x="y"': 'matchers:\n  - iname=~"GW_v4|GW_v6|LAN"\n  - x="y"',
    '# GW\n\nexpr:   up{iname="GW"}   # GW\nx: ü\n': '# GW\n\nexpr:   up{iname=~"GW_v4|GW_v6"}   # GW\nx: ü\n',
    'x: äöü\nexpr: up{iname="GW"}\n': 'x: äöü\nexpr: up{iname=~"GW_v4|GW_v6"}\n',
    'x: 1\r\nexpr: up{iname="GW"}\r\n': 'x: 1\r\nexpr: up{iname=~"GW_v4|GW_v6"}\r\n',
    'a: 1\n---\nexpr: up{iname="GW"}\n': 'a: 1\n---\nexpr: up{iname=~"GW_v4|GW_v6"}\n',
}  # fmt: skip

# Must give no edit; what is listed with "" must give no finding either.
TRAPS = [
    (PERL, "if ($n eq 'VI_10') {}", ""),
    (PERL, "$GW = 1; up(@GW, %GW);", ""),
    (PERL, "$DNS_VIP eq $GW_x;", ""),
    (RUBY, "x = 'myGW' + 'GW2'", ""),
    (PERL, "up(\"$GW ${GW} $t->{GW_x}\"); s/$GW/x/;", ""),
    (PHP, "<?php up(\"{$x->GW} $GW\");", ""),
    (RUBY, "up \"a #{GW} b\"", ""),
    (JS, "up(`a ${GW} b`)", ""),
    (PHP, "<?php $GW = 1; up($GW);", ""),
    (PHP, "<?php if ($n === 'GWX') {}", ""),
    (YAML, 'expr: up{iname="VI_10"}', ""),
    (YAML, 'expr: up{iname=~"VI_1.|GW_x"}', ""),
    (YAML, 'expr: up{iname=~"GW.*"}', ""),
    (YAML, 'expr: up{iname!~"(GW.+)|GW"}', "prometheus/expression"),
    (YAML, 'expr: up{process="GW"}', "yaml/text"),
    (YAML, "# expr: up{iname=\"GW\"}", "yaml/comment"),
    (YAML, "expr: |\n  # up{iname=\"GW\"}\n  up", "yaml/text"),
    (YAML, 'expr: up{x="{iname=\\"GW\\"}"}', "yaml/text"),
    (YAML, 'expr: label_replace(up{iname="GW"}, "a", "b", "c", "d")', "prometheus/expression"),
    (YAML, 'expr: iname="GW"', "yaml/text"),
    (YAML, 'expr: up{iname=="GW"}', "prometheus/expression"),
    (YAML, 'expr: up{iname=GW}', "yaml/text"),
    (YAML, 'expr: up{iname="my-GW"}', "prometheus/expression"),
    (YAML, 'expr: up{iname=~"^GW|LAN$"}', "prometheus/expression"),
    (YAML, 'expr: up{iname=~"GW("}', "prometheus/expression"),
    (YAML, 'process: GWproxy\ndns: DNS_GW\nn: 42\n', ""),
    (JSON, '{"a": "GWX", "DNS_GW": 1}', ""),
    (UNIT, "[Service]\n# GW\nExecStart=/x GW_v4\n", "systemd/comment"),
    (UNIT, "[Service]\nExecStart=/usr/bin/gw VI_10\n", ""),
    (CRON, "# GW\n", "cron/comment"),
    (SUDO, "#includedir /etc/sudoers.d\n", ""),
    ("/k/n.sh.j2", '#!/bin/sh\n[ "$2" = GW ] && up\n', "template/text"),
    (INI, "[DNS_GW]\nGWX = GW_v4\n", ""),
]  # fmt: skip


def follow(path: str, text: str, names: dict[bytes, tuple[bytes, ...]] = NAMES) -> tuple[str, tuple[Finding, ...]]:
    source = text.encode()
    result = follow_file(path, source, names)
    return apply_edits(source, result.edits).decode(), result.findings


@pytest.mark.parametrize(("path", "text", "form", "severity", "cure"), SAID)
def test_a_mention_is_said_with_its_form_and_cure(path: str, text: str, form: str, severity: str, cure: str) -> None:
    after, findings = follow(path, text)
    assert after == text
    assert {f.id for f in findings} == {f"names/{form}"}
    assert {f.severity for f in findings} == {Severity(severity)}
    assert cure in findings[0].cure
    line = text.encode().split(b"\n")[findings[0].place.line - 1]
    assert line[findings[0].place.column - 1 :].startswith((b"GW", b"VI_1"))


@pytest.mark.parametrize(("before", "after"), REWRITTEN.items())
def test_a_label_matcher_is_rewritten_and_nothing_else(before: str, after: str) -> None:
    rewritten, findings = follow(YAML, before)
    assert rewritten == after
    assert {f.id for f in findings} <= {"names/yaml/comment"}
    again, left = follow(YAML, after)
    assert (again, [f.id for f in left]) == (after, [f.id for f in findings])


@pytest.mark.parametrize(("path", "text", "form"), TRAPS)
def test_a_trap_gives_no_edit(path: str, text: str, form: str) -> None:
    after, findings = follow(path, text)
    assert after == text
    assert [f.id for f in findings] == ([f"names/{form}"] if form else [])


@pytest.mark.parametrize("name", ["vrrp", "42", "eth1", "vips", "iname", "expr", "up"])
def test_an_instance_with_a_common_name_changes_nothing_but_its_matcher(name: str) -> None:
    text = f'groups: [{{rules: [{{expr: \'vrrp_up{{iname="{name}", dev="{name}"}} > 42\'}}]}}]\nmore: {name}x-{name}1\n'
    names = {name.encode(): (b"A_v4", b"A_v6")}
    after, _ = follow(YAML, text, names)
    assert after == text.replace(f'iname="{name}"', 'iname=~"A_v4|A_v6"')


def test_a_name_that_is_kept_gets_the_other_beside_it() -> None:
    assert follow(YAML, 'expr: up{iname="GW"}', KEPT)[0] == 'expr: up{iname=~"GW|GW_v6"}'
    assert follow(YAML, 'expr: up{iname=~"GW|GW_v6"}', KEPT) == ('expr: up{iname=~"GW|GW_v6"}', ())
    _, findings = follow(CRON, "* * * * * root /x GW\n", KEPT)
    assert findings[0].cure == "Keep the line and add `* * * * * root /x GW_v6`."


def test_a_new_name_with_a_dot_is_escaped_as_its_quotes_ask() -> None:
    names = {b"GW": (b"G.4", b"G.6")}
    assert follow(YAML, "expr: up{iname='GW'}", names)[0] == "expr: up{iname=~'G\\\\.4|G\\\\.6'}"
    assert follow(YAML, "expr: up{iname=`GW`}", names)[0] == "expr: up{iname=~`G\\.4|G\\.6`}"
    assert follow(YAML, 'expr: "up{iname=\\"GW\\"}"', names)[0] == 'expr: "up{iname=~\\"G\\\\\\\\.4|G\\\\\\\\.6\\"}"'


@pytest.mark.parametrize("new", ["a b", 'a"b', "a|b", "a: b", "a #b", "a'b"])
def test_a_new_name_that_means_something_else_there_is_left_to_the_operator(new: str) -> None:
    for text in ('expr: up{iname="GW"}', "expr: 'up{iname=~\"GW|LAN\"}'", 'matchers: [iname!~"GW|LAN"]'):
        after, findings = follow(YAML, text, {b"GW": (new.encode(), b"B")})
        assert after == text
        assert [f.id for f in findings] == ["names/prometheus/expression"]


def test_all_matchers_of_an_expression_are_rewritten_or_none() -> None:
    text = 'expr: a{iname!="GW"} + count(b{iname="GW"})'
    after, findings = follow(YAML, text)
    assert after == text
    assert [f.id for f in findings] == ["names/prometheus/expression"]
    assert '`iname!~"GW_v4|GW_v6"` and `iname=~"GW_v4|GW_v6"`' in findings[0].cure


def test_a_file_too_large_for_the_reader_is_searched_by_line() -> None:
    text = "x: y\n" * 120_000 + 'expr: up{iname="GW"}\n'
    after, findings = follow(YAML, text)
    assert after == text
    assert [(f.id, f.place.line) for f in findings] == [("names/text/mention", 120_001)]


def test_an_edit_that_would_change_another_value_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'expr: up{iname="GW"}\nx: y\n'
    for wrong in (b'": x', b'a"}\nz: 1\nw: {"', b'a"}\nz: 1\nx: "'):
        monkeypatch.setattr(other_yaml, "_spelled", lambda new, style, wrong=wrong: wrong)
        after, findings = follow(YAML, text)
        assert after == text
        assert [f.id for f in findings] == ["names/yaml/text"]


def test_the_text_is_read_again_before_an_edit_of_yaml_is_believed() -> None:
    source = b"a: b\nc: d\n"
    before = other_yaml.read_scalars(source)
    assert before is not None

    def fits(start: int, end: int, new: bytes) -> bool:
        return other_yaml._changes_nothing_else(source, before, [Edit("/x", start, end, new, "m", "r")])

    assert fits(3, 4, b"x")
    assert not fits(0, 1, b"x")  # a key
    assert not fits(3, 9, b"b\nc: x")  # over two values
    assert not fits(3, 4, b"[")
    assert not fits(3, 4, b"{x: y}")
    assert not fits(3, 4, b"'x'")


def test_a_record_of_many_mentions_is_not_listed_line_by_line() -> None:
    _, findings = follow("/k/history", "GW up\n" * 250)
    assert len(findings) == 201
    assert (findings[200].id, findings[200].place.line) == ("names/text/many", 201)
    assert "on 49 lines after it" in findings[200].message


def test_json_is_walked_however_deep_it_is() -> None:
    text = '{"a":' * 5000 + '["x", "GW"]' + "}" * 5000
    _, findings = follow(JSON, text)
    assert [f.id for f in findings] == ["names/json/value"]


def test_the_way_to_a_key_is_told() -> None:
    _, findings = follow(YAML, "groups:\n- rules:\n  - labels: {iname: GW}\n")
    assert "(groups[0].rules[0].labels.iname)" in findings[0].message
    _, findings = follow(JSON, '{"a": [1, {"b": ["x", "GW"]}]}')
    assert "(a[1].b[1])" in findings[0].message
    _, findings = follow(TOML, '[[inputs.exec]]\ncommands = [\n  "/x GW",\n]\n')
    assert "inputs.exec.commands" in findings[0].message
    assert findings[0].place.line == 3


@pytest.mark.parametrize(
    ("path", "source", "language"),
    [
        ("/x", b"#!/usr/bin/perl -w\n", "perl"),
        ("/x", b"#!/usr/bin/env ruby\n", "ruby"),
        ("/x", b"#!/usr/bin/php7.4\n", "php"),
        ("/x", b"<?php\n", "php"),
        ("/x", b"#!/usr/bin/lua5.3\n", "lua"),
        ("/x", b"#!/usr/bin/env node\n", "javascript"),
        ("/x.sh", b"#!/usr/bin/perl\n", "perl"),
        ("/x.j2", b"#!/bin/sh\n", "template"),
        ("/x.py.erb", b"", "template"),
        ("/x/templates/y.sh", b"#!/bin/sh\n{{ x }}\n", "template"),
        ("/x/templates/y.sh", b"#!/bin/sh\n", "shell"),
        ("/x.yaml", b"run: |\n  if [ x ]\n  fi\n", "yaml"),
        ("/etc/crontab", b"", "cron"),
        ("/etc/cron.daily/x", b"#!/bin/sh\n", "shell"),
        ("/var/spool/cron/root", b"", "cron"),
        ("/etc/sudoers", b"", "sudoers"),
        ("/etc/default/keepalived", b"export A=1\n", "environment"),
        ("/etc/sysconfig/keepalived", b"", "environment"),
        ("/etc/systemd/system/k.service.d/o.conf", b"", "systemd"),
        ("/etc/telegraf/telegraf.d/x.conf", b"", "toml"),
        ("/etc/zabbix/zabbix_agentd.conf", b"", "monitoring"),
        ("/etc/nrpe.d/x", b"", "monitoring"),
        ("/etc/monitrc", b"", "monit"),
        ("/etc/logrotate.d/x", b"", "logrotate"),
        ("/etc/munin/plugin-conf.d/x", b"", "ini"),
        ("/x.conf", b"[a]\nb = c\n", "ini"),
        ("/x", b"#!/usr/bin/awk -f\n", "text"),
        ("/x", b"hello\n", "text"),
        ("/x", b"case $1 in\n  x) ;;\nesac\n", "shell"),
    ],
)
def test_the_language_is_told_by_shebang_ending_and_place(path: str, source: bytes, language: str) -> None:
    assert language_of(path, source) == language


PATHS = (PERL, RUBY, PHP, LUA, JS, UNIT, CRON, SUDO, NRPE, ROTATE, MONIT, YAML, JSON, TOML, INI, SETTINGS, "/k/x.j2", "/k/x.erb")  # fmt: skip
PIECES = st.sampled_from(
    [
        *(
            "GW",
            " ",
            "\n",
            "'",
            '"',
            "`",
            "{",
            "}",
            "(",
            ")",
            "[",
            "]",
            "=",
            "==",
            "=~",
            "!=",
            "eq",
            ",",
            ":",
            "#",
            "//",
        ),
        *("/*", "*/", "--", "--[[", "]]", "<<E", "E\n", "<?php", "?>", "qw(", "m{", "/", "\\", "$", "%w[", "{{", "}}"),
        *("<%", "%>", "- ", "expr: ", 'up{iname="GW"}', "iname", "|", ">", "&", "*", "\r\n", "=cut\n", "\n=pod\n", "ü"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=120), st.lists(PIECES, max_size=25).map(lambda parts: "".join(parts).encode())))
def test_any_bytes_in_any_language_give_findings_and_edits_that_can_be_made(source: bytes) -> None:
    for path in PATHS:
        result = follow_file(path, source, NAMES)
        apply_edits(source, result.edits)
        assert not result.edits or path == YAML
        assert all(0 < f.place.line <= source.count(b"\n") + 1 for f in result.findings)
    for language in LANGUAGES:
        assert all(t.start <= t.body_start <= t.body_end <= t.end <= len(source) for t in tokens(source, language))


VALUES = st.sampled_from(
    ["up", "GW", 'up{iname="GW"} > 1', "a{iname=~'GW|LAN'}", "x: y", 'sum(up{iname="GW"})', "it's", "#"]
)
TREES = st.recursive(
    VALUES | st.integers() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["expr", "GW", "for", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(TREES, st.sampled_from(["|", ">", "'", '"', None]), st.booleans())
def test_any_yaml_is_equal_elsewhere_after_the_edits(tree: object, style: str | None, flow: bool) -> None:
    before = yaml.safe_dump(tree, default_style=style, default_flow_style=flow, allow_unicode=True)
    after, _ = follow(YAML, before)

    def expected(value: object, under_expr: bool = False) -> object:
        if isinstance(value, dict):
            return {key: expected(inner, key == "expr") for key, inner in value.items()}
        if isinstance(value, list):
            return [expected(inner, under_expr) for inner in value]
        if under_expr and isinstance(value, str) and not value.startswith("sum"):
            return value.replace('="GW"', '=~"GW_v4|GW_v6"').replace("'GW|", "'GW_v4|GW_v6|")
        return value

    assert yaml.safe_load(after) == expected(yaml.safe_load(before))


def test_a_program_in_a_language_that_is_not_read_is_a_decision_on_each_line() -> None:
    source = b'#!/bin/csh\n# GW\nif ("$2" == "GW") then\n  ip link set wan0 up\nendif\n'
    found = follow_file("/etc/keepalived/notify", source, {b"GW": (b"GW_v4", b"GW_v6")})
    assert [(f.id, f.severity, f.place.line) for f in found.findings] == [
        ("names/text/comment", Severity.INFO, 2),
        ("names/text/mention", Severity.DECISION, 3),
    ]
