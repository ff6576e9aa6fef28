// The graph, and where its parts stand. Nothing here touches the page.
const DATA = JSON.parse(document.getElementById("data").textContent);
const ROWS = -1; // the place of a column that stands for its table's rows as a whole
const HEAD = 34, ROW = 20, PAD = 6, FOLD = 20, GAP = 16, LANE = 10, BETWEEN = 96, STEEP = 20, WIDEST = 500, TURN = 40, ROUNDS = 8;

const word = number => DATA.words[number];
const tables = DATA.tables.map(([name, prefix, kind, path, line, columns, tags], id) => ({
  id, name, prefix: word(prefix), kind: word(kind), path: word(path), line, columns: columns.map(word),
  tags: tags.map(([column, tag]) => [column, word(tag)]), into: [], from: [], ups: [], downs: [],
  rank: DATA.ranks[id] || null,
}));
const lines = DATA.lines.map(([source, sourceColumn, target, targetColumn, flags, how, path, line], id) => ({
  id, source, sourceColumn, target, targetColumn, direct: (flags & 1) > 0, masking: (flags & 2) > 0,
  how: word(how), path: word(path), line,
}));
for (const line of lines) {
  tables[line.source].from.push(line);
  tables[line.target].into.push(line);
}
for (const [source, target] of DATA.links) {
  tables[source].downs.push(target);
  tables[target].ups.push(source);
}
const fullName = table => table.prefix ? `${table.prefix}${["table", "source"].includes(table.kind) ? "." : "/"}${table.name}` : table.name;
const key = (table, column) => `${table}:${column}`;

// The nearest tables: what feeds the first, and what it feeds, up to a limit.
function neighbourhood(first, limit) {
  const found = new Set([first]);
  const queue = [[first, "ups"], [first, "downs"]];
  for (let at = 0; at < queue.length && found.size < limit; at++) {
    const [table, side] = queue[at];
    for (const other of tables[table][side]) {
      if (found.size >= limit) break;
      if (!found.has(other)) { found.add(other); queue.push([other, side]); }
    }
  }
  return found;
}

// All that a column rests on and all that rests on it: column keys and lines, direct ones told from others.
function columnPath(table, column, indirect) {
  const columns = new Map([[key(table, column), "direct"]]), on = new Map();
  for (const up of [true, false]) {
    const reached = new Map([[key(table, column), "direct"]]);
    for (const strength of ["direct", "indirect"]) {
      const queue = strength === "direct" ? [[table, column]] : [...reached.keys()].map(one => one.split(":").map(Number));
      // what filters the rows of the table itself belongs to its columns, too
      if (strength === "indirect" && up) queue.push([table, ROWS]);
      for (let at = 0; at < queue.length; at++) {
        const [t, c] = queue[at];
        for (const line of up ? tables[t].into : tables[t].from) {
          if ((up ? line.targetColumn : line.sourceColumn) !== c || (!line.direct && (!indirect || strength === "direct"))) continue;
          const next = up ? [line.source, line.sourceColumn] : [line.target, line.targetColumn];
          if (!on.has(line.id)) on.set(line.id, strength);
          if (reached.has(key(...next))) continue;
          reached.set(key(...next), strength);
          queue.push(next);
        }
      }
    }
    for (const [one, strength] of reached) if (columns.get(one) !== "direct") columns.set(one, strength);
  }
  return {columns, on, tables: new Set([...columns.keys()].map(one => Number(one.split(":")[0])))};
}

// All that a table rests on and all that rests on it.
function tablePath(first) {
  const on = new Map(), links = new Set(), all = new Set([first]);
  for (const side of ["ups", "downs"]) {
    const reached = new Set([first]);
    for (const table of reached) for (const other of tables[table][side]) {
      reached.add(other); all.add(other);
      links.add(side === "ups" ? key(other, table) : key(table, other));
    }
  }
  for (const table of all) for (const line of tables[table].into) {
    if (links.has(key(line.source, line.target))) on.set(line.id, line.direct ? "direct" : "indirect");
  }
  return {columns: new Map(), on, tables: all, links};
}

// Layers of a part of the graph: each table right of all that feeds it; what closes a circle is left out.
function layersOf(visible) {
  const layer = new Map(), state = new Map();
  for (const first of visible) {
    const stack = [[first, 0]];
    while (stack.length) {
      const top = stack[stack.length - 1], [table, next] = top;
      if (next === 0 && state.get(table) === 2) { stack.pop(); continue; }
      if (next === 0) { state.set(table, 1); layer.set(table, 0); }
      const ups = tables[table].ups;
      if (next > 0 && state.get(ups[next - 1]) === 2) {
        layer.set(table, Math.max(layer.get(table), layer.get(ups[next - 1]) + 1));
      }
      if (next < ups.length) {
        top[1]++;
        if (visible.has(ups[next]) && !state.has(ups[next])) stack.push([ups[next], 0]);
      } else { state.set(table, 2); stack.pop(); }
    }
  }
  // sources stand next to what they feed first
  for (const table of visible) {
    const ups = tables[table].ups.filter(one => visible.has(one));
    const downs = tables[table].downs.filter(one => visible.has(one) && layer.get(one) > layer.get(table));
    if (!ups.length && downs.length) layer.set(table, Math.min(...downs.map(one => layer.get(one))) - 1);
  }
  return layer;
}

// Orders of such layers: a few rounds of putting each table at the mean of its neighbours.
function ranksOf(visible) {
  const layer = layersOf(visible), order = new Map();
  const rows = [];
  for (const table of visible) (rows[layer.get(table)] ||= []).push(table);
  rows.forEach(row => row.forEach((table, place) => order.set(table, place - row.length / 2)));
  for (let round = 0; round < ROUNDS; round++) {
    for (const row of round % 2 ? [...rows].reverse() : rows) {
      const wanted = new Map(row.map(table => {
        const near = tables[table][round % 2 ? "downs" : "ups"].filter(one => visible.has(one));
        return [table, near.length ? near.reduce((sum, one) => sum + order.get(one), 0) / near.length : order.get(table)];
      }));
      row.sort((a, b) => wanted.get(a) - wanted.get(b));
      row.forEach((table, place) => order.set(table, place - row.length / 2));
    }
  }
  return new Map([...visible].map(table => [table, [layer.get(table), order.get(table) * 72]]));
}

// Places boxes of any height and keeps a free lane for every link that passes a layer, as layout.py does.
function place(visible, size) {
  const ranks = DATA.ranks.length ? new Map([...visible].map(id => [id, tables[id].rank])) : ranksOf(visible);
  const used = new Map([...new Set([...ranks.values()].map(rank => rank[0]))].sort((a, b) => a - b).map((layer, at) => [layer, at]));
  const boxes = new Map(), layers = [...used].map(() => []), lanes = new Map();
  const item = (layer, order, height, lane) => {
    const one = {layer, order, height, lane, y: 0, left: [], right: []};
    layers[layer].push(one);
    return one;
  };
  for (const [id, [layer, order]] of ranks) boxes.set(id, item(used.get(layer), order, size(id).height, false));
  for (const [source, one] of boxes) {
    const shared = new Map();
    for (const target of tables[source].downs) {
      const other = boxes.get(target);
      if (!other) continue;
      const way = [one];
      if (one.layer < other.layer) {
        for (let layer = one.layer + 1; layer < other.layer; layer++) {
          const order = one.order + (other.order - one.order) * (layer - one.layer) / (other.layer - one.layer);
          if (!shared.has(layer)) shared.set(layer, item(layer, order, LANE, true));
          way.push(shared.get(layer));
        }
      } else {
        const order = Math.max(one.order, other.order) + 1;
        for (let layer = one.layer; layer >= other.layer; layer--) way.push(item(layer, order, LANE, true));
      }
      lanes.set(key(source, target), way.slice(1));
      [...way, other].forEach((after, at, all) => {
        const before = all[at - 1];
        if (before && before.layer < after.layer && !before.right.includes(after)) {
          before.right.push(after);
          after.left.push(before);
        }
      });
    }
  }
  const mean = (one, side) => one[side].length ? one[side].reduce((sum, other) => sum + other.y, 0) / one[side].length : one.y;
  for (const layer of layers) {
    layer.sort((a, b) => a.order - b.order);
    spread(layer, () => 0);
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const layer of layers) spread(layer, one => mean(one, "left"));
    for (const layer of [...layers].reverse()) spread(layer, one => mean(one, "right"));
  }
  const widths = layers.map(() => 0);
  for (const [id, one] of boxes) widths[one.layer] = Math.max(widths[one.layer], size(id).width);
  let at = 0;
  const tall = layers.map(layer => layer[layer.length - 1].y - layer[0].y);
  const edges = widths.map((width, layer) => {
    const edge = [at, at + width];
    at = edge[1] + Math.min(Math.max(BETWEEN, tall[layer] / STEEP, (tall[layer + 1] || 0) / STEEP), WIDEST);
    return edge;
  });
  return {boxes, lanes, edges};
}

// Puts a layer's items as near to the wanted heights as their order and sizes allow (least squares).
function spread(layer, wanted) {
  const blocks = [], offsets = [];
  let offset = 0;
  layer.forEach((one, at) => {
    const before = layer[at - 1];
    if (before) {
      const gap = one.lane && before.lane ? 0 : one.lane || before.lane ? LANE : GAP;
      offset += (before.height + one.height) / 2 + gap;
    }
    offsets.push(offset);
    const weight = one.lane ? 2 : 1;
    blocks.push([(wanted(one) - offset) * weight, weight, 1]);
    for (let last = blocks.length - 1; last > 0 && blocks[last - 1][0] / blocks[last - 1][1] > blocks[last][0] / blocks[last][1]; last--) {
      const [sum, heavy, items] = blocks.pop();
      const into = blocks[last - 1];
      into[0] += sum; into[1] += heavy; into[2] += items;
    }
  });
  let at = 0;
  for (const [sum, weight, items] of blocks) {
    for (let turn = 0; turn < items; turn++, at++) layer[at].y = sum / weight + offsets[at];
  }
}

// The path of a line: level within layers, through its lanes, and bent only between layers.
function curve(placed, layer, start, lanes, end) {
  const back = lanes.length > 0 && lanes[0].layer === layer;
  const bend = (x, y, toX, toY, out) => {
    const middle = (x + toX) / 2, first = out ? x + out : middle, second = out ? toX + out : middle;
    return `C${first.toFixed(1)},${y.toFixed(1)} ${second.toFixed(1)},${toY.toFixed(1)} ${toX.toFixed(1)},${toY.toFixed(1)}`;
  };
  let x = placed.edges[layer][1], y = start[1];
  let path = `M${start[0].toFixed(1)},${y.toFixed(1)}H${x.toFixed(1)}`;
  lanes.forEach((lane, at) => {
    const [left, right] = placed.edges[lane.layer], [near, far] = back ? [right, left] : [left, right];
    path += bend(x, y, near, lane.y, back && !at ? TURN : 0) + `H${far.toFixed(1)}`;
    x = far; y = lane.y;
  });
  return path + bend(x, y, end[0], end[1], back ? -TURN : 0);
}
