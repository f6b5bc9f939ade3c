"""Requests that the server makes because somebody asked for them: to public addresses, unless others are allowed.

Whoever may make a hook could otherwise let the server ask what only the server can reach. Every address of a host is
checked, and the connection goes to one that was checked, so that a name cannot mean something else a moment later.
"""

from __future__ import annotations

import base64
import http.client
import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

TIMEOUT_SECONDS: Final = 10.0
LARGEST_BODY_BYTES: Final = 1_000_000

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
# The addresses of a host, as text, in the order in which they are to be tried.
Resolver = Callable[[str, int], list[str]]

# Ways in which an IPv6 address says an IPv4 address.
_NAT64: Final = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")


class NotAllowed(Exception):
    """The settings do not allow a request to this address; trying again is of no use."""


class Failed(Exception):
    """A request did not arrive; the message says why, without the address."""


class Unreachable(Failed):
    """Whoever was to get it did not answer: nothing else will arrive there at the moment."""


def resolve(host: str, port: int) -> list[str]:
    """What the system says."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True, slots=True)
class Policy:
    """Where requests may go.

    Args:
        allow_private: also to the own machine and to private networks; never to link-local addresses, where clouds
            answer for the machine's credentials.
        hosts: also to these, whatever their addresses are: `name` or `name:port`.
        networks: also to the addresses in these.
    """

    allow_private: bool = False
    hosts: frozenset[str] = frozenset()
    networks: tuple[IPNetwork, ...] = ()

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> Policy:
        """From the settings below server.hooks; `allowed_hosts` are names, addresses and networks."""
        allowed = settings["allowed_hosts"]
        hosts, networks = set(), []
        # From the environment several come as one text.
        for item in allowed.split(",") if isinstance(allowed, str) else map(str, allowed or ()):
            if not (item := item.strip()):
                continue
            try:
                networks.append(ipaddress.ip_network(item, strict=False))
            except ValueError:
                hosts.add(item.lower().rstrip("."))
        return cls(bool(settings["allow_private"]), frozenset(hosts), tuple(networks))

    def allows_host(self, host: str, port: int) -> bool:
        """Whether it does not matter which addresses this host has."""
        name = host.lower().rstrip(".")
        return name in self.hosts or f"{name}:{port}" in self.hosts

    def allows(self, address: IPAddress) -> bool:
        """Whether requests may go to this address."""
        inner = list(_inner(address))
        if self._is_listed(address) or (inner and all(map(self._is_listed, inner))):
            return True
        return all(self._allows_one(one) for one in [address, *inner])

    def _is_listed(self, address: IPAddress) -> bool:
        return any(address in network for network in self.networks if address.version == network.version)

    def _allows_one(self, address: IPAddress) -> bool:
        if address.is_multicast or address.is_unspecified or address.is_link_local:
            return False
        is_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
        if address.is_global and not is_local:
            return True
        return self.allow_private and (address.is_private or address.is_loopback or is_local)


def _inner(address: IPAddress) -> Iterable[IPAddress]:
    """The IPv4 addresses that stand inside an IPv6 address, and to which a gateway might hand the request."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    elif address.sixtofour is not None:
        yield address.sixtofour
    elif address.teredo is not None:
        yield from address.teredo
    elif any(address in network for network in _NAT64):
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    elif address in _COMPATIBLE and int(address) > 0xFFFF:
        yield ipaddress.IPv4Address(int(address))


def checked_addresses(host: str, port: int, policy: Policy, resolver: Resolver = resolve) -> list[str]:
    """The addresses of a host, if requests may go to every one of them.

    Raises:
        NotAllowed: one of them is not allowed.
        Failed: there is none.
    """
    try:
        found = list(dict.fromkeys(resolver(host, port)))
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise Unreachable("The name of the host has no address.")
    if policy.allows_host(host, port):
        return found
    for text in found:
        try:
            # A zone says which of the own interfaces is meant.
            address = ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            raise NotAllowed("The host has an address of an unknown kind.") from None
        if not policy.allows(address):
            raise NotAllowed(
                "The address is not a public one, and the server does not send requests to it. Where that is meant, "
                "allow it in server.hooks.allowed_hosts of the settings."
            )
    return found


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    policy: Policy,
    *,
    resolver: Resolver = resolve,
    seconds: float = TIMEOUT_SECONDS,
    context: ssl.SSLContext | None = None,
) -> int:
    """Send a request, all in all within so many seconds; the status. Redirections are not followed, answers not read.

    Raises:
        NotAllowed: it may not go there.
        Failed: it did not arrive.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise NotAllowed("The address is not valid.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise NotAllowed("Requests go to addresses that begin with http:// or https://.")
    if len(body) > LARGEST_BODY_BYTES:
        raise NotAllowed(f"The request has more than {LARGEST_BODY_BYTES} bytes.")
    is_encrypted = parts.scheme == "https"
    port = port or (443 if is_encrypted else 80)
    addresses = checked_addresses(host, port, policy, resolver)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    given = dict(headers)
    if parts.username is not None:
        pair = f"{parts.username}:{parts.password or ''}"
        given["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    encrypting = (context or ssl.create_default_context()) if is_encrypted else None
    connection = _Connection(host, port, addresses, _Deadline(seconds), encrypting)
    try:
        connection.request("POST", path, body, given)
        return connection.getresponse().status
    except ssl.SSLCertVerificationError:
        raise Unreachable("The certificate of the host is not valid.") from None
    except TimeoutError:
        raise Unreachable(f"There was no answer within {seconds:g} seconds.") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreachable(f"The host could not be reached, or did not answer: {type(error).__name__}.") from None
    finally:
        connection.close()


class _Deadline:
    """When a request must have been answered."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """The seconds until then."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Reading(io.RawIOBase):
    """What comes in on a socket until a deadline: a host that sends one byte now and then does not put it off."""

    def __init__(self, sock: socket.socket, deadline: _Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._deadline.left())
        return self._sock.recv_into(buffer)


class _Timed:
    """As much of a socket as http.client uses, until a deadline."""

    def __init__(self, sock: socket.socket, deadline: _Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def sendall(self, data: Any) -> None:
        self._sock.settimeout(self._deadline.left())
        self._sock.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reading(self._sock, self._deadline))

    def close(self) -> None:
        self._sock.close()


class _Connection(http.client.HTTPConnection):
    """A connection to one of the addresses that were checked; certificates are compared with the host's name."""

    def __init__(
        self, host: str, port: int, addresses: list[str], deadline: _Deadline, context: ssl.SSLContext | None
    ) -> None:
        super().__init__(host, port)
        self.default_port = 443 if context is not None else 80
        self._addresses = addresses
        self._deadline = deadline
        self._context = context

    def connect(self) -> None:
        sock = self._connected()
        try:
            if self._context is not None:
                sock.settimeout(self._deadline.left())
                sock = self._context.wrap_socket(sock, server_hostname=self.host)
        except BaseException:
            sock.close()
            raise
        self.sock = _Timed(sock, self._deadline)

    def _connected(self) -> socket.socket:
        trouble: OSError | None = None
        for address in self._addresses:
            try:
                return socket.create_connection((address, self.port), self._deadline.left())
            except TimeoutError:
                raise
            except OSError as error:
                trouble = error
        raise trouble or OSError("no address")
