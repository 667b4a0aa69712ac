"""Every word that a person reads comes from a message catalogue."""

import ast

from tests import messages
from tests.architecture import literals, tree
from tests.architecture.test_templates import templates

# "file" of what speaks to programs or to whoever runs the server, never on a page.
NOT_ON_A_PAGE = ("management/commands", "openapi.py", "migrations")


def test_templates_say_only_messages() -> None:
    found = {
        str(path): said
        for path in templates()
        if (said := literals.in_template(tree.text(path), is_html=path.suffix == ".html"))
    }

    assert not found


def test_forms_views_and_models_say_only_messages() -> None:
    pages = [path for path in tree.python_files(*tree.PRODUCT) if not any(part in str(path) for part in NOT_ON_A_PAGE)]

    assert not {str(path): said for path in pages if (said := literals.in_python(tree.parsed(path)))}


def test_elements_and_styles_take_their_words_from_the_page() -> None:
    scripts = {path: literals.in_script(tree.text(path)) for path in literals.static_files(".js")}
    styles = {path: literals.in_style(tree.text(path)) for path in literals.static_files(".css")}

    assert not {str(path): said for path, said in (scripts | styles).items() if said}


def test_catalogues_hold_the_japanese_of_every_message() -> None:
    assert list(messages.complaints()) == []


def test_the_check_of_templates_finds_what_it_is_for() -> None:
    bad = [
        "<p>Words</p>",
        '<button title="Close"></button>',
        '<input placeholder="{{ x }} words">',
        '{% include "a.html" with label="Two words" %}',
        "{{ name|default:'Nobody' }}",
        '<copy-button data-done="Copied">',
    ]
    good = [
        '{% load i18n %}<p title="{% translate \'Close\' %}">{% translate "Words" %} · Atrium</p>',
        "{% blocktranslate %}Words{% endblocktranslate %}<kbd>Esc</kbd><code>code</code>{# words #}",
        '{% if status == "in use" %}{% comment %}Words{% endcomment %}{% endif %}<p class="two words">{{ words }}</p>',
        '{% include "a.html" with kind="primary" label=_("Two words") %}',
    ]

    assert all(literals.in_template(text) for text in bad)
    assert not [text for text in good if literals.in_template(text)]


def test_the_checks_of_code_find_what_they_are_for() -> None:
    parse = ast.parse
    bad = [
        'raise ValidationError("Too long")',
        'CharField(label="Name")',
        'messages.success(request, f"Deleted {n}")',
        'class Role(TextChoices):\n    OWNER = "owner", "Owner"',
    ]
    good = [
        'raise ValidationError(_("Too long"), code="long")',
        'CharField(label=_("Name"), help_text="")',
        'class Role(TextChoices):\n    OWNER = "owner", _("Owner")',
    ]

    assert all(literals.in_python(parse(text)) for text in bad)
    assert not [text for text in good if literals.in_python(parse(text))]


def test_the_checks_of_static_files_find_what_they_are_for() -> None:
    bad = ['a.textContent = x ? "Copied" : b;', "a.setAttribute('aria-label', `Open ${x}`);", 'confirm("Sure?");']
    good = ["a.textContent = a.dataset.done;", 'a.setAttribute("aria-expanded", "true");', '// a.title = "Words";']

    assert all(literals.in_script(text) for text in bad)
    assert not [text for text in good if literals.in_script(text)]
    assert literals.in_style('p::before { content: "Note"; }')
    assert not literals.in_style('p::before { content: "·"; }')
