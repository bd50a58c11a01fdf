"use strict";
// The list of settings is narrowed by what is typed; after a change the keyboard is where the change was.
(() => {
  let typed = "";
  function narrow() {
    const find = document.getElementById("find");
    if (!find) return;
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    let any = false;
    document.querySelectorAll("[data-group]").forEach((group) => {
      let some = false;
      group.querySelectorAll("li").forEach((item) => {
        item.hidden = !words.every((word) => item.dataset.words.includes(word));
        some = some || !item.hidden;
      });
      group.hidden = !some;
      any = any || some;
    });
    document.getElementById("none-found").hidden = any;
  }
  document.addEventListener("input", (event) => {
    if (event.target.id !== "find") return;
    typed = event.target.value;
    narrow();
  });
  // Typing into the search or into the text changes no design; neither does choosing a file: it is taken over by its button.
  document.addEventListener("change", (event) => {
    if (["find", "text", "file"].includes(event.target.id)) event.stopPropagation();
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "find" || event.key !== "Enter") return;
    event.preventDefault();
    const first = document.querySelector("[data-group]:not([hidden]) li:not([hidden]) button:not(:disabled)");
    if (first) first.click();
  });
  document.addEventListener("htmx:after:settle", () => {
    narrow();
    const focus = document.querySelector("#builder [data-focus]");
    if (focus) { focus.removeAttribute("data-focus"); focus.focus(); }
  });
})();
