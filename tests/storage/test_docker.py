"""Flows in images: the context to build from, and what an engine is asked for, up to where an engine would run."""

import gc
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from prefect import Flow, task
from prefect.exceptions import FlowStorageError
from prefect.serialization.storage import dump_storage, load_storage
from prefect.storage import Docker
from prefect.storage import docker as docker_storage
from prefect.storage.docker import multiline_indent
from prefect.storage.healthcheck import check, main
from prefect.utilities.version import VERSION

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


@task
def one() -> int:
    return 1


def build_flow(name: str) -> Flow:
    with Flow(name) as flow:
        one()
    return flow


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the tests run from a checkout or from an installation, it needs the same."""
    listed = ["msgspec<1,>=0.19", "dask>=2024.1; extra == 'dask'"]
    monkeypatch.setattr(metadata, "requires", lambda name: listed)
    monkeypatch.delenv("DOCKER_HOST", raising=False)


class Image:
    """What a Dockerfile copies and runs, with the copying done: the image as far as it needs no engine."""

    def __init__(self, dockerfile: str, context: Path, root: Path) -> None:
        self.lines = Path(dockerfile).read_text().splitlines()
        self.context = context
        self.root = root
        for line in self.of("COPY"):
            source, destination = json.loads(line)
            self.copy(context / source, root / destination.lstrip("/"))

    def of(self, instruction: str) -> list[str]:
        return [line.removeprefix(instruction).strip() for line in self.lines if line.startswith(f"{instruction} ")]

    def copy(self, source: Path, destination: Path) -> None:
        import shutil

        destination.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, destination)
        else:
            shutil.copyfile(source, destination)

    def wanted(self) -> dict[str, Any]:
        """What the health check is told, with the paths that the flows have here."""
        (line,) = [line for line in self.of("RUN") if "prefect.storage.healthcheck" in line]
        wanted: dict[str, Any] = json.loads(shlex.split(line)[-1])
        wanted["flows"] = {name: str(self.root / path.lstrip("/")) for name, path in wanted["flows"].items()}
        return wanted


def image_of(storage: Docker, tmp_path: Path) -> Image:
    context = tmp_path / "context"
    context.mkdir()
    return Image(storage.create_dockerfile_object(str(context)), context, tmp_path / "root")


class TestDefaults:
    def test_the_base_is_this_python(self) -> None:
        storage = Docker()
        assert (storage.base_image, storage.dockerfile) == (f"python:{HERE}-slim", None)
        assert storage.base_url == "unix://var/run/docker.sock"
        assert storage.env_vars == {"PREFECT__USER_CONFIG_PATH": "/opt/prefect/config.toml"}
        assert storage.python_dependencies == ["wheel"]
        assert storage.prefect_version == VERSION

    def test_the_engine_may_be_named_in_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DOCKER_HOST", "tcp://engine")
        assert Docker().base_url == "tcp://engine"
        assert Docker(base_url="tcp://mine").base_url == "tcp://mine"

    def test_where_flows_are_in_the_image(self) -> None:
        assert Docker().add_flow(Flow("My Flow")) == "/opt/prefect/flows/my-flow.prefect"
        assert Docker(prefect_directory="/srv").add_flow(Flow("f")) == "/srv/flows/f.prefect"
        assert Docker(stored_as_script=True, path="/a/f.py").add_flow(Flow("f")) == "/a/f.py"
        storage = Docker()
        storage.add_flow(Flow("f"))
        with pytest.raises(ValueError, match='Flow with the name "f" is already present'):
            storage.add_flow(Flow("f"))

    def test_relative_paths_of_files_are_refused(self) -> None:
        with pytest.raises(ValueError, match="Provided paths a/b are not absolute file paths"):
            Docker(files={"a/b": "/x", "/c": "/y"})


class TestTheContext:
    def test_flows_can_be_loaded_in_the_image(self, tmp_path: Path) -> None:
        storage = Docker()
        for name in ("My Flow", "Another"):
            storage.add_flow(build_flow(name))
        image = image_of(storage, tmp_path)
        assert image.of("FROM") == [f"python:{HERE}-slim"]
        assert image.lines[-1].startswith("RUN python -m prefect.storage.healthcheck")
        wanted = image.wanted()
        assert sorted(wanted["flows"]) == ["Another", "My Flow"]
        assert check(wanted) == []
        # As the process that runs the flow has it, within the image.
        loaded = load_storage(dump_storage(storage))
        loaded.flows = wanted["flows"]
        assert len(loaded.get_flow("My Flow").tasks) == 1

    def test_two_flows_whose_names_look_alike(self, tmp_path: Path) -> None:
        storage = Docker()
        storage.add_flow(build_flow("a b"))
        with pytest.raises(ValueError, match=r"'a-b' would take the place of 'a b' at /opt/prefect/flows/a-b.prefect"):
            storage.add_flow(build_flow("a-b"))

    def test_the_library_is_that_which_runs_here(self, tmp_path: Path) -> None:
        image = image_of(Docker(), tmp_path)
        assert "pip install --no-cache-dir /tmp/quaestor" in image.of("RUN")
        source = image.root / "tmp" / "quaestor"
        assert (source / "prefect" / "engine" / "state.py").exists()
        assert list(source.rglob("__pycache__")) == []
        project = (source / "pyproject.toml").read_text()
        assert f'version = "{VERSION}"' in project
        assert 'dependencies = ["msgspec<1,>=0.19"]' in project

    def test_pip_can_build_the_library(self, tmp_path: Path) -> None:
        pytest.importorskip("hatchling", reason="the library in an image is not built: hatchling is not installed")
        source = image_of(Docker(), tmp_path).context / "quaestor"
        program = "import hatchling.build, sys; print(hatchling.build.build_wheel(sys.argv[1]))"
        command = [sys.executable, "-c", program, str(tmp_path)]
        built = subprocess.run(command, cwd=source, capture_output=True, text=True, check=True).stdout
        assert f"quaestor-{VERSION}-py3" in built

    def test_an_installation_must_say_what_it_needs(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def missing(name: str) -> None:
            raise metadata.PackageNotFoundError(name)

        monkeypatch.setattr(metadata, "requires", missing)
        with pytest.raises(FlowStorageError, match="quaestor is not installed here: install it"):
            image_of(Docker(), tmp_path)

    @pytest.mark.parametrize(
        ("running", "chosen", "installed"),
        [
            (VERSION, "1.6.2", "1.6.2"),
            ("1.5.0", None, "1.5.0"),
            ("1.5.0", "1.5.1", "1.5.1"),
        ],
    )
    def test_a_released_version_comes_from_the_index(
        self, running: str, chosen: str | None, installed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(docker_storage, "VERSION", running)
        image = image_of(Docker(prefect_version=chosen), tmp_path)
        assert f"pip install --no-cache-dir quaestor=={installed}" in image.of("RUN")

    @pytest.mark.parametrize("version", ["1.4.1", "master"])
    def test_a_version_of_the_original_is_not_installed(self, version: str, tmp_path: Path) -> None:
        with pytest.warns(UserWarning, match=f"in place of the `prefect_version` '{version}'"):
            image = image_of(Docker(prefect_version=version), tmp_path)
        assert "pip install --no-cache-dir /tmp/quaestor" in image.of("RUN")

    def test_dependencies_files_variables_and_commands(self, tmp_path: Path) -> None:
        (tmp_path / "a file.txt").write_text("content")
        (tmp_path / "folder" / "deep").mkdir(parents=True)
        (tmp_path / "folder" / "deep" / "x").write_text("x")
        storage = Docker(
            base_image="base:1",
            python_dependencies=["pandas>=2", "dask[array]"],
            files={str(tmp_path / "a file.txt"): "/data/a b.txt", str(tmp_path / "folder"): "/folder"},
            env_vars={"QUOTED": 'say "$HOME" \\ it\'s'},
            extra_dockerfile_commands=["RUN one", "RUN two"],
            ignore_healthchecks=True,
        )
        image = image_of(storage, tmp_path)
        assert image.of("FROM") == ["base:1"]
        assert image.of("ENV")[1] == 'QUOTED="say \\"\\$HOME\\" \\\\ it\'s"'
        assert "pip install --no-cache-dir 'pandas>=2' 'dask[array]' wheel" in image.of("RUN")
        assert (image.root / "data" / "a b.txt").read_text() == "content"
        assert (image.root / "folder" / "deep" / "x").read_text() == "x"
        assert image.lines[-2:] == ["RUN one", "RUN two"]

    def test_a_file_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError, match="'/no/such/file', to be copied into a Docker image, does not"):
            image_of(Docker(files={"/no/such/file": "/x"}), tmp_path)

    def test_scripts(self, tmp_path: Path) -> None:
        script = tmp_path / "f.py"
        script.write_text("from prefect import Flow\nFlow('x')\nf = Flow('f')\n")
        storage = Docker(stored_as_script=True, path="/flows/f.py", files={str(script): "/flows/f.py"})
        storage.add_flow(Flow("f"))
        image = image_of(storage, tmp_path)
        assert not (image.context / "flows").exists()
        assert check(image.wanted()) == []


class TestTheHealthCheck:
    def test_another_python_cannot_read_pickles(self) -> None:
        (said,) = check({"flows": {}, "python": [3, 1], "script": False})
        assert said.startswith(f"The flows were pickled by Python 3.1, and the image has {HERE}")
        assert check({"flows": {}, "python": [3, 1], "script": True}) == []

    def test_each_flow_that_cannot_be_loaded_is_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "bad").write_bytes(b"no pickle")
        wanted = {
            "flows": {"a": str(tmp_path / "bad"), "b": "/no/such/file"},
            "python": list(sys.version_info[:2]),
            "script": False,
        }
        monkeypatch.setattr(sys, "argv", ["healthcheck", json.dumps(wanted)])
        assert main() == 1
        said = capsys.readouterr().out.splitlines()
        assert said[0].startswith(f"The flow 'a' cannot be loaded from {tmp_path}/bad in the image: FlowStorageError")
        assert said[-1].startswith("The flow 'b' cannot be loaded from /no/such/file in the image: FileNotFoundError")
        wanted["flows"] = {}
        monkeypatch.setattr(sys, "argv", ["healthcheck", json.dumps(wanted)])
        assert main() == 0


class Engine:
    """Stands in for a Docker engine: keeps what it is asked for."""

    said: list[dict[str, str]] = []
    has_image = True

    def __init__(self, asked: list[tuple[str, Any]], **options: Any) -> None:
        self.asked = asked
        asked.append(("connect", options))

    def pull(self, image: str, **options: Any) -> Iterator[dict[str, str]]:
        self.asked.append(("pull", image))
        return iter(({"status": "Pulled"}, {"status": "Pulling", "progress": "[==>]"}))

    def build(self, **options: Any) -> Iterator[dict[str, str]]:
        self.asked.append(("build", {**options, "context": sorted(os.listdir(options["path"]))}))
        assert Path(options["dockerfile"]).is_file()
        return iter(self.said)

    def images(self, name: str) -> list[str]:
        return [name] if self.has_image else []

    def push(self, name: str, **options: Any) -> Iterator[dict[str, str]]:
        self.asked.append(("push", (name, options["tag"])))
        return iter(({"status": "Pushed"},))

    def close(self) -> None:
        self.asked.append(("close", None))


class TestBuilding:
    @pytest.fixture
    def asked(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
        docker = pytest.importorskip("docker", reason="building images is not tested: docker is not installed")
        asked: list[tuple[str, Any]] = []
        monkeypatch.setattr(docker, "APIClient", lambda **options: Engine(asked, **options))
        monkeypatch.setattr(Engine, "said", [{"stream": "Step 1\n"}, {"status": "x"}])
        return asked

    def verbs(self, asked: list[tuple[str, Any]]) -> list[str]:
        return [verb for verb, _ in asked if verb not in ("connect", "close")]

    def test_an_image_is_pulled_built_and_pushed(
        self, asked: list[tuple[str, Any]], caplog: pytest.LogCaptureFixture
    ) -> None:
        storage = Docker(
            registry_url="registry.example.com/x/",
            image_name="img",
            image_tag="t",
            tls_config="tls",
            build_kwargs={"nocache": True},
        )
        storage.add_flow(build_flow("f"))
        with caplog.at_level("INFO"):
            assert storage.build() is storage
        assert self.verbs(asked) == ["pull", "build", "push"]
        built = dict(asked)["build"]
        assert (built["tag"], built["nocache"], built["rm"]) == ("registry.example.com/x/img:t", True, True)
        assert built["context"] == ["Dockerfile", "flows", "quaestor"]
        assert dict(asked)["push"] == ("registry.example.com/x/img", "t")
        assert dict(asked)["connect"] == {"base_url": "unix://var/run/docker.sock", "version": "auto", "tls": "tls"}
        assert [record.message for record in caplog.records] == ["Pulled", "Step 1", "x", "Pushed"]
        # Whatever was connected is closed, and the context is gone.
        assert len([1 for verb, _ in asked if verb == "close"]) == len([1 for verb, _ in asked if verb == "connect"])
        assert not os.path.exists(built["path"])

    def test_without_a_registry_it_stays_here(self, asked: list[tuple[str, Any]]) -> None:
        storage = Docker(local_image=True)
        storage.add_flow(build_flow("My Flow"))
        with pytest.warns(UserWarning, match="no `registry_url`, and will not be pushed"):
            storage.build()
        assert self.verbs(asked) == ["build"]
        assert storage.image_name == "my-flow"
        assert storage.name == f"my-flow:{storage.image_tag}"

    def test_it_may_not_be_pushed(self, asked: list[tuple[str, Any]]) -> None:
        storage = Docker(registry_url="r", local_image=True)
        storage.build(push=False)
        assert self.verbs(asked) == ["build"]

    @pytest.mark.parametrize("said", ["error", "silence"])
    def test_what_went_wrong_is_said(
        self, said: str, asked: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if said == "error":
            monkeypatch.setattr(Engine, "said", [{"stream": "Step 1"}, {"error": "no space left"}])
        else:
            monkeypatch.setattr(Engine, "has_image", False)
        expected = {
            "error": "could not build the image r/i:t: no space left",
            "silence": "r/i:t failed to build: .*health checks",
        }
        with pytest.raises(FlowStorageError, match=expected[said]):
            Docker(registry_url="r", image_name="i", image_tag="t", local_image=True).build()
        assert "push" not in self.verbs(asked)

    def test_a_dockerfile_of_ones_own(
        self, asked: list[tuple[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "Dockerfile").write_text("FROM mine\nRUN mine\n")
        (tmp_path / "ignored").write_text("x\n")
        read: list[str] = []
        build = Engine.build

        def reading(self: Engine, **options: Any) -> Iterator[dict[str, str]]:
            read.append(Path(options["dockerfile"]).read_text())
            return build(self, **options)

        monkeypatch.setattr(Engine, "build", reading)
        storage = Docker(registry_url="r", dockerfile="Dockerfile", dockerignore="ignored")
        storage.add_flow(build_flow("f"))
        storage.build(push=False)
        assert self.verbs(asked) == ["build"]
        built = dict(asked)["build"]
        assert built["path"] == str(tmp_path)
        assert {".dockerignore", "Dockerfile"} < set(built["context"])
        assert read[0].startswith("FROM mine\nRUN mine\nENV ")
        (within,) = [name for name in built["context"] if name.startswith("prefect-image-")]
        assert f'COPY ["{within}/flows/0-f.prefect", "/opt/prefect/flows/f.prefect"]' in read[0]
        # Nothing is left among the user's files.
        assert sorted(os.listdir(tmp_path)) == ["Dockerfile", "ignored"]

        (tmp_path / ".dockerignore").write_text("y\n")
        with pytest.raises(ValueError, match=r"`dockerignore` names 'ignored', and there is a .* already"):
            storage.build(push=False)
        storage.dockerfile = "nope"
        storage.dockerignore = None
        with pytest.raises(FlowStorageError, match="The Dockerfile 'nope' cannot be read: No such file"):
            storage.build(push=False)

    def test_a_script_must_be_placed(self, asked: list[tuple[str, Any]]) -> None:
        with pytest.raises(ValueError, match=r"A `path` must be provided to show where flow `.py` file is stored"):
            Docker(registry_url="r", stored_as_script=True).build()

    # The docker library leaves the socket open on which nobody answered.
    @pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
    def test_no_engine_is_an_error_that_says_where(self) -> None:
        pytest.importorskip("docker", reason="building images is not tested: docker is not installed")
        with pytest.raises(FlowStorageError, match=r"No Docker engine answers at unix:///no/engine.*`base_url`"):
            Docker(base_url="unix:///no/engine", registry_url="r").build()
        gc.collect()

    def test_the_library_is_an_extra(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "docker", None)
        with pytest.raises(ImportError, match=r"Docker storage needs the module docker.*'quaestor\[docker\]'"):
            Docker(registry_url="r").build()


def test_outside_its_image_there_are_no_flows() -> None:
    storage = Docker()
    storage.add_flow(Flow("f"))
    with pytest.raises(FlowStorageError, match=r"'f' is not at .*: Docker storage is read by a process in its image"):
        storage.get_flow("f")
    with pytest.raises(ValueError, match="Flow is not contained in this Storage"):
        storage.get_flow("g")


def test_multiline_indent() -> None:
    assert multiline_indent("a\nb\nc", 2) == "a\n  b\n  c"
