"""The effect proof: what is the release's own becomes a finding, what is ours must be intended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from keepalived_upgrade import engine
from keepalived_upgrade.conf.reader import parse
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.migration import Choices, Context, Migration, MixedChoice, Outcome
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.effect_values import Surroundings
from keepalived_upgrade.plan import Plan, Proof, Result
from keepalived_upgrade.proofs import effect as module
from keepalived_upgrade.proofs.effect import View, look_around, pair_views, prove_effect
from keepalived_upgrade.releases import Release
from keepalived_upgrade.review.markdown import render_markdown
from keepalived_upgrade.review.sarif import render_sarif
from keepalived_upgrade.review.terminal import render_report
from keepalived_upgrade.site import Site

OLD, NEW = Release(1, 2, 13), Release(2, 2, 7)
MAIN = "/etc/keepalived/keepalived.conf"
INSTANCE = b"""vrrp_instance GW {
    state MASTER
    interface lan0
    virtual_router_id 17
    priority 150
    virtual_ipaddress {
        192.0.2.1/24
        2001:db8::1/64
    }
}
"""


def view(old: bytes, new: bytes, source: Release = OLD, target: Release = NEW) -> View:
    def read(text: bytes, release: Release) -> Config:
        return Config(parse(text, release, MAIN), release, MAIN)

    return View(read(old, source), read(old, target), read(new, target))


def prove(
    one: View, changed: tuple[str, ...] = (), findings: tuple[Finding, ...] = (), migrations: tuple[Migration, ...] = ()
) -> module.Outcome:
    return prove_effect((one,), migrations, changed, (), findings, Surroundings(), {})


def migration(id: str, *covers: str) -> Migration:
    return Migration(id, NEW, tuple((name, "1") for name in covers), "vrrp", "reports", "Say.", lambda *_: iter(()))


def plan(tmp_path: Path, text: bytes, **choices: object) -> Plan:
    folder = tmp_path / "etc/keepalived"
    folder.mkdir(parents=True)
    (folder / "keepalived.conf").write_bytes(text)
    return upgrade(Site.open(MAIN, root=tmp_path), OLD, NEW, Choices(**choices), daemon="")  # type: ignore[arg-type]


def effect_proof(of: Plan) -> Proof:
    (proof,) = [proof for proof in of.proofs if proof.name == "effect"]
    return proof


@pytest.mark.parametrize("cure", ["split", "excluded"])
def test_the_cures_for_both_families_lose_no_address(tmp_path: Path, cure: str) -> None:
    made = plan(tmp_path, INSTANCE, mixed=MixedChoice(cure=cure))
    assert effect_proof(made).result is Result.PASSED
    assert [f.id for f in made.findings if f.id.startswith("effect/") and "lost" in f.id] == []
    addresses = [fact for fact in made.comparison if fact.kind == "address"]
    assert len(addresses) == 2
    assert all(fact.old and fact.new for fact in addresses)


def test_an_address_that_the_target_ignores_is_a_decision_where_no_migration_cares(tmp_path: Path) -> None:
    made = plan(tmp_path, INSTANCE, skip=frozenset({"mixed_families"}))
    (lost,) = [f for f in made.findings if f.id == "effect/address-lost"]
    assert lost.severity is Severity.DECISION
    assert lost.place.line == 1
    assert "address 2001:db8::1 is gone" in lost.message
    assert effect_proof(made).result is Result.PASSED


def test_an_address_that_goes_is_told_though_another_instance_of_nearly_that_name_is_cured(tmp_path: Path) -> None:
    other = INSTANCE.replace(b"GW", b"GW2").replace(b"17", b"18").replace(b"192.0.2.1", b"192.0.2.2")
    made = plan(tmp_path, INSTANCE + other.replace(b"2001:db8::1", b"2001:db8::2"), untouched=frozenset({b"GW"}))
    assert [rename.old for rename in made.renames] == [b"GW2"]
    (lost,) = [f for f in made.findings if f.id == "effect/address-lost"]
    assert (lost.severity, lost.place.line) == (Severity.DECISION, 1)
    assert "GW: address 2001:db8::1 is gone" in lost.message


def test_a_rewriting_that_loses_an_address_fails_the_proof_and_stops_the_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(config: Config, context: Context) -> Iterator[Outcome]:
        for line in config.tree.walk():
            if line.keyword == b"192.0.2.1/24":
                yield Edit(line.path, line.start, line.end, b"", "v2_0_0/bad", "Lose it.")

    bad = Migration("v2_0_0/bad", Release(2, 0, 0), (("x", "1"),), "vrrp", "rewrites", "Lose.", run)
    monkeypatch.setattr(engine, "load_migrations", lambda: (bad,))
    made = plan(tmp_path, INSTANCE)
    proof = effect_proof(made)
    assert proof.result is Result.FAILED
    assert "GW: address 192.0.2.1 is gone" in proof.detail
    assert made.failed_proofs() == (proof,)


def test_many_unintended_differences_are_counted() -> None:
    other = (
        INSTANCE.replace(b"150", b"151")
        .replace(b"17", b"18")
        .replace(b"lan0", b"up0")
        .replace(b"MASTER", b"BACKUP")
        .replace(b"}\n}", b"}\n accept\n}")
    )
    proof = prove(view(INSTANCE, other), ("v1_2_20/authentication",)).proof
    assert proof.result is Result.FAILED
    assert " and " in proof.detail
    assert "more" in proof.detail


def test_a_migration_of_which_nothing_is_known_may_change_anything_but_lose_nothing() -> None:
    assert prove(view(INSTANCE, INSTANCE.replace(b"150", b"151")), ("v9/new",)).proof.result is Result.PASSED
    assert prove(view(INSTANCE, INSTANCE.replace(b"150", b"151")), ()).proof.result is Result.FAILED
    lost = INSTANCE.replace(b"192.0.2.1/24", b"")
    assert prove(view(INSTANCE, lost), ("v9/new",)).proof.result is Result.FAILED


def test_a_rewriting_that_ends_the_daemon_fails_unless_its_migration_asks() -> None:
    ends = INSTANCE.replace(b"virtual_router_id 17", b"")
    assert prove(view(INSTANCE, ends), ("v9/new",)).proof.result is Result.FAILED
    asks = Finding("v9/new/look", Severity.DECISION, Place(MAIN, 1), "GW: look", "Look.")
    assert prove(view(INSTANCE, ends), ("v9/new",), (asks,)).proof.result is Result.PASSED
    # The other way round nothing is lost.
    assert prove(view(ends, INSTANCE), ("v9/new",)).proof.result is Result.PASSED


def test_what_a_finding_speaks_of_is_not_said_again() -> None:
    one = view(INSTANCE.replace(b"priority 150", b""), INSTANCE.replace(b"priority 150", b""))
    ids = {f.id for f in prove(one).findings}
    assert "effect/priority-changed" in ids
    covers = (migration("v1/p", "master-without-priority"),)
    for said in (
        Finding("v1/p/missing", Severity.REVIEW, Place(MAIN, 1), "GW has no priority", "Write one."),
        Finding("v1/p/missing", Severity.REVIEW, Place(MAIN, 4), "no priority", "Write one."),
        Finding("v1/p/missing", Severity.REVIEW, Place(MAIN), "no priority", "Write one."),
    ):
        assert "effect/priority-changed" not in {f.id for f in prove(one, (), (said,), covers).findings}
    for elsewhere in (
        Finding("v1/p/missing", Severity.REVIEW, Place(MAIN, 40), "no priority", "Write one."),
        Finding("v1/p/missing", Severity.REVIEW, Place("/other.conf", 4), "no priority", "Write one."),
        Finding(
            "v1/p/missing", Severity.REVIEW, Place(MAIN, 40), "GW2 has no priority, GW_v4 and GW-6 neither", "Write."
        ),
    ):
        assert "effect/priority-changed" in {f.id for f in prove(one, (), (elsewhere,), covers).findings}


def test_a_keyword_that_is_lost_is_said_by_the_tables_already() -> None:
    text = b"virtual_server 192.0.2.1 80 {\n nat_mask 255.255.255.0\n protocol TCP\n real_server 10.0.0.1 80 {\n }\n}\n"
    assert {f.id for f in prove(view(text, text)).findings} == {"effect/setting-lost"}
    lost = Finding("keywords/lost", Severity.REVIEW, Place(MAIN, 2), "2.2.7 does not know `nat_mask` here", "Remove.")
    assert prove(view(text, text), (), (lost,)).findings == ()


def test_a_process_that_ends_under_the_target_is_told_with_its_line() -> None:
    text = INSTANCE.replace(b"priority 150", b"priority 150\n    notify {\n")
    (ends,) = [f for f in prove(view(text, text)).findings if f.id == "effect/stops-gained"]
    assert ends.severity is Severity.DECISION
    assert "(line 6: missing notify)" in ends.message
    twice = view(INSTANCE * 2, INSTANCE * 2, NEW, Release(1, 2, 19))
    assert {f.severity for f in prove(twice).findings if f.id == "effect/stops-lost"} <= {Severity.INFO}


def test_the_same_text_under_the_same_release_does_the_same() -> None:
    outcome = prove(view(INSTANCE, INSTANCE, NEW, NEW))
    assert (outcome.proof.result, outcome.proof.detail) == (Result.PASSED, "keepalived does the same as before")
    assert outcome.findings == ()


VERSION_3 = INSTANCE.replace(
    b"        2001:db8::1/64\n    }\n",
    b"    }\n    version 3\n    authentication {\n        auth_type PASS\n        auth_pass hunter22\n    }\n",
)


def otherwise(of: Plan) -> dict[str, Finding]:
    return {f.id: f for f in of.findings if f.id.startswith("effect/")}


def test_a_migration_that_changes_the_block_is_named_and_the_line_of_the_secret_too(tmp_path: Path) -> None:
    with_it = otherwise(plan(tmp_path / "1", VERSION_3))
    assert set(with_it) == {"effect/auth-changed", "effect/secret-lost", "effect/version-changed"}
    for finding in with_it.values():
        assert finding.message.startswith(
            "2.2.7 does otherwise than 1.2.13, with or without what v1_2_20/authentication changes there: GW: "
        )
    assert {id: f.place.line for id, f in with_it.items()} == {
        "effect/version-changed": 1,
        "effect/auth-changed": 11,
        "effect/secret-lost": 12,
    }
    without = otherwise(plan(tmp_path / "2", VERSION_3, skip=frozenset({"authentication"})))
    assert {
        id: f.message.replace("with or without what v1_2_20/authentication changes there", "§")
        for id, f in with_it.items()
    } == {id: f.message.replace("and no migration changes that", "§") for id, f in without.items()}


def test_a_migration_that_changes_another_block_is_not_named(tmp_path: Path) -> None:
    other = VERSION_3.replace(b"GW", b"V6").replace(b"192.0.2.1/24", b"2001:db8::1/64").replace(b"17", b"18")
    found = otherwise(
        plan(tmp_path, INSTANCE.replace(b"        2001:db8::1/64\n", b"").replace(b"    priority 150\n", b"") + other)
    )
    assert "and no migration changes that: GW: " in found["effect/priority-changed"].message


def test_a_block_with_lines_from_an_include_is_changed_where_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "etc/keepalived"
    folder.mkdir(parents=True)
    begin, end = VERSION_3.index(b"    authentication"), VERSION_3.rindex(b"}")
    (folder / "keepalived.conf").write_bytes(VERSION_3[:begin] + b"    include auth.conf\n" + VERSION_3[end:])
    (folder / "auth.conf").write_bytes(VERSION_3[begin:end])
    found = otherwise(upgrade(Site.open(MAIN, root=tmp_path), OLD, NEW, daemon=""))
    assert found["effect/secret-lost"].place == Place("/etc/keepalived/auth.conf", 3, 9)
    assert "v1_2_20/authentication changes there" in found["effect/secret-lost"].message


def test_the_line_of_a_secret_is_named_and_not_shown(tmp_path: Path) -> None:
    made = plan(tmp_path, VERSION_3)
    for shown in (
        made.to_json(),
        made.to_html(),
        render_report(made, color=False),
        render_sarif(made),
        render_markdown(made),
    ):
        assert "effect/secret-lost" in shown
        assert "hunter22" not in shown


def test_a_long_list_of_the_same_kind_is_cut() -> None:
    more = b"".join(b" setting_%d 1\n" % n for n in range(1))
    extra = INSTANCE.replace(b"priority 150\n", b"priority 150\n" + _NEW_WORDS + more)
    (told,) = [f for f in prove(view(extra, extra)).findings if f.id == "effect/setting-gained"]
    assert told.severity is Severity.INFO
    assert "and 1 more" in told.message


_NEW_WORDS = b" no_accept\n accept\n promote_secondaries\n track_src_ip\n kernel_rx_buf_size 5\n skip_check_adv_addr\n higher_prio_send_advert\n"


def test_no_proof_is_claimed_where_the_model_fails_or_the_text_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("odd")

    monkeypatch.setattr(module, "effect_of", fail)
    assert prove(view(INSTANCE, INSTANCE)).proof.result is Result.NOT_MADE
    monkeypatch.setattr(module, "_MOST_STATEMENTS", 2)
    large = prove(view(INSTANCE, INSTANCE)).proof
    assert large.result is Result.NOT_MADE
    assert "more than the model reads" in large.detail


def test_views_belong_together_by_their_config_id() -> None:
    def read(id: bytes) -> Config:
        return Config(parse(INSTANCE), OLD, MAIN, id)

    paired = pair_views([read(b""), read(b"a")], [read(b""), read(b"a")], [read(b"")])
    assert [one.before.config_id for one in paired] == [b""]


def test_the_host_tells_of_links_and_of_the_script_account(tmp_path: Path) -> None:
    folder = tmp_path / "etc/keepalived"
    folder.mkdir(parents=True)
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "bin").symlink_to("usr/bin")
    text = b'vrrp_script c {\n script "/bin/true"\n}\nvrrp_script d {\n script "/usr/bin/true"\n}\nvrrp_script e {\n script ""\n}\n'
    (folder / "keepalived.conf").write_bytes(text)
    (tmp_path / "etc/passwd").write_bytes(b"root:x:0:0\n")
    site = Site.open(MAIN, root=tmp_path)
    configs = [Config(parse(text, NEW, MAIN), NEW, MAIN)]
    assert look_around(site, configs) == Surroundings(linked=frozenset((b"/bin",)))
    (tmp_path / "etc/passwd").write_bytes(b"keepalived_script:x:777:777\n")
    assert look_around(Site.open(MAIN, root=tmp_path), configs).script_user is True
