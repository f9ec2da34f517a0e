// Copies the browser assets that npm installed into crates/web/assets/vendor/ (git-ignored),
// where the server embeds them. Run `npm ci --ignore-scripts` first, then `node scripts/assets.mjs`.
//
// A page draws an icon from the sprite, <svg class="icon"><use href="{sprite}#home"/></svg>
// (macro `icon` in macros.html); the single files are there for <img> and for documents.
// A name missing here draws nothing, so add it to the list before using it.

import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ICONS = [
  // places of the menu
  "home", "layout-dashboard", "building", "buildings", "building-factory-2", "building-bank",
  "building-community", "list-details", "book-2", "database", "target-arrow", "chart-bar",
  "chart-line", "chart-dots", "report-analytics", "file-certificate", "file-text", "files", "news",
  "mail", "inbox", "checklist", "clipboard-list", "clipboard-check", "stethoscope", "tool", "tools",
  "award", "medal", "trophy", "cloud", "apps", "cpu", "sitemap", "hierarchy", "affiliate", "coin",
  "cash", "credit-card", "receipt", "report-money", "shield-check", "shield", "scale", "gavel",
  "heart-handshake", "messages", "message-2", "school", "certificate", "users", "users-group",
  "user", "user-circle", "briefcase", "bulb", "calendar", "calendar-event", "calendar-stats",
  "map-pin", "world", "settings", "adjustments", "key", "activity", "speakerphone",
  // acts
  "search", "filter", "filter-off", "plus", "minus", "pencil", "trash", "check", "x", "send",
  "upload", "download", "file-spreadsheet", "file-type-pdf", "file-type-docx", "file-import",
  "file-export", "table", "table-export", "printer", "link", "copy", "external-link", "share",
  "refresh", "replace", "git-merge", "arrows-exchange", "arrow-back-up", "login", "logout", "eye",
  "eye-off", "lock", "lock-open", "paperclip", "signature", "rubber-stamp", "writing", "player-play",
  "zoom-question",
  // directions
  "menu-2", "dots", "chevron-left", "chevron-right", "chevron-up", "chevron-down", "arrow-left",
  "arrow-right", "arrow-up", "arrow-down", "arrow-up-right", "arrows-sort", "corner-down-right",
  // states
  "alert-circle", "alert-triangle", "info-circle", "help-circle", "circle-check", "circle-x",
  "circle-dashed", "ban", "bell", "clock", "history", "hourglass", "flag", "star", "pin", "timeline",
  "trending-up", "trending-down", "sum", "percentage", "versions", "fingerprint", "phone",
];

const FILES = [
  ["@tabler/core", "dist/css/tabler.min.css"],
  ["@tabler/core", "dist/js/tabler.min.js"],
  ["htmx.org", "dist/htmx.min.js"],
  ["echarts", "dist/echarts.common.min.js"],
];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const vendor = join(root, "crates", "web", "assets", "vendor");

function fail(message) {
  console.error(`assets: ${message}`);
  process.exit(1);
}

async function fromPackage(name, path) {
  try {
    return await readFile(join(modules, name, path));
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return fail(`${name} has no ${path} here; run: npm ci --ignore-scripts (or the name is wrong)`);
  }
}

// What is installed must be what the lock names, or a stale node_modules goes unnoticed.
async function checkVersions() {
  const lock = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8"));
  for (const name of ["@tabler/core", "@tabler/icons", "htmx.org", "echarts"]) {
    const installed = JSON.parse(await fromPackage(name, "package.json")).version;
    const locked = lock.packages[`node_modules/${name}`]?.version;
    if (installed !== locked) {
      fail(`${name} ${installed} is installed, ${locked} is locked; run: npm ci --ignore-scripts`);
    }
  }
}

// The drawing inside the <svg> element, without the transparent bounding box, on one line.
function drawing(name, svg) {
  const inner = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(svg)?.[1];
  if (!inner) fail(`icon ${name} is not an svg file`);
  return inner
    .replace(/<path stroke="none"[^>]*\/>/g, "")
    .replace(/\s*\n\s*/g, "")
    .replace(/ \/>/g, "/>")
    .trim();
}

const STROKE =
  'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"';
const LICENCE = "<!-- Tabler Icons, MIT licence, Copyright (c) 2020-2026 Paweł Kuna -->";

// Writes only what changed, so a build that watches the folder is not disturbed.
async function put(path, content) {
  const next = Buffer.from(content);
  const now = await readFile(path).catch(() => null);
  if (now?.equals(next)) return;
  await writeFile(path, next);
}

async function copyIcons() {
  const names = [...ICONS].sort();
  const twice = names.find((name, i) => name === names[i - 1]);
  if (twice) fail(`icon ${twice} is listed twice`);

  const folder = join(vendor, "icons");
  await mkdir(folder, { recursive: true });
  const symbols = [];
  for (const name of names) {
    const body = drawing(name, (await fromPackage("@tabler/icons", `icons/outline/${name}.svg`)).toString());
    symbols.push(`<symbol id="${name}" ${STROKE}>${body}</symbol>`);
    await put(
      join(folder, `${name}.svg`),
      `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" ${STROKE} stroke-width="1.5">${body}</svg>\n`,
    );
  }
  await put(
    join(vendor, "icons.svg"),
    `<svg xmlns="http://www.w3.org/2000/svg">\n${LICENCE}\n${symbols.join("\n")}\n</svg>\n`,
  );
  return names;
}

async function removeStale(folder, wanted) {
  for (const name of await readdir(folder)) {
    if (!wanted.has(name)) await rm(join(folder, name), { recursive: true });
  }
}

await checkVersions();
await mkdir(vendor, { recursive: true });
for (const [name, path] of FILES) {
  await put(join(vendor, path.split("/").pop()), await fromPackage(name, path));
}
const icons = await copyIcons();
await removeStale(join(vendor, "icons"), new Set(icons.map((name) => `${name}.svg`)));
await removeStale(vendor, new Set([...FILES.map(([, path]) => path.split("/").pop()), "icons", "icons.svg"]));
console.log(`assets: ${FILES.length} files and ${icons.length} icons in crates/web/assets/vendor`);
