// <undo-notice>: what was just done, with a form that takes it back. It goes after 30 seconds, but never from under the
// pointer or the focus.
const SHOWN = 30_000;

class UndoNotice extends HTMLElement {
  connectedCallback() {
    this.timer = setTimeout(() => this.go(), SHOWN);
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  go() {
    if (this.matches(":hover, :focus-within")) this.timer = setTimeout(() => this.go(), 1000);
    else this.closest(".notice").remove();
  }
}
customElements.define("undo-notice", UndoNotice);
