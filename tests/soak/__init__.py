"""What takes too long for every change: thousands of kills and of random steps. `make soak` runs it."""
