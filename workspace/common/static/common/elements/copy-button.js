// <copy-button from="#code-1"><button type="button">…<span data-word data-done="Copied">Copy</span></button></copy-button>
// Copies the text of the element that `from` names, the text at the address in `src`, or that of the `pre` in the same
// figure. Says so for two seconds.
class CopyButton extends HTMLElement {
  connectedCallback() {
    this.word = this.querySelector("[data-word]");
    this.usual = this.word?.textContent;
    this.querySelector("button").addEventListener("click", () => this.copy());
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  async text() {
    const address = this.getAttribute("src");
    if (address) return fetch(address).then((answer) => (answer.ok ? answer.text() : null), () => null);
    const named = this.getAttribute("from");
    const source = named ? document.querySelector(named) : this.closest("figure").querySelector("pre");
    return (source.value ?? source.textContent).trimEnd();
  }

  async copy() {
    const text = await this.text();
    if (text === null) return; // it cannot be had, and an error's text is not it
    await put(text);
    this.dataset.copied = "";
    if (this.word) this.word.textContent = this.word.dataset.done;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      delete this.dataset.copied;
      if (this.word) this.word.textContent = this.usual;
    }, 2000);
  }
}

// Browsers give the clipboard to secure addresses only; on a plain one inside a company the old way still works.
async function put(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
customElements.define("copy-button", CopyButton);
