// Search, pointer and keys, and the start.
const index = tables.map(table => [fullName(table).toLowerCase(), table.columns.map(one => one.toLowerCase())]);
let found = [], marked = 0;
function lookUp() {
  const wanted = search.value.trim().toLowerCase(), scored = [];
  if (wanted) {
    index.forEach(([name, columns], id) => {
      const last = name.slice(name.length - tables[id].name.length);
      if (name.includes(wanted)) scored.push([last === wanted ? 0 : last.startsWith(wanted) ? 1 : 3, id, ROWS]);
      columns.forEach((column, place) => {
        if (column.includes(wanted)) scored.push([column === wanted ? 2 : column.startsWith(wanted) ? 4 : 5, id, place]);
        else if (wanted.includes(".") && `${name}.${column}`.includes(wanted) && !name.includes(wanted)) scored.push([2, id, place]);
      });
    });
  }
  scored.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  found = scored.slice(0, 30).map(one => one.slice(1));
  const items = found.map(([id, column], at) => {
    const item = html("li", {role: "option", id: `found${at}`}, html("bdi", {}, column === ROWS ? tables[id].name : tables[id].columns[column]),
      html("small", {}, html("bdi", {}, column === ROWS ? tables[id].prefix || tables[id].kind : fullName(tables[id]))));
    item.onpointerdown = event => { event.preventDefault(); take(at); };
    return item;
  });
  if (wanted && !items.length) items.push(html("li", {class: "none"}, "Nothing found"));
  results.replaceChildren(...items);
  results.hidden = !wanted;
  search.setAttribute("aria-expanded", String(Boolean(wanted)));
  mark(0);
}
function mark(at) {
  if (!found.length) { search.removeAttribute("aria-activedescendant"); return; }
  marked = (at + found.length) % found.length;
  found.forEach((_, place) => results.children[place].setAttribute("aria-selected", String(place === marked)));
  search.setAttribute("aria-activedescendant", `found${marked}`);
  results.children[marked].scrollIntoView({block: "nearest"});
}
function take(at) {
  if (!found[at]) return;
  const [id, column] = found[at];
  closeSearch();
  choose(id, column, true);
  focusOn(id, column);
}
function closeSearch() {
  search.value = "";
  results.hidden = true;
  search.setAttribute("aria-expanded", "false");
}
search.addEventListener("input", lookUp);
search.addEventListener("blur", () => { results.hidden = true; });
search.addEventListener("keydown", event => {
  event.stopPropagation();
  if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); mark(marked + (event.key === "ArrowDown" ? 1 : -1)); }
  else if (event.key === "Enter") take(marked);
  else if (event.key === "Escape") { closeSearch(); canvas.focus(); }
});

// ---- pointer: drag, pinch, wheel, click

const fingers = new Map();
let dragged = false, clicked = null;
canvas.addEventListener("pointerdown", event => {
  if (event.button > 0) return;
  fingers.set(event.pointerId, [event.clientX, event.clientY]);
  if (fingers.size === 1) { dragged = false; clicked = event.target; }
});
addEventListener("pointermove", event => {
  const was = fingers.get(event.pointerId);
  if (!was) return;
  const now = [event.clientX, event.clientY];
  if (fingers.size === 1) {
    if (!dragged && Math.hypot(now[0] - was[0], now[1] - was[1]) < 4) return;
    dragged = true;
    canvas.classList.add("dragging");
    state.x += now[0] - was[0];
    state.y += now[1] - was[1];
    move();
  } else {
    dragged = true;
    const other = [...fingers].find(([id]) => id !== event.pointerId)[1], box = canvas.getBoundingClientRect();
    const apart = one => Math.max(1, Math.hypot(one[0] - other[0], one[1] - other[1]));
    state.x += (now[0] - was[0]) / 2;
    state.y += (now[1] - was[1]) / 2;
    zoom(apart(now) / apart(was), (now[0] + other[0]) / 2 - box.left, (now[1] + other[1]) / 2 - box.top);
  }
  fingers.set(event.pointerId, now);
});
for (const end of ["pointerup", "pointercancel"]) {
  addEventListener(end, event => {
    if (!fingers.delete(event.pointerId) || fingers.size) return;
    canvas.classList.remove("dragging");
    if (!dragged && end === "pointerup") click(clicked);
  });
}
function click(target) {
  const at = target.closest("[data-table]");
  if (!at) return;
  const id = Number(at.dataset.table), column = at.dataset.column;
  const further = target.closest("[data-more]");
  if (further) more(id, further.dataset.more);
  else if (target.closest(".toggle")) toggle(id);
  else if (state.chosen && state.chosen[0] === id && state.chosen[1] === Number(column ?? ROWS)) letGo();
  else choose(id, Number(column ?? ROWS));
  focusOn(id, column, false);
}
canvas.addEventListener("wheel", event => {
  event.preventDefault();
  const box = canvas.getBoundingClientRect(), lines_ = event.deltaMode ? 16 : 1;
  if (event.shiftKey) { state.x -= (event.deltaX || event.deltaY) * lines_; move(); return; }
  zoom(Math.exp(-event.deltaY * lines_ * (event.ctrlKey ? 0.01 : 0.0016)), event.clientX - box.left, event.clientY - box.top);
}, {passive: false});

// ---- keys

// Focus wanders: one table or column at a time is reached by Tab.
function focusOn(id, column = undefined, show = true) {
  const row = column === undefined || Number(column) === ROWS ? "" : `[data-column="${column}"]`;
  const one = canvas.querySelector(`[data-table="${id}"]${row || ".box"}`) || canvas.querySelector(`.box[data-table="${id}"]`);
  if (!one) return;
  canvas.querySelectorAll("[tabindex='0']").forEach(other => other.setAttribute("tabindex", "-1"));
  one.setAttribute("tabindex", "0");
  one.focus({preventScroll: true});
  if (show) reveal(Number(id), Number(one.dataset.column ?? ROWS));
}
function walk(id, column, direction) {
  if (direction === "ArrowLeft" || direction === "ArrowRight") {
    const left = direction === "ArrowLeft", table = tables[id];
    const next = (left ? table.into : table.from).find(one => (left ? one.targetColumn : one.sourceColumn) === column && state.visible.has(left ? one.source : one.target) && column !== ROWS);
    if (next) return left ? [next.source, next.sourceColumn] : [next.target, next.targetColumn];
    const near = (left ? table.ups : table.downs).filter(one => state.visible.has(one));
    near.sort((a, b) => Math.abs(corner(a).y - corner(id).y) - Math.abs(corner(b).y - corner(id).y));
    return near.length ? [near[0], ROWS] : null;
  }
  const {rows} = size(id), at = rows.indexOf(column) + (direction === "ArrowDown" ? 1 : -1);
  if (at >= 0 && at < rows.length) return [id, rows[at]];
  if (at === -1 && column !== ROWS) return [id, ROWS];
  const layer = state.placed.boxes.get(id).layer;
  const same = [...state.visible].filter(one => state.placed.boxes.get(one).layer === layer).sort((a, b) => corner(a).y - corner(b).y);
  const next = same[same.indexOf(id) + (direction === "ArrowDown" ? 1 : -1)];
  if (next === undefined) return null;
  return [next, direction === "ArrowDown" ? ROWS : size(next).rows.at(-1) ?? ROWS];
}
const KEYS = {
  "/": () => search.focus(), "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), "0": () => fit(),
  i: () => setIndirect(!state.indirect), p: () => $("alone").click(), d: () => turnColours(), "?": () => $("keys").click(),
  Escape: () => { if (!$("help").hidden) $("keys").click(); else letGo(); },
};
const PAN = {ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60]};
addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const at = event.target.closest ? event.target.closest("#boxes [data-table]") : null;
  const inside = at || event.target === canvas || event.target === document.body;
  const id = at ? Number(at.dataset.table) : 0, column = at ? Number(at.dataset.column ?? ROWS) : 0;
  if (PAN[event.key] && inside) {
    event.preventDefault();
    if (at) {
      const next = walk(id, column, event.key);
      if (next) focusOn(...next);
    } else { state.x += PAN[event.key][0]; state.y += PAN[event.key][1]; move(); }
  } else if (at && event.key === "Enter") { event.preventDefault(); choose(id, column); }
  else if (at && event.key === " ") { event.preventDefault(); toggle(id); }
  else if (KEYS[event.key]) { event.preventDefault(); KEYS[event.key](); }
});

// ---- buttons

$("in").onclick = () => zoom(1.25);
$("out").onclick = () => zoom(0.8);
$("fit").onclick = () => fit();
$("alone").onclick = () => { state.apart = !state.alone; setAlone(!state.alone); };
$("indirect").onclick = () => setIndirect(!state.indirect);
$("theme").onclick = turnColours;
$("keys").onclick = () => {
  $("help").hidden = !$("help").hidden;
  $("keys").setAttribute("aria-expanded", String(!$("help").hidden));
};
$("save").onclick = () => {
  const link = html("a", {download: "lineage.svg", href: URL.createObjectURL(new Blob([exported()], {type: "image/svg+xml"}))});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
};
function turnColours() {
  const root = document.documentElement, dark = getComputedStyle(root).colorScheme === "dark";
  root.classList.toggle("dark", !dark);
  root.classList.toggle("light", dark);
}
// The drawing as a document of its own: every style written out, nothing left that only the page knows.
function exported() {
  const far = scene.classList.contains("far");
  scene.classList.remove("far");
  const box = scene.getBBox(), copy = canvas.cloneNode(true);
  const styles = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-size", "font-weight"];
  const from = canvas.querySelectorAll("*"), to = copy.querySelectorAll("*");
  from.forEach((one, at) => {
    if (!["g", "title", "defs", "marker"].includes(one.tagName)) {
      const look = getComputedStyle(one);
      for (const style of styles) to[at].setAttribute(style, look.getPropertyValue(style));
    } else if (one.classList.contains("box")) to[at].setAttribute("opacity", getComputedStyle(one).opacity);
    for (const name of ["role", "tabindex", "class", ...one.getAttributeNames().filter(name => /^(data|aria)-/.test(name))]) to[at].removeAttribute(name);
  });
  scene.classList.toggle("far", far);
  copy.querySelector("#scene").removeAttribute("transform");
  for (const name of copy.getAttributeNames()) copy.removeAttribute(name);
  const sides = [box.x - 24, box.y - 24, box.width + 48, box.height + 48].map(Math.round);
  const paper = element("rect", {x: sides[0], y: sides[1], width: sides[2], height: sides[3], fill: getComputedStyle(document.body).backgroundColor});
  copy.insertBefore(paper, copy.firstChild);
  for (const [name, value] of [["viewBox", sides.join(" ")], ["width", sides[2]], ["height", sides[3]], ["font-family", FONT]]) copy.setAttribute(name, value);
  return new XMLSerializer().serializeToString(copy);
}

// ---- start

function start() {
  if (!tables.length) { $("count").textContent = "no tables"; return; }
  const best = tables.reduce((a, b) => b.ups.length + b.downs.length > a.ups.length + a.downs.length ? b : a).id;
  const [id, column] = DATA.focus || [best, ROWS];
  state.visible = LARGE ? neighbourhood(id, NEAR) : new Set(tables.keys());
  draw();
  fit();
  if (DATA.focus) choose(id, column, true);
  else if (state.k < 0.35) reveal(id);
}
start();
document.documentElement.dataset.ready = "true";
