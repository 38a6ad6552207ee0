import { describe, expect, it } from 'vitest';
import { type ChartCoverage, type MachineCoverage, machineCoverage } from '../../../src/verify/testing/coverage.ts';
import { createRig } from '../../support/rig.ts';
import { settled } from '../../support/virtual-clock.ts';

const of = (coverage: MachineCoverage, machine: ChartCoverage['machine']): ChartCoverage =>
  coverage.figures().find((figures) => figures.machine === machine)!;

/** A router whose one model opens at its first failure. */
const oneModel = (coverage?: MachineCoverage) =>
  createRig({ local: { breaker: { failureThreshold: 1 } } }, { ...(coverage && { inspect: coverage.observe }) });

describe('the coverage of the charts', () => {
  it('is nothing before a router was observed, and names everything', () => {
    const figures = machineCoverage().figures();

    expect(figures.map(({ machine }) => machine)).toEqual(['router', 'model', 'cache']);
    for (const { states, transitions } of figures) {
      expect([states.reached, transitions.reached]).toEqual([0, 0]);
      expect(states.missing).toHaveLength(states.total);
      expect(transitions.missing).toHaveLength(transitions.total);
      expect(new Set(transitions.missing).size).toBe(transitions.total);
    }
  });

  it('has the states that a model went through, also those that it left at once', async () => {
    const coverage = machineCoverage();
    const rig = oneModel(coverage);
    expect(of(coverage, 'model').states.missing).not.toContain('breaker.starting');
    expect(of(coverage, 'model').states.missing).not.toContain('breaker.closed');
    expect(of(coverage, 'model').states.missing).toContain('breaker.open');

    await rig.fail('local', 1);

    const { states, transitions } = of(coverage, 'model');
    expect(states.missing).toEqual(expect.arrayContaining(['breaker.half_open', 'control.paused']));
    expect(states.missing).not.toContain('breaker.open');
    expect(states.missing).not.toContain('queue.blocked');
    expect(transitions.missing).not.toContain('breaker.closed → breaker.open: call.failed [trips]');
    expect(transitions.missing).toContain('breaker.half_open → breaker.open: call.failed [trips]');
    expect(states.reached + states.missing.length).toBe(states.total);
  });

  it('adds up over routers', async () => {
    const coverage = machineCoverage();
    oneModel(coverage).router.pause('local');
    const before = of(coverage, 'model');

    oneModel(coverage).router.drain('local');

    const after = of(coverage, 'model');
    expect(before.states.missing).toContain('control.drained');
    expect(before.states.missing).not.toContain('control.paused');
    expect(after.states.missing).not.toContain('control.drained');
    expect(after.states.missing).not.toContain('control.paused');
  });

  it('is told while a router is watched, and not afterwards', async () => {
    const coverage = machineCoverage();
    const { router } = oneModel();
    const unwatch = coverage.watch(router);
    expect(of(coverage, 'model').states.missing).not.toContain('control.active');
    expect(of(coverage, 'router').states.missing).not.toContain('running');

    router.pause('local');
    unwatch();
    router.resume('local').drain('local');

    expect(of(coverage, 'model').states.missing).not.toContain('control.paused');
    expect(of(coverage, 'model').states.missing).toContain('control.drained');
  });

  it('has the cache, once there is one', async () => {
    const coverage = machineCoverage();
    const rig = oneModel(coverage);
    rig.router.enableCache({ embedder: false });
    await settled();

    expect(of(coverage, 'cache').states.missing).not.toContain('ready');
    expect(of(coverage, 'cache').states.reached).toBeGreaterThan(0);
  });

  it('is told as text: the numbers of each chart, and what is left', () => {
    const coverage = machineCoverage();
    oneModel(coverage);

    const report = coverage.report();

    expect(report).toMatch(/^router: 1 of 3 states, 2 of \d+ transitions\n {2}states not reached:\n {4}stopping\n/);
    expect(report).toMatch(/^model: \d+ of \d+ states, \d+ of \d+ transitions$/m);
    expect(report).toContain('\n    breaker.closed → breaker.open: call.failed [trips]\n');
    expect(report).toContain('\n    running → stopping: stop\n');
    expect(report.split('\n')).toHaveLength(
      coverage
        .figures()
        .flatMap(({ states, transitions }) => [states.missing, transitions.missing])
        .reduce((lines, missing) => lines + (missing.length === 0 ? 0 : missing.length + 1), 3),
    );
  });
});
