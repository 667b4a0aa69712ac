// <chat-thread data-conversation data-src>: the conversation on the page. When it changed elsewhere (another tab, another
// device), its new state is merged in: what is the same is not touched, so that scroll, selection and forms stay.
// With each form of the page it tells the server what is shown, so that the answer fits to it.
import { notice, part } from "./parts.js";

const EVENTS = ["conversation-changed", "htmx:config:request", "htmx:before:swap", "htmx:error"];

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
    if (!this.closest("main").contains(ctx.sourceElement)) return; // the sidebar's and the palette's own
    const status = ctx.response?.status;
    if (status >= 400 && !ctx.hx.retarget) {
      event.preventDefault();
      return notice("failed");
    }
    if (!status) return;
    if (ctx.request.method === "POST" && status < 400) notice(null);
    const { then } = ctx.sourceElement.dataset;
    const place = ctx.sourceElement.closest("article")?.id;
    if (then || place) queueMicrotask(() => this.goOn(then, place));
    if (this.missed) this.changed(null);
    if (ctx.sourceElement.closest(".earlier")) this.stay();
    if (ctx.target !== "#thread" && ctx.target !== this) return;
    if (tasks[0].swapSpec.style !== "beforeend") return this.parentElement.letGo();
    for (const article of tasks[0].fragment.querySelectorAll("article")) document.getElementById(article.id)?.remove();
  }

  // What comes in above moves what is read down; at the very top the browser does not make up for that.
  stay() {
    const scroller = this.parentElement;
    const below = scroller.scrollHeight - scroller.scrollTop;
    queueMicrotask(() => (scroller.scrollTop = scroller.scrollHeight - below));
  }

  // Where the focus was on something that is gone now, it goes on to what `data-then` names, or to where that stood.
  goOn(then, place) {
    if (document.activeElement !== document.body) return;
    const next = (then && document.querySelector(then)) || document.getElementById(place) || this.last;
    if (next?.matches("article")) next.tabIndex = -1;
    next?.focus({ preventScroll: true });
  }

  changed(id) {
    if (id !== null && id !== this.dataset.conversation) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.renew(), 150); // several changes often come together
  }

  get isHeld() {
    return document.querySelector(".editing, .rename") !== null;
  }

  // What changes under a form that is open is shown when that is closed.
  async renew() {
    this.missed = this.isHeld;
    if (this.missed) return;
    const shown = new URLSearchParams({ since: this.since, version: this.last?.dataset.version ?? "" });
    const answer = await part(`${this.dataset.src}?${shown}`);
    if (answer?.status === 404) return location.assign("/");
    if (!answer?.ok || this.isHeld) return;
    await htmx.swap({ sourceElement: this, target: this, swap: "innerMorph swapEmpty:false", text: answer.text });
  }
}
customElements.define("chat-thread", ChatThread);
