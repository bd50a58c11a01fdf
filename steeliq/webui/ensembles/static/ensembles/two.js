"use strict";
// The figure of a comparison: its chart stands in the page, its files come from the server.
(() => {
  const page = document.getElementById("ensemble");
  if (!page || !window.steeliqFigures) return;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const charts = read("charts");
  const kit = steeliqFigures({
    palette: read("palette"), theme: () => document.documentElement.dataset.theme || "light",
    caption: () => `steeliq, ensembles ${page.dataset.name}, ${page.dataset.hash}`,
  });
  window.steeliq = { kit, ...steeliqPanels({
    kit, hash: page.dataset.hash, source: async (figure) => charts[figure.id],
    addressOf: (figure, kind, more = {}) => `${figure.dataset.figure}.${kind}?${page.dataset.query}&${new URLSearchParams(more)}`,
  }) };
})();
