"use strict";
// Draws the charts of a comparison when they come near the window; follows the theme of the app.
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  if (!document.getElementById("charts")) return;
  const charts = new Map(read("charts").filter((chart) => !chart.is_empty).map((chart) => [chart.id, chart]));
  const theme = () => document.documentElement.dataset.theme || "light";
  const names = [...document.querySelectorAll("#base option")].map((option) => option.textContent).join(", ");
  const figures = steeliqFigures({ palette: read("palette"), theme, caption: () => `steeliq, comparison: ${names}` });
  const drawn = new Map();
  const start = (figure) => {
    const chart = charts.get(figure.id);
    if (chart && !drawn.has(chart.id)) drawn.set(chart.id, figures.start(figure, chart));
  };
  const near = new IntersectionObserver((entries) => {
    entries.filter((entry) => entry.isIntersecting).forEach((entry) => { near.unobserve(entry.target); start(entry.target); });
  }, { rootMargin: "600px" });
  document.querySelectorAll("figure.figure:not([data-empty])").forEach((figure) => near.observe(figure));
  document.addEventListener("themechange", () => drawn.forEach((state) => figures.draw(state)));
  // The strip stays below the bar of the page, however high that is.
  const bar = document.querySelector(".bar");
  const place = () => document.documentElement.style.setProperty("--bar-height", `${bar.offsetHeight}px`);
  new ResizeObserver(place).observe(bar);
  place();
})();
