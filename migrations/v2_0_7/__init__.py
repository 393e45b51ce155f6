"""What 2.0.7 (August 2018) changed."""
