"""The front door of Quaestor: the names that 1.x programs import."""
