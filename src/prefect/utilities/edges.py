"""1.x path of the edge annotations, whose home is `prefect.core.edge`."""

from prefect.core.edge import EdgeAnnotation, flatten, mapped, unmapped

__all__ = ["EdgeAnnotation", "flatten", "mapped", "unmapped"]
