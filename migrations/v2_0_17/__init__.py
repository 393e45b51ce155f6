"""What 2.0.17 changed."""
