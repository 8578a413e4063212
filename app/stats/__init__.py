"""Statistics of boards: what they say, where they come from, and how they are computed."""
