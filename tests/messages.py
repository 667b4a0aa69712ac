"""The message catalogues: `python -m tests.messages` writes what the product says into each app's
`locale/ja/LC_MESSAGES/django.po`, keeps the Japanese that is there, drops what nobody says any more, and compiles.
That also ends a conflict between two branches in these files.

`--check` (a part of `make lint`) writes nothing. It names what lacks Japanese or is fuzzy, whose placeholders differ,
where a space is typed that the browser makes, what two apps translate differently, and which file is not what this
program would write.
"""

import re
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from tests.architecture import tree

LANGUAGE = "ja"
LAZY = ("gettext", "ngettext", "pgettext", "npgettext")
KEYWORDS = DEFAULT_KEYWORDS | {f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in LAZY} | {"gettext_noop": None}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|(?<!\{)\{(\w+)\}(?!\})")
# `text-autospace` makes the gap between Japanese and Latin letters; a typed space would double it.
TYPED_GAP = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff] [0-9A-Za-z]|[0-9A-Za-z] [\u3040-\u30ff\u4e00-\u9fff]")
CONFLICT = re.compile(r"^(?:<{7} .*|={7}|>{7} .*|\|{7} .*)\n", re.MULTILINE)
HEADER = "# `python -m tests.messages` adds and removes what the product says; the Japanese is written here by hand."


class HouseCatalog(Catalog):
    """A catalogue whose header names no date and no person, so that the same messages give the same file."""

    mime_headers = [  # a property in Babel, which adds the present time
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
        ("Language", LANGUAGE),
        ("Plural-Forms", "nplurals=1; plural=0;"),
    ]


@dataclass(frozen=True, slots=True)
class App:
    """An app of the product by its folder, relative to the root."""

    folder: Path

    @property
    def catalogue(self) -> Path:
        return self.folder / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"

    @property
    def compiled(self) -> Path:
        return self.catalogue.with_suffix(".mo")

    def sources(self) -> list[Path]:
        """Its Python files and templates."""
        inside = [path for path in tree.files() if path.is_relative_to(self.folder)]
        return [path for path in inside if path.suffix == ".py" or "templates" in path.parts]


def apps() -> list[App]:
    """The folders that hold an `apps.py`, but not the supervisor, which is no app."""
    return [App(path.parent) for path in tree.python_files(*tree.PRODUCT) if path.name == "apps.py"]


def said(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Message (with its plural where there is one) and context of everything that a file says."""
    text = tree.text(path)
    if path.suffix != ".py":
        # What stands between the messages comes as letters of any indentation, which is no Python.
        text = "\n".join(line.lstrip() for line in templatize(text, str(path)).splitlines())
    try:
        for _, message, _, context in extract("python", BytesIO(text.encode()), keywords=KEYWORDS):
            yield message, context
    except (SyntaxError, tokenize.TokenError) as error:
        raise SystemExit(f"{path}: {error}") from error


def known(app: App) -> Catalog:
    """What the app's catalogue holds; of a merge that git could not finish, both sides, the first where they differ."""
    file = tree.ROOT / app.catalogue
    held = CONFLICT.sub("", file.read_text("utf-8")) if file.exists() else ""
    return read_po(StringIO(held), locale=LANGUAGE)


def renewed(app: App) -> HouseCatalog:
    """The catalogue as it should be: what the app says now, with the Japanese there is."""
    before, now = known(app), HouseCatalog(locale=LANGUAGE, header_comment=HEADER, fuzzy=False)
    for path in app.sources():
        for message, context in said(path):
            had = before.get(message, context)
            string = had.string if had and isinstance(had.id, str) == isinstance(message, str) else ""
            flags = {"fuzzy"} if had and had.fuzzy else set()
            now.add(message, string, locations=[(str(path), 0)], flags=flags, context=context)
    return now


def as_text(catalogue: Catalog) -> bytes:
    out = BytesIO()
    write_po(out, catalogue, width=0, sort_output=True, include_lineno=False)
    return out.getvalue()


def as_binary(catalogue: Catalog) -> bytes:
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def messages(catalogue: Catalog) -> list[Message]:
    """All but the header."""
    return [message for message in catalogue if message.id]


def forms(value: str | Iterable[str] | None) -> list[str]:
    """A message's forms: one, or singular and plural."""
    return [value] if isinstance(value, str) else list(value or [""])


def placeholders(text: str) -> set[str]:
    return {named or braced for named, braced in PLACEHOLDER.findall(text)}


def wrong_with(message: Message) -> str:
    """What a translator still has to do; empty where all is well."""
    english, japanese = forms(message.id), forms(message.string)
    if not all(japanese):
        return "has no Japanese"
    if message.fuzzy:
        return "is fuzzy"
    if TYPED_GAP.search(" ".join(japanese)):
        return "has a typed space beside Latin letters"
    # Japanese has one form, which may name the number that the English singular spells out.
    wanted, given = set().union(*map(placeholders, english)), placeholders(japanese[0])
    return "" if wanted == given else f"has other placeholders: {sorted(wanted ^ given)}"


def complaints() -> Iterator[str]:
    """Everything that is wrong with the catalogues, one line after another."""
    translations: defaultdict[tuple[str | None, str], dict[str, str]] = defaultdict(dict)
    for app in apps():
        catalogue = renewed(app)
        for message in messages(catalogue):
            if wrong := wrong_with(message):
                yield f"{app.catalogue}: {forms(message.id)[0]!r} {wrong}"
            translations[message.context, forms(message.id)[0]][str(app.folder)] = forms(message.string)[0]
        for path, content in written(app, catalogue).items():
            file = tree.ROOT / path
            if (file.read_bytes() if file.exists() else b"") != content:
                yield f"{path} is not what `python -m tests.messages` writes"
    for (_, english), by_app in translations.items():
        if len(set(by_app.values()) - {""}) > 1:
            yield f"{english!r} is translated differently: {by_app}"


def written(app: App, catalogue: Catalog) -> dict[Path, bytes]:
    """What stands in an app's files; nothing where it says nothing."""
    content = {app.catalogue: as_text(catalogue), app.compiled: as_binary(catalogue)}
    return content if messages(catalogue) else dict.fromkeys(content, b"")


def write() -> None:
    for app in apps():
        for path, content in written(app, renewed(app)).items():
            file = tree.ROOT / path
            if content:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            else:
                file.unlink(missing_ok=True)


if __name__ == "__main__":
    if sys.argv[1:] != ["--check"]:
        write()
    found = list(complaints())
    sys.stdout.write("".join(f"{line}\n" for line in found))
    sys.exit(1 if found else 0)
