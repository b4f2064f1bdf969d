"use strict";
// Figures are exact text from the program; numbers here are only positions on the screen.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { moments, accounts, totals, periods, width } = data;
  const slider = document.getElementById("slider");
  if (!slider || moments.length === 0) return;
  const byId = (id) => document.getElementById(id);
  const all = (what) => Array.from(document.querySelectorAll(what));
  const when = byId("when"), after = byId("after"), play = byId("play");
  const accountCells = all("[data-account]"), totalCells = all("[data-total]");
  const marks = all(".mark"), dots = all(".dot");
  const statement = byId("statement");
  // The statement is split into parts; only those near the selected moment are visible.
  const parts = all("#statement tbody").map((body) => ({
    body, first: Number(body.dataset.first), rows: Array.from(body.rows, (row) => [row, Number(row.dataset.m)]),
  }));
  const near = 2;
  const periodRows = all("[data-from]").map((row) => ({
    row, from: Number(row.dataset.from), to: Number(row.dataset.to),
  }));

  // The last index in a sorted list whose key is not greater than `most`; -1 if there is none.
  const last = (list, key, most) => {
    let low = 0, high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (key(list[middle]) <= most) low = middle + 1; else high = middle;
    }
    return low - 1;
  };
  const atPlace = (x) => last(moments, (moment) => moment[0], x);

  let at = moments.length - 1, place = width, partAt = parts.length - 1;

  const put = (cell, figure) => {
    cell.textContent = figure;
    cell.classList.toggle("negative", figure.startsWith("-"));
  };
  const figureOf = (line, moment) => {
    const step = last(line.steps, (step) => step[0], moment);
    return step < 0 ? line.opening : line.steps[step];
  };

  const center = (row, box) => {
    if (box.scrollHeight > box.clientHeight) box.scrollTop = row.offsetTop - box.clientHeight / 2;
  };

  const show = (moment, x, scroll) => {
    const before = partAt;
    at = moment;
    place = x;
    partAt = Math.max(0, last(parts, (part) => part.first, at));
    parts.forEach(({ body, first }, part) => {
      body.classList.toggle("later", first > at);
      body.hidden = parts.length > 2 * near + 1 && Math.abs(part - partAt) > near;
    });
    for (const part of new Set([before, partAt])) {
      for (const [row, own] of parts[part].rows) {
        row.classList.toggle("later", own > at);
        row.classList.toggle("here", own === at);
      }
    }

    const here = at < 0 ? null : moments[at];
    when.textContent = here ? here[3] : "before the first event";
    when.title = here ? here[2] : "";
    after.textContent = here ? "after #" + here[1] : "";
    accountCells.forEach((cell) => {
      const line = accounts[Number(cell.dataset.account)];
      const found = figureOf(line, at);
      put(cell, Array.isArray(found) ? found[1] : found);
    });
    totalCells.forEach((cell) => {
      const line = totals[Number(cell.dataset.total)];
      const found = figureOf(line, at);
      put(cell, Array.isArray(found) ? found[1] : found);
    });
    const percent = (x / width * 100).toFixed(3) + "%";
    marks.forEach((mark) => { mark.setAttribute("x1", percent); mark.setAttribute("x2", percent); });
    dots.forEach((dot) => {
      const line = totals[Number(dot.dataset.dot)];
      const found = figureOf(line, at);
      dot.setAttribute("cx", percent);
      dot.setAttribute("cy", String(Array.isArray(found) ? found[2] : line.y));
    });
    periodRows.forEach(({ row, from, to }) => {
      const isHere = from <= x && x <= to;
      row.classList.toggle("here", isHere);
      if (isHere) center(row, row.closest(".scroll"));
    });
    slider.value = String(x);
    const spoken = totals.map((line) => {
      const found = figureOf(line, at);
      return (Array.isArray(found) ? found[1] : found) + " " + line.currency;
    });
    slider.setAttribute("aria-valuetext", [when.textContent, after.textContent, ...spoken].filter(Boolean).join(", "));
    if (scroll && statement && at >= 0) {
      center(parts[partAt].rows.find(([, own]) => own === at)[0], statement);
    }
  };

  const link = () => {
    const text = at < 0 ? "start" : moments[at][2];
    try { history.replaceState(null, "", "#at=" + text); } catch { /* not allowed inside some frames */ }
  };
  const stepTo = (moment) => {
    const next = Math.max(-1, Math.min(moments.length - 1, moment));
    show(next, next < 0 ? 0 : moments[next][0], true);
    link();
  };
  const stepPeriod = (forward) => {
    const ends = periods.filter((x) => (forward ? x > place : x < place));
    const x = ends.length === 0 ? (forward ? width : 0) : (forward ? ends[0] : ends[ends.length - 1]);
    show(atPlace(x), x, true);
    link();
  };

  slider.addEventListener("input", () => { stop(); const x = Number(slider.value); show(atPlace(x), x, true); });
  slider.addEventListener("change", link);
  slider.addEventListener("keydown", (event) => {
    const keys = {
      ArrowLeft: () => stepTo(at - 1), ArrowDown: () => stepTo(at - 1),
      ArrowRight: () => stepTo(at + 1), ArrowUp: () => stepTo(at + 1),
      PageDown: () => stepPeriod(false), PageUp: () => stepPeriod(true),
      Home: () => { show(-1, 0, true); link(); }, End: () => { show(moments.length - 1, width, true); link(); },
    };
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    stop();
    act();
  });
  byId("back").addEventListener("click", () => { stop(); stepTo(at - 1); });
  byId("on").addEventListener("click", () => { stop(); stepTo(at + 1); });

  let timer = null;
  const stop = () => {
    if (timer === null) return;
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
    link();
  };
  play.addEventListener("click", () => {
    if (timer !== null) { stop(); return; }
    play.textContent = "Pause";
    if (place >= width) show(-1, 0, true);
    timer = setInterval(() => {
      const x = Math.min(width, place + Math.ceil(width / 300));
      show(atPlace(x), x, true);
      if (x >= width) stop();
    }, 50);
  });

  // A click in a chart selects that moment.
  all("[data-plot]").forEach((plot) => plot.addEventListener("click", (event) => {
    const box = plot.getBoundingClientRect();
    const x = Math.round(Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * width);
    stop();
    show(atPlace(x), x, true);
    link();
  }));

  // `#at=2026-03-14`, `#at=2026-03`: the end of a local day, month or year. `#at=2026-03-14T19:30:00Z`.
  const follow = () => {
    const text = decodeURIComponent(location.hash).match(/^#at=(.+)$/)?.[1];
    if (text === undefined) return false;
    if (text === "start") { show(-1, 0, true); return true; }
    let found;
    if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/.test(text)) {
      const [whole, fraction = ""] = text.slice(0, -1).split(".");
      found = last(moments, (moment) => moment[2], whole + "." + fraction.padEnd(6, "0") + "Z");
    } else if (/^\d{4}(-\d\d(-\d\d([T ]\d\d:\d\d)?)?)?$/.test(text)) {
      const local = text.replace("T", " ");
      found = last(moments, (moment) => moment[3].slice(0, local.length), local);
    } else {
      return false;
    }
    show(found, found < 0 ? 0 : moments[found][0], true);
    return true;
  };
  addEventListener("hashchange", follow);

  byId("time").hidden = false;
  if (!follow()) show(moments.length - 1, width, true);
})();
