"""Planning: from a mission to sorties."""
