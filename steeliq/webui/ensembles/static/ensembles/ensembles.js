"use strict";
// Figures of an ensemble: one question for the page, kept in the address; every change is answered at once.
(() => {
  const page = document.getElementById("ensemble");
  if (!page || !window.steeliqFigures) return;
  const form = document.getElementById("ask");
  const kit = steeliqFigures({
    palette: JSON.parse(document.getElementById("palette").textContent), theme: () => document.documentElement.dataset.theme || "light",
    caption: () => `steeliq, ensemble ${page.dataset.name}, design ${page.dataset.hash}`,
  });
  function query() {
    const asked = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value !== "" || name === "colour") asked.append(name, value);
    return asked;
  }
  const { states, load, reload, drawAll } = steeliqPanels({
    kit, hash: page.dataset.hash, placed,
    addressOf: (figure, kind, more = {}) => {
      const asked = query();
      for (const [name, value] of Object.entries(more)) asked.set(name, value);
      return `${figure.dataset.figure}.${kind}?${asked}`;
    },
  });
  let turn = 0;
  async function fragments() {
    const mine = ++turn;
    for (const box of document.querySelectorAll("[data-fragment]")) {
      const answer = await fetch(`${box.dataset.fragment}?${query()}`, { headers: { "X-Fragment": box.id } });
      const text = await answer.text();
      if (mine !== turn) return; // a later question is on its way
      if (answer.ok) box.innerHTML = text;
    }
  }
  function apply() {
    history.replaceState(null, "", `?${query()}`);
    const unit = document.querySelector("[data-unit]");
    if (unit) unit.textContent = (form.elements.output.selectedOptions[0].textContent.match(/\(([^()]*)\)$/) || ["", ""])[1];
    const clear = document.getElementById("clear");
    if (clear) clear.hidden = ![...query().keys()].some((name) => /^(f\d+|out)/.test(name));
    reload();
    return fragments();
  }
  form.querySelectorAll(".apply").forEach((button) => { button.hidden = true; });
  form.addEventListener("submit", (event) => { event.preventDefault(); apply(); });
  form.addEventListener("change", (event) => { if (event.target.name) apply(); });
  const clear = document.getElementById("clear");
  if (clear) clear.addEventListener("click", (event) => {
    event.preventDefault();
    form.querySelectorAll(".ranges input").forEach((input) => { if (input.type === "checkbox") input.checked = false; else input.value = ""; });
    apply();
  });
  // The order of the table.
  const found = document.getElementById("found");
  if (found) found.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-sort]");
    if (!button) return;
    form.elements.sort.value = button.dataset.sort;
    const position = [...found.querySelectorAll("button[data-sort]")].indexOf(button);
    await apply();
    const again = found.querySelectorAll("button[data-sort]")[position];
    if (again) again.focus();
  });
  // A point leads to its member; a box over an axis becomes a range.
  const listening = new WeakSet();
  function placed(state) {
    if (listening.has(state.plot) || !state.plot.on) return;
    listening.add(state.plot);
    state.plot.on("plotly_click", (event) => {
      const point = event.points[0];
      if (point && point.data.meta && point.data.meta.members) location.href = `${page.dataset.page}members/${point.customdata[0]}/`;
    });
    if (state.chart.id === "parallel") state.plot.on("plotly_selected", (event) => { if (event && event.range) brushed(event.range); });
  }
  function brushed(range) {
    const [left, right] = [...range.x].sort((a, b) => a - b);
    const [low, high] = [...range.y].sort((a, b) => a - b);
    const groups = [...document.querySelectorAll(".range")];
    groups.forEach((group, axis) => {
      if (axis < left || axis > right) return;
      const [from, to] = group.querySelectorAll('input[type="number"]');
      const boxes = [...group.querySelectorAll('input[type="checkbox"]')];
      if (from) {
        const [least, most] = [Number(from.dataset.end), Number(to.dataset.end)];
        const at = (place) => Number((least + place * (most - least)).toPrecision(4));
        from.value = low <= 0 ? "" : String(at(low));
        to.value = high >= 1 ? "" : String(at(high));
      }
      boxes.forEach((box, place) => {
        const here = boxes.length > 1 ? place / (boxes.length - 1) : 0.5;
        box.checked = here >= low && here <= high;
      });
    });
    apply();
  }
  window.steeliq = { kit, states, load, drawAll, brushed };
})();
