"""Templates in the manner of Jinja."""

from typing import Any, Union

from prefect.core.task import Task
from prefect.utilities.context import context

try:
    from jinja2 import Template
except ImportError:
    raise ImportError(
        "Using `prefect.tasks.templates.JinjaTemplate` requires jinja2: pip install 'quaestor[templates]'"
    ) from None

__all__ = ["JinjaTemplate"]


class JinjaTemplate(Task):
    """Renders a Jinja template, a text or a `jinja2.Template`; the result is the text.

    The values are the arguments by name, and below these whatever is in `prefect.context`. The template may be given
    when the task is made or when it is called.
    """

    def __init__(self, template: Union[str, Template] = None, **kwargs: Any) -> None:
        self.template = template or ""
        super().__init__(**kwargs)

    def run(self, template: str = None, **format_kwargs: Any) -> str:
        chosen = self.template if template is None else template
        made = chosen if isinstance(chosen, Template) else Template(chosen)
        return made.render({**context.__dict__, **format_kwargs})
