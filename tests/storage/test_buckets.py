"""Flows in buckets: S3 against a server that speaks its protocol, the others against stores in this process."""

import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from prefect import Flow, task
from prefect.engine.results import AzureResult, GCSResult, S3Result
from prefect.exceptions import FlowStorageError
from prefect.serialization.storage import dump_storage, load_storage
from prefect.storage import GCS, S3, Azure
from prefect.storage.bucket import BucketStorage
from prefect.utilities.context import context
from tests.object_stores import Stores
from tests.s3 import S3Server

SCRIPT = "from prefect import Flow\nfirst = Flow('first')\nsecond = Flow('second')\n"


@task
def inc(x: int) -> int:
    return x + 1


def build_flow(name: str) -> Flow:
    with Flow(name) as flow:
        inc(1)
    return flow


@pytest.fixture(params=["S3", "GCS", "Azure"])
def made(request: pytest.FixtureRequest) -> Callable[..., BucketStorage]:
    """Makes storages of one kind, of all kinds in turn; `key` is the name of the object."""
    if request.param == "S3":
        server: S3Server = request.getfixturevalue("s3")
        bucket = server.make_bucket("flows")
        return lambda **kwargs: S3(bucket, client_options=server.options(), **kwargs)
    request.getfixturevalue("in_memory")
    if request.param == "GCS":
        return lambda **kwargs: GCS("bucket", **kwargs)
    request.getfixturevalue("monkeypatch").setenv("AZURE_STORAGE_CONNECTION_STRING", "string")
    return lambda key=None, **kwargs: Azure("container", blob_name=key, **kwargs)


def test_flows_come_back(made: Callable[..., BucketStorage]) -> None:
    storage = made()
    key = storage.add_flow(build_flow("My Flow"))
    assert re.fullmatch(r"my-flow/\d{4}-\d\d-\d\dt\d\d-\d\d-\d\d(-\d{1,6})?-00-00", key)
    storage.add_flow(build_flow("Another"))
    assert storage.build() is storage
    assert storage.flows["My Flow"] == key
    assert "My Flow" in storage

    # As the process that runs the flow has it.
    loaded = load_storage(dump_storage(storage))
    flow = loaded.get_flow("My Flow")
    assert (flow.name, len(flow.tasks)) == ("My Flow", 1)
    assert loaded.get_flow("Another").name == "Another"

    with pytest.raises(ValueError, match="Flow is not contained in this Storage"):
        storage.get_flow("nope")
    with pytest.raises(ValueError, match='Flow with the name "My Flow" is already present'):
        storage.add_flow(build_flow("My Flow"))


def test_the_key_may_be_chosen(made: Callable[..., BucketStorage]) -> None:
    storage = made(key="deep/chosen")
    assert storage.add_flow(build_flow("f")) == "deep/chosen"
    storage.build()
    assert storage._bucket().exists("deep/chosen")
    assert storage.get_flow("f").name == "f"


def test_scripts_are_uploaded_and_run(made: Callable[..., BucketStorage], tmp_path: Path) -> None:
    script = tmp_path / "flows.py"
    script.write_text(SCRIPT)
    storage = made(key="scripted.py", stored_as_script=True)
    storage.add_flow(Flow("second"))
    with context(local_script_path=str(script)):
        storage.build()
    assert storage._bucket().read("scripted.py") == SCRIPT.encode()
    assert load_storage(dump_storage(storage)).get_flow("second").name == "second"


def test_a_script_may_be_there_already(made: Callable[..., BucketStorage]) -> None:
    storage = made(key="there.py", stored_as_script=True)
    storage.add_flow(Flow("first"))
    storage._bucket().write("there.py", SCRIPT.encode())
    storage.build()
    assert storage.get_flow("first").name == "first"


def test_a_script_that_is_nowhere_is_refused(made: Callable[..., BucketStorage]) -> None:
    storage = made(stored_as_script=True)
    storage.add_flow(Flow("f"))
    with pytest.raises(ValueError, match=r"A `(key|blob_name)` must be provided to show where flow `.py` file is"):
        storage.build()
    with context(local_script_path="/no/such/script.py"):
        with pytest.raises(FlowStorageError, match=r"script '/no/such/script.py' cannot be uploaded to \w+ storage"):
            storage.build()


def test_a_flow_that_is_not_there_is_named(made: Callable[..., BucketStorage]) -> None:
    storage = made(key="nowhere")
    storage.add_flow(Flow("f"))
    with pytest.raises(FlowStorageError, match=r"'f' could not be loaded from .* storage: There is no object 'nowh"):
        storage.get_flow("f")


def test_a_flow_that_cannot_be_pickled_is_not_uploaded(made: Callable[..., BucketStorage]) -> None:
    flow = build_flow("f")
    flow.lock = threading.Lock()  # type: ignore[attr-defined]
    storage = made(key="unpicklable")
    storage.add_flow(flow)
    with pytest.raises(TypeError, match="cannot pickle"):
        storage.build()
    assert not storage._bucket().exists("unpicklable")


class TestS3:
    def test_options_of_the_client_and_of_uploads(self, s3: S3Server) -> None:
        options = {"ContentType": "application/x-flow"}
        storage = S3(s3.make_bucket("options"), key="k", client_options=s3.options(), upload_options=options)
        storage.add_flow(build_flow("f"))
        storage.build()
        assert s3.head("options", "k")["content-type"] == "application/x-flow"

    def test_a_script_of_its_own(self, s3: S3Server, tmp_path: Path) -> None:
        (tmp_path / "f.py").write_text(SCRIPT)
        bucket = s3.make_bucket("scripts")
        storage = S3(
            bucket, stored_as_script=True, local_script_path=str(tmp_path / "f.py"), client_options=s3.options()
        )
        storage.add_flow(Flow("first"))
        assert storage.build().get_flow("first").name == "first"

    def test_a_bucket_that_is_not_there(self, s3: S3Server) -> None:
        storage = S3("no-such-bucket", key="k", client_options=s3.options())
        storage.add_flow(build_flow("f"))
        with pytest.raises(FlowStorageError, match=r"'f' could not be kept in S3 storage: .*no S3 bucket 'no-such"):
            storage.build()

    def test_results_go_to_the_same_bucket_in_the_same_way(self) -> None:
        result = S3("b", client_options={"region_name": "r"}).result
        assert result == S3Result("b", boto3_kwargs={"region_name": "r"})


class TestGCS:
    def test_the_project(self, in_memory: Stores) -> None:
        GCS("b", project="p")._bucket().exists("x")
        assert in_memory.options["gcs"] == [{"project": "p"}]

    def test_results_go_to_the_same_bucket(self) -> None:
        assert GCS("b").result == GCSResult("b")


class TestAzure:
    def test_results_go_to_the_same_container(self) -> None:
        expected = AzureResult("c", connection_string_secret="S")
        assert Azure("c", connection_string_secret="S").result == expected

    def test_the_connection_string(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING", raising=False)
        with context(secrets={"S": "from the secret"}):
            assert Azure("c", connection_string_secret="S").connection_string == "from the secret"
        with pytest.raises(ValueError, match="container 'c' has no connection string"):
            _ = Azure("c").connection_string
        monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", "from the environment")
        assert Azure("c").connection_string == "from the environment"

    def test_a_blob_is_replaced_only_where_that_is_wanted(
        self, in_memory: Stores, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", "string")
        for overwrite in (False, True):
            storage = Azure("c", blob_name="b", overwrite=overwrite)
            storage.add_flow(build_flow("f"))
            storage.build()
        storage = Azure("c", blob_name="b")
        storage.add_flow(build_flow("f"))
        with pytest.raises(FlowStorageError, match="There is an object 'b' in the Azure container 'c' already"):
            storage.build()
