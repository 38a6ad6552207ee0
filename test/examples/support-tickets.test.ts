import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { type Handled, takeIn } from '../../examples/support-tickets/desk.ts';
import { createRouter } from '../../examples/support-tickets/models.ts';
import type { ModelOptions } from '../../src/model-options.ts';
import { collectFatal } from '../support/fatal.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const fatal = collectFatal();

const QUESTION = 'How do I change my name?';
const CHARGED = 'I was charged twice on the last invoice.';
const DOWN = 'Your service is down in Europe!';

/** A desk under virtual time, and the steps that it tells of. */
function openDesk(writer?: ModelOptions) {
  const clock = new VirtualClock();
  const router = createRouter(clock, writer);
  const told: string[] = [];
  const take = (id: string, text: string) =>
    takeIn(router, { id, text }, (line) => told.push(`${clock.now()} ${line}`), clock);
  return { clock, router, take, told };
}

const brief = ({ outcome, category, reason }: Handled) => ({ outcome, category, reason });

it('classifies, drafts, checks and sends a ticket', async () => {
  const { clock, router, take, told } = openDesk();
  const { handled } = take('T-1', QUESTION);
  await clock.advance(5_000);
  expect(await handled).toMatchObject({
    outcome: 'sent',
    category: 'question',
    draft: 'Open the settings, choose your profile, and change the name there.',
    reason: null,
  });
  // 50 to classify, 100 to the first word and 40 words a second, 50 to check.
  expect(told).toEqual(['0 T-1 classifying', '50 T-1 drafting', '400 T-1 checking', '450 T-1 sent']);
  expect(router.getStats()).toMatchObject({ successes: 3, requestsByPriority: { high: 2, normal: 1 } });
});

it('escalates a draft that may not be sent', async () => {
  const { clock, take } = openDesk();
  const { handled } = take('T-1', CHARGED);
  await clock.advance(5_000);
  expect(brief(await handled)).toEqual({ outcome: 'escalated', category: 'billing', reason: 'draft_refused' });
});

it('shows the draft as it is written', async () => {
  const { clock, take } = openDesk();
  const ticket = take('T-1', QUESTION);
  await clock.advance(50 + 100 + 2 * 25);
  expect(ticket.draft.trim()).toBe('Open the settings,');
  await clock.advance(25);
  expect(ticket.draft.trim()).toBe('Open the settings, choose');
});

it('writes about an outage before a question that came earlier', async () => {
  const { clock, take, told } = openDesk();
  const tickets = [take('T-1', QUESTION), take('T-2', QUESTION), take('T-3', DOWN)];
  await clock.advance(10_000);
  expect((await Promise.all(tickets.map(({ handled }) => handled))).map(({ outcome }) => outcome)).toEqual([
    'sent',
    'sent',
    'sent',
  ]);
  const sent = told.filter((line) => line.endsWith('sent')).map((line) => line.split(' ')[1]);
  expect(sent).toEqual(['T-1', 'T-3', 'T-2']);
});

it('calls the model off when the customer withdraws the ticket', async () => {
  const { clock, router, take } = openDesk();
  const ticket = take('T-1', QUESTION);
  await clock.advance(200);
  ticket.withdraw();
  await clock.advance(0);
  expect(brief(await ticket.handled)).toEqual({ outcome: 'withdrawn', category: 'question', reason: null });
  expect(router.getModelStatus()['large']).toMatchObject({ running: 0, circuitBreaker: { failureCount: 0 } });
  expect(router.getStats()).toMatchObject({ successes: 1, cancelled: 1, failures: 0 });
  expect(fatal).toEqual([]);
});

it('hands over to a person after 20 s, and calls the model off', async () => {
  const { clock, router, take, told } = openDesk({ latencyMs: 50_000 });
  const { handled } = take('T-1', QUESTION);
  await clock.advance(20_000);
  expect(brief(await handled)).toEqual({ outcome: 'escalated', category: 'question', reason: 'too_slow' });
  expect(told.at(-1)).toBe('20000 T-1 escalated');
  expect(router.getStats()).toMatchObject({ cancelled: 1, failures: 0 });
});

it('says with the error’s code why a ticket has failed', async () => {
  const { clock, take } = openDesk({ failureRate: 1 });
  const { handled } = take('T-1', QUESTION);
  await clock.advance(5_000);
  expect(brief(await handled)).toEqual({ outcome: 'failed', category: 'question', reason: 'provider_failed' });
});

it('leaves nothing when its router is stopped', async () => {
  const { clock, router, take } = openDesk();
  const { handled } = take('T-1', QUESTION);
  await clock.advance(200);
  const stopped = router.stop({ graceMs: 0 });
  await clock.advance(0);
  await stopped;
  expect(brief(await handled)).toMatchObject({ outcome: 'failed', reason: 'router_stopped' });
  expect(clock.pending).toBe(0);
  expect(fatal).toEqual([]);
});

it('runs by one command', async () => {
  const run = fileURLToPath(new URL('../../examples/support-tickets/run.mjs', import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [run]);
  expect(stderr).toBe('');
  expect(stdout).toContain('T-1 classifying');
  expect(stdout).toContain('T-2: I was charged twice on the last invoice.\n  escalated (draft_refused): We are sorry');
  expect(stdout).toContain('T-3: Your service is down in Europe!\n  sent: We are on it');
});
