"use strict";
// The builder. What is done is asked one after the other, each with the form as it stands then, so that nothing that is
// typed or added while an answer is on its way gets lost; afterwards the keyboard is where the change was.
(() => {
  const form = () => document.querySelector("form.build");
  const pending = [];
  let busy = false;
  function ask(what) {
    if (what !== "check" || pending[pending.length - 1] !== "check") pending.push(what);
    pump();
  }
  function pump() {
    if (busy || !pending.length) return;
    busy = true;
    form().querySelector("[data-do]").value = pending.shift();
    form().dispatchEvent(new Event("ask"));
  }
  document.addEventListener("htmx:finally:request", () => { setTimeout(() => { busy = false; pump(); }); });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form.build")) return;
    event.preventDefault();
    ask(event.submitter && event.submitter.name === "do" ? event.submitter.value : "check");
  });
  // Typing into the search or the text changes no design, neither does choosing a file: these are taken over by a button.
  document.addEventListener("change", (event) => {
    if (event.target.form && event.target.form === form() && !["find", "text", "file"].includes(event.target.id)) ask("check");
  });

  // The list of settings is narrowed by what is typed.
  let typed = "";
  function narrow() {
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
    const none = document.getElementById("none-found");
    if (none) none.hidden = any;
  }
  document.addEventListener("input", (event) => {
    if (event.target.id === "text") form().elements.typed.value = "1";  // and not taken over yet
    if (event.target.id !== "find") return;
    typed = event.target.value;
    narrow();
  });
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
