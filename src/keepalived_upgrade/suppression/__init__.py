"""Suppressions: `# keepalived-upgrade: ignore[ID, …]` on a line, or on lines of comment directly above it.

An ID is a migration's or a finding's id, or a prefix of one up to a `/`; `v1_2_20/` may be left out in front. What a
suppression leaves out is counted and reported, so that nothing is left out in silence.
"""
