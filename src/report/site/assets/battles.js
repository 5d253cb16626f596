// The list of battles: filters and sorts what data/rounds.js holds; the address keeps what was chosen.

{
  const { arenaRounds: data } = globalThis;
  const pageSize = 100;
  const [run, place, round, instance, language, submitter, reviewer, verdict, label, effect, score, cost] =
    Array(12).keys();

  const form = document.getElementById("filters");
  const table = document.getElementById("rounds");
  const count = document.getElementById("count");
  const more = document.getElementById("more");

  /** What can be chosen: its name in the address, its words, where its names are, and its place in a row. */
  const choices = [
    { key: "submitter", words: "submitter", names: data.contestants, at: submitter },
    { key: "reviewer", words: "reviewer", names: data.contestants, at: reviewer },
    { key: "language", words: "language", names: data.languages, at: language },
    { key: "verdict", words: "verdict", names: data.verdicts, at: verdict },
    { key: "run", words: "run", names: data.runs, at: run },
  ].filter(({ names }) => names.length > 1);

  /** By what a heading sorts; undefined goes last. */
  const sortKeys = {
    instance: (row) => data.instances[row[instance]],
    round: (row) => row[round],
    language: (row) => data.languages[row[language]],
    submitter: (row) => data.contestants[row[submitter]],
    reviewer: (row) => data.contestants[row[reviewer]],
    verdict: (row) => data.verdicts[row[verdict]],
    label: (row) => data.labels[row[label]],
    effect: (row) => data.effects[row[effect]],
    score: (row) => row[score] ?? undefined,
  };

  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  const controls = new Map();
  const addControl = (key, words, control) => {
    controls.set(key, control);
    control.id = `filter-${key}`;
    form.append(element("div", {}, element("label", { for: control.id }, words), control));
  };

  const search = element("input", { type: "search", autocomplete: "off", spellcheck: "false" });
  addControl("issue", "issue", search);
  for (const { key, words, names } of choices) {
    const options = [...names].sort().map((name) => element("option", { value: name }, name));
    addControl(key, words, element("select", {}, element("option", { value: "" }, "all"), ...options));
  }
  if (data.days.some((day) => day !== ""))
    addControl("after", "issues after", element("input", { type: "date" }));
  const clear = element("button", { type: "reset" }, "Clear");
  form.append(clear);
  form.hidden = false;

  const chosen = () => new URLSearchParams(location.hash.slice(1));
  /** The same page at another address: no entry in the history for every letter typed. */
  const remember = (state) => location.replace(`#${state}`);

  const matching = (state) => {
    const tests = choices.flatMap(({ key, names, at }) => {
      const wanted = state.get(key);
      if (!wanted) return [];
      const number = names.indexOf(wanted);
      return [(row) => row[at] === number];
    });
    const text = state.get("issue")?.toLowerCase();
    if (text) {
      const found = new Set(
        data.instances.flatMap((id, number) => (id.toLowerCase().includes(text) ? [number] : [])),
      );
      tests.push((row) => found.has(row[instance]));
    }
    const after = state.get("after");
    if (after) tests.push((row) => data.days[row[instance]] > after);
    return data.rows.filter((row) => tests.every((test) => test(row)));
  };

  const compare = (one, other) =>
    typeof one === "number" ? one - other : one < other ? -1 : one > other ? 1 : 0;

  const sorted = (rows, state) => {
    const by = state.get("sort") ?? "";
    const key = by.replace(/^-/, "");
    if (!Object.hasOwn(sortKeys, key)) return rows;
    const way = by.startsWith("-") ? -1 : 1;
    return rows
      .map((row) => ({ row, value: sortKeys[key](row) }))
      .sort((a, b) => {
        if (a.value === undefined || b.value === undefined)
          return (a.value === undefined) - (b.value === undefined);
        return way * compare(a.value, b.value);
      })
      .map(({ row }) => row);
  };

  const signed = (value) =>
    value === null ? "–" : `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value).toFixed(2)}`;

  const rowElement = (row) => {
    // As the site names its pages: run and battle, counted from 1.
    const address = `battles/${row[run] + 1}-${row[place] + 1}.html#round-${row[round]}`;
    const cell = (text, name) => element("td", name === undefined ? {} : { class: name }, String(text));
    const link = element("td", {}, element("a", { href: address }, data.instances[row[instance]]));
    return element(
      "tr",
      {},
      link,
      cell(row[round], "number"),
      cell(data.languages[row[language]]),
      cell(data.contestants[row[submitter]], "name"),
      cell(data.contestants[row[reviewer]], "name"),
      cell(data.verdicts[row[verdict]]),
      cell(data.labels[row[label]]),
      cell(data.effects[row[effect]]),
      cell(signed(row[score]), "number"),
    );
  };

  let rows = [];
  let shown = 0;
  const showMore = () => {
    const next = rows.slice(shown, shown + pageSize);
    table.tBodies[0].append(...next.map(rowElement));
    shown += next.length;
    more.hidden = shown >= rows.length;
    const known = rows.filter((row) => row[cost] !== null);
    const spent = known.reduce((sum, row) => sum + row[cost], 0);
    const money =
      rows.length > 0 && known.length === rows.length && spent > 0
        ? `, $${spent.toFixed(2)} of model calls`
        : "";
    count.textContent = `${rows.length} of ${data.rows.length} rounds${money}`;
  };

  const show = () => {
    const state = chosen();
    for (const [key, control] of controls)
      if (document.activeElement !== control) control.value = state.get(key) ?? "";
    const by = state.get("sort") ?? "";
    for (const heading of table.tHead.rows[0].cells) {
      const { key } = heading.dataset;
      if (by.replace(/^-/, "") === key)
        heading.setAttribute("aria-sort", by.startsWith("-") ? "descending" : "ascending");
      else heading.removeAttribute("aria-sort");
    }
    rows = sorted(matching(state), state);
    shown = 0;
    table.tBodies[0].replaceChildren();
    showMore();
  };

  for (const heading of table.tHead.rows[0].cells) {
    const button = element("button", { type: "button", class: "heading" }, ...heading.childNodes);
    button.addEventListener("click", () => {
      const state = chosen();
      const { key } = heading.dataset;
      state.set("sort", state.get("sort") === key ? `-${key}` : key);
      remember(state);
    });
    heading.append(button);
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    const state = chosen();
    for (const [key, control] of controls) {
      if (control.value === "") state.delete(key);
      else state.set(key, control.value);
    }
    remember(state);
  });
  form.addEventListener("reset", () => {
    const state = chosen();
    for (const key of controls.keys()) state.delete(key);
    remember(state);
  });
  more.addEventListener("click", showMore);
  addEventListener("hashchange", show);
  show();
}
