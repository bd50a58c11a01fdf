"use strict";
/* Figures of a page, of one run or of a comparison: each fills itself when it comes near the window and has the panes
   chart, table and source and one dialog for taking it away.

   steeliqPanels({ kit, source, addressOf, hash, placed }) gives { states, load, reload, drawAll }:
   kit: what steeliqFigures gives; source(figure): a promise of the chart, if it does not come from its address;
   addressOf(figure, kind, more): where its file is; hash: stands in the names of pictures; placed(state): called after a figure was drawn or filled anew. */
window.steeliqPanels = ({ kit, source, addressOf, hash, placed = () => {} }) => {
  const states = new Map(); // figure element -> state of figure.js
  const asked = new Map(); // figure element -> number of its latest request

  /* Plotly is large: what is drawn waits for it, what is fetched does not. */
  const plotly = document.querySelector("script[data-plotly]");
  const ready = window.Plotly || !plotly ? Promise.resolve() : new Promise((resolve, reject) => {
    plotly.addEventListener("load", resolve);
    plotly.addEventListener("error", () => reject(new Error("the part that draws charts did not load")));
  });
  ready.catch(() => {}); // each figure says so itself

  async function fetched(figure) {
    const answer = await fetch(addressOf(figure, "json"), { headers: { Accept: "application/json" } });
    const chart = await answer.json();
    if (!answer.ok) throw new Error(chart.problem || `the server answered ${answer.status}`);
    return chart;
  }

  /* One figure: fetch, then draw, or say why there is nothing. */
  async function load(figure) {
    const turn = (asked.get(figure) || 0) + 1;
    asked.set(figure, turn);
    figure.setAttribute("aria-busy", "true");
    try {
      const [chart] = await Promise.all([(source || fetched)(figure), ready]);
      if (asked.get(figure) === turn) place(figure, chart);
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
    figure.toggleAttribute("data-blank", Boolean(text)); // then its note explains nothing
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
    figure.dataset.shape = shapeOf(chart);
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
    placed(state);
  }
  /* What a narrow window must treat in its own way: a map, or what has words beside each other. */
  function shapeOf(chart) {
    if ((chart.layout.yaxis || {}).scaleanchor) return "map";
    const [first = []] = Object.values(chart.frames);
    return [...chart.traces, ...first].some((trace) => ["heatmap", "sankey"].includes(trace.type)) ? "broad" : "plain";
  }
  function about(figure, chart) {
    const list = document.createElement("dl");
    const facts = {
      Source: chart.source, Unit: chart.unit, Shown: chart.filter, [chart.run.what]: `${chart.run.name}, ${chart.run.hash}`,
      Rows: chart.rows.toLocaleString("en"), "In words": chart.summary, ...Object.fromEntries(chart.terms || []),
    };
    for (const [name, text] of Object.entries(facts)) {
      const [dt, dd] = [document.createElement("dt"), document.createElement("dd")];
      dt.textContent = name;
      dd.textContent = text;
      list.append(dt, dd);
    }
    figure.querySelector(".about").replaceChildren(list);
  }

  /* Taking one figure away. */
  const dialog = document.getElementById("download");
  const say = (text) => { dialog.querySelector("[data-said]").textContent = text; };
  const citation = (chart) => `steeliq, ${chart.run.what.toLowerCase()} ${chart.run.name} (${chart.run.hash}): ${chart.title}, ${chart.unit}. Shown: ${chart.filter}. Source: ${chart.source}.`;
  const onlyShown = () => dialog.querySelector("input[value=shown]").checked;
  let open = null;
  function links() {
    const state = states.get(open);
    const more = onlyShown() && state.chart.controls.length ? { frame: kit.frameKey(state) } : {};
    dialog.querySelectorAll("a[data-kind]").forEach((link) => {
      link.href = addressOf(open, link.dataset.kind, more);
      link.setAttribute("download", link.dataset.kind === "json" ? `${open.id}-${hash}.json` : "");
    });
  }
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
      kit.save(await kit.image(state, button.dataset.picture), `${state.chart.id}-${hash}.${button.dataset.picture}`);
      return;
    }
    try {
      if (button.dataset.copy === "picture") {
        const picture = await (await fetch(await kit.image(state, "png"))).blob();
        await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
      } else if (button.dataset.copy === "table") {
        const rows = onlyShown() ? kit.rowsShown(state) : kit.rowsAll(state);
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
  const figures = () => [...document.querySelectorAll("figure[data-figure]")];
  figures().forEach((figure) => near.observe(figure));

  /* Paper: charts in its width. What was never near the window has no picture yet and can no longer get one when the
     browser prints; where the keyboard asks for printing it is drawn first. */
  const printed = () => [...states.values()].filter((state) => !state.empty);
  window.addEventListener("beforeprint", () => {
    const missing = figures().filter((figure) => figure.getAttribute("aria-busy") === "true").length;
    document.body.dataset.unprinted = missing ? `${missing} more figures on this page: close the preview, press Ctrl+P and they are drawn first.` : "";
    kit.fit(printed(), true);
  });
  window.addEventListener("afterprint", () => kit.fit(printed(), false));
  document.addEventListener("keydown", async (event) => {
    if (event.key.toLowerCase() !== "p" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    await Promise.all(figures().filter((figure) => !asked.has(figure)).map(load));
    window.dispatchEvent(new Event("beforeprint")); // flows glide to their new places: let them arrive
    window.setTimeout(() => {
      window.print();
      window.dispatchEvent(new Event("afterprint")); // also where nothing is printed, as in the app's own window
    }, 900);
  });

  /* What is pinned below the bar stays below it, however high the bar is. */
  const bar = document.querySelector(".bar");
  const measure = () => document.documentElement.style.setProperty("--bar-height", `${bar.offsetHeight}px`);
  new ResizeObserver(measure).observe(bar);
  measure();

  return {
    states, load, reload: () => { for (const figure of asked.keys()) load(figure); },
    drawAll: () => Promise.all(figures().map(load)),
  };
};
