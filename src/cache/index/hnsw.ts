// What is used of hnswlib-node, said here because the package is optional: neither our types nor our build may need it.

/** A graph in memory outside JavaScript's heap. */
export interface HnswGraph {
  initIndex(maxElements: number): void;
  readIndex(file: string): Promise<boolean>;
  setEf(ef: number): void;
  searchKnn(query: number[], k: number): { readonly neighbors: readonly number[] };
  markDelete(label: number): void;
}

export interface HnswModule {
  readonly HierarchicalNSW: new (space: 'ip', dimensions: number) => HnswGraph;
}

/** Links of a row; hnswlib's own default. */
export const M = 16;
/** Candidates while a graph is built. Half of it saves a fifth to a third of the time and costs recall. */
export const EF_CONSTRUCTION = 200;
/**
 * Candidates while a graph of so many rows is searched: 48 among 10,000, 64 among 100,000. The ways through a graph grow
 * with the logarithm of its rows; `docs/internals/semantic-index.md` has the recall and the cost of other numbers.
 */
export const efSearch = (rows: number): number => Math.max(32, Math.round(16 * (Math.log10(rows) - 1)));

/** hnswlib-node; null when it is not installed or its binary does not load here. */
export async function loadHnsw(): Promise<HnswModule | null> {
  // In a variable, because the compiler would ask for an optional package that may be absent.
  const name = 'hnswlib-node';
  try {
    const { default: module } = (await import(name)) as { readonly default: HnswModule };
    return module;
  } catch {
    return null;
  }
}

/**
 * Gives a graph's memory back. V8 sees a few bytes of it and would not collect it for long. A new empty index is the one
 * way to do so: reading a file into a graph that holds something leaves hnswlib with a freed pointer when reading fails.
 */
export const releaseGraph = (graph: HnswGraph): void => graph.initIndex(1);
