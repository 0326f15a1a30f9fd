// Runs in <head>, before anything is painted. The admin keeps its choice under the
// same name, so the two agree: "auto", "light" or "dark".
(() => {
  const root = document.documentElement;
  const apply = (choice) => {
    root.dataset.theme = choice;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    }
  };
  const remembered = () => {
    try { return localStorage.getItem("theme") || "auto"; } catch { return "auto"; }
  };

  root.classList.add("js");
  apply(remembered());
  addEventListener("DOMContentLoaded", () => apply(remembered()));
  addEventListener("storage", () => apply(remembered()));
  addEventListener("click", (event) => {
    const choice = event.target.closest?.("[data-theme-choice]")?.dataset.themeChoice;
    if (!choice) return;
    try { localStorage.setItem("theme", choice); } catch { /* Then it lasts for this page. */ }
    apply(choice);
  });
})();
