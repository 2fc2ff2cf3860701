// The editor of the living site: a text area with the numbers of its lines, in
// which Tab indents, and what was written survives the page. Which text it is, and
// where it goes, is for the script that makes one: run.js, exercise.js.
"use strict";

(() => {
  const make = (tag, props = {}, ...inside) => {
    const e = Object.assign(document.createElement(tag), props);
    e.append(...inside);
    return e;
  };

  // A text is stored twice: the tab's own, and the one that was written last in any.
  const stores = [() => sessionStorage, () => localStorage];

  window.LiveEditor = class {
    // The parts are elements: field, the text area; numbers, beside it; mistakes,
    // a list; difference, and diffButton, which shows it. The key is what the text
    // is stored by.
    constructor(parts, key) {
      Object.assign(this, parts);
      this.key = key;
      this.original = this.field.value;
      this.field.addEventListener("input", () => { this.mark([]); this.edited(); });
      this.field.addEventListener("scroll", () => { this.numbers.scrollTop = this.field.scrollTop; });
      this.field.addEventListener("keydown", (e) => this.typed(e));
      this.field.addEventListener("blur", () => { this.leaving = false; });
      this.diffButton.addEventListener("click", () => this.compare());
    }

    // Whether the text is not the one that is kept elsewhere.
    get changed() { return this.field.value !== this.original; }

    // What others do: edited is called after each change, shown before a line is
    // gone to; differences gives what difference is to hold.
    edited() {}
    shown() {}
    async differences() { return []; }

    // What was stored: an object with a text, or null.
    stored() {
      for (const store of stores) {
        try {
          const kept = JSON.parse(store().getItem(this.key));
          if (typeof kept?.text === "string") return kept;
        } catch { /* there is nothing that can be read */ }
      }
      return null;
    }

    // Stores the object, or nothing more if it is null; never instead of what
    // another tab has stored since.
    store(kept) {
      const text = kept && JSON.stringify(kept);
      for (const store of stores) {
        try {
          if (text) store().setItem(this.key, text);
          else if (store() === sessionStorage || store().getItem(this.key) === this.wrote) store().removeItem(this.key);
        } catch { /* this page only */ }
      }
      if (text) this.wrote = text;
    }

    drawn() {
      const lines = this.field.value.split("\n").length - (this.field.value.endsWith("\n") ? 1 : 0);
      const wrong = new Set((this.bad ?? []).map((m) => m.Line));
      const look = lines + ":" + [...wrong];
      if (this.look !== look) {
        this.look = look;
        this.numbers.replaceChildren(...Array.from({ length: lines }, (_, i) => {
          const n = make("span", { textContent: i + 1 + "\n" });
          if (wrong.has(i + 1)) n.className = "wrong";
          return n;
        }));
      }
      this.numbers.scrollTop = this.field.scrollTop;
      if (!this.difference.hidden) this.fold();
    }

    fold() {
      this.difference.hidden = true;
      this.diffButton.setAttribute("aria-expanded", "false");
    }

    async compare() {
      if (!this.difference.hidden) return this.fold();
      try {
        this.difference.replaceChildren(...await this.differences());
      } catch (e) {
        this.difference.textContent = e.message;
      }
      this.difference.hidden = false;
      this.diffButton.setAttribute("aria-expanded", "true");
    }

    // Marks the lines of mistakes.
    mark(mistakes) {
      this.bad = mistakes;
      if (mistakes.length) this.field.setAttribute("aria-invalid", "true");
      else this.field.removeAttribute("aria-invalid");
      this.drawn();
    }

    // Lists the mistakes, too. The list stays while they are mended.
    wrong(mistakes) {
      this.mistakes.replaceChildren(...mistakes.map((m) => {
        if (!m.Line) return make("li", {}, make("code", { textContent: m.Text }));
        const go = make("button", { type: "button", textContent: "line " + m.Line });
        go.addEventListener("click", () => this.go(m.Line));
        return make("li", {}, go, " ", make("code", { textContent: m.Text }));
      }));
      this.mistakes.hidden = !mistakes.length;
      this.mark(mistakes);
    }

    go(line) {
      this.shown();
      const before = this.field.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
      const end = this.field.value.indexOf("\n", before);
      this.field.focus();
      this.field.setSelectionRange(before, end < 0 ? this.field.value.length : end);
      const height = this.field.scrollHeight / this.field.value.split("\n").length;
      this.field.scrollTop = Math.max(0, (line - 5) * height);
    }

    type(text) {
      // Not setRangeText: what is typed must be undone by the browser's own undo.
      if (!document.execCommand("insertText", false, text)) this.field.setRangeText(text, this.field.selectionStart, this.field.selectionEnd, "end");
    }

    // Types the text in place of all, so that it can be undone.
    retype(text) {
      this.field.focus();
      this.field.select();
      this.type(text);
      this.field.setSelectionRange(0, 0);
      this.field.scrollTop = 0;
    }

    typed(e) {
      if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
      if (e.key === "Escape") this.leaving = true;
      else if (e.key === "Tab" && !e.shiftKey && !this.leaving) {
        e.preventDefault();
        this.type("\t");
      } else if (e.key === "Enter") {
        const line = this.field.value.slice(0, this.field.selectionStart).split("\n").pop();
        e.preventDefault();
        this.type("\n" + line.match(/^[\t ]*/)[0]);
      } else if (e.key !== "Tab" && e.key !== "Shift") this.leaving = false;
    }
  };
})();
