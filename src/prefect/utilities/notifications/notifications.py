"""State handlers that tell somebody; 1.x path of `callback_factory`, whose home is `prefect.core.callbacks`."""

from prefect.core.callbacks import callback_factory

__all__ = ["callback_factory"]
