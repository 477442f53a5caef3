"""Who is who: which addresses are one human, and what is no human at all."""
