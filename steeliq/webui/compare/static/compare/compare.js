"use strict";
// The figures of a comparison: their charts stand in the page, their files come from the server.
(() => {
  const page = document.getElementById("comparison");
  if (!page) return;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const charts = read("charts");
  const theme = () => document.documentElement.dataset.theme || "light";
  const names = [...document.querySelectorAll("#base option")].map((option) => option.textContent).join(", ");
  const kit = steeliqFigures({ palette: read("palette"), theme, caption: () => `steeliq, comparison: ${names}, ${page.dataset.hash}` });
  window.steeliq = { kit, ...steeliqPanels({
    kit,
    source: async (figure) => charts[figure.id],
    addressOf: (figure, kind, more = {}) => `${figure.dataset.figure}.${kind}?${page.dataset.query}&${new URLSearchParams(more)}`,
    hash: page.dataset.hash,
  }) };
})();
