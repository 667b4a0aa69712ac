"""Text that wants to run, to load, to deceive or to cost: none of it does."""

import time

import pytest

from tests.common.prose.markup import assert_harmless
from workspace.common import prose
from workspace.common.prose.growing import GrowingProse, Redrawn

ACTIVE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><use href='//evil.test/x.svg#a'/></svg>",
    "<style>@import 'https://evil.test/x.css'</style>",
    "<iframe src='https://evil.test'></iframe>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math href='javascript:alert(1)'>x</math>",
    "<a href='javascript:alert(1)'>x</a>",
    "<form action='https://evil.test'><input name=q autofocus onfocus=alert(1)></form>",
    "<base href='https://evil.test/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.test'>",
    "<link rel=stylesheet href='https://evil.test/x.css'>",
    "<div id=main data-open class=shell hx-get='/members' hx-trigger=load>x</div>",
    "<copy-button from='#secret'></copy-button>",
    "<template><script>1</script></template>",
    "<!--><script>alert(1)</script-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](&#x6A;&#x61;vascript&#58;alert(1))",
    "[x](%6Aavascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](vbscript:msgbox)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://evil.test/1)",
    "[x](//evil.test)",
    "[x](\\\\evil.test\\share)",
    "[x](https:evil.test)",
    "[x](https:///evil.test)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](https://a.test "onmouseover=alert(1)")',
    "[x](https://a.test/\"onmouseover='alert(1)')",
    "[x](https://a.test?a='><script>alert(1)</script>)",
    "![a](https://evil.test/beacon.png)",
    "![a][b]\n\n[b]: https://evil.test/beacon.png",
    "[![a](https://evil.test/1.png)](https://evil.test/2)",
    '```"><script>alert(1)</script>\nx\n```',
    "```py\n</code></pre><script>alert(1)</script>\n```",
    "```html\n<script>alert(1)</script>\n```",
    "`</code><script>alert(1)</script>`",
    "|<script>|\n|-|\n|<img src=x onerror=alert(1)>|",
    "# <script>alert(1)</script>",
    r"\(\text{<script>alert(1)</script>}\)",
    r"\(\href{javascript:alert(1)}{x}\)",
    r"\(\style{background:url(https://evil.test)}{x}\)",
    r"\(\class{shell}{x}\)",
    r"\(\unicode{x3c}script\)",
    r"\[\mathop{<img src=x onerror=alert(1)>}\]",
    r"$\color{url(https://evil.test)}{x}$",
    r"\(\hspace{-900em}\text{Stayed in house}\)",
    r"\(\newcommand{\x}{\x\x}\x\)",
    "$</annotation-xml><script>alert(1)</script>$",
    "\x00<scr\x00ipt>",
    "\ud800\udc00 [x](https://a.test/\ud800)",
    "\ufeff\ufffe\uffff\u2028\u2029\x85",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
]
# What opens and is never closed, what nests, and what a parser may read again and again.
SIGNS = [">", "[", "(", "*", "`", "$", "![", "_", "<", "#", "&", "~~", "[a](", "[a][", "*a_", "``a`", "<a", "\\", "\\("]
SIGNS += [
    "\\[",
    "$$",
    "{",
    "}",
    "]",
    "](",
    "[*](*",
    "https://a.test/)",
    "(https://",
    '"',
    "a@",
    "&#",
    "<!--",
    "~~~",
    "```",
]
SIGNS += ["\\(\\(", "$\\frac{", "x", "日", "\u202e", "<b>", "[[a]", "[a](http://b)", "![](http://b)"]
SPACED = ["**a ", "http://a ", "[x](y 'z", "*a* "]
LINES = [
    "- ",
    "1. ",
    "    ",
    "> - ",
    "\t- ",
    "- a\n",
    "- a\n\n",
    "> a\n",
    "- a\n  ",
    "|a",
    "|a\n|-\n",
    "a\n",
    "[a\n",
    "*a\n\n",
]
LINES += [
    "[a]: b\n",
    "***\n",
    "```\n",
    "1)\n",
    "> \n",
    " \n",
    "$$\n",
    "\\[\n",
    "\\[a\n\n",
    "$$a\n",
    "- \\[\n",
    "|a|b|\n|-|-|\n",
]
LINES += ["  - a\n", "=\n", "a\n=\n", "[a]:\n", "[a]: <", "\\\n", "a  \n", "- >\n", "\n\n>", "- ```\n"]


@pytest.mark.parametrize("text", ACTIVE)
def test_nothing_runs_loads_or_leads_astray(text: str) -> None:
    for around in ("{}", "> {}", "- {}", "words {} words", "|a|\n|-|\n|{}|", "**{}**", "# {}"):
        assert_harmless(prose.rendered(around.format(text)))


@pytest.mark.parametrize("text", ACTIVE)
def test_nothing_does_while_it_is_being_written_either(text: str) -> None:
    growing = GrowingProse()
    for character in f"{text}\n\nWords.":
        growing.feed(character)
        change = growing.change()
        if isinstance(change, Redrawn):
            assert_harmless(change.html)


def test_an_image_makes_no_request() -> None:
    tree = assert_harmless(prose.rendered("![a cat](https://evil.test/beacon.png?who=me)"))

    assert [node.tag for node in tree.all()] == ["p", "a", "bdi"]


def test_words_that_turn_around_do_so_inside_of_their_own_element() -> None:
    tree = assert_harmless(prose.rendered("Pay \u202e001\u202c \u2066now\u2069 `\u202e001`"))

    assert tree.text == "Pay 001 now [U+202E]001"


@pytest.mark.parametrize("sign", [*SIGNS, *SPACED, *LINES])
def test_what_is_never_closed_is_harmless(sign: str) -> None:
    assert_harmless(prose.rendered(sign * (3_000 // len(sign))))


@pytest.mark.slow
@pytest.mark.parametrize("sign", [*SIGNS, *SPACED, *LINES])
def test_what_nests_a_hundred_thousand_deep_costs_what_it_weighs(sign: str) -> None:
    """Twice the text, twice the time; once in three tries, for a busy machine makes the same work dearer."""

    def seconds(size: int) -> float:
        began = time.process_time()
        prose.rendered(sign * (size // len(sign)))
        return time.process_time() - began

    assert any(seconds(100_000) <= min(3 * seconds(50_000) + 0.5, 6) for _ in range(3))


@pytest.mark.slow
@pytest.mark.parametrize("rows, columns", [(20_000, 2), (2, 20_000), (200, 200)])
def test_a_huge_table_costs_what_it_weighs(rows: int, columns: int) -> None:
    row = "|a" * columns + "|\n"
    began = time.process_time()

    html = prose.rendered(row + "|-" * columns + "|\n" + row * rows)

    assert time.process_time() - began < 10
    assert html.count("<table") <= 1


def test_a_very_long_word_is_a_word() -> None:
    assert assert_harmless(prose.rendered("a" * 200_000)).text == "a" * 200_000
