"""What 1.3.7 (September 2017) changed."""
