// Takes the pictures of the inspector in docs/images, during one round of the demonstration. Needs a Chromium:
// /usr/bin/chromium, or the one that CHROMIUM names. The package must have been built before.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from 'llm-router';
import { chromium } from 'playwright-core';
import { createShow } from '../examples/demo/show.mjs';

const FOLDER = fileURLToPath(new URL('../docs/images/', import.meta.url));
const SPEED = 15;
const WIDE = { width: 1280, height: 720 };
const PHONE = { width: 390, height: 844 };
/** At which minute of the demonstration's half hour each view shows most. */
const PICTURES = [
  { minute: 9, views: { chart: '#/chart/model:gpu-fast' } },
  { minute: 20.2, views: { fleet: '#/fleet/model:gpu-fast' } },
  { minute: 25, views: { timeline: '#/timeline', requests: '#/requests', request: null } },
];

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
await mkdir(FOLDER, { recursive: true });
const show = createShow({ clock: systemClock, speed: SPEED });
const { url } = await show.router.inspect({ includeContent: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
const open = async (viewport) => {
  const page = await browser.newPage({ viewport });
  await page.goto(url);
  return page;
};
const wide = await open(WIDE);
const phone = await open(PHONE);

/** A request that its first model failed and another one served; the list is asked for those with several calls. */
async function requestWithFallback(page) {
  await page.evaluate(() => {
    location.hash = '#/requests';
  });
  await page.getByLabel(/Several calls/).check();
  await page.getByLabel('Outcome').selectOption('served');
  const id = await page.locator('[data-id]').first().getAttribute('data-id');
  await page.getByRole('button', { name: 'Clear' }).click();
  return `#/requests/${encodeURIComponent(id)}`;
}

/** Half of what the timeline shows at first is enough for a round. */
async function shorten(page) {
  const shown = page.getByLabel('Time shown');
  if ((await shown.textContent()) === '5 min') await page.getByRole('button', { name: 'Show a shorter time' }).click();
}

async function take(page, hash, name) {
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
  await page.mouse.move(0, 0);
  if (hash === '#/timeline') await shorten(page);
  await wait(600);
  await page.screenshot({ path: `${FOLDER}${name}.png` });
  console.log(`docs/images/${name}.png`);
}

show.start();
const startedAt = performance.now();
// It is stopped before its end.
void show.play(() => {});
for (const { minute, views } of PICTURES) {
  await wait((minute * 60_000) / SPEED - (performance.now() - startedAt));
  for (const [name, hash] of Object.entries(views)) {
    const place = hash ?? (await requestWithFallback(wide));
    for (const colorScheme of ['light', 'dark']) {
      for (const [page, suffix] of [
        [wide, ''],
        [phone, '-phone'],
      ]) {
        await page.emulateMedia({ colorScheme });
        await take(page, place, `${name}${suffix}-${colorScheme}`);
      }
    }
  }
}
await browser.close();
await show.stop();
