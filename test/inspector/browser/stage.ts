import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { BackendError, type InspectOptions } from '../../../src/index.ts';
import { launchBrowser, type Misdeeds, watchPage } from '../../support/browser.ts';
import { createRig, type Rig } from '../../support/rig.ts';
import { settled } from '../../support/virtual-clock.ts';

/** A router under virtual time, and its page in a browser. */
export interface Stage {
  readonly rig: Rig<'a' | 'b'>;
  readonly page: Page;
  readonly url: string;
  readonly misdeeds: Misdeeds;
  /** Lets time pass for the router, and so frames go out. */
  pass(ms?: number): Promise<void>;
  go(hash: string): Promise<void>;
  /** Fails so many calls of `a`, as a provider that answers 503. */
  fail(times: number): Promise<void>;
  /** One call of a model that succeeds. */
  serve(model: 'a' | 'b'): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

let browser: Browser;

/** One browser for the tests of a file. */
export function withBrowser(): void {
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
}

export async function openStage(options: InspectOptions = {}, context: BrowserContextOptions = {}): Promise<Stage> {
  const breaker = { failureThreshold: 3, recoveryTimeoutMs: 60_000, successThreshold: 2 };
  const rig = createRig({ a: { breaker, maxConcurrency: 2, maxQueueDepth: 6 }, b: { maxConcurrency: 2 } });
  const { router, clock, backends, ask } = rig;
  router.addRoute('high', { targets: ['a'], fallback: ['b'] });
  const inspection = await router.inspect(options);
  const browserContext = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...context });
  const page = await browserContext.newPage();
  // Whatever is waited for is there at once or never.
  page.setDefaultTimeout(5_000);
  const misdeeds = watchPage(page, new URL(inspection.url).origin);
  await page.goto(inspection.url);
  const stage: Stage = {
    rig,
    page,
    url: inspection.url,
    misdeeds,
    pass: (ms = 60) => clock.advance(ms),
    async go(hash) {
      await page.evaluate((to) => {
        location.hash = to;
      }, hash);
    },
    async fail(times) {
      for (let count = 0; count < times; count++) {
        ask({ model: 'a' });
        backends.a.last.fail(new BackendError('busy', { status: 503 }));
        await settled();
      }
      await clock.advance(60);
    },
    async serve(model) {
      ask({ model });
      await settled();
      backends[model].last.succeed();
      await clock.advance(60);
    },
    async [Symbol.asyncDispose]() {
      await browserContext.close();
      const stopped = router.stop({ graceMs: 0 });
      // Calls that do not let go are waited for by the router's clock.
      await clock.advance(60_000);
      await stopped;
    },
  };
  return stage;
}

/** Waits until the page is connected and has its first frame. */
export async function live({ page, pass }: Stage): Promise<void> {
  await expect
    .poll(async () => {
      await pass();
      return page.locator('.live').textContent();
    })
    .toBe('live');
}

export function expectNoMisdeeds({ misdeeds }: Stage): void {
  expect(misdeeds).toEqual({ complaints: [], foreign: [] });
}
