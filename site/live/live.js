// What only the living site does: a page follows the files it is made of. What
// changed is put in its place; where the reader is, what is unfolded and what
// has the focus stay as they are.
"use strict";

(() => {
  const script = document.currentScript;
  const root = new URL("..", script.src);
  let version = script.dataset.version;

  // What this page is called among the files of the site.
  const here = () => {
    const path = location.pathname.slice(root.pathname.length);
    return path === "" || path.endsWith("/") ? path + "index.html" : path;
  };

  // Attributes that the reader or a script has set are theirs.
  const theirs = new Set(["open", "hidden", "aria-pressed", "aria-current", "tabindex", "style"]);
  const classes = new Set(["lit", "here", "new"]);

  const key = (n) => (n.nodeType === Node.ELEMENT_NODE ? n.id || n.dataset.call || n.dataset.line || "" : "");
  const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && key(a) === key(b);
  const ours = (n) => n.nodeType === Node.ELEMENT_NODE && (n.matches("[data-live], .copy"));

  // into makes the old node what the new one is, with as little change as it can.
  function into(old, now, touched) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== now.nodeValue) {
        old.nodeValue = now.nodeValue;
        touched.add(old.parentElement);
      }
      return;
    }
    for (const { name } of [...old.attributes]) {
      if (!now.hasAttribute(name) && !theirs.has(name) && name !== "class") old.removeAttribute(name);
    }
    for (const { name, value } of now.attributes) {
      if (name === "class" || theirs.has(name)) continue;
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    const kept = [...old.classList].filter((c) => classes.has(c));
    const want = [...now.classList, ...kept].join(" ");
    if ((old.getAttribute("class") ?? "") !== want) old.setAttribute("class", want);
    children(old, now, touched);
  }

  // children does so with what is inside. Equal ends are matched first, so that
  // what is put in or taken out in the middle moves nothing else.
  function children(old, now, touched) {
    const a = [...old.childNodes].filter((n) => !ours(n));
    const b = [...now.childNodes];
    let from = 0;
    const same = (x, y) => alike(x, y) && x.isEqualNode(y);
    while (from < a.length && from < b.length && same(a[from], b[from])) from++;
    let endA = a.length;
    let endB = b.length;
    while (endA > from && endB > from && same(a[endA - 1], b[endB - 1])) { endA--; endB--; }
    let i = from;
    for (let j = from; j < endB; j++) {
      let k = i;
      while (k < endA && !alike(a[k], b[j])) k++;
      if (k < endA && (k === i || key(b[j]) !== "" || k - i <= 2)) {
        for (; i < k; i++) a[i].remove();
        into(a[i++], b[j], touched);
        continue;
      }
      const added = document.importNode(b[j], true);
      old.insertBefore(added, a[i] ?? a[endA] ?? null);
      touched.add(added.nodeType === Node.ELEMENT_NODE ? added : old);
    }
    for (; i < endA; i++) {
      a[i].remove();
      touched.add(old);
    }
  }

  // The place of the reader: the first thing in sight, and where it stands.
  function place() {
    for (const e of document.querySelectorAll("main [id], main p, main figure")) {
      const top = e.getBoundingClientRect().top;
      if (top >= 0) return () => { if (e.isConnected) scrollBy({ top: e.getBoundingClientRect().top - top, behavior: "instant" }); };
    }
    return () => {};
  }

  let asking = null;
  async function update() {
    asking?.abort();
    asking = new AbortController();
    let text;
    try {
      const answer = await fetch(location.pathname, { signal: asking.signal, cache: "no-cache" });
      if (!answer.ok && answer.status !== 404) return;
      text = await answer.text();
    } catch {
      return; // another update is under way, or the server is gone: it will be asked again
    }
    const now = new DOMParser().parseFromString(text, "text/html");
    version = now.querySelector("script[data-version]")?.dataset.version ?? version;
    if (now.body.className !== document.body.className) {
      location.reload();
      return;
    }
    const back = place();
    const touched = new Set();
    document.title = now.title;
    into(document.querySelector("header.top"), now.querySelector("header.top"), new Set());
    const main = [...document.body.children].filter((e) => !e.matches("script, dialog, header.top, #live, .skip"));
    const next = [...now.body.children].filter((e) => !e.matches("script, dialog, header.top, .skip"));
    main.forEach((e, i) => next[i] && into(e, next[i], touched));
    document.dispatchEvent(new CustomEvent("site:update"));
    back();
    for (const e of touched) {
      if (!e || e.closest(".embed")) { // where the page's script writes
        touched.delete(e);
        continue;
      }
      e.classList.remove("new");
      void e.offsetWidth; // so that it is seen again
      e.classList.add("new");
    }
    for (const n of document.querySelectorAll(".new")) n.addEventListener("animationend", () => n.classList.remove("new"), { once: true });
    if (touched.size) say("The page has changed.");
  }

  // The corner in which the page says how the site stands.
  const corner = document.createElement("aside");
  corner.id = "live";
  corner.dataset.live = "";
  corner.setAttribute("aria-label", "The making of the site");
  const voice = document.createElement("p");
  voice.className = "live-voice";
  voice.dataset.live = "";
  voice.setAttribute("role", "status");
  const say = (text) => { voice.textContent = text; };

  const element = (tag, text, ...inside) => {
    const e = document.createElement(tag);
    if (text) e.textContent = text;
    e.append(...inside);
    return e;
  };

  let calm;
  let folded = false; // by the reader: what lies under the corner is in sight
  function status(s) {
    clearTimeout(calm);
    const show = (bad, ...inside) => {
      corner.classList.toggle("bad", bad);
      corner.replaceChildren(...inside);
    };
    if (s.state === "bad") {
      const list = element("ul");
      for (const p of s.problems ?? []) {
        const at = p.file ? p.file + (p.line ? ":" + p.line : "") : "";
        list.append(element("li", "", ...(at ? [element("b", at)] : []), p.text));
      }
      const fold = element("details", "", element("summary", "There is a mistake; the page is the last good version"), list);
      fold.open = !folded;
      fold.addEventListener("toggle", () => { folded = !fold.open; });
      show(true, fold);
      say("The site can't be made: " + (s.problems?.[0]?.text ?? ""));
      return;
    }
    const stale = s.stale ? [element("p", "The runner's own files have changed: start runner serve again to see it.")] : [];
    if (s.state === "good") folded = false;
    if (s.state !== "building") {
      show(false, ...stale);
      return;
    }
    // What is done at once needs no word.
    calm = setTimeout(() => show(false, element("p", s.runs ? "Running: " + s.runs : "Making the site again"), ...stale), s.runs ? 0 : 400);
  }

  function gone() {
    clearTimeout(calm);
    corner.classList.remove("bad");
    corner.replaceChildren(element("p", "The server has gone; the page shows what it last said. Once you have started it again, open the URL that it prints."));
  }

  let events = null;
  let again;
  function listen() {
    clearTimeout(again);
    events = new EventSource(new URL("live/events", root));
    window.liveEvents = events;
    const now = events;
    now.addEventListener("hello", (e) => {
      const hello = JSON.parse(e.data);
      status(hello.status);
      if (!hello.version || hello.version === version) return;
      // What changed meanwhile was not heard: maybe this page.
      now.dispatchEvent(new MessageEvent("pages", { data: JSON.stringify({ version: hello.version, changed: [here()] }) }));
    });
    now.addEventListener("status", (e) => status(JSON.parse(e.data)));
    now.addEventListener("pages", (e) => {
      if (JSON.parse(e.data).changed.includes(here()) || document.body.classList.contains("notfound")) update();
    });
    now.addEventListener("error", () => {
      gone();
      if (now.readyState === EventSource.CLOSED) again = setTimeout(listen, 2000);
    });
    document.dispatchEvent(new CustomEvent("site:events", { detail: now }));
  }

  // A browser has six connections to a server: pages that nobody sees leave them
  // to the others, and hear what they missed when they are seen.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) {
      if (!events || events.readyState === EventSource.CLOSED) listen();
      return;
    }
    clearTimeout(again);
    events?.close();
    events = null;
  });

  document.body.append(corner, voice);
  if (!document.hidden) listen();
})();
