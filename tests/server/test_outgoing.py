"""Requests go where they may, to an address that was checked, and end."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import trustme

from prefect.server import outgoing
from prefect.server.outgoing import Failed, NotAllowed, Policy, checked_addresses, post
from tests import receiving

PUBLIC = "93.184.216.34"
NOT_PUBLIC = [
    *("127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1"),
    *("224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "fec0::1"),
    # The same in other clothes: mapped, compatible, 6to4, NAT64, Teredo.
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::10.0.0.1"),
    *("2002:7f00:1::", "2002:a9fe:a9fe::1", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1"),
    "2001:0:7f00:1::",
]


def knows(*addresses: str) -> outgoing.Resolver:
    return lambda host, port: list(addresses)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(NotAllowed, match=r"not a public one.*server\.hooks\.allowed_hosts"):
        checked_addresses("innocent.example.org", 443, Policy(), knows(address))


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::93.184.216.34"])
def test_what_is_public_is_not(address: str) -> None:
    assert checked_addresses("example.org", 443, Policy(), knows(address)) == [address]


def test_one_address_among_others_is_enough_to_refuse_a_host() -> None:
    with pytest.raises(NotAllowed):
        checked_addresses("example.org", 443, Policy(), knows(PUBLIC, "127.0.0.1"))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0x7f.1",
        "127.1",
        "0",
        "localhost",
        "::1",
        "::ffff:7f00:1",
    ],
)
def test_every_way_to_write_the_own_machine_is_seen_through(host: str) -> None:
    """By the system's own resolver, which reads decimal, octal, hexadecimal and shortened addresses."""
    try:
        outgoing.resolve(host, 80)
    except OSError:
        pytest.skip(f"the resolver of this machine does not know {host}")
    with pytest.raises(NotAllowed):
        checked_addresses(host, 80, Policy())


def test_the_settings_allow_hosts_networks_and_private_addresses() -> None:
    policy = Policy.read({"allow_private": False, "allowed_hosts": ["Intern.example.org.", "10.1.0.0/16", "box:8080"]})
    assert checked_addresses("intern.example.org", 1, policy, knows("127.0.0.1")) == ["127.0.0.1"]
    assert checked_addresses("other", 1, policy, knows("10.1.2.3", "::ffff:10.1.2.3")) == [
        "10.1.2.3",
        "::ffff:10.1.2.3",
    ]
    assert checked_addresses("box", 8080, policy, knows("192.168.0.1")) == ["192.168.0.1"]
    for host, address in (("box", "192.168.0.1"), ("other", "10.2.0.1"), ("x.intern.example.org", "127.0.0.1")):
        with pytest.raises(NotAllowed):
            checked_addresses(host, 1, policy, knows(address))
    private = Policy.read({"allow_private": True, "allowed_hosts": []})
    for address in ("127.0.0.1", "::1", "10.0.0.1", "fc00::1", "::ffff:192.168.0.1"):
        assert private.allows(ipaddress.ip_address(address)), address
    # Where clouds answer for the machine's credentials.
    for address in ("169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "224.0.0.1", "0.0.0.0"):
        assert not private.allows(ipaddress.ip_address(address)), address


def test_a_host_without_an_address_may_have_one_later() -> None:
    def fails(host: str, port: int) -> list[str]:
        raise socket.gaierror("no such host")

    for resolver in (fails, knows()):
        with pytest.raises(Failed, match="no address"):
            checked_addresses("gone.example.org", 443, Policy(), resolver)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org", "http://", "gopher://x", "http://[x", "x"])
def test_only_http_is_spoken(url: str) -> None:
    with pytest.raises(NotAllowed):
        post(url, b"", {}, Policy(), resolver=knows(PUBLIC))


def test_a_name_is_resolved_once_and_the_checked_address_is_asked() -> None:
    """A name that is public when it is checked, and something else a moment later, gains nothing."""
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with receiving.http() as server:
        port = server.url.rpartition(":")[2]
        policy = Policy(allow_private=True)
        # The name itself leads nowhere: only the address that the resolver gave can have been asked.
        assert post(f"http://hooks.invalid:{port}/a?b=c", b"{}", {"X-A": "1"}, policy, resolver=resolver) == 200
        (request,) = server.requests
    assert asked == ["hooks.invalid"]
    assert (request.method, request.path, request.body) == ("POST", "/a?b=c", b"{}")
    assert (request.headers["Host"], request.headers["X-A"]) == (f"hooks.invalid:{port}", "1")


def test_a_private_address_is_not_even_connected_to() -> None:
    with receiving.http() as server:
        with pytest.raises(NotAllowed):
            post(server.url, b"{}", {}, Policy())
        assert server.requests == []


def test_certificates_are_those_of_the_name_not_of_the_address() -> None:
    authority = trustme.CA()
    encrypting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("hooks.invalid").configure_cert(encrypting)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    policy, here = Policy(allow_private=True), knows("127.0.0.1")
    with receiving.http(encrypting) as server:
        port = server.url.rpartition(":")[2]
        url = f"https://hooks.invalid:{port}/a"
        assert post(url, b"{}", {}, policy, resolver=here, context=trusting) == 200
        for other, context in ((url.replace("hooks", "others"), trusting), (url, None)):
            with pytest.raises(Failed, match="certificate"):
                post(other, b"{}", {}, policy, resolver=here, context=context)
        assert [request.path for request in server.requests] == ["/a"]


def test_redirections_are_not_followed() -> None:
    with receiving.http() as server:
        server.status = 307
        assert post(server.url, b"{}", {}, Policy(allow_private=True)) == 307
        assert len(server.requests) == 1


def test_a_large_request_is_refused() -> None:
    with pytest.raises(NotAllowed, match="bytes"):
        post("http://example.org", b"x" * 1_000_001, {}, Policy(), resolver=knows(PUBLIC))


@contextmanager
def trickling() -> Iterator[int]:
    """A server that answers one byte now and then, and never ends; its port."""
    ended = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            try:
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while not ended.wait(0.02):
                    connection.sendall(b"X: y\r\n"[:1])
            except OSError:
                pass

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        ended.set()
        thread.join()
        listening.close()


def test_an_answer_that_trickles_in_is_given_up() -> None:
    with trickling() as port, pytest.raises(Failed, match=r"no answer within 0\.3 seconds"):
        post(f"http://127.0.0.1:{port}/secret-token", b"{}", {}, Policy(allow_private=True), seconds=0.3)


def test_what_went_wrong_is_said_without_the_address() -> None:
    with receiving.http() as server:
        pass
    with pytest.raises(Failed) as caught:
        post(f"{server.url}/secret-token", b"{}", {}, Policy(allow_private=True))
    assert "ConnectionRefusedError" in str(caught.value)
    assert "secret-token" not in str(caught.value)
