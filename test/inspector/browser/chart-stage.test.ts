import { describe, expect, it } from 'vitest';
import { expectNoMisdeeds, live, openStage, type Stage, withBrowser } from './stage.ts';

withBrowser();

const PHONE = { width: 390, height: 844 };

async function openChart(stage: Stage): Promise<void> {
  await live(stage);
  await stage.go('#/chart/model:a');
  await stage.page.locator('.drawing').waitFor();
}

/** Of most words of the drawing, in pixels of the screen. */
const textSize = ({ page }: Stage): Promise<number> =>
  page.locator('.chart-stage svg').evaluate((svg: SVGSVGElement) => 11 * svg.getScreenCTM()!.a);

const focused = ({ page }: Stage): Promise<string | null> =>
  page.evaluate(() => document.activeElement!.getAttribute('aria-label') ?? document.activeElement!.textContent);

describe.each([{ width: 1280, height: 720 }, PHONE])('a large chart at %o', (viewport) => {
  it('can be read when it opens and in each region, and is shown whole by Fit', async () => {
    await using stage = await openStage({}, { viewport });
    await openChart(stage);

    await expect.poll(() => textSize(stage)).toBeGreaterThanOrEqual(8.99);
    for (const region of ['queue', 'control', 'breaker']) {
      await stage.page.getByRole('button', { name: region, exact: true }).click();
      await expect.poll(() => textSize(stage), { message: region }).toBeGreaterThanOrEqual(8.99);
    }
    await stage.page.getByRole('button', { name: 'Fit' }).click();
    await expect.poll(() => textSize(stage)).toBeLessThan(7);
    expectNoMisdeeds(stage);
  });
});

describe('the drawing, by keyboard', () => {
  it('is one stop of the Tab key, at the active state', async () => {
    await using stage = await openStage();
    const { page } = stage;
    await openChart(stage);
    await page.getByRole('button', { name: 'Copy Mermaid' }).focus();

    await page.keyboard.press('Tab');
    expect(await focused(stage)).toBe('state closed, active');

    await page.keyboard.press('Tab');
    expect(await focused(stage)).toBe('Zoom out');
  });

  it('goes from part to part by the arrow keys, and brings what it reaches into view', async () => {
    await using stage = await openStage({}, { viewport: PHONE });
    const { page } = stage;
    await openChart(stage);
    await page.getByRole('button', { name: 'Copy Mermaid' }).focus();
    await page.keyboard.press('Tab');
    const reached = new Set<string | null>();

    for (let presses = 0; presses < 20; presses++) {
      reached.add(await focused(stage));
      const isSeen = (): Promise<boolean> =>
        page.evaluate(() => {
          const [part, place] = [document.activeElement!, document.querySelector('.chart-stage')!];
          const [inner, outer] = [part.getBoundingClientRect(), place.getBoundingClientRect()];
          const isWider = inner.width > outer.width;
          return inner.left >= outer.left && (isWider || inner.right <= outer.right) && inner.bottom <= outer.bottom;
        });
      await expect.poll(isSeen, { message: String(await focused(stage)) }).toBe(true);
      await page.keyboard.press('ArrowDown');
    }

    expect(reached.size).toBe(20);
    const last = await focused(stage);
    await page.keyboard.press('Shift+ArrowDown');
    expect(await focused(stage)).toBe(last);
  });
});

it('the events stay where they are while somebody looks back, until the newest are asked for', async () => {
  await using stage = await openStage();
  const { page } = stage;
  await openChart(stage);
  for (let count = 0; count < 5; count++) await stage.serve('a');
  const log = page.getByRole('log');
  await expect.poll(() => log.evaluate((list) => list.scrollHeight > 2 * list.clientHeight)).toBe(true);

  await log.evaluate((list) => list.scrollTo(0, 0));
  await page.getByRole('button', { name: 'Newest' }).waitFor();
  const before = await log.evaluate((list) => list.scrollHeight);
  await stage.serve('a');
  await expect.poll(() => page.locator('.chart-state').textContent()).toContain('accepting');
  expect(await log.evaluate((list) => list.scrollHeight)).toBe(before);

  await page.getByRole('button', { name: 'Newest' }).click();
  await expect.poll(() => log.evaluate((list) => list.scrollHeight)).toBeGreaterThan(before);
  expect(await page.getByRole('button', { name: 'Newest' }).count()).toBe(0);
});
