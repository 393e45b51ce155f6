"""Speed, side by side in one run. Prints ratios; fails nothing. Run: python tests/bench/bench.py

Ratios, not seconds, since machines are noisy: each figure stands beside one of a known program in the same run.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "keepalived_upgrade"]


def config(lines: int) -> bytes:
    """A director's configuration of about so many lines."""
    block = b"""virtual_server 10.%d.%d.1 80 {
    delay_loop 6
    lb_algo rr          # round robin
    lb_kind NAT
    protocol TCP

    real_server 192.168.%d.10 80 {
        weight 1
        TCP_CHECK {
            connect_timeout 3
            retry 3
            delay_before_retry 3
        }
    }
}
"""
    blocks = lines // block.count(b"\n")
    return b"".join(block % (i // 250 % 250, i % 250, i % 250) for i in range(blocks))


def cpu(run: Callable[[], object]) -> float:
    """CPU seconds of a call, its child processes included."""

    def used() -> float:
        own = resource.getrusage(resource.RUSAGE_SELF)
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime

    before = used()
    run()
    return used() - before


def best(run: Callable[[], object], measure: Callable[[Callable[[], object]], float], times: int = 3) -> float:
    """The least of several measurements."""
    return min(measure(run) for _ in range(times))


def wall(run: Callable[[], object]) -> float:
    """Wall-clock seconds of a call."""
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def quiet(command: list[str], **options: object) -> Callable[[], object]:
    """A command whose output is thrown away."""
    return lambda: subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def bench_reading(folder: Path) -> None:
    """50,000 lines against keepalived -t, and growth from 1,000 to 500,000."""
    from keepalived_upgrade.conf.reader import parse

    text = config(50_000)
    file = folder / "k.conf"
    file.write_bytes(text)
    ours = best(lambda: parse(text), cpu)
    print(f"reading 50,000 lines: {ours:.3f} s CPU")
    keepalived = shutil.which("keepalived", path="/usr/sbin:/usr/bin")
    if keepalived:
        theirs = best(quiet(["unshare", "-n", keepalived, "-t", "-f", str(file)]), cpu)
        print(f"  keepalived -t: {theirs:.3f} s CPU; ratio {ours / theirs:.2f} (aim: 4)")
    for lines in (1_000, 10_000, 100_000, 500_000):
        text = config(lines)
        seconds = best(lambda text=text: parse(text), cpu, 2)
        print(f"  {lines:>7,} lines: {seconds / lines * 1e6:.2f} µs a line")


def bench_start(folder: Path) -> None:
    """--help, and an upgrade of a small host, cold."""
    help_ms = best(quiet([*COMMAND, "--help"]), wall, 5) * 1000
    bare_ms = best(quiet([sys.executable, "-c", "pass"]), wall, 5) * 1000
    print(f"--help: {help_ms:.0f} ms (python alone: {bare_ms:.0f} ms; aim: 100)")
    host = folder / "host/etc/keepalived"
    host.mkdir(parents=True)
    lines = [b"vrrp_instance GW {", b"    interface eth0", b"    virtual_router_id 5", b"    virtual_ipaddress {"]
    lines += [b"        192.0.2.%d/24" % i for i in range(1, 90)] + [
        b"        2001:db8::%x/64" % i for i in range(1, 90)
    ]
    lines += [b"    }"] + [b"    notify_master /etc/keepalived/s%d.sh" % i for i in range(10)] + [b"}", b""]
    (host / "keepalived.conf").write_bytes(b"\n".join(lines))
    for number in range(10):
        script = host / f"s{number}.sh"
        script.write_text('#!/bin/sh\ncase "$2" in\n  GW) echo yes ;;\n  *) echo no ;;\nesac\n' * 3)
        script.chmod(0o755)
    command = [*COMMAND, "upgrade", "--root", str(folder / "host"), "--from", "1.2.13", "--to", "2.2.7", "--no-daemon"]
    command.append("/etc/keepalived/keepalived.conf")
    print(f"upgrade of a 200-line host with 10 scripts: {best(quiet(command), wall, 5):.2f} s wall (aim: 0.5)")


def bench_search(folder: Path) -> None:
    """10,000 scripts that do not mention a name, against ripgrep."""
    from keepalived_upgrade.dependents.discovery import find_dependents
    from keepalived_upgrade.dependents.follow import follow_file
    from keepalived_upgrade.site import Site

    scripts = folder / "scripts"
    scripts.mkdir()
    lines = (f'echo "{n}: state is $3 for $2" >> /var/log/x{n % 9}.log\n' for n in range(60))
    text = "#!/bin/sh\n# a script of some length\nLOG=/var/log/keepalived\n" + "".join(lines)
    for number in range(10_000):
        (scripts / f"{number}.sh").write_text(text)
    paths = [f"/scripts/{file.name}" for file in sorted(scripts.iterdir())]
    names = {b"VI_GATEWAY": (b"VI_GATEWAY_v4", b"VI_GATEWAY_v6")}

    (folder / "k.conf").write_bytes(b"")

    def ours() -> None:
        site = Site.open("/k.conf", root=folder)
        for path in paths:
            follow_file(path, site.read_if_there(path) or b"", names, handed=False)

    def lead() -> None:
        find_dependents([], Site.open("/k.conf", root=folder).read_if_there, paths)

    seconds = best(ours, wall, 5)
    print(f"10,000 scripts without a name: {seconds:.2f} s")
    rg = shutil.which("rg")
    if rg:
        theirs = best(quiet([rg, "-F", "-w", "-l", "VI_GATEWAY", str(scripts)]), wall, 5)
        one = best(quiet([rg, "-j1", "-F", "-w", "-l", "VI_GATEWAY", str(scripts)]), wall, 5)
        print(f"  rg -F -w -l: {theirs:.2f} s; ratio {seconds / theirs:.2f} (aim: 3); one thread: {seconds / one:.2f}")
    print(f"  where they lead to: {best(lead, wall):.2f} s")
    (folder / "k.conf").write_bytes(
        b"vrrp_instance VI_GATEWAY {\n    interface eth0\n    virtual_router_id 5\n    virtual_ipaddress {\n"
        b"        192.0.2.1/24\n        2001:db8::1/64\n    }\n}\n"
    )
    command = [*COMMAND, "upgrade", "--root", str(folder), "--from", "1.2.13", "--to", "2.2.7", "--no-daemon"]
    whole = best(quiet([*command, "--scripts", "/scripts", "/k.conf"]), wall)
    print(
        f"  an upgrade that is given them: {whole:.2f} s wall; without them {best(quiet([*command, '/k.conf']), wall):.2f} s"
    )


def bench_page(folder: Path) -> None:
    """A page of 500 changed files: its size, and how long it takes to make and to open."""
    sys.path.insert(0, str(ROOT / "tests"))
    from browser import Browser
    from test_html import COMMAND as again
    from test_html import many_files

    plan = many_files()
    made = best(lambda: plan.to_html(again), wall)
    page = plan.to_html(again).encode()
    print(f"html of 500 files: {len(page) / 1e6:.1f} MB, made in {made:.2f} s (aim: 5 MB)")
    chromium = shutil.which("chromium")
    if not chromium:
        print("  no chromium here, so it was not opened")
        return
    file = folder / "many.html"
    file.write_bytes(page)
    browser = Browser(chromium, folder / "profile")
    try:
        opened = min(browser.open(file).opened_in for _ in range(3))
    finally:
        browser.close()
    print(f"  opened in {opened:.2f} s (aim: 2)")


def bench_hostile(folder: Path) -> None:
    """The hostile texts of the tests, each of at most 64 kB: the slowest of them."""
    sys.path.insert(0, str(ROOT / "tests"))
    from keepalived_upgrade.conf.reader import parse
    from keepalived_upgrade.dependents.follow import follow_file
    from keepalived_upgrade.releases import Release
    from test_hostile_texts import BOMBS, NAMES, SCRIPTS

    def slowest(took: dict[str, float]) -> str:
        name = max(took, key=lambda name: took[name])
        return f"at most {took[name]:.2f} s of CPU ({name})"

    read = {name: best(lambda t=text: parse(t, Release(2, 2, 7)), cpu) for name, (text, _) in BOMBS.items()}  # type: ignore[misc]
    print(f"{len(read)} hostile configurations are read in {slowest(read)} (aim: 1)")
    followed = {name: best(lambda t=text: follow_file("/x", t, NAMES), cpu, 1) for name, text in SCRIPTS.items()}  # type: ignore[misc]
    print(f"{len(followed)} hostile scripts are followed in {slowest(followed)} (aim: 1)")


def main() -> None:
    """Run all benches in a folder of their own."""
    with tempfile.TemporaryDirectory() as name:
        for bench in (bench_reading, bench_start, bench_search, bench_page, bench_hostile):
            bench(Path(name))


if __name__ == "__main__":
    main()
