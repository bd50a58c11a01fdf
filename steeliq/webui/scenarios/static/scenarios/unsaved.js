"use strict";
// What is being typed into a form with data-keep is kept by the server, so that it is back after a crash; data-keep is
// the name under which the form says what it wants. One after the other, so that the last that is typed stays.
(() => {
  const form = () => document.querySelector("form[data-keep]"); // an answer may put another in its place
  const isOurs = (event) => event.target.closest && event.target.closest("form[data-keep]");
  let waiting = 0, busy = false;
  function keepSoon(pause) { waiting = waiting || setTimeout(keep, pause); }
  async function keep() {
    waiting = 0;
    if (busy) return keepSoon(100);
    busy = true;
    const body = new FormData(form());
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
    body.set(form().getAttribute("data-keep"), "keep"); // form.dataset may be a field of that name
    try {
      await fetch(form().getAttribute("action"), { method: "POST", body: new URLSearchParams(body) });
    } catch {
      keepSoon(2000); // it may be starting again
    } finally {
      busy = false;
    }
  }
  document.addEventListener("input", (event) => { if (isOurs(event)) keepSoon(500); });
  document.addEventListener("submit", (event) => { if (isOurs(event)) { clearTimeout(waiting); waiting = 0; } });
  document.addEventListener("htmx:after:settle", () => { if (form()) keepSoon(500); }); // an answer changed the form
})();
