"""Names that 1.x kept here for old Pythons."""

from contextlib import nullcontext

__all__ = ["nullcontext"]
