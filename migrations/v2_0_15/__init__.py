"""What 2.0.15 changed."""
