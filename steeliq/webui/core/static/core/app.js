"use strict";
// The theme switch; charts listen to "themechange" and draw themselves anew.
(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme-switch");
  const label = () => { button.textContent = root.dataset.theme === "dark" ? "Light" : "Dark"; };
  button.addEventListener("click", () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    label();
    fetch("/theme/", { // kept by the server: a browser's store belongs to an address that changes with every start
      method: "POST", keepalive: true, body: new URLSearchParams({ theme: root.dataset.theme }),
      headers: JSON.parse(document.body.getAttribute("hx-headers:inherited")),
    }).catch(() => {}); // then the next page has the theme from before
    document.dispatchEvent(new Event("themechange"));
  });
  label();
  // Paper is white.
  let kept = null; // the theme on the screen while the page is printed
  const become = (theme) => {
    if (root.dataset.theme === theme) return;
    root.dataset.theme = theme;
    document.dispatchEvent(new Event("themechange"));
  };
  window.addEventListener("beforeprint", () => { kept = kept || root.dataset.theme; become("light"); });
  window.addEventListener("afterprint", () => { become(kept || root.dataset.theme); kept = null; });
})();
// The meaning of a term stays inside the window, and Escape puts it away.
(() => {
  const show = (event) => {
    const tip = event.target.closest && event.target.closest(".term") && event.target.closest(".term").querySelector(".tip");
    if (!tip) return;
    tip.hidden = false;
    tip.style.left = "0";
    const over = tip.getBoundingClientRect().right + 8 - document.documentElement.clientWidth;
    if (over > 0) tip.style.left = `${-over}px`;
  };
  document.addEventListener("pointerover", show);
  document.addEventListener("focusin", show);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll(".term .tip").forEach((tip) => { tip.hidden = true; });
  });
})();
