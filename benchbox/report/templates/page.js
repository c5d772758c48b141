"use strict";
(() => {
  const root = document.documentElement;
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const pages = $$(".page");
  const form = document.querySelector(".filters");
  const controls = $$("select", form);
  const count = document.querySelector(".count");

  // The theme: as the system says, light or dark; remembered where the browser lets a file remember.
  const themes = ["system", "light", "dark"];
  const button = document.querySelector(".theme");
  const memory = {
    get: () => { try { return localStorage.getItem("benchbox-theme"); } catch { return null; } },
    set: (theme) => { try { localStorage.setItem("benchbox-theme", theme); } catch { /* a file may not be let */ } },
  };
  const setTheme = (theme) => {
    if (theme === "system") delete root.dataset.theme; else root.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
  };
  let theme = themes.includes(memory.get()) ? memory.get() : "system";
  setTheme(theme);
  button.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    setTheme(theme);
    memory.set(theme);
  });

  // The address: #/path?filter=value says which page is shown, and which rows of it.
  const address = () => {
    const [path, query] = location.hash.replace(/^#/, "").split(/\?(.*)/s);
    return { path: path || "/", query: new URLSearchParams(query || "") };
  };
  const plain = (path) => {
    // Programs that pass links on encode more than encodeURIComponent does.
    try { return path.split("/").map((part) => encodeURIComponent(decodeURIComponent(part))).join("/"); } catch { return path; }
  };
  const find = (path) => {
    let found = document.getElementById(path) || document.getElementById(plain(path));
    if (!found && path.startsWith("/cell/")) found = pages.find((page) => page.id.startsWith(path));
    const page = found && found.closest(".page");
    if (page) return { page, at: found };
    return { page: document.getElementById(path.startsWith("/cell/") ? "/cell" : "/"), at: null };
  };
  const go = (path, query) => {
    const text = query.toString();
    location.hash = text ? `${path}?${text}` : path;
  };
  // What no longer fits into the page's size stands packed in it, until its page is shown.
  const unpack = async (box) => {
    const note = box.previousElementSibling;
    box.remove();
    const bytes = Uint8Array.from(atob(box.content.textContent), (letter) => letter.charCodeAt(0));
    const markup = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
    const section = note.parentElement;
    note.replaceWith(document.createRange().createContextualFragment(markup));
    enhance(section);
  };
  const unpacks = (page) => {
    const boxes = typeof DecompressionStream === "function" ? $$("template.packed", page) : [];
    if (boxes.length) Promise.allSettled(boxes.map(unpack)).then(show);
    return boxes.length > 0;
  };
  let shown = null;
  const show = () => {
    const { path, query } = address();
    if (shown !== null && !path.startsWith("/")) return;
    const { page, at } = find(path);
    if (unpacks(page)) return;
    document.querySelector(".nowhere").hidden = page.id !== "/" || path === "/";
    pages.forEach((other) => other.classList.toggle("current", other === page));
    document.title = `${page.dataset.title} – benchbox`;
    $$(".top nav a").forEach((link) => {
      if (link.hash === `#${page.id}`) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    });
    const allowed = (page.dataset.filters || "").split(" ");
    controls.forEach((control) => {
      control.closest("label").hidden = !allowed.includes(control.name);
      control.value = query.get(control.name) || "";
      if (control.selectedIndex < 0) control.value = "";
    });
    form.hidden = !page.dataset.filters;
    if (query.get("sort")) sorted(page, query.get("sort"));
    filter(page, Object.fromEntries(controls.filter((c) => allowed.includes(c.name)).map((c) => [c.name, c.value])));
    if (shown !== path) {
      if (shown !== null) document.getElementById("main").focus({ preventScroll: true });
      if (at && at !== page) at.scrollIntoView(); else window.scrollTo(0, 0);
    }
    shown = path;
  };

  // Filters: rows carry what they are of; curves and columns follow.
  const passes = (row, want) =>
    (!want.method || row.dataset.m === want.method) &&
    (!want.kind || (row.dataset.k || "").split(" ").includes(want.kind)) &&
    (!want.access || (row.dataset.access ?? want.access) === want.access) &&
    (!want.trainer || (row.dataset.t ?? want.trainer) === want.trainer) &&
    (!want.dataset || (row.dataset.dataset ?? want.dataset) === want.dataset) &&
    (!want.privileged || (want.privileged === "yes") === ("p" in row.dataset));
  const filter = (page, want) => {
    let all = 0;
    let left = 0;
    const blocks = $$(".scenario", page);
    (blocks.length ? blocks : [page]).forEach((block) => {
      const elsewhere = (name, value) => Boolean(value && block.dataset[name] !== undefined && block.dataset[name] !== value);
      block.hidden = elsewhere("access", want.access) || elsewhere("t", want.trainer);
      const labels = new Set();
      $$("tr[data-m], tr[data-dataset]", block).forEach((row) => {
        row.hidden = !passes(row, want) || lacks(row, want.budget);
        if (row.dataset.m !== undefined && !row.hidden) labels.add(row.dataset.m);
      });
      // a scenario's tables hold the same methods: the first one counts
      const part = blocks.length ? $$("table", block).find((table) => $$("tr[data-m]", table).length) : block;
      const rows = part ? $$("tr[data-m], tr[data-dataset]", part) : [];
      all += rows.length;
      left += block.hidden ? 0 : rows.filter((row) => !row.hidden).length;
      const narrowed = want.method || want.kind || want.trainer || want.privileged;
      $$(".s, .name, .legend li[data-m]", block).forEach((part) => { part.classList.toggle("off", Boolean(narrowed) && !labels.has(part.dataset.m)); });
      $$(".pt", block).forEach((point) => { point.classList.toggle("off", Boolean(want.budget) && point.dataset.b !== want.budget); });
      $$("table", block).forEach((table) => columns(table, want.budget));
      $$(".scroll:has(> .first), .suite", block).forEach((part) => {
        const rows = $$(".first tbody tr", part);
        part.hidden = (rows.length > 0 || Boolean(want.budget)) && rows.every((row) => row.hidden);
      });
    });
    count.textContent = left === all ? "" : `${left} of ${all} rows; sentences are of all`;
  };
  const lacks = (row, budget) => {
    const heads = budget && row.closest(".first") ? $$("th", row.closest(".first")) : null;
    return heads !== null && !row.cells[heads.findIndex((head) => head.dataset.b === budget)]?.textContent;
  };
  const columns = (table, budget) => {
    $$("th", table).forEach((head, i) => {
      if (!head.dataset.b) return;
      const hide = Boolean(budget) && head.dataset.b !== budget;
      if (hide === head.hidden) return;
      head.hidden = hide;
      $$("tbody tr", table).forEach((row) => { if (row.cells[i]) row.cells[i].hidden = hide; });
    });
  };
  form.addEventListener("change", () => {
    const query = new URLSearchParams();
    const order = address().query.get("sort");
    if (order) query.set("sort", order);
    controls.forEach((control) => { if (control.value && !control.closest("label").hidden) query.append(control.name, control.value); });
    go(address().path, query);
  });
  form.addEventListener("reset", (event) => { event.preventDefault(); go(address().path, new URLSearchParams()); });
  form.addEventListener("submit", (event) => event.preventDefault());

  // Sorting: by the first number of a cell, or by its words; what has neither comes last either way.
  const worth = (cell) => {
    const text = cell.textContent.trim();
    if (text === "" || text === "–") return null;
    if (cell.classList.contains("m")) return (cell.querySelector("a") || cell).firstChild.textContent.trim().toLowerCase();
    if (cell.querySelector(".chip")) return null;
    if (/^[wc]$/.test(cell.classList[0]) && !/^\d[\d,.]*=?$/.test(text)) return text.toLowerCase();
    const number = /[-+−]?\d[\d,]*(\.\d+)?/.exec(text);
    if (!number) return null;
    return (text.startsWith(">") ? 1e12 : 0) + Number(number[0].replace(/,/g, "").replace("−", "-"));
  };
  const order = (one, other) => (typeof one === "number" && typeof other === "number" ? one - other : String(one).localeCompare(String(other)));
  const lower = /^(rank|to \d|queries|s per|± test|seeds? |method|suite|scenario)/; // where less, or the alphabet's start, comes first
  const first = (head) => lower.test(head.textContent) || head.classList.contains("w");
  const sort = (head, up) => {
    const row = head.parentElement;
    const body = head.closest("table").tBodies[0];
    const at = [...row.cells].indexOf(head);
    [...row.cells].forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const keyed = [...body.rows].map((line) => ({ line, key: line.cells[at] ? worth(line.cells[at]) : null }));
    keyed.sort((a, b) => (a.key === null) - (b.key === null) || (a.key === null ? 0 : (up ? 1 : -1) * order(a.key, b.key)));
    body.append(...keyed.map(({ line }) => line));
  };
  const sortable = (within) => $$("table.sortable thead th", within).forEach((head) => {
    const inner = document.createElement("button");
    inner.type = "button";
    inner.textContent = head.textContent;
    head.replaceChildren(inner);
    inner.addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      const up = before ? before === "descending" : first(head);
      sort(head, up);
      keep(head, up);
    });
  });
  // The address keeps the last order, as sort=TABLE.COLUMN.up; it is no step of the browser's back.
  const tables = (page) => $$("table.sortable", page);
  const keep = (head, up) => {
    const { path, query } = address();
    const table = head.closest("table");
    query.set("sort", [tables(table.closest(".page")).indexOf(table), head.cellIndex, up ? "up" : "down"].join("."));
    history.replaceState(null, "", `#${path}?${query}`);
  };
  const sorted = (page, text) => {
    const [table, column, way] = (text || "").split(".");
    const head = tables(page)[Number(table || -1)]?.tHead.rows[0].cells[Number(column)];
    if (head) sort(head, way === "up");
  };

  // Plots: the point that is pointed at, or reached with the arrow keys, says its name.
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);
  const tell = (point) => {
    $$(".pt.on").forEach((other) => other.classList.remove("on"));
    tip.hidden = !point;
    if (!point) return;
    point.classList.add("on");
    tip.textContent = point.getAttribute("aria-label");
    const box = point.getBoundingClientRect();
    const x = Math.min(Math.max(8, box.x + box.width / 2 - tip.offsetWidth / 2), root.clientWidth - tip.offsetWidth - 8);
    const y = box.y - tip.offsetHeight - 8;
    tip.style.left = `${Math.round(x + scrollX)}px`;
    tip.style.top = `${Math.round((y < 4 ? box.bottom + 8 : y) + scrollY)}px`;
  };
  const visible = (point) => !point.classList.contains("off") && !point.parentElement.classList.contains("off");
  const nearest = (points, x, y) => {
    let best = null;
    let least = 26 * 26;
    points.filter(visible).forEach((point) => {
      const box = point.getBoundingClientRect();
      const far = (box.x + box.width / 2 - x) ** 2 + (box.y + box.height / 2 - y) ** 2;
      if (far < least) { least = far; best = point; }
    });
    return best;
  };
  const step = (plot, point, key) => {
    const line = $$(".pt", point.parentElement).filter(visible);
    const order = $$(".legend li", plot.parentElement).map((entry) => entry.dataset.m);
    const lines = $$(".s", plot).filter((one) => !one.classList.contains("off") && one.querySelector(".pt"))
      .sort((one, other) => order.indexOf(one.dataset.m) - order.indexOf(other.dataset.m));
    const along = line[line.indexOf(point) + (key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0)];
    if (key === "ArrowRight" || key === "ArrowLeft") return along;
    const next = lines[lines.indexOf(point.parentElement) + (key === "ArrowDown" ? 1 : -1)];
    if (!next) return null;
    const there = $$(".pt", next).filter(visible);
    return there.find((one) => one.dataset.b === point.dataset.b) || there[0];
  };
  const plotted = (within) => $$(".plot", within).forEach((plot) => {
    const points = $$(".pt", plot);
    const first = plot.parentElement.querySelector(".legend li")?.dataset.m;
    const start = points.find((point) => point.parentElement.dataset.m === first);
    points.forEach((point) => {
      const title = point.querySelector("title");
      point.setAttribute("aria-label", title.textContent);
      point.setAttribute("role", "img");
      point.setAttribute("tabindex", point === start ? "0" : "-1");
      title.remove();
      point.addEventListener("focus", () => tell(point));
      point.addEventListener("blur", () => tell(null));
    });
    plot.addEventListener("pointermove", (event) => tell(nearest(points, event.clientX, event.clientY)));
    plot.addEventListener("pointerleave", () => tell(null));
    plot.addEventListener("keydown", (event) => {
      const point = event.target.closest(".pt");
      if (event.key === "Escape") tell(null);
      if (!point || !event.key.startsWith("Arrow")) return;
      const next = step(plot, point, event.key);
      event.preventDefault();
      if (!next) return;
      point.setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    });
    // A click in the legend chooses a curve, or leaves it grey; pointing at it dims the others.
    $$(".legend li", plot.parentElement).forEach((entry) => {
      const inner = document.createElement("button");
      const mine = $$(".s, .name", plot).filter((one) => one.dataset.m === entry.dataset.m);
      const choose = (on) => {
        [entry, ...mine].forEach((one) => one.classList.toggle("chosen", on));
        inner.setAttribute("aria-pressed", on);
      };
      const light = (on) => {
        plot.classList.toggle("lit", on);
        mine.forEach((one) => one.classList.toggle("lit", on));
      };
      inner.type = "button";
      inner.append(...entry.childNodes);
      entry.append(inner);
      choose(entry.classList.contains("chosen"));
      inner.addEventListener("click", () => choose(!entry.classList.contains("chosen")));
      entry.addEventListener("pointerenter", () => light(true));
      entry.addEventListener("pointerleave", () => light(false));
    });
  });

  // Confusion matrices: one stands in the page, the others in the options of its menu.
  const heat = (value, total) => (total > 0 && value > 0 ? Math.min(9, Math.ceil(9 * Math.sqrt(value / total))) : 0);
  const cell = (name, text, attributes) => {
    const made = document.createElement(name);
    made.textContent = text;
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    return made;
  };
  const picked = (within) => $$("select.pick", within).forEach((pick) => pick.addEventListener("change", () => {
    const option = pick.selectedOptions[0];
    const rows = option.dataset.x.split(";").map((row) => row.split(",").map(Number));
    const table = pick.closest("details").querySelector("table.heat");
    table.caption.textContent = option.textContent;
    table.tHead.rows[0].replaceChildren(cell("td", "", {}), ...rows.map((_, i) => cell("th", i, { scope: "col" })));
    table.tBodies[0].replaceChildren(...rows.map((row, i) => {
      const line = document.createElement("tr");
      const total = row.reduce((sum, value) => sum + value, 0);
      line.append(cell("th", i, { scope: "row" }), ...row.map((value) => cell("td", value, { class: `h${heat(value, total)}` })));
      return line;
    }));
  }));

  const enhance = (within) => [sortable, plotted, picked].forEach((give) => give(within));
  enhance(document);

  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById("main").focus();
  });
  addEventListener("hashchange", show);
  show();
})();
