// Runs of the lesson's program in its page: the living site's part of it. The
// panel and everything it shows comes from the server as HTML; this puts it in
// its place, and sends what the reader asks for.
"use strict";

(() => {
  const $ = (sel, from = document) => from.querySelector(sel);
  const $$ = (sel, from = document) => [...from.querySelectorAll(sel)];
  const make = (tag, props = {}, ...inside) => {
    const e = Object.assign(document.createElement(tag), props);
    e.append(...inside);
    return e;
  };
  const parsed = (html) => make("template", { innerHTML: html }).content;

  const base = document.currentScript.src;
  const number = location.pathname.match(/\/(\d\d)\/(?:index\.html)?$/)?.[1];
  const at = (path) => new URL(path, base);

  // Makes the old node like the fresh one, and leaves alone what is alike already:
  // what is folded open stays open, what is read stays where it is.
  function morph(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== Node.ELEMENT_NODE || old.nodeName !== fresh.nodeName) {
      old.replaceWith(fresh);
      return;
    }
    for (const a of [...old.attributes]) if (a.name !== "open" && !fresh.hasAttribute(a.name)) old.removeAttribute(a.name);
    for (const a of fresh.attributes) if (a.name !== "open" && old.getAttribute(a.name) !== a.value) old.setAttribute(a.name, a.value);
    let at = old.firstChild;
    for (const node of [...fresh.childNodes]) {
      const same = node.nodeType === Node.ELEMENT_NODE ? like(node, at) : at?.isEqualNode(node) && at;
      if (same) {
        for (; at !== same; at = skip(at));
        at = same.nextSibling;
      } else if (at && at.nodeName === node.nodeName && !like(at, node.nextSibling)) {
        const next = at.nextSibling;
        morph(at, node);
        at = next;
      } else old.insertBefore(node, at);
    }
    while (at) at = skip(at);
  }

  // The first of the next few siblings that is like the node.
  function like(node, from) {
    for (let n = 0; from && n < 12; n++, from = from.nextSibling) if (from.isEqualNode(node)) return from;
    return null;
  }

  function skip(node) {
    const next = node.nextSibling;
    node.remove();
    return next;
  }

  async function post(path, body, signal) {
    const answer = await fetch(at(path), { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });
    if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).Said ?? "The server answers " + answer.status + ".");
    return answer;
  }

  // Calls heard with each message of a run, until there are no more.
  async function follow(ask, signal, heard) {
    const answer = await post("run/" + number, ask, signal);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ""; ;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines) heard(JSON.parse(line));
    }
  }

  // A pane is one run on the page.
  const partNames = { printed: "", wire: "", lines: "Line by line", kernel: "Call by call" };
  class Pane {
    constructor(title) {
      this.parts = {};
      this.announced = 0;
      this.remove = make("button", { type: "button", textContent: "Remove" });
      this.remove.setAttribute("aria-label", "Remove the run: " + title);
      this.element = make("section", { className: "live-pane" }, make("header", {}, make("h3", { textContent: title }), this.remove));
      for (const [name, summary] of Object.entries(partNames)) {
        const place = make("div");
        const part = summary ? make("details", {}, make("summary", { textContent: summary }), place) : place;
        part.className = "live-part";
        part.dataset.part = name;
        part.hidden = true;
        this.parts[name] = { part, place };
        this.element.append(part);
      }
    }

    show(parts) {
      for (const [name, html] of Object.entries(parts ?? {})) {
        const { part, place } = this.parts[name];
        const fresh = place.cloneNode(false);
        fresh.append(parsed(html));
        morph(place, fresh);
        part.hidden = false;
      }
    }

    // What has been printed since the last time, for whoever hears the page.
    news() {
      const rows = $$(".row samp", this.parts.printed.place).map((e) => e.textContent);
      const fresh = rows.slice(this.announced);
      this.announced = rows.length;
      return fresh.length > 6 ? [...fresh.slice(0, 5), "and " + (fresh.length - 5) + " more lines"] : fresh;
    }
  }

  // The text of main.go, and what the reader makes of it.
  class Editor extends window.LiveEditor {
    constructor(room) {
      const part = (selector) => $(selector, room);
      super({
        field: part("#live-source"), numbers: part(".live-numbers"), mistakes: part(".live-mistakes"),
        difference: part("#live-difference"), diffButton: part("#live-diff"),
      }, "sockets:live:" + number);
      this.run = part("#live-run");
      this.place = part(".live-edit");
      this.state = part(".live-changed");
      const kept = this.stored();
      if (kept) {
        this.field.value = kept.text;
        this.since = kept.digest !== this.field.dataset.digest;
        this.digest = kept.digest;
        this.own = kept.own;
        this.wrote = JSON.stringify(kept);
      }
      part("#live-restore").addEventListener("click", () => this.restore());
      this.drawn();
    }

    // The text if it is not the lesson's; else nothing.
    get source() { return this.changed ? this.field.value : ""; }

    // The pitfall whose text it is, if it is one's.
    get pitfall() { return $$("option[data-source]", this.run).find((o) => o.dataset.source === this.field.value); }

    // Puts in the text of a pitfall; without one, what was there before any. The
    // reader's own text is set aside, not lost.
    take(pitfall) {
      const now = this.pitfall;
      if (now === pitfall) return;
      if (!now) this.own = this.changed ? this.field.value : undefined;
      const text = pitfall ? pitfall.dataset.source : this.own ?? this.original;
      if (!pitfall) this.own = undefined;
      this.shown();
      this.retype(text);
      this.wrong([]);
      this.edited();
    }

    edited() {
      this.store(this.changed ? { digest: this.digest ?? this.field.dataset.digest, text: this.field.value, own: this.own } : null);
      this.drawn();
    }

    shown() { this.place.open = true; }

    // The lesson's own text is another one.
    anew(fresh) {
      if (!fresh || fresh.value === this.original) return;
      const { changed } = this;
      this.digest ??= changed && this.field.dataset.digest;
      this.since = changed;
      this.original = fresh.value;
      this.field.dataset.digest = fresh.dataset.digest;
      if (!changed) {
        this.field.value = fresh.value;
        this.digest = undefined;
      }
      this.edited();
    }

    restore() {
      this.retype(this.original);
      this.since = false;
      this.digest = undefined;
      this.own = undefined;
      if (this.run.selectedOptions[0]?.dataset.source !== undefined) this.run.selectedIndex = 0;
      this.wrong([]);
      this.edited();
    }

    drawn() {
      super.drawn();
      const { pitfall } = this;
      this.state.textContent = pitfall ? "the pitfall " + pitfall.value : this.changed ? (this.since ? "changed by you, and by its author since" : "changed by you") : "";
    }

    async differences() {
      const answer = await post("run/" + number + "/diff", { Source: this.field.value });
      return [parsed(await answer.text())];
    }
  }

  class Room {
    constructor(element) {
      this.element = element;
      this.page = [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
      this.count = 0;
      this.editor = $("#live-source", element) && new Editor(element);
      this.form = $(".live-form", element);
      if (!this.form) return;
      for (const name of ["run", "args", "choice", "faults", "go", "both", "stop", "keep"]) this[name] = $("#live-" + name, element);
      this.status = $(".live-status", element);
      this.log = $(".live-log", element);
      this.runs = $(".live-runs", element);
      this.run.addEventListener("change", () => this.chosen());
      this.choice?.addEventListener("change", () => this.choose());
      this.form.addEventListener("submit", (e) => { e.preventDefault(); this.start([this.ask()]); });
      this.both.addEventListener("click", () => this.start([{ ...this.ask(), Faults: "" }, this.ask()]));
      this.stop.addEventListener("click", () => this.going?.abort());
      this.keep.addEventListener("click", () => this.keeps());
      this.form.addEventListener("keydown", (e) => {
        if (e.key !== "Enter" || !(e.ctrlKey || e.metaKey)) return;
        e.preventDefault();
        this.form.requestSubmit(this.go);
      });
      this.runs.addEventListener("click", (e) => this.jump(e));
      const { pitfall } = this.editor ?? {};
      if (pitfall) pitfall.selected = true;
      this.preset();
    }

    preset() {
      const run = this.run.selectedOptions[0];
      this.args.value = run?.dataset.args ?? "";
      if (this.faults) this.faults.value = run?.dataset.faults ?? "";
    }

    // What runs is the lesson's program, or a pitfall.
    chosen() {
      this.preset();
      const run = this.run.selectedOptions[0];
      const pitfall = run?.dataset.source === undefined ? undefined : run;
      this.editor?.take(pitfall);
      this.run.focus();
      if (pitfall) this.say("The pitfall " + pitfall.value + " stands in the editor. It can be run, compared with the lesson's program, and mended.");
    }

    choose() {
      const { value } = this.choice;
      if (!value) return;
      const lines = this.faults.value.split("\n").map((l) => l.trim()).filter(Boolean);
      if (!lines.includes(value)) lines.push(value);
      this.faults.value = lines.join("\n");
      this.choice.value = "";
      this.say("On the wire: " + lines.join(", "));
    }

    ask() {
      return { Page: this.page, Run: this.run.value, Args: this.args.value, Faults: this.faults?.value ?? "", Source: this.editor?.source ?? "" };
    }

    say(text) {
      if (this.status.textContent !== text) this.status.textContent = text;
    }

    title(ask) {
      const faults = ask.Faults.split("\n").map((l) => l.trim()).filter(Boolean);
      const pitfall = this.editor?.pitfall;
      return [pitfall ? "The pitfall " + pitfall.value : ask.Source ? "Your main.go" : "main.go", ask.Args.trim(), faults.length ? "the wire: " + faults.join(", ") : this.faults ? "all goes well on the wire" : ""].filter(Boolean).join(" · ");
    }

    keeps() {
      this.kept?.element.remove();
      this.kept = this.pane;
      this.pane = undefined;
      this.keep.disabled = true;
      this.arrange();
      this.say("Kept. The next run stands beside it.");
    }

    // The panes, side by side if there are two.
    arrange() {
      const panes = [this.kept, this.pane].filter(Boolean);
      this.runs.classList.toggle("pair", panes.length > 1);
      for (const p of panes) if (p.element.parentNode !== this.runs) this.runs.append(p.element);
    }

    add(title) {
      this.pane?.element.remove();
      const pane = new Pane(title);
      this.pane = pane;
      pane.remove.addEventListener("click", () => {
        pane.element.remove();
        if (this.pane === pane) {
          this.going?.abort();
          this.pane = undefined;
          this.keep.disabled = true;
        }
        if (this.kept === pane) this.kept = undefined;
        this.arrange();
        this.go.focus();
      });
      this.arrange();
      return pane;
    }

    // Makes the runs, one after the other; of two, the first is kept.
    async start(asks) {
      this.going?.abort();
      const abort = new AbortController();
      this.going = abort;
      this.editor?.wrong([]);
      this.busy(true);
      for (const [i, ask] of asks.entries()) {
        if (i > 0) this.keeps();
        await this.follow(ask, abort);
        if (this.going !== abort) return; // another one has begun
        if (abort.signal.aborted || this.failed) break;
      }
      this.going = undefined;
      this.busy(false);
    }

    busy(on) {
      if (!on && document.activeElement === this.stop) this.go.focus(); // a button that does nothing loses it
      this.stop.disabled = !on;
      this.element.classList.toggle("busy", on);
      this.keep.disabled = on || !this.pane;
    }

    async follow(ask, abort) {
      const pane = this.add(this.title(ask));
      this.failed = false;
      const mine = () => this.going === abort;
      let slow;
      const heard = (m) => {
        if (!mine()) return;
        clearTimeout(slow);
        pane.show(m.Parts);
        for (const line of pane.news()) this.log.append(make("p", { textContent: line }));
        while (this.log.childElementCount > 40) this.log.firstElementChild.remove();
        this.failed = m.State === "failed" || m.State === "mistaken";
        if (m.State === "building") {
          this.say("Building…");
          if (ask.Source) slow = setTimeout(() => mine() && this.say("Building… The first program of yours takes half a minute: the standard library is compiled for it, too."), 4000);
        }
        else if (m.State === "running") this.say("Running…");
        else this.say(m.Said);
        if (m.State === "mistaken") this.mistaken(m);
      };
      try {
        await follow({ ...ask, Name: "live-" + ++this.count }, abort.signal, heard);
      } catch (e) {
        if (!mine()) return;
        this.failed = true;
        this.say(abort.signal.aborted ? "Stopped. What it did until then is below." : e.message);
      }
      clearTimeout(slow);
      if (mine() && this.failed && !$(".live-part:not([hidden])", pane.element)) {
        pane.element.remove();
        this.pane = undefined;
      }
    }

    mistaken(m) {
      if (!this.editor) return;
      this.editor.shown();
      this.editor.wrong(m.Mistakes);
      if (m.Mistakes[0]?.Line) this.editor.go(m.Mistakes[0].Line);
    }

    // The lesson was saved: its runs and its text may be others.
    async anew() {
      if (!this.form) return;
      const answer = await fetch(at("run/" + number));
      if (!answer.ok) return;
      const fresh = parsed(await answer.text());
      const runs = $("#live-run", fresh);
      if (!runs) return;
      morph(this.run, runs);
      this.editor?.anew($("#live-source", fresh));
    }

    // Links of a changed program's run lead into the editor.
    jump(e) {
      const line = e.target.closest?.("a")?.getAttribute("href")?.match(/^main\.go\.html#L(\d+)$/)?.[1];
      if (!line || !this.editor?.changed) return;
      e.preventDefault();
      this.editor.go(Number(line));
    }
  }

  async function begin() {
    if (!number || !$("body.lesson")) return;
    document.head.append(make("link", { rel: "stylesheet", href: at("run.css") }));
    const answer = await fetch(at("run/" + number));
    if (!answer.ok) return;
    const element = parsed(await answer.text()).firstElementChild;
    const before = $("section.the-whole-run");
    if (before) before.after(element);
    else $("article")?.append(element);
    const entry = make("li", {}, make("a", { href: "#run-it", textContent: "Run it here" }));
    entry.dataset.live = ""; // live.js leaves it alone
    $('.toc a[href="#the-whole-run"]')?.closest("li").after(entry);
    const room = new Room(element);
    const listen = (events) => events.addEventListener("pages", (e) => {
      if (JSON.parse(e.data).changed.some((name) => name.startsWith(number + "/"))) room.anew();
    });
    if (window.liveEvents) listen(window.liveEvents);
    document.addEventListener("site:events", (e) => listen(e.detail));
    if (location.hash === "#run-it") element.scrollIntoView();
  }

  begin().catch(() => {}); // without a server it is the page it always was
})();
