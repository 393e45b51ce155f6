"""What the tree means: keywords by release, instances, groups, addresses, the commands keepalived runs."""
