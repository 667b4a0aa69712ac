"""What the templates of every room say again and again: `{% load atrium %}`."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str, kind: str = "") -> SafeString:
    """An icon of the sprite. `kind`: "small", "large", or more classes, as in "small turns".

    It says nothing to a screen reader: the words stand beside it, or on the button around it.
    """
    classes = " ".join(["icon", *(f"icon-{word}" if word in {"small", "large"} else word for word in kind.split())])
    sprite = static("common/icons.svg")
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', classes, sprite, name)
