"""Text for places that take only some characters."""

import pytest

from prefect.utilities.text import slugify


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("My Flow", "my-flow"),
        ("a.prefect", "a-prefect"),
        ("  Überfall -- don't_", "uberfall-dont"),
        ("2022-06-01T12:00:00.000000+00:00", "2022-06-01t12-00-00-000000-00-00"),
        ("", ""),
    ],
)
def test_slugs(text: str, slug: str) -> None:
    assert slugify(text) == slug
    assert slugify(slug) == slug
