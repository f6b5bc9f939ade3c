import base64
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cloudpickle
import pytest

from prefect.core.flow import Flow
from prefect.exceptions import FlowStorageError
from prefect.tasks.core.function import FunctionTask
from prefect.utilities.storage import (
    extract_flow_from_file,
    extract_flow_from_module,
    flow_from_bytes_pickle,
    flow_to_bytes_pickle,
    get_flow_image,
)

ONE = "from prefect.core.flow import Flow\nf = Flow('one')\n"
TWO = "from prefect.core.flow import Flow\nf = Flow('one')\ng = Flow('two')\nagain = f\nnumber = 3\n"
GUARDED = "from prefect.core.flow import Flow\nf = Flow(__file__)\nif __name__ == '__main__':\n    raise SystemExit\n"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """The name of a module with the source given as the fixture's parameter."""
    name = f"flows_of_{abs(hash(request.node.name))}"
    (tmp_path / f"{name}.py").write_text(request.param)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, name, raising=False)
    return name


class TestFiles:
    def test_the_first_flow_or_the_one_of_a_name(self, tmp_path: Path) -> None:
        path = tmp_path / "two.py"
        path.write_text(TWO)
        assert extract_flow_from_file(str(path)).name == "one"
        assert extract_flow_from_file(str(path), flow_name="two").name == "two"
        assert extract_flow_from_file(file_contents=TWO, flow_name="two").name == "two"
        assert extract_flow_from_file(file_contents=TWO.encode()).name == "one"

    def test_a_file_knows_its_place_and_is_not_the_main_program(self, tmp_path: Path) -> None:
        path = tmp_path / "guarded.py"
        path.write_text(GUARDED)
        assert extract_flow_from_file(str(path)).name == str(path)

    def test_what_is_not_in_it(self) -> None:
        with pytest.raises(ValueError, match="No flows found in file"):
            extract_flow_from_file(file_contents="x = 1")
        with pytest.raises(ValueError, match=r"Flow 'nope' not found in file. Found flows:\n- 'one'\n- 'two'"):
            extract_flow_from_file(file_contents=TWO, flow_name="nope")

    def test_an_error_of_the_file_is_told_with_its_place(self, tmp_path: Path) -> None:
        path = tmp_path / "bad.py"
        path.write_text("x = 1\nraise ValueError('boom')\n")
        with pytest.raises(ValueError, match="boom") as raised:
            extract_flow_from_file(str(path))
        last = raised.traceback[-1]
        assert (str(last.path), last.lineno) == (str(path), 1)

    def test_either_a_path_or_the_contents(self) -> None:
        with pytest.raises(ValueError, match="Provide either"):
            extract_flow_from_file()
        with pytest.raises(ValueError, match="but not both"):
            extract_flow_from_file(file_path="x.py", file_contents="")
        with pytest.raises(TypeError, match="`file_contents` must be string or bytes, not int"):
            extract_flow_from_file(file_contents=5)  # type: ignore[arg-type]

    def test_tasks_of_a_file_can_be_pickled(self, tmp_path: Path) -> None:
        path = tmp_path / "tasks.py"
        path.write_text(
            "from prefect.core.flow import Flow\n"
            "from prefect.tasks.core.function import FunctionTask\n"
            "def double(x):\n    return 2 * x\n"
            "f = Flow('f', tasks=[FunctionTask(double)])\n"
        )
        flow = extract_flow_from_file(str(path))
        loaded = flow_from_bytes_pickle(flow_to_bytes_pickle(flow))
        (task,) = loaded.tasks
        assert task.run(3) == 6


class TestModules:
    @pytest.mark.parametrize("module", [ONE], indirect=True)
    def test_the_only_flow(self, module: str) -> None:
        assert extract_flow_from_module(module).name == "one"
        assert extract_flow_from_module(f"{module}:f").name == "one"
        with pytest.raises(ValueError, match=f"Failed to find flow at '{module}:nope'"):
            extract_flow_from_module(f"{module}:nope")
        with pytest.raises(ValueError, match=f"Failed to find flow 'two' in '{module}'"):
            extract_flow_from_module(module, flow_name="two")

    @pytest.mark.parametrize("module", [TWO], indirect=True)
    def test_one_of_several(self, module: str) -> None:
        with pytest.raises(ValueError, match="Multiple flows found"):
            extract_flow_from_module(module)
        assert extract_flow_from_module(module, flow_name="two").name == "two"
        assert extract_flow_from_module(f"{module}:g").name == "two"
        with pytest.raises(ValueError, match="is named 'two', expected 'one'"):
            extract_flow_from_module(f"{module}:g", flow_name="one")
        with pytest.raises(TypeError, match=r"<class 'int'> not a `prefect.Flow`"):
            extract_flow_from_module(f"{module}:number")

    @pytest.mark.parametrize("module", [ONE + "g = Flow('one')\n"], indirect=True)
    def test_the_last_of_those_with_the_same_name(self, module: str) -> None:
        assert extract_flow_from_module(module) is sys.modules[module].g
        assert extract_flow_from_module(module, "one") is sys.modules[module].g

    @pytest.mark.parametrize("module", ["x = 1\n"], indirect=True)
    def test_none(self, module: str) -> None:
        with pytest.raises(ValueError, match="No flows found"):
            extract_flow_from_module(module)

    @pytest.mark.parametrize(
        "module", ["from prefect.core.flow import Flow\ndef make():\n    return Flow('made')\n"], indirect=True
    )
    def test_a_function_that_builds_it(self, module: str) -> None:
        assert extract_flow_from_module(f"{module}:make").name == "made"


def enveloped(pickled: bytes, versions: dict[str, str]) -> bytes:
    return json.dumps({"flow": base64.b64encode(pickled).decode(), "versions": versions}).encode()


class TestPickles:
    def test_there_and_back(self) -> None:
        flow = Flow("f", tasks=[FunctionTask(lambda x: x + 1, name="plus")])
        loaded = flow_from_bytes_pickle(flow_to_bytes_pickle(flow))
        assert loaded.name == "f"
        assert [task.name for task in loaded.tasks] == ["plus"]

    def test_the_form_is_that_of_1_x(self) -> None:
        content = json.loads(flow_to_bytes_pickle(Flow("f")))
        assert sorted(content) == ["flow", "versions"]
        assert sorted(content["versions"]) == ["cloudpickle", "prefect", "python"]
        assert cloudpickle.loads(base64.b64decode(content["flow"])).name == "f"

    def test_an_envelope_without_a_flow(self) -> None:
        with pytest.raises(FlowStorageError, match=r"while unpickling the flow:\n  KeyError\('flow'\)"):
            flow_from_bytes_pickle(b"{}")

    def test_a_bare_pickle_of_an_old_release(self) -> None:
        assert flow_from_bytes_pickle(cloudpickle.dumps(Flow("old"))).name == "old"

    def test_what_is_no_pickle(self) -> None:
        with pytest.raises(FlowStorageError, match="An error occurred while unpickling the flow"):
            flow_from_bytes_pickle(b"junk")

    def test_versions_that_differ_are_named(self) -> None:
        content = enveloped(b"junk", {"prefect": "0.1", "python": "2.7"})
        with pytest.raises(FlowStorageError) as raised:
            flow_from_bytes_pickle(content)
        assert "prefect: (flow built with '0.1'" in str(raised.value)
        assert "python: (flow built with '2.7'" in str(raised.value)
        assert "cloudpickle:" not in str(raised.value)

    def test_a_module_that_is_missing_is_named(self) -> None:
        pickled_import = b"cnot_installed_here\nthing\n."
        content = enveloped(pickled_import, {})
        with pytest.raises(FlowStorageError, match="not_installed_here") as raised:
            flow_from_bytes_pickle(content)
        assert "missing Python module" in str(raised.value)


class TestImages:
    def flow(self, storage: Any = None, run_config: Any = None) -> Any:
        return SimpleNamespace(name="f", storage=storage, run_config=run_config)

    def test_by_run_config_then_by_storage(self) -> None:
        class Docker:
            name = "registry/image:tag"

        run_config = SimpleNamespace(image="other")
        assert get_flow_image(self.flow(Docker(), run_config)) == "other"
        assert get_flow_image(self.flow(Docker(), SimpleNamespace(image=None))) == "registry/image:tag"
        assert get_flow_image(self.flow(None, run_config)) == "other"

    def test_none(self) -> None:
        with pytest.raises(ValueError, match="The flow 'f' names no Docker image"):
            get_flow_image(self.flow(run_config=SimpleNamespace(image=None)))
