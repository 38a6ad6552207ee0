import { afterEach, beforeEach } from 'vitest';

const NAMES = ['uncaughtException', 'unhandledRejection'] as const;

/** Collects, for each test of the file, what would have brought the process down. */
export function collectFatal(): readonly unknown[] {
  const fatal: unknown[] = [];
  const note = (error: unknown): void => {
    fatal.push(error);
  };
  let former: readonly (readonly unknown[])[] = [];
  beforeEach(() => {
    fatal.length = 0;
    former = NAMES.map((name) => {
      const listeners = process.listeners(name as 'uncaughtException');
      process.removeAllListeners(name);
      process.on(name, note);
      return listeners;
    });
  });
  afterEach(() => {
    NAMES.forEach((name, index) => {
      process.removeAllListeners(name);
      for (const listener of former[index] ?? []) process.on(name, listener as never);
    });
  });
  return fatal;
}
