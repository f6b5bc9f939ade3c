"""State handlers that tell somebody.

The notifiers are handlers as they stand, `state_handlers=[slack_notifier]`, and makers of handlers when called with
their options alone, `slack_notifier(only_states=[Failed])`.
"""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from prefect.core.callbacks import callback_factory

if TYPE_CHECKING:
    from prefect.engine.state import State

__all__ = ["callback_factory", "email_message_formatter", "gmail_notifier", "slack_message_formatter", "slack_notifier"]

StateClasses = Iterable[type["State"]]


def _handler_or_maker(handler: Callable[..., "State"]) -> Callable[..., Any]:
    """Let `handler` be called with its options first and the rest later; a maker can be pickled."""
    signature = inspect.signature(handler)
    needed = [name for name, given in signature.parameters.items() if given.default is inspect.Parameter.empty]

    @functools.wraps(handler)
    def handler_or_maker(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind_partial(*args, **kwargs)
        if all(name in bound.arguments for name in needed):
            return handler(*args, **kwargs)
        return functools.partial(handler_or_maker, *args, **kwargs)

    return handler_or_maker


def _is_wanted(state: "State", ignore_states: StateClasses | None, only_states: StateClasses | None) -> bool:
    if any(isinstance(state, ignored) for ignored in ignore_states or ()):
        return False
    return not only_states or any(isinstance(state, only) for only in only_states)


def _explanation(state: "State") -> str | None:
    """The error that a state holds, or its message."""
    if isinstance(state.result, Exception):
        return repr(state.result)
    return state.message


def _secret(name: str) -> str:
    from prefect.client.secrets import Secret

    return str(Secret(name).get())


def slack_message_formatter(tracked_obj: Any, state: "State", backend_info: bool = True) -> dict[str, Any]:
    """What Slack shows of a new state. `backend_info` adds the ids of the run, where one is recorded."""
    from prefect.utilities.context import context

    fields = []
    explanation = _explanation(state)
    if explanation is not None:
        value = f"```{explanation}```" if isinstance(state.result, Exception) else explanation
        fields.append({"title": "Message", "value": value, "short": False})
    if backend_info:
        for title, name in (("Flow run", "flow_run_id"), ("Task run", "task_run_id")):
            if context.get(name):
                fields.append({"title": title, "value": context.get(name), "short": True})
    name = type(state).__name__
    attachment = {
        "fallback": "State change notification",
        "color": state.color,
        "author_name": "Prefect",
        "title": name,
        "fields": fields,
        "text": f"{tracked_obj.name} is now in a {name} state",
        "footer": "Prefect notification",
    }
    return {"attachments": [attachment]}


def email_message_formatter(tracked_obj: Any, state: "State", email_to: str) -> str:
    """A mail, as text and as HTML, that tells of a new state."""
    import html
    from email.message import EmailMessage

    name = type(state).__name__
    explanation = _explanation(state) or "none"
    mail = EmailMessage()
    mail["Subject"] = f"Prefect state change notification for {tracked_obj.name}"
    mail["From"] = "notifications@prefect.io"
    mail["To"] = email_to
    mail.set_content(f"{tracked_obj.name} is now in a {name} state.\n\nMessage: {explanation}\n")
    mail.add_alternative(
        f"<p><code>{html.escape(tracked_obj.name)}</code> is now in a "
        f'<b style="color: {state.color}">{name}</b> state.</p>\n<pre>{html.escape(explanation)}</pre>\n',
        subtype="html",
    )
    return mail.as_string()


@_handler_or_maker
def slack_notifier(
    tracked_obj: Any,
    old_state: "State",
    new_state: "State",
    ignore_states: StateClasses | None = None,
    only_states: StateClasses | None = None,
    webhook_secret: str | None = None,
    backend_info: bool = True,
    proxies: dict[str, str] | None = None,
) -> "State":
    """Tell a Slack channel; the secret SLACK_WEBHOOK_URL, or the one named, holds the address to post to.

    ValueError where Slack does not take it.
    """
    if not _is_wanted(new_state, ignore_states, only_states):
        return new_state
    import requests

    address = _secret(webhook_secret or "SLACK_WEBHOOK_URL")
    message = slack_message_formatter(tracked_obj, new_state, backend_info)
    answer = requests.post(address, json=message, proxies=proxies, timeout=60)
    if not answer.ok:
        # Not the address: whoever knows it may post.
        raise ValueError(
            f"Slack refused the notification for {tracked_obj.name} with status {answer.status_code}. Check the "
            f"address kept in the secret {webhook_secret or 'SLACK_WEBHOOK_URL'}."
        )
    return new_state


@_handler_or_maker
def gmail_notifier(
    tracked_obj: Any,
    old_state: "State",
    new_state: "State",
    ignore_states: StateClasses | None = None,
    only_states: StateClasses | None = None,
) -> "State":
    """Mail the account named by the secrets EMAIL_USERNAME and EMAIL_PASSWORD, through Gmail."""
    if not _is_wanted(new_state, ignore_states, only_states):
        return new_state
    import smtplib

    username, password = _secret("EMAIL_USERNAME"), _secret("EMAIL_PASSWORD")
    message = email_message_formatter(tracked_obj, new_state, username)
    server = smtplib.SMTP_SSL("smtp.gmail.com", 465, timeout=60)
    try:
        server.login(username, password)
        server.sendmail("notifications@prefect.io", username, message)
    finally:
        server.quit()
    return new_state


_LEFT_OUT = frozenset({"snowflake_logger", "snowflake_message_formatter", "jira_notifier"})


def left_out(name: str) -> ImportError:
    """Says why `name`, which 1.x had, is not here."""
    return ImportError(
        f"{name} of Prefect 1.x is left out on purpose: it needed the library of another product. Call that "
        "library in a state handler of your own, made with `callback_factory`; docs/compatibility.md says more."
    )


def __getattr__(name: str) -> Any:
    if name in _LEFT_OUT:
        raise left_out(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
