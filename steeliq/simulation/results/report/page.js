"use strict";
/* The report page: charts come with the page and are drawn by figure.js when they come near the window. */
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const charts = new Map(read("charts").filter((chart) => !chart.is_empty).map((chart) => [chart.id, chart]));
  const root = document.documentElement;
  const drawn = new Map(); // id of a chart -> its state

  /* Theme: follows the system until the reader chooses. */
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  const theme = () => chosen || (system.matches ? "dark" : "light");
  const figures = steeliqFigures({
    palette: read("palette"), theme, caption: () => `steeliq, ${document.querySelector("h1").textContent}, ${document.body.dataset.hash}`,
    hash: document.body.dataset.hash,
  });
  function applyTheme() {
    root.dataset.theme = theme();
    document.getElementById("theme").textContent = theme() === "dark" ? "Light" : "Dark";
    for (const state of drawn.values()) figures.draw(state);
  }

  /* A chart is drawn when it comes near the window; printing draws all. */
  function start(figure) {
    const chart = charts.get(figure.id);
    if (chart && !drawn.has(chart.id)) drawn.set(chart.id, figures.start(figure, chart));
  }
  const cards = [...document.querySelectorAll("figure.card:not([data-empty])")];
  const drawAll = () => cards.forEach(start);
  const near = new IntersectionObserver((entries) => {
    entries.filter((entry) => entry.isIntersecting).forEach((entry) => { near.unobserve(entry.target); start(entry.target); });
  }, { rootMargin: "600px" });
  cards.forEach((figure) => near.observe(figure));
  let before = null; // what was chosen before the page was printed
  window.addEventListener("beforeprint", () => {
    before = chosen;
    chosen = "light";
    drawAll();
    applyTheme();
    figures.fit(drawn.values(), true);
  });
  window.addEventListener("afterprint", () => {
    chosen = before;
    applyTheme();
    figures.fit(drawn.values(), false);
  });
  document.getElementById("theme").addEventListener("click", () => { chosen = theme() === "dark" ? "light" : "dark"; applyTheme(); });
  system.addEventListener("change", applyTheme);
  applyTheme();
  window.steeliq = {
    charts, drawn, drawAll, csvOf: (id) => figures.csvOf(drawn.get(id)), rowsShown: (id) => figures.rowsShown(drawn.get(id)),
  };
})();
