"""Results in buckets: S3 against a server that speaks its protocol, the others against stores in this process."""

import pickle
from collections.abc import Callable
from typing import Any

import pytest

from prefect import Flow, task
from prefect.engine.result.base import Result
from prefect.engine.results import AzureResult, GCSResult, S3Result
from prefect.engine.serializers import JSONSerializer
from prefect.utilities.configuration import set_temporary_config
from prefect.utilities.context import context
from tests.object_stores import Stores
from tests.s3 import S3Server

KINDS = ("S3Result", "GCSResult", "AzureResult")


@pytest.fixture(params=KINDS)
def made(request: pytest.FixtureRequest) -> Callable[..., Result]:
    """Makes results of one kind, of all kinds in turn."""
    if request.param == "S3Result":
        server: S3Server = request.getfixturevalue("s3")
        bucket = server.make_bucket("results")
        return lambda **kwargs: S3Result(bucket, boto3_kwargs=server.options(), **kwargs)
    request.getfixturevalue("in_memory")
    if request.param == "GCSResult":
        return lambda **kwargs: GCSResult("bucket", **kwargs)
    return lambda **kwargs: AzureResult("container", connection_string="string", **kwargs)


def test_written_is_there_and_read(made: Callable[..., Result]) -> None:
    result = made(location="{a}/x")
    assert not result.exists("{a}/x", a="f")
    written = result.write([1, 2], a="f")
    assert (type(written), written.value, written.location) == (type(result), [1, 2], "f/x")
    assert result.exists("{a}/x", a="f")
    assert not result.exists("f")
    read = result.read("f/x")
    assert (read.value, read.location) == ([1, 2], "f/x")
    assert (result.value, result.location) == (None, "{a}/x")


def test_without_a_location_each_write_has_its_own(made: Callable[..., Result]) -> None:
    result = made()
    first, second = result.write(1), result.write(2)
    assert first.location != second.location
    assert first.location is not None
    assert result.read(first.location).value == 1


def test_the_serializer_decides_what_is_kept(made: Callable[..., Result]) -> None:
    result = made(location="s.json", serializer=JSONSerializer())
    result.write({"a": None})
    assert result._bucket().read("s.json") == b'{"a": null}'  # type: ignore[attr-defined]
    assert result.read("s.json").value == {"a": None}


def test_a_value_that_is_not_there_is_named(made: Callable[..., Result]) -> None:
    with pytest.raises(FileNotFoundError, match=r"There is no object 'nope' in the .* '(bucket|results|container)'"):
        made().read("nope")


def test_results_travel_to_other_processes(made: Callable[..., Result]) -> None:
    result = made(location="{a}/travels")
    result.write(1, a="f")
    loaded = pickle.loads(pickle.dumps(result))
    assert loaded == result
    assert loaded.read("f/travels").value == 1


def test_a_flow_keeps_its_values_and_finds_them_again(made: Callable[..., Result]) -> None:
    calls = []

    @task(result=made(), target="{task_name}/{x}")
    def double(x: int) -> int:
        calls.append(x)
        return x * 2

    with Flow("kept") as flow:
        children = double.map([1, 2])
    with set_temporary_config({"flows.checkpointing": True}):
        for state in ("Success", "Cached"):
            run = flow.run()
            assert run is not None
            assert [type(child).__name__ for child in run.result[children].map_states] == [state, state]
            assert run.result[children].result == [2, 4]
    assert calls == [1, 2]


class TestOptions:
    def test_s3(self, s3: S3Server) -> None:
        bucket = s3.make_bucket("options")
        upload_options = {"ContentType": "text/x-y", "Metadata": {"who": "me"}}
        S3Result(bucket, boto3_kwargs=s3.options(), upload_options=upload_options, location="x").write(1)
        headers = s3.head(bucket, "x")
        assert (headers["content-type"], headers["x-amz-meta-who"]) == ("text/x-y", "me")

    def test_s3_defaults(self) -> None:
        assert (S3Result("b").boto3_kwargs, S3Result("b").upload_options) == ({}, {})

    def test_s3_in_the_form_of_the_vendor(self, s3: S3Server) -> None:
        pytest.importorskip("boto3", reason="the client of boto3 is not tested: boto3 is not installed")
        result = S3Result(s3.make_bucket("vendor"), boto3_kwargs=s3.options(), location="x")
        result.write(1)
        assert [found["Key"] for found in result.client.list_objects(Bucket="vendor")["Contents"]] == ["x"]
        assert pickle.loads(pickle.dumps(result)) == result
        assert result.copy().client is not result.client

    def test_gcs_takes_the_credentials_of_the_context(self, in_memory: Stores) -> None:
        account = {"client_email": "x@y", "project_id": "p"}
        with context(secrets={"GCP_CREDENTIALS": account}):
            GCSResult("b", location="x").write(1)
        assert in_memory.options["gcs"] == [{"token": account, "project": "p"}]

    def test_gcs_needs_a_bucket(self) -> None:
        with pytest.raises(ValueError, match="GCSResult has no bucket"):
            GCSResult().exists("x")


class TestAzureConnection:
    @pytest.fixture(autouse=True)
    def _no_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING", raising=False)

    def string_of(self, result: AzureResult, stores: Stores) -> Any:
        result.exists("x")
        return stores.options["abfs"][-1]["connection_string"]

    def test_it_may_be_given(self, in_memory: Stores) -> None:
        assert self.string_of(AzureResult("c", connection_string="given"), in_memory) == "given"

    def test_a_secret_names_it(self, in_memory: Stores) -> None:
        result = AzureResult("c", connection_string_secret="AZ")
        with context(secrets={"AZ": "from the secret"}):
            assert self.string_of(result, in_memory) == "from the secret"

    def test_the_environment_names_it(self, in_memory: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", "from the environment")
        assert self.string_of(AzureResult("c"), in_memory) == "from the environment"

    def test_nothing_names_it(self) -> None:
        with pytest.raises(ValueError, match=r"container 'c' has no connection string.*AZURE_STORAGE_CONNECTION"):
            AzureResult("c").exists("x")
        with pytest.raises(ValueError, match="AZURE_STORAGE_CONNECTION_STRING"):
            AzureResult("c").read("x")


@pytest.mark.parametrize(
    ("ask", "module", "extra"),
    [
        (lambda: GCSResult("b").gcs_bucket, "google.cloud.storage", "gcp"),
        (lambda: AzureResult("c", connection_string="s").service, "azure.storage.blob", "azure"),
        (lambda: S3Result("b").client, "boto3", "aws"),
    ],
)
def test_the_vendors_own_client_needs_the_vendors_library(
    ask: Callable[[], object], module: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf"needs the module {module}.*pip install 'quaestor\[{extra}\]'"):
        ask()
