"""Queries to PostgreSQL, over psycopg, which is an extra."""

from prefect.tasks.postgres.postgres import PostgresExecute, PostgresExecuteMany, PostgresFetch

__all__ = ["PostgresExecute", "PostgresExecuteMany", "PostgresFetch"]
