"""Flows, tasks, states, schedules and the rest as JSON values, and back; the format of 1.x."""
