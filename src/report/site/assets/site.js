// Every page's script: tables that say so are sorted by their headings. Without it the site is read all the same.

{
  /** What a cell is sorted by: its number or its words; what is missing comes last, whichever way. */
  const sortValue = (row, place) => {
    const cell = row.cells[place];
    const written = cell.dataset.value ?? cell.textContent.trim();
    if (written === "") return undefined;
    const number = Number(written);
    return Number.isNaN(number) ? written.toLowerCase() : number;
  };

  const compare = (one, other) => {
    if (typeof one === "number" && typeof other === "number") return one - other;
    return String(one).localeCompare(String(other));
  };

  const sortBy = (table, heading) => {
    const place = [...heading.parentElement.children].indexOf(heading);
    const first = heading.dataset.first ?? "ascending";
    const second = first === "ascending" ? "descending" : "ascending";
    const way = heading.getAttribute("aria-sort") === first ? second : first;
    for (const other of heading.parentElement.children) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", way);
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => ({ row, value: sortValue(row, place) }));
    rows.sort((a, b) => {
      if (a.value === undefined || b.value === undefined)
        return (a.value === undefined) - (b.value === undefined);
      return (way === "ascending" ? 1 : -1) * compare(a.value, b.value);
    });
    body.append(...rows.map(({ row }) => row));
  };

  for (const table of document.querySelectorAll("table[data-sortable]")) {
    for (const heading of table.tHead.rows[0].cells) {
      if (heading.dataset.fixed !== undefined) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "heading";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sortBy(table, heading));
      heading.append(button);
    }
  }
}
