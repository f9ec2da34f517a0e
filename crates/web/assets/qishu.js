// Enhancements only: every page works without this file.
// Charts, figure cards that stay inside the window, confirmation, filters that submit on change,
// copying a link. Nothing is evaluated and nothing is written as HTML, so a strict content
// security policy holds.
(() => {
  "use strict";

  const script = document.currentScript;

  // ---- charts ------------------------------------------------------------------------------
  //
  // <div class="chart" data-chart='{…}'> with
  //   kind     "bar" | "line" | "hbar" (bars lying down)
  //   x        labels of the axis
  //   series   [{ name, data: [number|null], kind?: "bar"|"line", stack?: "a", hidden?: true }]
  //            (a hidden one only lifts the others of its stack: the foot of a waterfall)
  //   unit     shown on the axis and in the tooltip
  //   decimals shown decimals (default: as given)
  //   target   { name, value }: a dashed line
  //   links    one page address per label: a click opens it
  // The same figures stand in the table under the chart.

  const PALETTE = ["#2f6ca8", "#b9822b", "#4f8a78", "#8fb3d3", "#8a6d9c", "#7c8896"];
  const INK = "#1f2933";
  const SOFT = "#55606e";
  const LINE = "#dde2e8";
  const RED = "#a8261d";

  const charts = new Map(); // element → ECharts instance
  let library; // promise of window.echarts, asked for by the first chart

  function loadLibrary() {
    library ??= new Promise((resolve, reject) => {
      if (window.echarts) return resolve(window.echarts);
      const tag = document.createElement("script");
      tag.src = script.dataset.echarts;
      tag.onload = () => resolve(window.echarts);
      tag.onerror = () => reject(new Error("the chart library did not load"));
      document.head.append(tag);
    });
    return library;
  }

  function formatter(spec) {
    const options =
      spec.decimals === undefined
        ? { maximumFractionDigits: 6 }
        : { minimumFractionDigits: spec.decimals, maximumFractionDigits: spec.decimals };
    const number = new Intl.NumberFormat("zh-CN", options);
    return (value) => (value === null || value === undefined || value === "-" ? "—" : number.format(value));
  }

  // The highest bar or point, stacks added up.
  function highest(spec) {
    const tops = new Map();
    spec.series.forEach((one, k) =>
      one.data.forEach((value, i) => {
        const key = `${one.stack ?? `#${k}`}/${i}`;
        tops.set(key, (tops.get(key) ?? 0) + (value ?? 0));
      }),
    );
    return Math.max(0, ...tops.values());
  }

  // A step that people count in: 1, 2, 2.5 or 5 times a power of ten.
  function roundStep(value) {
    const power = 10 ** Math.floor(Math.log10(value));
    return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= value);
  }

  function optionOf(spec, font, width) {
    const flat = spec.kind === "hbar";
    const show = formatter(spec);
    const unit = spec.unit ?? "";
    const text = { color: SOFT, fontFamily: font, fontSize: 12 };
    const labels = {
      type: "category",
      data: spec.x,
      inverse: flat,
      // Of a row of months the last is the one that is asked about.
      axisLabel: { ...text, hideOverlap: !flat, showMaxLabel: spec.kind === "line" || null, ...(flat ? { width: width * 0.35, overflow: "truncate" } : {}) },
      axisLine: { lineStyle: { color: "#c3cbd5" } },
      axisTick: { show: false },
    };
    const values = {
      type: "value",
      name: flat ? "" : unit,
      nameTextStyle: { ...text, align: "right" },
      axisLabel: { ...text, formatter: show, hideOverlap: true },
      splitLine: { lineStyle: { color: LINE } },
      splitNumber: 4,
    };
    const single = spec.series.length === 1;
    const stepped = spec.series.some((one) => one.hidden);
    const series = spec.series.map((one, i) => {
      const line = (one.kind ?? spec.kind) === "line";
      return {
        name: one.name,
        type: line ? "line" : "bar",
        data: one.data,
        stack: one.stack,
        barMaxWidth: stepped ? 56 : 28,
        barMinHeight: stepped && !one.hidden ? 3 : 0,
        symbol: "circle",
        symbolSize: 6,
        showSymbol: spec.x.length <= 24,
        lineStyle: { width: 2 },
        cursor: spec.links ? "pointer" : "default",
        silent: one.hidden === true,
        itemStyle: one.hidden ? { opacity: 0 } : undefined,
        label: {
          show: (single || stepped) && !one.hidden && spec.x.length <= 16,
          position: flat ? "right" : "top",
          formatter: (point) => show(point.value),
          ...text,
          color: INK,
          ...(flat ? { backgroundColor: "#fff", padding: [1, 2] } : {}),
        },
        markLine:
          spec.target && i === 0
            ? {
                silent: true,
                z: 1, // under the bars, so that their labels stay readable
                symbol: "none",
                animation: false,
                lineStyle: { color: RED, type: "dashed", width: 1.2 },
                label: { ...text, color: RED, formatter: spec.target.name, position: flat ? "start" : "insideStartTop" },
                data: [flat ? { xAxis: spec.target.value } : { yAxis: spec.target.value }],
              }
            : undefined,
      };
    });
    if (spec.target && spec.target.value > highest(spec)) {
      // The axis must reach the target even when nothing else does.
      values.interval = roundStep(spec.target.value / 4);
      values.max = Math.ceil((spec.target.value * 1.02) / values.interval) * values.interval;
    }
    return {
      animation: false,
      // A waterfall: what stands in one colour, what rises and falls in two others; its foot is not drawn.
      color: stepped ? [PALETTE[0], PALETTE[0], PALETTE[2], PALETTE[1]] : PALETTE,
      textStyle: { fontFamily: font },
      grid: {
        left: 4,
        right: flat ? 44 : 12,
        top: (single ? 12 : 32) + ((flat ? spec.target : unit) ? 20 : 0),
        bottom: 4,
        containLabel: true,
      },
      legend: { show: !single, data: spec.series.filter((one) => !one.hidden).map((one) => one.name), top: 4, left: 0, itemWidth: 16, itemHeight: 9, textStyle: { ...text, color: INK } },
      tooltip: {
        trigger: "axis",
        renderMode: "richText", // drawn, not HTML: HTML tooltips carry inline styles
        confine: true,
        axisPointer: { type: "shadow", shadowStyle: { color: "rgba(28, 79, 130, 0.07)" } },
        backgroundColor: "#fff",
        borderColor: "#c3cbd5",
        borderWidth: 1,
        padding: [8, 12],
        textStyle: { color: INK, fontFamily: font, fontSize: 13, lineHeight: 20 },
        formatter: (points) =>
          [
            points[0].axisValueLabel,
            ...points
              .filter((p) => !spec.series[p.seriesIndex].hidden && (!stepped || typeof p.value === "number"))
              .map((p) => `${p.seriesName}　${show(p.value)} ${unit}`),
          ].join("\n"),
      },
      xAxis: flat ? values : labels,
      yAxis: flat ? labels : values,
      series,
    };
  }

  // Only a page of this server: a path, not an address that leaves it.
  function isLocal(href) {
    return typeof href === "string" && /^\/(?![/\\])/.test(href);
  }

  async function draw(box) {
    try {
      const spec = JSON.parse(box.dataset.chart);
      charts.set(box, null);
      const echarts = await loadLibrary();
      if (!box.isConnected) return charts.delete(box);
      const chart = echarts.init(box, null, { renderer: "svg", locale: "ZH" });
      chart.setOption(optionOf(spec, getComputedStyle(document.body).fontFamily, box.clientWidth));
      if (spec.links) {
        chart.on("click", (point) => {
          const href = spec.links[point.dataIndex];
          if (isLocal(href)) location.assign(href);
        });
      }
      charts.set(box, chart);
      resizes?.observe(box);
    } catch (error) {
      console.error("chart:", error);
      box.classList.add("chart-failed");
      box.textContent = "图没有画出来，请看下面的数据表。";
    }
  }

  const resizes =
    "ResizeObserver" in window
      ? new ResizeObserver((entries) => {
          for (const entry of entries) charts.get(entry.target)?.resize();
        })
      : null;

  function drawAll() {
    for (const [box, chart] of charts) {
      if (box.isConnected) continue;
      resizes?.unobserve(box);
      chart?.dispose();
      charts.delete(box);
    }
    for (const box of document.querySelectorAll("[data-chart]")) {
      if (!charts.has(box)) draw(box);
    }
  }

  window.addEventListener("beforeprint", () => {
    for (const chart of charts.values()) chart?.resize();
  });

  // ---- figure cards ------------------------------------------------------------------------

  function placeCard(link) {
    const card = link.querySelector(":scope > .figure-card");
    if (!card) return;
    card.classList.add("placed");
    card.style.left = "0";
    card.style.top = "0";
    const at = link.getClientRects()[0] ?? link.getBoundingClientRect();
    const size = card.getBoundingClientRect();
    const room = document.documentElement.clientWidth - size.width - 8;
    const left = Math.max(8, Math.min(at.left + at.width / 2 - size.width / 2, room));
    const above = at.top - size.height - 6;
    card.style.left = `${left}px`;
    card.style.top = `${above >= 8 ? above : at.bottom + 6}px`;
  }

  for (const event of ["mouseover", "focusin"]) {
    document.addEventListener(event, (e) => {
      const link = e.target.closest?.("a.figure");
      if (link && !link.contains(e.relatedTarget)) placeCard(link);
    });
  }

  // ---- scroll boxes ------------------------------------------------------------------------

  // A table that scrolls sideways must be reachable by keyboard, one that fits must not be a stop.
  function markScrollers() {
    for (const box of document.querySelectorAll(".table-responsive, .table-list")) {
      if (box.scrollWidth > box.clientWidth && getComputedStyle(box).overflowX !== "visible") box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }

  window.addEventListener("resize", markScrollers);

  // ---- forms -------------------------------------------------------------------------------

  // A question before an act that is hard to undo: data-confirm on the form or on its button.
  document.addEventListener(
    "submit",
    (e) => {
      const question = e.submitter?.dataset.confirm ?? e.target.dataset.confirm;
      if (question && !window.confirm(question)) {
        e.preventDefault();
        e.stopImmediatePropagation();
      }
    },
    true,
  );

  // form[data-auto]: a choice filters at once; typing waits for Enter or the button.
  document.addEventListener("change", (e) => {
    const form = e.target.form;
    if (form && form.hasAttribute("data-auto") && e.target.matches("select, input[type=checkbox], input[type=radio]")) {
      form.requestSubmit();
    }
  });

  // ---- copying -----------------------------------------------------------------------------

  // The clipboard interface exists only on https and localhost; offices often run plain http.
  function copyOldWay(text) {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "visually-hidden";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyOldWay(text);
    }
  }

  // data-copy-link: the page's address; data-copy="…": that text.
  document.addEventListener("click", async (e) => {
    const button = e.target.closest?.("[data-copy-link], [data-copy]");
    if (!button) return;
    const done = await copy(button.dataset.copy ?? location.href);
    if (button.dataset.said === undefined) button.dataset.said = button.lastChild.textContent;
    button.lastChild.textContent = done ? "已复制" : "请手工复制";
    setTimeout(() => (button.lastChild.textContent = button.dataset.said), 2000);
  });

  // ---- menus and htmx ----------------------------------------------------------------------

  // An open menu closes on a click elsewhere and on Escape.
  const MENUS = "details.list-tool[open], details.clocks[open], details.menu-phone[open]";

  document.addEventListener("click", (e) => {
    for (const menu of document.querySelectorAll(MENUS)) {
      if (!menu.contains(e.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    for (const menu of document.querySelectorAll(MENUS)) {
      const inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) menu.querySelector("summary").focus();
    }
  });

  // ---- keys --------------------------------------------------------------------------------
  //
  // One key, or "g" and another, outside of any field. Somebody who speaks to the machine turns them off.

  const PLACES = { d: "/desk", o: "/orgs", c: "/cases", b: "/board" };
  let went = 0;

  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.altKey || e.metaKey || e.isComposing) return;
    if (document.documentElement.classList.contains("keys-off")) return;
    if (e.target.closest?.("input, textarea, select, [contenteditable]")) return;
    const search = document.getElementById("topsearch");
    if (e.key === "/" && search) {
      e.preventDefault();
      search.focus();
    } else if (e.key === "?" && search) {
      location.assign("/display#keys");
    } else if (e.key === "g") {
      went = Date.now();
    } else if (Date.now() - went < 1500 && search && PLACES[e.key]) {
      went = 0;
      location.assign(PLACES[e.key]);
    }
  });

  // A read that failed shows its error as a page of its own instead of a piece inside this one.
  document.addEventListener("htmx:before:response", (e) => {
    const { request, response } = e.detail.ctx;
    if (response.status >= 400 && response.status !== 422 && (request.method ?? "GET").toUpperCase() === "GET") {
      e.preventDefault();
      location.assign(request.action);
    }
  });

  function refresh() {
    drawAll();
    markScrollers();
  }

  document.addEventListener("htmx:after:swap", refresh);
  document.addEventListener("toggle", markScrollers, true);

  refresh();
})();
