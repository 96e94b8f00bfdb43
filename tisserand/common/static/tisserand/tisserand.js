// Small comforts: every page works without them.
(() => {
  const wide = matchMedia("(min-width: 64rem)");

  // The filters stand open where there is room for them.
  const openFilters = (root) => {
    if (wide.matches) for (const filters of root.querySelectorAll("details.filters")) filters.open = true;
  };

  // What is wrong is read first.
  const focusErrors = (root) => root.querySelector(".errors")?.focus();

  const settle = (root) => {
    openFilters(root);
    focusErrors(root);
  };

  // A pressed button says what it is doing, and is heard once.
  const rest = (button) => {
    button.textContent = button.dataset.rest;
    button.removeAttribute("aria-busy");
  };
  const restAll = () => document.querySelectorAll("button[aria-busy]").forEach(rest);

  addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.dataset.busy) return;
    if (button.hasAttribute("aria-busy")) return event.preventDefault();
    button.dataset.rest = button.textContent;
    button.textContent = button.dataset.busy;
    button.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", (event) => event.persisted && restAll());
  addEventListener("htmx:afterRequest", restAll);
  addEventListener("htmx:load", (event) => settle(event.target));

  settle(document);
})();
