"""Code in five colours: keywords `k`, names `n`, strings `s`, numbers `m`, comments `c`.

What Pygments tells apart more finely is folded into these five, which the style sheet has measured colours for. Only
languages of the list below are highlighted: a lexer is a set of regular expressions, and those of rare languages were
never tried against hostile text, and some (MATLAB, Terraform) fail there.
"""

import time
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from itertools import groupby
from operator import itemgetter
from typing import Final

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token, _TokenType

from workspace.common.prose import characters

# As a fence may name them; Pygments knows further names of each.
_LANGUAGES: Final = {
    "bash", "c", "clojure", "cmake", "console", "cpp", "csharp", "css", "dart", "diff", "docker", "elixir", "erlang",
    "fsharp", "go", "graphql", "groovy", "haskell", "html", "http", "ini", "java", "javascript", "json", "jsx",
    "julia", "kotlin", "latex", "lua", "make", "nginx", "objective-c", "ocaml", "perl", "php", "powershell",
    "prolog", "protobuf", "python", "r", "ruby", "rust", "scala", "scss", "sql", "swift", "toml", "tsx",
    "typescript", "vbnet", "xml", "yaml", "zig",
}  # fmt: skip
_OTHER_NAMES: Final = {
    "c#": "csharp", "c++": "cpp", "cs": "csharp", "dockerfile": "docker", "golang": "go",
    "htm": "html", "js": "javascript", "jsonc": "json", "kt": "kotlin", "makefile": "make", "md": "", "objc":
    "objective-c", "patch": "diff", "pgsql": "sql", "postgresql": "sql", "proto": "protobuf", "ps1": "powershell",
    "py": "python", "python3": "python", "rb": "ruby", "rs": "rust", "sh": "bash", "shell": "bash", "svg": "xml",
    "tex": "latex", "ts": "typescript", "yml": "yaml", "zsh": "bash",
}  # fmt: skip
_LONGEST: Final = 50_000  # code points that are highlighted at most, and of one line
_LONGEST_LINE: Final = 2_000
# Seconds of this thread's processor time. Some lexers take the square of hostile text (thousands of empty lines, in C):
# what is not coloured by then stays plain.
_PATIENCE: Final = 0.2
# The first that holds a kind of token decides.
_COLOURS: Final = (
    (Token.Comment, "c"),
    (Token.Literal.Number, "m"),
    (Token.Literal, "s"),
    (Token.Keyword, "k"),
    (Token.Operator.Word, "k"),
    (Token.Name.Tag, "k"),
    (Token.Name.Function, "n"),
    (Token.Name.Class, "n"),
    (Token.Name.Builtin, "n"),
    (Token.Name.Attribute, "n"),
    (Token.Name.Decorator, "n"),
    (Token.Name.Exception, "n"),
    (Token.Name.Namespace, "n"),
    (Token.Generic.Inserted, "s"),
    (Token.Generic.Deleted, "k"),
    (Token.Generic.Heading, "c"),
    (Token.Generic.Subheading, "c"),
    (Token.Generic.Prompt, "c"),
)


def language(info: str) -> str:
    """The name, for a reader, of the language that a fence's info string names; "" where it is none that we know."""
    lexer = _lexer(_name(info))
    return lexer.name if lexer else ""


def highlighted(source: str, info: str) -> str:
    """HTML of some code: text and `span`s with one of the five classes."""
    source = characters.told(source)
    lexer = _lexer(_name(info))
    if lexer is None or len(source) > _LONGEST or any(len(line) > _LONGEST_LINE for line in source.split("\n")):
        return escape(source)
    return "".join(_spans(source, lexer))


def _name(info: str) -> str:
    words = info.split(maxsplit=1)
    return words[0].lower() if words else ""


@lru_cache(maxsize=128)
def _lexer(name: str) -> Lexer | None:
    name = _OTHER_NAMES.get(name, name)
    return get_lexer_by_name(name, stripnl=False, ensurenl=False) if name in _LANGUAGES else None


def _spans(source: str, lexer: Lexer) -> Iterator[str]:
    for colour, run in groupby(_coloured(source, lexer), key=itemgetter(0)):
        text = escape("".join(map(itemgetter(1), run)))
        yield f'<span class="{colour}">{text}</span>' if colour else text


def _coloured(source: str, lexer: Lexer) -> Iterator[tuple[str, str]]:
    end, done = time.thread_time() + _PATIENCE, 0
    for kind, text in lexer.get_tokens(source):
        yield _colour(kind), text
        done += len(text)
        if time.thread_time() > end:
            yield "", source[done:]
            return


@lru_cache(maxsize=512)
def _colour(kind: _TokenType) -> str:
    return next((colour for parent, colour in _COLOURS if kind in parent), "")  # type: ignore[comparison-overlap]  # `in` asks for the kind's parents
