"use strict";
// Draws the map of plants with the report's own figure script.
(async () => {
  const figure = document.querySelector("[data-figure]");
  if (!figure) return;
  const waiting = figure.querySelector(".waiting");
  const answer = await fetch(figure.dataset.figure);
  if (!answer.ok) { waiting.textContent = "The map cannot be drawn; reload the page."; return; }
  const chart = await answer.json();
  const figures = steeliqFigures({
    palette: JSON.parse(document.getElementById("palette").textContent),
    theme: () => document.documentElement.dataset.theme,
    caption: () => figure.dataset.caption,
  });
  waiting.remove();
  const state = figures.start(figure, chart);
  document.addEventListener("themechange", () => figures.draw(state));
})();
