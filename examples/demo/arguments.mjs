import { parseArgs } from 'node:util';

const DEFAULT_PORT = 8100;
const MAX_PORT = 65_535;
const DEFAULT_SPEED = 15;
const MIN_SPEED = 1;
const MAX_SPEED = 60;

export const USAGE = `Four simulated models, their callers, and half an hour of incidents, on the inspector's page.

npm run demo -- [options]
  --port <port>    where the page is; 0: any free port (default ${DEFAULT_PORT})
  --no-open        does not open the page in a browser
  --speed <times>  how many times faster than the half hour itself, ${MIN_SPEED} to ${MAX_SPEED} (default ${DEFAULT_SPEED})
  --once           ends after one round; without it, it goes round until Ctrl-C
  --help           says this
`;

const OPTIONS = {
  port: { type: 'string', default: String(DEFAULT_PORT) },
  'no-open': { type: 'boolean', default: false },
  speed: { type: 'string', default: String(DEFAULT_SPEED) },
  once: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};
const ACCEPTED = Object.keys(OPTIONS)
  .map((name) => `--${name}`)
  .join(', ');

/**
 * What the command line asks for.
 * @throws {Error} that says what was given and what is accepted
 */
export function readArguments(args) {
  const { port, 'no-open': isClosed, speed, once, help } = parse(args);
  return {
    port: numberIn('--port', port, { from: 0, to: MAX_PORT, isWhole: true }),
    open: !isClosed,
    speed: numberIn('--speed', speed, { from: MIN_SPEED, to: MAX_SPEED, isWhole: false }),
    once,
    help,
  };
}

function parse(args) {
  try {
    return parseArgs({ args, options: OPTIONS }).values;
  } catch (error) {
    const [said] = error.message.split('. To specify');
    throw new Error(`${said}; accepted: ${ACCEPTED}`, { cause: error });
  }
}

function numberIn(option, given, { from, to, isWhole }) {
  const number = given.trim() === '' ? Number.NaN : Number(given);
  if (number >= from && number <= to && (!isWhole || Number.isInteger(number))) return number;
  throw new Error(`${option}: given '${given}'; accepted: ${isWhole ? 'an integer' : 'a number'} of ${from} to ${to}`);
}
