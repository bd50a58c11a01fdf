"use strict";
/* Explore pages: figures fetch their charts when they come near the window; one filter and one year for the page, kept
   in the address; nothing reloads the page. */
(() => {
  const root = document.documentElement;
  const page = document.getElementById("explore");
  if (!page || !window.steeliqFigures) return;
  const form = document.getElementById("filter");
  const palette = JSON.parse(document.getElementById("palette").textContent);
  const kit = steeliqFigures({
    palette, theme: () => root.dataset.theme || "light", caption: () => `steeliq, ${page.dataset.run}, run ${page.dataset.hash}`,
  });
  const plantQuery = { q: "", sort: "", page: "" };
  let year = new URLSearchParams(location.search).get("year") || "";
  let base = new URLSearchParams(location.search).get("base") || ""; // run that the strip is held against

  /* The filter as it stands in the form; search words, order and page belong to the table of plants alone. */
  function filterQuery() {
    const query = new URLSearchParams();
    if (form) for (const [name, value] of new FormData(form)) if (value && name !== "q") query.append(name, value);
    return query;
  }
  /* What goes along to the other pages of the run. */
  function keptQuery() {
    const query = filterQuery();
    if (year) query.set("year", year);
    if (base) query.set("base", base);
    return query;
  }
  function pageQuery() {
    const query = keptQuery();
    for (const [name, value] of Object.entries(plantQuery)) if (value) query.set(name, value);
    return query;
  }
  function remember() {
    const query = pageQuery().toString();
    history.replaceState(null, "", query ? `?${query}` : location.pathname);
    const kept = keptQuery();
    document.querySelectorAll("a[data-keep-filter]").forEach((link) => {
      link.href = link.pathname + (kept.size ? `?${kept}` : "");
    });
    const clear = document.getElementById("clear");
    if (clear) clear.hidden = filterQuery().size === 0;
  }
  function addressOf(figure, kind, more = {}) {
    const query = filterQuery();
    for (const [name, value] of new URLSearchParams(figure.dataset.extra || "")) query.set(name, value);
    for (const [name, value] of Object.entries(more)) query.set(name, value);
    return `${figure.dataset.figure}.${kind}${query.size ? `?${query}` : ""}`;
  }

  const { states, load, reload, drawAll } = steeliqPanels({ kit, addressOf, hash: page.dataset.hash, placed: (state) => {
    follow(state);
    scrubber();
  } });

  /* The year of the page: one scrubber for all figures, the strip and the table of plants; the last year at first. */
  const scrub = document.getElementById("scrub");
  const range = document.getElementById("year");
  const years = range ? range.dataset.years.split(" ") : [];
  const shownYear = () => (years.includes(year) ? year : years[years.length - 1]);
  function scrubber() {
    if (!scrub) return;
    scrub.hidden = years.length < 2;
    range.value = String(years.indexOf(shownYear()));
    document.getElementById("year-shown").textContent = shownYear();
    range.setAttribute("aria-valuetext", shownYear());
  }
  /* A figure's own slider goes to the year, or to the nearest that it has; a course over years gets a line there. */
  function follow(state) {
    if (!years.length) return;
    const slider = state.chart.controls.find((control) => control.name === "Year");
    if (slider && !slider.values.includes(shownYear())) {
      const near = [...slider.values].sort((a, b) => Math.abs(a - shownYear()) - Math.abs(b - shownYear()))[0];
      kit.place(state, "Year", near);
    } else kit.place(state, "Year", shownYear());
    kit.mark(state, years.includes(year) ? Number(year) : null);
  }
  let later = 0;
  function setYear(value, except) {
    if (!years.includes(value)) return;
    year = value;
    scrubber();
    for (const [figure, state] of states) if (figure !== except && !state.empty) follow(state);
    window.clearTimeout(later);
    later = window.setTimeout(() => { remember(); fragments('[data-year="follow"]'); }, 180);
  }
  document.addEventListener("figure:moved", (event) => {
    if (event.detail.name === "Year") setYear(event.detail.value, event.target);
  });
  let playing = 0;
  function stop() {
    window.clearInterval(playing);
    playing = 0;
    const button = document.getElementById("play");
    button.textContent = "▶";
    button.setAttribute("aria-label", "Play the years");
  }
  if (range) {
    document.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const busy = event.target.closest && event.target.closest('a, button, input, select, textarea, summary, dialog, [tabindex="0"]');
      if (!step || busy || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const next = years[Number(range.value) + step];
      if (!next) return;
      event.preventDefault();
      stop();
      setYear(next);
    });
    range.addEventListener("input", () => { stop(); setYear(years[Number(range.value)]); });
    document.getElementById("play").addEventListener("click", (event) => {
      if (playing) { stop(); return; }
      event.target.textContent = "❚❚";
      event.target.setAttribute("aria-label", "Stop");
      if (Number(range.value) === years.length - 1) setYear(years[0]);
      playing = window.setInterval(() => {
        const next = years[Number(range.value) + 1];
        if (next) setYear(next); else stop();
      }, 450);
    });
  }

  /* Parts of the page that the server writes: key figures, table of plants. */
  const turns = new Map(); // box -> number of its latest request
  async function fragments(selector = "[data-fragment]") {
    for (const box of document.querySelectorAll(selector)) {
      const turn = (turns.get(box) || 0) + 1;
      turns.set(box, turn);
      box.setAttribute("aria-busy", "true");
      const answer = await fetch(`${box.dataset.fragment}?${pageQuery()}`, { headers: { "X-Fragment": box.id } });
      const text = await answer.text();
      if (turns.get(box) !== turn) continue; // a later question is on its way
      if (answer.ok) box.innerHTML = text;
      box.setAttribute("aria-busy", "false");
    }
    const csv = document.getElementById("plants-csv");
    if (csv) csv.href = `${csv.pathname}?${pageQuery()}`;
  }

  /* The filter: every change is applied at once. */
  function words() {
    const parts = [];
    const select = (name) => form.elements[name].selectedOptions[0];
    if (form.elements.first.value || form.elements.last.value) parts.push(`${select("first").textContent} to ${select("last").textContent}`);
    form.querySelectorAll(".pick").forEach((pick) => {
      const names = [...pick.querySelectorAll("input:checked")].map((input) => input.nextElementSibling.textContent);
      pick.querySelector(".chosen").textContent = names.length === 0 ? "all" : names.length === 1 ? names[0] : `${names.length} chosen`;
      parts.push(...(names.length > 3 ? [...names.slice(0, 3), `${names.length - 3} more`] : names));
    });
    document.getElementById("filter-words").textContent = parts.length ? `Shown: ${parts.join(", ")}.` : "";
  }
  function apply() {
    plantQuery.page = "";
    words();
    remember();
    reload();
    fragments();
  }
  if (form) {
    form.classList.add("live");
    form.addEventListener("submit", (event) => { event.preventDefault(); apply(); });
    form.addEventListener("change", (event) => {
      if (event.target.name && event.target.name !== "q") apply();
    });
    document.getElementById("clear").addEventListener("click", (event) => {
      event.preventDefault();
      form.querySelectorAll("input:checked").forEach((input) => { input.checked = false; });
      form.querySelectorAll("select").forEach((select) => { select.selectedIndex = 0; });
      apply();
    });
    form.querySelectorAll(".find").forEach((find) => {
      find.addEventListener("input", () => {
        const text = find.value.trim().toLowerCase();
        find.parentElement.querySelectorAll(".options label").forEach((label) => { label.hidden = !label.textContent.toLowerCase().includes(text); });
      });
      find.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    });
    const close = (except) => form.querySelectorAll(".pick[open]").forEach((pick) => { if (pick !== except) pick.open = false; });
    document.addEventListener("click", (event) => close(event.target.closest(".pick")));
    form.addEventListener("keydown", (event) => {
      const pick = event.target.closest(".pick[open]");
      if (event.key === "Escape" && pick) { pick.open = false; pick.querySelector("summary").focus(); }
    });
  }

  /* What the key figures are held against. */
  const against = document.getElementById("base");
  if (against) {
    against.addEventListener("change", () => {
      base = against.value;
      remember();
      fragments("#strip");
    });
  }

  /* The table of plants: words, order, page. */
  const found = document.getElementById("plants");
  if (found) {
    const search = document.getElementById("words");
    plantQuery.q = search.value;
    plantQuery.sort = new URLSearchParams(location.search).get("sort") || "";
    let typing = 0;
    search.addEventListener("input", () => {
      window.clearTimeout(typing);
      typing = window.setTimeout(() => {
        Object.assign(plantQuery, { q: search.value.trim(), page: "" });
        remember();
        fragments("#plants");
      }, 200);
    });
    found.addEventListener("click", async (event) => {
      const button = event.target.closest("button[data-sort], button[data-page]");
      if (!button) return;
      const { sort, page: next } = button.dataset;
      if (sort) Object.assign(plantQuery, { sort, page: "" }); else plantQuery.page = next;
      const position = [...found.querySelectorAll("button")].indexOf(button);
      remember();
      await fragments("#plants");
      const again = found.querySelectorAll("button")[position];
      if (again) again.focus();
    });
  }

  scrubber();
  window.steeliq = {
    kit, states, load, drawAll,
    state: (id) => states.get(document.getElementById(id)),
  };
})();
