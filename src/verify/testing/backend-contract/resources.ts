import { aContext, aRequest } from './call.ts';
import type { Contract, ContractCase } from './contract.ts';

/** What a backend leaves behind. */
export function resources({ testCase, atOnce, ways, releasesSignal, released }: Contract): readonly ContractCase[] {
  const cases = [
    testCase('is well when its provider is, if it can tell', 'ok', async (backend) => {
      await backend.healthCheck?.({ signal: new AbortController().signal });
    }),
  ];
  if (releasesSignal === true) {
    cases.push(
      testCase('leaves no listener on the signal of a call', 'ok', async (backend) => {
        const { signal, emptied } = watchedSignal();
        for (const { ask } of ways) await ask(backend, aRequest(), aContext(signal));
        await atOnce('removing every listener from the signal of a call that is over', emptied());
      }),
    );
  }
  if (released !== undefined) {
    const used = testCase('releases its connections when it is closed', 'ok', async (backend) => {
      for (const { ask } of ways) await ask(backend);
    });
    cases.push({
      name: used.name,
      async run() {
        await used.run();
        await atOnce('released(), after close()', released());
      },
    });
  }
  return cases;
}

/** A signal that tells when nobody listens to it any more. */
function watchedSignal() {
  const { signal } = new AbortController();
  const listeners = new Set<unknown>();
  let whenEmpty = (): void => {};
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners.add(args[1]);
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners.delete(args[1]);
    remove(...args);
    if (listeners.size === 0) whenEmpty();
  };
  const emptied = (): Promise<void> =>
    new Promise((resolve) => {
      if (listeners.size === 0) resolve();
      else whenEmpty = resolve;
    });
  return { signal, emptied };
}
