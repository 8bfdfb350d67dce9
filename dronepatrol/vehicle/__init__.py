"""One vehicle as its operator sees it."""
