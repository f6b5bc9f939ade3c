"""`prefect agent`: start what starts runs, and make it start with its machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from prefect.cli.output import fail

LOG_LEVELS = click.Choice(["DEBUG", "INFO", "WARNING", "ERROR"], case_sensitive=False)

Command = Callable[..., Any]


def _options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Several options as one decorator, shown in this order."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


# What an agent tells its backend; shared by what starts one and what writes down how it is to be started.
_identity = _options(
    click.option(
        "--key", "-k", help="An API key, where the server wants one; PREFECT__CLOUD__API_KEY is not seen by ps."
    ),
    click.option("--tenant-id", help="The tenant whose runs it takes.  [default: that of the key, else the first]"),
    click.option("--label", "-l", "labels", multiple=True, help="A label; give it several times for several."),
    click.option("--env", "-e", "env", multiple=True, help="NAME=VALUE in the environment of every run."),
    click.option("--agent-config-id", help="Settings in the backend that several agents share."),
)
_start = _options(
    _identity,
    click.option("--api", "-a", help="The address of the server.  [default: cloud.api]"),
    click.option("--name", "-n", help="What it is called.  [default: cloud.agent.name]"),
    click.option("--max-polls", type=int, help="How often it asks for runs before it ends; for ever by default."),
    click.option("--agent-address", help="Where it answers at /api/health and /api/poke: http://127.0.0.1:8080."),
    click.option("--no-cloud-logs", is_flag=True, default=None, help="The runs send no logs to the backend."),
    click.option("--log-level", type=LOG_LEVELS, help="What it logs itself.  [default: cloud.agent.level]"),
)


def _environment(given: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name:
            fail(f"--env takes NAME=VALUE, not {each!r}.")
        pairs[name] = value
    return pairs


@contextmanager
def _settings(
    api: str | None, key: str | None, tenant_id: str | None, log_level: str | None, name: str | None
) -> Iterator[None]:
    """The settings as the options say, for the life of the agent and of what it starts."""
    from prefect.configuration import config
    from prefect.utilities.configuration import set_temporary_config

    given: dict[str, Any] = {}
    if api:
        given["cloud.api"] = api
        if config.backend == "embedded":
            given["backend"] = "server"
    if key:
        given["cloud.api_key"] = key
    if tenant_id:
        given["cloud.tenant_id"] = tenant_id
    if log_level:
        given["cloud.agent.level"] = log_level.upper()
    if name:
        given["cloud.agent.name"] = name
    with set_temporary_config(given):
        yield


def _run(kind: str, options: dict[str, Any], **more: Any) -> None:
    """Start an agent of this kind with what the options of every agent say, and what is its own."""
    from prefect.utilities.importtools import import_object

    with _settings(
        options.pop("api"),
        options.pop("key"),
        options.pop("tenant_id"),
        options.pop("log_level"),
        options.get("name"),
    ):
        labels, env = options.pop("labels"), options.pop("env")
        agent = import_object(kind)(labels=list(labels) or None, env_vars=_environment(env), **options, **more)
        agent.start()


@click.group()
def agent() -> None:
    """Start agents, which start runs.

    \b
    An agent waits until runs are due whose labels are all among its own, and starts them:
        local        as processes of this machine
        docker       as containers of this machine
        kubernetes   as jobs of a cluster
    """


@agent.group()
def local() -> None:
    """Runs as processes of this machine."""


@local.command("start")
@_start
@click.option("--import-path", "-p", "import_paths", multiple=True, help="A directory from which flows may import.")
@click.option("--show-flow-logs", "-f", is_flag=True, help="Let the runs print here.")
@click.option(
    "--hostname-label/--no-hostname-label",
    "hostname_label",
    default=True,
    help="Have the name of this machine as a label, which flows stored on it ask for.  [default: yes]",
)
def start_local(import_paths: tuple[str, ...], **options: Any) -> None:
    """Start a local agent here, in the foreground; Ctrl-C stops it, and the runs that it has started go on.

    Without a server it takes the runs of the embedded database.
    """
    _run("prefect.agent.local.LocalAgent", options, import_paths=list(import_paths))


@local.command("install")
@_identity
@click.option("--import-path", "-p", "import_paths", multiple=True, help="A directory from which flows may import.")
@click.option("--show-flow-logs", "-f", is_flag=True, help="Let the runs print where the agent does.")
def install_local(
    key: str | None,
    tenant_id: str | None,
    labels: tuple[str, ...],
    env: tuple[str, ...],
    agent_config_id: str | None,
    import_paths: tuple[str, ...],
    show_flow_logs: bool,
) -> None:
    """Print what supervisord must be told to keep a local agent running: a file supervisord.conf."""
    from prefect.agent.local import LocalAgent

    click.echo(
        LocalAgent.generate_supervisor_conf(
            key=key,
            tenant_id=tenant_id,
            labels=labels,
            env_vars=_environment(env),
            import_paths=list(import_paths),
            show_flow_logs=show_flow_logs,
            agent_config_id=agent_config_id,
        ),
        nl=False,
    )


@agent.group()
def docker() -> None:
    """Runs as containers of this machine."""


@docker.command("start")
@_start
@click.option("--base-url", "-b", help="Where the Docker engine answers.  [default: as the docker command]")
@click.option("--no-pull", is_flag=True, help="Use the images that are there; pull none.")
@click.option("--show-flow-logs", "-f", is_flag=True, help="Print what the runs log.")
@click.option("--volume", "volumes", multiple=True, help="A volume of every container: HOST:CONTAINER[:ro].")
@click.option("--network", "networks", multiple=True, help="A network that every container joins.")
@click.option("--docker-client-timeout", type=int, help="Seconds to wait for the engine.")
def start_docker(volumes: tuple[str, ...], networks: tuple[str, ...], **options: Any) -> None:
    """Start a Docker agent here, in the foreground; Ctrl-C stops it."""
    _run("prefect.agent.docker.DockerAgent", options, volumes=list(volumes), networks=list(networks))


@agent.group()
def kubernetes() -> None:
    """Runs as jobs of a cluster."""


@kubernetes.command("start")
@_start
@click.option("--namespace", help="The namespace of the jobs.  [default: NAMESPACE in the environment, else default]")
@click.option("--job-template", "job_template_path", help="Where the template of the jobs is.")
@click.option("--service-account-name", help="The service account of the jobs.")
@click.option("--image-pull-secrets", help="Names of the secrets to pull images with, separated by commas.")
@click.option("--disable-job-deletion", "delete_finished_jobs", is_flag=True, flag_value=False, default=True)
def start_kubernetes(image_pull_secrets: str | None, **options: Any) -> None:
    """Start a Kubernetes agent here, in the foreground; Ctrl-C stops it."""
    secrets = [each.strip() for each in image_pull_secrets.split(",")] if image_pull_secrets else None
    _run("prefect.agent.kubernetes.KubernetesAgent", options, image_pull_secrets=secrets)


@kubernetes.command("install")
@_identity
@click.option("--api", "-a", help="The address of the server, as the cluster sees it.")
@click.option("--namespace", "-n", help="The namespace of the agent and its jobs.")
@click.option("--image-pull-secrets", "-i", help="The secret to pull images with.")
@click.option("--rbac", is_flag=True, help="Also let the agent make jobs, where the cluster controls who may.")
@click.option("--latest", is_flag=True, help="Pull the newest image each time.")
@click.option("--mem-request", help="Memory that the agent asks for.")
@click.option("--mem-limit", help="Memory that the agent may use.")
@click.option("--cpu-request", help="Processors that the agent asks for.")
@click.option("--cpu-limit", help="Processors that the agent may use.")
@click.option("--image-pull-policy", help="Always, IfNotPresent or Never.")
@click.option("--service-account-name", help="The service account of the agent.")
@click.option("--backend", "-b", help="server or cloud.")
def install_kubernetes(labels: tuple[str, ...], env: tuple[str, ...], **options: Any) -> None:
    """Print the manifest of an agent: `prefect agent kubernetes install | kubectl apply -f -`."""
    from prefect.agent.kubernetes import KubernetesAgent

    click.echo(KubernetesAgent.generate_deployment_yaml(labels=labels, env_vars=_environment(env), **options))


def _left_out(name: str, what: str) -> click.Group:
    """A command of 1.x that says what there is instead."""

    @click.group(name, hidden=True)
    def group() -> None:
        """Left out on purpose."""

    @group.command("start", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
    def start() -> None:
        """Left out on purpose."""
        fail(f"There is no agent for {what} here. Start a Docker or a Kubernetes agent (docs/compatibility.md).")

    return group


agent.add_command(_left_out("ecs", "Amazon ECS"))
agent.add_command(_left_out("vertex", "Google Vertex AI"))
