// <copy-button from="#code-1"><button type="button">…<span data-word data-done="Copied">Copy</span></button></copy-button>
// Copies the text of the named element; without `from`, that of the `pre` in the same figure. Says so for two seconds.
class CopyButton extends HTMLElement {
  connectedCallback() {
    this.word = this.querySelector("[data-word]");
    this.usual = this.word?.textContent;
    this.querySelector("button").addEventListener("click", () => this.copy());
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  get source() {
    const named = this.getAttribute("from");
    return named ? document.querySelector(named) : this.closest("figure").querySelector("pre");
  }

  async copy() {
    const text = this.source.value ?? this.source.textContent;
    await navigator.clipboard.writeText(text.trimEnd());
    this.dataset.copied = "";
    if (this.word) this.word.textContent = this.word.dataset.done;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      delete this.dataset.copied;
      if (this.word) this.word.textContent = this.usual;
    }, 2000);
  }
}
customElements.define("copy-button", CopyButton);
