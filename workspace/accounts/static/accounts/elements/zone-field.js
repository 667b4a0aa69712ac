// <zone-field>: an empty field for a time zone takes the one of this browser.
class ZoneField extends HTMLElement {
  connectedCallback() {
    const field = this.querySelector("input");
    field.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  }
}
customElements.define("zone-field", ZoneField);
