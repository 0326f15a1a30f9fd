// Help with the fields of secrets and of the organization they belong to.

// data-reveal: a button beside a password field shows it for as long as it is held.
for (const box of document.querySelectorAll("[data-reveal]")) {
  const field = box.matches("input") ? box : box.querySelector("input");
  const button = Object.assign(document.createElement("button"), {
    type: "button", className: "button", textContent: "Show", title: "Shown while held",
  });
  button.setAttribute("aria-label", "Show while held");
  button.setAttribute("aria-controls", field.id);
  const show = (shown) => (field.type = shown ? "text" : "password");
  const row = Object.assign(document.createElement("div"), { className: "field__row" });
  field.replaceWith(row);
  row.append(field, button);
  button.addEventListener("pointerdown", () => show(true));
  button.addEventListener("keydown", ({ key }) => [" ", "Enter"].includes(key) && show(true));
  for (const end of ["pointerup", "pointerleave", "pointercancel", "keyup", "blur", "contextmenu"]) {
    button.addEventListener(end, () => show(false));
  }
  field.form?.addEventListener("submit", () => show(false));
}

// data-token-field: says, beside the field, whether what was pasted can be a token at all.
const describe = (token) => {
  const length = `${token.length} character${token.length === 1 ? "" : "s"}`;
  if (!token) return ["", ""];
  if (token !== token.trim()) return ["bad", "There is white space before or after it. Copy only the token."];
  if (/\s/.test(token)) return ["bad", "There is white space inside. Copy the token again, in one piece."];
  if (/^(gh[pousr]_|github_pat_)/.test(token)) return ["bad", "This is a GitHub token. Azure DevOps needs one of its own."];
  if (/^eyJ/.test(token)) return ["bad", "This is a sign-in token that ends within the hour, not a personal access token."];
  if (/^([A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}|[a-z2-7]{52})$/.test(token)) return ["good", `${length}, the right shape.`];
  if (token.length === 84) return ["bad", `${length}, but not the shape of an Azure DevOps token.`];
  if (token.length > 84) return ["bad", `${length}, which is too many. Copy only the token.`];
  return ["", `${length} so far. A token has 84, an older one 52.`];
};

for (const field of document.querySelectorAll("[data-token-field]")) {
  const live = Object.assign(document.createElement("p"), { className: "field__live" });
  live.setAttribute("role", "status");
  (field.closest(".field__row") ?? field).after(live);
  const tell = () => {
    const [tone, words] = describe(field.value);
    live.className = `field__live field__live--${tone}`;
    live.textContent = words;
  };
  field.addEventListener("input", tell);
  field.addEventListener("paste", (event) => {
    event.preventDefault();
    const pasted = event.clipboardData.getData("text").trim();
    field.setRangeText(pasted, field.selectionStart, field.selectionEnd, "end");
    tell();
  });
  tell();
}

// data-token-page: the link to the page where the organization named in the field makes its tokens.
const organizationIn = (typed) => {
  const found =
    typed.match(/^(?:https?:\/\/)?([\w-]+)\.visualstudio\.com(?:[/:]|$)/i) ??
    typed.match(/(?:dev\.azure\.com|:v3)[/:](?:v3\/)?([^/?#\s]+)/i) ??
    typed.match(/^https?:\/\/[^/]+\/([^/?#\s]+)/i) ??
    [null, typed];
  return /^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$/i.test(found[1]) ? found[1] : "";
};

for (const field of document.querySelectorAll("[data-token-page]")) {
  const point = () => {
    const name = organizationIn(field.value.trim());
    for (const link of document.querySelectorAll("[data-token-page-link]")) {
      const { tokenPageLink, base } = link.dataset;
      link.hidden = !name;
      if (name) link.href = tokenPageLink.replace("{base}", base.replace(/\/$/, "")).replace("{org}", name);
    }
  };
  field.addEventListener("input", point);
  point();
}
