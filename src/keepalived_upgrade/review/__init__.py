"""A plan shown: in the terminal, as a patch, as JSON. Nothing here changes a plan."""
