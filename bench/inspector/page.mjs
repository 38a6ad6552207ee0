// Pictures a second of each view of the page, beside a router under load. Argument: the inspector's address.
import { chromium } from 'playwright-core';

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
await page.goto(`${process.argv[2]}#/chart/router`);
// The page keeps 10,000 lines of all actors; these are what it has of the router's.
const lines = async () =>
  Number(
    /[\d,]+/.exec(await page.getByRole('region', { name: 'Events' }).locator('p').textContent())[0].replaceAll(',', ''),
  );
await page.waitForTimeout(20_000);
const result = { lines: await lines() };
for (const view of ['fleet', 'chart/model:model-0', 'timeline', 'requests']) {
  await page.evaluate((hash) => (location.hash = hash), `#/${view}`);
  await page.waitForTimeout(2_000);
  result[view.split('/')[0]] = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const began = performance.now();
        let pictures = 0;
        const next = () => {
          pictures++;
          const passed = performance.now() - began;
          if (passed < 5_000) requestAnimationFrame(next);
          else resolve((pictures * 1_000) / passed);
        };
        requestAnimationFrame(next);
      }),
  );
}
await browser.close();
process.stdout.write(JSON.stringify(result));
