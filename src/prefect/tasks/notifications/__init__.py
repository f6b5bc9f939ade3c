"""Messages as tasks: to a Slack channel, by mail, to a phone."""

from prefect.tasks.notifications.email_task import EmailTask
from prefect.tasks.notifications.pushbullet_task import PushbulletTask
from prefect.tasks.notifications.slack_task import SlackTask

__all__ = ["EmailTask", "PushbulletTask", "SlackTask"]
