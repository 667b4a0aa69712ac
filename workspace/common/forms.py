"""How every form of the product draws its controls."""

from typing import Any, Final

from django import forms
from django.forms import BoundField
from django.forms.widgets import Input

from workspace.common.errors import Invalid

CLASSES: Final[tuple[tuple[type[forms.Widget], str], ...]] = (
    (forms.Textarea, "textarea"),
    (forms.Select, "select"),
    (forms.CheckboxInput, ""),
    (Input, "input"),
)


class HouseField(BoundField):
    """A control of the house's look, tied to what is wrong with it."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """Django names the help text by itself; the problem comes first, as it is what to read first."""
        built = super().build_widget_attrs(attrs, widget)
        control = widget or self.field.widget
        kind = next((name for base, name in CLASSES if isinstance(control, base)), "")
        if kind:
            built.setdefault("class", " ".join(filter(None, [control.attrs.get("class"), kind])))
        if self.errors:
            described = built.get("aria-describedby")
            built["aria-describedby"] = f"{self.auto_id}_error" + (f" {described}" if described else "")
        return built


class HouseForm(forms.Form):
    """The base of every form; show its fields by `common/components/field.html`."""

    bound_field_class = HouseField


def tell(form: forms.Form, error: Invalid) -> None:
    """Puts what an action found wrong beside the fields it is about."""
    for fault in error.errors:
        form.add_error(fault.field if fault.field in form.fields else None, fault.detail)
