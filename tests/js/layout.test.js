import assert from "node:assert/strict";
import { test } from "node:test";
import { aspectFor, chipWidth, linesOf, plan, SIDE, tableSize } from "../../seglab/board/layout.js";
import { pairsFor } from "../../seglab/live/pairs.js";

const GAP = { across: 16, down: 8 }; // as in panes.css

const plain = { lists: [[]], titled: false, bar: false };
const scalar = { lists: [[]], titled: false, bar: true };
const legend = { lists: [[40, 60, 30]], titled: false, bar: false };
const curtain = { lists: [[40], [50]], titled: true, bar: false };
const KINDS = [plain, scalar, legend, curtain];

/**
 * @param {number} count
 * @param {object} more
 */
const roomOf = (count, more) => ({
  width: 820,
  height: 450,
  aspect: 1,
  panes: Array.from({ length: count }, (_, i) => KINDS[i % KINDS.length]),
  run: 0,
  tables: [],
  legends: [],
  ...more,
});

/** The height of what stands around a stage, written down once more. */
function around({ lists, titled, bar }, side) {
  const room = lists.length > 1 ? (side - 12) / 2 : side;
  const lines = Math.max(...lists.map((widths) => linesOf(widths, room)));
  return 39 + (titled ? 17 : 0) + (bar ? 20 : 0) + 18 * lines;
}

/** How tall a plan is, measured by its rows. */
function tallOf(room, { columns, side, shown, open, broken, beside, aside, tall }) {
  const cut = broken ? room.run : shown;
  let height = 0;
  let rows = 0;
  for (const part of [room.panes.slice(0, cut), room.panes.slice(cut, shown)]) {
    for (let i = 0; i < part.length; i += columns) {
      const extras = part.slice(i, i + columns).map((extra) => around(extra, side));
      height += Math.max(...extras) + side / room.aspect;
      rows++;
    }
  }
  height += GAP.down * Math.max(0, rows - 1) + (room.run ? 42 : 0);
  const width = beside ? room.width - beside - GAP.across : room.width;
  const chips = room.legends.flatMap(({ first, chips }) => (first < shown ? chips : []));
  const lines = linesOf(chips, width);
  height += lines ? 18 * lines + 4 : 0;
  const small = room.panes.length - shown + room.tables.length - open;
  const beneath = Math.floor((room.width + GAP.across) / (56 + GAP.across));
  const inRow = aside || beneath;
  const thumbnails = Math.ceil(small / inRow) * (56 / room.aspect + 24);
  height = aside ? Math.max(height, thumbnails) : height + thumbnails;
  const tables = tall.slice(0, open).reduce((sum, one) => sum + one, 0);
  if (beside) return Math.max(height, tables + GAP.down * (open - 1));
  return height + (open ? Math.max(...tall.slice(0, open)) + GAP.down : 0);
}

test("whatever the room, panes fit it, and none is smaller or larger than a pane may be", () => {
  const tables = [{ width: 260, height: 182 }];
  for (let width = 500; width <= 1900; width += 140) {
    for (let height = 420; height <= 1000; height += 85) {
      for (const aspect of [0.75, 1, 1.6]) {
        for (let count = 1; count <= 9; count++) {
          for (const more of [
            {},
            { tables },
            { legends: [{ first: 0, chips: [60, 80, 70, 90] }] },
            { run: 1 },
          ]) {
            const room = roomOf(count, { width, height, aspect, ...more });
            const found = plan(room);
            const said = JSON.stringify([room, found]);
            assert.ok(found.side >= SIDE.least && found.side <= SIDE.most, said);
            assert.ok(found.shown >= 1 && found.shown <= count, said);
            assert.ok(tallOf(room, found) <= height + 0.01, said);
            const left = found.beside ? width - found.beside - GAP.across : width;
            const folded = count - found.shown + room.tables.length - found.open;
            assert.ok(found.aside <= folded, said);
            const small = found.aside * (56 + GAP.across);
            const wide = found.columns * found.side + (found.columns - 1) * GAP.across + small;
            assert.ok(wide <= left, said);
          }
        }
      }
    }
  }
});

test("nothing is a thumbnail where all fits, and panes grow with the room", () => {
  for (let count = 1; count <= 8; count++) {
    let before = 0;
    for (let height = 500; height <= 1100; height += 50) {
      const { side, shown } = plan(roomOf(count, { width: 1400, height }));
      assert.equal(shown, count);
      assert.ok(side >= before, `${count} panes, ${height} px`);
      before = side;
    }
  }
});

test("the last panes are the thumbnails, and the first stays", () => {
  assert.equal(plan(roomOf(9, { height: 300 })).shown < 9, true);
  assert.ok(plan(roomOf(9, { height: 300 })).shown >= 1);
  const { shown, side } = plan(roomOf(9, { height: 10 }));
  assert.ok(shown >= 1);
  assert.equal(side, SIDE.least);
});

test("where there is no room at all, a lab is as little taller as it can be", () => {
  const hero = { lists: [], titled: false, bar: false, span: 2, tall: true };
  const room = roomOf(0, { panes: [hero, curtain, scalar, legend, plain], width: 556, height: 90 });
  const found = plan(room);
  assert.deepEqual([found.side, found.columns], [SIDE.least, 2]); // the hero as wide as it asks
  assert.ok(found.aside > 0, JSON.stringify(found));
  const rows = 2 * (56 + 24); // of thumbnails at its side
  assert.equal(tallOf({ ...room, panes: [plain, ...room.panes.slice(1)] }, found), rows);
  assert.equal(plan({ ...room, width: 80 }).side, 80);
});

test("panes use the width: two in a row, three in a row, six in two rows", () => {
  assert.equal(plan(roomOf(2, { height: 600 })).columns, 2);
  assert.deepEqual(plan(roomOf(3, { panes: [plain, plain, plain] })).columns, 3);
  const six = plan(roomOf(6, { panes: Array(6).fill(plain), height: 420 }));
  assert.deepEqual([six.columns, six.side], [3, (420 - 8) / 2 - 39]);
});

test("a table stands where it leaves the larger panes, and is scrolled before panes fold", () => {
  const wide = [{ width: 800, height: 100 }];
  assert.equal(plan(roomOf(2, { tables: wide, height: 600 })).beside, 0);
  const tall = [{ width: 200, height: 400 }];
  const beside = plan(roomOf(2, { tables: tall, height: 420 }));
  assert.equal(beside.beside, 200);
  assert.deepEqual(beside.tall, [400]);
  const long = plan(roomOf(2, { tables: [{ width: 200, height: 2000 }], height: 420 }));
  assert.deepEqual([long.shown, long.open], [2, 1]);
  assert.ok(long.tall[0] <= 420);
});

test("the legend of a thumbnail takes no room", () => {
  const one = plan(roomOf(9, { height: 330 }));
  const chips = Array(40).fill(90);
  const two = plan(roomOf(9, { height: 330, legends: [{ first: 8, chips }] }));
  assert.ok(one.shown < 9);
  assert.deepEqual(two, one);
});

test("where tables and panes have no room together, as few as possible fold", () => {
  const tables = [
    { width: 250, height: 182 },
    { width: 600, height: 182 },
  ];
  const { shown, open } = plan(roomOf(5, { panes: Array(5).fill(plain), tables, height: 255 }));
  assert.deepEqual([shown, open], [5, 0]);
});

test("the line of arithmetic ends a row only where that costs nothing", () => {
  const grids = roomOf(5, { panes: Array(5).fill(plain), run: 3 });
  assert.equal(plan({ ...grids, width: 820, height: 300 }).broken, false);
  assert.equal(plan({ ...grids, width: 700, height: 640 }).broken, true);
});

test("an enlarged pane takes the room, the others are thumbnails", () => {
  const found = plan(roomOf(5, { limit: 1, most: Infinity, width: 1400, height: 900 }));
  assert.deepEqual([found.shown, found.columns], [1, 1]);
  assert.ok(found.side > 700);
  const table = plan(roomOf(5, { limit: 0, tables: [{ width: 200, height: 300 }] }));
  assert.deepEqual([table.shown, table.open], [0, 1]);
});

test("without a height, panes stand in as many columns as the width takes", () => {
  const of = (/** @type {number} */ count, /** @type {number} */ width, run = 0) => {
    const { columns, side } = plan(roomOf(count, { width, run, height: Infinity }));
    return [columns, side];
  };
  assert.deepEqual(of(3, 1440), [3, 340]);
  assert.deepEqual(of(4, 800), [2, 272]);
  assert.deepEqual(of(7, 1040), [4, 248]);
  assert.deepEqual(of(5, 1040, 3), [3, 272]);
  assert.deepEqual(of(3, 300), [1, 300]);
  assert.deepEqual(of(2, 200), [1, 200]);
});

test("chips fill lines; a chip that is wider than a line has one of its own", () => {
  assert.equal(linesOf([], 100), 0);
  assert.equal(linesOf([40, 40], 92), 1);
  assert.equal(linesOf([40, 40], 91), 2);
  assert.equal(linesOf([500, 40], 100), 2);
  assert.ok(chipWidth("background") > chipWidth("disc"));
});

test("stages have the shape of the first pane, within reason", () => {
  assert.equal(aspectFor([100, 150]), 1.5);
  assert.equal(aspectFor([10, 900]), 2);
  assert.equal(aspectFor([900, 10]), 0.75);
});

test("a table is as wide as its longest texts, and as tall as its rows", () => {
  const small = tableSize({ columns: ["a"], rows: [["1"]] });
  const large = tableSize({ columns: ["a"], rows: [["1"], ["a long text"]] });
  assert.ok(large.width > small.width);
  assert.equal(large.height - small.height, 20);
});

test("as many pairs of name and track as fit with what is written in them", () => {
  const slider = { name: 100, body: 98 };
  assert.equal(pairsFor(1400, Array(8).fill(slider)).pairs, 4);
  assert.equal(pairsFor(3 * 224, Array(8).fill(slider)).pairs, 3);
  assert.equal(pairsFor(3 * 224 - 1, Array(8).fill(slider)).pairs, 2);
  assert.equal(pairsFor(300, Array(8).fill(slider)).pairs, 1);
  const long = { name: 220, body: 98 };
  const most = 2 * 224;
  assert.deepEqual(pairsFor(most, [slider, long, slider, slider]), { pairs: 2, alone: [1] });
  assert.deepEqual(pairsFor(most - 1, [slider, long, slider, slider]), { pairs: 1, alone: [] });
  assert.deepEqual(pairsFor(2 * 344, [slider, long, slider, slider]).alone, []);
  assert.equal(pairsFor(2000, [slider]).pairs, 2);
  const buttons = { name: 60, body: 400 }; // two pairs wide
  assert.equal(pairsFor(700, [buttons, slider, slider, slider]).pairs, 2);
});

test("wide controls count where the grid places them", () => {
  const net = { name: 19, body: 240 };
  const rate = { name: 82, body: 98 };
  const scenes = { name: 95, body: 143 };
  const weights = { name: 94, body: 253 };
  const needs = [net, rate, weights, scenes, rate, rate];
  // Four pairs: net, and below it weights, in the first two; rate above and scenes in the last two.
  const first = 94 + 253 + 26;
  const four = first + (82 + 98 + 26) + (95 + 143 + 26);
  assert.equal(pairsFor(four, needs).pairs, 4);
  assert.equal(pairsFor(four - 1, needs).pairs, 3);
});

test("panes after the run give way to numbers that can be read", () => {
  const room = roomOf(5, { run: 3, height: 400, least: 192 });
  const readable = plan(room);
  assert.ok(readable.side >= 192);
  assert.ok(readable.shown >= 3 && readable.shown < 5);
  const small = plan(roomOf(5, { run: 3, height: 400 }));
  assert.equal(small.shown, 5);
  assert.ok(small.side < 192);
  const low = { run: 3, height: 200 };
  assert.deepEqual(plan(roomOf(5, { ...low, least: 192 })), plan(roomOf(5, low)));
});

test("one thumbnail at the side takes no more room than it needs", () => {
  const panes = Array(5).fill(plain);
  const { aside, columns, shown, side } = plan(
    roomOf(5, { panes, run: 3, width: 836, height: 300, least: 176 }),
  );
  assert.deepEqual([aside, columns, shown], [1, 4, 4]);
  assert.equal(side, Math.floor((836 - 72 - 3 * GAP.across) / 4));
});

test("a tall first pane takes two rows, and what width the others leave", () => {
  const hero = { lists: [], titled: false, bar: false, span: 2, tall: true };
  const room = roomOf(0, { panes: [hero, curtain, scalar, legend, plain] });
  const { columns, side, shown, lead } = plan(room);
  assert.equal(shown, 5);
  assert.equal(columns, 4);
  const tallest = [
    [curtain, scalar],
    [legend, plain],
  ].map((row) => Math.max(...row.map((extra) => around(extra, side))) + side);
  assert.equal(lead.height, tallest[0] + GAP.down + tallest[1] - 39);
  assert.equal(lead.width, 820 - 2 * (side + GAP.across));
  assert.ok(lead.height > 2 * side);
  const without = plan({ ...room, panes: [{ ...hero, tall: false }, ...room.panes.slice(1)] });
  assert.equal(without.lead, undefined);
  assert.ok(side >= without.side);
});

test("a tall pane that stands alone or in one column is as any other", () => {
  const hero = { lists: [], titled: false, bar: false, span: 2, tall: true };
  assert.equal(plan(roomOf(0, { panes: [hero] })).lead, undefined);
  assert.equal(plan(roomOf(0, { panes: [hero, plain], width: 200, height: 900 })).lead, undefined);
});

test("a wide pane takes one column where it would cost the others much, and stays readable", () => {
  const wide = { ...plain, span: 2 };
  const four = roomOf(4, { width: 1240, height: 560, panes: [plain, plain, plain, wide] });
  const found = plan(four);
  const asked = (side) => 5 * side + 4 * GAP.across <= 1240; // all four in one row, as it asks
  assert.ok(found.narrow, JSON.stringify(found));
  assert.ok(found.side >= 220 && !asked(found.side * 1.01), JSON.stringify(found));
  const low = plan(roomOf(4, { width: 820, height: 300, panes: [plain, plain, plain, wide] }));
  assert.ok(!low.narrow, JSON.stringify(low));
  const tall = { ...wide, tall: true };
  const around = [tall, plain, plain, plain, plain];
  assert.ok(!plan(roomOf(5, { width: 1240, height: 560, panes: around })).narrow);
});
