"""Behind a proxy that ends TLS: cookies, forms, links, the stream, and whose word about addresses is believed."""

import asyncio
import datetime
import ipaddress
import re
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.fakes.engines import EngineProcess, engine_process
from tests.product.running import Product, running_product
from workspace.local.ports import free_port

pytestmark = pytest.mark.kills

PASS_PHRASE = "a long enough pass phrase"
EMAIL = "owner@example.org"


@pytest.fixture
def engine() -> Iterator[EngineProcess]:
    with engine_process("--rate", "20", "--tokens", "60") as running:
        yield running


def certified(folder: Path) -> ssl.SSLContext:
    """A server's context with a fresh certificate for localhost, which signs itself; it is left as `cert.pem`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
    made = made.not_valid_after(now + datetime.timedelta(hours=1))
    made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(private)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Bytes as they come, until there are no more."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def proxy(port: int, to: int, context: ssl.SSLContext) -> AsyncIterator[None]:
    """Ends TLS at `port`, says so in the head of the first request of each connection, and carries the rest."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        host, *_ = writer.get_extra_info("peername")
        told = f"\r\nX-Forwarded-For: {host}, 198.51.100.7\r\nX-Forwarded-Proto: https\r\n\r\n".encode()
        inner, outward = await asyncio.open_connection("127.0.0.1", to)
        outward.write(head[:-4] + told)
        async with asyncio.TaskGroup() as group:
            group.create_task(carry(reader, outward))
            group.create_task(carry(inner, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", port, ssl=context)
    try:
        yield
    finally:
        server.close()


def session(folder: Path) -> aiohttp.ClientSession:
    """A browser that knows the certificate; one request a connection, since the proxy marks only the first."""
    trust = ssl.create_default_context(cafile=folder / "cert.pem")
    connector = aiohttp.TCPConnector(ssl=trust, force_close=True)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.CookieJar())


async def signed_in(browser: aiohttp.ClientSession, url: str) -> list[str]:
    """Signs in by the form; every cookie that was set on the way."""
    async with browser.get(f"{url}/sign-in") as page:
        text, cookies = await page.text(), page.headers.getall("Set-Cookie")
        assert page.headers["Strict-Transport-Security"].startswith("max-age=")
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
    assert found is not None
    form = {"csrfmiddlewaretoken": found[1], "login": EMAIL, "password": PASS_PHRASE}
    headers = {"Origin": url, "Referer": f"{url}/sign-in"}
    async with browser.post(f"{url}/sign-in", data=form, headers=headers, allow_redirects=False) as answer:
        assert answer.status == 302
        assert not answer.headers["Location"].startswith("http:")
        return cookies + answer.headers.getall("Set-Cookie")


async def addresses(browser: aiohttp.ClientSession, url: str, spoofed: str = "") -> str:
    """The page of the browsers that somebody is signed in with, which shows addresses."""
    headers = {"X-Forwarded-For": spoofed, "X-Forwarded-Proto": "https"} if spoofed else {}
    async with browser.get(f"{url}/account/sessions", headers=headers) as page:
        assert page.status == 200
        return await page.text()


async def arrivals(browser: aiohttp.ClientSession, url: str, token: str) -> list[float]:
    """When each piece of an answer's stream arrived."""
    headers = {"Authorization": f"Bearer {token}"}
    async with browser.post(f"{url}/api/conversations", json={}, headers=headers) as made:
        conversation = (await made.json())["id"]
    turns = f"{url}/api/conversations/{conversation}/turns"
    async with browser.post(turns, json={"text": "Is it buffered?"}, headers=headers) as asked:
        turn = (await asked.json())["turn"]
    async with browser.get(f"{url}/api/turns/{turn}/events", headers=headers) as stream:
        return [time.monotonic() async for line in stream.content if line.startswith(b"id:")]


@asynccontextmanager
async def behind(folder: Path, engine: EngineProcess, trusted: str) -> AsyncIterator[tuple[Product, str]]:
    port = free_port()
    url = f"https://localhost:{port}"
    settings = {"ENGINE_URL": engine.url, "ATRIUM_URL": url, "ATRIUM_TRUSTED_PROXIES": trusted}
    with running_product(settings) as product:
        inner = next(part["port"] for part in product.status()["processes"] if part["name"] == "web")
        async with proxy(port, inner, certified(folder)):
            yield product, url


async def test_people_and_programs_come_in_through_a_proxy_that_ends_tls(tmp_path: Path, engine: EngineProcess) -> None:
    async with behind(tmp_path, engine, "127.0.0.1") as (product, url):
        link = product.owner_url()
        token = product.owner_token(EMAIL)
        async with session(tmp_path) as browser:
            cookies = await signed_in(browser, url)
            shown = await addresses(browser, url)
            came = await arrivals(browser, url, token)

    assert link.startswith(f"{url}/")
    assert len(cookies) >= 2
    assert all("; Secure" in cookie for cookie in cookies)
    assert "198.51.100.7" in shown
    # 60 tokens at 20 a second: what is buffered would come at once.
    assert came[-1] - came[0] > 1


async def test_whoever_is_not_a_trusted_proxy_is_not_believed_about_addresses(
    tmp_path: Path, engine: EngineProcess
) -> None:
    async with behind(tmp_path, engine, "203.0.113.9") as (product, url):
        product.owner_token(EMAIL)
        async with session(tmp_path) as browser:
            async with browser.get(f"{url}/sign-in") as page:
                found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', await page.text())
                assert "Strict-Transport-Security" not in page.headers
            assert found is not None
            form = {"csrfmiddlewaretoken": found[1], "login": EMAIL, "password": PASS_PHRASE}
            async with browser.post(f"{url}/sign-in", data=form, headers={"Origin": url}) as answer:
                assert answer.status == 200
            shown = await addresses(browser, url, spoofed="192.0.2.66")

    assert "192.0.2.66" not in shown
    assert "198.51.100.7" not in shown
    assert "127.0.0.1" in shown
