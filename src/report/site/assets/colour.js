// Colours the words of diffs: the highlighter's answer is read as text and built from nodes, never set as markup.

{
  const entities = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'" };

  /** Lines of highlighted code as lists of nodes; a span that goes on over a line's end is opened again. */
  const linesOf = (markup) => {
    const lines = [document.createDocumentFragment()];
    let open = [];
    const into = () => open.at(-1)?.node ?? lines.at(-1);
    const enter = (className) => {
      const node = document.createElement("span");
      node.className = className;
      into().append(node);
      open.push({ className, node });
    };
    for (const [piece] of markup.matchAll(
      /<span class="[\w\s-]*">|<\/span>|\n|&(?:amp|lt|gt|quot|#x27);|[^<&\n]+/g,
    )) {
      if (piece === "</span>") open.pop();
      else if (piece.startsWith("<span")) enter(piece.slice('<span class="'.length, -2));
      else if (piece === "\n") {
        const again = open;
        open = [];
        lines.push(document.createDocumentFragment());
        for (const { className } of again) enter(className);
      } else into().append(entities[piece] ?? piece);
    }
    return lines;
  };

  /** Old and new lines are coloured as the two texts they are: a string that one of them opens is no business of the other. */
  const colour = (cells, language) => {
    const texts = cells.map((cell) => cell.textContent);
    const { value } = globalThis.hljs.highlight(texts.join("\n"), { language, ignoreIllegals: true });
    const lines = linesOf(value);
    if (lines.length !== cells.length) return;
    for (const [place, cell] of cells.entries()) {
      if (lines[place].textContent === texts[place]) cell.replaceChildren(lines[place]);
    }
  };

  const colourTable = (table) => {
    const { language } = table.dataset;
    if (globalThis.hljs?.getLanguage(language) === undefined) return;
    for (const body of table.tBodies) {
      const rows = [...body.rows].filter((row) => row.className !== "hunk");
      const has = (kind) => rows.some((row) => row.className === kind);
      const cellsBut = (kind) =>
        rows.filter((row) => row.className !== kind).map((row) => row.cells[3].firstChild);
      if (has("removed")) colour(cellsBut("added"), language);
      if (has("added") || !has("removed")) colour(cellsBut("removed"), language);
    }
  };

  const seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        colourTable(target);
      }
    },
    { rootMargin: "600px" },
  );
  for (const table of document.querySelectorAll("table[data-language]")) seen.observe(table);
}
