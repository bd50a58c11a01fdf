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
  const states = new Map(); // figure element -> state of figure.js
  const asked = new Map(); // figure element -> number of its latest request
  const plantQuery = { q: "", sort: "", page: "" };
  let year = new URLSearchParams(location.search).get("year") || "";

  /* The filter as it stands in the form; search words, order and page belong to the table of plants alone. */
  function filterQuery() {
    const query = new URLSearchParams();
    if (form) for (const [name, value] of new FormData(form)) if (value && name !== "q") query.append(name, value);
    return query;
  }
  function pageQuery() {
    const query = filterQuery();
    if (year) query.set("year", year);
    for (const [name, value] of Object.entries(plantQuery)) if (value) query.set(name, value);
    return query;
  }
  function remember() {
    const query = pageQuery().toString();
    history.replaceState(null, "", query ? `?${query}` : location.pathname);
    const kept = filterQuery();
    if (year) kept.set("year", year);
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

  /* One figure: fetch, then draw, or say why there is nothing. */
  async function load(figure) {
    const turn = (asked.get(figure) || 0) + 1;
    asked.set(figure, turn);
    figure.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(addressOf(figure, "json"), { headers: { Accept: "application/json" } });
      const chart = await answer.json();
      if (asked.get(figure) !== turn) return;
      if (!answer.ok) throw new Error(chart.problem || `the server answered ${answer.status}`);
      place(figure, chart);
    } catch (error) {
      if (asked.get(figure) === turn) blank(figure, `This figure could not be loaded: ${error.message}`);
    } finally {
      if (asked.get(figure) === turn) figure.setAttribute("aria-busy", "false");
    }
  }
  function blank(figure, text) {
    const box = figure.querySelector(".blank");
    box.textContent = text;
    box.hidden = !text;
    for (const part of [".plot", ".controls", ".legend"]) figure.querySelector(part).hidden = Boolean(text);
    figure.querySelectorAll(".actions button").forEach((button) => { button.disabled = Boolean(text) && button.dataset.do !== "chart"; });
    if (text) for (const part of [".data", ".about"]) figure.querySelector(part).hidden = true;
  }
  function place(figure, chart) {
    figure.querySelector("h3 .title").textContent = chart.title;
    figure.querySelector("h3 .unit").textContent = `, ${chart.unit}`;
    figure.querySelector(".note").textContent = chart.note;
    figure.querySelector(".source").textContent = `Source: ${chart.source}.`;
    const plot = figure.querySelector(".plot");
    plot.style.height = `${chart.height}px`;
    plot.setAttribute("aria-label", `${chart.title}. ${chart.summary}`);
    figure.querySelector(".actions").setAttribute("aria-label", `View of: ${chart.title}`);
    figure.querySelector(".data").setAttribute("aria-label", `Data of: ${chart.title}`);
    about(figure, chart);
    blank(figure, chart.is_empty ? chart.empty : "");
    let state = states.get(figure);
    if (chart.is_empty) {
      if (state) Object.assign(state, { empty: true, chart, at: [] });
      return;
    }
    if (state) {
      state.empty = false;
      if (state.pane !== "chart") plot.hidden = true;
      kit.update(state, chart);
      if (state.pane !== "chart") kit.show(state, state.pane);
    } else {
      state = kit.start(figure, chart);
      states.set(figure, state);
    }
    if (year) kit.place(state, "Year", year);
    scrubber();
  }
  function about(figure, chart) {
    const list = document.createElement("dl");
    const facts = { Source: chart.source, Unit: chart.unit, Shown: chart.filter, Run: `${chart.run.name}, ${chart.run.hash}`, Rows: chart.rows.toLocaleString("en"), "In words": chart.summary };
    for (const [name, text] of Object.entries(facts)) {
      const [dt, dd] = [document.createElement("dt"), document.createElement("dd")];
      dt.textContent = name;
      dd.textContent = text;
      list.append(dt, dd);
    }
    figure.querySelector(".about").replaceChildren(list);
  }

  /* The year of the page: one scrubber for all figures and the table of plants. */
  const scrub = document.getElementById("scrub");
  const range = document.getElementById("year");
  const years = range ? range.dataset.years.split(" ") : [];
  function scrubber() {
    if (!scrub) return;
    const sliders = [...states.values()].map((state) => state.chart.controls.findIndex((one) => one.name === "Year")).some((i) => i >= 0);
    scrub.hidden = !sliders && !document.querySelector('[data-year="follow"]');
    range.value = String(Math.max(0, years.indexOf(year || years[0])));
    document.getElementById("year-shown").textContent = years[Number(range.value)];
    range.setAttribute("aria-valuetext", years[Number(range.value)]);
  }
  let later = 0;
  function setYear(value, except) {
    if (!years.includes(value)) return;
    year = value;
    scrubber();
    for (const [figure, state] of states) if (figure !== except && !state.empty) kit.place(state, "Year", value);
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

  /* Parts of the page that the server writes: tiles, table of plants. */
  async function fragments(selector = "[data-fragment]") {
    for (const box of document.querySelectorAll(selector)) {
      const query = pageQuery();
      box.setAttribute("aria-busy", "true");
      const answer = await fetch(`${box.dataset.fragment}?${query}`, { headers: { "X-Fragment": box.id } });
      if (answer.ok) box.innerHTML = await answer.text();
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
    for (const figure of asked.keys()) load(figure);
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

  /* Downloads of one figure. */
  const dialog = document.getElementById("download");
  let open = null;
  function links() {
    const shown = dialog.querySelector("input[value=shown]").checked;
    const state = states.get(open);
    const more = shown && state.chart.controls.length ? { frame: kit.frameKey(state) } : {};
    dialog.querySelectorAll("a[data-kind]").forEach((link) => {
      link.href = addressOf(open, link.dataset.kind, link.dataset.kind === "json" ? {} : more);
      link.setAttribute("download", link.dataset.kind === "json" ? `${open.id}.json` : "");
    });
  }
  const citation = (chart) => `steeliq, run ${chart.run.name} (${chart.run.hash}): ${chart.title}, ${chart.unit}. Shown: ${chart.filter}. Source: ${chart.source}.`;
  const say = (text) => { dialog.querySelector("[data-said]").textContent = text; };
  document.addEventListener("click", (event) => {
    const button = event.target.closest('button[data-open="download"]');
    if (!button) return;
    open = button.closest("figure");
    const state = states.get(open);
    if (!state) return;
    dialog.querySelector("h2").textContent = `Download: ${state.chart.title}`;
    dialog.querySelector('[data-count="all"]').textContent = `(${kit.rowsAll(state).length.toLocaleString("en")})`;
    dialog.querySelector('[data-count="shown"]').textContent = `(${kit.rowsShown(state).length.toLocaleString("en")})`;
    dialog.querySelector(".citation").textContent = citation(state.chart);
    say("");
    links();
    dialog.showModal();
  });
  dialog.addEventListener("change", links);
  dialog.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-picture], button[data-copy]");
    if (!button) return;
    const state = states.get(open);
    if (button.dataset.picture) {
      kit.save(await kit.image(state, button.dataset.picture), `${state.chart.id}-${page.dataset.hash}.${button.dataset.picture}`);
      return;
    }
    try {
      if (button.dataset.copy === "picture") {
        const picture = await (await fetch(await kit.image(state, "png"))).blob();
        await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
      } else if (button.dataset.copy === "table") {
        const rows = dialog.querySelector("input[value=shown]").checked ? kit.rowsShown(state) : kit.rowsAll(state);
        await navigator.clipboard.writeText([state.chart.columns, ...rows].map((row) => row.map((cell) => (cell === null ? "" : cell)).join("\t")).join("\n"));
      } else await navigator.clipboard.writeText(citation(state.chart));
      say("Copied.");
    } catch (error) {
      say(`This browser did not let the page copy (${error.message}); download it instead.`);
    }
  });

  document.addEventListener("themechange", () => { for (const state of states.values()) if (!state.empty) kit.draw(state); });
  const near = new IntersectionObserver((entries) => {
    entries.filter((entry) => entry.isIntersecting).forEach((entry) => { near.unobserve(entry.target); load(entry.target); });
  }, { rootMargin: "500px" });
  document.querySelectorAll("figure[data-figure]").forEach((figure) => near.observe(figure));
  scrubber();
  window.steeliq = {
    kit, states, load,
    state: (id) => states.get(document.getElementById(id)),
    drawAll: () => Promise.all([...document.querySelectorAll("figure[data-figure]")].map(load)),
  };
})();
