import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts the soak's provider. */
export async function startProvider(seed) {
  const child = fork(fileURLToPath(new URL('./wire-provider.mjs', import.meta.url)), [`${seed}`], { execArgv: [] });
  const [{ port }] = await once(child, 'message');
  const url = `http://127.0.0.1:${port}`;
  // A connection of its own for each question, so that those that are open are the router's.
  const ask = async (path, withinMs) => {
    const signal = AbortSignal.timeout(withinMs);
    const response = await fetch(url + path, { headers: { connection: 'close' }, signal });
    return response.json();
  };
  return {
    url,
    /** What it has done how often. */
    async faults() {
      child.send('tally');
      const [faults] = await once(child, 'message');
      return faults;
    },
    /** Its log of the calls of a model, once none is under way. @throws when one still is by then */
    async over(model, withinMs) {
      return (await ask(`/__over?model=${model}`, withinMs)).attempts;
    },
    /** Resolves when no connection is open. @throws when one still is by then */
    async deserted(withinMs) {
      await ask('/__wait?sockets=0', withinMs);
    },
    async stop() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
