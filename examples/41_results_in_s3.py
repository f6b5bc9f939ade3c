"""Results in S3: written by one run, found by the next. A server of this machine stands for Amazon's.

Needs the extra `s3`, and moto with its server; says so where they are missing.
"""

import importlib.util
import logging
import os

from prefect import Flow, task
from prefect.engine.results import S3Result
from prefect.utilities.configuration import set_temporary_config

MISSING = [name for name in ("s3fs", "boto3", "moto", "flask") if importlib.util.find_spec(name) is None]
if MISSING:
    print(f"SKIPPED: results in S3 were not shown, since {', '.join(MISSING)} is not installed here.")
    raise SystemExit(0)

import boto3  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402

logging.getLogger("werkzeug").setLevel(logging.ERROR)
calls: list[int] = []
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
address = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
keys = {"aws_access_key_id": "id", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
os.environ["NO_PROXY"] = "127.0.0.1"
boto3.client("s3", endpoint_url=address, **keys).create_bucket(Bucket="numbers")


@task(target="squares-{limit}.bin", result=S3Result("numbers", boto3_kwargs={"endpoint_url": address, **keys}))
def squares(limit: int) -> list[int]:
    calls.append(limit)
    return [number * number for number in range(limit)]


with Flow("in S3") as flow:
    found = squares(5)

with set_temporary_config({"flows.checkpointing": True}):
    states = [flow.run(), flow.run()]
kept = boto3.client("s3", endpoint_url=address, **keys).list_objects_v2(Bucket="numbers")["Contents"]
server.stop()

print([item["Key"] for item in kept])
for state in states:
    assert state is not None
    print(state.result[found])
    assert state.result[found].result == [0, 1, 4, 9, 16]
assert [item["Key"] for item in kept] == ["squares-5.bin"]
assert calls == [5]
