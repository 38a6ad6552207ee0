import type { CacheRow } from '../../../src/cache/entry.ts';

export declare function rowOf(number: number, changes?: object): CacheRow;
export declare function vectorOf(number: number, dimensions: number): Float32Array;
export declare function numberOf(row: CacheRow): number;
