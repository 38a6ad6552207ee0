// Shows the inspector at work: `npm run demo`, after which it says what it does. Nothing of it reaches a provider.
import { systemClock } from 'llm-router';
import { readArguments, USAGE } from './arguments.mjs';
import { createNews } from './news.mjs';
import { createShow } from './show.mjs';
import { MINUTES } from './story.mjs';

const print = (line) => console.log(line);

async function perform({ port, open, speed, once }) {
  const clock = systemClock;
  const show = createShow({ clock, speed });
  const { router, outcomes } = show;
  const interrupted = interruption();
  try {
    // What is shown was made up here, prompts and answers too.
    const { url } = await router.inspect({ port, open, includeContent: true });
    print(`The page: ${url}`);
    print(`Models, answers and figures are simulated, and half an hour is played ${times(speed)}.`);
    print('Similar questions are found by counting their words, in the place of an embedding model.');
    print(`${once ? 'One round' : 'Each round'} takes ${length(speed)}; Ctrl-C ends it.\n`);
    const news = createNews({ router, clock, speed, print });
    show.start();
    await Promise.race([rounds(), interrupted]);

    async function rounds() {
      do {
        news.begin();
        await show.play(news.tell);
      } while (!once && !router.isStopped);
    }
  } finally {
    await show.stop();
  }
  print(summary(outcomes));
}

/** Resolves at the first request to end. npm and the terminal both pass on one Ctrl-C, so later ones are nothing. */
const interruption = () =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, resolve);
  });

const times = (speed) => (speed === 1 ? 'as fast as it is' : `${speed} times faster`);

function length(speed) {
  const seconds = Math.round((MINUTES * 60) / speed);
  return seconds < 180 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;
}

function summary(outcomes) {
  const total = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
  const lines = [...outcomes].sort(([, a], [, b]) => b - a).map(([outcome, count]) => `${figure(count)}  ${outcome}`);
  return `\n${figure(total)}  requests, of which\n${lines.join('\n')}`;
}

const figure = (count) => count.toLocaleString('en-US').padStart(8);

try {
  const chosen = readArguments(process.argv.slice(2));
  if (chosen.help) process.stdout.write(USAGE);
  else await perform(chosen);
} catch (error) {
  process.stderr.write(`demo: ${error.message}\n`);
  process.exitCode = 1;
}
