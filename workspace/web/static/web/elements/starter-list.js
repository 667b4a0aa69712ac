// <starter-list>…<a data-text="…">…</starter-list>: puts the words in front of what the composer holds. Without
// JavaScript the link leads to the same composer, filled by the server.
class StarterList extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const starter = event.target.closest("[data-text]");
      const field = document.querySelector("prompt-composer textarea");
      if (!starter || !field || event.metaKey || event.ctrlKey) return;
      event.preventDefault();
      field.value = `${starter.dataset.text}\n\n${this.own(field.value)}`;
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      field.focus();
      field.setSelectionRange(field.value.length, field.value.length);
    });
  }

  // What the person wrote, without the words of a starter that was chosen before.
  own(text) {
    const before = [...this.querySelectorAll("[data-text]")].find((other) => text.startsWith(other.dataset.text));
    return before ? text.slice(before.dataset.text.length).trimStart() : text;
  }
}
customElements.define("starter-list", StarterList);
