// <live-notices src="/notices">: hears which of the person's chats changed, and tells the page by the event
// `conversation-changed` on the document ({id}; no id: any may have). A hidden tab does not listen; when it is seen
// again it says once that any may have changed. So do a stream that broke and came back, and a page that begins.
const FIRST_WAIT = 5_000; // ms
const LONGEST_WAIT = 300_000;

class LiveNotices extends HTMLElement {
  connectedCallback() {
    this.wait = FIRST_WAIT;
    document.addEventListener("visibilitychange", this);
    addEventListener("pageshow", this);
    addEventListener("pagehide", this);
    this.turn();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this);
    removeEventListener("pageshow", this);
    removeEventListener("pagehide", this);
    this.close();
  }

  handleEvent(event) {
    if (event.type === "pagehide") this.close();
    else this.turn();
  }

  turn() {
    if (document.hidden) this.close();
    else if (!this.source) this.open();
  }

  open() {
    clearTimeout(this.timer);
    this.source = new EventSource(this.getAttribute("src"));
    this.source.addEventListener("open", () => this.reached());
    this.source.addEventListener("conversation", (event) => this.tell(JSON.parse(event.data).id));
    this.source.addEventListener("error", () => this.broken());
  }

  reached() {
    this.wait = FIRST_WAIT;
    this.tell(null);
  }

  // The browser comes back by itself after a break; not after an answer that was none, as while the server starts
  // or after the person signed out elsewhere.
  broken() {
    if (this.source?.readyState !== EventSource.CLOSED) return;
    this.close();
    this.tell(null); // who was signed out is led to sign in by what the page asks for now
    this.timer = setTimeout(() => this.turn(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  close() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = undefined;
  }

  tell(id) {
    document.dispatchEvent(new CustomEvent("conversation-changed", { detail: { id } }));
  }
}
customElements.define("live-notices", LiveNotices);
