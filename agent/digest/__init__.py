"""The morning's mail: few people, why today, and what to give them."""
