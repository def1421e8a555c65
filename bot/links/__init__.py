"""Short links: codes, records, clicks, and leased placements."""
