import os
import subprocess
import sys
from pathlib import Path

from jinja2 import Template

from prefect import Flow, context
from prefect.tasks.templates import JinjaTemplate

ROOT = Path(__file__).resolve().parents[3]


def test_a_template() -> None:
    template = "{% for i in items %}<{{ i }}>{% endfor %}"
    assert JinjaTemplate(template=template).run(items=[1, 2]) == "<1><2>"
    assert JinjaTemplate(template=template).run() == ""
    assert JinjaTemplate().run() == ""


def test_it_may_be_made_already() -> None:
    assert JinjaTemplate(template=Template("q{{ a }}")).run(a=2) == "q2"


def test_it_may_be_given_when_it_is_called() -> None:
    with context(place="here"):
        assert JinjaTemplate(template="no").run(template="{{ place }} {{ name }}", name="Ada") == "here Ada"


def test_in_a_flow() -> None:
    with Flow("templates") as flow:
        text = JinjaTemplate(template="{{ name | upper }}")(name="ada")
    state = flow.run()
    assert state is not None
    assert state.result[text].result == "ADA"


def test_without_jinja_the_error_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['jinja2'] = None\n"
        "from prefect.tasks.templates import StringFormatter\n"
        "try: from prefect.tasks.templates import JinjaTemplate\n"
        "except ImportError as error: print(error)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", program]
    told = subprocess.run(command, capture_output=True, text=True, env=environment, check=True).stdout
    assert "pip install 'quaestor[templates]'" in told
