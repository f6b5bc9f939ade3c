"""Texts without the secrets of this process, however they are written."""

import base64
import json
import logging
import os
import string
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect.utilities import masking
from prefect.utilities.logging import get_logger
from prefect.utilities.masking import MASK, mask, mask_json, remember

SECRET = 'p"ß\\w\n&% d='


def test_without_secrets_everything_stays_as_it_is() -> None:
    value = {"a": ["x"]}
    assert mask("text") == "text"
    assert mask_json(value) is value
    assert not masking.knows_any()


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        repr(SECRET),
        ascii(SECRET),
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        f"https://user:{quote(SECRET, safe='')}@host",
        f"https://host/?q={quote_plus(SECRET)}",
        base64.b64encode(SECRET.encode()).decode(),
        base64.b64encode(f"u:{SECRET}".encode()).decode(),
        base64.b64encode(f"us:{SECRET}x".encode()).decode(),
        base64.urlsafe_b64encode(f"usr:{SECRET}".encode()).decode(),
    ],
)
def test_a_secret_is_masked_however_it_is_written(written: str) -> None:
    remember(SECRET)
    told = mask(f"before {written} after")
    assert MASK in told
    assert told.startswith("before ")
    assert told.endswith(" after")
    assert written not in told


@given(
    st.text(alphabet=string.printable, min_size=8).filter(lambda text: len(text.strip()) >= 8),
    st.binary(max_size=9),
    st.binary(max_size=9),
)
def test_base64_gives_nothing_away_whatever_stands_around(secret: str, before: bytes, after: bytes) -> None:
    masking.forget()
    remember(secret)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        assert MASK in mask(encode(before + secret.encode() + after).decode())
    masking.forget()


@pytest.mark.parametrize(
    ("value", "hidden", "shown"),
    [
        ({"user": "somebody", "password": ["hunter2"]}, ["somebody", "hunter2"], ["password"]),
        ('{"password": "hunter2"}', ["hunter2", '{"password": "hunter2"}'], ["password"]),
        ("-----BEGIN-----\nMIIEpAIBAAKCAQEA\nab\n", ["MIIEpAIBAAKCAQEA"], ["ab"]),
        (" padded  ", ["padded"], []),
        (b"as bytes", ["as bytes"], []),
        (123456, ["123456"], []),
        (12345, [], ["12345"]),
        (True, [], ["True"]),
        (None, [], ["None"]),
        ("abc", [], ["abc"]),
        ("    ", [], ["    "]),
        ("", [], ["x"]),
        ([], [], ["[]"]),
    ],
)
def test_texts_in_structures_are_secret_and_what_everybody_says_is_not(
    value: Any, hidden: list[str], shown: list[str]
) -> None:
    remember(value)
    for text in hidden:
        assert text not in mask(f"<{text}>")
    for text in shown:
        assert mask(text) == text


def test_a_secret_in_a_longer_one_does_not_hide_it() -> None:
    remember("token")
    remember("token-of-mine")
    assert mask("token-of-mine token") == f"{MASK} {MASK}"
    assert masking.known() == ("token", "token-of-mine")


def test_json_is_masked_in_keys_values_and_numbers() -> None:
    remember("hunter2")
    remember(987654)
    assert mask_json({"hunter2": ["a hunter2", 987654, 1, None, True, {"x": ("hunter2",)}]}) == {
        MASK: [f"a {MASK}", MASK, 1, None, True, {"x": [MASK]}]
    }


def test_a_forked_child_knows_what_its_parent_knew() -> None:
    remember("hunter2")
    child = os.fork()
    if child == 0:
        remember("another one")
        os._exit(0 if mask("hunter2 another one") == f"{MASK} {MASK}" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert mask("another one") == "another one"


# -- logging -----------------------------------------------------------------------------------------------------------


def formatted(record: logging.LogRecord) -> str:
    return logging.Formatter("%(message)s").format(record)


def test_lines_of_our_loggers_are_masked_with_their_tracebacks(caplog: pytest.LogCaptureFixture) -> None:
    remember("hunter2")
    logger = get_logger("masked")
    logger.warning("the password is %s, for %d", "hunter2", 3)
    logger.warning("hunter2", stack_info=True)
    try:
        raise ValueError("hunter2 was wrong")
    except ValueError:
        logger.exception("refused")
    logger.warning("hunter2 and %d", "no number")
    logger.warning("nothing %s", "to hide")
    told = [formatted(record) for record in caplog.records]
    assert "hunter2" not in "".join(told)
    assert told[0] == f"the password is {MASK}, for 3"
    assert f"ValueError: {MASK} was wrong" in told[2]
    assert told[4] == "nothing to hide"
    # What holds no secret stays as it was logged, for handlers that look at the parts.
    assert caplog.records[4].args == ("to hide",)
