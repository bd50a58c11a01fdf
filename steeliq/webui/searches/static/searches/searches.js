"use strict";
// The trace of a search: drawn anew with every trial that comes in.
(() => {
  const page = document.getElementById("search-page");
  if (!page || !window.steeliqFigures) return;
  const kit = steeliqFigures({
    palette: JSON.parse(document.getElementById("palette").textContent), theme: () => document.documentElement.dataset.theme || "light",
    caption: () => `steeliq, search ${page.dataset.name}, ${page.dataset.hash}`,
  });
  const panels = steeliqPanels({
    kit, hash: page.dataset.hash,
    addressOf: (figure, kind, more = {}) => `${figure.dataset.figure}.${kind}?${new URLSearchParams(more)}`,
  });
  const tried = () => document.getElementById("live").dataset.tried;
  let drawn = tried();
  document.addEventListener("htmx:after:settle", () => {
    if (tried() === drawn) return;
    drawn = tried();
    panels.reload();
  });
  window.steeliq = { kit, ...panels };
})();
