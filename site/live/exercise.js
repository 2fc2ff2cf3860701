// What only the living site does for exercises: the page of an exercise shows how
// the reader's own program stands, told anew at each save; the map of the lessons
// shows how far they are. All that is shown is text.
"use strict";

(() => {
  const root = new URL("..", document.currentScript.src);
  const path = location.pathname.slice(root.pathname.length);
  const number = (path.match(/^(\d\d)\/exercise\.html$/) ?? [])[1];
  const map = document.querySelector(".map");
  if (!number && !map) return;

  const make = (tag, className, text) => {
    const e = document.createElement(tag);
    e.dataset.live = "";
    if (className) e.className = className;
    if (text) e.textContent = text;
    return e;
  };
  const set = (e, text) => { if (e.textContent !== text) e.textContent = text; };
  const count = (n, noun) => n + " " + noun + (n === 1 ? "" : "s");

  // The panel on an exercise's page.
  let panel = null;
  let opened = false; // the first failure was unfolded once: from then on it is the reader's
  function build() {
    const section = make("section", "practice");
    section.setAttribute("aria-labelledby", "practice");
    const title = make("h2", "", "Your program");
    title.id = "practice";
    const file = make("p", "practice-file", "lessons/" + number + "/exercise/main.go is judged at each save.");
    const sum = make("p", "practice-sum");
    sum.setAttribute("role", "status");
    const why = make("pre", "practice-why");
    why.tabIndex = 0;
    why.setAttribute("role", "group");
    why.setAttribute("aria-label", "Why it could not be judged");
    why.hidden = true;
    const list = make("ol", "practice-checks");
    list.setAttribute("aria-label", "Checks");
    section.append(title, file, sum, why, list);
    document.querySelector("article.task > header.title").after(section);
    return { section, sum, why, list, rows: new Map() };
  }

  function row(check) {
    const item = make("li", "practice-check");
    const verdict = make("span", "practice-verdict");
    const name = make("span", "practice-name", check.name);
    const points = make("span", "practice-points");
    const more = make("details", "practice-more");
    const summary = make("summary", "", "What happened");
    summary.setAttribute("aria-label", "What happened in " + check.name);
    const text = make("pre");
    text.tabIndex = 0;
    text.setAttribute("role", "group");
    text.setAttribute("aria-label", "What happened in " + check.name);
    more.append(summary, text);
    item.append(verdict, " ", name, " ", points, more);
    return { item, verdict, points, more, text };
  }

  function draw(s) {
    panel ??= build();
    panel.section.classList.toggle("judging", s.judging);
    panel.section.setAttribute("aria-busy", String(s.judging));
    set(panel.why, s.why ?? "");
    panel.why.hidden = !s.why;
    const passing = s.checks.filter((c) => c.verdict === "pass").length;
    const first = s.checks.find((c) => c.verdict !== "pass" && c.detail) ?? s.checks.find((c) => c.verdict !== "pass" && c.verdict !== "not run");
    const rows = new Map();
    for (const c of s.checks) {
      const r = panel.rows.get(c.name) ?? row(c);
      rows.set(c.name, r);
      r.item.dataset.verdict = c.verdict;
      set(r.verdict, c.verdict);
      set(r.points, count(c.points, "point") + (c.hidden ? ", hidden" : ""));
      set(r.text, c.detail ?? "");
      r.more.hidden = !c.detail;
    }
    for (const [name, r] of panel.rows) if (!rows.has(name)) r.item.remove();
    panel.rows = rows;
    const items = [...rows.values()].map((r) => r.item);
    if (items.some((e, i) => panel.list.children[i] !== e)) panel.list.replaceChildren(...items);
    if (first?.detail && !s.judging && !opened) {
      opened = true;
      rows.get(first.name).more.open = true;
    }
    if (s.judging) set(panel.sum, "Being judged…");
    else if (s.why) set(panel.sum, s.why.split("\n")[0]);
    else if (!s.tried) set(panel.sum, "Not judged yet.");
    else if (passing === s.checks.length) set(panel.sum, "All " + count(s.checks.length, "check") + " pass: " + s.points + " of " + count(s.max, "point") + ".");
    else set(panel.sum, passing + " of " + count(s.checks.length, "check") + " pass, " + s.points + " of " + count(s.max, "point") + ". " + (first ? "Look at " + first.name + " first: " + first.verdict + "." : ""));
  }

  // The mark on the map of the lessons.
  function mark(s) {
    const link = map.querySelector('a[href="' + s.number + '/index.html"]');
    const item = link?.closest("li");
    if (!item) return;
    let m = item.querySelector(".practice-mark");
    if (!s.tried) {
      m?.remove();
      return;
    }
    if (!m) {
      m = make("a", "practice-mark");
      m.href = s.number + "/exercise.html";
      item.append(" ", m);
    }
    const all = s.passed === s.checks.length;
    m.classList.toggle("all", all);
    set(m, all ? "exercise solved" : "exercise: " + s.passed + " of " + s.checks.length);
  }

  const show = (s) => {
    if (s.number === number) draw(s);
    if (map) mark(s);
  };

  async function ask() {
    try {
      const answer = await fetch(new URL("live/exercises", root), { cache: "no-store" });
      if (answer.ok) for (const s of await answer.json()) show(s);
    } catch {
      // The server is gone; the page says so, and asks again when it is back.
    }
  }

  function follow(events) {
    events.addEventListener("hello", ask);
    events.addEventListener("exercise", (e) => show(JSON.parse(e.data)));
  }
  document.addEventListener("site:events", (e) => follow(e.detail));
  if (window.liveEvents) follow(window.liveEvents);
  ask();
})();
