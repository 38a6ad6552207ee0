import { ConfigurationError } from '../errors.ts';
import { pathOf, shortPathText } from './place.ts';

/** One thing that is wrong with a configuration. */
export interface Mistake {
  /** Such as `rules[1].fallback[0]`; empty: the whole. */
  readonly path: string;
  /** Both from 1; absent when it was no file, or is about the whole file. */
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

/** Mistakes that a message tells; `mistakes` has them all. */
const MOST_TOLD = 100;

/** A configuration is wrong. The message has a line for each mistake; no text of a variable or a key is in it. */
export class ConfigError extends ConfigurationError {
  /** In the order of the file. */
  readonly mistakes: readonly Mistake[];
  constructor(mistakes: readonly Mistake[], file: string | null) {
    const sorted = [...mistakes].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
    const lines = sorted.slice(0, MOST_TOLD).map((mistake) => lineOf(mistake, file));
    if (sorted.length > MOST_TOLD) lines.push(`and ${sorted.length - MOST_TOLD} more`);
    super(sorted[0]?.path || 'config', lines.join('\n'));
    this.mistakes = sorted;
  }
}

/** `llm-router.yaml:12:5 models.gpt.apiKey: …` */
function lineOf({ path, line, column, message }: Mistake, file: string | null): string {
  const place = file === null ? null : line === undefined ? file : `${file}:${line}:${column}`;
  const where = [place, shortPathText(pathOf(path))].filter(Boolean).join(' ') || 'config';
  return `${where}: ${message}`;
}
