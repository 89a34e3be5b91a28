// Colours and completion for the query field. The field is an ordinary one: without this script it
// works as well.

const field = document.getElementById("sparql");

const WORDS =
  "SELECT CONSTRUCT DESCRIBE ASK WHERE FROM NAMED PREFIX BASE OPTIONAL FILTER UNION MINUS GRAPH BIND AS VALUES " +
  "SERVICE EXISTS NOT IN DISTINCT REDUCED ORDER BY GROUP HAVING LIMIT OFFSET ASC DESC UNDEF TRUE FALSE " +
  "COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT STR LANG LANGMATCHES DATATYPE BOUND IRI COALESCE IF STRLEN " +
  "SUBSTR UCASE LCASE STRSTARTS STRENDS CONTAINS STRBEFORE STRAFTER CONCAT REGEX REPLACE YEAR MONTH DAY NOW";
const known = new Set(WORDS.split(" "));
const PARTS =
  /(#[^\n]*)|("""[^]*?"""|'''[^]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(<[^<>\s"{}|^`\\]*>)|([?$]\w+)|([\w-]*:[\w.%\\/-]*)|([A-Za-z_]+)|(\d[\d.]*)/g;
const KINDS = ["", "comment", "string", "iri", "variable", "name", "word", "number"];

function coloured(text) {
  const out = document.createDocumentFragment();
  let end = 0;
  for (const match of text.matchAll(PARTS)) {
    const kind = match.findIndex((part, i) => i > 0 && part !== undefined);
    if (kind === 6 && !known.has(match[0].toUpperCase()) && match[0] !== "a") continue;
    out.append(text.slice(end, match.index));
    const span = document.createElement("span");
    span.className = `t-${KINDS[kind]}`;
    span.textContent = match[0];
    out.append(span);
    end = match.index + match[0].length;
  }
  out.append(text.slice(end), "\n");
  return out;
}

if (field) {
  const box = field.parentElement;
  const shown = document.createElement("pre");
  shown.setAttribute("aria-hidden", "true");
  box.prepend(shown);
  box.classList.add("live");
  const paint = () => {
    shown.replaceChildren(coloured(field.value));
    shown.scrollTop = field.scrollTop;
    shown.scrollLeft = field.scrollLeft;
  };
  field.addEventListener("scroll", paint);

  const list = document.createElement("ul");
  list.className = "completion";
  list.id = "completion";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Completions");
  list.hidden = true;
  box.append(list);
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", "completion");

  let names = null;
  let chosen = 0;
  let found = [];
  const load = async () => {
    if (!names) {
      names = [];
      try {
        names = await (await fetch("/names.json")).json();
      } catch {
        // Without names, words and variables still complete.
      }
    }
  };

  const before = () => field.value.slice(0, field.selectionStart).match(/[?$]?[\w:.-]*$/)[0];

  function candidates(start) {
    const lower = start.toLowerCase();
    if (/^[?$]/.test(start)) {
      const all = new Set(field.value.match(/[?$]\w+/g));
      all.delete(start);
      return [...all].filter((name) => name.toLowerCase().startsWith(lower)).map((name) => [name, ""]);
    }
    const words = [...known].filter((word) => word.toLowerCase().startsWith(lower)).map((word) => [word, ""]);
    const terms = names.filter(
      ([name, what]) =>
        name.toLowerCase().startsWith(lower) ||
        (start.length > 2 && (name.split(":")[1] ?? "").toLowerCase().startsWith(lower)) ||
        (start.length > 3 && what.toLowerCase().startsWith(lower)),
    );
    return [...terms, ...words];
  }

  function hide() {
    list.hidden = true;
    field.removeAttribute("aria-activedescendant");
  }

  function show() {
    list.replaceChildren();
    found.forEach(([name, what], i) => {
      const item = document.createElement("li");
      item.id = `completion-${i}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(i === chosen));
      const code = document.createElement("code");
      code.textContent = name;
      const note = document.createElement("span");
      note.textContent = what;
      item.append(code, note);
      item.addEventListener("mousedown", (event) => {
        event.preventDefault();
        chosen = i;
        take();
      });
      list.append(item);
    });
    list.hidden = found.length === 0;
    if (!list.hidden) {
      field.setAttribute("aria-activedescendant", `completion-${chosen}`);
      list.children[chosen].scrollIntoView({ block: "nearest" });
      const lines = field.value.slice(0, field.selectionStart).split("\n");
      const style = getComputedStyle(field);
      const height = parseFloat(style.lineHeight);
      const column = Math.min(lines.at(-1).length, 40);
      list.style.top = `${lines.length * height + parseFloat(style.paddingTop) - field.scrollTop}px`;
      list.style.left = `${column}ch`;
    }
  }

  function take() {
    const start = before();
    const at = field.selectionStart;
    field.setRangeText(found[chosen][0], at - start.length, at, "end");
    hide();
    paint();
  }

  async function complete(forced) {
    await load();
    const start = before();
    if (!forced && start.length < 2) return hide();
    found = candidates(start).slice(0, 40);
    if (found.length === 1 && found[0][0] === start) found = [];
    chosen = 0;
    show();
  }

  field.addEventListener("input", () => {
    paint();
    if (/[:?$]/.test(before())) complete(false);
    else hide();
  });
  field.addEventListener("blur", hide);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      field.form.requestSubmit();
    } else if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      complete(true);
    } else if (!list.hidden) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        chosen = (chosen + step + found.length) % found.length;
        show();
      } else if (event.key === "Enter" || event.key === "Tab") {
        event.preventDefault();
        take();
      } else if (event.key === "Escape") {
        event.preventDefault();
        hide();
      }
    }
  });
  paint();
}
