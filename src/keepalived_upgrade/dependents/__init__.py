"""What holds names of the configuration: found, and rewritten as edits; what is unsure becomes a finding."""
