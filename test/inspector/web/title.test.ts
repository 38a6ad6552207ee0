import { expect, it } from 'vitest';
import { routeOf } from '../../../src/inspector/web/route.ts';
import { titleOf } from '../../../src/inspector/web/title.ts';

it.each([
  ['', 'fleet · llm-router'],
  ['#/requests', 'requests · llm-router'],
  ['#/chart/model:gpu-fast', 'gpu-fast · chart · llm-router'],
  ['#/chart/router', 'router · chart · llm-router'],
  ['#/timeline/model:gpu@1700000000000', 'gpu · timeline · llm-router'],
  ['#/requests/req-81', 'req-81 · requests · llm-router'],
])('names the view and what is chosen at %s', (hash, title) => {
  expect(titleOf(routeOf(hash))).toBe(title);
});
