// Small comforts: every page works without them.
(() => {
  const wide = matchMedia("(min-width: 64rem)");

  // The filters stand open where there is room for them.
  const openFilters = (root) => {
    if (wide.matches) for (const filters of root.querySelectorAll("details.filters")) filters.open = true;
  };

  // What is wrong is read first.
  const focusErrors = (root) => root.querySelector(".errors")?.focus();

  // When results change under the reader's hand, what was open stays open and the focus stays where it was.
  let open = new Map();
  let focused = "";
  const remember = () => {
    open = new Map([...document.querySelectorAll("details[id]")].map((one) => [one.id, one.open]));
    focused = document.activeElement?.id;
  };
  const restore = () => {
    for (const [id, was] of open) {
      const one = document.getElementById(id);
      if (one) one.open = was;
    }
    if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
  };

  // A button that leads to a part of the page leads there too when htmx brings the part alone.
  let led = "";
  addEventListener("submit", (event) => {
    led = event.submitter?.hasAttribute("formaction") ? new URL(event.submitter.formAction).hash : "";
  });
  const lead = () => {
    const part = led && document.querySelector(led);
    led = "";
    if (!part) return;
    if (!wide.matches) for (const filters of document.querySelectorAll("details.filters")) filters.open = false;
    part.focus({ preventScroll: true });
    part.scrollIntoView();
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
  addEventListener("htmx:beforeSwap", remember);
  addEventListener("htmx:afterSwap", restore);
  addEventListener("htmx:afterSettle", lead);
  addEventListener("htmx:load", (event) => focusErrors(event.target));

  // What forms kept on this device goes with who leaves it; words that wait to be saved are asked about first.
  addEventListener("submit", (event) => {
    const { leaves, ask } = event.target.dataset;
    if (!leaves) return;
    const kept = Object.keys(localStorage).filter((name) => name.startsWith(`garde:${leaves}:`));
    if (kept.length && !confirm(ask)) return event.preventDefault();
    for (const name of kept) localStorage.removeItem(name);
  });

  // Printing is offered where there is a script to do it.
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }

  openFilters(document);
  focusErrors(document);
})();
