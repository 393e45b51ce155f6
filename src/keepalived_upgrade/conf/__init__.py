"""Characters to a tree that keeps every one of them, by the dialect of a release. Knows no keyword."""
