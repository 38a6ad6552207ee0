import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { guardAtExit } from './exit-guard.ts';
import type { FromWorker, LocalSettings, ToWorker } from './local-protocol.ts';

/** Where a model runs beside the main loop. It does not keep the process alive unless it is ref'd. */
export interface Engine {
  post(message: ToWorker): void;
  ref(): void;
  unref(): void;
  /** Ends it, once it has let go of the model. */
  stop(): void;
}

export interface EngineEvents {
  onMessage(message: FromWorker): void;
  /** What it threw; it ends afterwards. */
  onError(error: Error): void;
  /** Called once. */
  onEnd(why: string): void;
}

export type StartEngine = (settings: LocalSettings, events: EngineEvents) => Engine;

const ENTRY = new URL('./local.worker.js', import.meta.url);

export const startThread: StartEngine = (settings, { onMessage, onError, onEnd }) => {
  const { gate, release } = guardAtExit();
  // The process's own flags (`--eval`, `--import`) are not the engine's.
  const worker = new Worker(ENTRY, { workerData: { settings, gate }, execArgv: [] });
  worker.on('message', onMessage);
  worker.on('error', onError);
  worker.on('exit', (code) => {
    release();
    onEnd(`exit code ${code}`);
  });
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    // Never `terminate`: native code whose thread is taken away aborts the whole process.
    stop: () => worker.postMessage({ type: 'close' } satisfies ToWorker),
  };
};

/** For a package whose native part can be loaded only once in a process, and by one thread. */
export const startProcess: StartEngine = (settings, { onMessage, onError, onEnd }) => {
  const child = fork(fileURLToPath(ENTRY), [JSON.stringify(settings)], {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const unref = (): void => {
    child.unref();
    child.channel?.unref();
  };
  child.on('message', (given) => {
    const message = given as FromWorker;
    // What is read from the channel shares one buffer with whatever else came along, and would keep all of it.
    onMessage(message.type === 'embedded' ? { ...message, vector: message.vector.slice() } : message);
  });
  child.on('error', onError);
  child.on('exit', (code, signal) => onEnd(code === null ? `signal ${signal}` : `exit code ${code}`));
  unref();
  return {
    // What cannot be sent is lost with the process, whose end is reported.
    post: (message) => void (child.connected && child.send(message, () => {})),
    ref: () => child.ref(),
    unref,
    stop: () => void child.kill('SIGKILL'),
  };
};
