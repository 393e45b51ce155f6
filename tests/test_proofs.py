"""Proofs: they fail when something is wrong, and say where."""

from __future__ import annotations

import shutil

import pytest

from keepalived_upgrade.conf.reader import parse
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.plan import Result
from keepalived_upgrade.proofs.names import prove_names
from keepalived_upgrade.proofs.run import interfaces_of
from keepalived_upgrade.proofs.syntax import check_syntax, prove_scripts
from keepalived_upgrade.releases import Release


def config(text: bytes) -> Config:
    return Config(parse(text), Release(2, 2, 7), "/k.conf")


@pytest.mark.parametrize(
    ("path", "text", "good"),
    [
        ("/x", b"#!/bin/sh\ncase $1 in a) ;; esac\n", True),
        ("/x", b"#!/bin/sh\ncase $1 in a) ;;\n", False),
        ("/x", b"#!/bin/bash\nif [[ $1 == a ]]; then :; fi\n", True),
        ("/x", b"#!/usr/bin/env bash\nif [[ $1 == a ]]; then\n", False),
        ("/x.sh", b"if\n", False),
        ("/x", b"#!/usr/bin/python3\nprint('x')\n", True),
        ("/x.py", b"print 'x'\n", True),
        ("/x.py", b"if x\n", False),
        ("/x.py", b"x = '\0'\n", False),
    ],
)
def test_scripts_are_checked_by_their_own_grammar(path: str, text: bytes, good: bool) -> None:
    assert (check_syntax(path, text) == "") is good
    proof = prove_scripts({path: text})
    assert (proof.result is Result.PASSED) is good
    assert good or path in proof.detail


def test_a_script_that_nothing_here_can_check_is_said_to_be_unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    perl, shell = b"#!/usr/bin/perl\n", b"#!/bin/sh\n:\n"
    assert prove_scripts({"/p": perl}).result is Result.NOT_MADE
    assert "/p" in prove_scripts({"/p": perl, "/s": shell}).detail
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert check_syntax("/s", shell) is None


def test_a_script_that_did_not_parse_before_either_is_said_to_be_unchecked() -> None:
    old, new = b"#!/bin/sh\nnames=(GW)\nif\n", b"#!/bin/sh\nnames=(GW_v4)\nif\n"
    proof = prove_scripts({"/s": new}, {"/s": old})
    assert (proof.result, proof.detail) == (Result.NOT_MADE, "nothing here can check /s")
    assert prove_scripts({"/s": new}, {"/s": b"#!/bin/sh\n:\n"}).result is Result.FAILED
    assert prove_scripts({"/s": new}, {}).result is Result.FAILED


def test_a_name_left_behind_in_a_script_fails_the_proof() -> None:
    before, after = config(b"vrrp_instance GW {\n}\n"), config(b"vrrp_instance GW_v4 {\n}\nvrrp_instance GW_v6 {\n}\n")
    stale = b'#!/bin/sh\n[ "$2" = GW ] && echo yes\n'
    proof = prove_names([before], [after], {"/x.sh": stale})
    assert proof.result is Result.FAILED
    assert "/x.sh:2 tests GW" in proof.detail
    assert prove_names([before], [after], {"/x.sh": stale.replace(b"GW", b"GW_v4")}).result is Result.PASSED
    assert prove_names([before], [before], {"/x.sh": stale}).result is Result.PASSED


def test_a_script_that_takes_too_long_to_read_leaves_the_proof_not_made() -> None:
    before, after = config(b"vrrp_instance GW {\n}\n"), config(b"vrrp_instance GW_v4 {\n}\nvrrp_instance GW_v6 {\n}\n")
    endless = b"#!/bin/sh\ncase $2 in GW) a;; esac\n" + b"[A]=2)\n" * 9300
    proof = prove_names([before], [after], {"/x.sh": endless})
    assert proof.result is Result.NOT_MADE
    assert proof.detail == "what takes too long to read may test a name that goes away: /x.sh"
    assert prove_names([before], [after], {"/x.sh": endless.replace(b"GW", b"LAN")}).result is Result.PASSED
    stale = b'#!/bin/sh\n[ "$2" = GW ] && echo yes\n'
    assert prove_names([before], [after], {"/x.sh": endless, "/y.sh": stale}).result is Result.FAILED


def test_stand_ins_are_made_for_every_interface_a_configuration_names() -> None:
    text = b"""vrrp_instance A {
    interface eth0
    track_interface {
        eth1 weight 5
    }
    virtual_ipaddress {
        192.0.2.1/24 dev eth2 label eth2:1
    }
}
"""
    assert set(interfaces_of([config(text)])) == {b"eth0", b"eth1", b"eth2"}
