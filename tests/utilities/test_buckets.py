"""Buckets: what the vendors' classes are asked for, and what is said when something fails."""

import sys
from typing import Any

import pytest

from prefect.utilities.buckets import azure_container, gcs_bucket, read_url, s3_bucket
from prefect.utilities.context import context
from tests.object_stores import Stores
from tests.s3 import S3Server


class TestWhatS3IsAskedFor:
    def test_the_options_of_boto3_are_those_of_s3fs(self) -> None:
        bucket = s3_bucket(
            "b",
            {
                "aws_access_key_id": "id",
                "aws_secret_access_key": "secret",
                "aws_session_token": "token",
                "endpoint_url": "http://x",
                "profile_name": "p",
                "use_ssl": False,
                "region_name": "r",
                "verify": False,
                "api_version": None,
            },
        )
        assert bucket.options == {
            "key": "id",
            "secret": "secret",
            "token": "token",
            "endpoint_url": "http://x",
            "profile": "p",
            "use_ssl": False,
            "client_kwargs": {"region_name": "r", "verify": False},
        }

    def test_without_options_it_looks_on_this_machine(self) -> None:
        assert s3_bucket("b").options == {}

    def test_a_configuration_of_botocore_is_taken_apart(self) -> None:
        config = pytest.importorskip("botocore.config").Config(connect_timeout=3, s3={"addressing_style": "path"})
        options = s3_bucket("b", {"config": config}).options
        assert options == {"config_kwargs": {"connect_timeout": 3, "s3": {"addressing_style": "path"}}}

    def test_credentials_may_stand_in_the_context(self) -> None:
        keys = {"ACCESS_KEY": "a", "SECRET_ACCESS_KEY": "s", "SESSION_TOKEN": "t"}
        as_text = '{"ACCESS_KEY": "a", "SECRET_ACCESS_KEY": "s", "SESSION_TOKEN": "t"}'
        for secret in (keys, as_text):
            with context(secrets={"AWS_CREDENTIALS": secret}):
                assert s3_bucket("b").options == {"key": "a", "secret": "s", "token": "t"}
                assert s3_bucket("b", {"aws_access_key_id": "mine"}).options == {"key": "mine"}

    def test_half_a_credential_is_refused(self) -> None:
        with context(secrets={"AWS_CREDENTIALS": {"ACCESS_KEY": "a"}}):
            with pytest.raises(ValueError, match=r"'SECRET_ACCESS_KEY' is not among those given"):
                s3_bucket("b")


class TestWhatGoogleIsAskedFor:
    def test_credentials_may_stand_in_the_context(self) -> None:
        account = {"client_email": "x@y", "project_id": "theirs"}
        with context(secrets={"GCP_CREDENTIALS": account}):
            assert gcs_bucket("b").options == {"token": account, "project": "theirs"}
            assert gcs_bucket("b", "mine").options == {"token": account, "project": "mine"}

    def test_without_credentials_it_looks_on_this_machine(self) -> None:
        assert gcs_bucket("b").options == {}
        assert gcs_bucket("b", "mine").options == {"project": "mine"}


def test_azure_is_asked_with_the_connection_string() -> None:
    assert azure_container("c", "AccountName=x").options == {"connection_string": "AccountName=x"}


def test_what_is_secret_is_not_shown() -> None:
    bucket = s3_bucket("b", {"aws_access_key_id": "id", "aws_secret_access_key": "hush"})
    assert "hush" not in repr(bucket)
    assert str(bucket) == "S3 bucket 'b'"


def test_written_is_there_and_read(in_memory: Stores) -> None:
    bucket = gcs_bucket("b")
    assert not bucket.exists("a/x")
    bucket.write("a/x", b"1")
    assert bucket.exists("a/x")
    assert bucket.read("a/x") == b"1"
    # The beginning of a key is not a key.
    assert not bucket.exists("a")
    # Another bucket of the same store is another one.
    assert not gcs_bucket("other").exists("a/x")


def test_what_is_there_is_kept_where_it_must_not_be_overwritten(in_memory: Stores) -> None:
    bucket = azure_container("c", "string")
    bucket.write("x", b"1", overwrite=False)
    with pytest.raises(FileExistsError, match="There is an object 'x' in the Azure container 'c' already"):
        bucket.write("x", b"2", overwrite=False)
    assert bucket.read("x") == b"1"


class TestErrors:
    def test_an_object_that_is_not_there_is_named(self, in_memory: Stores) -> None:
        with pytest.raises(FileNotFoundError, match="There is no object 'x' in the Google Cloud Storage bucket 'b'"):
            gcs_bucket("b").read("x")

    @pytest.mark.parametrize(
        ("refusal", "kind"), [(PermissionError("no"), PermissionError), (KeyError("of a vendor"), OSError)]
    )
    def test_whatever_a_vendor_raises_names_the_object(
        self, in_memory: Stores, refusal: Exception, kind: type[Exception]
    ) -> None:
        in_memory.refusal = refusal
        bucket = gcs_bucket("b")
        for done, ask in (
            ("read", lambda: bucket.read("x")),
            ("written", lambda: bucket.write("x", b"")),
            ("looked up", lambda: bucket.exists("x")),
        ):
            with pytest.raises(kind, match=f"The object 'x' in the Google .* 'b' could not be {done}: .*Check the"):
                ask()

    def test_a_missing_library_names_the_extra(self, monkeypatch: pytest.MonkeyPatch) -> None:
        fsspec = pytest.importorskip("fsspec")
        monkeypatch.setitem(sys.modules, "fsspec", fsspec)

        def missing(protocol: str) -> Any:
            raise ImportError(f"Install {protocol}")

        monkeypatch.setattr(fsspec, "get_filesystem_class", missing)
        for bucket, extra in ((s3_bucket("b"), "s3"), (gcs_bucket("b"), "gcs"), (azure_container("b", "s"), "azure")):
            with pytest.raises(ImportError, match=rf"'b' is reached through .*pip install 'quaestor\[{extra}\]'"):
                bucket.read("x")


class TestAgainstAnS3Server:
    def test_written_is_there_and_read(self, s3: S3Server) -> None:
        bucket = s3_bucket(s3.make_bucket("utilities"), s3.options())
        assert not bucket.exists("a b/ü?#x")
        bucket.write("a b/ü?#x", b"1", ContentType="text/csv")
        assert bucket.exists("a b/ü?#x")
        assert bucket.read("a b/ü?#x") == b"1"
        assert not bucket.exists("a b")
        bucket.write("a b/ü?#x", b"2")
        assert bucket.read("a b/ü?#x") == b"2"

    def test_what_is_missing_is_named(self, s3: S3Server) -> None:
        bucket = s3_bucket("no-such-bucket", s3.options())
        assert not bucket.exists("x")
        with pytest.raises(FileNotFoundError, match="There is no object 'x' in the S3 bucket 'no-such-bucket'"):
            bucket.read("x")
        with pytest.raises(FileNotFoundError, match="'x' could not be written: there is no S3 bucket"):
            bucket.write("x", b"")

    def test_a_url_is_read_with_the_credentials_of_the_context(
        self, s3: S3Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3.url)
        s3_bucket(s3.make_bucket("of-urls"), s3.options()).write("deep/template.yaml", b"a: 1")
        with context(secrets={"AWS_CREDENTIALS": {"ACCESS_KEY": "id", "SECRET_ACCESS_KEY": "secret"}}):
            assert read_url("s3", "of-urls", "deep/template.yaml") == b"a: 1"
