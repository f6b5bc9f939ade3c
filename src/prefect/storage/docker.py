"""A flow in a Docker image."""

from __future__ import annotations

import contextlib
import json
import os
import posixpath
import shlex
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from prefect.exceptions import FlowStorageError
from prefect.storage.base import Storage
from prefect.utilities.text import slugify
from prefect.utilities.version import VERSION

if TYPE_CHECKING:
    from prefect.core.flow import Flow


DISTRIBUTION = "quaestor"


class Docker(Storage):
    """Flows in a Docker image, and how the image is made. Building needs the library `docker` and a Docker engine.

    Args:
        registry_url: the registry to push to; None keeps the image on the engine that builds it.
        base_image, dockerfile: at most one of them: what the image is made from; by default an image of this Python.
        dockerignore: the file that says what is left out.
        python_dependencies: packages to install.
        image_name, image_tag: name and tag of the image; None means the flow's name and the time of the build.
        env_vars: environment variables of the image.
        files: files and directories to copy, from an absolute path here to a path in the image.
        prefect_version: the version to install in the image; None means this one.
        local_image: whether the base image is on this machine.
        ignore_healthchecks: whether it goes unchecked that the flows can be loaded in the image.
        base_url, tls_config: how to reach the engine; None means DOCKER_HOST, or the engine of this machine.
        build_kwargs: further options of docker-py's `build`.
        prefect_directory: where flows are put in the image.
        path: where the flow's script is in the image.
        stored_as_script: whether the flow is a script rather than a pickle.
        extra_dockerfile_commands: lines to add to the Dockerfile.
        **kwargs: arguments of every storage.
    """

    def __init__(
        self,
        registry_url: str | None = None,
        base_image: str | None = None,
        dockerfile: str | None = None,
        dockerignore: str | None = None,
        python_dependencies: Iterable[str] | None = None,
        image_name: str | None = None,
        image_tag: str | None = None,
        env_vars: Mapping[str, str] | None = None,
        files: Mapping[str, str] | None = None,
        prefect_version: str | None = None,
        local_image: bool = False,
        ignore_healthchecks: bool = False,
        base_url: str | None = None,
        tls_config: Any = False,
        build_kwargs: Mapping[str, Any] | None = None,
        prefect_directory: str = "/opt/prefect",
        path: str | None = None,
        stored_as_script: bool = False,
        extra_dockerfile_commands: Iterable[str] | None = None,
        **kwargs: Any,
    ) -> None:
        if base_image is not None and dockerfile is not None:
            raise ValueError("Only one of `base_image` and `dockerfile` can be provided.")
        relative = [path for path in files or () if not os.path.isabs(path)]
        if relative:
            raise ValueError(
                f"Provided paths {', '.join(relative)} are not absolute file paths, please provide absolute paths only."
            )
        self.registry_url = registry_url
        if base_image is None and dockerfile is None:
            base_image = f"python:{sys.version_info.major}.{sys.version_info.minor}-slim"
        self.base_image = base_image
        self.dockerfile = dockerfile
        self.dockerignore = dockerignore
        self.python_dependencies = [*(python_dependencies or ()), "wheel"]
        self.image_name = image_name
        self.image_tag = image_tag
        self.env_vars = {"PREFECT__USER_CONFIG_PATH": f"{prefect_directory}/config.toml", **(env_vars or {})}
        self.files = dict(files or {})
        self.prefect_version = prefect_version or VERSION
        self.local_image = local_image
        self.ignore_healthchecks = ignore_healthchecks
        self.base_url = base_url or os.environ.get("DOCKER_HOST") or "unix://var/run/docker.sock"
        self.tls_config = tls_config
        self.build_kwargs = dict(build_kwargs or {})
        self.prefect_directory = prefect_directory
        self.path = path
        if isinstance(extra_dockerfile_commands, str):
            extra_dockerfile_commands = [extra_dockerfile_commands]
        self.extra_dockerfile_commands = None if extra_dockerfile_commands is None else list(extra_dockerfile_commands)
        super().__init__(stored_as_script=stored_as_script, **kwargs)

    @property
    def name(self) -> str:
        """Registry, name and tag of the image."""
        if self.image_name is None or self.image_tag is None:
            raise ValueError("Docker storage is missing required fields image_name and image_tag")
        return self._named(self.image_name, self.image_tag)

    def _named(self, image_name: str, image_tag: str | None) -> str:
        image = image_name if self.registry_url is None else f"{self.registry_url.rstrip('/')}/{image_name}"
        return image if image_tag is None else f"{image}:{image_tag}"

    def add_flow(self, flow: Flow) -> str:
        """Take a flow in, to be put into the image by `build`; returns its path there."""
        self._must_be_new(flow)
        location = self.path if self.stored_as_script and self.path else None
        if location is None:
            location = f"{self.prefect_directory}/flows/{slugify(flow.name)}.prefect"
            for other, taken in self.flows.items():
                if taken == location:
                    raise ValueError(
                        f"The flow {flow.name!r} would take the place of {other!r} at {location} in the image: "
                        "rename one of them."
                    )
        self.flows[flow.name] = location
        self._flows[flow.name] = flow
        return location

    def get_flow(self, flow_name: str) -> Flow:
        """The flow of this name, for a process in the image."""
        from prefect.utilities.storage import extract_flow_from_file, flow_from_bytes_pickle

        location = self._location_of(flow_name)
        try:
            if self.stored_as_script:
                return extract_flow_from_file(file_path=location, flow_name=flow_name)
            with open(location, "rb") as file:
                return flow_from_bytes_pickle(file.read())
        except FileNotFoundError as error:
            raise FlowStorageError(
                f"The flow {flow_name!r} is not at {location}: Docker storage is read by a process in its image."
            ) from error

    def build(self, push: bool = True) -> Self:
        """Build the image with the flows that were added, and push it where there is a registry."""
        if self.registry_url is None:
            warnings.warn("This Docker storage object has no `registry_url`, and will not be pushed.", stacklevel=2)
        if self.stored_as_script and not self.path:
            raise ValueError("A `path` must be provided to show where flow `.py` file is stored in the image.")
        self.run_basic_healthchecks()
        if not self.image_name:
            self.image_name = slugify(next(iter(self.flows))) if len(self.flows) == 1 else "flows"
        if not self.image_tag:
            import pendulum

            self.image_tag = slugify(pendulum.now("utc").isoformat())
        if self.base_image is not None and not self.local_image:
            self.pull_image()
        with self._context() as (context, dockerfile):
            self._build_image(context, dockerfile)
        if push and self.registry_url is not None:
            self.push_image(self._named(self.image_name, None), self.image_tag)
        return self

    def create_dockerfile_object(self, directory: str) -> str:
        """Write a Dockerfile, and all that it copies into the image, to a directory; returns the Dockerfile's path."""
        return self._write_context(Path(directory), Path(directory))

    def pull_image(self) -> None:
        """Fetch the base image."""
        assert self.base_image is not None
        with self._client() as client:
            self._follow(f"pull {self.base_image}", client.pull(self.base_image, stream=True, decode=True))

    def push_image(self, image_name: str, image_tag: str) -> None:
        """Send the image to its registry."""
        with self._client() as client:
            said = client.push(image_name, tag=image_tag, stream=True, decode=True)
            self._follow(f"push {image_name}:{image_tag}", said)

    # --- the engine ---

    @contextlib.contextmanager
    def _client(self) -> Iterator[Any]:
        from prefect.utilities.importtools import import_optional

        docker = import_optional("docker", "docker", "Building Docker storage")
        try:
            client = docker.APIClient(base_url=self.base_url, version="auto", tls=self.tls_config)
        except docker.errors.DockerException as error:
            raise FlowStorageError(
                f"No Docker engine answers at {self.base_url}: {error}. Start one, or name it in `base_url`."
            ) from error
        try:
            yield client
        except docker.errors.DockerException as error:
            raise FlowStorageError(f"The Docker engine at {self.base_url} refused: {error}") from error
        finally:
            client.close()

    def _follow(self, wish: str, said: Iterable[Mapping[str, Any]]) -> None:
        """Log what the engine says, and raise where that is an error."""
        for message in said:
            if "error" in message:
                raise FlowStorageError(f"Docker storage could not {wish}: {str(message['error']).strip()}")
            line = str(message.get("stream") or message.get("status") or "").strip()
            if line and "progress" not in message:
                self.logger.info("%s", line)

    def _build_image(self, context: str, dockerfile: str) -> None:
        options = {"rm": True, **self.build_kwargs}
        with self._client() as client:
            said = client.build(path=context, dockerfile=dockerfile, tag=self.name, decode=True, **options)
            self._follow(f"build the image {self.name}", said)
            if not client.images(name=self.name):
                raise FlowStorageError(
                    f"The image {self.name} failed to build: the engine does not have it. Your flow might have failed "
                    "one of its health checks; what it said is in the log."
                )

    # --- the build context ---

    @contextlib.contextmanager
    def _context(self) -> Iterator[tuple[str, str]]:
        """The directory to build from and the Dockerfile, for as long as the image is being built."""
        if self.dockerfile is None:
            with tempfile.TemporaryDirectory(prefix="prefect-image-") as directory:
                if self.dockerignore is not None:
                    shutil.copyfile(self.dockerignore, os.path.join(directory, ".dockerignore"))
                yield directory, self.create_dockerfile_object(directory)
            return
        # A Dockerfile of the user's copies from where the program runs.
        root = Path.cwd()
        with tempfile.TemporaryDirectory(prefix="prefect-image-", dir=root) as directory:
            with _file_lent(self.dockerignore, root / ".dockerignore"):
                yield str(root), self._write_context(Path(directory), root)

    def _write_context(self, directory: Path, root: Path) -> str:
        within = directory.resolve().relative_to(root.resolve()).as_posix()
        lines = self._first_lines()
        lines += [f"ENV {name}={_quoted(value)}" for name, value in self.env_vars.items()]
        lines.append(f"RUN pip install --no-cache-dir {shlex.join(self.python_dependencies)}")
        lines += self._library(directory, within)
        for number, (here, there) in enumerate(self.files.items()):
            copied = directory / "files" / str(number) / os.path.basename(os.path.normpath(here))
            _copy(here, copied)
            lines.append(_copying(copied.relative_to(directory).as_posix(), there, within))
        if not self.stored_as_script:
            lines += self._flows_written(directory, within)
        lines += self.extra_dockerfile_commands or []
        if not self.ignore_healthchecks:
            wanted = {"flows": self.flows, "python": sys.version_info[:2], "script": self.stored_as_script}
            lines.append(f"RUN python -m prefect.storage.healthcheck {shlex.quote(json.dumps(wanted))}")
        dockerfile = directory / "Dockerfile"
        dockerfile.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return str(dockerfile)

    def _first_lines(self) -> list[str]:
        if self.dockerfile is None:
            return [f"FROM {self.base_image}"]
        try:
            return [Path(self.dockerfile).expanduser().read_text(encoding="utf-8").rstrip("\n")]
        except OSError as error:
            raise FlowStorageError(f"The Dockerfile {self.dockerfile!r} cannot be read: {error.strerror}.") from error

    def _library(self, directory: Path, within: str) -> list[str]:
        """The lines that install this library in the image: the flows are read there by what wrote them."""
        version = self.prefect_version
        if not _is_ours(version):
            warnings.warn(
                f"Docker storage installs {DISTRIBUTION} {VERSION} in the image, which is what stores the flows, in "
                f"place of the `prefect_version` {version!r}.",
                stacklevel=2,
            )
            version = VERSION
        if version != VERSION or ".dev" not in VERSION:
            return [f"RUN pip install --no-cache-dir {DISTRIBUTION}=={version}"]
        # No index has a version that is not released: the image gets what runs here.
        _write_source(directory / DISTRIBUTION)
        return [
            _copying(DISTRIBUTION, f"/tmp/{DISTRIBUTION}", within),
            f"RUN pip install --no-cache-dir /tmp/{DISTRIBUTION}",
        ]

    def _flows_written(self, directory: Path, within: str) -> list[str]:
        from prefect.utilities.storage import flow_to_bytes_pickle

        (directory / "flows").mkdir()
        lines = []
        for number, (name, location) in enumerate(self.flows.items()):
            written = f"flows/{number}-{posixpath.basename(location)}"
            (directory / written).write_bytes(flow_to_bytes_pickle(self._flows[name]))
            lines.append(_copying(written, location, within))
        return lines


def multiline_indent(string: str, spaces: int) -> str:
    """The text with so many blanks before every line but the first."""
    return string.replace("\n", "\n" + " " * spaces)


def _is_ours(version: str) -> bool:
    """Whether a version is one of this distribution, which begins with 1.5."""
    numbers = version.split(".")[:2]
    return all(number.isdecimal() for number in numbers) and tuple(map(int, numbers)) >= (1, 5)


def _quoted(value: str) -> str:
    """A value as a Dockerfile writes it, with nothing left to expand."""
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return f'"{escaped}"'


def _copying(source: str, destination: str, within: str) -> str:
    # As a list, so that blanks in paths stay where they are.
    return f"COPY {json.dumps([posixpath.normpath(posixpath.join(within, source)), destination])}"


def _copy(source: str, destination: Path) -> None:
    destination.parent.mkdir(parents=True)
    try:
        if os.path.isdir(source):
            shutil.copytree(source, destination)
        else:
            shutil.copyfile(source, destination)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{source!r}, to be copied into a Docker image, does not exist.") from error


@contextlib.contextmanager
def _file_lent(source: str | None, destination: Path) -> Iterator[None]:
    """A copy of a file, there for the length of the block; nothing where there is none to copy or it is there."""
    if source is None or (destination.exists() and os.path.samefile(source, destination)):
        yield
        return
    if destination.exists():
        raise ValueError(f"`dockerignore` names {source!r}, and there is a {destination} already: use one of them.")
    shutil.copyfile(source, destination)
    try:
        yield
    finally:
        destination.unlink()


def _write_source(directory: Path) -> None:
    """The running library as something that pip can install."""
    from importlib.util import find_spec

    found = find_spec("prefect")
    assert found is not None
    assert found.origin is not None
    package = Path(found.origin).parent
    shutil.copytree(package, directory / "prefect", ignore=shutil.ignore_patterns("__pycache__"))
    project = {
        "name": DISTRIBUTION,
        "version": VERSION,
        "requires-python": f">={sys.version_info.major}.{sys.version_info.minor}",
        "dependencies": _requirements(),
    }
    lines = ["[build-system]", 'requires = ["hatchling"]', 'build-backend = "hatchling.build"', "", "[project]"]
    # What JSON writes of text and lists of text is TOML too.
    lines += [f"{name} = {json.dumps(value)}" for name, value in project.items()]
    lines += ["", "[project.scripts]", 'prefect = "prefect.cli:cli"', "", "[tool.hatch.build.targets.wheel]"]
    lines += ['packages = ["prefect"]', ""]
    (directory / "pyproject.toml").write_text("\n".join(lines), encoding="utf-8")


def _requirements() -> list[str]:
    from importlib import metadata

    try:
        listed = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError as error:
        raise FlowStorageError(
            f"An image needs what {DISTRIBUTION} depends on, and {DISTRIBUTION} is not installed here: install it, "
            "`pip install -e .` in its checkout."
        ) from error
    return [requirement for requirement in listed if "extra ==" not in requirement]
