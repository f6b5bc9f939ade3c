"""The command line: one module for each noun, loaded when its command is called."""

from prefect.cli.group import LazyGroup

cli = LazyGroup(
    name="prefect",
    help="""Run workflows, and inspect what happened.

    \b
    Run:          run, register, build, schedule, labels, archive
    A flow run:   logs, watch, cancel, restart
    Look around:  get flows | flow-runs | task-runs | tasks | projects | logs
                  describe flows | flow-runs | task-runs | tasks; graphql; ui
    Set up:       backend, auth, create project, retention, kv, config, completion
    Remove:       delete project | flow | flow-run
    Serve:        server start | stop | config | create-key | import
                  server upgrade | backup | vacuum
    Run for it:   agent local | docker | kubernetes
    Say what:     version, diagnostics
    """,
    context_settings={"help_option_names": ["-h", "--help"]},
    commands_at={
        "agent": "prefect.cli.agent:agent",
        "archive": "prefect.cli.registered:archive",
        "auth": "prefect.cli.auth:auth",
        "backend": "prefect.cli.settings:backend",
        "build": "prefect.cli.register:build",
        "cancel": "prefect.cli.runs:cancel",
        "completion": "prefect.cli.completion:completion",
        "config": "prefect.cli.settings:show_config",
        "create": "prefect.cli.project:create",
        "delete": "prefect.cli.project:delete",
        "describe": "prefect.cli.describe:describe",
        "diagnostics": "prefect.cli.settings:diagnostics",
        "execute": "prefect.cli.execute:execute",
        "get": "prefect.cli.get:get",
        "graphql": "prefect.cli.graphql:graphql",
        "heartbeat": "prefect.cli.execute:heartbeat",
        "kv": "prefect.cli.kv:kv",
        "labels": "prefect.cli.registered:labels",
        "logs": "prefect.cli.runs:logs",
        "register": "prefect.cli.register:register",
        "restart": "prefect.cli.runs:restart",
        "retention": "prefect.cli.retention:retention",
        "run": "prefect.cli.run:run",
        "schedule": "prefect.cli.registered:schedule",
        "server": "prefect.cli.server:server",
        "ui": "prefect.cli.ui:ui",
        "version": "prefect.cli.settings:version",
        "watch": "prefect.cli.runs:watch",
    },
)

__all__ = ["cli"]
