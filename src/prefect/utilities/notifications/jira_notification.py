"""Left out on purpose; importing it says so."""

from prefect.utilities.notifications.notifications import left_out

raise left_out("jira_notification")
