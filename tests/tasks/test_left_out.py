"""Packages of 1.x for other products are left out, and say so."""

import importlib
import importlib.util
import re
from pathlib import Path

import pytest

import prefect.tasks

EXPLANATION = "left out on purpose"


def test_importing_one_says_why() -> None:
    for name in ("prefect.tasks.aws", "prefect.tasks.aws.s3", "prefect.tasks.gcp", "prefect.tasks.docker"):
        with pytest.raises(ModuleNotFoundError, match=EXPLANATION):
            importlib.import_module(name)


def test_in_every_way_of_importing() -> None:
    with pytest.raises(ImportError, match=EXPLANATION):
        from prefect.tasks import snowflake  # noqa: F401
    with pytest.raises(ImportError, match=EXPLANATION):
        from prefect.tasks.aws.s3 import S3Upload  # type: ignore[import-not-found]  # noqa: F401


def test_what_never_was_there_is_simply_missing() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'prefect\.tasks\.nothing'$"):
        importlib.import_module("prefect.tasks.nothing")
    assert not hasattr(prefect.tasks, "nothing")
    assert not hasattr(prefect.tasks, "aws")


def test_nothing_is_both_there_and_left_out() -> None:
    there = {path.stem for path in Path(str(prefect.tasks.__file__)).parent.iterdir()}
    assert not there & prefect.tasks.LEFT_OUT


def test_each_stands_in_the_documentation() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "compatibility.md").read_text()
    assert set(re.findall(r"`(\w+)`", text)) >= prefect.tasks.LEFT_OUT
