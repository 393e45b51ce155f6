"""What 2.1.0 changed."""
