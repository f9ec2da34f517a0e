// Real journeys in a real browser, against the built program on a fresh demonstration city.
// usage: node scripts/browser.mjs      (after `make build`; needs chromium and `npm ci --ignore-scripts`)
//
// Beside the journeys every kind of page is opened at 1280 and at 390 px: no violation found by axe, nothing
// wider than the window, nothing on the console. The last line says "N passed, N failed"; the picture and the
// HTML of what failed stay in target/browser/.

import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
const program = join(target, "debug", "qishu");
const kept = join(target, "browser");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PASSWORD = /^password = "(.+?)"/m.exec(readFileSync(join(root, "demo", "huangshi-2021", "city.toml"), "utf8"))[1];
const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const WAIT = 20_000;
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

// ---- what is needed ----------------------------------------------------------------------------

function onPath(names) {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Not in this folder.
      }
    }
  }
  throw new Error(`no browser: install one of ${names.join(", ")}`);
}

function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (piece) => (said += piece));
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`${args[0]} ended with ${code}:\n${said}`))));
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

// Many people of one machine in one minute: what the limits are there to stop.
const unlimited = ["--requests-per-minute", "0", "--sign-ins-per-minute", "0"];

// A city in a directory of its own, sealed by a key that lies beside its data.
async function startCity(place) {
  const [data, key] = [join(place, "data"), join(place, "seal.key")];
  await run(program, ["demo", "--data", data]);
  await run(program, ["seal", "--new-key", key]);
  await run(program, ["seal", "--seal-key", key, "--data", data]);
  const base = `http://127.0.0.1:${await freePort()}`;
  const server = spawn(program, ["serve", "--data", data, "--seal-key", key, "--listen", base.slice("http://".length), ...unlimited], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  server.stderr.on("data", (piece) => (log += piece));
  for (let i = 0; i < 200; i++) {
    const up = await fetch(`${base}/healthz`).catch(() => null);
    if (up?.ok) return { base, server, log: () => log };
    if (server.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  server.kill();
  throw new Error(`qishu serve did not answer:\n${log}`);
}

// ---- checks and visitors -----------------------------------------------------------------------

const results = [];
let base;
let browser;
const contexts = new Map(); // by login, signed in
const resting = new Map(); // by login, visitors of these contexts between two checks

function ensure(holds, message) {
  if (!holds) throw new Error(message);
}

function same(found, wanted, what) {
  ensure(Object.is(found, wanted), `${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
}

// The texts of all that a locator finds, once the page that holds them is there: reading does not wait by itself.
async function texts(locator) {
  await locator.first().waitFor();
  return locator.allTextContents();
}

// Waits until the page that an act leads to is loaded: a click comes back before that, and what is read then is the
// page that is being left.
async function arrive(page, act) {
  await Promise.all([page.waitForEvent("load"), act]);
}

// Runs one check with its own visitors; a complaint of the console fails it like anything else.
async function check(name, body) {
  const started = Date.now();
  const visitors = [];
  const open = async ({ rested, ...options } = {}) => {
    const visitor = rested === undefined ? await newVisitor(options) : await restedVisitor(rested);
    visitors.push(visitor);
    return visitor;
  };
  let failure = "";
  try {
    await body(open);
    const complaints = visitors.flatMap((visitor) => visitor.complaints);
    ensure(complaints.length === 0, `on the console: ${complaints.join(" | ")}`);
  } catch (error) {
    failure = error.message;
    await keep(name, visitors);
  }
  for (const visitor of visitors) await visitor.leave();
  results.push({ name, failure });
  console.log(`${failure ? "FAIL" : "ok  "} ${name} (${Date.now() - started} ms)${failure ? `\n     ${failure}` : ""}`);
}

async function keep(name, visitors) {
  mkdirSync(kept, { recursive: true });
  for (const [i, { page }] of visitors.entries()) {
    const file = join(kept, `${name.replace(/[^\p{L}\p{N}]+/gu, "-")}-${i + 1}`);
    await page.screenshot({ path: `${file}.png`, fullPage: true, timeout: WAIT }).catch(() => {});
    writeFileSync(`${file}.html`, await page.content().catch((error) => String(error)));
  }
}

async function newContext(script = true) {
  const context = await browser.newContext({ baseURL: base, viewport: WIDE, javaScriptEnabled: script, locale: "zh-CN" });
  context.setDefaultTimeout(WAIT);
  return context;
}

// Someone with a browser of their own, who signs in as `login` or goes on with the session of `as`.
async function newVisitor({ login = "", as = "", script = true } = {}) {
  const context = await newContext(script);
  if (as) await context.addCookies(await contexts.get(as).cookies());
  const visitor = watched(await context.newPage(), () => context.close());
  if (login) await signIn(visitor.page, login);
  return visitor;
}

// Someone who looks at one page after the other, so that a new window is not opened for each.
async function restedVisitor(login) {
  if (!resting.has(login)) resting.set(login, []);
  const rested = resting.get(login).pop();
  if (rested) return rested;
  const visitor = watched(await contexts.get(login).newPage(), () => {
    visitor.complaints.length = 0;
    visitor.refusals.clear();
    resting.get(login).push(visitor);
  });
  return visitor;
}

function watched(page, leave) {
  const visitor = { page, complaints: [], refusals: new Set(), leave };
  page.on("pageerror", (error) => visitor.complaints.push(`${page.url()}: ${error.message}`));
  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type())) return;
    // The browser reports a page with an error status as if it were a missing resource.
    const expected = visitor.refusals.has(message.location().url) && message.text().startsWith("Failed to load resource");
    if (!expected) visitor.complaints.push(`${page.url()}: ${message.text()}`);
  });
  return visitor;
}

async function signIn(page, login) {
  await page.goto("/sign-in");
  await page.fill("#login", login);
  await page.fill("#password", PASSWORD);
  await page.click("button[type=submit]");
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

// Opens a page that must answer with `status`.
async function visit(visitor, path, status = 200) {
  if (status >= 400) visitor.refusals.add(new URL(path, base).href);
  const answer = await visitor.page.goto(path);
  same(answer.status(), status, `status of ${path}`);
}

// The text of an element without what unfolds inside it.
async function plain(locator) {
  return (await locator.evaluate((element) => element.firstChild.textContent)).trim();
}

function number(text) {
  return Number(text.replaceAll(",", ""));
}

async function headline(page) {
  return number(await plain(page.locator(".headline-value .figure, .headline-value:not(:has(.figure))")));
}

// One text per row of a list, over all its pages, read from inside the page with its own session.
function readAll(page, selector) {
  return page.evaluate(async (wanted) => {
    const found = [];
    for (let next = location.href; next; ) {
      const answer = await fetch(next);
      const list = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const one of list.querySelectorAll(wanted)) found.push(one.textContent.trim());
      const link = list.querySelector("a[rel=next]")?.getAttribute("href");
      next = link && new URL(link, next).href;
    }
    return found;
  }, selector);
}

// ---- journeys ----------------------------------------------------------------------------------

async function aFigureOpensItsRows(open) {
  const { page } = await open({ login: "jingban" });
  await arrive(page, page.click(".side >> text=答复件"));
  await arrive(page, page.locator(".letter a.figure", { hasText: /^153家/ }).first().click());
  same(await headline(page), 153, "the figure above its rows");
  const firms = await readAll(page, "tbody .cell-title a");
  same(firms.length, 153, "rows on all pages");
  same(new Set(firms).size, 153, "different firms");
  await arrive(page, page.click("a[rel=next]"));
  const row = page.locator("tbody .cell-title a").first();
  const name = (await row.textContent()).trim();
  same(name, firms[50], "first row of the second page");
  await arrive(page, row.click());
  same((await page.textContent("h1")).trim(), name, "title of the dossier");
}

// Does an action on the page of a case.
async function actOn(page, id, label, fields = {}) {
  await page.goto(`/cases/${id}`);
  const box = page.locator("details.act", { has: page.locator("summary", { hasText: new RegExp(`^${label}`) }) });
  await box.evaluate((element) => (element.open = true));
  for (const [field, value] of Object.entries(fields)) {
    const input = box.locator(`[name="${field}"]`);
    const chooses = await input.evaluate((element) => element.tagName === "SELECT");
    await (chooses ? input.selectOption(value) : input.fill(value));
  }
  await arrive(page, box.locator(".btn-primary").click());
}

// The officer registers and drafts, the leader extends, countersigns and approves, the proposer answers by his link, the
// public reads: from receipt to receipt.
async function aProposalGoesItsWay(open) {
  const { page: officer } = await open({ login: "jingban" });
  const { page: leader } = await open({ login: "lingdao" });
  const proposer = await open();
  const { page: reader } = await open();
  await officer.goto("/proposals/new");
  await arrive(officer, officer.click("ul.plain a"));
  const registered = { kind: "cppcc", year: "2021", number: "93", title: "关于支持中小企业上云的提案", proposer: "某某市委会", category: "digital", received_on: "2021-08-20" };
  for (const [field, value] of Object.entries(registered)) {
    const input = officer.locator(`[name="f.${field}"]`);
    const chooses = await input.evaluate((element) => element.tagName === "SELECT");
    await (chooses ? input.selectOption(value) : input.fill(value));
  }
  await arrive(officer, officer.click("form.panel .btn-primary"));
  const id = new URL(officer.url()).pathname.split("/").pop();
  const own = `/proposals/${id}`;
  await actOn(officer, id, "交办", { "f.lead": "市经信局", "f.assigned_on": "2021-08-23" });
  await actOn(officer, id, "签收办理");
  await actOn(leader, id, "批准延期", { note: "涉及三个部门" });
  const unfold = async (summary) => {
    const box = officer.locator("details", { has: officer.locator(`summary:text-is("${summary}")`) }).last();
    await box.evaluate((element) => (element.open = true));
    return box;
  };
  await officer.goto(own);
  const log = await unfold("登记沟通");
  await log.locator("[name=means]").selectOption("visit");
  await log.locator("[name=on]").fill("2021-08-25");
  await log.locator("[name=body]").fill("上门走访，面商办理意见");
  await arrive(officer, log.locator(".btn-primary").click());
  for (const text of ["收悉。全市上云企业{{ figure(\"cloud.firms\") }}。", "收悉。全市已上云企业{{ figure(\"cloud.firms\") }}。"]) {
    const draft = await unfold("起草");
    await draft.locator("[name=about]").fill("2021-08-11");
    await draft.locator("[name=template]").fill(text);
    await arrive(officer, draft.locator(".btn-primary").click());
  }
  same(await officer.locator(".changed ins").first().textContent(), "已", "what changed between the drafts");
  await actOn(officer, id, "提交答复稿", { "f.mark": "b" });
  await actOn(leader, id, "会签");
  await actOn(leader, id, "签发");
  await officer.goto(own);
  await officer.fill("#f-signed_on", "2021-08-27");
  await officer.evaluate(() => document.querySelector("[data-confirm]")?.removeAttribute("data-confirm"));
  await arrive(officer, officer.click("#issue ~ form .btn-primary"));
  ensure((await officer.textContent("main")).includes("经信提复〔2021〕"), "the reply has a number");
  await actOn(officer, id, "送达提案人", { "f.delivered_on": "2021-08-30" });
  await officer.goto(own);
  await arrive(officer, officer.click("#ask ~ form .btn-primary"));
  const link = /\/open\/opinion\/[a-z0-9]+/.exec(await officer.textContent("main"))[0];
  await visit(proposer, link);
  await everyWidth(proposer.page);
  const { page: form } = proposer;
  await form.selectOption("[name=effect]", "b");
  await form.selectOption("[name=evaluation]", "satisfied");
  await form.selectOption("[name=publish]", "yes");
  await form.fill("[name=signed]", "某某市委会");
  await arrive(form, form.click("form.panel .btn-primary"));
  ensure((await form.textContent("main")).includes("意见已经收到"), "the proposer is thanked");
  await visit(proposer, link, 409);
  // The proposer signed today, as the office counts days.
  const today = new Date(Date.now() + 8 * 3600 * 1000).toISOString().slice(0, 10);
  await actOn(officer, id, "签收并送督查室", { "f.receipt": "市政协提案委", "f.receipt_on": today });
  await reader.goto("/open/proposals");
  ensure((await reader.textContent("main")).includes("关于支持中小企业上云的提案"), "the public reads the answer");
}

// A firm files, the bureau checks, the firm starts, reports a month and completes, the bureau accepts: after the day of
// the reply, so that no figure of it moves.
async function aProjectGoesItsWay(open) {
  const { page: firm } = await open({ login: "qiye" });
  const { page: officer } = await open({ login: "jingban" });
  await firm.goto("/projects?state=all");
  await arrive(firm, firm.click(".page-actions >> text=申报项目"));
  const plan = { name: "浏览器检查项目", invest: "100", start_on: "2021-09-01", end_on: "2021-12-31", milestones: "设备安装 2021-10-31", contact: "联系人" };
  for (const [field, value] of Object.entries(plan)) await firm.fill(`[name="f.${field}"]`, value);
  await firm.selectOption('[name="f.source"]', "own");
  await arrive(firm, firm.click("form.panel .btn-primary"));
  const id = new URL(firm.url()).pathname.split("/").pop();
  const act = (page, label, fields) => actOn(page, id, label, fields);
  await act(officer, "审核入库", { "f.entered_on": "2021-09-02" });
  await act(firm, "开工", { "f.began_on": "2021-09-03" });
  await firm.goto(`/projects/${id}/report?month=2021-10`);
  await firm.fill("#f-invested", "40");
  await firm.selectOption("#m-0", "done");
  await firm.fill("#d-0", "2021-10-20");
  await arrive(firm, firm.click("form.panel .btn-primary"));
  same(new URL(firm.url()).pathname, `/projects/${id}`, "where a month leads");
  same((await firm.textContent("main")).includes("40 万元"), true, "what is done stands on the page");
  await act(firm, "竣工申报", { "f.completed_on": "2021-12-20" });
  await act(officer, "验收通过", { "f.completed_on": "2021-12-20" });
  await officer.goto(`/projects/${id}`);
  same((await officer.textContent(".facts-dl .state")).trim(), "已验收", "the state at the end");
}

// Every link of the reply and of its table opens a page that states as many rows as the table does.
async function everyFigureOfTheReplyOpens(open) {
  const visitor = await open({ as: "jingban" });
  const { page } = visitor;
  await visit(visitor, "/reply");
  const { told, cited } = await page.evaluate(() => {
    const told = {};
    for (const cell of document.querySelectorAll("td[data-label=指标]")) {
      const counts = [...cell.querySelectorAll(".source, .under")].map((one) => /([\d,]+) 行/.exec(one.textContent)[1]);
      [...cell.querySelectorAll("a")].forEach((link, i) => (told[link.getAttribute("href")] = counts[i]));
    }
    const cited = [...document.querySelectorAll(".letter a.figure, td[data-label=印出] a.figure")];
    return { told, cited: cited.map((link) => link.getAttribute("href")) };
  });
  ensure(cited.length > 150, `only ${cited.length} links in the reply and its table`);
  const untold = cited.filter((href) => !(href in told));
  same(untold.length, 0, `links that the table does not state, such as ${untold[0]}`);
  const opened = await page.evaluate(async (hrefs) => {
    const look = async (href) => {
      const answer = await fetch(href);
      const rows = new DOMParser().parseFromString(await answer.text(), "text/html");
      const said = rows.querySelector(".headline .source")?.textContent ?? "";
      const parts = [...rows.querySelectorAll("td[data-label=行数]")].map((cell) => cell.textContent);
      return { href, status: answer.status, stated: /明细 ([\d,]+) 行/.exec(said)?.[1], ratio: said.includes("÷"), parts };
    };
    const found = [];
    while (hrefs.length) found.push(...(await Promise.all(hrefs.splice(0, 6).map(look))));
    return found;
  }, Object.keys(told));
  for (const one of opened) {
    same(one.status, 200, one.href);
    // A figure made of others states the rows of its parts: a ratio those of what it counts, a total those of all.
    const parts = one.parts.map(number);
    const stated = one.stated ? number(one.stated) : one.ratio ? parts[0] : parts.reduce((sum, n) => sum + n, 0);
    same(stated, number(told[one.href]), `rows of ${one.href}`);
  }
}

async function theClocksTurnBack(open) {
  const visitor = await open({ as: "jingban" });
  const { page } = visitor;
  const ask = async (fields) => {
    await page.click(".clocks summary");
    for (const [id, value] of Object.entries(fields)) await page.fill(id, value);
    await arrive(page, page.click(".clocks-panel button[type=submit]:has-text('按此查看')"));
  };
  await visit(visitor, "/indicators/diagnosis.completed");
  const now = await headline(page);
  same(now, 153, "by default");
  await ask({ "#clock-known": "2021-06-30" });
  const known = await headline(page);
  ensure(known > 0 && known < now, `known at the end of June: ${known}`);
  const position = /第 (\d+) 号/.exec(await page.textContent(".headline .source"))[1];
  await ask({ "#clock-known": position });
  same(await headline(page), known, "the same moment by its position");
  await ask({ "#clock-about": "2021-06-30", "#clock-known": "" });
  const about = await headline(page);
  ensure(about >= known && about < now, `about the end of June: ${about}`);
  await visit(visitor, "/board");
  ensure((await page.textContent(".clocks summary")).includes("2021-06-30"), "the clocks stay for the next page");
  await visit(visitor, "/indicators/diagnosis.completed");
  same(await headline(page), about, "after another page");
  await page.click(".clocks summary");
  await arrive(page, page.click("text=恢复默认"));
  same(await headline(page), now, "back to default");
  ensure((await page.textContent(".clocks summary")).includes("最新"), "the clock says that it is the newest");
}

async function aCountyOfficerStaysInTheCounty(open) {
  const officer = await open({ as: "jingban" });
  await visit(officer, "/orgs?unit=2");
  const foreign = await officer.page.locator("tbody .cell-title a").first().getAttribute("href");
  const facts = (await (await officer.page.request.get("/api/v1/facts?unit=2&limit=5")).json()).items;
  same(facts.length, 5, "facts of the other unit");
  const [fact] = facts;
  await visit(officer, foreign);
  await visit(officer, `/facts/${fact.position}`);

  const county = await open({ login: "daye" });
  await visit(county, "/orgs");
  const units = await readAll(county.page, "tbody td[data-label=填报单元]");
  ensure(units.length > 100, `${units.length} organisations in the county`);
  same([...new Set(units)].join(), "大冶市", "units in the registry");
  await visit(county, foreign, 404);
  ensure((await county.page.textContent("h1")).includes("没有找到"), "a stranger is not found");
  await visit(county, `/records/${fact.record}`, 404);
  await visit(county, `/facts/${fact.position}`, 404);
  const closed = facts.flatMap(({ position, subject }) => [
    `/facts/${position}`,
    `/orgs/${subject}`,
    `/api/v1/facts/${position}`,
    `/api/v1/organisations/${subject}`,
  ]);
  for (const path of closed) same((await county.page.request.get(path)).status(), 404, `status of ${path}`);
  await visit(county, "/ledger");
  const own = await county.page.locator("tbody .cell-title a").first().getAttribute("href");
  await visit(county, own);
}

async function anEnterpriseLandsOnItsDossier(open) {
  const firm = await open({ login: "qiye" });
  const { page } = firm;
  // The demonstration leaves it a request to mend: what waits comes first, and leads to the dossier.
  same(new URL(page.url()).pathname, "/desk", "after signing in");
  await arrive(page, page.click("main .cell-title a"));
  await arrive(page, page.click("main .facts-dl a[href^='/orgs/']"));
  await page.waitForSelector("#identity");
  const menu = await texts(page.locator(".side .menu a"));
  ensure(menu.length > 0 && !menu.some((entry) => /看板|答复件|指标/.test(entry)), `menu: ${menu}`);
  const own = new URL(page.url()).pathname;
  await visit(firm, "/board", 403);
  await visit(firm, "/orgs");
  const listed = page.locator("tbody .cell-title a");
  same(await listed.count(), 1, "organisations in its registry");
  same(await listed.getAttribute("href"), own, "the one in its registry");
}

async function withoutScript(open) {
  const { page } = await open({ login: "jingban", script: false });
  await arrive(page, page.click(".side >> text=企业库"));
  await page.selectOption("select[name=unit]", { label: "阳新县" });
  await arrive(page, page.click("text=筛选"));
  const units = await texts(page.locator("tbody td[data-label=填报单元]"));
  ensure(units.length > 10 && units.every((unit) => unit === "阳新县"), `units: ${[...new Set(units)]}`);

  await arrive(page, page.click(".side >> text=指标"));
  await arrive(page, page.click("tbody >> text=完成智能化诊断的规上企业"));
  await page.selectOption("select[name=by] >> nth=0", "unit");
  await arrive(page, page.click("text=分组"));
  const cell = page.locator("#breakdown ~ * tr", { hasText: "阳新县" }).locator("a.figure");
  const counted = number(await plain(cell));
  ensure(counted > 0, `the cell says ${counted}`);
  await arrive(page, cell.click());
  same(await headline(page), counted, "the figure of the cell");
  const rows = await texts(page.locator("tbody td[data-label=填报单元]"));
  same(rows.length, counted, "rows of the cell");
  ensure(rows.every((unit) => unit === "阳新县"), `rows of ${[...new Set(rows)]}`);
  ensure(!(await page.isVisible(".js-only").catch(() => false)), "nothing that needs script is shown");
}

async function byKeyboardAlone(open) {
  const { page } = await open();
  const tabTo = async (selector) => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press("Tab");
      if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
    }
    throw new Error(`Tab does not reach ${selector}`);
  };
  await page.goto("/sign-in");
  same(await page.evaluate(() => document.activeElement.id), "login", "where the typing starts");
  await page.keyboard.type("jingban");
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/desk");
  await tabTo(".skip");
  await tabTo('.menu a[href="/reply"]');
  await page.keyboard.press("Enter");
  await page.waitForURL("**/reply");
  await tabTo(".letter a.figure");
  ensure(await page.isVisible(".letter a.figure:focus .figure-card"), "the card shows on focus");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/rows?*");
}

// What was typed when the session ran out is sent after signing in again. The cookie is gone, as after a long lunch.
async function aLostSessionLosesNothing(open) {
  const visitor = await open({ login: "jingban" });
  const { page } = visitor;
  await visit(visitor, "/orgs/new");
  await page.fill("#f-name", "浏览器测试（样例）");
  await page.evaluate(() => (document.querySelector("form.panel").noValidate = true));
  await page.context().clearCookies();
  visitor.refusals.add(new URL("/orgs", base).href);
  await arrive(page, page.click("form.panel button[type=submit]"));
  ensure((await page.textContent(".notice")).includes("还没有提交"), "the sign-in page says what it keeps");
  await everyWidth(page);
  await page.setViewportSize(WIDE);
  await page.fill("#login", "jingban");
  await page.fill("#password", PASSWORD);
  await arrive(page, page.click("button[type=submit]"));
  ensure((await page.textContent("main")).includes("浏览器测试（样例）"), "what was typed is shown");
  await everyWidth(page);
  await page.setViewportSize(WIDE);
  await arrive(page, page.click("text=按原样提交"));
  same(await page.inputValue("#f-name"), "浏览器测试（样例）", "the form arrives, with its faults");
  ensure((await page.locator(".field-error").count()) > 0, "the faults of the form");
}

// Changes the city, so it runs after all others.
async function aFactIsEntered(open) {
  const visitor = await open({ login: "daye" });
  const { page } = visitor;
  await visit(visitor, "/indicators/finance.disbursed_amount");
  const before = number(/明细 ([\d,]+) 行/.exec(await page.textContent(".headline .source"))[1]);
  await visit(visitor, "/orgs?kind=enterprise");
  const firm = page.locator("tbody .cell-title a").first();
  const name = (await firm.textContent()).trim();
  await arrive(page, firm.click());
  await arrive(page, page.click("text=登记事实"));
  await page.selectOption("#f-kind", "finance.loan_disbursed");
  await arrive(page, page.click("text=下一步"));
  await page.fill("#f-occurred_on", "2021-08-02");
  await page.fill("#f-amount", "12.5");
  await page.fill("#f-title", "浏览器测试：放款凭证");
  await arrive(page, page.click("form.panel .form-acts >> text=预览"));
  const preview = await page.textContent("#preview");
  ensure(preview.includes(name) && preview.includes("放款金额"), `the preview: ${preview}`);
  await everyWidth(page);
  await page.setViewportSize(WIDE);
  await arrive(page, page.click("text=确认登记"));
  const fact = await page.textContent("main");
  ensure(fact.includes("125,000.00 元") && fact.includes("浏览器测试：放款凭证"), "the fact as it was entered");
  await visit(visitor, "/indicators/finance.disbursed_amount");
  same(number(/明细 ([\d,]+) 行/.exec(await page.textContent(".headline .source"))[1]), before + 1, "rows of the figure");
}

// What an authenticator shows for a secret now (RFC 6238).
function shownCode(secret) {
  const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac("sha1", key).update(step).digest();
  const at = hash[hash.length - 1] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

// The three administrators: each opens its own pages, sees only these in the menu, and none of the others' or the office's.
async function administratorsKeepApart(open) {
  const own = { xitong: ["/people"], anquan: ["/roles", "/grants", "/sign-in-policy", "/who-sees"], sjgly: ["/audit"] };
  const office = ["/orgs", "/ledger", "/board", "/cases", "/imports", "/consents"];
  for (const [login, pages] of Object.entries(own)) {
    const visitor = await open({ as: login });
    for (const path of pages) await visit(visitor, path);
    const menu = await visitor.page.locator(".menu a").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
    const foreign = Object.entries(own).filter(([other]) => other !== login).flatMap(([, all]) => all);
    for (const path of [...foreign, ...office]) {
      ensure(!menu.includes(path), `${login} has ${path} in the menu`);
      await visit(visitor, path, 403);
    }
  }
}

// A firm consents, the bank opens its dossier and finds what was consented to, the firm sees that and takes it back.
// Changes the city, so it runs after all others.
async function aConsentIsGivenUsedAndRevoked(open) {
  const [firm, bank] = [await open({ as: "qiye" }), await open({ as: "yinhang" })];
  await visit(firm, "/orgs");
  const dossier = await firm.page.locator("tbody .cell-title a").first().getAttribute("href");
  await visit(bank, dossier, 404);
  await visit(firm, "/consents/new");
  const { page } = firm;
  const theBank = await page.locator("#f-recipient option", { hasText: "银行" }).first().getAttribute("value");
  await page.selectOption("#f-recipient", theBank);
  await page.fill("#f-purpose", "申请设备更新贷款");
  await page.check("input[name=items][value=diagnosis]");
  firm.refusals.add(new URL("/consents", base).href);
  await arrive(page, page.click("form.panel button[type=submit]"));
  ensure((await page.textContent(".field-error")).includes("请先阅读授权书"), "the text has to be read");
  await everyWidth(page);
  await page.check("input[name=agreed]");
  await arrive(page, page.click("form.panel button[type=submit]"));
  const consent = new URL(page.url()).pathname;
  await visit(bank, "/consents/received");
  await arrive(bank.page, bank.page.click("tbody .cell-title a"));
  same(new URL(bank.page.url()).pathname, dossier, "the received consent leads to the dossier");
  ensure((await bank.page.textContent("#years")).includes("不在授权内容之内"), "yearly figures were not consented to");
  await everyWidth(bank.page);
  await visit(firm, consent);
  ensure((await page.textContent("tbody")).includes("一企一档"), "the firm sees what was read");
  await visit(firm, "/trail");
  ensure((await page.textContent("tbody")).includes("凭授权查看"), "the trail says so too");
  await visit(firm, consent);
  await arrive(page, page.click("form.panel button[type=submit]"));
  await visit(bank, dossier, 404);
}

// Somebody claims a firm, its county lets them in, they bind an authenticator and see nothing but the firm.
// Changes the city, so it runs after all others.
async function aFirmComesIn(open) {
  const officer = await open({ as: "daye" });
  await visit(officer, "/orgs?kind=enterprise");
  const firm = officer.page.locator("tbody tr").nth(4);
  const code = (await firm.locator("td.code").textContent()).trim();
  const dossier = await firm.locator(".cell-title a").getAttribute("href");
  const other = await officer.page.locator("tbody .cell-title a").nth(5).getAttribute("href");
  const visitor = await open();
  const { page } = visitor;
  const password = "two green bottles";
  await visit(visitor, "/register");
  const typed = { credit_code: code, name: "浏览器测试", statement: "会计，每月填报", login: "test", password, again: password };
  for (const [name, value] of Object.entries(typed)) await page.fill(`#f-${name}`, value);
  await arrive(page, page.click("button[type=submit]"));
  const login = (await page.textContent("main code")).trim();
  await visit(officer, "/claims");
  await arrive(officer.page, officer.page.click(`tbody tr:has-text("${code}") .cell-title a`));
  await everyWidth(officer.page);
  await arrive(officer.page, officer.page.click("button[value=accept]"));
  ensure((await officer.page.textContent("tbody")).includes("已同意"), "the claim is accepted");
  const enter = async () => {
    await page.goto("/sign-in");
    await page.fill("#login", login);
    await page.fill("#password", password);
    await arrive(page, page.click("button[type=submit]"));
  };
  await enter();
  same(new URL(page.url()).pathname, dossier, "the first page is the own dossier");
  await visit(visitor, other, 404);
  await visit(visitor, "/me/second-factor");
  const secret = (await page.textContent(".bind-secret")).trim();
  await page.fill("#f-code", shownCode(secret));
  await page.fill("#f-current", password);
  await arrive(page, page.click("form.panel button[type=submit]"));
  const codes = await texts(page.locator(".recovery code"));
  same(codes.length, 10, "recovery codes");
  await page.context().clearCookies();
  await enter();
  same((await page.textContent("h1")).trim(), "输入验证码", "the second step");
  await everyWidth(page);
  await page.fill("#code", codes[0]);
  await arrive(page, page.click("button[type=submit]"));
  same(new URL(page.url()).pathname, dossier, "in with the second factor");
  await visit(visitor, "/orgs");
  same((await texts(page.locator("tbody .cell-title"))).length, 1, "organisations it sees");
}

// Changes the city, so it runs after all others.
async function aReversalIsSeen(open) {
  const visitor = await open({ as: "jingban" });
  const { page } = visitor;
  const reason = "浏览器测试：重复登记";
  // What stands behind a published figure is taken back by two: the page offers a request instead.
  await visit(visitor, "/ledger?kind=diagnosis.completed");
  await arrive(page, page.locator('tbody a[href^="/facts/"]').first().click());
  same(await page.locator("#f-reason").count(), 0, "a form that reverses what was published");
  ensure((await page.getAttribute("#reverse ~ .panel a", "href")).endsWith("/amend"), "the way to a request");
  await everyWidth(page);
  await page.setViewportSize(WIDE);
  // The reply cites registered firms as of the end of June, so those of July are behind nothing.
  await visit(visitor, "/indicators/finance.registered_firms/rows");
  const before = await headline(page);
  const known = /已知至第 (\d+) 号/.exec(await page.textContent(".headline .source"))[1];
  await visit(visitor, "/indicators/finance.registered_firms/rows?month=202107");
  const once = page.locator("tbody tr", { has: page.locator("td[data-label=事实数]", { hasText: /^1$/ }) }).first();
  const code = (await once.locator("td[data-label=代码]").textContent()).trim();
  await visit(visitor, `/ledger?kind=finance.enterprise_registered&q=${code}`);
  await arrive(page, page.locator('tbody a[href^="/facts/"]').first().click());
  page.once("dialog", (dialog) => dialog.accept());
  await page.fill("#f-reason", reason);
  await arrive(page, page.click("text=冲销这条事实"));
  const notice = page.locator(".notice-warn", { hasText: "已被" });
  ensure((await notice.textContent()).includes(reason), "the fact shows the reason");
  const reversal = /第 (\d+) 号/.exec(await notice.textContent())[1];
  await everyWidth(page);
  await page.setViewportSize(WIDE);

  await visit(visitor, "/indicators/finance.registered_firms");
  same(await headline(page), before - 1, "the indicator after the reversal");
  await page.fill("input[name=org]", code);
  await arrive(page, page.click("text=查一查"));
  const verdict = await page.textContent("#why ~ .panel");
  ensure(verdict.includes("未计入") && verdict.includes(`已被第 ${reversal} 号冲销`), `why not: ${verdict}`);
  await visit(visitor, `/indicators/finance.registered_firms?known=${known}`);
  same(await headline(page), before, "as it was known before");
}

// Publishing, then a fact that is corrected: the published number stays, and the page tells the change in parts.
async function aPublishedFigureIsExplained(open) {
  const officer = await open({ as: "jingban" });
  const { page } = officer;
  await visit(officer, "/reply/publish");
  await everyWidth(page);
  await page.setViewportSize(WIDE);
  const reasons = page.locator("textarea[name=reason]");
  same(await reasons.count(), 2, "rules that do not hold");
  await reasons.nth(0).fill("浏览器测试：类型待核");
  await reasons.nth(1).fill("浏览器测试：下一批支持");
  page.once("dialog", (dialog) => dialog.accept());
  await arrive(page, page.click("button:has-text('发布')"));
  const publication = new URL(page.url()).pathname;
  ensure(/^\/publications\/\d+$/.test(publication), `after publishing: ${page.url()}`);
  ensure((await page.textContent("#readings ~ .field-hint")).includes("全部相同"), "nothing has changed yet");

  // Another amount for a grant: what it would move is shown, asked for, and accepted by somebody else.
  await visit(officer, "/ledger?kind=finance.credit_granted&to=2021-06-30");
  await arrive(page, page.locator('tbody a[href^="/facts/"]').first().click());
  await arrive(page, page.click("text=申请更正"));
  await everyWidth(page);
  await page.setViewportSize(WIDE);
  await page.fill("#f-reason", "浏览器测试：金额有误");
  await page.check("input[name=replace]");
  await page.fill("#f-amount", "1万元");
  await arrive(page, page.click("button:has-text('看会改变哪些已发布数字')"));
  ensure((await texts(page.locator(".moves .cell-title"))).some((name) => name.startsWith("C10")), "the grants move");
  await everyWidth(page);
  await page.setViewportSize(WIDE);
  await arrive(page, page.click("button:has-text('提出申请')"));
  const request = new URL(page.url()).pathname;

  const leader = await open({ login: "lingdao" });
  await visit(leader, request);
  await everyWidth(leader.page);
  await leader.page.setViewportSize(WIDE);
  leader.page.once("dialog", (dialog) => dialog.accept());
  await arrive(leader.page, leader.page.click("button:has-text('同意')"));

  await visit(leader, publication);
  await arrive(leader.page, leader.page.click("button:has-text('复核')"));
  const found = leader.page.locator("#found ~ .table-list tr", { hasText: "C10 授信金额" }).first();
  const told = await found.textContent();
  ensure(told.includes("补登") && told.includes("冲销"), `what was found: ${told}`);
  await arrive(leader.page, found.locator(".cell-title a").click());
  await leader.page.waitForSelector(".chart svg");
  const steps = await texts(leader.page.locator(".waterfall tbody tr td:first-child"));
  same(steps.join(), "发布时,补登,冲销,现在所知", "steps of the waterfall");
  await everyWidth(leader.page);
  await leader.page.setViewportSize(WIDE);
  await arrive(leader.page, leader.page.locator("#reversed ~ .table-list tbody a").first().click());
  ensure(/^\/facts\/\d+$/.test(new URL(leader.page.url()).pathname), "the rows open their facts");
}

// ---- every kind of page ------------------------------------------------------------------------

// Each is asked by `login` ("" is a visitor); a function finds its address from the pages before it.
const KINDS = [
  { name: "sign-in", path: "/sign-in", login: "" },
  { name: "sign-in refused", path: "/sign-in", login: "", status: 422, act: refusedSignIn },
  { name: "board", path: "/board" },
  { name: "board of a unit", path: "/board?unit=1" },
  { name: "board as known early", path: "/board?about=2021-03-31&known=2021-03-31" },
  { name: "board of a county", path: "/board", login: "daye" },
  { name: "reply", path: "/reply" },
  { name: "publishing without reasons", path: "/reply/publish", status: 422, act: publishWithoutReasons },
  { name: "publications", path: "/publications" },
  { name: "publication", path: "/publications/1" },
  { name: "publication, no such day", path: "/publications/1?on=abc", status: 422 },
  { name: "publication in print", path: "/publications/1/print" },
  { name: "publication of a proposal in print", path: "/publications/2/print" },
  { name: "proposals", path: "/proposals" },
  { name: "proposals, register", path: "/proposals/new" },
  { name: "proposals, statistics", path: "/proposals/statistics" },
  { name: "published figure", path: "/publications/1/figures/5" },
  { name: "published figure, rows of its definition", path: "/publications/1/figures/5?rows=20000" },
  { name: "published figure, its proof", path: "/publications/1/figures/5/proof", login: "shenji" },
  { name: "imports", path: "/imports" },
  { name: "columns of a foreign workbook", path: "/imports", status: 303, act: foreignWorkbook },
  { name: "rules", path: "/rules" },
  { name: "rules of a county", path: "/rules", login: "daye" },
  { name: "amendments", path: "/amendments" },
  { name: "desk", path: "/desk" },
  { name: "desk of an enterprise", path: "/desk", login: "qiye" },
  { name: "cases", path: "/cases" },
  { name: "case of which people were reminded", path: "/cases/1" },
  { name: "case to be decided", path: found("/cases?flow=registry.change", 'tr:has-text("待审核") .cell-title a') },
  { name: "case that came back", path: found("/desk", 'tr:has-text("待补正") .cell-title a'), login: "qiye" },
  { name: "inbox", path: "/notices", login: "daye" },
  { name: "inbox, nothing unread", path: "/notices?unread=1", login: "yinhang" },
  { name: "where to be told", path: "/notices/settings" },
  { name: "effect of reminders", path: "/reminders?clock=registry.change.review&rung=1" },
  { name: "reminders of a county", path: "/reminders/mine", login: "daye" },
  { name: "jobs", path: "/jobs", login: "xitong" },
  { name: "deliveries", path: "/outbox", login: "xitong" },
  { name: "cases, narrowed and sorted", path: "/cases?flow=registry.change&sort=-due&unit=1" },
  { name: "cases, faults", path: "/cases?flow=registry.change&unit=99&after=x", status: 422 },
  { name: "bulk actions", path: "/bulks" },
  { name: "a bulk action looked at", path: "/cases?flow=registry.change", status: 303, act: bulkDraft },
  { name: "search", path: "/search?q=%E7%94%B5%E5%AD%90" },
  { name: "search, one letter", path: "/search?q=a", status: 422 },
  { name: "display", path: "/display", login: "daye" },
  { name: "marketplace", path: "/finance" },
  { name: "work of a bank", path: "/finance", login: "yinhang" },
  { name: "credit products", path: "/finance/products" },
  { name: "credit products for everybody", path: "/open/finance/products?amount=100" },
  { name: "funnel of institutions", path: "/finance/funnel" },
  { name: "statistics of the marketplace", path: "/open/finance/statistics" },
  { name: "orders for diagnoses", path: "/diagnosis" },
  { name: "order with two assessments", path: "/diagnosis/orders/100" },
  { name: "order to be confirmed", path: found("/diagnosis", 'tr:has-text("待企业确认") .cell-title a'), login: "qiye" },
  { name: "order to be sent", path: found("/desk", 'tr:has-text("待派单") .cell-title a') },
  { name: "questionnaire", path: found("/diagnosis", 'tr:has-text("诊断中") .cell-title a', "/questionnaire"), login: "jigou" },
  { name: "report of a diagnosis", path: found("/diagnosis", 'tr:has-text("诊断中") .cell-title a', "/report"), login: "jigou" },
  { name: "plan of diagnoses", path: "/diagnosis/plan" },
  { name: "diagnosis institutions", path: "/diagnosis/institutions" },
  { name: "settlement of an institution", path: "/diagnosis/institutions/62/settlement?year=2021" },
  { name: "questionnaires", path: "/diagnosis/instruments" },
  { name: "recommended, not started", path: "/diagnosis/items" },
  { name: "ledgers", path: "/guarantee" },
  { name: "ledgers, none found", path: "/guarantee?number=zzz", login: "danbao" },
  { name: "ledgers of a firm", path: "/guarantee", login: "qiye" },
  { name: "what falls due", path: "/guarantee/due", login: "danbao" },
  { name: "limits of a guarantor", path: "/guarantee/limits", login: "danbao" },
  { name: "registering a contract", path: "/guarantee/contracts/new", login: "danbao" },
  { name: "contract", path: found("/guarantee?state=in_force", "tbody .cell-title a"), login: "danbao" },
  { name: "totals of ledgers", path: "/guarantee/totals" },
  { name: "bulletin of ledgers", path: "/guarantee/bulletin?month=2021-07" },
  { name: "proposals, none found", path: "/proposals?q=zzzz" },
  { name: "a proposal", path: found("/proposals", "tbody .cell-title a") },
  { name: "answered proposals", path: "/open/proposals", login: "" },
  { name: "opening a case", path: "/cases/new?flow=registry.change", login: "qiye" },
  { name: "opening a case of no flow", path: "/cases/new", status: 422 },
  { name: "a flow", path: "/flows/registry.change" },
  { name: "projects", path: "/projects" },
  { name: "projects of a county, red", path: "/projects?light=red", login: "daye" },
  { name: "projects, none found", path: "/projects?q=zzzz" },
  { name: "projects of an enterprise", path: "/projects?state=all", login: "qiye" },
  { name: "projects by state", path: "/projects/board" },
  { name: "projects over time", path: "/projects/gantt?state=building" },
  { name: "projects, what changed", path: "/projects/changes?from=2021-06-30&to=2021-08-11" },
  { name: "projects, what changed, faults", path: "/projects/changes?from=x&to=2021-08-11", status: 422 },
  { name: "projects in total", path: "/projects/totals" },
  { name: "project", path: found("/projects?state=building", "tbody .cell-title a") },
  { name: "month of a project", path: found("/projects?state=building", "tbody .cell-title a", "/report"), login: "daye" },
  { name: "month of a project, faults", path: found("/projects?state=building", "tbody .cell-title a", "/report"), status: 422, act: faultyMonth },
  { name: "workbook of projects", path: "/projects/workbook", login: "daye" },
  { name: "filing a project", path: "/cases/new?flow=projects.project", login: "qiye" },
  { name: "a project's case", path: found("/desk", 'tr:has-text("待县区审核") .cell-title a') },
  { name: "flow of a project", path: "/flows/projects.project" },
  { name: "amendment, faults", path: found("/ledger?kind=diagnosis.completed", 'tbody a[href^="/facts/"]', "/amend"), status: 422, act: faultyAmendment },
  { name: "indicators", path: "/indicators" },
  { name: "indicators, none found", path: "/indicators?q=zzzz" },
  { name: "indicator, a sum", path: "/indicators/projects.investment" },
  { name: "indicator, a first day", path: "/indicators/finance.launch_day" },
  { name: "indicator, a ratio", path: "/indicators/diagnosis.year_plan_rate" },
  { name: "indicator, declared", path: "/indicators/honours.cloud_benchmark_rank" },
  { name: "breakdown", path: "/indicators/diagnosis.completed?by=unit" },
  { name: "breakdown, two dimensions", path: "/indicators/diagnosis.completed?by=month&by=unit" },
  { name: "why not, which one", path: "/indicators/diagnosis.completed?org=%E7%94%B5%E5%AD%90" },
  { name: "rows of subjects", path: "/indicators/diagnosis.completed/rows" },
  { name: "rows of facts", path: "/indicators/finance.disbursed_amount/rows" },
  { name: "rows of a cell", path: "/indicators/diagnosis.completed/rows?unit=1&month=202106" },
  { name: "rows of a ratio", path: "/indicators/diagnosis.year_plan_rate/rows" },
  { name: "rows of a declared figure", path: "/indicators/honours.cloud_benchmark_rank/rows" },
  { name: "ledger", path: "/ledger" },
  { name: "ledger, none found", path: "/ledger?kind=diagnosis.completed&from=2030-01-01" },
  { name: "ledger, faults", path: "/ledger?q=abc&unit=99", status: 422 },
  { name: "fact", path: found("/ledger?kind=diagnosis.completed", 'tbody a[href^="/facts/"]') },
  { name: "fact, its proof", path: found("/ledger?kind=diagnosis.completed", 'tbody a[href^="/facts/"]', "/proof") },
  { name: "seals", path: "/seals", login: "shenji" },
  { name: "seals, earlier blocks", path: "/seals?before=3", login: "shenji" },
  { name: "record", path: found("/ledger?kind=diagnosis.completed", 'tbody a[href^="/records/"]') },
  { name: "entering a fact, which kind", path: "/facts/new" },
  { name: "entering a fact", path: "/facts/new?kind=finance.loan_disbursed", login: "daye" },
  { name: "entering a fact, which one", path: "/facts/new?kind=finance.loan_disbursed", status: 422, act: ambiguousFact },
  { name: "setting a target", path: "/indicators/finance.disbursed_amount/targets" },
  { name: "declaring a figure", path: "/indicators/honours.cloud_benchmark_rank/declared" },
  { name: "a broken cursor", path: "/indicators/diagnosis.completed/rows?after=x", status: 422 },
  { name: "a wrong method", path: "/facts/1/reverse", status: 405 },
  { name: "registry, one letter", path: "/orgs?q=a", status: 422 },
  { name: "registry", path: "/orgs" },
  { name: "registry, none found", path: "/orgs?q=zzzzzz" },
  { name: "registering", path: "/orgs/new" },
  { name: "registering, faults", path: "/orgs/new", status: 422, act: faultyRegistration },
  { name: "changing", path: found("/orgs?unit=1&above_scale=1", "tbody .cell-title a", "/edit?attribute=above_scale") },
  { name: "merging", path: found("/orgs?unit=1&above_scale=1", "tbody .cell-title a", "/merge") },
  { name: "mismatches of size", path: "/orgs/mismatches" },
  { name: "mismatches of scale", path: "/orgs/mismatches?check=above_scale" },
  { name: "dossier", path: "/", login: "qiye" },
  { name: "dossier of a bank", path: "/", login: "yinhang" },
  { name: "not found", path: "/orgs/99999999", status: 404 },
  { name: "not allowed", path: "/board", login: "qiye", status: 403 },
  { name: "description of the API", path: "/api/docs" },
  { name: "audit log", path: "/audit", login: "sjgly" },
  { name: "entry of the audit log", path: "/audit/1", login: "sjgly" },
  { name: "who looked at one's data", path: "/trail", login: "qiye" },
  { name: "claiming a firm", path: "/register", login: "" },
  { name: "claims", path: "/claims" },
  { name: "own people", path: "/staff", login: "qiye" },
  { name: "consents given", path: "/consents", login: "qiye" },
  { name: "giving a consent", path: "/consents/new", login: "qiye" },
  { name: "a consent and its reads", path: found("/consents", "tbody .cell-title a"), login: "qiye" },
  { name: "consents received", path: "/consents/received", login: "yinhang" },
  { name: "own account", path: "/me", login: "daye" },
  { name: "binding an authenticator", path: "/me/second-factor", login: "daye" },
  { name: "own tokens", path: "/me/tokens", login: "daye" },
  { name: "accounts", path: "/people", login: "xitong" },
  { name: "opening an account", path: "/people/new", login: "xitong" },
  { name: "an account", path: found("/people?q=daye", "tbody .cell-title a"), login: "xitong" },
  { name: "roles", path: "/roles", login: "anquan" },
  { name: "a role", path: "/roles/county_officer", login: "anquan" },
  { name: "grants", path: "/grants", login: "anquan" },
  { name: "grants of an account", path: found("/grants?q=daye", "tbody .cell-title a"), login: "anquan" },
  { name: "what is asked of signing in", path: "/sign-in-policy", login: "anquan" },
  { name: "who sees what", path: "/who-sees", login: "anquan" },
  { name: "what was viewed", path: "/access-log", login: "anquan" },
  { name: "no page of another duty", path: "/roles", login: "xitong", status: 403 },
];

function found(list, selector, rest = "") {
  return async (visitor) => {
    await visit(visitor, list);
    return (await visitor.page.locator(selector).first().getAttribute("href")) + rest;
  };
}

async function refusedSignIn(page) {
  await page.fill("#login", "jingban");
  await page.fill("#password", "not the password");
  await page.click("button[type=submit]");
  await page.waitForSelector("[role=alert]");
}

async function faultyMonth(page) {
  await page.evaluate(() => (document.querySelector("form.panel").noValidate = true));
  for (const [id, value] of [["#f-invested", "一百"], ["#f-problem", "缺用地手续"]]) await page.fill(id, value);
  await page.click("form.panel .form-acts button");
  await page.waitForSelector(".field-error");
}

async function ambiguousFact(page) {
  for (const [id, value] of [["#f-subject", "电子"], ["#f-amount", "1"], ["#f-title", "试"]]) await page.fill(id, value);
  await page.click("form.panel .form-acts button");
  await page.waitForSelector(".choices");
}

async function faultyRegistration(page) {
  await page.evaluate(() => (document.querySelector("form.panel").noValidate = true));
  for (const [id, value] of [["#f-name", "试"], ["#f-credit_code", "9142"], ["#f-industry", "没有的"], ["#f-region", "没有的"]]) {
    await page.fill(id, value);
  }
  await page.click("form.panel button[type=submit]");
  await page.waitForSelector(".field-error");
}

async function publishWithoutReasons(page) {
  page.once("dialog", (dialog) => dialog.accept());
  await page.click("button:has-text('发布')");
  await page.waitForSelector(".field-error");
}

async function faultyAmendment(page) {
  await page.evaluate(() => (document.querySelector("form.panel").noValidate = true));
  await page.check("input[name=replace]");
  await page.fill("#f-code", "9142");
  await page.fill("#f-quantity", "很多");
  await page.click("form.panel button[type=submit]");
  await page.waitForSelector(".field-error");
}

async function foreignWorkbook(page) {
  await page.selectOption("[name=what]", "years");
  const buffer = Buffer.from("户名,登记号,哪年,产出（元）,人头,出处\n甲公司,HS-1,2020,1250000,30,年报\n");
  await page.setInputFiles("[name=file]", { name: "产值表.csv", mimeType: "text/csv", buffer });
  await page.click("form[enctype] button[type=submit]");
  await page.waitForSelector("select[name=is_0]");
}

async function bulkDraft(page) {
  await page.locator("tbody input[name=id]").first().check();
  await page.selectOption("#f-action", "accept");
  await page.click("#bulk button[type=submit]");
  await page.waitForSelector("nav[aria-label='清单']");
}

async function everyWidth(page) {
  await page.evaluate(axe);
  // The width that the page has comes first.
  for (const viewport of page.viewportSize().width === PHONE.width ? [PHONE, WIDE] : [WIDE, PHONE]) {
    await page.setViewportSize(viewport);
    const faults = await page.evaluate(async () => {
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      const { scrollWidth, clientWidth } = document.documentElement;
      const sideways = scrollWidth > clientWidth ? [`${scrollWidth} px wide`] : [];
      // What is far down a long list repeats what stands above.
      const repeated = ["table:not(.cited) tr:nth-child(n+13)", ".event:nth-child(n+13)", ".stat:nth-child(n+5)"];
      const where = { include: [["body"]], exclude: repeated.map((selector) => [selector]) };
      const { violations } = await window.axe.run(where, { resultTypes: ["violations"] });
      return [...sideways, ...violations.map(({ id, nodes }) => `${id} at ${nodes[0].target} and ${nodes.length - 1} more`)];
    });
    ensure(faults.length === 0, `at ${viewport.width} px: ${faults.join("; ")}`);
  }
}

async function lookAt(kind) {
  await check(`page: ${kind.name}`, async (open) => {
    const visitor = await open({ rested: kind.login ?? "jingban" });
    const path = typeof kind.path === "function" ? await kind.path(visitor) : kind.path;
    if (kind.act) {
      await visit(visitor, path);
      for (const path of [visitor.page.url(), "/orgs", "/facts"]) visitor.refusals.add(new URL(path, base).href);
      const answer = visitor.page.waitForResponse((one) => one.request().method() === "POST");
      await kind.act(visitor.page);
      same((await answer).status(), kind.status, "status of what was sent");
    } else {
      await visit(visitor, path, kind.status);
    }
    await everyWidth(visitor.page);
  });
}

async function openContexts(logins) {
  for (const login of logins) {
    const context = await newContext();
    if (login) {
      const page = await context.newPage();
      await signIn(page, login);
      await page.close();
    }
    contexts.set(login, context);
  }
}

// ---- the whole ---------------------------------------------------------------------------------

async function inParallel(jobs, hands) {
  const left = [...jobs];
  const work = async () => {
    for (let job = left.shift(); job; job = left.shift()) await job();
  };
  await Promise.all(Array.from({ length: hands }, work));
}

async function main() {
  rmSync(kept, { recursive: true, force: true });
  const executablePath = onPath(["chromium", "chromium-browser", "google-chrome"]);
  const place = mkdtempSync(join(tmpdir(), "qishu-browser-"));
  let city;
  try {
    const launching = chromium.launch({ executablePath, args: QUIET });
    city = await startCity(place);
    base = city.base;
    browser = await launching;
    await openContexts(["", "jingban", "daye", "qiye", "yinhang", "jigou", "danbao", "shenji", "xitong", "anquan", "sjgly"]);
    const journeys = [
      ["a figure opens its rows", aFigureOpensItsRows],
      ["every figure of the reply opens its rows", everyFigureOfTheReplyOpens],
      ["the clocks turn back and forth", theClocksTurnBack],
      ["a project goes from filing to acceptance", aProjectGoesItsWay],
      ["a proposal goes from receipt to receipt", aProposalGoesItsWay],
      ["a county officer stays in the county", aCountyOfficerStaysInTheCounty],
      ["an enterprise lands on its desk and goes on to its dossier", anEnterpriseLandsOnItsDossier],
      ["without script", withoutScript],
      ["by keyboard alone", byKeyboardAlone],
      ["a lost session loses nothing", aLostSessionLosesNothing],
      ["the three administrators keep apart", administratorsKeepApart],
    ];
    const jobs = [
      ...journeys.map(([name, body]) => () => check(name, body)),
      ...KINDS.map((kind) => () => lookAt(kind)),
    ];
    await inParallel(jobs, 3);
    await check("a published figure is explained", aPublishedFigureIsExplained);
    await check("a reversal is seen", aReversalIsSeen);
    await check("a fact is entered", aFactIsEntered);
    await check("a firm comes in", aFirmComesIn);
    await check("a consent is given, used and revoked", aConsentIsGivenUsedAndRevoked);
  } finally {
    await browser?.close();
    city?.server.kill();
    rmSync(place, { recursive: true, force: true });
  }
  const failed = results.filter((one) => one.failure);
  if (failed.length) {
    writeFileSync(join(kept, "server.log"), city.log());
    console.log(`what failed is in ${kept}`);
  }
  console.log(`${results.length - failed.length} passed, ${failed.length} failed`);
  process.exitCode = failed.length ? 1 : 0;
}

main().catch((error) => {
  console.error(`browser: ${error.message}`);
  process.exitCode = 1;
});
