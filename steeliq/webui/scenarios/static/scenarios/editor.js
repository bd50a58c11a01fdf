"use strict";
// The scenario editor: lines of a path are added and removed, its course is drawn; the server checks and compares.
(() => {
  const form = document.getElementById("editor");
  if (!form) return;
  const SVG = "http://www.w3.org/2000/svg";
  const WIDTH = 240, HEIGHT = 64, MARGIN = 6;

  const rowsOf = (path) => [...path.querySelectorAll(".points > li")];
  const inputsOf = (row) => row.querySelectorAll("input");
  const number = (text) => (text.trim() === "" ? NaN : Number(text));
  const period = () => {
    const [first, last] = ["period.start", "period.end"].map((name) => number(form.elements[name].value));
    return first < last ? [first, last] : [2025, 2050];
  };
  const announce = (element) => element.dispatchEvent(new Event("change", { bubbles: true }));

  function pointsOf(path) {
    const rows = rowsOf(path).map((row) => [...inputsOf(row)].map((input) => number(input.value)));
    if (rows.length === 1 && Number.isNaN(rows[0][0])) return Number.isNaN(rows[0][1]) ? [] : [[2000, rows[0][1]]];
    return rows.filter((row) => row.every(Number.isFinite)).sort((a, b) => a[0] - b[0]);
  }

  function basePoints(path) {
    const note = document.getElementById(path.dataset.note);
    let base = note && note.dataset.base ? JSON.parse(note.dataset.base) : null;
    if (path.dataset.key !== undefined) base = base ? base[path.dataset.key] : null;
    if (base === null || base === undefined) return [];
    if (typeof base === "number") return [[2000, base]];
    return Object.entries(base).map(([year, value]) => [Number(year), value]).sort((a, b) => a[0] - b[0]);
  }

  // Held outside the first and last point, linear between: the same rule as the model's.
  function course(points, first, last) {
    if (!points.length) return [];
    const at = (year) => {
      const after = points.findIndex((point) => point[0] >= year);
      if (after === 0) return points[0][1];
      if (after < 0) return points[points.length - 1][1];
      const [[a, low], [b, high]] = [points[after - 1], points[after]];
      return low + ((high - low) * (year - a)) / (b - a);
    };
    const inside = points.filter((point) => point[0] > first && point[0] < last);
    return [[first, at(first)], ...inside, [last, at(last)]];
  }

  function element(name, attributes, text) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  const short = (value) => Number(value.toPrecision(4)).toString();

  function draw(path) {
    const svg = path.querySelector(".spark");
    const [first, last] = period();
    const own = course(pointsOf(path), first, last), base = course(basePoints(path), first, last);
    const top = Math.max(...[...own, ...base].map((point) => point[1]), 1e-9);
    const x = (year) => MARGIN + ((year - first) / (last - first)) * (WIDTH - 2 * MARGIN);
    const y = (value) => HEIGHT - 14 - (value / top) * (HEIGHT - 30);
    const line = (points) => points.map(([year, value]) => `${x(year).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    svg.replaceChildren(element("line", { x1: MARGIN, x2: WIDTH - MARGIN, y1: y(0), y2: y(0), class: "axis" }));
    if (base.length) svg.append(element("polyline", { points: line(base), class: "base" }));
    if (!own.length) { svg.setAttribute("aria-label", "No course yet: a value is missing"); return; }
    svg.append(element("polyline", { points: line(own), class: "own" }));
    const given = pointsOf(path).filter((point) => point[0] >= first && point[0] <= last);
    for (const [year, value] of given) svg.append(element("circle", { cx: x(year), cy: y(value), r: 2.4, class: "own" }));
    const [start, end] = [own[0], own[own.length - 1]];
    svg.append(element("text", { x: MARGIN, y: y(start[1]) - 5 }, short(start[1])));
    svg.append(element("text", { x: WIDTH - MARGIN, y: y(end[1]) - 5, "text-anchor": "end" }, short(end[1])));
    svg.append(element("text", { x: MARGIN, y: HEIGHT - 2, class: "year" }, String(first)));
    svg.append(element("text", { x: WIDTH - MARGIN, y: HEIGHT - 2, class: "year", "text-anchor": "end" }, String(last)));
    svg.setAttribute("aria-label", `Course: ${short(start[1])} in ${first} to ${short(end[1])} in ${last}`);
  }

  function drawAll() { for (const path of form.querySelectorAll(".path")) draw(path); }

  function addPoint(path) {
    const rows = rowsOf(path), lastRow = rows[rows.length - 1];
    const [first, last] = period();
    const [year, value] = inputsOf(lastRow);
    const added = lastRow.cloneNode(true);
    const [newYear, newValue] = inputsOf(added);
    if (rows.length === 1 && year.value === "") { year.value = first; newYear.value = last; }
    else newYear.value = Math.min((number(year.value) || first) + 5, 2100);
    newValue.value = value.value;
    lastRow.after(added);
    newValue.focus();
    newValue.select();
    announce(newValue);
  }

  function removePoint(path, row) {
    const rows = rowsOf(path);
    if (rows.length < 2) return;
    const near = row.previousElementSibling || row.nextElementSibling;
    row.remove();
    if (rows.length === 2) inputsOf(near)[0].value = "";  // what is left holds in all years
    inputsOf(near)[1].focus();
    announce(inputsOf(near)[1]);
  }

  function removeEntry(entry) {
    const list = entry.parentElement;
    entry.remove();
    const chooser = list.querySelector("select");
    chooser.focus();
    announce(form.elements["against"]);
  }

  function markProblems() {
    for (const field of form.querySelectorAll(".field[id]")) {
      const wrong = field.querySelector(":scope > .note .error") !== null;
      for (const input of field.querySelectorAll(":scope > input, :scope > select, :scope > textarea")) {
        if (wrong) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
      }
    }
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    const path = button.closest(".path");
    if (button.dataset.do === "add-point") addPoint(path);
    else if (button.dataset.do === "remove-point") removePoint(path, button.closest("li"));
    else if (button.dataset.do === "remove-entry") removeEntry(button.closest("[data-entry]"));
  });
  // The Enter key in a field checks what was typed; that happens with every change anyway.
  form.addEventListener("submit", (event) => { if (!event.submitter || event.submitter.value === "check") event.preventDefault(); });
  // Choosing a name to add says nothing yet about the scenario.
  form.addEventListener("change", (event) => { if (event.target.matches("[data-quiet]")) event.stopImmediatePropagation(); }, true);
  form.addEventListener("input", (event) => { const path = event.target.closest(".path"); if (path) draw(path); });
  form.addEventListener("change", (event) => { if (event.target.name && event.target.name.startsWith("period.")) drawAll(); });
  let focused = "";
  document.addEventListener("htmx:before:request", (event) => {
    // A request that had to wait must tell the form as it is now, not as it was when it was asked for.
    const { ctx } = event.detail, action = ctx.request.body && ctx.request.body.get("action");
    ctx.request.body = new URLSearchParams(new FormData(form));
    ctx.request.body.set("action", action || "check");
    const field = document.activeElement && document.activeElement.closest(".field[id]");
    focused = field ? field.id : "";
  });
  document.addEventListener("htmx:after:swap", () => {
    drawAll();
    markProblems();
    if (document.activeElement !== document.body || !focused) return;
    const field = document.getElementById(focused);  // the pressed button went with its note
    const part = field && ([...field.querySelectorAll("[data-entry]")].pop() || field);
    const input = part && part.querySelector("input:not([type=hidden]), select, textarea");
    if (input) input.focus({ preventScroll: true });
  });
  const alert = document.querySelector("[role=alert]");
  if (alert) { alert.tabIndex = -1; alert.focus(); }
  drawAll();
  markProblems();
})();
