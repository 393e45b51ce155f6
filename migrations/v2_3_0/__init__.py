"""What 2.3.0 (May 2024) changed."""
