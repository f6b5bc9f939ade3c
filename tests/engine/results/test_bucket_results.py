"""Results in the buckets of three vendors, against stand-ins for as much of their libraries as is touched."""

import io
import pickle
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from prefect.engine.result.base import Result
from prefect.engine.results import AzureResult, GCSResult, S3Result
from prefect.utilities.context import context


class BotoError(Exception):
    def __init__(self, code: str) -> None:
        self.response = {"Error": {"Code": code}}


class Boto:
    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.calls: list[Any] = []
        self.refusal = "404"
        self.exceptions = SimpleNamespace(ClientError=BotoError)

    def upload_fileobj(self, Fileobj: Any, Bucket: str, Key: str, ExtraArgs: Any) -> None:
        self.calls.append((Bucket, ExtraArgs))
        self.objects[Key] = Fileobj.read()

    def get_object(self, Bucket: str, Key: str) -> Any:
        return {"Body": io.BytesIO(self.objects[Key])}

    def head_object(self, Bucket: str, Key: str) -> None:
        if Key not in self.objects:
            raise BotoError(self.refusal)


class GoogleBucket:
    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def blob(self, name: str) -> Any:
        return SimpleNamespace(
            upload_from_string=lambda content: self.objects.__setitem__(name, content),
            download_as_bytes=lambda: self.objects[name],
            exists=lambda: name in self.objects,
        )


class AzureService:
    def __init__(self, connection_string: str) -> None:
        self.connection_string = connection_string
        self.objects: dict[str, bytes] = {}

    def get_blob_client(self, container: str, blob: str) -> Any:
        key = f"{container}/{blob}"

        def upload_blob(content: bytes, overwrite: bool) -> None:
            assert overwrite
            self.objects[key] = content

        return SimpleNamespace(
            upload_blob=upload_blob,
            download_blob=lambda: SimpleNamespace(readall=lambda: self.objects[key]),
            exists=lambda: key in self.objects,
        )


@pytest.fixture
def vendors(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    boto, bucket, sessions = Boto(), GoogleBucket(), []

    def session(**options: Any) -> Any:
        def client(resource: str, **client_options: Any) -> Boto:
            sessions.append((resource, options, client_options))
            return boto

        return SimpleNamespace(client=client)

    modules = {
        "boto3": SimpleNamespace(session=SimpleNamespace(Session=session)),
        "google.cloud.storage": SimpleNamespace(Client=lambda project: SimpleNamespace(bucket=lambda name: bucket)),
        "azure.storage.blob": SimpleNamespace(
            BlobServiceClient=SimpleNamespace(from_connection_string=lambda conn_str: AzureService(conn_str))
        ),
    }
    for name, content in modules.items():
        parts = name.split(".")
        for end in range(1, len(parts)):
            monkeypatch.setitem(sys.modules, ".".join(parts[:end]), ModuleType(".".join(parts[:end])))
        module = ModuleType(name)
        module.__dict__.update(vars(content))
        monkeypatch.setitem(sys.modules, name, module)
    return SimpleNamespace(boto=boto, bucket=bucket, sessions=sessions)


RESULTS: list[Result] = [
    S3Result("bucket", location="{a}/x"),
    GCSResult("bucket", location="{a}/x"),
    AzureResult("container", connection_string="string", location="{a}/x"),
]


@pytest.mark.parametrize("template", RESULTS, ids=lambda r: type(r).__name__)
def test_written_is_there_and_read(vendors: SimpleNamespace, template: Result) -> None:
    result = template.copy()
    assert not result.exists("{a}/x", a="f")
    written = result.write([1, 2], a="f")
    assert (written.value, written.location) == ([1, 2], "f/x")
    assert result.exists("{a}/x", a="f")
    read = result.read("f/x")
    assert (read.value, read.location) == ([1, 2], "f/x")
    assert (result.value, result.location) == (None, "{a}/x")


@pytest.mark.parametrize("template", RESULTS, ids=lambda r: type(r).__name__)
def test_a_connection_does_not_travel(vendors: SimpleNamespace, template: Result) -> None:
    result = template.copy()
    result.exists("x")
    loaded = pickle.loads(pickle.dumps(result))
    assert loaded == result
    assert not {"_client", "_gcs_bucket", "_service"} & set(vars(loaded))


def test_s3_options(vendors: SimpleNamespace) -> None:
    result = S3Result("b", boto3_kwargs={"region_name": "r"}, upload_options={"ACL": "private"}, location="x")
    with context(secrets={"AWS_CREDENTIALS": {"ACCESS_KEY": "a", "SECRET_ACCESS_KEY": "s"}}):
        result.write(1)
    (made,) = vendors.sessions
    assert made[1]["region_name"] == "r"
    assert made[2]["aws_access_key_id"] == "a"
    assert vendors.boto.calls == [("b", {"ACL": "private"})]


def test_s3_being_refused_is_not_being_absent(vendors: SimpleNamespace) -> None:
    vendors.boto.refusal = "403"
    with pytest.raises(BotoError):
        S3Result("b").exists("x")


class TestAzureConnection:
    def test_a_secret_names_it(self, vendors: SimpleNamespace) -> None:
        result = AzureResult("c", connection_string_secret="AZ")
        with context(secrets={"AZ": "from the secret"}):
            assert result.service.connection_string == "from the secret"

    def test_the_environment_names_it(self, vendors: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", "from the environment")
        assert AzureResult("c").service.connection_string == "from the environment"

    def test_nothing_names_it(self, vendors: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING", raising=False)
        with pytest.raises(ValueError, match="AZURE_STORAGE_CONNECTION_STRING"):
            _ = AzureResult("c").service
