"""Characters to a tree that keeps every one of them. Knows no keyword."""
