"""When a flow runs: clocks that tick, filters that drop ticks, adjustments that move them."""

from prefect.schedules.schedules import CronSchedule, IntervalSchedule, RRuleSchedule, Schedule

__all__ = ["CronSchedule", "IntervalSchedule", "RRuleSchedule", "Schedule"]
