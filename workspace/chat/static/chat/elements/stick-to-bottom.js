// <stick-to-bottom class="room-scroll">: follows growing content only while the reader is already at the end.
// Scrolling up lets go; the "to the latest" button, End, or sending a question takes hold again. Focus never moves.
// Whether the end is in sight is told by an observer, so that nothing here makes the page measure itself.
class StickToBottom extends HTMLElement {
  connectedCallback() {
    this.button = document.querySelector("[data-to-latest]");
    this.held = !location.hash;
    this.end = document.createElement("span");
    this.append(this.end);
    this.sight = new IntersectionObserver((seen) => this.seen(seen.at(-1).isIntersecting), { root: this, rootMargin: "48px" });
    this.sight.observe(this.end);
    this.growth = new ResizeObserver(() => this.held && this.follow());
    this.growth.observe(this.firstElementChild);
    this.growth.observe(this);
    this.button?.addEventListener("click", () => this.take());
    for (const kind of ["wheel", "touchmove", "keydown", "focusin", "pointerdown"]) this.addEventListener(kind, this, { passive: true });
    document.addEventListener("prompt-sent", this);
  }

  disconnectedCallback() {
    this.sight.disconnect();
    this.growth.disconnect();
    document.removeEventListener("prompt-sent", this);
  }

  // Only what the reader does lets go; content that grows faster than it can be followed does not.
  handleEvent(event) {
    if (event.type === "prompt-sent") return this.take();
    if (event.type === "keydown" && !["ArrowUp", "PageUp", "Home"].includes(event.key)) return;
    if (event.type === "wheel" && event.deltaY >= 0) return;
    if (event.type === "pointerdown" && event.target !== this) return; // on its scroll bar
    if (event.type === "focusin" && !event.target.matches("textarea, input")) return;
    this.held = false;
  }

  seen(isEnd) {
    if (isEnd) this.held = true;
    if (this.button) this.button.hidden = isEnd;
  }

  // For a change in the middle: whether the end is in sight is asked anew, after it.
  letGo() {
    this.held = false;
    this.sight.unobserve(this.end);
    this.sight.observe(this.end);
  }

  take() {
    this.held = true;
    this.follow();
  }

  follow() {
    this.scrollTop = 2 ** 30;
  }
}
customElements.define("stick-to-bottom", StickToBottom);
