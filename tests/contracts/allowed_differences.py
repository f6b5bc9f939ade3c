"""In what the public names here differ from those of release 1.4.1: each difference, in groups that share a reason."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    told: str
    """Words of docs/compatibility.md, where the reason stands."""
    differences: dict[str, str]
    """What the comparison says of each path. Both are patterns, as for file names."""
    refused: bool = False
    """Left out on purpose: importing it says so."""


# Names that a module of 1.x imported for itself, so that they could be imported from it: by module.
IMPORTED_FOR_OWN_USE = {
    "prefect.agent.agent": (
        "Failed RunConfig RunConfigSchema StateSchema Submitted UniversalRun with_args ascii_name context"
    ),
    "prefect.agent.docker.agent": "TYPE_CHECKING context platform",
    "prefect.agent.kubernetes.agent": "Failed ObjectNotFoundError",
    "prefect.agent.local.agent": "Docker StorageSchema DEVNULL STDOUT",
    "prefect.utilities.kubernetes": "Secret get_logger config",
    "prefect.backend.artifacts": "ClientError",
    "prefect.backend.execution": "Flow RunConfig get_logger with_args",
    "prefect.backend.flow": "EnumValue FlowSchema RunConfig RunConfigSchema StorageSchema get_logger with_args",
    "prefect.backend.flow_run": "EnumValue FlowView Pending RunConfig RunConfigSchema State get_logger with_args",
    "prefect.backend.kv_store": "ClientError with_args",
    "prefect.backend.task_run": "Client EnumValue NoResultType Result Scheduled State get_logger with_args",
    "prefect.backend.tenant": "with_args",
    "prefect.client.client": (
        "EnumValue GraphQLResult RunConfig compress create_diagnostic_logger format_graphql_request_error "
        "parse_graphql with_args"
    ),
    "prefect.client.secrets": "Client",
    "prefect.configuration": "collections",
    "prefect.core.edge": "Task",
    "prefect.core.flow": (
        "diagnostics logging Executor Result RunConfig State Storage UniversalRun as_task callback_factory "
        "get_default_storage_class"
    ),
    "prefect.core.parameter": "DateTimeSerializer PrefectResult",
    "prefect.core.task": "logging EdgeAnnotation as_task callback_factory",
    "prefect.engine": "config warn",
    "prefect.engine.cloud.flow_runner": "ENDRUN Failed Flow Queued Task VersionLockMismatchSignal with_args time_sleep",
    "prefect.engine.cloud.task_runner": (
        "Cached ClientFailed ENDRUN Edge Failed Queued Result Retrying Task TaskRunnerInitializeResult "
        "VersionLockMismatchSignal call_state_handlers tail_recursive"
    ),
    "prefect.engine.flow_runner": "executors ConstantResult Edge Flow Mapped Pending Task flatten_seq",
    "prefect.engine.results.azure_result": "Result Secret",
    "prefect.engine.results.gcs_result": "Result",
    "prefect.engine.results.s3_result": "Result",
    "prefect.engine.task_runner": "Edge Paused RecursiveCall Retrying Skipped Task tail_recursive config",
    "prefect.executors.base": "get_logger",
    "prefect.executors.dask": "import_object context",
    "prefect.run_configs.ecs": "parse_path",
    "prefect.run_configs.kubernetes": "parse_path",
    "prefect.storage": "config warn",
    "prefect.storage.azure": "Secret Storage extract_flow_from_file flow_from_bytes_pickle flow_to_bytes_pickle",
    "prefect.storage.base": "prefect_logging Result",
    "prefect.storage.bitbucket": "Secret Storage extract_flow_from_file",
    "prefect.storage.codecommit": "Storage extract_flow_from_file",
    "prefect.storage.docker": "extract_flow_from_file flow_from_bytes_pickle flow_to_bytes_pickle",
    "prefect.storage.gcs": (
        "FlowStorageError Storage extract_flow_from_file flow_from_bytes_pickle flow_to_bytes_pickle"
    ),
    "prefect.storage.git": "Secret Storage TemporaryGitRepo extract_flow_from_file",
    "prefect.storage.github": "Secret Storage extract_flow_from_file",
    "prefect.storage.gitlab": "Secret Storage extract_flow_from_file",
    "prefect.storage.local": (
        "LocalResult extract_flow_from_file extract_flow_from_module flow_from_bytes_pickle flow_to_bytes_pickle"
    ),
    "prefect.storage.module": "extract_flow_from_module",
    "prefect.storage.s3": "Storage extract_flow_from_file flow_from_bytes_pickle flow_to_bytes_pickle",
    "prefect.storage.webhook": "Secret extract_flow_from_file flow_from_bytes_pickle flow_to_bytes_pickle",
    "prefect.tasks.control_flow.case": "Flow",
    "prefect.tasks.core.resource_manager": "Edge Flow State",
    "prefect.tasks.notifications.email_task": "Secret",
    "prefect.tasks.notifications.pushbullet_task": "Secret",
    "prefect.tasks.notifications.slack_task": "Secret",
    "prefect.tasks.prefect.flow_run": "EnumValue create_link_artifact signal_from_state watch_flow_run with_args",
    "prefect.tasks.secrets.base": "SecretResult",
    "prefect.tasks.shell": "PIPE STDOUT",
    "prefect.triggers": "TYPE_CHECKING",
    "prefect.utilities.agent": "GraphQLResult",
    "prefect.utilities.aws": "TYPE_CHECKING",
    "prefect.utilities.cli": "TYPE_CHECKING",
    "prefect.utilities.executors": "Client",
    "prefect.utilities.serialization": "EXCLUDE",
    "prefect.utilities.tasks": "TYPE_CHECKING",
}

MARSHMALLOW_FIELDS = (
    "Bytes DateTimeTZ FunctionReference JSONCompatible Nested ObjectSchema ObjectSchemaOptions OneOfSchema SortedList "
    "StatefulFunctionReference UUID"
)

ALLOWED = (
    Group(
        told="A module showed also what it imported for its own use",
        differences={
            f"{module}.{name}": "missing" for module, names in IMPORTED_FOR_OWN_USE.items() for name in names.split()
        },
    ),
    Group(
        told="Serialization schemas built on marshmallow",
        differences={f"prefect.utilities.serialization.{name}": "missing" for name in MARSHMALLOW_FIELDS.split()},
        refused=True,
    ),
    Group(
        told="`jira_notifier` and the module `jira_notification`",
        differences={
            "prefect.utilities.notifications.jira_notification": "missing",
            "prefect.utilities.notifications.jira_notifier": "missing",
            "prefect.utilities.notifications.snowflake_logger": "missing",
            "prefect.utilities.notifications.snowflake_message_formatter": "missing",
            "prefect.utilities.notifications.notifications.snowflake_logger": "missing",
            "prefect.utilities.notifications.notifications.snowflake_message_formatter": "missing",
        },
        refused=True,
    ),
    Group(
        told="Agents for Amazon ECS and Google Vertex AI",
        differences={
            "prefect.agent.ecs": "missing",
            "prefect.agent.ecs.agent": "missing",
            "prefect.agent.vertex": "missing",
            "prefect.agent.vertex.agent": "missing",
        },
        refused=True,
    ),
    Group(
        told="`HealthHandler` and `PokeHandler` of `prefect.agent.agent`",
        differences={
            "prefect.agent.agent.HealthHandler": "missing",
            "prefect.agent.agent.PokeHandler": "missing",
        },
    ),
    Group(
        told="Tasks for the products of others, one package for each",
        differences={"prefect.tasks.docker": "missing", "prefect.tasks.github": "missing"},
        refused=True,
    ),
    Group(
        told="`GCSResult.gcs_bucket` and `AzureResult.service` could be set",
        differences={
            "prefect.engine.results.azure_result.AzureResult.service": "cannot be set",
            "prefect.engine.results.gcs_result.GCSResult.gcs_bucket": "cannot be set",
        },
    ),
    Group(
        told="`prefect.config` and answers of the backend were of the class `box.Box`",
        differences={
            "prefect.configuration.Config": "is no box.box.Box",
            "prefect.configuration.Config.__init__": "(?args, ??kwargs) for *box_class=None*",
            "prefect.utilities.graphql.GraphQLResult": "is no box.box.Box",
            "prefect.utilities.graphql.GraphQLResult.__init__": "(?args, ??kwargs) for *box_class=None*",
        },
    ),
    Group(
        told="What is new in a signature is given by keyword",
        differences={
            "prefect.backend.flow_run.FlowRunView.__init__": "adds sequence",
            "prefect.backend.flow_run.FlowRunView.from_flow_run_id": "adds as_of",
            "prefect.backend.flow_run.watch_flow_run": "adds attend",
            "prefect.backend.task_run.TaskRunView.__init__": "adds version, sequence",
            "prefect.backend.task_run.TaskRunView.from_task_run_id": "adds as_of",
            "prefect.backend.task_run.TaskRunView.from_task_slug": "adds as_of",
            "prefect.client.client.Client.__init__": "adds transport",
            "prefect.client.client.Client.update_flow_run_heartbeat": "adds interval_seconds, holder",
            "prefect.engine.cloud.flow_runner.CloudFlowRunner.run": "adds run_store",
            "prefect.engine.flow_runner.FlowRunner.run": "adds run_store",
            "prefect.engine.flow_runner.run_task": "adds run_store, base_context",
            "prefect.utilities.executors.HeartbeatThread.__init__": "adds after, holder",
            "prefect.utilities.executors.send_heartbeat": "adds holder",
            "prefect.utilities.executors.subprocess_heartbeat": "adds after",
            "prefect.utilities.executors.threaded_heartbeat": "adds after, holder",
            "prefect.utilities.logging.LogManager.__init__": "adds make_client",
        },
    ),
    Group(
        told="`RenameFlowRun` wanted its arguments when it was called",
        differences={
            "prefect.tasks.prefect.flow_run_rename.RenameFlowRun.run": "(flow_run_id=None, flow_run_name=None) for "
            "(flow_run_id, flow_run_name)",
        },
    ),
    Group(
        told="`Parameter.copy` wanted a name",
        differences={
            "prefect.core.parameter.Parameter.copy": "(name=None, ??task_args) for (name, ??task_args)",
        },
    ),
    Group(
        told="Operators and collections of tasks hid their arguments behind `**kwargs`",
        differences={
            "prefect.tasks.core.operators.*.__init__": "(name=None, *) for (?args, ??kwargs)",
            "prefect.tasks.core.collections.*.__init__": "(name=None, *) for (?args, ??kwargs)",
        },
    ),
    Group(
        told="`events` of a clock was a generator",
        differences={"prefect.schedules.clocks.*Clock.events": "is {} for {'generator': True}"},
    ),
    Group(
        told="The annotations of edges are defined in `prefect.core.edge`",
        differences={
            "prefect.utilities.edges.EdgeAnnotation": "at home in prefect.core.edge",
            "prefect.utilities.edges.flatten": "at home in prefect.core.edge",
            "prefect.utilities.edges.mapped": "at home in prefect.core.edge",
            "prefect.utilities.edges.unmapped": "at home in prefect.core.edge",
        },
    ),
    Group(
        told="`Docker` storage built on `prefecthq/prefect`",
        differences={
            "prefect.storage.docker.Docker.installation_commands": "missing",
            "prefect.storage.docker.Docker.rm_build_kwarg": "missing",
        },
    ),
    Group(
        told="`LOG_MANAGER.queue`",
        differences={
            "prefect.utilities.logging.LogManager.client": "missing",
            "prefect.utilities.logging.LogManager.pending_length": "missing",
            "prefect.utilities.logging.LogManager.pending_logs": "missing",
            "prefect.utilities.logging.LogManager.queue": "missing",
        },
    ),
)
