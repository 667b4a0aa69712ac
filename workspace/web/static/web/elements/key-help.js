// <key-help><dialog>…</dialog></key-help>: "?" opens the list of keys, except while someone is typing.
class KeyHelp extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    document.addEventListener("keydown", this);
    document.addEventListener("click", this);
    document.addEventListener("shell-keys", this);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this);
    document.removeEventListener("click", this);
    document.removeEventListener("shell-keys", this);
  }

  handleEvent(event) {
    if (event.type === "click" && !event.target.closest("[data-opens=keys]")) return;
    if (event.type === "keydown" && !this.asks(event)) return;
    event.preventDefault();
    if (!this.dialog.open) this.dialog.showModal();
  }

  asks(event) {
    return event.key === "?" && !event.target.closest("input, textarea, select, [contenteditable]");
  }
}
customElements.define("key-help", KeyHelp);
