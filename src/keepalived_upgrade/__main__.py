"""`python -m keepalived_upgrade`."""

from keepalived_upgrade.start import main

main()
