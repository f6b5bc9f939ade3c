"""Mails to servers of this machine, in the open and encrypted."""

import base64
import smtplib
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from prefect import context
from prefect.tasks.notifications import EmailTask
from tests.receiving import Mail, smtp

SECRETS = {"EMAIL_USERNAME": "user", "EMAIL_PASSWORD": "password"}


@pytest.fixture
def secrets() -> Iterator[None]:
    with context(secrets=SECRETS):
        yield


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """What a server encrypts with; this machine trusts it for the time of the test."""
    authority = trustme.CA()
    encrypting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(encrypting)
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return encrypting


def sent(**options: Any) -> Mail:
    """The mail that a task with these options sends."""
    with smtp() as server:
        options = {"email_to": "a@x", "subject": "Subject", **options}
        EmailTask(smtp_server="127.0.0.1", smtp_port=server.port, smtp_type="INSECURE", **options).run()
    (mail,) = server.mails
    return mail


def test_a_mail_as_html() -> None:
    mail = sent(msg="<b>hällo</b>")
    assert (mail.sender, mail.receivers) == ("notifications@prefect.io", ["a@x"])
    assert mail.content["Subject"] == "Subject"
    assert mail.content.get_content_type() == "text/html"
    assert mail.content.get_content().strip() == "<b>hällo</b>"


def test_a_mail_as_plain_text() -> None:
    mail = sent(msg_plain="hello", email_from="me@x", subject="Größe")
    assert mail.sender == mail.content["From"] == "me@x"
    assert mail.content["Subject"] == "Größe"
    assert (mail.content.get_content_type(), mail.content.get_content().strip()) == ("text/plain", "hello")


def test_both_leave_the_choice_to_the_reader() -> None:
    mail = sent(msg="<b>hello</b>", msg_plain="hello")
    assert mail.content.get_content_type() == "multipart/alternative"
    parts = [part.get_content_type() for part in mail.content.iter_parts()]
    assert parts == ["text/plain", "text/html"]


def test_who_receives_it_and_who_is_seen_to() -> None:
    mail = sent(msg="m", email_to="a@x, b@x", email_to_cc="c@x", email_to_bcc="d@x,e@x")
    assert mail.receivers == ["a@x", "b@x", "c@x", "d@x", "e@x"]
    assert (mail.content["To"], mail.content["Cc"]) == ("a@x, b@x", "c@x")
    assert "d@x" not in str(mail.content)


def test_files_are_attached(tmp_path: Path) -> None:
    (tmp_path / "report.txt").write_text("figures")
    (tmp_path / "data.bin").write_bytes(b"\x00\xff")
    mail = sent(msg="m", attachments=[str(tmp_path / "report.txt"), str(tmp_path / "data.bin")])
    attached = {part.get_filename(): part.get_content() for part in mail.content.iter_attachments()}
    assert attached == {"report.txt": "figures", "data.bin": b"\x00\xff"}


def test_everything_may_be_given_when_it_is_called() -> None:
    with smtp() as server:
        EmailTask(msg="no").run(
            subject="s",
            msg="yes",
            email_to="a@x",
            email_from="b@x",
            smtp_server="127.0.0.1",
            smtp_port=server.port,
            smtp_type="INSECURE",
        )
    assert server.mails[0].content.get_content().strip() == "yes"


@pytest.mark.usefixtures("secrets")
@pytest.mark.parametrize("kind", ["SSL", "STARTTLS"])
def test_encrypted_and_logged_in(certificate: ssl.SSLContext, kind: str) -> None:
    with smtp(certificate, encrypted_from_the_start=kind == "SSL") as server:
        EmailTask(msg="m", email_to="a@x", smtp_server="localhost", smtp_port=server.port, smtp_type=kind).run()
    (mail,) = server.mails
    assert mail.encrypted
    assert mail.login == "PLAIN " + base64.b64encode(b"\0user\0password").decode()


@pytest.mark.usefixtures("secrets")
def test_a_server_that_cannot_encrypt_is_not_told_the_password() -> None:
    with smtp() as server, pytest.raises(smtplib.SMTPNotSupportedError):
        EmailTask(msg="m", email_to="a@x", smtp_server="127.0.0.1", smtp_port=server.port, smtp_type="STARTTLS").run()
    assert server.mails == []


def test_what_is_needed(tmp_path: Path, certificate: ssl.SSLContext) -> None:
    with pytest.raises(ValueError, match="has no receiver"):
        EmailTask(msg="m").run()
    with pytest.raises(ValueError, match="PIGEON is an unsupported value for smtp_type"):
        EmailTask(msg="m", email_to="a@x", smtp_type="PIGEON").run()
    with pytest.raises(FileNotFoundError):
        EmailTask(msg="m", email_to="a@x", attachments=[str(tmp_path / "nothing")]).run()
    with (
        smtp(certificate, encrypted_from_the_start=True) as server,
        pytest.raises(ValueError, match='Local Secret "EMAIL_USERNAME" was not found'),
    ):
        EmailTask(msg="m", email_to="a@x", smtp_server="localhost", smtp_port=server.port).run()
