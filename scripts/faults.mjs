// Runs the faults on the wire, writes their scorecard to docs/comparison.md and prints it.
import { readFileSync } from 'node:fs';
import { startVitest } from 'vitest/node';

const vitest = await startVitest('test', ['test/faults/'], {
  run: true,
  watch: false,
  env: { FAULTS: 'write' },
});
await vitest.close();

const page = readFileSync(new URL('../docs/comparison.md', import.meta.url), 'utf8');
const scorecard = page.split('<!-- faults -->')[1]?.split('<!-- /faults -->')[0] ?? '';
for (const line of scorecard.split('\n')) {
  const [, id, surface, ...verdicts] = line.split('|').map((cell) => cell.trim());
  if (/^S\d\d$/.test(id ?? '') && verdicts.length > 2) console.log([id, surface, ...verdicts].join(' ').trim());
}
