// <prompt-composer><form class="composer">…<textarea>…</form></prompt-composer>
// Enter sends, Shift+Enter breaks the line, an input method's Enter only accepts its candidate. Escape leaves a form that
// can be left. What was refused or could not be sent still stands there. Without JavaScript the form simply posts.
class PromptComposer extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.text = this.querySelector("textarea");
    this.text.addEventListener("input", () => this.grow());
    this.text.addEventListener("keydown", (event) => this.keyed(event));
    this.form.addEventListener("submit", (event) => this.checked(event), { capture: true });
    this.form.addEventListener("htmx:after:request", (event) => this.answered(event.detail.ctx.response));
    this.form.addEventListener("htmx:error", () => this.unsent());
    this.grow();
    if (this.text.autofocus) this.begin();
  }

  begin() {
    this.text.focus({ preventScroll: true });
    this.text.setSelectionRange(this.text.value.length, this.text.value.length);
  }

  grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.text.style.blockSize = "auto";
    this.text.style.blockSize = `${this.text.scrollHeight}px`;
  }

  keyed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") this.querySelector("[data-cancel]")?.click();
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  checked(event) {
    if (this.text.value.trim() && !this.waits) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.text.focus();
  }

  // While an answer is being written, what stands here waits for its end.
  get waits() {
    return this.hasAttribute("data-waits");
  }

  answered(response) {
    if (response.status >= 400 || !this.form.closest("#composer")) return;
    this.text.value = "";
    this.form.elements.key.value = crypto.randomUUID();
    document.querySelector("#problem")?.replaceChildren();
    this.text.dispatchEvent(new InputEvent("input", { bubbles: true }));
    this.dispatchEvent(new CustomEvent("prompt-sent", { bubbles: true }));
  }

  unsent() {
    const told = document.querySelector("template[data-unsent]");
    document.querySelector("#problem")?.replaceChildren(told.content.cloneNode(true));
  }
}
customElements.define("prompt-composer", PromptComposer);
