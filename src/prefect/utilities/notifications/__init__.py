"""Telling people about states: handlers that call, mail, or write to a channel."""

from prefect.utilities.notifications import notifications
from prefect.utilities.notifications.notifications import (
    callback_factory,
    gmail_notifier,
    slack_message_formatter,
    slack_notifier,
)

__all__ = ["callback_factory", "gmail_notifier", "slack_message_formatter", "slack_notifier"]


def __getattr__(name: str) -> object:
    # What is left out says so there.
    if name in notifications._LEFT_OUT:
        return getattr(notifications, name)
    if name == "jira_notification":
        raise notifications.left_out(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
