// What the worker needs of transformers.js, without weights: a vector per text from a hash, a token per word, and a few
// models that do what real ones do on bad days. Plain JavaScript, because a worker imports it.
import { parentPort } from 'node:worker_threads';

export const env = { version: '4.0.0' };

const DIMENSIONS = 16;
let computed = 0;

export async function pipeline(_task, id, { progress_callback }) {
  const model = id.split('/').at(-1);
  progress_callback({ status: 'initiate', file: 'model.onnx' });
  progress_callback({ status: 'progress', file: 'model.onnx', loaded: 5, total: 10 });
  progress_callback({ status: 'progress', file: 'model.onnx', loaded: 10 });
  process.stderr.write('what a package prints');
  if (model === 'throws') throw new Error('no such file');
  if (model === 'dies') process.exit(9);
  if (model === 'hangs') await new Promise(() => setInterval(() => {}, 60_000));
  const pipe = async (text) => {
    computed++;
    if (text === 'die') process.exit(3);
    if (text === 'crash') setImmediate(() => JSON.parse('no json'));
    if (text === 'crash' || text === 'forever') await new Promise(() => {});
    if (text === 'fail') throw new Error(`cannot embed '${text}'`);
    if (text === 'not finite') return { data: [Number.NaN] };
    if (text === 'hold') await heard('release');
    if (text === 'computed') return { data: [computed] };
    return { data: vectorOf(text) };
  };
  const encode = (text) => ['[CLS]', ...text.split(/\s+/), '[SEP]'];
  return Object.assign(pipe, {
    tokenizer: { encode, model_max_length: 512 },
    model: { config: { max_position_embeddings: 512 } },
  });
}

/** Resolves when the text has been sent to the worker. */
function heard(text) {
  return new Promise((resolve) => {
    parentPort.on('message', (message) => {
      if (message.text === text) resolve();
    });
  });
}

function vectorOf(text) {
  let state = 7;
  for (let at = 0; at < text.length; at++) state = (Math.imul(state, 31) + text.charCodeAt(at)) >>> 0;
  const numbers = Array.from({ length: DIMENSIONS }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  const length = Math.hypot(...numbers);
  return numbers.map((number) => number / length);
}
