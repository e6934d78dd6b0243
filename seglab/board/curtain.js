/* A part of board.js: two pictures over each other, and the divider between them. */

const ONE_STEP = { small: 2, large: 10 }; // percent of the width

/** A pane of two pictures: left of the divider the one, right of it the other. */
function createCurtain(name, events) {
  const left = createPane(name, events);
  const right = createPane(name, events);
  const { stage, sheet, figure } = left;
  const divider = make("div", "seglab-divider");
  const grip = make("div", "seglab-grip");
  divider.append(grip);
  divider.tabIndex = 0;
  divider.setAttribute("role", "slider");
  divider.setAttribute("aria-valuemin", "0");
  divider.setAttribute("aria-valuemax", "100");
  sheet.insertBefore(right.canvas, left.svg);
  sheet.append(divider);
  right.canvas.classList.add("seglab-over");

  const sides = make("div", "seglab-sides");
  const names = [left, right].map((side) => {
    const column = make("div", "seglab-side");
    const title = make("div", "seglab-of");
    column.append(title, side.readout, side.key);
    sides.append(column);
    return title;
  });
  figure.append(sides);

  let data = null;
  let at = 50; // percent of the width; it stays where it was put when the pictures change

  function move(percent) {
    at = clamp(percent, 0, 100);
    divider.style.left = `${at}%`;
    const [, width] = data.frame;
    const [start, wide] = ["left", "width"].map((side) => parseFloat(right.canvas.style[side]));
    const hidden = clamp(((at - start) / (wide || width)) * 100, 0, 100);
    right.canvas.style.clipPath = `inset(0 0 0 ${hidden}%)`;
    // The left one ends at the divider too: where the right one has no value, the hatch shows.
    const [from, long] = ["left", "width"].map((side) => parseFloat(left.canvas.style[side]));
    left.canvas.style.clipPath = `inset(0 ${clamp(100 - ((at - from) / long) * 100, 0, 100)}% 0 0)`;
    setAttribute(divider, "aria-valuenow", String(Math.round(at)));
    setAttribute(divider, "aria-valuetext", `${Math.round(at)}% ${data.names[0]}, the rest ${data.names[1]}`);
  }

  function draw(next) {
    data = next;
    [left, right].forEach((side, i) => {
      side.draw(data.parts[i]);
      setText(names[i], data.names[i]);
      setAttribute(side.canvas, "aria-label", `${data.names[i]}: ${data.parts[i].alt}`);
    });
    setAttribute(divider, "aria-label", `Divider between ${data.names[0]} and ${data.names[1]}`);
    move(at);
  }

  function point(pixel) {
    const hits = [left, right].map((side) => side.point(pixel));
    const over = pixel && (100 * (pixel[1] + 0.5)) / data.frame[1] < at ? 0 : 1;
    return { ...hits[over], text: data.names.map((side, i) => `${side} ${hits[i].text}`).join(", ") };
  }

  const percentAt = (event) => {
    const area = sheet.getBoundingClientRect();
    return (100 * (event.clientX - area.left)) / area.width;
  };
  let dragged = false;
  divider.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    dragged = true;
    divider.setPointerCapture(event.pointerId);
    divider.focus();
    event.preventDefault();
    event.stopPropagation(); // a click here sets no point
  });
  divider.addEventListener("pointermove", (event) => { if (dragged) move(percentAt(event)); });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
    divider.addEventListener(end, () => { dragged = false; });
  }
  divider.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? ONE_STEP.large : ONE_STEP.small;
    const next = { ArrowLeft: at - step, ArrowRight: at + step, ArrowDown: at - step, ArrowUp: at + step, Home: 0, End: 100 };
    if (event.key in next) move(next[event.key]);
    else if (event.key === "Escape") divider.blur();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  return Object.assign(Object.create(left), {
    draw,
    point,
    fit(width, aspect) {
      for (const side of [left, right]) side.fit(width, aspect);
    },
    explain(setsPoint, takesFile) {
      for (const side of [left, right]) side.explain(setsPoint, takesFile);
    },
  });
}
