// The page: draws what is visible, and answers to pointer, wheel and keys.
const $ = id => document.getElementById(id);
const canvas = $("canvas"), scene = $("scene"), search = $("search"), results = $("results"), panel = $("panel");
const LARGE = !DATA.ranks.length && tables.length > 0; // drawn by neighbourhoods only
const NEAR = 40, FEW = tables.length <= 30 ? 12 : tables.length <= 100 ? 6 : 0;
const CROWD = 60; // from here on a chosen path is drawn alone, unless the user wants the rest beside it
const MOST = 400; // of a path in a large graph
const state = {
  visible: new Set(), open: new Set(), chosen: null, path: null, indirect: true, alone: false, apart: tables.length > CROWD, before: null,
  x: 0, y: 0, k: 1, placed: null,
};

// ---- text

const pen = document.createElement("canvas").getContext("2d");
const FONT = getComputedStyle(document.body).fontFamily, measured = new Map();
function width(words, font) {
  const cached = font + words;
  if (!measured.has(cached)) {
    pen.font = `${font} ${FONT}`;
    measured.set(cached, pen.measureText(words).width);
  }
  return measured.get(cached);
}
// Leaves out the middle of what is too long: ends tell more.
function fitted(words, font, room) {
  if (width(words, font) <= room) return words;
  const letters = [...words];
  let low = 1, high = letters.length;
  const cut = keep => letters.slice(0, Math.ceil(keep / 2)).join("") + "…" + letters.slice(letters.length - Math.floor(keep / 2)).join("");
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (width(cut(middle), font) <= room) low = middle; else high = middle - 1;
  }
  return cut(low);
}
const BOLD = "600 13px", PLAIN = "12px", SMALL = "9.5px";

// ---- rows and sizes

// The columns of a table that are shown: all if it is open or has few, else those on the path.
function rowsOf(id) {
  const table = tables[id];
  if (state.open.has(id) || (table.columns.length <= FEW && !state.open.has(-1 - id))) return table.columns.map((_, place) => place);
  if (!state.path) return [];
  return table.columns.map((_, place) => place).filter(place => state.path.columns.has(key(id, place)));
}
const sizes = new Map();
function size(id) {
  if (sizes.has(id)) return sizes.get(id);
  const table = tables[id], rows = rowsOf(id);
  const wide = Math.max(106, width(table.name, BOLD), width(table.prefix, SMALL), ...rows.map(row => width(table.columns[row], PLAIN) + (tagged(table, row) ? 12 : 0)));
  const found = {
    rows, width: Math.min(wide, 250) + 60,
    height: HEAD + (rows.length ? PAD + rows.length * ROW : 0) + (rows.length && rows.length < table.columns.length ? FOLD : 0),
  };
  sizes.set(id, found);
  return found;
}
const tagged = (table, column) => table.tags.some(tag => tag[0] === column);

// ---- drawing

function element(name, attributes = {}, ...children) {
  const one = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [attribute, value] of Object.entries(attributes)) one.setAttribute(attribute, value);
  one.append(...children);
  return one;
}
for (const name of ["", " on", " on indirect"]) {
  $("defs").append(element("marker", {
    id: "arrow" + name.replaceAll(" ", "-"), viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7,
    markerUnits: "userSpaceOnUse", orient: "auto",
  }, element("path", {d: "M0,0.5L8,4L0,7.5z", class: "arrow" + name})));
}

// Draws anew; `anchor`, a table, stays where it is on the screen.
function draw(anchor = null) {
  const was = anchor !== null && state.placed && state.placed.boxes.get(anchor) ? corner(anchor) : null;
  const focused = document.activeElement && document.activeElement.closest ? document.activeElement.closest("[data-table]") : null;
  const back = focused && canvas.contains(focused) ? [focused.dataset.table, focused.dataset.column] : null;
  sizes.clear();
  state.placed = place(state.visible, size);
  if (was) {
    const now = corner(anchor);
    state.x += (was.x - now.x) * state.k;
    state.y += (was.y - now.y) * state.k;
  }
  $("edges").replaceChildren(...drawLines());
  $("boxes").replaceChildren(...[...state.visible].map(drawBox));
  scene.classList.toggle("path", Boolean(state.path));
  $("count").textContent = LARGE || state.alone ? `${state.visible.size} of ${tables.length} tables` : `${tables.length} tables`;
  move();
  if (back) focusOn(...back);
  if (!canvas.querySelector("[tabindex='0']")) canvas.querySelector(".box")?.setAttribute("tabindex", "0");
}
function corner(id) {
  const box = state.placed.boxes.get(id);
  return {x: state.placed.edges[box.layer][0], y: box.y - box.height / 2};
}
function heightOf(id, row) {
  const {rows} = size(id), top = corner(id).y, at = rows.indexOf(row);
  return at < 0 ? top + HEAD / 2 : top + HEAD + PAD / 2 + ROW * (at + 0.5);
}

// A line between rows; where a row is not shown its box stands for it, and many become one.
function drawLines() {
  const drawn = new Map(), linked = new Set();
  for (const source of state.visible) for (const line of tables[source].from) {
    if (line.target === source || !state.visible.has(line.target)) continue;
    linked.add(key(source, line.target));
    if (!line.direct && !state.indirect) continue;
    const from = size(source).rows.includes(line.sourceColumn) ? line.sourceColumn : ROWS;
    const to = size(line.target).rows.includes(line.targetColumn) ? line.targetColumn : ROWS;
    const name = `${source}:${from}:${line.target}:${to}`;
    const one = drawn.get(name) || {source, from, target: line.target, to, direct: false, on: ""};
    const strength = state.path ? state.path.on.get(line.id) : undefined;
    // A direct line hides an indirect one; but on a path only the path's own count.
    if (strength && (!one.on || one.on === "indirect")) { one.direct = one.on ? one.direct || line.direct : line.direct; one.on = strength; }
    else if (!one.on) one.direct ||= line.direct;
    drawn.set(name, one);
  }
  for (const source of state.visible) for (const target of tables[source].downs) {
    const name = key(source, target);
    if (!state.visible.has(target) || linked.has(name)) continue;
    drawn.set(name, {source, from: ROWS, target, to: ROWS, direct: true, on: state.path?.links?.has(name) ? "direct" : ""});
  }
  const all = [...drawn.values()].sort((a, b) => Boolean(a.on) - Boolean(b.on) || a.direct - b.direct);
  return all.map(one => {
    const start = [corner(one.source).x + size(one.source).width, heightOf(one.source, one.from)];
    const end = [corner(one.target).x - 2, heightOf(one.target, one.to)];
    const lanes = state.placed.lanes.get(key(one.source, one.target)) || [];
    const weak = one.on === "indirect";
    return element("path", {
      d: curve(state.placed, state.placed.boxes.get(one.source).layer, start, lanes, end),
      class: `edge${one.direct ? "" : " indirect"}${one.on ? " on" : ""}${weak ? " weak" : ""}`,
      "marker-end": `url(#arrow${one.on ? "-on" : ""}${weak ? "-indirect" : ""})`,
      "data-from": key(one.source, one.from), "data-to": key(one.target, one.to),
    });
  });
}

function drawBox(id) {
  const table = tables[id], {rows, width: wide, height} = size(id), {x, y} = corner(id);
  const chosen = state.chosen && state.chosen[0] === id, on = !state.path || state.path.tables.has(id);
  const full = rows.length === table.columns.length;
  const box = element("g", {
    class: `box${chosen && state.chosen[1] === ROWS ? " chosen" : ""}${on ? " on" : ""}`, "data-table": id, "data-name": fullName(table),
    transform: `translate(${x.toFixed(1)},${y.toFixed(1)})`, role: "treeitem", tabindex: -1, "aria-level": 1,
    "aria-label": `${fullName(table)}, ${table.kind}, ${table.columns.length} columns`,
    "aria-expanded": full, "aria-selected": Boolean(chosen && state.chosen[1] === ROWS),
  });
  const kind = ["source", "table", "query"].includes(table.kind) ? " " + table.kind : "";
  const text = (attributes, words) => element("text", attributes, words);
  box.append(
    element("rect", {class: "frame", width: wide, height, rx: 7}),
    element("g", {class: "head"},
      element("title", {}, fullName(table)),
      element("rect", {class: "back", x: 1, y: 1, width: wide - 2, height: HEAD - 2, rx: 6}),
      element("rect", {class: "stripe" + kind, x: 0, y: 7, width: 3, height: HEAD - 14}),
      ...(table.prefix ? [text({class: "prefix", x: 12, y: 13}, fitted(table.prefix, SMALL, wide - 60))] : []),
      text({class: "name", x: 12, y: table.prefix ? 27 : 22}, fitted(table.name, BOLD, wide - 58)),
    ),
  );
  if (table.columns.length) {
    box.append(element("g", {class: "toggle", "aria-hidden": "true"},
      element("rect", {class: "back", x: wide - 44, y: 2, width: 42, height: HEAD - 4}),
      text({class: "fold", x: wide - 10, y: 21, "text-anchor": "end"}, `${full ? "" : table.columns.length} ${full ? "▾" : "▸"}`)));
  }
  if (rows.length) box.append(element("line", {class: "rule", x1: 1, x2: wide - 1, y1: HEAD, y2: HEAD}));
  const list = element("g", {role: "group"});
  rows.forEach((column, at) => list.append(drawRow(table, column, at, wide)));
  box.append(list);
  if (!full && rows.length) {
    const hidden = table.columns.length - rows.length;
    box.append(element("g", {class: "toggle", "aria-hidden": "true"},
      element("rect", {class: "back", x: 1, y: height - FOLD, width: wide - 2, height: FOLD - 1}),
      text({class: "fold", x: 12, y: height - 7}, `${hidden} more`)));
  }
  for (const side of ["ups", "downs"]) {
    const hidden = table[side].filter(one => !state.visible.has(one)).length;
    if (hidden) box.append(handle(id, side, hidden, wide));
  }
  return box;
}
function drawRow(table, column, at, wide) {
  const chosen = state.chosen && state.chosen[0] === table.id && state.chosen[1] === column;
  const strength = state.path ? state.path.columns.get(key(table.id, column)) || "" : "";
  const name = table.columns[column], tags = table.tags.filter(tag => tag[0] === column).map(tag => tag[1]);
  const row = element("g", {
    class: `row ${chosen ? "chosen" : strength}`, "data-table": table.id, "data-column": column, "data-name": name, role: "treeitem",
    tabindex: -1, "aria-level": 2, "aria-label": name + (tags.length ? `, ${tags.join(", ")}` : ""), "aria-selected": Boolean(chosen),
    transform: `translate(0,${HEAD + PAD / 2 + ROW * at})`,
  }, element("title", {}, tags.length ? `${name} (${tags.join(", ")})` : name),
  element("rect", {class: "back", x: 4, y: 0.5, width: wide - 8, height: ROW - 1, rx: 4}),
  element("text", {x: 12, y: 14}, fitted(name, PLAIN, wide - (tags.length ? 40 : 24))));
  if (tags.length) row.append(element("circle", {class: "tag", cx: wide - 16, cy: ROW / 2, r: 3.5}));
  return row;
}
function handle(id, side, hidden, boxWide) {
  const wide = 16 + 6 * String(hidden).length;
  return element("g", {class: "more", "data-more": side, transform: `translate(${side === "ups" ? -6 : boxWide - wide + 6},-11)`,
    role: "button", "aria-label": `${hidden} more ${side === "ups" ? "sources" : "targets"}`},
  element("rect", {width: wide, height: 16, rx: 8}),
  element("text", {x: wide / 2, y: 11.5, "text-anchor": "middle"}, `+${hidden}`));
}

// ---- view

function move() {
  scene.setAttribute("transform", `translate(${state.x.toFixed(2)},${state.y.toFixed(2)}) scale(${state.k.toFixed(4)})`);
  scene.classList.toggle("far", state.k < 0.42);
  scene.classList.toggle("farther", state.k < 0.14);
}
function zoom(factor, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) {
  const k = Math.min(4, Math.max(0.02, state.k * factor));
  state.x = x - (x - state.x) * k / state.k;
  state.y = y - (y - state.y) * k / state.k;
  state.k = k;
  move();
}
// The width and height of the canvas that the panel leaves free.
function sight() {
  const wide = canvas.clientWidth, high = canvas.clientHeight;
  if (panel.hidden) return [wide, high];
  return wide > 700 ? [wide - panel.offsetWidth - 12, high] : [wide, high - panel.offsetHeight - 8];
}
function fit(ids = state.visible, most = 1) {
  let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
  for (const id of ids) {
    if (!state.visible.has(id)) continue;
    const {x, y} = corner(id), {width: wide, height} = size(id);
    left = Math.min(left, x); right = Math.max(right, x + wide);
    top = Math.min(top, y); bottom = Math.max(bottom, y + height);
  }
  if (left === Infinity) return;
  const [room, high] = sight();
  state.k = Math.max(0.02, Math.min(most, (room - 80) / (right - left), (high - 80) / (bottom - top)));
  state.x = (room - (left + right) * state.k) / 2;
  state.y = (high - (top + bottom) * state.k) / 2;
  move();
}
// Moves a table into sight if it is not, large enough to be read.
function reveal(id, row = ROWS) {
  if (state.k < 0.6) zoom(0.8 / state.k);
  const [room, high] = sight();
  const x = corner(id).x * state.k + state.x, y = heightOf(id, row) * state.k + state.y, wide = size(id).width * state.k;
  if (x < 20 || x + wide > room - 20) state.x += (room - wide) / 2 - x;
  if (y < 30 || y > high - 60) state.y += high / 2 - y;
  move();
}

// ---- choosing

function choose(id, column = ROWS, show = false) {
  const known = state.visible.has(id), before = state.chosen;
  if (!known && !state.alone) state.visible = neighbourhood(id, NEAR);
  state.chosen = [id, column];
  findPath();
  fillPanel();
  if (state.alone) { isolate(); if (before && before[0] === id && known) draw(id); else { draw(); fit(); } }
  else if (state.apart && column !== ROWS) setAlone(true);
  else {
    draw(known ? id : null);
    if (!known) fit(new Set([id, ...tables[id].ups, ...tables[id].downs]));
    if (show || !known) reveal(id, column);
  }
}
function findPath() {
  const [id, column] = state.chosen;
  state.path = column === ROWS ? tablePath(id) : columnPath(id, column, state.indirect);
  $("alone").disabled = false;
}
function isolate() {
  state.visible = new Set([state.chosen[0], ...[...state.path.tables].slice(0, LARGE ? MOST : Infinity)]);
}
function letGo() {
  if (!state.chosen) return;
  const [id] = state.chosen;
  setAlone(false);
  state.chosen = state.path = null;
  $("alone").disabled = true;
  panel.hidden = true;
  draw(id);
}
// Draws only the path, or again all that was drawn before, where it was.
function setAlone(alone) {
  if (alone === state.alone || (alone && !state.path)) return;
  state.alone = alone;
  $("alone").setAttribute("aria-pressed", alone);
  if (alone) {
    const {visible, x, y, k} = state;
    state.before = {visible, x, y, k};
    isolate();
    draw();
    fit();
    return;
  }
  Object.assign(state, state.before);
  if (!state.visible.has(state.chosen[0])) state.visible = neighbourhood(state.chosen[0], NEAR);
  draw();
  reveal(...state.chosen);
}
function setIndirect(indirect) {
  state.indirect = indirect;
  $("indirect").setAttribute("aria-pressed", indirect);
  if (state.chosen) { findPath(); if (state.alone) isolate(); }
  draw(state.chosen ? state.chosen[0] : null);
}
// Opened is kept as the table's number, folded although it has few columns as its negative.
function toggle(id) {
  const full = rowsOf(id).length === tables[id].columns.length;
  state.open.delete(full ? id : -1 - id);
  state.open.add(full ? -1 - id : id);
  draw(id);
}
function more(id, side) {
  tables[id][side].filter(one => !state.visible.has(one)).slice(0, NEAR).forEach(one => state.visible.add(one));
  draw(id);
}

// ---- details

function html(name, attributes = {}, ...children) {
  const one = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) one.setAttribute(attribute, value);
  one.append(...children);
  return one;
}
const placeOf = (path, line) => path ? line ? `${path}:${line}` : path : "";
const nameOf = (id, column) => column === ROWS ? `${fullName(tables[id])} (rows)` : `${fullName(tables[id])}.${tables[id].columns[column]}`;
function fillPanel() {
  const [id, column] = state.chosen, table = tables[id];
  const close = html("button", {class: "close", "aria-label": "Close"}, "×");
  close.onclick = letGo;
  const parts = [close, html("h2", {}, html("bdi", {}, column === ROWS ? table.name : table.columns[column])),
    html("p", {}, column === ROWS ? `${table.kind}${table.prefix ? " in " : ""}` : "in ", html("bdi", {}, column === ROWS ? table.prefix : fullName(table)))];
  if (table.path) parts.push(html("p", {}, html("bdi", {}, placeOf(table.path, table.line))));
  const tags = table.tags.filter(tag => tag[0] === column || tag[0] === ROWS).map(tag => html("span", {class: "label"}, tag[1]));
  if (tags.length) parts.push(html("div", {}, ...tags));
  if (column === ROWS) {
    parts.push(...listed("Sources", table.ups.map(one => entry(one, ROWS, fullName(tables[one])))));
    parts.push(...listed("Feeds", table.downs.map(one => entry(one, ROWS, fullName(tables[one])))));
    parts.push(...listed("Columns", table.columns.map((name, place) => entry(id, place, name))));
  } else {
    const about = (line, other, place) => entry(other, place, nameOf(other, place), line);
    parts.push(...listed("Made from", table.into.filter(one => one.targetColumn === column).map(one => about(one, one.source, one.sourceColumn))));
    parts.push(...listed("Feeds", table.from.filter(one => one.sourceColumn === column).map(one => about(one, one.target, one.targetColumn))));
    parts.push(...listed("Rows decided by", table.into.filter(one => one.targetColumn === ROWS).map(one => about(one, one.source, one.sourceColumn))));
  }
  panel.replaceChildren(...parts);
  panel.hidden = false;
  panel.scrollTop = 0;
}
function listed(title, entries) {
  return entries.length ? [html("h3", {}, `${title} (${entries.length})`), html("ul", {}, ...entries.slice(0, 300))] : [];
}
function entry(id, column, words, line = null) {
  const button = html("button", {}, html("bdi", {}, words));
  button.onclick = () => choose(id, column, true);
  const one = html("li", {}, button);
  if (line) {
    one.append(html("small", {class: line.direct ? "" : "indirect"},
      `${line.how.replaceAll("_", " ")}, ${line.direct ? "direct" : "indirect"}${line.masking ? ", masked" : ""}`));
    if (line.path) one.append(html("small", {}, html("bdi", {}, placeOf(line.path, line.line))));
  }
  return one;
}
