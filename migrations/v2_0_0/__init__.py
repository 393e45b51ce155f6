"""What 2.0.0 (May 2018) changed."""
