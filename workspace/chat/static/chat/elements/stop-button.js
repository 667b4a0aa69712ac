// <stop-button>: there while an answer is being written. It presses the answer's own form.
class StopButton extends HTMLElement {
  connectedCallback() {
    this.composer = this.closest("prompt-composer");
    this.send = this.composer.querySelector("[data-send]");
    this.addEventListener("click", () => this.stop());
    document.addEventListener("turn-writing", this);
    this.handleEvent();
  }

  disconnectedCallback() {
    document.removeEventListener("turn-writing", this);
  }

  stop() {
    const isHere = this.contains(document.activeElement);
    document.querySelector("turn-stream form.stop")?.requestSubmit();
    if (isHere) this.composer.querySelector("textarea").focus(); // the button is about to go
  }

  handleEvent() {
    const writing = document.querySelector("turn-stream") !== null;
    this.hidden = !writing;
    this.send.hidden = writing;
    this.composer.toggleAttribute("data-waits", writing);
  }
}
customElements.define("stop-button", StopButton);
