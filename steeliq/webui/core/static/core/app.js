"use strict";
// The theme switch; charts listen to "themechange" and draw themselves anew.
(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme-switch");
  const label = () => { button.textContent = root.dataset.theme === "dark" ? "Light" : "Dark"; };
  button.addEventListener("click", () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    localStorage.setItem("steeliq-theme", root.dataset.theme);
    label();
    document.dispatchEvent(new Event("themechange"));
  });
  label();
})();
