import { readFile } from 'node:fs/promises';
import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { modelMachine } from '../../../machines/model/model.machine.ts';
import { expectNoMisdeeds, live, openStage, type Stage, withBrowser } from './stage.ts';

withBrowser();

const state = ({ page }: Stage, name: string): Locator => page.getByLabel(new RegExp(`^state ${name}(, active)?$`));
const labelOf = (locator: Locator): Promise<string | null> => locator.getAttribute('aria-label');

/** Presses one of the operator's buttons and confirms it. */
async function operate({ page, pass }: Stage, command: string): Promise<void> {
  await page.getByRole('button', { name: command, exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: command }).click();
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  await pass();
}

describe('the fleet', () => {
  it('shows each model with its breaker, its queue and its slots, and the traffic between them', async () => {
    await using stage = await openStage();
    const { page, rig, pass } = stage;
    await live(stage);

    for (let count = 0; count < 5; count++) rig.ask({ priority: 'high' });
    await pass();

    const card = page.getByRole('article').filter({ hasText: /^a/ });
    await expect.poll(() => card.textContent()).toMatch(/^aclosed/);
    await expect
      .poll(() => card.getByRole('img').first().getAttribute('aria-label'))
      .toBe('2 running; waiting: 3 high; 6 places');
    expectNoMisdeeds(stage);
  });

  it('says in words that a breaker is open, and until when', async () => {
    await using stage = await openStage();
    await live(stage);

    await stage.fail(3);

    const card = stage.page.getByRole('article').filter({ hasText: /^a/ });
    await expect.poll(() => card.textContent()).toMatch(/^aopen.*half-open in (1 min|59 s)/);
    expectNoMisdeeds(stage);
  });
});

describe('the chart', () => {
  it('lights the states through a trip, half-open and back to closed, and never moves', async () => {
    await using stage = await openStage();
    const { page, pass } = stage;
    await live(stage);
    await stage.go('#/chart/model:a');
    await expect.poll(() => labelOf(state(stage, 'closed'))).toBe('state closed, active');
    const before = await state(stage, 'half_open').boundingBox();

    await stage.fail(3);
    await expect.poll(() => labelOf(state(stage, 'open'))).toBe('state open, active');
    expect(await labelOf(state(stage, 'closed'))).toBe('state closed');
    await expect.poll(() => labelOf(state(stage, 'blocked'))).toBe('state blocked, active');

    await pass(60_000);
    await expect.poll(() => labelOf(state(stage, 'half_open'))).toBe('state half_open, active');
    await expect.poll(() => labelOf(state(stage, 'probing'))).toBe('state probing, active');

    await stage.serve('a');
    await stage.serve('a');
    await expect.poll(() => labelOf(state(stage, 'closed'))).toBe('state closed, active');
    expect(await state(stage, 'half_open').boundingBox()).toEqual(before);
    const trip = page.getByLabel(/^from closed to open: /);
    await expect.poll(() => trip.textContent()).toMatch(/call\.failed \[trips\]1/);
    expectNoMisdeeds(stage);
  });

  it('lights a forced state', async () => {
    await using stage = await openStage();
    await live(stage);
    await stage.go('#/chart/model:a');

    stage.rig.router.forceOpen('a');
    await stage.pass();

    await expect.poll(() => labelOf(state(stage, 'forced_open'))).toBe('state forced_open, active');
    expectNoMisdeeds(stage);
  });

  it('explains a state by the machine’s own description, by keyboard too', async () => {
    await using stage = await openStage();
    await live(stage);
    await stage.go('#/chart/model:a');

    await state(stage, 'advancing').focus();

    const { description } = modelMachine.definition.states['queue']!.states!['advancing']!;
    expect(description).toBeTypeOf('string');
    await expect
      .poll(() => stage.page.getByRole('region', { name: 'Explanation' }).textContent())
      .toContain(description);
  });

  it('can be taken away as SVG, as Mermaid and as a link', async () => {
    await using stage = await openStage({}, { permissions: ['clipboard-read', 'clipboard-write'] });
    const { page } = stage;
    await live(stage);
    await stage.go('#/chart/model:a');
    const clipboard = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export SVG' }).click(),
    ]);
    const svg = await readFile(await download.path(), 'utf8');
    for (const name of ['half_open', 'forced_closed', 'advancing', 'drained']) expect(svg).toContain(`>${name}<`);
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);

    await page.getByRole('button', { name: 'Copy Mermaid' }).click();
    await expect.poll(clipboard).toMatch(/^stateDiagram-v2/);
    await page.getByRole('button', { name: 'Copy link' }).click();
    await expect.poll(clipboard).toBe(`${stage.url}#/chart/model%3Aa`);
    expectNoMisdeeds(stage);
  });
});

describe('the timeline', () => {
  it('says why a breaker has opened: the event, the count, the request', async () => {
    await using stage = await openStage();
    await live(stage);
    await stage.fail(3);
    await stage.pass(2_000);
    await stage.go('#/timeline');

    await stage.page
      .getByRole('group', { name: 'model:a: points' })
      .getByRole('button', { name: /^Opened/ })
      .first()
      .hover();

    const explanation = stage.page.getByLabel(/a: what happened/);
    await expect.poll(() => explanation.textContent()).toMatch(/3rd failure in a row.*503.*req-3/);
    expectNoMisdeeds(stage);
  });

  it('knows what happened before anybody watched', async () => {
    await using stage = await openStage();
    await stage.fail(3);
    await live(stage);
    await stage.go('#/timeline');

    await expect
      .poll(() => stage.page.getByRole('region', { name: 'Last changes' }).textContent())
      .toMatch(/Opened: the 3rd failure in a row/);
  });
});

describe('the requests', () => {
  it('opens one as a sequence over the actors, with its decision', async () => {
    await using stage = await openStage();
    const { page, rig, pass } = stage;
    await live(stage);
    rig.ask({ priority: 'high' });
    await pass(200);
    rig.backends.a.last.fail();
    await pass(100);
    rig.backends.b.last.succeed();
    await pass();
    await stage.go('#/requests');

    await page.getByRole('row', { name: /req-1/ }).click();
    await page.keyboard.press('Enter');

    const sequence = page.getByLabel('Sequence');
    await expect.poll(() => sequence.textContent()).toMatch(/caller.*router.*a.*b/s);
    const decision = await page.getByRole('article').textContent();
    for (const word of ['priority:high', 'served', 'failed', '200 ms']) expect(decision).toContain(word);
    expectNoMisdeeds(stage);
  });

  it('filters the list, and says of how many', async () => {
    await using stage = await openStage();
    await live(stage);
    await stage.serve('b');
    await stage.serve('b');
    await stage.fail(1);
    await stage.go('#/requests');

    await stage.page.getByLabel('Outcome').selectOption('failed');

    await expect.poll(() => stage.page.getByText('1 of 3').count()).toBe(1);
    await expect.poll(() => stage.page.getByRole('row').count()).toBe(2);
    expectNoMisdeeds(stage);
  });

  it('says in words that a request is not known', async () => {
    await using stage = await openStage();
    await live(stage);
    await stage.go('#/requests/no-such-request');

    await expect.poll(() => stage.page.getByRole('alert').textContent()).toContain('No request of this id is known');
  });
});

describe('the controls', () => {
  it('do what they say after a confirmation, and are seen in the timeline', async () => {
    await using stage = await openStage();
    const { page, rig } = stage;
    await live(stage);
    await stage.go('#/fleet/model:a');

    await operate(stage, 'Force open');
    expect(rig.breaker('a')).toBe('forced_open');
    await operate(stage, 'Force closed');
    expect(rig.breaker('a')).toBe('forced_closed');
    await operate(stage, 'Reset');
    expect(rig.breaker('a')).toBe('closed');
    await operate(stage, 'Pause');
    expect(rig.router.getModelStatus()['a']!.control).toBe('paused');
    await operate(stage, 'Resume');
    await operate(stage, 'Drain');
    expect(rig.router.getModelStatus()['a']!.control).toBe('drained');

    await stage.go('#/timeline');
    await expect.poll(() => page.getByRole('region', { name: 'Last changes' }).getByRole('listitem').count()).toBe(7);
    expectNoMisdeeds(stage);
  });

  it('do nothing when the confirmation is cancelled', async () => {
    await using stage = await openStage();
    await live(stage);
    await stage.go('#/fleet/model:a');

    await stage.page.getByRole('button', { name: 'Force open' }).click();
    await stage.page.keyboard.press('Escape');

    await expect.poll(() => stage.page.getByRole('dialog').count()).toBe(0);
    expect(stage.rig.breaker('a')).toBe('closed');
  });
});

it('says that the connection is lost, and picks up again by itself', async () => {
  await using stage = await openStage();
  await live(stage);

  await stage.page.context().setOffline(true);
  await stage.rig.router.stop({ graceMs: 0 });

  await expect.poll(() => stage.page.locator('.live').textContent(), { timeout: 10_000 }).toMatch(/lost/);
});
