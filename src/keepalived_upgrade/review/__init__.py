"""A plan shown: in the terminal, as a patch, as JSON, as a page. Nothing here changes a plan."""
