// <chat-thread data-conversation data-src>: the conversation on the page. When it changed elsewhere (another tab, another
// device), its new state is merged in: what is the same is not touched, so that scroll, selection and forms stay.
class ChatThread extends HTMLElement {
  connectedCallback() {
    document.addEventListener("conversation-changed", this);
  }

  disconnectedCallback() {
    document.removeEventListener("conversation-changed", this);
  }

  handleEvent({ detail }) {
    if (detail.id !== null && detail.id !== this.dataset.conversation) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.renew(), 150); // several changes often come together
  }

  get version() {
    return [...this.querySelectorAll("article")].at(-1)?.dataset.version ?? "";
  }

  async renew() {
    if (this.querySelector(".editing")) return;
    const address = `${this.dataset.src}?version=${encodeURIComponent(this.version)}`;
    const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer?.status === 404) return location.assign("/");
    if (answer?.status !== 200 || answer.redirected) return;
    const text = await answer.text();
    if (this.querySelector(".editing")) return;
    await htmx.swap({ sourceElement: this, target: this, swap: "innerMorph", text });
  }
}
customElements.define("chat-thread", ChatThread);
