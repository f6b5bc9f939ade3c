"""The command line: one module for each noun, loaded when its command is called."""

from prefect.cli.group import LazyGroup

cli = LazyGroup(
    name="prefect",
    help="""Run workflows, and inspect what happened.

    \b
    Look around:  get flows | flow-runs | tasks | projects | logs
                  describe flows | tasks | flow-runs
    See it:       ui
    Set up:       backend, auth, create project, delete project, config
    Say what:     version, diagnostics
    """,
    context_settings={"help_option_names": ["-h", "--help"]},
    commands_at={
        "agent": "prefect.cli.agent:agent",
        "auth": "prefect.cli.auth:auth",
        "backend": "prefect.cli.settings:backend",
        "build": "prefect.cli.register:build",
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
        "register": "prefect.cli.register:register",
        "retention": "prefect.cli.retention:retention",
        "run": "prefect.cli.run:run",
        "server": "prefect.cli.server:server",
        "ui": "prefect.cli.ui:ui",
        "version": "prefect.cli.settings:version",
    },
)

__all__ = ["cli"]
