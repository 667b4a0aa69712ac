// <stop-button>: there while an answer is being written. It and Escape press the answer's own form.
class StopButton extends HTMLElement {
  connectedCallback() {
    this.composer = this.closest("prompt-composer");
    this.send = this.composer.querySelector("[data-send]");
    this.addEventListener("click", () => this.stop());
    document.addEventListener("keydown", this);
    document.addEventListener("turn-writing", this);
    this.show();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this);
    document.removeEventListener("turn-writing", this);
  }

  handleEvent(event) {
    if (event.type === "turn-writing") return this.show();
    if (event.key !== "Escape" || event.isComposing || this.hidden) return;
    if (!document.querySelector("dialog[open], :popover-open, .editing, .rename")) this.stop();
  }

  stop() {
    document.querySelector("turn-stream form.stop")?.requestSubmit();
  }

  show() {
    const writing = document.querySelector("turn-stream") !== null;
    this.hidden = !writing;
    this.send.hidden = writing;
    this.composer.toggleAttribute("data-waits", writing);
  }
}
customElements.define("stop-button", StopButton);
