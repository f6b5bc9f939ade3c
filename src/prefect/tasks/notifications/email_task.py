"""Mails."""

import mimetypes
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Any, List, cast

from prefect.core.building import defaults_from_attrs
from prefect.core.task import Task

__all__ = ["EmailTask"]

TIMEOUT_SECONDS = 60


class EmailTask(Task):
    """Sends a mail, logging in with the secrets EMAIL_USERNAME and EMAIL_PASSWORD.

    Everything may be given when the task is made or when it is called. Addresses are separated by commas.

    Args:
        - subject: the subject
        - msg: the content as HTML
        - msg_plain: the content as plain text; where both are given the reader's program chooses
        - email_to, email_to_cc, email_to_bcc: who receives it; a copy; a copy that the others do not see
        - email_from: who it is from
        - smtp_server, smtp_port: the server that takes it
        - smtp_type: SSL; STARTTLS; or INSECURE, which neither encrypts nor logs in
        - attachments: paths of files to attach
        - kwargs: those of `Task`
    """

    def __init__(
        self,
        subject: str = None,
        msg: str = None,
        email_to: str = None,
        email_from: str = "notifications@prefect.io",
        smtp_server: str = "smtp.gmail.com",
        smtp_port: int = 465,
        smtp_type: str = "SSL",
        msg_plain: str = None,
        email_to_cc: str = None,
        email_to_bcc: str = None,
        attachments: List[str] = None,
        **kwargs: Any,
    ) -> None:
        self.subject = subject
        self.msg = msg
        self.email_to = email_to
        self.email_from = email_from
        self.smtp_server = smtp_server
        self.smtp_port = smtp_port
        self.smtp_type = smtp_type
        self.msg_plain = msg_plain
        self.email_to_cc = email_to_cc
        self.email_to_bcc = email_to_bcc
        self.attachments = attachments
        super().__init__(**kwargs)

    @defaults_from_attrs(
        "subject",
        "msg",
        "email_to",
        "email_from",
        "smtp_server",
        "smtp_port",
        "smtp_type",
        "msg_plain",
        "email_to_cc",
        "email_to_bcc",
        "attachments",
    )
    def run(
        self,
        subject: str = None,
        msg: str = None,
        email_to: str = None,
        email_from: str = None,
        smtp_server: str = None,
        smtp_port: int = None,
        smtp_type: str = None,
        msg_plain: str = None,
        email_to_cc: str = None,
        email_to_bcc: str = None,
        attachments: List[str] = None,
    ) -> None:
        mail = EmailMessage()
        mail["Subject"] = subject or ""
        mail["From"] = email_from
        if email_to:
            mail["To"] = email_to
        if email_to_cc:
            mail["Cc"] = email_to_cc
        receivers = [each.strip() for each in ",".join(filter(None, (email_to, email_to_cc, email_to_bcc))).split(",")]
        if not any(receivers):
            raise ValueError(f"The mail {subject!r} has no receiver: give `email_to`, `email_to_cc` or `email_to_bcc`.")
        if msg_plain or not msg:
            mail.set_content(msg_plain or "")
        if msg and msg_plain:
            mail.add_alternative(msg, subtype="html")
        elif msg:
            mail.set_content(msg, subtype="html")
        for path in attachments or ():
            _attach(mail, Path(path))
        _send(mail, email_from, list(filter(None, receivers)), smtp_server, smtp_port, smtp_type)


def _attach(mail: EmailMessage, path: Path) -> None:
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    main, _, sub = kind.partition("/")
    mail.add_attachment(path.read_bytes(), maintype=main, subtype=sub, filename=path.name)


def _send(mail: EmailMessage, sender: Any, receivers: list[str], server: Any, port: Any, kind: Any) -> None:
    if kind not in ("SSL", "STARTTLS", "INSECURE"):
        raise ValueError(f"{kind} is an unsupported value for smtp_type.")
    connection: smtplib.SMTP
    if kind == "SSL":
        encryption = ssl.create_default_context()
        connection = smtplib.SMTP_SSL(server, port, timeout=TIMEOUT_SECONDS, context=encryption)
    else:
        connection = smtplib.SMTP(server, port, timeout=TIMEOUT_SECONDS)
    with connection:
        if kind == "STARTTLS":
            connection.starttls(context=ssl.create_default_context())
        if kind != "INSECURE":
            from prefect.client.secrets import Secret

            username, password = (cast(str, Secret(name).get()) for name in ("EMAIL_USERNAME", "EMAIL_PASSWORD"))
            connection.login(username, password)
        connection.send_message(mail, sender, receivers)
