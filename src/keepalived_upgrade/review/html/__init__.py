"""The plan as one self-contained page: readable without JavaScript, better with it."""
