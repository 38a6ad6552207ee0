import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cut } from '../options.ts';
import { ConfigError, type Mistake } from './config-error.ts';

const MAX_BYTES = 1_048_576;
/** No path of a system that limits them is longer: what is, is cut in messages. */
const MAX_PATH_LETTERS = 4_096;
/** Several lines, or a colon inside braces: rather what stands in a file than its name. */
const LIKE_CONTENT = /[\r\n]|^[^{]*\{[^}]*:/;

export interface ConfigText {
  /** As it is told in messages. */
  readonly file: string;
  readonly text: string;
}

/** The text of a configuration's file. @throws {ConfigError} when there is none, or it is no text */
export function readText(source: string | URL): ConfigText {
  const file = nameOf(source);
  const refuse = (message: string, line?: number): never => {
    const mistake: Mistake = { path: '', message, ...(line !== undefined && { line, column: 1 }) };
    throw new ConfigError([mistake], file.length > MAX_PATH_LETTERS ? cut(file) : file);
  };
  const tooLarge = (bytes: number): string =>
    `it has ${bytes.toLocaleString('en-US')} bytes; accepted: at most ${MAX_BYTES.toLocaleString('en-US')}`;
  let bytes: Buffer;
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) return refuse('it is a directory; accepted: a file of YAML or JSON');
    // Whoever reads a pipe or a device may wait for ever.
    if (!stats.isFile()) return refuse('it is no regular file; accepted: a file of YAML or JSON');
    if (stats.size > MAX_BYTES) return refuse(tooLarge(stats.size));
    bytes = readFileSync(file);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    // It may hold keys, so that nothing of it is told.
    if (LIKE_CONTENT.test(file)) throw new ConfigError([{ path: '', message: NO_NAME }], null);
    return refuse(reasonOf((error as NodeJS.ErrnoException).code));
  }
  if (bytes.length > MAX_BYTES) return refuse(tooLarge(bytes.length));
  const wrong = firstLineNotUtf8(bytes);
  if (wrong !== null) return refuse('it is not UTF-8; accepted: text in UTF-8', wrong);
  const text = new TextDecoder().decode(bytes);
  const nul = text.indexOf('\0');
  if (nul >= 0) return refuse('it holds a NUL character; accepted: text', text.slice(0, nul).split('\n').length);
  return { file, text };
}

const NO_NAME = 'given a text that is the name of no file; accepted: a path, a URL of file:, or an object';

function nameOf(source: string | URL): string {
  if (typeof source === 'string') return source;
  let message = `given a URL of ${source.protocol}; accepted: a path, or a URL of file:`;
  if (source.protocol === 'file:') {
    try {
      return fileURLToPath(source);
    } catch {
      message =
        'given a URL of file: with a host, or with escapes that are no path; accepted: a path, or a URL of file:';
    }
  }
  throw new ConfigError([{ path: '', message }], null);
}

function reasonOf(code: string | undefined): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be read';
  return `it cannot be read (${code ?? 'unknown error'})`;
}

const LINE_FEED = 0x0a;

/** Its number from 1; null: all are. No byte of a longer UTF-8 sequence looks like a line feed. */
function firstLineNotUtf8(bytes: Buffer): number | null {
  if (isUtf8(bytes)) return null;
  let line = 1;
  for (let from = 0; ; line++) {
    const end = bytes.indexOf(LINE_FEED, from);
    if (end < 0 || !isUtf8(bytes.subarray(from, end))) return line;
    from = end + 1;
  }
}
