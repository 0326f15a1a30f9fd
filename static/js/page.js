// Small comforts every page has. Each works on what is marked in the HTML, also on
// what htmx brings later, and nothing needs them.

// Menus close on Escape, on a click elsewhere, and when another one opens.
const openMenus = () => document.querySelectorAll("details.menu[open]");

for (const kind of ["click", "focusin"]) {
  addEventListener(kind, ({ target }) => {
    for (const menu of openMenus()) if (!menu.contains(target)) menu.open = false;
  });
}
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
addEventListener(
  "toggle",
  ({ target }) => target.matches?.("details.menu[open]") && target.querySelector("input")?.focus(),
  true,
);

// data-copy="#id" or data-copy="text": the word on the button says that it was done.
addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const wanted = button.dataset.copy;
  const source = wanted.startsWith("#") && document.querySelector(wanted);
  const label = button.querySelector("[data-label]") ?? button;
  const before = label.textContent;
  try {
    await navigator.clipboard.writeText(source ? (source.value ?? source.textContent).trim() : wanted);
    label.textContent = "Copied";
  } catch {
    if (source) getSelection().selectAllChildren(source);
    label.textContent = "Press Ctrl+C";
  }
  setTimeout(() => (label.textContent = before), 2000);
});

// One submit is enough. The button goes quiet after the browser has read the form.
addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.defaultPrevented || !button || event.target.method !== "post") return;
  if (event.target.matches("[data-stays]")) return;
  setTimeout(() => {
    const kept = [...button.childNodes];
    button.replaceChildren("Working…");
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    addEventListener("pageshow", () => {
      button.replaceChildren(...kept);
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }, { once: true });
  });
});

// What is typed appears elsewhere: data-preview-target="#id". Emptied, the first words return.
addEventListener("input", ({ target }) => {
  const shown = target.dataset?.previewTarget && document.querySelector(target.dataset.previewTarget);
  if (!shown) return;
  shown.dataset.otherwise ??= shown.textContent;
  if (target.type !== "file") {
    shown.textContent = target.value.trim() || shown.dataset.otherwise;
  } else if (target.files[0]) {
    const reader = new FileReader();
    reader.onload = () => {
      const picture = Object.assign(new Image(), { src: reader.result, alt: "", className: shown.className });
      shown.replaceChildren(picture);
    };
    reader.readAsDataURL(target.files[0]);
  }
});

// data-fill="#id": a suggestion goes into its field.
addEventListener("click", ({ target }) => {
  const field = target.dataset?.fill && document.querySelector(target.dataset.fill);
  if (!field) return;
  field.value = target.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});

// A passkey that did not work, or was not wanted after all.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const note = Object.assign(document.createElement("p"), { className: "callout callout--warning" });
  note.textContent = "Your browser could not use that key. Try again, or choose another way.";
  document.querySelector("#notes")?.replaceChildren(note);
});

addEventListener("DOMContentLoaded", () => {
  document.querySelector("[data-focus]")?.focus();
  document.querySelector(".nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
});
