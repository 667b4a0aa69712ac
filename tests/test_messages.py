"""The catalogues are what the sources say, and name what is left to translate."""

from pathlib import Path

import pytest
from babel.messages.catalog import Message

from tests import messages
from tests.architecture import tree

TEMPLATE = """{% load i18n %}
    {% if one == "two" %}<p title="{% translate 'A label' %}">'quoted' (</p>
  {% endif %}{% blocktranslate trimmed count n=n %}
    {{ n }} chat
{% plural %}{{ n }} chats{% endblocktranslate %}{{ x|default:_("none") }}
{% translate "May" context "month" %}"""


def test_all_that_a_template_says_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "text", lambda path: TEMPLATE)

    assert list(messages.said(Path("page.html"))) == [
        ("A label", None),
        (("%(n)s chat", "%(n)s chats"), None),
        ("none", None),
        ("May", "month"),
    ]


def test_all_that_python_says_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "text", lambda path: '_("one")\nngettext_lazy("a", "b", n)\nlog.info("no message")\n')

    assert list(messages.said(Path("forms.py"))) == [("one", None), (("a", "b"), None)]


@pytest.mark.parametrize(
    ("message", "wrong"),
    [
        (Message("Stop", "停止"), ""),
        (Message("Stop", ""), "has no Japanese"),
        (Message("Stop", "停止", flags=["fuzzy"]), "is fuzzy"),
        (Message("%(n)s days", "日"), "has other placeholders: ['n']"),
        (Message(("One chat", "%(n)s chats"), ("%(n)s件のチャット",)), ""),
        (
            Message("At least 15", "15 文字以上"),
            "has a typed space beside Latin letters",
        ),
    ],
)
def test_what_is_left_to_a_translator_is_named(message: Message, wrong: str) -> None:
    assert messages.wrong_with(message) == wrong


def test_both_sides_of_a_conflict_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = 'msgid "One"\nmsgstr "一"\n\n', 'msgid "Two"\nmsgstr "二"\n\n'
    (tmp_path / "django.po").write_text(f"<<<<<<< HEAD\n{one}=======\n{two}>>>>>>> other\n", "utf-8")
    monkeypatch.setattr(messages.App, "catalogue", tmp_path / "django.po")

    held = messages.known(messages.App(tmp_path))

    assert [message.string for message in messages.messages(held)] == ["一", "二"]


def test_the_same_messages_give_the_same_files() -> None:
    app = next(app for app in messages.apps() if app.folder.name == "common")
    catalogue = messages.renewed(app)

    first, second = (messages.written(app, catalogue) for _ in range(2))

    assert first == second
    assert b"Date" not in first[app.catalogue] + first[app.compiled]
