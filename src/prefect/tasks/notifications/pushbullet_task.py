"""Messages to the devices of a Pushbullet account."""

from typing import Any, cast

from prefect.core.building import defaults_from_attrs
from prefect.core.task import Task

__all__ = ["PushbulletTask"]

ADDRESS = "https://api.pushbullet.com/v2/pushes"


class PushbulletTask(Task):
    """Sends a note to all devices of the account whose access token is given, or kept in the secret PUSHBULLET_TOKEN.

    The message may be given when the task is made or when it is called. `requests.HTTPError` where it is refused.
    """

    def __init__(self, msg: str = None, **kwargs: Any) -> None:
        self.msg = msg
        super().__init__(**kwargs)

    @defaults_from_attrs("msg")
    def run(self, msg: str = None, access_token: str = None) -> None:
        import requests

        from prefect.client.secrets import Secret

        token = access_token or cast(str, Secret("PUSHBULLET_TOKEN").get())
        if not msg:
            raise ValueError("A message must be provided: PushbulletTask(msg=...) or run(msg=...).")
        note = {"type": "note", "title": "Flow Notification", "body": msg}
        requests.post(ADDRESS, json=note, headers={"Access-Token": token}, timeout=60).raise_for_status()
