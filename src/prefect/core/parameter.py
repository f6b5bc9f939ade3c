"""Inputs of a flow that are given when it runs."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from prefect.core.task import NoDefault, Task
from prefect.utilities.context import context

if TYPE_CHECKING:
    from prefect.core.flow import Flow

__all__ = ["DateTimeParameter", "Parameter", "no_default"]

no_default = NoDefault.value


class Parameter(Task):
    """A value that a run of the flow is given by name.

    It is required unless it has a default. Parameters wait for nothing, are unique in a flow by their name, which is
    also their slug, and run again each time.
    """

    def __init__(
        self,
        name: str,
        default: Any = no_default,
        required: bool | None = None,
        tags: Iterable[str] | None = None,
    ) -> None:
        from prefect.engine.results import PrefectResult

        if required is None:
            required = default is no_default
        self.required = required
        self.default = None if default is no_default else default
        super().__init__(name=name, slug=name, tags=tags, result=PrefectResult(), checkpoint=True)

    def __repr__(self) -> str:
        return f"<Parameter: {self.name}>"

    def __call__(self, flow: "Flow | None" = None) -> "Parameter":  # type: ignore[override]
        """Add this parameter itself to a flow, by default the surrounding one."""
        return self.bind(flow=flow)

    def copy(self, name: str | None = None, **task_args: Any) -> "Parameter":
        """A parameter like this one under another name, which becomes its slug as well."""
        if name is not None:
            return super().copy(name=name, slug=name, **task_args)
        return super().copy(slug=self.slug, **task_args)

    def run(self) -> Any:
        """The value given for this run, or the default."""
        parameters = context.get("parameters") or {}
        if self.required and self.name not in parameters:
            from prefect.engine import signals

            raise signals.FAIL(f'Parameter "{self.name}" was required but not provided.')
        return parameters.get(self.name, self.default)

    def serialize(self) -> dict[str, Any]:
        """The parameter in its wire format."""
        from prefect.serialization.task import ParameterSchema

        serialized: dict[str, Any] = ParameterSchema().dump(self)
        return serialized


class DateTimeParameter(Parameter):
    """A parameter that is a date and time: text is parsed, in UTC where it names no zone; None stays None."""

    def __init__(
        self,
        name: str,
        default: Any = no_default,
        required: bool = True,
        tags: Iterable[str] | None = None,
    ) -> None:
        from prefect.engine.results import PrefectResult
        from prefect.engine.serializers import DateTimeSerializer

        super().__init__(name=name, default=default, required=required, tags=tags)
        self.result = PrefectResult(serializer=DateTimeSerializer())

    def run(self) -> Any:
        value = super().run()
        if value is None:
            return None
        import pendulum

        if isinstance(value, str):
            return pendulum.parse(value)
        if not isinstance(value, datetime):
            raise ValueError(f"Parameter {self.name!r} is a date and time, which {value!r} is not.")
        return pendulum.instance(value)
