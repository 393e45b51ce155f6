"""What 2.3.2 changed."""
