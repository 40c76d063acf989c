"use strict";
// Sorts and filters what stands in the page; without it everything is there, worst first.

for (const table of document.querySelectorAll("table:has([data-sort])")) sortable(table);
for (const report of document.querySelectorAll(".report")) filterable(report);

// Gives each column of a table a button that sorts by it, and back.
function sortable(table) {
  const order = new Intl.Collator("en", { numeric: true });
  for (const head of table.querySelectorAll("[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const first = head.dataset.first || "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const direction = head.getAttribute("aria-sort") === first ? other : first;
      for (const each of table.querySelectorAll("[aria-sort]")) each.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", direction);
      const column = head.cellIndex;
      const number = head.dataset.sort === "number";
      const sign = direction === "ascending" ? 1 : -1;
      const keyed = parts(table).map((part) => [key(part, column, number), part]);
      // The sort is stable: equal ones keep the order that they had.
      keyed.sort(([left], [right]) => sign * (number ? left - right : order.compare(left, right)));
      place(table, keyed.map(([, part]) => part));
    });
  }
}

// A finding is a body with a row of details; other tables have one body of rows.
function parts(table) {
  return table.matches(".findings") ? [...table.tBodies] : [...table.tBodies[0].rows];
}

function place(table, sorted) {
  (table.matches(".findings") ? table : table.tBodies[0]).append(...sorted);
}

function key(part, column, number) {
  const cell = (part.rows ? part.rows[0] : part).cells[column];
  const text = cell.dataset.key ?? cell.textContent;
  return number ? Number(text) : text;
}

// Shows the findings that pass all filters, and says how many do.
function filterable(report) {
  const form = report.querySelector(".filters");
  if (!form) return;
  const findings = [...report.querySelectorAll(".finding")];
  const empty = report.querySelector(".empty");
  const output = form.querySelector("output");
  let texts;
  const apply = () => {
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length) texts ??= findings.map((finding) => finding.textContent.toLowerCase());
    const boxes = [...form.querySelectorAll("[name=severity]")];
    const severities = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    let shown = 0;
    findings.forEach((finding, index) => {
      const passes =
        severities.has(finding.dataset.severity) &&
        (!form.elements.fixable?.checked || "fixable" in finding.dataset) &&
        (!form.elements.exploited?.checked || "exploited" in finding.dataset) &&
        words.every((word) => texts[index].includes(word));
      if (finding.hidden === passes) finding.hidden = !passes;
      shown += passes;
    });
    empty.hidden = shown > 0;
    output.textContent = `${shown} of ${findings.length} shown`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  // A browser may restore what was entered before a reload.
  apply();
}
