// <command-palette><dialog class="palette">… input[role=combobox] … [role=listbox] …</dialog></command-palette>
// Opens on Ctrl+K or Command+K, and by whatever has data-opens="palette". Its chats are fetched each time it opens and
// looked through here: what is typed is sent nowhere. Focus stays in the field; aria-activedescendant names the choice.
const SHOWN = 8; // chats that stand there before anything is typed
const folded = (text) => text.normalize("NFKC").toLowerCase();

class CommandPalette extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.field = this.querySelector("[role=combobox]");
    this.chats = this.querySelector("#palette-chats");
    this.field.addEventListener("input", () => this.filter());
    this.field.addEventListener("keydown", (event) => this.keyed(event));
    this.dialog.addEventListener("click", (event) => this.clicked(event.target));
    this.addEventListener("htmx:after:swap", () => this.filter());
    document.addEventListener("keydown", this);
    document.addEventListener("click", this);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this);
    document.removeEventListener("click", this);
  }

  handleEvent(event) {
    if (event.type === "click") {
      if (!event.target.closest("[data-opens=palette]") || event.metaKey || event.ctrlKey) return;
    } else if (!(event.metaKey || event.ctrlKey) || event.altKey) return;
    else if (event.shiftKey && event.key.toLowerCase() === "o") return this.go(event, "[data-key=new]");
    else if (event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    this.open();
  }

  go(event, link) {
    event.preventDefault();
    document.querySelector(link)?.click();
  }

  open() {
    if (this.dialog.open) return this.field.select();
    this.field.value = "";
    this.filter();
    this.dialog.showModal();
    // Not by a trigger: in the first moment of a page htmx listens to none yet.
    htmx.ajax("GET", this.chats.dataset.src, { source: this.chats, target: this.chats });
  }

  clicked(target) {
    const option = target.closest("[role=option]");
    if (option) this.chosen(option);
    else if (target === this.dialog) this.dialog.close();
  }

  chosen(option) {
    this.dialog.close();
    if (option.dataset.href) location.assign(option.dataset.href);
    else document.dispatchEvent(new CustomEvent(`shell-${option.dataset.does}`));
  }

  get shown() {
    return [...this.querySelectorAll("[role=option]:not([hidden])")];
  }

  filter() {
    const words = folded(this.field.value).split(/\s+/).filter(Boolean);
    for (const group of this.querySelectorAll("[role=group]")) {
      let left = group.hasAttribute("data-many") && !words.length ? SHOWN : Infinity;
      for (const option of group.querySelectorAll("[role=option]")) {
        const fits = words.every((word) => folded(option.textContent).includes(word));
        option.hidden = !(fits && left-- > 0);
      }
      group.hidden = !group.querySelector("[role=option]:not([hidden])");
    }
    this.querySelector("[data-nothing]").hidden = this.shown.length > 0;
    this.choose(this.shown[0]);
  }

  choose(option) {
    for (const other of this.querySelectorAll("[aria-selected=true]")) other.ariaSelected = "false";
    if (!option) return this.field.removeAttribute("aria-activedescendant");
    option.ariaSelected = "true";
    this.field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  keyed(event) {
    if (event.isComposing || event.keyCode === 229) return; // Safari ends the composition before this key
    const at = this.shown.findIndex((option) => option.ariaSelected === "true");
    if (event.key === "ArrowDown") this.choose(this.shown[(at + 1) % this.shown.length]);
    else if (event.key === "ArrowUp") this.choose(this.shown.at(at - 1));
    else if (event.key === "Enter" && this.shown[at]) this.chosen(this.shown[at]);
    else return;
    event.preventDefault();
  }
}
customElements.define("command-palette", CommandPalette);
