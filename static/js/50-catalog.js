// The catalog's form works in place: by the tiles at hand where they will do, else by the page that it asks for.

const CATALOG_USUAL = { sort: "bump", size: "small", text: "" };

feature("[data-catalog-choices]", (form) => {
  const { sort, size, text, filter } = form.elements;
  const words = () => filter.value.trim().split(/\s+/).join(" ");
  const list = () => (sort.value === "creation" ? "creation" : "bump");
  const chosen = () => ({ sort: sort.value, size: size.value, text: text.checked ? "off" : "" });
  const found = () => document.querySelector("[data-catalog]");
  const said = new WeakMap();
  let loading = "";
  let waiting = 0;

  /** The address of what is chosen, at the same place in the list as long as it is the same list. */
  function address(filtered) {
    const target = new URL(location.href);
    const given = target.searchParams;
    for (const [name, value] of Object.entries({ ...chosen(), filter: filtered })) {
      if (value && value !== CATALOG_USUAL[name]) given.set(name, value);
      else given.delete(name);
    }
    if (found().dataset.list !== list()) for (const name of ["before", "after"]) given.delete(name);
    return target.href;
  }

  function has(tile, wanted) {
    if (!said.has(tile)) {
      const parts = [...tile.querySelectorAll(".tile_subject, .tile_excerpt")].map((part) => part.textContent);
      said.set(tile, [...parts, tile.dataset.poster ?? ""].join("\n").toLowerCase());
    }
    return wanted.every((word) => said.get(tile).includes(word));
  }

  /** Puts the tiles at hand in order and hides those without the words. */
  function arrange() {
    const wall = found().querySelector(".wall");
    const asked = words();
    const sorted = found().querySelector("[data-sorted]");
    if (sorted) sorted.hidden = sort.value === list();
    const byServer = found().dataset.filter === asked; // which has looked through all that the posts say
    let left = 0;
    if (wall) {
      wall.classList.toggle("wall_large", size.value === "large");
      wall.classList.toggle("wall_bare", text.checked);
      const standing = (tile) => Number(tile.dataset[sort.value] ?? 0);
      const tiles = [...wall.children];
      const ordered = [...tiles].sort((a, b) => standing(b) - standing(a) || a.dataset.place - b.dataset.place);
      if (ordered.some((tile, place) => tile !== tiles[place])) wall.append(...ordered);
      const wanted = byServer ? [] : asked.toLowerCase().split(" ");
      for (const tile of tiles) tile.hidden = !has(tile, wanted);
      left = tiles.filter((tile) => !tile.hidden).length;
      if (!byServer) tell(wall, asked && `${left} of ${tiles.length} tiles have “${asked}”. Enter looks through whole comments.`);
    }
    clearTimeout(waiting);
    waiting = setTimeout(() => settle(asked && `${left} shown`), 300);
  }

  function tell(wall, count) {
    let note = found().querySelector("[data-found]");
    if (!note) {
      note = made("p", { className: "note wall_note" });
      note.dataset.found = "";
      wall.before(note);
    }
    note.textContent = count;
    note.hidden = !count;
  }

  /** What can wait until the reader pauses. */
  function settle(count) {
    history.replaceState(history.state, "", address(words()));
    const given = new URLSearchParams({ ...chosen(), filter: words() });
    for (const link of found().querySelectorAll(".paginate a")) {
      const target = new URL(link.href);
      for (const [name, value] of given) {
        if (value && value !== CATALOG_USUAL[name]) target.searchParams.set(name, value);
        else target.searchParams.delete(name);
      }
      link.href = target.href;
    }
    if (count) announce(count);
  }

  async function load(target) {
    loading = target;
    try {
      const page = await fetchPage(target);
      if (loading !== target) return;
      found().replaceWith(document.importNode(page.querySelector("[data-catalog]"), true));
      arrange();
    } catch {
      if (loading === target) location.assign(target); // the page says what is wrong
    } finally {
      if (loading === target) loading = "";
    }
  }

  function apply() {
    const { dataset } = found();
    if (dataset.list === list() && (!dataset.filter || dataset.filter === words())) arrange();
    else if (loading !== address("")) load(address(""));
  }

  form.querySelector("button").hidden = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    load(address(words()));
  });
  form.addEventListener("change", (event) => {
    if (event.target === filter) return;
    for (const [name, value] of Object.entries(chosen())) {
      remember(`catalog.${name}`, value === CATALOG_USUAL[name] ? "" : value);
    }
    apply();
  });
  filter.addEventListener("input", apply);
  filter.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !filter.value) return;
    event.preventDefault();
    filter.value = "";
    apply();
  });

  const here = new URLSearchParams(location.search);
  const placed = here.has("before") || here.has("after");
  for (const name of ["sort", "size", "text"]) {
    const value = remembered(`catalog.${name}`);
    if (!value || here.has(name) || (name === "sort" && placed && value === "creation")) continue;
    if (name === "text") text.checked = true;
    else if (form.elements[name].querySelector(`option[value="${CSS.escape(value)}"]`)) form.elements[name].value = value;
  }
  const { sort: by, size: large, text: bare } = chosen();
  if ([by, large, bare].join() !== Object.values(CATALOG_USUAL).join()) apply();
});
