"""Telling people about states: handlers that call, mail, or write to a channel."""

from prefect.utilities.notifications.notifications import (
    callback_factory,
    gmail_notifier,
    slack_message_formatter,
    slack_notifier,
)

__all__ = ["callback_factory", "gmail_notifier", "slack_message_formatter", "slack_notifier"]
