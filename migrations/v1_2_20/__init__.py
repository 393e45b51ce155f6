"""What 1.2.20 (April 2016) changed."""
