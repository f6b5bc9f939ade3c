"""Messages to Slack."""

from typing import Any, Union, cast

from prefect.core.building import defaults_from_attrs
from prefect.core.task import Task

__all__ = ["SlackTask"]


class SlackTask(Task):
    """Posts a message to a Slack channel: a text, or a dictionary that Slack understands.

    The address to post to is `webhook_url`, or else kept in the secret `webhook_secret`. All may be given when the
    task is made or when it is called, except the address, which is given when it is called.
    `requests.HTTPError` where Slack refuses the message.
    """

    def __init__(
        self, message: Union[str, dict] = None, webhook_secret: str = "SLACK_WEBHOOK_URL", **kwargs: Any
    ) -> None:
        self.message = message
        self.webhook_secret = webhook_secret
        super().__init__(**kwargs)

    @defaults_from_attrs("message", "webhook_secret")
    def run(self, message: Union[str, dict] = None, webhook_secret: str = None, webhook_url: str = None) -> None:
        import requests

        from prefect.client.secrets import Secret

        address = webhook_url or cast(str, Secret(webhook_secret or "SLACK_WEBHOOK_URL").get())
        content = message if isinstance(message, dict) else {"text": message}
        requests.post(address, json=content, timeout=60).raise_for_status()
