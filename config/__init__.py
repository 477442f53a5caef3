"""What the user chose, and where things lie."""
