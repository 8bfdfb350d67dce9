"""Plan and mission files of other tools, in and out."""
