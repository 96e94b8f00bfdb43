// Several files go one by one: a cut of the network costs one, and their sum may be large. Without this they go together.
addEventListener("submit", async (event) => {
  const form = event.target;
  const input = form.querySelector("[type=file][multiple]");
  const files = [...(input?.files ?? [])];
  if (files.length < 2 || event.defaultPrevented) return;
  event.preventDefault();
  const told = form.querySelector("[data-told]");
  const refused = [];
  let sent = 0;
  let kept; // what the server says of one file; of several, it is counted here

  const send = async (file) => {
    const data = new FormData(form);
    data.delete(input.name);
    data.append(input.name, file);
    const answer = await fetch(form.action, { method: "POST", body: data });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const errors = page.querySelector("#erreurs");
    if (!answer.ok && !errors) throw new Error(String(answer.status));
    if (errors) refused.push(errors);
    else kept = page.querySelector("#messages");
    return page;
  };

  try {
    let page;
    for (const file of files) {
      told.textContent = told.dataset.told.replace("{n}", ++sent).replace("{all}", files.length);
      page = await send(file);
    }
    const main = page.querySelector("main");
    if (kept) {
      const count = files.length - refused.length;
      if (count > 1) kept.querySelector("p").textContent = told.dataset.kept.replace("{n}", count);
      main.querySelector("#messages").replaceWith(kept);
    }
    document.querySelector("main").replaceWith(main);
  } catch {
    told.textContent = told.dataset.cut;
    const button = form.querySelector("[aria-busy]");
    button.textContent = button.dataset.rest;
    button.removeAttribute("aria-busy");
    return;
  }
  document.querySelector("#erreurs")?.remove();
  const [first, ...others] = refused;
  if (!first) return document.querySelector("main h1").scrollIntoView();
  first.querySelector("ul").append(...others.flatMap((one) => [...one.querySelectorAll("li")]));
  if (others.length) first.querySelector("h2").textContent = told.dataset.several.replace("{n}", refused.length);
  document.querySelector("main h1").before(first);
  first.focus();
});
