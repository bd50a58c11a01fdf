"use strict";
// Runs before the first paint, so that a dark page never flashes white. A theme that was chosen stands in the page.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = document.documentElement.dataset.theme || (dark ? "dark" : "light");
})();
