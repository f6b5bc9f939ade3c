import click
from click.testing import CliRunner

from prefect.utilities.cli import add_options


def test_options_are_added_in_their_order() -> None:
    options = [click.option("--first", default="1"), click.option("--second", default="2")]

    @click.command()
    @add_options(options)
    def command(first: str, second: str) -> None:
        click.echo(f"{first} {second}")

    assert CliRunner().invoke(command, ["--second", "x"]).output == "1 x\n"
    help_text = CliRunner().invoke(command, ["--help"]).output
    assert help_text.index("--first") < help_text.index("--second")
