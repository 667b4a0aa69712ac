// <prompt-composer><form class="composer">…<textarea>…</form></prompt-composer>
// Enter sends, Shift+Enter breaks the line, an input method's Enter only accepts its candidate. Escape leaves a form that
// can be left. What was refused or could not be sent still stands there. Without JavaScript the form simply posts.
import { notice } from "./parts.js";

class PromptComposer extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.text = this.querySelector("textarea");
    this.text.addEventListener("input", () => this.changed());
    this.text.addEventListener("keydown", (event) => this.keyed(event));
    this.form.addEventListener("submit", (event) => this.checked(event), { capture: true });
    this.form.addEventListener("htmx:after:request", (event) => this.answered(event.detail.ctx));
    this.form.addEventListener("htmx:error", () => notice("unreached"));
    this.changed();
    // A finger asks for the keyboard itself.
    if (this.text.autofocus && matchMedia("(hover: hover)").matches) this.begin();
  }

  begin() {
    this.text.focus({ preventScroll: true });
    this.text.setSelectionRange(this.text.value.length, this.text.value.length);
  }

  changed() {
    this.measure();
    if (CSS.supports("field-sizing", "content")) return;
    this.text.style.blockSize = "auto";
    this.text.style.blockSize = `${this.text.scrollHeight}px`;
  }

  // A message's length is counted in code points, which a string has at most as many of as units.
  measure() {
    const longest = Number(this.text.dataset.longest);
    const length = this.text.value.length > longest ? [...this.text.value].length : 0;
    const told = this.querySelector("[data-too-long]");
    this.over = Math.max(0, length - longest);
    told.hidden = !this.over;
    told.querySelector("[data-over]").textContent = this.over.toLocaleString(document.documentElement.lang);
  }

  keyed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  checked(event) {
    if (this.text.value.trim() && !this.over && !this.waits) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.text.focus();
  }

  // While an answer is being written, what stands here waits for its end.
  get waits() {
    return this.hasAttribute("data-waits");
  }

  // The room's composer is there for the next question; where the page goes elsewhere, nothing flickers before.
  answered({ response, hx }) {
    if (response.status >= 400 && !hx.retarget) notice("failed");
    if (response.status >= 400 || hx.redirect || this.id !== "composer") return;
    this.text.value = "";
    this.form.elements.key.value = newKey();
    this.text.dispatchEvent(new InputEvent("input", { bubbles: true }));
    this.dispatchEvent(new CustomEvent("prompt-sent", { bubbles: true }));
  }
}

// `crypto.randomUUID` exists at secure addresses only.
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");
}
customElements.define("prompt-composer", PromptComposer);
