"""1.x path of what turns Python into tasks, whose home is `prefect.core.building`."""

from prefect.core.building import apply_map, as_task, defaults_from_attrs, pause_task, tags, task

__all__ = ["apply_map", "as_task", "defaults_from_attrs", "pause_task", "tags", "task"]
