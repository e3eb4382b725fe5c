"""Who comes in: names, origins, sites, tokens, rates; and what goes out in the headers."""

from __future__ import annotations

import pytest
from bodycopy.web import door
from werkzeug.test import Client

from .conftest import HTML, PAGE
from .test_errors import problem

CHROME = "chrome-extension://" + "abcdefghijklmnop" * 2
FIREFOX = "moz-extension://0f8fad5b-d9cb-469f-a165-70867728950e"
SAFARI = "safari-web-extension://0F8FAD5B-D9CB-469F-A165-70867728950E"


@pytest.fixture
def guarded(make_app, monkeypatch):
    """A client of a service whose cleaner must not be reached, and who allows one web page."""
    app = make_app(allowed_origins="https://news.example.org", allowed_hosts="reader.example.org")
    called = []
    real = app.extensions["bodycopy"].clean
    monkeypatch.setattr(app.extensions["bodycopy"], "clean", lambda *a, **k: called.append(1) or real(*a, **k))
    client = app.test_client()
    client.called = called
    return client


HOSTILE = [
    ("rebound name", {"Host": "evil.example"}, "host-not-allowed"),
    ("rebound name with our port", {"Host": "evil.example:8347"}, "host-not-allowed"),
    ("name that begins like ours", {"Host": "localhost.evil.example"}, "host-not-allowed"),
    ("user part", {"Host": "localhost@evil.example"}, "host-not-allowed"),
    ("no name", {"Host": ""}, "host-not-allowed"),
    ("two names", {"Host": "localhost, evil.example"}, "host-not-allowed"),
    ("web page", {"Origin": "https://evil.example"}, "origin-not-allowed"),
    ("null", {"Origin": "null"}, "origin-not-allowed"),
    ("empty", {"Origin": ""}, "origin-not-allowed"),
    ("extension-like page", {"Origin": FIREFOX + ".evil.example"}, "origin-not-allowed"),
    ("localhost-like page", {"Origin": "http://localhost.evil.example"}, "origin-not-allowed"),
    ("page with an allowed one in front", {"Origin": "https://news.example.org.evil.example"}, "origin-not-allowed"),
    ("allowed page over http", {"Origin": "http://news.example.org"}, "origin-not-allowed"),
    ("two origins", {"Origin": "http://localhost, https://evil.example"}, "origin-not-allowed"),
    ("no-cors post", {"Sec-Fetch-Site": "cross-site"}, "origin-not-allowed"),
    ("sister site", {"Sec-Fetch-Site": "same-site"}, "origin-not-allowed"),
    ("unknown site", {"Sec-Fetch-Site": "x"}, "origin-not-allowed"),
]


@pytest.mark.parametrize(("headers", "name"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
@pytest.mark.parametrize("path", ["/v1/clean", "/clean", "/v1/clean/batch", "/"])
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_web_pages_do_not_reach_the_cleaner(guarded, headers, name, path, kind):
    problem(guarded.post(path, data="html=<p>x</p>", headers={"Content-Type": kind, **headers}), name)
    assert guarded.called == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": CHROME},
        {"Origin": FIREFOX},
        {"Origin": CHROME, "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "http://[::1]:3000"},
        {"Origin": "https://news.example.org", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Host": "[::1]:8347"},
        {"Host": "127.0.0.1:8347"},
        {"Host": "READER.example.org"},
        {"Host": "reader.example.org:8443", "Origin": "https://reader.example.org:8443"},
    ],
)
def test_curl_extensions_and_allowed_pages_come_in(guarded, headers):
    assert guarded.post("/v1/clean", data=PAGE, headers={**HTML, **headers}).status_code == 200


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("https://reader.example.org", "reader.example.org"),
        ("http://Reader.example.org:8080/", "reader.example.org:8080"),
        ("a.example, reader2.example.org:8443", "reader2.example.org:8443"),
        ("2001:DB8:0::1", "[2001:db8::1]:8347"),
        ("[2001:db8::1]:8347", "[2001:db8::1]:8347"),
        ("a.example,*", "anything.example"),
    ],
)
def test_host_may_be_written_as_browsers_show_it(make_app, written, host):
    client = make_app(allowed_hosts=written).test_client()
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("https://News.example.org/", "https://news.example.org"),
        ("https://news.example.org:443", "https://news.example.org"),
        ("http://news.example.org:80", "http://news.example.org"),
        ("https://news.example.org:80", "https://news.example.org:80"),
        ("http://a.example, http://[2001:db8::1]:3000", "http://[2001:db8::1]:3000"),
        (CHROME, CHROME),
        (FIREFOX, FIREFOX),
        (SAFARI, SAFARI),
    ],
)
def test_origin_may_be_written_with_what_browsers_leave_out(make_app, written, origin):
    client = make_app(allowed_origins=written, extension_origins=False).test_client()
    answer = client.post("/v1/clean", data=PAGE, headers={**HTML, "Origin": origin})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, origin)


def test_refusal_comes_before_the_body_is_read(guarded):
    class Unread:
        def read(self, *_):
            raise AssertionError("The body was read.")

    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/v1/clean", "wsgi.input": Unread(), "CONTENT_LENGTH": "9"}
    environ |= {"HTTP_HOST": "localhost", "HTTP_ORIGIN": "https://evil.example"}
    answer = Client(guarded.application).open(environ_overrides=environ, method="POST", path="/v1/clean")
    assert answer.status_code == 403


def test_preflight_of_an_extension_is_answered_without_credentials(guarded):
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    answer = guarded.options("/v1/clean", headers={"Origin": CHROME, **asked})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == CHROME
    assert "authorization" in answer.headers["Access-Control-Allow-Headers"].lower()
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


def test_extension_may_send_headers_of_the_persons_own(guarded):
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-household"}
    answer = guarded.options("/v1/clean", headers={"Origin": CHROME, **asked})
    assert answer.headers["Access-Control-Allow-Headers"] == "content-type, x-household"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", FIREFOX + ".evil.example"])
def test_preflight_of_a_web_page_gets_no_permission(guarded, origin):
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-household"}
    answer = guarded.options("/v1/clean", headers={"Origin": origin, **asked})
    assert not [header for header, _ in answer.headers if header.startswith("Access-Control-Allow")]


def test_errors_can_be_read_by_the_extension(guarded):
    answer = guarded.post("/v1/clean", data="", headers={**HTML, "Origin": FIREFOX})
    assert answer.headers["Access-Control-Allow-Origin"] == FIREFOX
    assert {"Retry-After", "X-Request-Id"} <= set(answer.headers["Access-Control-Expose-Headers"].split(", "))


class TestToken:
    @pytest.fixture
    def client(self, make_app):
        return make_app(token="s3cret-tok3n", metrics=True).test_client()

    @pytest.mark.parametrize(
        "header", [None, "", "Bearer", "Bearer wrong", "Basic s3cret-tok3n", "s3cret-tok3n", "Bearer s3crét-tok3n"]
    )
    @pytest.mark.parametrize("path", ["/v1/clean", "/v1/clean/batch", "/clean"])
    def test_is_asked_for(self, client, header, path):
        headers = {**HTML, **({} if header is None else {"Authorization": header})}
        answer = client.post(path, data=PAGE, headers=headers)
        problem(answer, "unauthorized")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert "s3cr" not in answer.text

    def test_opens(self, client):
        headers = {**HTML, "Authorization": "bearer s3cret-tok3n"}
        assert client.post("/v1/clean", data=PAGE, headers=headers).status_code == 200

    def test_is_not_needed_to_ask_whether_it_is_needed(self, client):
        assert client.get("/healthz").json["auth_required"] is True

    def test_guards_the_metrics(self, client):
        problem(client.get("/metrics"), "unauthorized")

    def test_is_a_field_of_the_page_for_people(self, client):
        assert client.post("/", data={"page": PAGE}).status_code == 401
        assert client.post("/", data={"page": PAGE, "token": "s3cret-tok3n"}).status_code == 200


def test_rate_is_limited_for_each_client_and_says_when_to_come_back(make_app):
    client = make_app(rate_limit="2/minute").test_client()
    for _ in range(2):
        assert client.post("/v1/clean", data=PAGE, headers=HTML).status_code == 200
    answer = client.post("/v1/clean", data=PAGE, headers=HTML)
    problem(answer, "rate-limited")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert client.get("/healthz").status_code == 200
    other = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.post("/v1/clean", data=PAGE, headers=HTML, environ_overrides=other).status_code == 200


def test_addresses_of_one_ipv6_network_are_one_client(make_app):
    client = make_app(rate_limit="1/minute").test_client()

    def status(address):
        environ = {"REMOTE_ADDR": address}
        return client.post("/v1/clean", data=PAGE, headers=HTML, environ_overrides=environ).status_code

    assert [status(f"2001:db8:0:{n}") for n in ("1::1", "1::2", "2::1")] == [200, 429, 200]


@pytest.mark.parametrize(
    ("addresses", "clients"),
    [
        (["192.0.2.1:50123", "192.0.2.1:50124", "192.0.2.1"], 1),
        (["[2001:db8::1]:50123", "[2001:db8::2]:50124", "2001:db8::3", "[2001:db8::4]"], 1),
        (["::ffff:192.0.2.1", "192.0.2.1", "::ffff:192.0.2.2", "::ffff:192.0.2.3"], 3),
        (["unknown", "_hidden", "unknown"], 2),
    ],
)
def test_client_is_the_same_however_a_proxy_writes_its_address(make_app, addresses, clients):
    client = make_app(rate_limit="1/minute", proxies=1).test_client()
    sent = [client.post("/v1/clean", data=PAGE, headers={**HTML, "X-Forwarded-For": each}) for each in addresses]
    assert [answer.status_code for answer in sent].count(200) == clients


def test_forwarded_address_is_believed_only_behind_a_proxy(make_app):
    for proxies, expected in ((0, 429), (1, 200)):
        client = make_app(rate_limit="1/minute", proxies=proxies).test_client()
        client.post("/v1/clean", data=PAGE, headers={**HTML, "X-Forwarded-For": "192.0.2.1"})
        answer = client.post("/v1/clean", data=PAGE, headers={**HTML, "X-Forwarded-For": "192.0.2.2"})
        assert answer.status_code == expected


@pytest.mark.parametrize(
    ("proxies", "first", "second", "is_same"),
    [
        # What a client put before what the proxies append is not looked at.
        (1, "192.0.2.1, 198.51.100.7", "192.0.2.2, 198.51.100.7", True),
        (1, "192.0.2.1, 198.51.100.7", "192.0.2.1, 198.51.100.8", False),
        (2, "192.0.2.1, 198.51.100.7, 10.0.0.1", "192.0.2.2, 198.51.100.7, 10.0.0.1", True),
        (2, "198.51.100.7, 10.0.0.1", "198.51.100.8, 10.0.0.1", False),
    ],
)
def test_clients_are_told_apart_by_what_the_first_of_the_proxies_saw(make_app, proxies, first, second, is_same):
    client = make_app(rate_limit="1/minute", proxies=proxies).test_client()

    def status(forwarded):
        return client.post("/v1/clean", data=PAGE, headers={**HTML, "X-Forwarded-For": forwarded}).status_code

    assert (status(first), status(second)) == (200, 429 if is_same else 200)


def test_patterns_are_anchored():
    assert all(p.pattern.startswith("^") and p.pattern.endswith("$") for p in door.EXTENSION_ORIGINS)


@pytest.mark.parametrize("name", ["Access-Control-Request-Private-Network", "Access-Control-Request-Local-Network"])
def test_preflight_for_this_machine_gets_no_permission_for_a_web_page(guarded, name):
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type", name: "true"}
    answer = guarded.options("/v1/clean", headers={"Origin": "https://evil.example", **asked})
    assert not [header for header, _ in answer.headers if header.startswith("Access-Control-Allow")]
    answer = guarded.options("/v1/clean", headers={"Origin": CHROME, **asked})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, CHROME)
