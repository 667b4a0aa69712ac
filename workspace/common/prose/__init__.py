"""Text in Markdown, as a model or a person writes it, as HTML that is safe in any page.

`rendered` gives the whole of a text. A text that is still being written is drawn by `growing`, block by block.
"""

from django.utils.safestring import SafeString, mark_safe

from workspace.common.prose import characters
from workspace.common.prose.markdown import elements
from workspace.common.prose.outline import Outline


def rendered(text: str) -> SafeString:
    """A text as a row of elements, for `<div class="prose" dir="auto">`.

    It holds words of the reader's language ("Copy"), so it is never kept for another reader.
    """
    made = "".join(elements(characters.cleaned(text), Outline()))
    return mark_safe(made)  # noqa: S308 - it went through the sanitiser
