import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts the soak's provider. */
export async function startProvider(seed) {
  const child = fork(fileURLToPath(new URL('./wire-provider.mjs', import.meta.url)), [`${seed}`], { execArgv: [] });
  const [{ port }] = await once(child, 'message');
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    /** What it has done how often. */
    async faults() {
      child.send('tally');
      const [faults] = await once(child, 'message');
      return faults;
    },
    /** Its log of calls, once no connection is open but that of this question. @throws when one still is by then */
    async silent(withinMs) {
      const signal = AbortSignal.timeout(withinMs);
      const response = await fetch(`${url}/__wait?sockets=0`, { headers: { connection: 'close' }, signal });
      return (await response.json()).attempts;
    },
    async stop() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
