"""Times: now in UTC, given times brought to UTC, and delays that grow with each try."""

from __future__ import annotations

import datetime

import pendulum


def utc_now() -> pendulum.DateTime:
    """The current time in UTC."""
    return pendulum.now("UTC")


def ensure_utc(moment: datetime.datetime) -> pendulum.DateTime:
    """The same instant as a pendulum time; a time without zone is taken to be UTC, any other zone is kept."""
    if isinstance(moment, pendulum.DateTime) and moment.tzinfo is not None:
        return moment
    return pendulum.instance(moment, tz="UTC")
