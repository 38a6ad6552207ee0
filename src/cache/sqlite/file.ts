import { chmod, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The database's own file and those that SQLite may keep beside it. */
const SUFFIXES = ['', '-wal', '-shm', '-journal'];

/** Makes the file and its folder where they are missing, for their owner alone. */
export async function makePrivateFile(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // One that is there must not even be opened: closing it would give up every lock that this process holds on it.
  await unlessCode('EEXIST', async () => (await open(path, 'wx', 0o600)).close());
}

/** Takes a file that somebody else has made from everybody but its owner. */
export async function makePrivate(path: string): Promise<void> {
  for (const suffix of SUFFIXES) await unlessCode('ENOENT', () => chmod(path + suffix, 0o600));
}

/** @returns the file's new name */
export async function setAside(path: string, wallNow: number): Promise<string> {
  const aside = `${path}.corrupt-${wallNow}`;
  for (const suffix of SUFFIXES) await unlessCode('ENOENT', () => rename(path + suffix, aside + suffix));
  return aside;
}

async function unlessCode(code: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
  }
}
