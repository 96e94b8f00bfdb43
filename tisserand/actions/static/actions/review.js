// A remark that is written and not added would be lost by an answer to the sheet: it is shown before.
document.addEventListener("submit", (event) => {
  if (!["publish", "return"].includes(event.submitter?.value)) return;
  for (const text of document.querySelectorAll(".reviewed textarea")) {
    text.oninput = () => text.setCustomValidity("");
    if (text.value.trim() === text.defaultValue.trim()) continue;
    event.preventDefault();
    event.stopImmediatePropagation();
    text.closest("details").open = true;
    text.setCustomValidity(document.querySelector("[data-unsent]").dataset.unsent);
    text.reportValidity();
    return;
  }
}, true);
