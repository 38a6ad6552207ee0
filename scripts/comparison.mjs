// Runs the conformance suite and writes its table to docs/comparison.md.
import { startVitest } from 'vitest/node';

const vitest = await startVitest('test', ['test/conformance/'], {
  run: true,
  watch: false,
  env: { COMPARISON: 'write' },
});
await vitest.close();
