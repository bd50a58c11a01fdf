"use strict";
// The map of plants, drawn and taken away as every other figure.
(() => {
  const page = document.getElementById("map-of");
  if (!page) return;
  const kit = steeliqFigures({
    palette: JSON.parse(document.getElementById("palette").textContent),
    theme: () => document.documentElement.dataset.theme,
    caption: () => `steeliq, dataset ${page.dataset.title}, ${page.dataset.hash}`,
  });
  const addressOf = (figure, kind, more = {}) => `${figure.dataset.figure}.${kind}?${new URLSearchParams(more)}`;
  steeliqPanels({ kit, addressOf, hash: page.dataset.hash });
})();
