"""Examples of our own for the sections of the CommonMark specification (0.31), tables, strikethrough and formulas.

A pair is Markdown and the HTML that it makes, without direction and without what every link has.
"""

SECTIONS: dict[str, list[tuple[str, str]]] = {
    "tabs": [
        ("-\tone\n\n\ttwo", "<ul><li><p>one</p><p>two</p></li></ul>"),
        (">\tquoted", "<blockquote><p>quoted</p></blockquote>"),
    ],
    "backslash escapes": [
        (r"\*not emphasis\* \# \`no code\`", "<p>*not emphasis* # `no code`</p>"),
        ("a line\\\nbroken", "<p>a line<br>broken</p>"),
        (r"C:\Users\nobody", r"<p>C:\Users\nobody</p>"),
    ],
    "entities": [
        ("&copy; &amp; &#65; &#x41; &nosuch;", "<p>© &amp; A A &amp;nosuch;</p>"),
        ("`&amp;`", "<p><code>&amp;amp;</code></p>"),
        ("&#0;", "<p>\ufffd</p>"),
    ],
    "precedence": [("- `one\n- two`", "<ul><li>`one</li><li>two`</li></ul>")],
    "thematic breaks": [
        ("***\n---\n_ _ _", "<hr><hr><hr>"),
        ("--", "<p>--</p>"),
        ("a\n***\nb", "<p>a</p><hr><p>b</p>"),
    ],
    "ATX headings": [
        ("# One\n## Two\n### Three", "<h2>One</h2><h3>Two</h3><h4>Three</h4>"),
        ("#none", "<p>#none</p>"),
        ("## closed ##", "<h2>closed</h2>"),
        ("####### seven", "<p>####### seven</p>"),
    ],
    "setext headings": [
        ("One\n===\nTwo\n---", "<h2>One</h2><h3>Two</h3>"),
        ("two\nlines\n==", "<h2>two\nlines</h2>"),
        ("- a\n---", "<ul><li>a</li></ul><hr>"),
    ],
    "HTML": [
        ("<div>*a*</div>", "<p>&lt;div&gt;<em>a</em>&lt;/div&gt;</p>"),
        ("a <b>bold</b> word", "<p>a &lt;b&gt;bold&lt;/b&gt; word</p>"),
        ("<!-- hidden -->", "<p>&lt;!-- hidden --&gt;</p>"),
        ("<?php echo 1 ?>", "<p>&lt;?php echo 1 ?&gt;</p>"),
    ],
    "link reference definitions": [
        ("[a]: https://a.test/x\n\n[a]", '<p><a href="https://a.test/x">a <bdi class="host">(a.test)</bdi></a></p>'),
        ("[b]\n\n[B]: <https://b.test>", '<p><a href="https://b.test">b <bdi class="host">(b.test)</bdi></a></p>'),
        ("[c]: https://c.test", ""),
        ("[no]", "<p>[no]</p>"),
    ],
    "paragraphs": [
        ("one\ntwo\n\nthree", "<p>one\ntwo</p><p>three</p>"),
        ("   in by three", "<p>in by three</p>"),
        ("\n\n  \nlate\n\n", "<p>late</p>"),
    ],
    "block quotes": [
        ("> a\nlazy", "<blockquote><p>a\nlazy</p></blockquote>"),
        ("> # in\n> b", "<blockquote><h2>in</h2><p>b</p></blockquote>"),
        (">> two", "<blockquote><blockquote><p>two</p></blockquote></blockquote>"),
        ("> a\n\n> b", "<blockquote><p>a</p></blockquote><blockquote><p>b</p></blockquote>"),
        (">", "<blockquote></blockquote>"),
    ],
    "list items": [
        ("- a\n\n  b", "<ul><li><p>a</p><p>b</p></li></ul>"),
        ("7) seven\n8) eight", '<ol start="7"><li>seven</li><li>eight</li></ol>'),
        ("-\n- b", "<ul><li></li><li>b</li></ul>"),
        ("-no", "<p>-no</p>"),
        ("1234567890. no", "<p>1234567890. no</p>"),
    ],
    "lists": [
        ("- a\n- b\n+ c", "<ul><li>a</li><li>b</li></ul><ul><li>c</li></ul>"),
        ("- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"),
        ("text\n- a", "<p>text</p><ul><li>a</li></ul>"),
        ("text\n14. no", "<p>text\n14. no</p>"),
        ("- a\n  - b\n    - c", "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li></ul>"),
        ("1. a\n   - b\n2. c", "<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>"),
    ],
    "code spans": [
        ("`a b`", "<p><code>a b</code></p>"),
        ("`` a`b ``", "<p><code>a`b</code></p>"),
        ("`open", "<p>`open</p>"),
        ("`<b>`", "<p><code>&lt;b&gt;</code></p>"),
        ("*a`*`", "<p>*a<code>*</code></p>"),
    ],
    "emphasis": [
        ("*a* _b_ **c** __d__", "<p><em>a</em> <em>b</em> <strong>c</strong> <strong>d</strong></p>"),
        ("***a***", "<p><em><strong>a</strong></em></p>"),
        ("snake_case_word", "<p>snake_case_word</p>"),
        ("a * b *", "<p>a * b *</p>"),
        ("**a*b*c**", "<p><strong>a<em>b</em>c</strong></p>"),
        ("*(**a**)*", "<p><em>(<strong>a</strong>)</em></p>"),
        ("**重要**です", "<p><strong>重要</strong>です</p>"),
    ],
    "links": [
        ('[a](https://a.test "title")', '<p><a href="https://a.test">a <bdi class="host">(a.test)</bdi></a></p>'),
        ("[a](<https://a.test/b c>)", '<p><a href="https://a.test/b%20c">a <bdi class="host">(a.test)</bdi></a></p>'),
        ("[a](/inside)", "<p>[a](/inside)</p>"),
        ("[a](#part)", "<p>[a](#part)</p>"),
        ("[a] (https://a.test)", '<p>[a] (<a href="https://a.test">https://a.test</a>)</p>'),
        ("[*a*](https://a.test)", '<p><a href="https://a.test"><em>a</em> <bdi class="host">(a.test)</bdi></a></p>'),
    ],
    "images": [
        ("![a](https://a.test/x.png)", '<p><a href="https://a.test/x.png">a <bdi class="host">(a.test)</bdi></a></p>'),
        (
            "![](https://a.test/x.png)",
            '<p><a href="https://a.test/x.png">Image <bdi class="host">(a.test)</bdi></a></p>',
        ),
        ("![a](data:image/png;base64,AA)", "<p>![a](data:image/png;base64,AA)</p>"),
    ],
    "autolinks": [
        ("<https://a.test/b>", '<p><a href="https://a.test/b">https://a.test/b</a></p>'),
        ("<me@a.test>", '<p><a href="mailto:me@a.test">me@a.test</a></p>'),
        ("<ftp://a.test>", "<p>&lt;ftp://a.test&gt;</p>"),
        ("see https://a.test/b_c.", '<p>see <a href="https://a.test/b_c">https://a.test/b_c</a>.</p>'),
    ],
    "line breaks": [("a  \nb", "<p>a<br>b</p>"), ("a\nb", "<p>a\nb</p>"), ("a  ", "<p>a</p>")],
    "strikethrough": [("~~gone~~", "<p><s>gone</s></p>"), ("~~open", "<p>~~open</p>")],
    "formulas": [
        (r"so \(n\) is", '<p>so <math display="inline"><mrow><mi>n</mi></mrow></math> is</p>'),
        ("$5 and $10", "<p>$5 and $10</p>"),
        ("US$5, HK$6", "<p>US$5, HK$6</p>"),
        (r"\(open", "<p>(open</p>"),
        (r"`\(n\)` and `$n$`", r"<p><code>\(n\)</code> and <code>$n$</code></p>"),
    ],
}
