// @ts-check
// Runs one model of transformers.js, in a thread or in a process of its own. Plain JavaScript, because such an entry has
// to run from the sources as well.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

/** @typedef {import('./local-protocol.ts').ToWorker} ToWorker */
/** @typedef {import('./local-protocol.ts').FromWorker} FromWorker */
/** @typedef {import('./local-protocol.ts').LocalSettings} LocalSettings */

/** What a model was made for, where its files on the hub name a higher limit. */
const MADE_FOR = new Map([['all-MiniLM-L6-v2', 256]]);
/** For a model whose files name no limit at all. */
const CAUTIOUS_TOKENS = 256;
/** Word-piece tokenizers put one unknown token in the place of a longer word, and what it says would be lost. */
const UNREADABLE_WORD = /[^\s\p{P}]{101}/u;
/** The two numbers of the gate; see exit-guard.ts. */
const BUSY = 0;
const CLOSED = 1;

/** @type {LocalSettings} */
const settings = workerData?.settings ?? JSON.parse(String(process.argv[2]));
/** @type {Int32Array} */
const gate = workerData?.gate ?? new Int32Array(new SharedArrayBuffer(8));
/** @type {Map<number, string>} */
const waiting = new Map();
/** Null until the model is loaded. @type {{ pipe: any, maxTokens: number } | null} */
let loaded = null;
let isRunning = false;

// What the packages print is nobody's. Not by the options of the thread: a stream that is read keeps the process alive.
process.stdout.write = process.stderr.write = () => true;

if (parentPort === null) {
  process.on('message', hear);
  process.on('disconnect', () => process.exit());
  // These are sent to the whole group; the parent may have a grace in which it still asks.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
} else {
  parentPort.on('message', hear);
}

try {
  loaded = await load();
  if (loaded === null) {
    tell({ type: 'missing' });
  } else {
    const { length: dimensions } = await vectorOf(loaded.pipe, 'ready');
    tell({ type: 'loaded', dimensions, maxTokens: loaded.maxTokens });
  }
} catch (error) {
  tell({ type: 'failed', reason: reasonOf(error) });
}

/** @param {FromWorker} message @param {ArrayBuffer[]} [transfer] */
function tell(message, transfer = []) {
  if (parentPort === null) process.send?.(message);
  else parentPort.postMessage(message, transfer);
}

/** @param {ToWorker} message */
function hear(message) {
  if (message.type === 'close') process.exit();
  if (message.type === 'abort') waiting.delete(message.id);
  else waiting.set(message.id, message.text);
  if (!isRunning && loaded !== null) run(loaded.pipe, loaded.maxTokens);
}

/** Null when the package is not installed. @returns {Promise<{ pipe: any, maxTokens: number } | null>} */
async function load() {
  const { package: name, model, dtype, modelPath, cacheDir, hubUrl } = settings;
  const library = await importLibrary(name);
  if (library === null) return null;
  const { env, pipeline } = library;
  // Before version 3 there was no `dtype`: any other would be given silently as one of these two.
  if (Number.parseInt(env.version, 10) < 3 && dtype !== 'q8' && dtype !== 'fp32') {
    throw new Error(`${name} ${env.version} knows no dtype '${dtype}'; accepted: q8, fp32`);
  }
  env.allowLocalModels = modelPath !== null;
  env.allowRemoteModels = modelPath === null;
  // A folder that is named is what counts, not an earlier download of the same name.
  env.useFSCache = modelPath === null;
  if (modelPath !== null) env.localModelPath = modelPath;
  if (cacheDir !== null) env.cacheDir = cacheDir;
  if (hubUrl !== null) env.remoteHost = hubUrl;
  try {
    const pipe = await pipeline('feature-extraction', model, {
      dtype,
      quantized: dtype === 'q8',
      // A second thread would win little on short texts and take a core from the loop that serves requests.
      session_options: { intraOpNumThreads: 1, interOpNumThreads: 1 },
      progress_callback: onProgress,
    });
    return { pipe, maxTokens: await longestText(pipe) };
  } finally {
    leaveNative();
  }
}

/** @param {string} name */
async function importLibrary(name) {
  try {
    return await import(name);
  } catch (error) {
    const reason = reasonOf(error);
    if (Object(error).code === 'ERR_MODULE_NOT_FOUND' && reason.includes(`'${name}'`)) return null;
    throw new Error(`the package ${name} is installed but does not start: ${reason}`);
  }
}

/** @param {{ status: string, file?: string, loaded?: number, total?: number }} event */
function onProgress({ status, file = '', loaded = 0, total = 0 }) {
  const progress = status === 'progress' ? { file, loadedBytes: loaded, totalBytes: total || null } : null;
  tell({ type: 'progress', progress });
  // What comes next is the session, which is made in native code.
  if (status === 'done' && file.endsWith('.onnx')) enterNative();
}

/** @param {any} pipe @returns {Promise<number>} */
async function longestText({ tokenizer, model }) {
  const { max_position_embeddings: positions = Infinity } = model.config ?? {};
  const readable = Math.min(tokenizer.model_max_length ?? Infinity, positions);
  const base = /** @type {string} */ (settings.model.split('/').at(-1));
  const intended = settings.maxTokens ?? (await sentenceLimit()) ?? MADE_FOR.get(base) ?? readable;
  // What is cut by the tokenizer must have been refused before.
  const limit = Math.min(intended, readable);
  return Number.isSafeInteger(limit) ? limit : CAUTIOUS_TOKENS;
}

/** What sentence-transformers cuts at, when that file lies beside the model. */
async function sentenceLimit() {
  if (settings.modelPath === null) return null;
  try {
    const text = await readFile(join(settings.modelPath, settings.model, 'sentence_bert_config.json'), 'utf8');
    const { max_seq_length: limit } = JSON.parse(text);
    return Number.isSafeInteger(limit) && limit > 0 ? limit : null;
  } catch {
    return null;
  }
}

/** One text after the other; between two the loop turns, so that a text whose caller has left is never begun. */
async function run(/** @type {any} */ pipe, /** @type {number} */ maxTokens) {
  isRunning = true;
  for (const [id, text] of waiting) {
    waiting.delete(id);
    await answer(pipe, maxTokens, id, text);
  }
  isRunning = false;
}

/** @param {any} pipe @param {number} maxTokens @param {number} id @param {string} text */
async function answer(pipe, maxTokens, id, text) {
  try {
    if (UNREADABLE_WORD.test(text)) return tell({ type: 'too_long', id, tokens: null, maxTokens });
    const tokens = pipe.tokenizer.encode(text).length;
    if (tokens > maxTokens) return tell({ type: 'too_long', id, tokens, maxTokens });
    const vector = await vectorOf(pipe, text);
    return tell({ type: 'embedded', id, vector }, [vector.buffer]);
  } catch (error) {
    // Not its message, which may quote the text.
    return tell({ type: 'embed_failed', id, reason: error instanceof Error ? error.name : typeof error });
  }
}

/** @param {any} pipe @param {string} text @returns {Promise<Float32Array<ArrayBuffer>>} */
async function vectorOf(pipe, text) {
  enterNative();
  try {
    const { data } = await pipe(text, { pooling: 'mean', normalize: true });
    // A copy, because its memory is given away and the model's must not be.
    const vector = Float32Array.from(data);
    if (!vector.every(Number.isFinite)) throw new RangeError('the model gave a vector that is not finite');
    return vector;
  } finally {
    leaveNative();
  }
}

/** Stays here for good when the process is about to end. */
function enterNative() {
  Atomics.store(gate, BUSY, 1);
  if (Atomics.load(gate, CLOSED) === 0) return;
  leaveNative();
  Atomics.wait(gate, CLOSED, 1);
}

function leaveNative() {
  Atomics.store(gate, BUSY, 0);
  Atomics.notify(gate, BUSY);
}

/** @param {unknown} error @returns {string} */
function reasonOf(error) {
  const { message, cause } = /** @type {Error} */ (Object(error));
  const beneath = cause === undefined ? '' : ` (${Object(cause).code ?? Object(cause).message ?? cause})`;
  return `${message ?? String(error)}${beneath}`;
}
