// The page's own scripts: the dialog, copying, and the state of the connection to the sandbox.
"use strict";

const dialog = document.getElementById("dialog");
const message = document.getElementById("message");
const live = document.getElementById("live");

// When a part of the page is updated, let its details elements stay open or closed.
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.tagName === "DETAILS");

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "dialog-content" && !dialog.open) {
    dialog.showModal();
  }
});

// The sandbox has run the command of a form. If the form is in the dialog, move its message to the page.
document.body.addEventListener("done", () => {
  if (dialog.open) {
    message.textContent = document.getElementById("form-message").textContent;
    dialog.close();
  }
});

dialog.addEventListener("close", () => {
  document.getElementById("dialog-content").replaceChildren();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) {
    return;
  }
  const from = button.dataset.copyFrom;
  try {
    await navigator.clipboard.writeText(from ? document.getElementById(from).textContent : button.dataset.copy);
    message.textContent = "Copied.";
  } catch {
    message.textContent = "The browser does not let the page copy. Select the text instead.";
  }
});

function showLive(isLive) {
  live.textContent = isLive ? "Live" : "Not connected";
  live.dataset.live = isLive;
}

document.body.addEventListener("htmx:sseOpen", () => showLive(true));
document.body.addEventListener("htmx:sseError", () => showLive(false));
