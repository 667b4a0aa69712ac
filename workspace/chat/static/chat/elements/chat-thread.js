// <chat-thread data-conversation data-src>: the conversation on the page. When it changed elsewhere (another tab, another
// device), its new state is merged in: what is the same is not touched, so that scroll, selection and forms stay.
// With each form of the page it tells the server what is shown, so that the answer fits to it.
import { notice, part } from "./parts.js";

const EVENTS = ["conversation-changed", "htmx:config:request", "htmx:before:swap", "htmx:after:swap", "htmx:error"];

class ChatThread extends HTMLElement {
  connectedCallback() {
    for (const kind of EVENTS) document.addEventListener(kind, this);
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    for (const kind of EVENTS) document.removeEventListener(kind, this);
  }

  handleEvent(event) {
    if (event.type === "conversation-changed") this.changed(event.detail.id);
    else if (event.type === "htmx:config:request") this.describe(event.detail.ctx.request);
    else if (event.type === "htmx:before:swap") this.swapping(event);
    else if (event.type === "htmx:after:swap") this.swapped(event.detail.ctx);
    else if (event.detail.ctx?.request.method === "POST") notice("unreached");
  }

  get last() {
    return [...this.querySelectorAll(":scope > article")].at(-1);
  }

  get since() {
    return this.querySelector("[data-since]").value;
  }

  describe({ method, body }) {
    if (method !== "POST") return;
    body.set("since", this.since);
    body.set("last", this.last?.id.slice(2) ?? "");
  }

  // An error that is not one of a form's own must not take the thread's place.
  swapping(event) {
    const { ctx, tasks } = event.detail;
    const status = ctx.response?.status;
    if (status >= 400 && !ctx.hx.retarget) {
      event.preventDefault();
      return notice("failed");
    }
    if (status && ctx.request.method === "POST" && status < 400) notice(null);
    if (ctx.target !== this && ctx.target !== "#thread") return;
    this.place = ctx.sourceElement.closest?.("article")?.id;
    if (tasks[0]?.swapSpec.style !== "beforeend") return;
    for (const article of tasks[0].fragment.querySelectorAll("article")) document.getElementById(article.id)?.remove();
  }

  // Who pressed a key on something that is gone now goes on from where it stood.
  swapped({ target }) {
    if (!this.place || (target !== this && target !== "#thread")) return;
    const article = document.getElementById(this.place) ?? this.last;
    this.place = undefined;
    if (document.activeElement !== document.body || !article) return;
    article.tabIndex = -1;
    article.focus({ preventScroll: true });
  }

  changed(id) {
    if (id !== null && id !== this.dataset.conversation) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.renew(), 150); // several changes often come together
  }

  get isHeld() {
    return document.querySelector(".editing, .rename") !== null;
  }

  async renew() {
    if (this.isHeld) return;
    const shown = new URLSearchParams({ since: this.since, version: this.last?.dataset.version ?? "" });
    const answer = await part(`${this.dataset.src}?${shown}`);
    if (answer?.status === 404) return location.assign("/");
    if (!answer?.ok || this.isHeld) return;
    await htmx.swap({ sourceElement: this, target: this, swap: "innerMorph swapEmpty:false", text: answer.text });
  }
}
customElements.define("chat-thread", ChatThread);
