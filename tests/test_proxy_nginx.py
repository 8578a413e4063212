"""The site behind a real nginx, at the root and below a sub-path that nginx cuts off or leaves in."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

import msgspec
import pytest

from app.demo.make import make_demo
from tests.support.daemon import free_port
from tests.support.nginx import Nginx
from tests.support.process import READY, Running, running

DOCS = (Path(__file__).resolve().parents[1] / "docs" / "serving.md").read_text("utf-8")
AT_ROOT, LEFT_IN = re.findall(r"```nginx\n(.*?)```", DOCS, re.DOTALL)
CUT = LEFT_IN.replace(":9001;", ":9001/;")
TOLD = CUT.replace('X-Forwarded-Prefix ""', "X-Forwarded-Prefix /archive")
VISITOR = "127.0.0.2"
ADDRESS = re.compile(r'(?:href|src|action)="([^"]*)"')


class Answer(msgspec.Struct):
    status: int
    headers: dict[str, str]
    text: str


class Site:
    """A site as a visitor sees it, who sends forged headers with every request."""

    def __init__(self, koiwai: Running, nginx: Nginx, prefix: str) -> None:
        self.koiwai = koiwai
        self.nginx = nginx
        self.prefix = prefix

    def get(self, path: str) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.nginx.port, timeout=20, source_address=(VISITOR, 0))
        forged = {
            "X-Forwarded-For": "6.6.6.6, 6.6.6.7",
            "X-Forwarded-Proto": "gopher",
            "X-Forwarded-Host": "evil.example",
            "X-Forwarded-Prefix": "/evil",
            "X-Request-ID": "forged",
        }
        connection.request("GET", path, headers=forged)
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        found = Answer(answer.status, headers, answer.read().decode(errors="replace"))
        connection.close()
        return found

    def page(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status == 200, (path, answer)
        return answer.text

    def own_links(self, html: str) -> list[str]:
        """Links to our own pages, all of which must begin with the sub-path."""
        links = [link for link in ADDRESS.findall(html) if link.startswith("/")]
        assert links and all(link.startswith(f"{self.prefix}/") for link in links), links
        return links


@pytest.fixture(scope="module", params=["root", "cut", "left in", "told", "url"])
def site(
    request: pytest.FixtureRequest, nginx: Callable[[str], Nginx], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    folder, port = tmp_path_factory.getbasetemp() / "behind-nginx", free_port()
    make_demo(folder / "var", lambda line: None)
    prefix = "" if request.param == "root" else "/archive"
    block, setting = {
        "root": (AT_ROOT, ""),
        "cut": (CUT, 'root_path = "/archive"'),
        "left in": (LEFT_IN, 'root_path = "/archive"'),
        "told": (TOLD, ""),
        "url": (CUT, 'url = "https://a.example/archive"'),
    }[request.param]
    (folder / "config.toml").write_text(
        '[db]\ndb_type = "sqlite"\n[db.sqlite]\ndatabase = "var/archive.db"\n[media]\nroot = "var/media"\n'
        f"[app]\ntrusted_hops = 1\n{setting}\n"
    )
    (folder / "boards.toml").write_text((folder / "var" / "boards.toml").read_text())
    front = nginx(block.replace(":9001", f":{port}"))
    with ExitStack() as stack:
        koiwai = stack.enter_context(running(folder, "serve", "--port", str(port)))
        koiwai.until(READY)
        yield Site(koiwai, front, prefix)


def test_a_reader_finds_the_way(site: Site) -> None:
    home = site.page(f"{site.prefix}/")
    style = next(link for link in site.own_links(home) if "/koiwai.css?v=" in link)
    assert site.get(style).headers["content-type"].startswith("text/css")
    board = site.page(f"{site.prefix}/g/")
    links = site.own_links(board)
    thread = next(link for link in links if re.search(r"/g/thread/\d+/$", link))
    assert f"{site.prefix}/static/" in site.page(thread)
    picture = next(link for link in links if "/image/" in link and re.search(r"\.(png|jpg|gif)$", link))
    thumb = next(link for link in links if "/thumb/" in link)
    for link in (picture, thumb):
        assert site.get(link).headers["content-type"].startswith("image/"), link


def test_redirects_stay_below_the_sub_path(site: Site) -> None:
    thread = re.search(r"/g/thread/(\d+)/", site.page(f"{site.prefix}/g/"))
    assert thread is not None
    answer = site.get(f"{site.prefix}/g/last50/{thread[1]}/")
    assert answer.status == 302
    assert answer.headers["location"].startswith(f"{site.prefix}/g/last/")
    assert site.get(answer.headers["location"]).status == 200


def test_absolute_addresses_are_the_visitors(site: Site) -> None:
    num = re.search(r"/g/thread/(\d+)/", site.page(f"{site.prefix}/g/"))
    assert num is not None
    html = site.page(f"{site.prefix}/g/post/{num[1]}/")
    origin = "https://a.example" if "https://a.example" in html else site.nginx.origin
    assert f'content="0; url={origin}{site.prefix}/g/thread/{num[1]}/' in html
    assert "evil" not in html and "gopher" not in html


def test_the_api_gives_addresses_that_work(site: Site) -> None:
    text = site.page(f"{site.prefix}/api/v1/boards/g/threads")
    (image, *_) = re.findall(r'"image":"([^"]+)"', text)
    path = image.removeprefix("https://a.example")
    assert path.startswith(f"{site.prefix}/g/image/")
    assert site.get(path).status == 200
    assert site.get(f"{site.prefix}/api/nowhere").headers["content-type"].startswith("application/json")


def test_the_log_tells_the_visitor_and_the_id_that_nginx_made(site: Site) -> None:
    answer = site.get(f"{site.prefix}/healthz")
    request_id = answer.headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", request_id)
    line = site.koiwai.until(re.compile(rf"answered .* request={request_id}\n"))[0]
    assert f"path={site.prefix}/healthz " in line and f"client={VISITOR} " in line
