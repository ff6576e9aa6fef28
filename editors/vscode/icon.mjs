// Draws icon.png: bars that get lower, as costs should, on a dark tile with round corners.
import { writeFileSync } from "node:fs";
import { crc32, deflateSync } from "node:zlib";

const SIZE = 256;
const FINE = 4; // samples of a pixel along each side
const BARS = [
  [48, 56, "#e8806a"],
  [92, 92, "#e5b45b"],
  [136, 132, "#6fb98f"],
  [180, 164, "#4aa3df"],
].map(([left, top, colour]) => ({ left, top, right: left + 28, bottom: 204, round: 8, colour }));
const SHAPES = [{ left: 0, top: 0, right: SIZE, bottom: SIZE, round: 48, colour: "#1b2330" }, ...BARS];

function holds({ left, top, right, bottom, round }, x, y) {
  const across = Math.max(left + round - x, x - right + round, 0);
  const down = Math.max(top + round - y, y - bottom + round, 0);
  return x >= left && x < right && y >= top && y < bottom && Math.hypot(across, down) <= round;
}

/** The red, green, blue and alpha of a pixel. */
function pixel(column, row) {
  const sum = [0, 0, 0, 0];
  for (let part = 0; part < FINE * FINE; part += 1) {
    const x = column + ((part % FINE) + 0.5) / FINE;
    const y = row + (Math.floor(part / FINE) + 0.5) / FINE;
    const shape = SHAPES.findLast((one) => holds(one, x, y));
    if (shape) {
      [1, 3, 5].forEach((at, place) => (sum[place] += Number.parseInt(shape.colour.slice(at, at + 2), 16)));
      sum[3] += 1;
    }
  }
  return [...sum.slice(0, 3).map((one) => one / Math.max(sum[3], 1)), (sum[3] * 255) / FINE ** 2].map(Math.round);
}

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

const range = [...Array(SIZE).keys()];
const rows = range.flatMap((row) => [0, ...range.flatMap((column) => pixel(column, row))]); // 0: no filter
const header = Buffer.alloc(13);
header.writeUInt32BE(SIZE, 0);
header.writeUInt32BE(SIZE, 4);
header.set([8, 6, 0, 0, 0], 8); // 8 bits a channel, with alpha
writeFileSync(
  "icon.png",
  Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.from(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]),
);
