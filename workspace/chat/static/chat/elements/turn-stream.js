// <turn-stream src="/api/turns/…/events?as=html" data-message="/messages/…">: an answer that is being written.
// A closed block is drawn once and never again, only the open tail changes (docs/contract.md, "A turn's events").
// A hidden tab closes its stream and goes on behind the last event that it drew. The element is no live region; one
// polite status says that an answer is being written, and how it ended.
import { part } from "./parts.js";

const LONGEST_WAIT = 15_000; // ms between two tries
// Who wants no motion sees block after block, each when it is whole.
const calm = matchMedia("(prefers-reduced-motion: reduce)");

class TurnStream extends HTMLElement {
  connectedCallback() {
    this.body = this.querySelector("[data-body]");
    this.template = document.createElement("template");
    this.wait = 500;
    document.addEventListener("visibilitychange", this);
    this.open();
    this.tell();
    this.say("writing");
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this);
    this.close();
    this.tell();
  }

  tell() {
    document.dispatchEvent(new CustomEvent("turn-writing"));
  }

  handleEvent(event) {
    if (event.type === "visibilitychange") return document.hidden ? this.close() : this.source ?? this.open();
    if (event.type === "open") return this.reached();
    if (event.type === "error") return this.lost();
    if (event.lastEventId) this.last = event.lastEventId;
    this.heard(event.type, JSON.parse(event.data));
  }

  open() {
    if (document.hidden || this.ended || this.source) return;
    const after = this.last ? `&after=${this.last}` : "";
    this.source = new EventSource(this.getAttribute("src") + after);
    const kinds = ["open", "error", "started", "reasoning", "blocks", "resumed", "replaced", "done", "stopped", "failed"];
    for (const kind of kinds) this.source.addEventListener(kind, this);
  }

  close() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = undefined;
  }

  reached() {
    this.wait = 500;
    this.querySelector("[data-lost]").hidden = true;
  }

  // The browser would come back by itself, but not after an answer without a stream: 204, or a server that starts.
  lost() {
    this.close();
    if (this.ended) return;
    this.timer = setTimeout(() => this.again(), this.wait);
    if (this.wait > 1000) {
      this.querySelector("[data-lost]").hidden = false;
      this.say("lost");
    }
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  async again() {
    if (document.hidden) return;
    const answer = await part(this.dataset.message);
    if (answer?.ok && !answer.text.includes("<turn-stream")) {
      this.say("ready");
      return this.replaced(answer.text);
    }
    if (answer?.status !== 404) this.open();
  }

  heard(kind, data) {
    if (kind === "blocks" || kind === "replaced") this.draw(data);
    if (kind === "resumed") this.querySelector("[data-resumed]").hidden = false;
    if (["done", "stopped", "failed"].includes(kind)) this.end(kind === "done" ? "ready" : kind);
  }

  draw({ place, from, html, text, closed }) {
    const into = place === "open" ? this.body.querySelector("[data-open]") : this.body;
    if (!into) return; // its opening waits until it is whole
    if (text !== undefined) return into.append(text);
    while (into.children.length > from) into.lastElementChild.remove();
    this.template.innerHTML = html;
    const fresh = this.template.content;
    if (calm.matches) while (from + fresh.childElementCount > closed) fresh.lastElementChild.remove();
    into.append(fresh);
    if (this.body.firstElementChild) this.querySelector("[data-thinking]")?.remove();
  }

  async end(how) {
    this.ended = true;
    this.close();
    this.say(how);
    const answer = await part(this.dataset.message);
    if (answer?.ok) return this.replaced(answer.text);
    this.ended = false; // the answer is there; its tools come as soon as the server does
    this.lost();
  }

  replaced(text) {
    this.ended = true;
    return htmx.swap({ sourceElement: this, target: this.closest("article"), swap: "outerHTML", text });
  }

  say(how) {
    const status = document.querySelector("[data-turn-status]");
    if (status) status.textContent = status.dataset[how] ?? "";
  }
}
customElements.define("turn-stream", TurnStream);
