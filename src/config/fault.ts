import { type Path, type Place, pathText } from './place.ts';

/** Something wrong, before it is known where it stands in its file. */
export interface Fault {
  readonly path: Path;
  readonly text: string;
  /** Where that is not the place of the path. */
  readonly place?: Place | undefined;
}

/** Paths that are looked up often. */
export class PathSet {
  readonly #paths: ReadonlySet<string>;
  /** These and all that they lead through. */
  readonly #passed: ReadonlySet<string>;

  constructor(paths: readonly Path[]) {
    this.#paths = new Set(paths.map(pathText));
    this.#passed = new Set(paths.flatMap((path) => beginningsOf(path).map(pathText)));
  }

  /** Whether one of them leads to `path`, or is it. */
  covers(path: Path): boolean {
    return beginningsOf(path).some((beginning) => this.#paths.has(pathText(beginning)));
  }

  /** Whether one of them leads to `path`, is it, or lies within it. */
  touches(path: Path): boolean {
    return this.#passed.has(pathText(path)) || this.covers(path);
  }
}

const beginningsOf = (path: Path): readonly Path[] =>
  Array.from({ length: path.length + 1 }, (_, length) => path.slice(0, length));
