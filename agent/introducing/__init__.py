"""Two people who do not know each other: who they are, how far it is, and what the digest asks about them."""
