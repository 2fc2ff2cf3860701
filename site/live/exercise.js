// What only the living site does for exercises: on the page of an exercise the
// reader writes the program, here or in an editor of theirs, and sees how it stands,
// told anew at each save; the map of the lessons shows how far they are. All that is
// shown is text.
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

  // The reader's program: a file that is written here, and maybe elsewhere, too.
  // Nothing is written over that this page has not read.
  const name = "lessons/" + number + "/exercise/main.go";
  const lines = (text) => text.replace(/\r\n?/g, "\n"); // as a text area has it
  class Program extends window.LiveEditor {
    constructor(parts) {
      super(parts, "sockets:exercise:" + number);
      this.turn = Promise.resolve(); // what is asked of the server, one after the other
      this.save.addEventListener("click", () => this.saves());
      this.back.addEventListener("click", () => this.takes());
      this.take.addEventListener("click", () => this.takes());
      this.keep.addEventListener("click", () => this.keeps());
      this.field.addEventListener("keydown", (e) => {
        const s = /^[a-z]$/i.test(e.key) ? e.key.toLowerCase() === "s" : e.code === "KeyS";
        if (!(e.ctrlKey || e.metaKey) || e.altKey || e.shiftKey || !s) return;
        e.preventDefault();
        this.saves();
      });
    }

    next(job) {
      this.turn = this.turn.then(job).catch((e) => this.say(e.message));
    }

    async ask(method, what, body) {
      let answer;
      try {
        answer = await fetch(new URL("live/exercises/" + number + "/" + what, root), {
          method, cache: "no-store", body: body && JSON.stringify(body), headers: body ? { "Content-Type": "application/json" } : {},
        });
      } catch {
        throw new Error("The server does not answer. What you have written stays in this browser; start runner serve again, and open the URL that it prints.");
      }
      if (answer.ok || answer.status === 409) return answer;
      const text = await answer.text();
      let said;
      try { ({ said } = JSON.parse(text)); } catch { said = text; } // what lets nobody in speaks plainly
      throw new Error(said.trim() || "The server answers " + answer.status + ".");
    }

    // What the page shows at first: the file, or what was written here and not saved.
    async begin() {
      const f = await (await this.ask("GET", "main.go")).json();
      this.file = f.digest;
      this.base = f.digest; // of what the text here was made from
      this.windows = f.text.includes("\r\n");
      this.original = lines(f.text);
      const kept = this.stored();
      this.field.value = kept?.text ?? this.original;
      if (kept) {
        this.wrote = JSON.stringify(kept);
        this.base = kept.digest ?? "";
      }
      for (const e of this.hides) e.hidden = false;
      this.edited();
    }

    get gone() { return this.file === ""; }
    get contested() { return this.changed && !this.gone && this.base !== this.file; }

    edited() {
      if (!this.changed && !this.gone) this.base = this.file;
      this.word = "";
      this.store(this.changed || this.gone && this.field.value ? { text: this.field.value, digest: this.base } : null);
      this.drawn();
    }

    say(text) {
      this.word = text;
      this.drawn();
    }

    drawn() {
      super.drawn();
      if (this.file === undefined) { // nothing could be read
        set(this.said, this.word ?? "");
        return;
      }
      this.choice.hidden = !this.contested;
      this.back.hidden = this.contested;
      this.back.disabled = !this.changed || this.gone;
      set(this.said, this.word || (this.contested
        ? name + " was changed elsewhere, and you have changed it here. Nothing is written until you choose."
        : this.gone ? "There is no " + name + ". Saving makes it."
        : this.changed ? "Not saved yet." : ""));
      this.said.classList.toggle("bad", this.contested);
    }

    // The file as it is now.
    seen(f) {
      const { changed } = this;
      const before = this.file;
      this.file = f.digest;
      if (!this.gone) {
        this.windows = f.text.includes("\r\n");
        this.original = lines(f.text);
        if (!changed && this.changed) {
          const { selectionStart, selectionEnd, scrollTop } = this.field;
          this.field.value = this.original;
          this.field.setSelectionRange(selectionStart, selectionEnd);
          this.field.scrollTop = scrollTop;
          this.mark([]);
          this.edited();
          this.say(before ? "It was changed elsewhere; this is how it is now." : "");
          return;
        }
      }
      this.edited();
    }

    // What the server has told of how the program stands, and of the file.
    heard(state) {
      this.next(async () => {
        if (this.file === undefined) await this.begin().catch((e) => this.say(e.message)); // until it can be read
        const known = this.file !== undefined;
        if (known && state.digest !== this.file) this.seen(await (await this.ask("GET", "main.go")).json());
        if (state.judging || known && state.judged !== this.file) return;
        const mistakes = (state.mistakes ?? []).map((m) => ({ Line: m.line, Text: m.text }));
        this.wrong(mistakes);
        if (this.changed) this.mark([]); // the lines may be others
        else if (this.awaited === this.field.value && mistakes[0]?.Line) this.go(mistakes[0].Line);
        this.awaited = undefined;
      });
    }

    saves() {
      if (this.saving || this.file === undefined) return;
      this.saving = true;
      this.next(async () => {
        try {
          const text = this.field.value;
          const answer = await this.ask("PUT", "main.go", { text: this.windows ? text.replaceAll("\n", "\r\n") : text, was: this.gone ? "" : this.base });
          const now = await answer.json();
          if (!answer.ok) {
            this.seen(now);
            if (this.contested) this.take.focus();
            return;
          }
          this.original = text;
          this.file = this.base = now.digest;
          this.awaited = text;
          this.wrong([]);
          this.edited();
          if (!this.changed) this.say("Saved.");
        } finally {
          this.saving = false;
        }
      });
    }

    // The file's text takes the place of the one here, until that is undone.
    takes() {
      this.retype(this.original);
      this.base = this.file;
      this.wrong([]);
      this.edited();
    }

    // The text here stays: the next save writes it over what the file has now.
    keeps() {
      this.base = this.file;
      this.field.focus();
      this.edited();
      this.say("Yours is kept, and not saved yet. Saving it replaces what the file has now.");
    }

    async differences() {
      const text = await (await this.ask("POST", "difference", { text: this.windows ? this.field.value.replaceAll("\n", "\r\n") : this.field.value })).text();
      if (!text) return [make("p", "live-hint", "Nothing: it is what the file has.")];
      const pre = make("pre", "live-diff");
      pre.tabIndex = 0;
      pre.setAttribute("role", "group");
      pre.setAttribute("aria-label", "How your text differs from the file");
      const tags = { "+": "ins", "-": "del", "@": "b" };
      for (const line of text.replace(/\n$/, "").split("\n").slice(3)) pre.append(tags[line[0]] ? make(tags[line[0]], "", line) : line, "\n");
      return [pre];
    }
  }

  // The panel on an exercise's page.
  let panel = null;
  let opened = false; // the first failure was unfolded once: from then on it is the reader's
  function build() {
    const section = make("section", "practice");
    section.setAttribute("aria-labelledby", "practice");
    const title = make("h2", "", "Your program");
    title.id = "practice";
    const file = make("p", "practice-file");
    file.append(make("code", "", name), ", written here or in an editor of yours. It is judged at each save.");

    const room = make("div", "practice-room");
    const place = make("div", "live-editor");
    const numbers = make("pre", "live-numbers");
    numbers.setAttribute("aria-hidden", "true");
    const field = make("textarea", "live-source");
    Object.assign(field, { id: "practice-source", rows: 22, wrap: "off", spellcheck: false, autocomplete: "off", autocapitalize: "off" });
    field.setAttribute("aria-label", name);
    field.setAttribute("aria-describedby", "practice-hint");
    place.append(numbers, field);
    const button = (id, text) => Object.assign(make("button", "", text), { type: "button", id });
    const save = button("practice-save", "Save and judge");
    save.className = "live-main";
    const diffButton = button("practice-diff", "Show the difference");
    diffButton.setAttribute("aria-expanded", "false");
    diffButton.setAttribute("aria-controls", "practice-difference");
    const back = button("practice-back", "Back to what is saved");
    const buttons = make("p", "live-buttons");
    buttons.append(save, " ", diffButton, " ", back);
    const said = make("p", "practice-said");
    said.setAttribute("role", "status");
    const take = button("practice-take", "Take the file’s version");
    const keep = button("practice-keep", "Keep mine");
    const choice = make("p", "live-buttons practice-choice");
    choice.hidden = true;
    choice.append(take, " ", keep);
    const mistakes = make("ul", "live-mistakes");
    mistakes.setAttribute("aria-label", "What is wrong with main.go");
    mistakes.hidden = true;
    const difference = make("div");
    difference.id = "practice-difference";
    difference.hidden = true;
    const hint = make("p", "live-hint");
    hint.id = "practice-hint";
    hint.append(make("kbd", "", "Ctrl"), " ", make("kbd", "", "S"), " saves; ", make("kbd", "", "Tab"), " indents; ", make("kbd", "", "Esc"), " and then ", make("kbd", "", "Tab"), " leads out.");
    room.append(place, buttons, said, choice, difference, hint);
    const hides = [place, buttons, hint]; // until there is a text
    for (const e of hides) e.hidden = true;

    const judged = make("div", "practice-judged");
    const sum = make("p", "practice-sum");
    sum.setAttribute("role", "status");
    const why = make("pre", "practice-why");
    why.tabIndex = 0;
    why.setAttribute("role", "group");
    why.setAttribute("aria-label", "Why it could not be judged");
    why.hidden = true;
    const list = make("ol", "practice-checks");
    list.setAttribute("aria-label", "Checks");
    judged.append(sum, mistakes, why, list);
    section.append(title, file, room, judged);
    const task = document.querySelector("article.task");
    task.insertBefore(section, task.querySelector(":scope > #solution"));
    const way = make("p", "practice-way");
    way.append(Object.assign(make("a", "", "Write it in this page"), { href: "#practice" }));
    task.querySelector(":scope > header.title").append(way);
    const program = new Program({ field, numbers, mistakes, difference, diffButton, save, back, take, keep, choice, said, hides });
    return { section, judged, sum, why, list, program, rows: new Map() };
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
    panel.judged.setAttribute("aria-busy", String(s.judging));
    set(panel.why, s.why ?? "");
    panel.why.hidden = !s.why || !!s.mistakes?.length; // they are listed, where they can be mended
    panel.program.heard(s);
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
    panel.list.hidden = s.checks.length > 0 && s.checks.every((c) => c.verdict === "build error"); // once is enough
    if (first?.detail && !s.judging && !opened) {
      opened = true;
      rows.get(first.name).more.open = true;
    }
    if (s.judging) set(panel.sum, "Being judged…");
    else if (s.why) set(panel.sum, s.why.split("\n")[0].replace(/:$/, "."));
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
