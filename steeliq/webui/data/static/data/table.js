"use strict";
// Escape leaves a cell as it was.
document.addEventListener("keydown", (event) => {
  const form = event.key === "Escape" && event.target.closest ? event.target.closest("td.pen form") : null;
  if (form) form.querySelector("[data-cancel]").click();
});
