"""Schedules on the wire; the zones of their dates keep their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pendulum

from prefect.exceptions import ValidationError
from prefect.schedules import adjustments, filters
from prefect.schedules.clocks import (
    Clock,
    CronClock,
    DatesClock,
    IntervalClock,
    RRuleClock,
    in_pendulum,
    on_wall_clock,
    plain,
)
from prefect.schedules.schedules import Schedule
from prefect.serialization import versioned
from prefect.serialization.fields import function_to_reference, json_value, public_functions, reference_to_function
from prefect.serialization.schemas import Schema, mapping_of, type_of

if TYPE_CHECKING:
    from dateutil.rrule import rrule, rruleset
    from pendulum import DateTime
    from pendulum.tz.timezone import FixedTimezone, Timezone


FILTERS = public_functions(filters)
ADJUSTMENTS = public_functions(adjustments)


# --- dates with zones ------------------------------------------------------------------------------------------------


def _dump_date(moment: datetime | None) -> dict[str, str] | None:
    if moment is None:
        return None
    moment = in_pendulum(moment)
    return {"dt": plain(moment).isoformat(), "tz": str(moment.timezone_name)}


def _load_date(data: Mapping[str, Any], field: str, owner: str) -> DateTime | None:
    value = data.get(field)
    return None if value is None else _date(value, f"{field} of a {owner}")


def _date(value: Any, owner: str) -> DateTime:
    date = mapping_of(value, owner)
    text, zone = date.get("dt"), date.get("tz")
    if not isinstance(text, str) or not isinstance(zone, str):
        raise ValidationError(f'The {owner} must be {{"dt": local time, "tz": name of the zone}}, not {value!r}.')
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValidationError(f"The {owner} cannot be read: {error}.") from error
    if moment.tzinfo is not None:
        return in_pendulum(moment)
    return on_wall_clock(moment, _zone(zone, owner))


def _zone(name: str, owner: str) -> Timezone | FixedTimezone:
    if name[:1] in ("+", "-"):
        try:
            offset = datetime.fromisoformat(f"2000-01-01T00:00:00{name}").utcoffset() or timedelta(0)
        except ValueError as error:
            raise ValidationError(f"The zone {name!r} in the {owner} is no offset such as -05:00.") from error
        return pendulum.FixedTimezone(int(offset.total_seconds()))
    try:
        return pendulum.timezone(name)
    except (ValueError, KeyError) as error:
        raise ValidationError(f"The zone {name!r} in the {owner} is not known on this machine.") from error


# --- recurrence rules ------------------------------------------------------------------------------------------------
#
# A rule's own text has no zone, so its first date travels beside it. The offset of that date alone would freeze
# daylight saving as it was then: `_tz` names the zone, where there is a name to keep.


def _dump_rule(rule: rrule) -> dict[str, Any]:
    start, until = rule._dtstart, rule._until  # type: ignore[attr-defined]
    dumped = {
        "rr": str(rule),
        "_dtstart": None if start is None else start.isoformat(),
        "_until": None if until is None else until.isoformat(),
        "__version__": versioned.current,
    }
    return _with_zone(dumped, start)


def _with_zone(dumped: dict[str, Any], moment: datetime | None) -> dict[str, Any]:
    if moment is not None and moment.tzinfo is not None:
        name = in_pendulum(moment).timezone_name
        if name is not None and name != "UTC" and name[:1] not in ("+", "-"):
            dumped["_tz"] = name
    return dumped


def _load_rule(data: Any) -> rrule:
    from dateutil import rrule as dateutil_rrule

    data = mapping_of(data, "recurrence rule")
    start, until = _rule_date(data, "_dtstart"), _rule_date(data, "_until")
    try:
        # The dates in the text have lost their zone; those beside it take their place.
        rule = dateutil_rrule.rrulestr(str(data.get("rr")))
    except ValueError as error:
        raise ValidationError(f"The recurrence rule {data.get('rr')!r} cannot be read: {error}.") from error
    assert isinstance(rule, dateutil_rrule.rrule)
    return rule.replace(dtstart=start, until=until)


def _rule_date(data: Mapping[str, Any], field: str) -> datetime | None:
    return None if data.get(field) is None else _rule_moment(data[field], data)


def _rule_moment(text: Any, data: Mapping[str, Any]) -> datetime:
    zone = data.get("_tz")
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise ValidationError(f"The date {text!r} of a recurrence rule cannot be read: {error}.") from error
    if zone is None or moment.tzinfo is None:
        return moment
    return in_pendulum(moment).in_timezone(_zone(str(zone), "recurrence rule"))


def _dump_rule_set(rules: rruleset) -> dict[str, Any]:
    dates = [*rules._rdate, *rules._exdate]  # type: ignore[attr-defined]
    dumped = {
        "_rrule": [_dump_rule(rule) for rule in rules._rrule],  # type: ignore[attr-defined]
        "_exrule": [_dump_rule(rule) for rule in rules._exrule],  # type: ignore[attr-defined]
        "_rdate": [date.isoformat() for date in rules._rdate],  # type: ignore[attr-defined]
        "_exdate": [date.isoformat() for date in rules._exdate],  # type: ignore[attr-defined]
        "__version__": versioned.current,
    }
    return _with_zone(dumped, dates[0] if dates else None)


def _load_rule_set(data: Mapping[str, Any]) -> rruleset:
    from dateutil import rrule as dateutil_rrule

    rules = dateutil_rrule.rruleset()
    for rule in data.get("_rrule") or ():
        rules.rrule(_load_rule(rule))
    for rule in data.get("_exrule") or ():
        rules.exrule(_load_rule(rule))
    for date in data.get("_rdate") or ():
        rules.rdate(_rule_moment(date, data))
    for date in data.get("_exdate") or ():
        rules.exdate(_rule_moment(date, data))
    return rules


# --- clocks ----------------------------------------------------------------------------------------------------------

_SHORTEST_INTERVAL = timedelta(minutes=1)


def _checked_interval(interval: timedelta) -> timedelta:
    if interval < _SHORTEST_INTERVAL:
        raise ValueError("Interval can not be less than one minute when a flow is registered.")
    return interval


def dump_clock(clock: Clock) -> dict[str, Any]:
    """A clock as JSON values."""
    name = type(clock).__name__
    dumped: dict[str, Any] = {
        "labels": None if clock.labels is None else list(clock.labels),
        "parameter_defaults": json_value(clock.parameter_defaults, f"parameter_defaults of a {name}"),
        "__version__": versioned.current,
        "type": name,
    }
    if isinstance(clock, DatesClock):
        dumped["dates"] = [_dump_date(date) for date in clock.dates]
        return dumped
    dumped["start_date"] = _dump_date(clock.start_date)
    dumped["end_date"] = _dump_date(clock.end_date)
    if isinstance(clock, IntervalClock):
        dumped["interval"] = _checked_interval(clock.interval) // timedelta(microseconds=1)
    elif isinstance(clock, CronClock):
        dumped["cron"] = clock.cron
        dumped["day_or"] = clock.day_or
    elif isinstance(clock, RRuleClock):
        from dateutil import rrule as dateutil_rrule

        rule = clock.rrule_obj
        if isinstance(rule, dateutil_rrule.rruleset):
            dumped["rrule_obj"] = {**_dump_rule_set(rule), "type": "rruleset"}
        else:
            assert isinstance(rule, dateutil_rrule.rrule)
            dumped["rrule_obj"] = {**_dump_rule(rule), "type": "rrule"}
    else:
        raise ValidationError(f"Unsupported object type: a {name} is no kind of clock that can be written.")
    return dumped


def load_clock(data: Any) -> Clock:
    """The clock that the data describes."""
    data = mapping_of(data, "clock")
    name = type_of(data, "clock")
    labels, parameter_defaults = data.get("labels"), data.get("parameter_defaults")
    if labels is not None and not isinstance(labels, list):
        raise ValidationError(f"The labels of a {name} must be a list, not {labels!r}.")
    if parameter_defaults is not None:
        parameter_defaults = json_value(mapping_of(parameter_defaults, f"parameter_defaults of a {name}"), name)
    shared: dict[str, Any] = {"labels": labels and list(labels), "parameter_defaults": parameter_defaults}
    if name == "DatesClock":
        dates = data.get("dates")
        if not isinstance(dates, list):
            raise ValidationError(f"The dates of a DatesClock must be a list, not {dates!r}.")
        return DatesClock([_date(date, "date of a DatesClock") for date in dates], **shared)
    shared["start_date"] = _load_date(data, "start_date", name)
    shared["end_date"] = _load_date(data, "end_date", name)
    if name == "IntervalClock":
        interval = data.get("interval")
        if isinstance(interval, bool) or not isinstance(interval, int | float | str):
            raise ValidationError(f"The interval of an IntervalClock must be in microseconds, not {interval!r}.")
        return IntervalClock(_checked_interval(timedelta(microseconds=int(interval))), **shared)
    if name == "CronClock":
        cron = data.get("cron")
        if not isinstance(cron, str):
            raise ValidationError(f"The cron string of a CronClock must be text, not {cron!r}.")
        return CronClock(cron, day_or=data.get("day_or"), **shared)
    if name == "RRuleClock":
        rule = mapping_of(data.get("rrule_obj"), "rrule_obj of a RRuleClock")
        if type_of(rule, "rrule_obj of a RRuleClock") == "rruleset":
            return RRuleClock(_load_rule_set(rule), **shared)
        return RRuleClock(_load_rule(rule), **shared)
    raise ValidationError(
        f"Unsupported value: {name} is no kind of clock; known are CronClock, DatesClock, IntervalClock and RRuleClock."
    )


# --- schedules -------------------------------------------------------------------------------------------------------

_FUNCTION_LISTS = (
    ("filters", FILTERS),
    ("or_filters", FILTERS),
    ("not_filters", FILTERS),
    ("adjustments", ADJUSTMENTS),
)


def dump_schedule(schedule: Schedule) -> dict[str, Any]:
    """A schedule as JSON values; its filters and adjustments must be those of `prefect.schedules`."""
    dumped: dict[str, Any] = {"clocks": [dump_clock(clock) for clock in schedule.clocks]}
    for field, known in _FUNCTION_LISTS:
        dumped[field] = [_dump_function(function, known, field) for function in getattr(schedule, field)]
    dumped["__version__"] = versioned.current
    return dumped


def _dump_function(function: Callable[..., Any], known: Mapping[str, Callable[..., Any]], field: str) -> dict[str, Any]:
    reference = function_to_reference(function, known, f"{field} of a Schedule")
    if reference["fn"] not in known:
        raise ValidationError(
            f"The {field} of a Schedule that is sent to a backend must be functions of prefect.schedules; "
            f"{function!r} is a custom one."
        )
    return reference


def load_schedule(data: Any) -> Schedule:
    """The schedule that the data describes."""
    data = mapping_of(data, "schedule")
    clocks = data.get("clocks")
    if not isinstance(clocks, list):
        raise ValidationError(f"The clocks of a schedule must be a list, not {clocks!r}.")
    functions = {field: _load_functions(data.get(field, []), known, field) for field, known in _FUNCTION_LISTS}
    return Schedule(clocks=[load_clock(clock) for clock in clocks], **functions)


def _load_functions(references: Any, known: Mapping[str, Callable[..., Any]], field: str) -> list[Callable[..., Any]]:
    if not isinstance(references, list):
        raise ValidationError(f"The {field} of a schedule must be a list, not {references!r}.")
    functions = []
    for reference in references:
        function = reference_to_function(reference, known)
        if function is None:
            raise ValidationError(f"Invalid function reference in the {field} of a schedule: {reference!r}.")
        functions.append(function)
    return functions


class ScheduleSchema(Schema):
    """A schedule."""

    __slots__ = ()
    dump_one = staticmethod(dump_schedule)
    load_one = staticmethod(load_schedule)


class ClockSchema(Schema):
    """Any clock, told apart by `type`."""

    __slots__ = ()
    dump_one = staticmethod(dump_clock)
    load_one = staticmethod(load_clock)
