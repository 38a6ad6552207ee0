import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { expectNoMisdeeds, live, openStage, type Stage, withBrowser } from './stage.ts';

withBrowser();

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const VIEWS = ['#/fleet/model:a', '#/chart/model:a', '#/chart/router', '#/timeline', '#/requests', '#/requests/req-1'];
const WIDE = { width: 1280, height: 720 };
const PHONE = { width: 390, height: 844 };

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly target: readonly string[] }[];
}

/** What axe-core finds serious or worse. It is given to the page from outside: the page's own policy lets no script in. */
async function violations({ page }: Stage): Promise<string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as never as { axe: { run(): Promise<{ violations: Violation[] }> } };
    return (await axe.run()).violations;
  });
  return found
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

/** Something of everything that the views can show. */
async function played(stage: Stage): Promise<void> {
  await live(stage);
  await stage.serve('b');
  for (let count = 0; count < 6; count++) stage.rig.ask({ priority: 'high' });
  stage.rig.router.pause('b');
  await stage.fail(3);
  await stage.pass(3_000);
}

it.each([
  ['light', WIDE],
  ['dark', WIDE],
  ['light', PHONE],
] as const)('has nothing serious against it in any view (%s, %o)', async (colorScheme, viewport) => {
  await using stage = await openStage({}, { colorScheme, viewport });
  await played(stage);

  for (const view of VIEWS) {
    await stage.go(view);
    await stage.pass();
    await expect.poll(() => stage.page.locator('h1, h2').count()).toBeGreaterThan(0);
    expect(await violations(stage), view).toEqual([]);
  }
  expectNoMisdeeds(stage);
});

it('axe is really asked', async () => {
  await using stage = await openStage();
  await live(stage);
  await stage.page.evaluate(() => document.querySelector('main')!.append(document.createElement('button')));

  expect(await violations(stage)).toEqual([expect.stringContaining('button-name')]);
});

it('no view is wider than a phone', async () => {
  await using stage = await openStage({}, { viewport: PHONE });
  await played(stage);

  for (const view of VIEWS) {
    await stage.go(view);
    await stage.pass();
    const width = await stage.page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, view).toBeLessThanOrEqual(PHONE.width);
  }
});

it('all four views are reached by keyboard', async () => {
  await using stage = await openStage();
  await live(stage);
  const reached = new Set<string>();

  for (let presses = 0; presses < 12; presses++) {
    await stage.page.keyboard.press('Tab');
    reached.add((await stage.page.evaluate(() => document.activeElement?.textContent)) ?? '');
  }

  for (const name of ['Fleet', 'Chart', 'Timeline', 'Requests']) expect([...reached]).toContain(name);
});
