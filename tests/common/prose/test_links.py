"""Where a link leads, and that it says so."""

import pytest

from tests.common.prose.markup import Node, parsed
from workspace.common import prose
from workspace.common.prose.links import destination


def link(text: str) -> Node:
    return parsed(prose.rendered(text)).first("a")


@pytest.mark.parametrize(
    "address, host",
    [
        ("https://a.test/b?c#d", "a.test"),
        ("HTTP://A.Test:8080", "a.test"),
        ("https://[::1]/x", "[::1]"),
        ("mailto:me@a.test?subject=x", "me@a.test"),
        ("mailto:nobody", ""),
        ("https://me@a.test/", ""),
        ("https://a.test\\@b.test/", ""),
        ("https://", ""),
        ("https:a.test", ""),
        ("//a.test", ""),
        ("/inside", ""),
        ("#part", ""),
        ("ftp://a.test", ""),
        ("javascript:alert(1)", ""),
        ("https://a.test:x/", ""),
        ("https://[::1", ""),
        ("", ""),
    ],
)
def test_a_destination_is_a_host_or_a_mail_address(address: str, host: str) -> None:
    assert destination(address) == host


@pytest.mark.parametrize(
    "text, shown",
    [
        ("[our page](https://evil.test/x)", "our page (evil.test)"),
        ("[https://bank.test](https://evil.test)", "https://bank.test (evil.test)"),
        ("[bank.test.evil.test](https://test.evil)", "bank.test.evil.test (test.evil)"),
        ("[evil.test](https://evil.test/deep/inside)", "evil.test"),
        ("[https://evil.test/deep](https://evil.test/other)", "https://evil.test/deep"),
        ("[evil.test.bank.test](https://evil.test)", "evil.test.bank.test (evil.test)"),
        ("<https://evil.test/x>", "https://evil.test/x"),
        ("https://evil.test/x", "https://evil.test/x"),
        ("[me](mailto:me@a.test)", "me (me@a.test)"),
        ("[me@a.test](mailto:me@a.test)", "me@a.test"),
        ("[аpple.test](https://xn--pple-43d.test)", "аpple.test (xn--pple-43d.test)"),
        ("![](https://a.test/x.png)", "Image (a.test)"),
        ("[![cat](https://a.test/x.png)](https://b.test)", "cat (b.test)"),
    ],
)
def test_a_link_says_where_it_leads(text: str, shown: str) -> None:
    assert link(text).text == shown


@pytest.mark.parametrize(
    "text, address",
    [
        ("(see https://a.test/b)", "https://a.test/b"),
        ("https://a.test/b_(c)", "https://a.test/b_(c)"),
        ("https://a.test/b, and", "https://a.test/b"),
        ("**https://a.test**", "https://a.test"),
        ("日本語https://a.test/あ。次", "https://a.test/%E3%81%82"),
    ],
)
def test_a_bare_address_ends_where_the_sentence_goes_on(text: str, address: str) -> None:
    assert link(text).attributes["href"] == address


@pytest.mark.parametrize(
    "text", ["`https://a.test`", "[x]()", "![y]()", "[x](https://me@evil.test)", "https://", "a://b"]
)
def test_what_leads_nowhere_is_no_link(text: str) -> None:
    assert not list(parsed(prose.rendered(text)).all("a"))


def test_no_link_lies_inside_of_a_link() -> None:
    tree = parsed(prose.rendered("[a https://b.test ![c](https://c.test) d](https://d.test)"))

    assert [[inner.tag for inner in node.all("a")] for node in tree.all("a")] == [[]]


def test_a_link_opens_a_new_page_that_learns_nothing() -> None:
    attributes = link("[a](https://a.test)").attributes

    assert attributes["rel"] == "noopener noreferrer nofollow"
    assert attributes["target"] == "_blank"
