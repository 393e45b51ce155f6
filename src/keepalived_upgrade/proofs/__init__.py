"""Checks that a plan loses nothing. A proof that fails stops the writing."""
