// Journeys in a real browser against the real binary and the demonstration city.
// usage: node scripts/browser.mjs   (needs target/debug/qishu, a Chromium, and npm ci)
// Failures leave a picture and the page in target/browser/.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const binary = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug', 'qishu');
const axe = readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
const PASSWORD = 'huangshi-2021';
const shots = join(root, 'target', 'browser');

const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (!browserPath) throw new Error('no Chromium: scripts/need.sh browser');

const data = mkdtempSync(join(tmpdir(), 'qishu-browser-'));
const port = await new Promise((done) => {
  const probe = createServer().listen(0, '127.0.0.1', () => { const { port } = probe.address(); probe.close(() => done(port)); });
});
const base = `http://127.0.0.1:${port}`;
const demo = spawnSync(binary, ['demo', '--data', data], { encoding: 'utf8' });
if (demo.status !== 0) throw new Error(demo.stderr);
const server = spawn(binary, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`], { stdio: 'ignore' });
for (let i = 0; ; i += 1) {
  try { if ((await fetch(`${base}/healthz`)).ok) break; } catch { /* not yet */ }
  if (i > 100) throw new Error('the server does not start');
  await new Promise((wait) => { setTimeout(wait, 100); });
}

const browser = await chromium.launch({
  executablePath: browserPath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

let passed = 0;
let failed = 0;

function equal(got, wanted, what) {
  if (got !== wanted) throw new Error(`${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`);
}

async function visit(login, options = {}) {
  const context = await browser.newContext({ baseURL: base, viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.complaints = [];
  page.on('console', (m) => { if (m.type() === 'error' && !/40[349]|422/.test(m.text())) page.complaints.push(m.text()); });
  page.on('pageerror', (e) => page.complaints.push(String(e)));
  if (login) {
    await page.goto('/sign-in');
    await page.fill('#login', login);
    await page.fill('#password', PASSWORD);
    await page.click('form button[type=submit]');
    await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  }
  return page;
}

async function journey(name, run) {
  let page;
  try {
    page = await run();
    equal(page.complaints.join('\n'), '', 'console');
    passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}: ${error.message}`);
    mkdirSync(shots, { recursive: true });
    for (const context of browser.contexts()) {
      for (const open of context.pages()) {
        const file = join(shots, name.replace(/\W+/g, '-'));
        await open.screenshot({ path: `${file}.png`, fullPage: true }).catch(() => {});
        writeFileSync(`${file}.html`, await open.content().catch(() => ''));
      }
    }
  }
  for (const context of browser.contexts()) await context.close();
}

await journey('an officer opens the reply and every figure opens its rows', async () => {
  const page = await visit('jingban');
  await page.goto('/reply');
  const figures = await page.$$eval('article.letter a.figure', (links) => links.map((a) => a.getAttribute('href')));
  if (figures.length < 70) throw new Error(`only ${figures.length} figures are links`);
  const diagnosed = figures.find((href) => href.includes('/indicators/diagnosis.completed'));
  await page.goto(diagnosed);
  if (!(await page.textContent('main')).includes('153')) throw new Error('153 is not stated');
  let rows = 0;
  for (;;) {
    rows += await page.locator('main tbody tr').count();
    const next = page.locator('.pager a', { hasText: '下一页' });
    if ((await next.count()) === 0 || !(await next.first().getAttribute('href'))) break;
    await next.first().click();
    await page.waitForLoadState();
  }
  equal(rows, 153, 'rows behind 153');
  for (const href of [...new Set(figures)]) {
    const answer = await page.request.get(href);
    equal(answer.status(), 200, href);
  }
  return page;
});

await journey('an officer of a county sees only the own unit', async () => {
  const page = await visit('daye');
  await page.goto('/orgs');
  const units = await page.$$eval('tbody td[data-label="填报单元"]', (cells) => [...new Set(cells.map((c) => c.textContent.trim()))]);
  equal(units.join(), '大冶市', 'units in the list');
  return page;
});

await journey('an enterprise lands on its own dossier', async () => {
  const page = await visit('qiye');
  if (!/\/orgs\/\d+$/.test(new URL(page.url()).pathname)) throw new Error(page.url());
  equal((await page.request.get('/board')).status(), 403, 'the board');
  return page;
});

await journey('the clocks change what is said and go back', async () => {
  const page = await visit('jingban');
  const value = async () => {
    await page.goto('/indicators/diagnosis.completed');
    return (await page.textContent('.headline-value')).trim();
  };
  const now = await value();
  await page.goto('/board?clock=set&about=2021-03-31&known=');
  const before = await value();
  if (before === now) throw new Error(`still ${now}`);
  await page.goto('/board?clock=set&about=&known=');
  equal(await value(), now, 'after the way back');
  return page;
});

await journey('without script: sign in, filter, break down, open a cell', async () => {
  const page = await visit('jingban', { javaScriptEnabled: false });
  await page.goto('/orgs?q=ylj');
  await page.goto('/indicators/cloud.firms?by=unit');
  const cell = page.locator('main a[href*="/rows?"][href*="unit="]').first();
  await cell.click();
  if ((await page.locator('main tbody tr').count()) === 0) throw new Error('no rows');
  return page;
});

await journey('with the keyboard alone: sign in', async () => {
  const page = await visit(null);
  await page.goto('/sign-in');
  await page.keyboard.type('jingban');
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === '/board');
  return page;
});

const PAGES = ['/board', '/reply', '/indicators', '/indicators/diagnosis.completed', '/indicators/guarantee.loan_amount',
  '/indicators/diagnosis.year_plan_rate', '/indicators/cloud.firms?by=month&by=unit', '/indicators/cloud.firms/rows', '/ledger', '/orgs', '/orgs/new',
  '/orgs/mismatches', '/orgs/1', '/orgs/1/edit', '/no/such/page', '/api/docs'];
for (const width of [1280, 390]) {
  await journey(`axe and width at ${width}`, async () => {
    const page = await visit('jingban', { viewport: { width, height: 844 } });
    for (const path of ['/sign-in', ...PAGES]) {
      const answer = await page.goto(path);
      if (answer.status() === 404 && path !== '/no/such/page') continue;
      const { scroll, client } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth }));
      if (scroll > client + 1) throw new Error(`${path} scrolls sideways: ${scroll} > ${client}`);
      await page.evaluate(axe);
      const found = await page.evaluate(() => window.axe.run());
      const names = found.violations.map((v) => `${v.id} (${v.nodes[0].target.join(' ')})`);
      if (names.length) throw new Error(`${path}: ${names.join(', ')}`);
    }
    return page;
  });
}

await browser.close();
server.kill('SIGTERM');
rmSync(data, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
