// Escape, in this order: it closes what is open (the browser's own doing), leaves the form in which it is pressed, stops
// the answer that is being written.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
  if (document.querySelector("dialog[open], :popover-open, .sidebar[data-open]")) return;
  const cancel = event.target.closest("form")?.querySelector("[data-cancel]");
  if (cancel) cancel.click();
  else document.querySelector("stop-button:not([hidden])")?.stop();
});
