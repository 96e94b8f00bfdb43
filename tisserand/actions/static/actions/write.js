// Words are saved as they are typed, and kept on this device until the server says that it has them.
(() => {
  const PAUSE = 800; // ms after the last key
  const BEAT = 30_000; // ms between two signs of presence
  const AGAIN = 5_000; // ms before trying again without a network
  const PATIENCE = 15_000; // ms for an answer
  const FORGOTTEN = 30 * 86_400_000; // ms after which words kept on a device are nobody's any more
  const SMALL = 60_000; // bytes that a browser still sends while the page closes

  // What is kept on this device, by person, sheet and field: another account of a shared computer reads none of it.
  const read = (name) => {
    try {
      return JSON.parse(localStorage.getItem(name));
    } catch {
      return null;
    }
  };
  const names = (start) => {
    try {
      return Object.keys(localStorage).filter((name) => name.startsWith(start));
    } catch {
      return [];
    }
  };
  for (const name of names("garde:")) {
    if (!(Date.now() - read(name)?.at < FORGOTTEN)) localStorage.removeItem(name);
  }
  const list = document.querySelector("[data-who]:not([data-sheet])");
  for (const told of list?.querySelectorAll("[data-kept]") ?? []) {
    told.hidden = !names(`garde:${list.dataset.who}:${told.dataset.kept}:`).length;
  }

  let root = document.querySelector("[data-sheet]");
  if (!root) return;
  const { who, sheet, save: saving, here } = root.dataset;
  const own = `garde:${who}:${sheet}:`;
  const keep = (key, entry) => {
    try {
      localStorage.setItem(own + key, JSON.stringify({ ...entry, at: Date.now() }));
      return true;
    } catch {
      return false;
    }
  };
  const order = (value) => JSON.stringify(Array.isArray(value) ? [...value].sort() : value);
  const same = (one, other) => order(one) === order(other);
  const drop = (key) => names(own + key).includes(own + key) && localStorage.removeItem(own + key);
  const forget = (key, value) => same(read(own + key)?.value, value) && drop(key);

  // As `fields.mark` does it; without it (no secure connection) nothing is lost, a choice may be asked for nothing.
  const mark = async (value) => {
    const text = Array.isArray(value) ? [...value].sort().join("\n") : value;
    const digest = await crypto.subtle?.digest("SHA-256", new TextEncoder().encode(text));
    return digest && [...new Uint8Array(digest, 0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  // The fields of the page, and of the sections gone through since without a network.
  const fields = new Map();
  const strays = []; // words kept here for a field of another page
  const adopt = (path) => {
    for (const box of root.querySelectorAll("[data-key]")) {
      const { key, label } = box.dataset;
      const field = { box, key, label, path, several: "list" in box.dataset, base: box.querySelector("[name^='base-']") };
      field.controls = [...box.querySelectorAll("input:not([type=hidden]), textarea, select")];
      field.waits = !!box.querySelector("[data-clash] .notice"); // two texts, and a choice to make
      // As the server wrote it: a browser that goes back may have put something else in the field.
      field.saved = field.waits || box.querySelector(".err:not([hidden])") ? null : written(field);
      fields.set(key, field);
    }
    let back = false;
    for (const name of names(own)) back = restore(name.slice(own.length), path) || back;
    if (back) root.querySelector("#repris").hidden = false;
  };
  // What was written here before and never acknowledged: in its field, or to be sent as it is.
  const restore = (key, path) => {
    const entry = read(own + key);
    const field = fields.get(key);
    if (!entry || (field && (field.path !== path || field.waits))) return false;
    const known = strays.findIndex((one) => one.key === key);
    if (known >= 0) strays.splice(known, 1);
    if (!field) strays.push({ key, ...entry });
    else if (same(entry.value, field.saved)) drop(key);
    else {
      show(field, entry.value);
      field.base.value = entry.base;
    }
    return !!field && !same(entry.value, field.saved);
  };
  const written = ({ controls, several }) => {
    if (!several) return controls[0].defaultValue;
    const options = controls.flatMap((one) => [...(one.options ?? [one])]);
    return options.filter((one) => one.value && (one.defaultChecked ?? one.defaultSelected)).map((one) => one.value);
  };
  const valueOf = ({ controls, several }) => {
    if (!several) return controls[0].value;
    return controls.filter((one) => one.value && (one.checked ?? true)).map((one) => one.value);
  };
  const show = ({ controls, several }, value) => {
    if (!several) controls[0].value = value;
    else if (controls[0].options) controls[0].value = value[0] ?? "";
    else for (const one of controls) one.checked = one.value ? value.includes(one.value) : !value.length;
  };
  const dirty = (field) => !same(valueOf(field), field.saved);
  const unsaved = () => [...fields.values()].filter(dirty);
  const note = (field) => {
    const { key, label, path, base } = field;
    if (dirty(field)) field.kept = keep(key, { value: valueOf(field), base: base.value, label, path });
    else drop(key);
  };

  // What is said of it all.
  let saved = "";
  let cut = false; // no network
  let shut = false; // the session is over, or the sheet is not to be written any more
  const tell = () => {
    const told = root.querySelector("#etat");
    if (!told) return;
    saved ||= told.textContent;
    const { busy, kept, lost, choose, wrong } = told.dataset;
    const left = unsaved();
    const labels = (some) => some.map((field) => field.label).join(", ");
    const choices = left.filter((field) => field.waits);
    const refused = left.filter((field) => same(field.refused, valueOf(field)));
    let text = saved;
    if (shut) text = told.dataset.shut;
    else if (cut) text = left.every((field) => field.kept !== false) ? kept : lost;
    else if (choices.length) text = `${choose} ${labels(choices)}`;
    else if (refused.length) text = `${wrong} ${labels(refused)}`;
    else if (left.length) text = busy;
    if (told.textContent !== text) told.textContent = text;
    root.querySelector("#revenir").hidden = !shut;
  };

  // Sending. No answer: no network, or a session that is over; the words wait here.
  const token = root.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const body = (pairs) => {
    const form = new FormData();
    form.set("csrfmiddlewaretoken", token);
    for (const [name, value] of pairs) form.append(name, value);
    return form;
  };
  const words = (key, value, base) =>
    body([["key", key], ["base", base], ...[value].flat().map((one) => ["value", one])]);
  const weight = (value) => 3 * order(value).length; // bytes at most: a heavy one does not outlive its page
  let waiting = 0;
  const post = async (address, form, size = 0) => {
    let answer = null;
    try {
      const signal = AbortSignal.timeout?.(PATIENCE);
      answer = await fetch(address, { method: "POST", body: form, redirect: "manual", keepalive: size < SMALL, signal });
    } catch {
      // told by `tell`
    }
    const over = answer?.type === "opaqueredirect";
    shut = over || [403, 404].includes(answer?.status);
    cut = !shut && !(answer?.ok || [409, 422].includes(answer?.status));
    clearTimeout(waiting);
    if (cut) waiting = setTimeout(flush, AGAIN);
    return over || cut ? null : answer;
  };

  const push = async (field) => {
    const { box, base, key } = field;
    while (!field.waits && dirty(field) && !same(field.refused, valueOf(field))) {
      const value = valueOf(field);
      // If the answer is lost, the server may hold either: both are what this person was reading.
      const sent = await mark(value);
      if (sent && !base.value.split(" ").includes(sent)) base.value += ` ${sent}`;
      note(field);
      const answer = await post(saving, words(key, value, base.value), weight(value));
      if (!answer || shut) return;
      const news = await answer.json();
      const error = box.querySelector("[data-error]");
      error.hidden = answer.status !== 422;
      if (answer.ok) {
        field.saved = value;
        base.value = news.mark;
        saved = news.told;
        forget(key, value);
        box.querySelector("[data-numbers]").innerHTML = news.numbers;
      } else if (answer.status === 409) {
        field.waits = news;
        box.querySelector("[data-clash]").innerHTML = news.html;
      } else {
        field.refused = value;
        error.textContent = news.errors.join(" ");
      }
    }
  };
  const save = (field) => {
    clearTimeout(field.timer);
    field.sending ??= push(field).finally(() => {
      field.sending = null;
      tell();
    });
    return field.sending;
  };
  const sendStray = async (stray) => {
    const { key, value, base, label, path } = stray;
    const answer = await post(saving, words(key, value, base), weight(value));
    if (!answer) return;
    if (strays.includes(stray)) strays.splice(strays.indexOf(stray), 1);
    if (answer.ok) return forget(key, value);
    const told = root.querySelector("#gardes");
    const line = told.querySelector("template").content.cloneNode(true).firstElementChild;
    line.querySelector("b").textContent = label;
    line.querySelector("span").textContent = [value].flat().join(", ");
    const link = line.querySelector("a");
    link.href = `${path}#rubrique-${key}`;
    link.hidden = answer.status !== 409;
    line.querySelector("button").addEventListener("click", () => {
      forget(key, value);
      line.remove();
      told.hidden = !told.querySelector("li");
    });
    told.querySelector("ul").append(line);
    told.hidden = false;
  };
  const flush = async () => {
    await Promise.all([...strays.map(sendStray), ...unsaved().map(save)]);
    tell();
  };

  // Of two texts, the one to keep.
  const settle = (field, which) => {
    const { mark: theirs, theirs: other, both } = field.waits;
    if (which === "theirs") show(field, (field.saved = other));
    if (which === "both") show(field, both);
    field.base.value = theirs;
    field.waits = null;
    field.box.querySelector("[data-clash]").replaceChildren();
    field.controls[0].focus();
    note(field);
    flush();
  };

  // A button beside a field (a number, a remark): the page does it, and only what stands beside the field changes.
  const gesture = async (form, button, box) => {
    await flush();
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form, button) }).catch(() => null);
    const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page && page.getElementById(box.id);
    if (!fresh) return form.requestSubmit(button);
    for (const part of ["[data-numbers]", "[data-remarks]"]) {
      box.querySelector(part).replaceChildren(...fresh.querySelector(part).childNodes);
    }
  };

  // Without a network one goes on writing: the other sections were fetched beforehand.
  const pages = new Map([[location.pathname, { section: root, title: document.title }]]);
  const fetchSections = async () => {
    for (const { pathname } of root.querySelectorAll(".steps a")) {
      if (pages.has(pathname)) continue;
      const answer = await fetch(pathname).catch(() => null);
      if (!answer?.ok || answer.redirected) continue;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.querySelector("#rubriques")?.closest("[data-sheet]");
      if (found) pages.set(pathname, { section: document.importNode(found, true), title: page.title });
    }
  };
  const turn = (path) => {
    const { section, title } = pages.get(path);
    root.replaceWith(section);
    root = section;
    document.title = title;
    if (![...fields.values()].some((field) => field.path === path)) adopt(path);
    scrollTo(0, 0);
    root.querySelector("h1").focus();
    tell();
  };
  // Going on: not before the words have arrived, or are known to wait here.
  const go = async (address, leave) => {
    await new Promise(setTimeout); // once the button has said that it is busy
    await flush();
    const { pathname } = new URL(address, location);
    const [stuck] = unsaved();
    for (const button of root.querySelectorAll("button[aria-busy]")) {
      button.textContent = button.dataset.rest;
      button.removeAttribute("aria-busy");
    }
    if (cut && pages.has(pathname)) {
      history.pushState(null, "", pathname);
      turn(pathname);
    } else if (!cut && (leave || !stuck)) location.assign(address);
    else if (!cut) stuck.box.scrollIntoView();
  };

  const fieldOf = ({ target }) => fields.get(target.closest?.("[data-key]")?.dataset.key);
  document.addEventListener("input", (event) => {
    const field = fieldOf(event);
    if (!field) return;
    note(field);
    tell();
    clearTimeout(field.timer);
    field.timer = setTimeout(save, PAUSE, field);
  });
  for (const kind of ["change", "focusout"]) {
    document.addEventListener(kind, (event) => {
      const field = fieldOf(event);
      if (field && dirty(field)) save(field);
    });
  }
  document.addEventListener("submit", (event) => {
    const { target: form, submitter: button } = event;
    if (form.id !== "rubriques" || form.dataset.plain) return;
    const field = fields.get(button?.closest("[data-key]")?.dataset.key);
    if (button?.name === "keep") {
      drop(field.key);
      if (!field.waits.html) return; // both texts came with the page: the choice goes with it
      event.preventDefault();
      settle(field, button.value.split(":")[1]);
    } else if (["number", "remark"].includes(button?.name) && field) {
      event.preventDefault();
      form.dataset.plain = "1"; // a second press, or an answer that cannot be read, sends the form itself
      gesture(form, button, field.box).finally(() => delete form.dataset.plain);
    } else if (!button?.name) {
      event.preventDefault();
      go(form.dataset.after, false);
    }
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-sheet] a[href]");
    if (!link || link.id === "revenir" || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.pathname === location.pathname || !(cut || unsaved().length)) return;
    event.preventDefault();
    go(link.href, true);
  });
  addEventListener("popstate", () => (pages.has(location.pathname) ? turn(location.pathname) : location.reload()));

  // The page closes, or the phone goes back into a pocket, with a field still under the fingers.
  document.addEventListener("visibilitychange", () => (document.hidden ? flush() : beat()));
  addEventListener("pagehide", () => {
    for (const field of unsaved()) {
      if (!field.waits && !shut) navigator.sendBeacon(saving, words(field.key, valueOf(field), field.base.value));
    }
  });
  addEventListener("beforeunload", (event) => {
    if (unsaved().some((field) => field.kept === false)) event.preventDefault();
  });
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  addEventListener("online", flush);

  // Who else is here: other people, by the server; other tabs of the same person, by the browser.
  const beat = async () => {
    if (!here || document.hidden) return;
    const key = document.activeElement?.closest("[data-key]")?.dataset.key ?? "";
    const answer = await post(here, body([["key", key]]));
    const others = answer?.ok && (await answer.json()).others;
    tell();
    const told = root.querySelector("#presents");
    if (!others || others.join() === [...told.children].map((one) => one.textContent).join()) return;
    told.replaceChildren(...others.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
    told.hidden = !others.length;
  };
  // Each tab holds a lock in its own name: whoever waits for it learns that the tab was closed, or died.
  if (here && window.BroadcastChannel && navigator.locks) {
    const tabs = new BroadcastChannel(own);
    const me = crypto.randomUUID();
    const open = new Set();
    const count = () => (root.querySelector("#onglet").hidden = !open.size);
    tabs.onmessage = ({ data: { name, asks } }) => {
      if (asks) tabs.postMessage({ name: me });
      if (open.has(name)) return;
      open.add(name);
      count();
      navigator.locks.request(name, () => {
        open.delete(name);
        count();
      });
    };
    navigator.locks.request(me, () => {
      tabs.postMessage({ name: me, asks: true });
      return new Promise(() => {});
    });
  }

  adopt(location.pathname);
  flush();
  if (here) {
    beat();
    setInterval(beat, BEAT);
    if (!navigator.connection?.saveData) fetchSections();
  }
})();
