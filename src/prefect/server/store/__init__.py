"""Where runs are kept: one SQLite file, and the only hands that touch it."""
