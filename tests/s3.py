"""A server that speaks the protocol of S3, in a process of its own, on a port that the system chooses."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

# Prints its address once it listens, and ends with its standard input: also when the tests are killed.
PROGRAM = """
import logging, sys
from moto.server import ThreadedMotoServer
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
"""


# Its signature is not looked at, only for which service it was made.
SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=id/20200101/us-east-1/s3/aws4_request, SignedHeaders=h, Signature=x"
}


@dataclass(frozen=True)
class S3Server:
    """The running server."""

    url: str

    def options(self, **more: Any) -> dict[str, Any]:
        """Options of boto3 with which the server is reached."""
        keys = {"aws_access_key_id": "id", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
        return {"endpoint_url": self.url, **keys, **more}

    def make_bucket(self, name: str) -> str:
        """A new bucket of this name."""
        requests.put(f"{self.url}/{name}", headers=SIGNED, timeout=30).raise_for_status()
        return name

    def head(self, bucket: str, key: str) -> Any:
        """The headers of an object, as the server answers them."""
        answer = requests.head(f"{self.url}/{bucket}/{key}", headers=SIGNED, timeout=30)
        answer.raise_for_status()
        return answer.headers


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """The server, as long as the block lasts."""
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        if not port:
            raise RuntimeError(f"The S3 server did not start: it ended with {process.wait()}.")
        yield S3Server(f"http://127.0.0.1:{port}")
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)
