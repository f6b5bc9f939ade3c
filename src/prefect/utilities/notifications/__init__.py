"""Telling people about states: handlers that call, mail, or write to a channel."""

from prefect.utilities.notifications.notifications import callback_factory

__all__ = ["callback_factory"]
