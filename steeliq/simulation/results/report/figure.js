"use strict";
/* Draws a chart given as plain data into a figure element: controls, legend, picture, table, downloads.
   The report page and the web app both use this file, so that a chart looks and downloads the same everywhere.

   steeliqFigures({ palette, theme, caption, hash }) gives { start, update, place, draw, fit, ... }:
   palette: colour tokens by ground; theme(): "light" or "dark"; caption(): what stands under a saved picture; hash: of
   the run, in the names of files that the page itself writes. */
window.steeliqFigures = ({ palette, theme, caption, hash }) => {
  /* Plotly reads some HTML in texts: a name that holds a link is to be shown, not followed. */
  const literal = (text) => text.replace(/&(?=#?\w+;)/g, "&amp;").replace(/<(?!br>|\/?extra>)/g, "&lt;");
  const colours = (value, of) => {
    if (typeof value === "string") return value[0] === "$" && value in of ? of[value] : literal(value);
    if (Array.isArray(value)) return value.map((item) => colours(item, of));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, colours(item, of)]));
    }
    return value;
  };
  const UNKEYED = ["heatmap", "sankey"]; // kinds of traces that no legend explains
  const PAPER = { width: 640, height: 310 }; // of a chart on A4 or letter in px, so that two figures stand on a page
  const FEW = 4; // years that an axis has room for at least, so that bars stay bars
  let paper = null; // size of every chart while the page is printed; null: as its figure has it

  /* What is drawn for the present position of the controls. */
  function frameKey(state) {
    return state.chart.controls.map((control, i) => control.values[state.at[i]]).join("|");
  }
  function tracesOf(state) {
    const dynamic = state.chart.controls.length ? state.chart.frames[frameKey(state)] || [] : [];
    return [...state.chart.traces, ...dynamic];
  }
  const fontOf = (of) => ({
    family: 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif', size: 12, color: of.$text,
  });
  function axis(given, of) {
    return {
      gridcolor: of.$grid, zerolinecolor: of.$axis, linecolor: of.$axis, tickcolor: of.$axis, ticks: "outside",
      ticklen: 4, automargin: true, separatethousands: true, exponentformat: "none", fixedrange: false, ...given,
      title: { standoff: 8, font: { size: 12, color: of.$muted }, ...(given.title || {}) },
    };
  }
  /* What stands around the present frame: unit, note and layout of this choice, else of the first control's value. */
  function viewOf(state) {
    const key = frameKey(state);
    return state.chart.views[key] || state.chart.views[key.split("|")[0]] || {};
  }
  const unitOf = (state) => viewOf(state).unit || state.chart.unit;
  function merged(base, over) {
    const result = { ...base };
    for (const [key, item] of Object.entries(over)) {
      const both = [base[key], item].every((value) => value && typeof value === "object" && !Array.isArray(value));
      result[key] = both ? merged(base[key], item) : item;
    }
    return result;
  }
  function words(state) {
    state.figure.querySelector("h3 .unit").textContent = `, ${unitOf(state)}`;
    const note = state.figure.querySelector(".note");
    if (note) note.textContent = [viewOf(state).note, state.chart.note].filter(Boolean).join(" ");
  }
  function layoutOf(state, of) {
    const given = colours(merged(state.chart.layout, viewOf(state).layout || {}), of);
    return {
      ...(paper || {}), showlegend: false, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: fontOf(of),
      dragmode: false, uirevision: state.chart.id, separators: ".,",
      margin: { l: 52, r: 12, t: 12, b: 34 },
      hoverlabel: { bgcolor: of.$ground, bordercolor: of.$axis, font: fontOf(of) },
      ...given,
      xaxis: { ...axis(given.xaxis || {}, of), showgrid: false, ...yearTicks(state, given.xaxis || {}) },
      yaxis: axis(given.yaxis || {}, of),
      shapes: [...(given.shapes || []), ...yearLine(state, given.xaxis || {}, of)],
    };
  }
  /* A line at the marked year of a course over years. */
  function yearLine(state, given, of) {
    if (state.year === null || given.tickformat !== "d") return [];
    const line = { color: of.$text, width: 1, dash: "dot" };
    return [{ type: "line", xref: "x", yref: "paper", x0: state.year, x1: state.year, y0: 0, y1: 1, line }];
  }
  /* Whole years only: with few years Plotly would label halves, and one bar would fill the figure. */
  function yearTicks(state, given) {
    if (given.tickformat !== "d") return {};
    const years = tracesOf(state).flatMap((trace) => trace.x || []);
    if (!years.length) return {};
    const [first, last] = [Math.min(...years), Math.max(...years)];
    const span = last - first;
    if (span < FEW) return { range: [(first + last - FEW) / 2 - 0.5, (first + last + FEW) / 2 + 0.5], tickvals: [...new Set(years)] };
    return { dtick: span <= 8 ? 1 : span <= 16 ? 2 : 5, tick0: 2000 };
  }
  function painted(state, of) {
    return tracesOf(state).map((trace) => (
      { ...colours(trace, of), ...(state.hidden.has(trace.name) ? { visible: false } : {}) }));
  }
  function draw(state) {
    const of = palette[theme()];
    legend(state, of);
    words(state);
    return Plotly.react(state.plot, painted(state, of), layoutOf(state, of), { displayModeBar: false, responsive: true });
  }

  /* Charts keep the width they were drawn with: draw them for paper, and afterwards for their figures again. */
  function fit(states, onPaper) {
    paper = onPaper ? PAPER : null;
    for (const state of states) {
      if (state.pane !== "chart") continue;
      draw(state);
      if (!onPaper) Plotly.Plots.resize(state.plot);
    }
  }

  /* Legend in the page: wraps instead of overlapping, and can be used from the keyboard. */
  function swatch(trace, of) {
    const marker = trace.marker || {};
    const flat = (colour) => (typeof colour === "string" ? colour : "$text");
    const colour = colours((trace.line && trace.line.color) || flat(marker.color), of);
    if (trace.type === "scatter" && (trace.mode || "").includes("lines")) {
      const dashes = { dash: "5 3", dot: "2 3", dashdot: "6 3 2 3", longdash: "9 3", longdashdot: "9 3 2 3" };
      const dash = trace.line.dash in dashes ? ` stroke-dasharray="${dashes[trace.line.dash]}"` : "";
      const stroke = `stroke="${colour}" stroke-width="${Math.min(trace.line.width, 3.4)}"`;
      return `<svg width="26" height="10" aria-hidden="true"><line x1="1" x2="25" y1="5" y2="5" ${stroke}${dash}/></svg>`;
    }
    if (trace.type === "scatter") {
      const ring = (marker.symbol || "").toString().endsWith("-open");
      const paint = ring ? `fill="none" stroke="${colour}" stroke-width="1.8"` : `fill="${colour}"`;
      return `<svg width="12" height="12" aria-hidden="true"><circle cx="6" cy="6" r="5" ${paint}/></svg>`;
    }
    const shape = marker.pattern && marker.pattern.shape;
    const strokes = { "/": "M1 11L11 1M-4 6L6 -4M6 16L16 6", x: "M0 0L12 12M0 12L12 0", "-": "M0 4H12M0 8H12", ".": "M3 3h.1M9 3h.1M6 6h.1M3 9h.1M9 9h.1" };
    const over = shape ? `<path d="${strokes[shape] || strokes["/"]}" stroke="${of.$ground}" stroke-width="1.6" stroke-linecap="round" fill="none"/>` : "";
    return `<svg width="12" height="12" aria-hidden="true"><rect width="12" height="12" rx="2" fill="${colour}"/>${over}</svg>`;
  }
  function legend(state, of) {
    const named = tracesOf(state).filter((trace) => trace.name && trace.showlegend !== false && !UNKEYED.includes(trace.type));
    const list = state.figure.querySelector(".legend");
    const stacked = (state.chart.layout.legend || {}).traceorder === "reversed";
    const order = stacked ? [...named].reverse() : named;
    list.replaceChildren(...order.map((trace) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.innerHTML = swatch(trace, of);
      button.append(trace.name);
      button.setAttribute("aria-pressed", String(!state.hidden.has(trace.name)));
      button.title = "Show or hide";
      button.addEventListener("click", () => {
        if (!state.hidden.delete(trace.name)) state.hidden.add(trace.name);
        const position = [...list.children].indexOf(item);
        draw(state);
        list.children[position].firstChild.focus();
      });
      item.append(button);
      return item;
    }));
  }

  /* Controls: sliders over years, choices. */
  function controls(state) {
    const box = state.figure.querySelector(".controls");
    state.inputs = state.chart.controls.map((control, i) => {
      const label = document.createElement("label");
      label.append(control.name);
      let input;
      let show = () => { input.value = String(state.at[i]); };
      if (control.kind === "slider") {
        input = document.createElement("input");
        Object.assign(input, { type: "range", min: 0, max: control.values.length - 1, step: 1, value: state.at[i] });
        input.disabled = control.values.length < 2;
        const output = document.createElement("output");
        show = () => {
          input.value = String(state.at[i]);
          output.textContent = control.labels[state.at[i]];
          input.setAttribute("aria-valuetext", control.labels[state.at[i]]);
        };
        input.addEventListener("input", () => { moved(state, i, Number(input.value)); });
        label.append(input, output);
      } else {
        input = document.createElement("select");
        control.labels.forEach((text, n) => input.append(new Option(text, String(n), false, n === state.at[i])));
        input.addEventListener("change", () => { moved(state, i, Number(input.value)); });
        label.append(input);
      }
      show();
      return { label, show };
    });
    box.replaceChildren(...state.inputs.map((input) => input.label));
  }
  function moved(state, i, position) {
    state.at[i] = position;
    state.inputs[i].show();
    refresh(state);
    const control = state.chart.controls[i];
    const detail = { name: control.name, value: control.values[position] };
    state.figure.dispatchEvent(new CustomEvent("figure:moved", { bubbles: true, detail }));
  }
  /* Put the control of this name to a value from outside; without that value nothing changes. */
  function place(state, name, value) {
    const i = state.chart.controls.findIndex((control) => control.name === name);
    const position = i < 0 ? -1 : state.chart.controls[i].values.indexOf(String(value));
    if (position < 0 || position === state.at[i]) return;
    state.at[i] = position;
    state.inputs[i].show();
    refresh(state);
  }
  /* Mark a year (null: none) in a course over years. */
  function mark(state, year) {
    if (state.year === year) return;
    state.year = year;
    const { xaxis = {} } = state.chart.layout;
    if (xaxis.tickformat === "d") Plotly.relayout(state.plot, { shapes: layoutOf(state, palette[theme()]).shapes });
  }
  function refresh(state) {
    draw(state);
    if (!state.figure.querySelector(".data").hidden) table(state);
  }

  /* The data behind a chart, read from the traces that are drawn. */
  function rowsOf(traces, prefix) {
    const plain = (value) => (typeof value === "string" ? value.replace(/(\w-)<br>/g, "$1").replaceAll("<br>", " ") : value);
    const rows = [];
    for (const trace of traces) {
      if (trace.meta && trace.meta.ground) continue;
      if (trace.type === "heatmap") {
        trace.y.forEach((y, i) => trace.x.forEach((x, j) => {
          if (trace.z[i][j] !== null) rows.push([...prefix, y, plain(x), trace.z[i][j]]);
        }));
        continue;
      }
      if (trace.meta && trace.meta.table === "customdata") {
        const named = trace.meta.unnamed ? [] : [trace.name];
        trace.customdata.forEach((given) => rows.push([...prefix, ...named, ...given]));
        continue;
      }
      trace.x.forEach((x, i) => rows.push([...prefix, trace.name, plain(x), trace.y[i], ...((trace.customdata || [])[i] || [])]));
    }
    return rows;
  }
  function rowsShown(state) {
    return rowsOf(tracesOf(state), state.chart.controls.map((control, i) => control.labels[state.at[i]]));
  }
  function rowsAll(state) {
    const { chart } = state;
    if (!chart.controls.length) return rowsOf(chart.traces, []);
    return Object.entries(chart.frames).flatMap(([key, traces]) => rowsOf(traces, key.split("|").map((value, i) => {
      const control = chart.controls[i];
      return control.labels[control.values.indexOf(value)];
    })));
  }
  function csvOf(state) {
    const cell = (value) => {
      const text = value === null || value === undefined ? "" : String(value);
      return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    return [state.chart.columns, ...rowsAll(state)].map((row) => row.map(cell).join(",")).join("\n") + "\n";
  }
  function table(state) {
    const rows = rowsShown(state);
    const element = document.createElement("table");
    const line = (cells, tag) => {
      const row = document.createElement("tr");
      cells.forEach((value) => {
        const cell = document.createElement(tag);
        cell.textContent = value === null ? "" : value;
        if (typeof value === "number") cell.className = "n";
        row.append(cell);
      });
      return row;
    };
    const head = element.createTHead();
    head.append(line(state.chart.columns, "th"));
    if (rows.length) rows[0].forEach((value, i) => { if (typeof value === "number") head.rows[0].cells[i].className = "n"; });
    const body = element.createTBody();
    rows.forEach((row) => body.append(line(row, "td")));
    state.figure.querySelector(".data").replaceChildren(element);
  }

  /* Downloads. */
  function save(url, name) {
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
  }
  /* A picture as a data URL; pictures go into papers: always on white. */
  function image(state, format) {
    const of = palette.light;
    const layout = layoutOf(state, of);
    const { chart } = state;
    const width = chart.wide ? 1200 : 800;
    Object.assign(layout, {
      width, height: chart.height + 190, paper_bgcolor: of.$ground, plot_bgcolor: of.$ground,
      title: { text: `${chart.title}, ${unitOf(state)}`, x: 0.01, xanchor: "left", font: { size: 16 } },
      showlegend: tracesOf(state).some((trace) => !UNKEYED.includes(trace.type)),
      legend: { orientation: "h", y: -0.16, yanchor: "top", x: 0, itemsizing: "constant", font: { size: 11 } },
      margin: { l: 70, r: 30, t: 50, b: 150 },
      annotations: [...(layout.annotations || []), {
        text: [chart.controls.map((control, i) => control.labels[state.at[i]]).join(", "), caption(), `Source: ${chart.source}`].filter(Boolean).join(" · "),
        showarrow: false, xref: "paper", yref: "paper", x: 0, xanchor: "left", y: 1.0, yanchor: "bottom", yshift: 4,
        font: { size: 10, color: of.$muted },
      }],
    });
    const scale = format === "png" ? 2 : 1;
    return Plotly.toImage({ data: painted(state, of), layout }, { format, width, height: layout.height, scale });
  }
  async function picture(state, format) {
    save(await image(state, format), `${state.chart.id}-${hash}.${format}`);
  }
  /* The mark at the beginning tells Excel that the text is UTF-8. */
  function csv(state) {
    const url = URL.createObjectURL(new Blob(["\ufeff", csvOf(state)], { type: "text/csv;charset=utf-8" }));
    save(url, `${state.chart.id}-${hash}.csv`);
    window.setTimeout(() => URL.revokeObjectURL(url), 1000);
  }
  /* Which pane of a figure is seen: chart, table or source. */
  function show(state, pane) {
    state.pane = pane;
    const panes = { chart: ".plot", table: ".data", source: ".about" };
    for (const [name, selector] of Object.entries(panes)) {
      const box = state.figure.querySelector(selector);
      if (box) box.hidden = name !== pane;
      const button = state.figure.querySelector(`button[data-do="${name}"]`);
      if (button) button.setAttribute("aria-pressed", String(name === pane));
    }
    if (pane === "table") table(state);
    if (pane === "chart") Plotly.Plots.resize(state.plot);
  }
  function act(state, action) {
    if (action === "chart" || action === "source") show(state, action);
    else if (action === "table") show(state, state.pane === "table" && !state.figure.querySelector('[data-do="chart"]') ? "chart" : "table");
    else if (action === "csv") csv(state);
    else if (action === "png" || action === "svg") picture(state, action);
  }

  function start(figure, chart) {
    const state = {
      chart, figure, plot: figure.querySelector(".plot"), at: chart.controls.map((control) => control.start), hidden: new Set(),
      inputs: [], pane: "chart", year: null,
    };
    controls(state);
    figure.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-do]");
      if (button) act(state, button.dataset.do);
    });
    draw(state);
    return state;
  }
  /* New data for a figure: controls stay where they were if their value still exists. */
  function update(state, chart) {
    const before = new Map(state.chart.controls.map((control, i) => [control.name, control.values[state.at[i]]]));
    state.chart = chart;
    state.at = chart.controls.map((control) => {
      const kept = control.values.indexOf(before.get(control.name));
      return kept < 0 ? control.start : kept;
    });
    controls(state);
    refresh(state);
  }
  return { start, update, place, mark, draw, fit, show, image, save, rowsShown, rowsAll, csvOf, frameKey, unitOf };
};
