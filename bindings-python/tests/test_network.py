"""What stands between the client and the service: TLS, authorities and proxies of the environment."""

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
import trustme

import cdp_batch
from cdp_batch.testing import Emulator

HOST = "cdp.example.com"
"""Stands for a service that is not on this machine: this machine is reached past any proxy of the environment."""

Address = tuple[str, int]


class Relay:
    """Takes connections on this machine and passes what they carry to another address: over TLS, or as a proxy does."""

    def __init__(self, target: Address, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[str] = []
        self._target = target
        self._tls = tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address: Address = self._listening.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                taken, _ = self._listening.accept()
                threading.Thread(target=self._pass, args=(taken,), daemon=True).start()

    def _pass(self, taken: socket.socket) -> None:
        with suppress(OSError), closing(taken):
            if self._tls:
                taken = self._tls.wrap_socket(taken, server_side=True)
            else:
                self.asked.append(taken.recv(4_096).decode().split("\r\n")[0])
                taken.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with closing(taken), socket.create_connection(self._target) as onward:
                threading.Thread(target=copy, args=(onward, taken), daemon=True).start()
                copy(taken, onward)


def copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def authority(tmp_path: Path) -> tuple[trustme.CA, str]:
    """A certificate authority of our own, and the file that holds it."""
    authority = trustme.CA()
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    return authority, str(file)


@pytest.fixture
def secure(authority: tuple[trustme.CA, str], cdp_emulator: Emulator) -> Iterator[Relay]:
    """The emulator behind TLS."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority[0].issue_cert("localhost", HOST).configure_cert(tls)
    host, port = cdp_emulator.base_url.removeprefix("http://").split(":")
    with closing(Relay((host, int(port.strip("/"))), tls)) as relay:
        yield relay


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def statuses(base_url: str) -> list[str]:
    options: cdp_batch.ClientOptions = {"retry": {"attempts": 1}}
    key, token = os.environ["CDP_CLIENT_KEY"], os.environ["CDP_API_TOKEN"]
    with cdp_batch.Client(base_url=base_url, client_key=key, api_token=token, **options) as client:
        return [batch.status for batch in client.batches()]


def test_an_authority_that_nobody_named_is_not_trusted(secure: Relay) -> None:
    with pytest.raises(cdp_batch.TlsError):
        statuses(f"https://localhost:{secure.address[1]}")


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_authorities_of_the_environment_are_trusted(
    name: str,
    secure: Relay,
    authority: tuple[trustme.CA, str],
    client: cdp_batch.Client,
    guests: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client.upload(guests)
    monkeypatch.setenv(name, authority[1])
    assert statuses(f"https://localhost:{secure.address[1]}") == ["success"]


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_the_proxy_of_the_environment_is_used(
    name: str,
    secure: Relay,
    authority: tuple[trustme.CA, str],
    client: cdp_batch.Client,
    guests: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client.upload(guests)
    monkeypatch.setenv("SSL_CERT_FILE", authority[1])
    with closing(Relay(secure.address)) as proxy:
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.address[1]}")
        assert statuses(f"https://{HOST}") == ["success"]
        assert proxy.asked == [f"CONNECT {HOST}:443 HTTP/1.1"]
        assert statuses(f"https://localhost:{secure.address[1]}") == ["success"]
        assert len(proxy.asked) == 1, "this machine is reached directly"


def test_hosts_of_no_proxy_are_reached_directly(cdp_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Relay(("127.0.0.1", 9))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.address[1]}")
        monkeypatch.setenv("NO_PROXY", "invalid")
        with pytest.raises(cdp_batch.UnavailableError):
            statuses("https://cdp.invalid")
        assert proxy.asked == []
