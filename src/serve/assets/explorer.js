// Small comforts: a key for the search, a filter for tables, one open cell at a time. Every page is
// complete without them.

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input, textarea, select");
  if (event.key === "/" && !field && !event.ctrlKey && !event.metaKey) {
    const search = document.querySelector("form[role=search] input");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
  if (event.key === "Escape") {
    for (const open of document.querySelectorAll("details.cell[open]")) open.open = false;
  }
});

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.cell[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

for (const input of document.querySelectorAll("input[data-filter]")) {
  const rows = [...document.querySelectorAll(`#${input.dataset.filter} tbody tr`)];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/);
    rows.forEach((row, i) => {
      row.hidden = !words.every((word) => texts[i].includes(word));
    });
  });
}
