"""Agents: they find runs that are due, and start them, each kind in its own way."""

from prefect.agent.agent import Agent

__all__ = ["Agent"]
