"""A flow in a Docker image."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from prefect.storage.base import Storage
from prefect.storage.remote import RemoteStorage
from prefect.utilities.version import VERSION


class Docker(RemoteStorage):
    """Where a flow is in a Docker image, and how the image is made.

    Args:
        registry_url: the registry to push to; None keeps the image here.
        base_image, dockerfile: at most one of them: what the image is made from.
        dockerignore: the file that says what is left out.
        python_dependencies: packages to install.
        image_name, image_tag: name and tag of the image.
        env_vars: environment variables of the image.
        files: files to copy, from a path here to a path in the image.
        prefect_version: the version to install in the image; None means this one.
        local_image: whether the base image is on this machine.
        ignore_healthchecks: whether the finished image goes unchecked.
        base_url, tls_config, build_kwargs: how to reach Docker, and options of the build.
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
        self.registry_url = registry_url
        self.base_image = base_image
        self.dockerfile = dockerfile
        self.dockerignore = dockerignore
        self.python_dependencies = [*(python_dependencies or ()), "wheel"]
        self.image_name = image_name
        self.image_tag = image_tag
        self.env_vars = dict(env_vars or {})
        self.files = dict(files or {})
        self.prefect_version = prefect_version or VERSION
        self.local_image = local_image
        self.ignore_healthchecks = ignore_healthchecks
        self.base_url = base_url
        self.tls_config = tls_config
        self.build_kwargs = dict(build_kwargs or {})
        self.prefect_directory = prefect_directory
        self.path = path
        self.extra_dockerfile_commands = extra_dockerfile_commands
        super().__init__(stored_as_script=stored_as_script, **kwargs)

    @property
    def name(self) -> str:
        """Registry, name and tag of the image."""
        if self.image_name is None or self.image_tag is None:
            raise ValueError("Docker storage is missing required fields image_name and image_tag")
        image = f"{self.image_name}:{self.image_tag}"
        return image if self.registry_url is None else f"{self.registry_url.rstrip('/')}/{image}"

    def build(self, push: bool = True) -> Storage:
        """Refused: FlowStorageError."""
        self._refuse("be built")

    def create_dockerfile_object(self, directory: str) -> str:
        """Refused: FlowStorageError."""
        self._refuse("write a Dockerfile")

    def pull_image(self) -> None:
        """Refused: FlowStorageError."""
        self._refuse("pull its image")

    def push_image(self, image_name: str, image_tag: str) -> None:
        """Refused: FlowStorageError."""
        self._refuse("push its image")


def multiline_indent(string: str, spaces: int) -> str:
    """The text with so many blanks before every line but the first."""
    return string.replace("\n", "\n" + " " * spaces)
