// Two servers on one PostgreSQL: sessions, search, locks and jobs behave, and one of them killed loses nothing.
// usage: scripts/with-postgres.sh node scripts/two-servers.mjs PROGRAM

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const program = process.argv[2];
const database = `${process.env.QISHU_TEST_POSTGRES}/postgres`;
const place = mkdtempSync(join(tmpdir(), "qishu-two-"));
const common = ["--database", database, "--field-key", join(place, "field-key")];
const PASSWORD = /^password = "(.+?)"/m.exec(readFileSync(join(root, "demo", "huangshi-2021", "city.toml"), "utf8"))[1];
const running = [];

function ensure(holds, what) {
  if (!holds) throw new Error(what);
  console.log(`ok   ${what}`);
}

async function start(port) {
  const base = `http://127.0.0.1:${port}`;
  const server = spawn(program, ["serve", ...common, "--listen", `127.0.0.1:${port}`], { stdio: "ignore" });
  running.push(server);
  for (let n = 0; n < 200; n++) {
    if (await fetch(`${base}/sign-in`).then(() => true, () => false)) return { base, server };
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no answer at ${base}`);
}

// A visitor whose cookie goes to whichever server he asks.
class Visitor {
  cookie = "";

  async ask(server, path, fields) {
    const headers = { cookie: this.cookie };
    const body = fields && new URLSearchParams(fields);
    const answer = await fetch(server.base + path, { method: fields ? "POST" : "GET", headers, body, redirect: "manual" });
    for (const cookie of answer.headers.getSetCookie()) this.cookie = cookie.split(";")[0];
    return { status: answer.status, text: await answer.text() };
  }

  async post(server, page, path, fields) {
    const csrf = /name="csrf" value="([^"]+)"/.exec((await this.ask(server, page)).text)[1];
    return this.ask(server, path, { csrf, ...fields });
  }

  static async in(server, login) {
    const visitor = new Visitor();
    const { status } = await visitor.ask(server, "/sign-in", { login, password: PASSWORD });
    if (status !== 303) throw new Error(`${login} cannot sign in: ${status}`);
    return visitor;
  }
}

async function sharedSessionsAndSearch(one, other, officer) {
  ensure((await officer.ask(other, "/desk")).status === 200, "a session made at one server holds at the other");
  const name = "双机检索甲乙丙（样例）";
  const fields = { kind: "enterprise", local_code: "TWO-1", name, status: "存续", since: "2021-01-01", source: "检查" };
  ensure((await officer.post(one, "/orgs/new", "/orgs", fields)).status === 303, "a firm is registered at one server");
  const began = Date.now();
  const found = (await officer.ask(other, `/search?q=${encodeURIComponent("双机检索")}`)).text.includes(name);
  ensure(found && Date.now() - began < 1000, "the other finds it within a second");
}

async function oneOfTwoWins(one, other, officer) {
  const colleague = await Visitor.in(other, "jingban");
  const listed = (await officer.ask(one, "/cases?flow=registry.change")).text.matchAll(/href="(\/cases\/\d+)"/g);
  for (const [, href] of listed) {
    const page = (await officer.ask(one, href)).text;
    if (!page.includes('value="return"')) continue;
    const revision = /name="revision" value="(\d+)"/.exec(page)[1];
    const act = { action: "return", revision, note: "两台服务器同时退回" };
    const both = [officer.post(one, href, `${href}/act`, act), colleague.post(other, href, `${href}/act`, act)];
    const statuses = (await Promise.all(both)).map((answer) => answer.status).sort();
    ensure(statuses.join() === "303,409", "of the same act at both servers one wins, the other is told");
    return href;
  }
  throw new Error("no case waits to be returned");
}

async function nothingIsLost(one, other, officer, href) {
  const said = [];
  const write = async (n) => {
    const visitor = await Visitor.in(one, "jingban");
    const csrf = /name="csrf" value="([^"]+)"/.exec((await visitor.ask(one, href)).text)[1];
    for (let i = 0; ; i++) {
      const text = `留言 ${n}.${i}。`;
      const answer = await visitor.ask(one, `${href}/comments`, { csrf, text }).catch(() => undefined);
      if (answer?.status !== 303) return;
      said.push(text);
    }
  };
  const writers = Array.from({ length: 6 }, (_, n) => write(n));
  await new Promise((done) => setTimeout(done, 3000));
  one.server.kill("SIGKILL");
  await Promise.all(writers);
  const page = (await officer.ask(other, href)).text;
  const lost = said.filter((text) => !page.includes(text));
  ensure(said.length > 50 && lost.length === 0, `${said.length} acknowledged writes at a killed server all stand`);
}

async function main() {
  const loaded = spawnSync(program, ["demo", ...common], { stdio: "ignore" });
  ensure(loaded.status === 0, "the demonstration city is loaded");
  const [one, other] = [await start(20101), await start(20102)];
  const officer = await Visitor.in(one, "jingban");
  await sharedSessionsAndSearch(one, other, officer);
  const href = await oneOfTwoWins(one, other, officer);
  await nothingIsLost(one, other, officer, href);
  ensure((await officer.ask(other, "/desk")).status === 200, "who signed in at the killed one goes on at the other");
  await officer.post(other, "/desk", "/sign-out", {});
  const again = await start(20101);
  ensure((await officer.ask(again, "/desk")).status === 303, "signed out at one is signed out at both");
  const manager = await Visitor.in(again, "xitong");
  ensure((await manager.ask(other, "/jobs")).status === 200, "jobs are shown by both");
}

try {
  await main();
} finally {
  for (const server of running) server.kill("SIGKILL");
  rmSync(place, { recursive: true, force: true });
}
