// Keeps 200 requests in flight over five models that do everything wrong while somebody turns every knob, and looks after
// each event whether what the router promises still holds. A part of it runs on virtual time and is the same for the same
// seed, a part on the process's own; a third part, by itself, asks over real connections a provider in another process.
// Exit code 1 with the first violation, its seed and the events before it.
import { readArguments } from './arguments.mjs';
import { createRealTime, createVirtualTime } from './clocks.mjs';
import { runPhase } from './phase.mjs';
import { loadProduct } from './product.mjs';
import { runWire } from './wire.mjs';

/** Nothing may keep the process alive for so long after the end. */
const EXIT_WITHIN_MS = 5_000;
const VIRTUAL_UNIT = 60_000;
const REAL_UNIT = 6;

const options = readArguments(process.argv.slice(2), process.env);
const say = (text) => process.stdout.write(`${text}\n`);

let fatal = null;
const noteFatal = (kind) => (error) => {
  fatal ??= `${kind}: ${error?.stack ?? String(error)}`;
};
for (const kind of ['uncaughtException', 'unhandledRejection', 'warning']) process.on(kind, noteFatal(kind));

const common = (name) => ({ product, name, seed: options.seed, fatal: () => fatal });
const daysOf = (ms) => (ms / 86_400_000).toFixed(2);

/** Each runs to its end and says what kind of time has passed. */
const phases = {
  async virtual() {
    const time = createVirtualTime();
    const progress = () => time.now() / options.virtualMs;
    const result = await runPhase({ ...common('virtual'), time, unit: VIRTUAL_UNIT, restlessness: 0.03, progress });
    return { ...result, passed: `virtual time (${daysOf(time.now())} days)` };
  },
  async real() {
    const time = createRealTime(product.systemClock);
    const start = time.now();
    const progress = () => (time.now() - start) / options.realMs;
    const result = await runPhase({ ...common('real'), time, unit: REAL_UNIT, restlessness: 0.1, progress });
    return { ...result, passed: 'real time' };
  },
  async wire() {
    return { ...(await runWire({ ...common('wire'), total: options.requests })), passed: 'real time, over the wire' };
  },
};

function fail(first, phase) {
  process.exitCode = 1;
  say(`\nVIOLATION in the ${phase} phase, at ${first.at.toFixed(3)} ms: ${first.what}`);
  say(`the last events:\n  ${first.last.join('\n  ')}`);
  say(`${first.stack.map((line) => line.trim()).join('\n  ')}`);
  say(`run it again: node test/soak/soak.mjs ${options.again} --phase ${phase}`);
}

say(`soak: seed ${options.seed}, ${options.length} (again: ${options.again})`);
const product = await loadProduct(options.dist);
for (const name of options.phases) {
  const begun = performance.now();
  const { tally, heap, first, passed } = await phases[name]();
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  say(`\n${passed}: ${tally.get('requests', 'accepted')} requests in ${seconds} s`);
  say(tally.lines().join('\n'));
  say(`  heap: ${heap}`);
  if (first !== null) {
    fail(first, name);
    // Its router has not been stopped.
    process.exit();
  }
}

setTimeout(() => {
  say(`\nVIOLATION: the process is still alive: ${process.getActiveResourcesInfo().join(', ')}`);
  process.exit(1);
}, EXIT_WITHIN_MS).unref();
process.on('exit', () => {
  if (fatal === null) return;
  say(`\nVIOLATION: ${fatal}`);
  process.exitCode = 1;
});
