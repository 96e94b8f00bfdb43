"""Networks, their structures, and the people who work in them."""
