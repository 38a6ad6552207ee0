import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts a provider; it ends with this process, or when it is told to. */
export async function startProvider() {
  const child = fork(fileURLToPath(new URL('provider.mjs', import.meta.url)), { execArgv: [] });
  const [{ port }] = await once(child, 'message');
  const asked = new Map();
  child.on('message', ({ id, value }) => {
    asked.get(id)(value);
    asked.delete(id);
  });
  let ids = 0;
  const ask = (command, given = {}) =>
    new Promise((resolve) => {
      asked.set(++ids, resolve);
      child.send({ id: ids, command, given });
    });
  return {
    url: `http://127.0.0.1:${port}/v1`,
    /** Begins a new log. */
    setPlan: (plan) => ask('plan', plan),
    calls: () => ask('calls'),
    /** The last call of that prompt, once it has `started`, `wrote` a piece, or is `closed`. */
    reached: (prompt, state) => ask('reached', { prompt, state }),
    async stop() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
