import tomllib
from pathlib import Path

from prefect.utilities.version import VERSION


def test_version_is_the_one_of_the_distribution() -> None:
    pyproject = Path(__file__).parents[2] / "pyproject.toml"
    assert tomllib.loads(pyproject.read_text())["project"]["version"] == VERSION
