// What the pages do beyond being read. Everything works without this file;
// whatever it controls it also brings to light, so that nothing is dead.
"use strict";

(() => {
  const root = document.documentElement;
  const $ = (sel, from = document) => from.querySelector(sel);
  const $$ = (sel, from = document) => [...from.querySelectorAll(sel)];

  // A store that works for this page alone where the browser keeps nothing.
  const memory = {};
  const store = {
    get(key) {
      try { return localStorage.getItem("sockets:" + key); } catch { return memory[key] ?? null; }
    },
    set(key, value) {
      memory[key] = value;
      try { localStorage.setItem("sockets:" + key, value); } catch { /* this page only */ }
    },
  };

  // Theme: before the first paint, so that nothing flashes.
  const themes = ["system", "light", "dark"];
  const theme = () => (themes.includes(store.get("theme")) ? store.get("theme") : "system");
  const paint = () => {
    if (theme() === "system") delete root.dataset.theme;
    else root.dataset.theme = theme();
  };
  paint();

  const make = (tag, props = {}, ...inside) => {
    const e = Object.assign(document.createElement(tag), props);
    e.append(...inside);
    return e;
  };

  function themeSwitch() {
    const button = $("#theme");
    const label = () => button.replaceChildren("Theme", make("span", { className: "which", textContent: ": " + theme() }));
    button.addEventListener("click", () => {
      store.set("theme", themes[(themes.indexOf(theme()) + 1) % themes.length]);
      paint();
      label();
    });
    label();
    button.hidden = false;
  }

  // Layers: what each line printed, asked of the kernel, put on the wire.
  function layerSwitches() {
    const bar = $(".layers");
    if (!bar) return;
    const show = (button, on) => {
      button.setAttribute("aria-pressed", String(on));
      for (const d of $$("details.x." + button.dataset.layer)) d.open = on;
    };
    for (const button of $$("button", bar)) {
      const key = "layer:" + button.dataset.layer;
      const kept = store.get(key);
      show(button, kept === null ? button.dataset.layer === "printed" : kept === "on");
      button.addEventListener("click", () => {
        const on = button.getAttribute("aria-pressed") !== "true";
        show(button, on);
        store.set(key, on ? "on" : "off");
      });
    }
    bar.hidden = false;
  }

  // Questions alone, or with their answers.
  function answerSwitch() {
    const bar = $(".qa");
    if (!bar) return;
    const show = (answers) => {
      for (const d of $$("details.question")) d.open = answers;
      for (const b of $$("button", bar)) b.setAttribute("aria-pressed", String((b.dataset.qa === "qa") === answers));
    };
    for (const b of $$("button", bar)) {
      b.addEventListener("click", () => {
        show(b.dataset.qa === "qa");
        store.set("answers", b.dataset.qa);
      });
    }
    show(store.get("answers") === "qa");
    bar.hidden = false;
  }

  // A line, its calls and its frames light each other.
  function lights() {
    let lit = [];
    const light = (event) => {
      const from = event.target.closest?.("[data-call], [data-line]");
      for (const e of lit) e.classList.remove("lit");
      lit = [];
      if (!from) return;
      const { call } = from.dataset;
      const line = from.dataset.line ?? from.closest("[data-line]")?.dataset.line;
      for (const e of $$("[data-call], [data-line]")) {
        if (call && e.dataset.call ? e.dataset.call === call : line && e.dataset.line === line) lit.push(e);
      }
      if (lit.length > 1) for (const e of lit) e.classList.add("lit");
    };
    document.addEventListener("mouseover", light);
    document.addEventListener("focusin", light);
  }

  // Copy: code without numbers, commands without their prompt.
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = make("textarea", { value: text });
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }

  function copyButton(text, what) {
    const button = make("button", { type: "button", className: "copy", textContent: "Copy" });
    button.setAttribute("aria-label", "Copy " + what);
    button.addEventListener("click", async () => {
      button.textContent = (await copy(text())) ? "Copied" : "Not copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    return button;
  }

  const withoutPrompts = (code) => {
    const clone = code.cloneNode(true);
    for (const p of $$(".prompt", clone)) p.remove();
    return clone.textContent.replace(/\n$/, "");
  };

  function copyButtons() {
    for (const cell of $$(".cell.code")) {
      const lines = () => $$(".line > code", cell).map((c) => c.textContent).join("\n") + "\n";
      const caption = $("figcaption, .bar", cell);
      if ($(".copy", cell)) continue;
      caption?.insertBefore(copyButton(lines, "this code"), $(".slots", caption));
    }
    for (const c of $$(".command:not(:has(.copy))")) c.append(copyButton(() => $("code", c).textContent, "this command"));
    for (const f of $$(".fence:not(:has(.copy))")) f.append(copyButton(() => withoutPrompts($("code", f)), "this text"));
  }

  // The address of the page, where the build did not know it.
  function embed() {
    const link = $("[data-embed]");
    if (!link || /^https?:/.test(link.dataset.embed)) return;
    const url = location.href.split("#")[0];
    for (const code of $$(".embed code")) code.textContent = code.textContent.replace(link.dataset.embed, () => url);
    link.href = url;
  }

  // The part of the page that is being read, in the table of contents.
  function contents() {
    if (!$(".toc a")) return;
    const mark = () => {
      const links = new Map($$(".toc a").map((a) => [a.hash.slice(1), a]));
      const heads = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
      let now = heads[0];
      for (const h of heads) if (h.getBoundingClientRect().top < innerHeight / 3) now = h;
      for (const [id, a] of links) {
        const here = id === now.id;
        a.classList.toggle("here", here);
        if (here) a.setAttribute("aria-current", "true");
        else a.removeAttribute("aria-current");
      }
    };
    let due = false;
    addEventListener("scroll", () => {
      if (due) return;
      due = true;
      requestAnimationFrame(() => { due = false; mark(); });
    }, { passive: true });
    mark();
  }

  // Dialogs.
  const showing = () => $("dialog[open]");
  function open(dialog) {
    if (!showing()) dialog.showModal();
  }
  function dialogs() {
    for (const d of $$("dialog")) {
      for (const b of $$(".close", d)) b.addEventListener("click", () => d.close());
      d.addEventListener("click", (e) => { if (e.target === d) d.close(); });
      d.addEventListener("keydown", (e) => { if (e.key === "Escape") d.close(); }); // a search field would only be emptied
    }
    for (const name of ["search", "keys"]) {
      const button = $("#open-" + name);
      if (!button) continue; // a page that was taken out of the site has no search
      button.addEventListener("click", () => (name === "search" ? search() : open($("#keys"))));
      button.hidden = false;
    }
  }

  // Search: the index is a script, so that it loads from the disk as well.
  let loading;
  function index() {
    loading ??= new Promise((resolve, reject) => {
      const script = make("script", { src: document.body.dataset.root + "search-index.js" });
      script.addEventListener("load", () => resolve(window.searchIndex));
      script.addEventListener("error", reject);
      document.head.append(script);
    });
    return loading;
  }

  function search() {
    if (!$("#search")) return;
    open($("#search"));
    $("#search-input").select();
    find();
  }

  // Every word must occur; the place where it does says how much it is worth.
  function score(entry, words) {
    const [title, where, , text, more] = entry.map((s) => s.toLowerCase());
    let sum = 0;
    for (const w of words) {
      if (title === w) sum += 20;
      else if (title.includes(w)) sum += 10;
      else if (text.includes(w)) sum += 4;
      else if (more.split(" ").some((m) => m === w)) sum += 3;
      else if (more.includes(w)) sum += 2;
      else if (where.includes(w)) sum += 1;
      else return 0;
    }
    return sum;
  }

  async function find() {
    const status = $("#search-status");
    const list = $("#search-results");
    const words = $("#search-input").value.toLowerCase().split(/\s+/).filter(Boolean);
    let entries;
    try {
      entries = await index();
    } catch {
      loading = undefined;
      status.textContent = "The search index could not be loaded.";
      return;
    }
    list.replaceChildren();
    if (!words.length) {
      status.textContent = "";
      return;
    }
    const found = entries.map((e) => [score(e, words), e]).filter(([n]) => n > 0);
    found.sort((a, b) => b[0] - a[0]);
    status.textContent = found.length === 1 ? "1 place" : found.length + " places" + (found.length > 20 ? ", the best 20" : "");
    for (const [, [title, where, href, text]] of found.slice(0, 20)) {
      const a = make("a", { href: document.body.dataset.root + href }, make("b", { textContent: title }), make("small", { textContent: where }), make("span", { textContent: text }));
      list.append(make("li", {}, a));
    }
  }

  function searchBox() {
    const input = $("#search-input");
    if (!input) return;
    input.addEventListener("input", find);
    const step = (from, by) => {
      const all = $$("#search-results a");
      const to = all[all.indexOf(from) + by];
      (to ?? (by < 0 ? input : from))?.focus();
    };
    $("#search").addEventListener("keydown", (e) => {
      if (e.key === "ArrowDown") { e.preventDefault(); step(document.activeElement, 1); }
      if (e.key === "ArrowUp") { e.preventDefault(); step(document.activeElement, -1); }
      if (e.key === "Enter" && e.target === input) $("#search-results a")?.click();
    });
    $("#search").addEventListener("close", () => { input.value = ""; });
  }

  // Keys: one letter each, and a switch that turns them off.
  function keys() {
    const box = $("#keys-on");
    box.checked = store.get("keys") !== "off";
    box.addEventListener("change", () => store.set("keys", box.checked ? "on" : "off"));
    const follow = (rel) => () => $(`.turn a[rel=${rel}]`)?.click();
    const layer = (name) => () => $(`.layers [data-layer=${name}]`)?.click();
    const actions = {
      "/": search, "?": () => open($("#keys")),
      n: follow("next"), j: follow("next"), p: follow("prev"), k: follow("prev"),
      1: layer("printed"), 2: layer("kernel"), 3: layer("wire"),
      q: () => $(".qa [aria-pressed=false]")?.click(), t: () => $("#theme").click(),
    };
    document.addEventListener("keydown", (e) => {
      if (!box.checked || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || showing()) return;
      const field = e.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
      if (field && !field.closest("dialog:not([open])")) return; // a closing dialog may still have the focus
      const act = actions[e.key];
      if (!act) return;
      e.preventDefault();
      act();
    });
  }

  // A printed page has everything unfolded.
  function printing() {
    let folded = [];
    addEventListener("beforeprint", () => {
      folded = $$("details:not([open])");
      for (const d of folded) d.open = true;
    });
    addEventListener("afterprint", () => { for (const d of folded) d.open = false; });
  }

  // A link into a folded answer unfolds it.
  function unfold() {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const fold = target && target.closest("details");
    if (fold) fold.open = true;
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const part of [themeSwitch, layerSwitches, answerSwitch, lights, embed, copyButtons, contents, dialogs, searchBox, keys, printing, unfold]) part();
    addEventListener("hashchange", unfold);
    document.addEventListener("site:update", () => { copyButtons(); embed(); }); // of the living site
  });
})();
