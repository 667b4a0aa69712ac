// Keeps what stands in `prompt-composer textarea[data-draft-url]` on the server, sealed, so that it is there after a
// reload and on another device. One save at a time, so that an earlier one cannot come after a later one; sending waits
// for a save that is under way, or the draft would be there again behind the message.
const PAUSE = 700; // ms after the last key
const AGAIN = 5_000; // ms after a save that did not reach the server
const LARGEST = 60_000; // bytes that a page may still send while it goes

class DraftKeeper {
  constructor(field) {
    this.field = field;
    this.kept = field.value;
    if (document.activeElement === field) field.setSelectionRange(field.value.length, field.value.length);
    field.addEventListener("input", () => this.later());
    field.addEventListener("blur", () => this.save()); // whoever goes elsewhere leaves the field first
    field.form.addEventListener("submit", (event) => this.sent(event), { capture: true });
    field.form.addEventListener("htmx:error", () => this.refused());
    field.form.addEventListener("htmx:after:request", ({ detail }) => detail.ctx.response?.status >= 400 && this.refused());
    addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => document.hidden && this.leave());
  }

  get url() {
    return this.field.dataset.draftUrl;
  }

  later(pause = PAUSE) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pause);
  }

  async save() {
    clearTimeout(this.timer);
    const text = this.field.value;
    if (!this.url || this.saving || text === this.kept) return;
    this.saving = this.put(text);
    const status = await this.saving;
    this.saving = undefined;
    if (status < 300) this.kept = text;
    if (status >= 500) this.later(AGAIN);
    else if (this.field.value !== text) this.later();
  }

  put(text) {
    const body = new FormData();
    body.append("text", text);
    for (const name of ["csrfmiddlewaretoken", "drawn_for"]) body.append(name, this.field.form.elements[name].value);
    const keepalive = text.length * 3 < LARGEST;
    return fetch(this.url, { method: "POST", body, keepalive, redirect: "manual" }).then(
      (answer) => answer.status || 401, // a redirect, which is not followed: to the sign-in
      () => 503,
    );
  }

  leave() {
    clearTimeout(this.timer);
    if (!this.url || this.field.value === this.kept) return;
    this.kept = this.field.value;
    this.put(this.kept);
  }

  // What was not sent still stands there.
  refused() {
    this.kept = undefined;
    this.later();
  }

  // Nothing is kept from here to the next key: what was sent is no draft any more, and what was not still stands there.
  async sent(event) {
    clearTimeout(this.timer);
    this.kept = this.field.value;
    if (!this.saving) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.holds) return;
    this.holds = true;
    const { submitter } = event;
    await Promise.race([this.saving, new Promise((done) => setTimeout(done, 1000))]);
    this.saving = undefined;
    this.holds = false;
    this.field.form.requestSubmit(submitter);
  }
}

const keepers = new WeakSet();
function watch() {
  for (const field of document.querySelectorAll("prompt-composer textarea[data-draft-url]")) {
    if (keepers.has(field)) continue;
    keepers.add(field);
    new DraftKeeper(field);
  }
}
watch();
document.addEventListener("htmx:after:swap", watch);
