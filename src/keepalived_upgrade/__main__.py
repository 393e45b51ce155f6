"""`python -m keepalived_upgrade`."""

from keepalived_upgrade.cli import main

main()
