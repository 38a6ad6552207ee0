// Made of kernel.wat by `npx --package wabt wat2wasm --enable-threads kernel.wat --output kernel.wasm`: change that file,
// assemble it, and put the base64 of the bytes and the SHA-256 of the text here.

/** SHA-256 of the text that the bytes were assembled from, so that a test sees when only one of the two was changed. */
export const ASSEMBLED_FROM = '0234dc819b69d7db5abc9dd9c8906f4c31daabd2c1671f97a894d2ab31854494';

export const BYTES: Uint8Array = Buffer.from(
  [
    'AGFzbQEAAAABCgFgBn9/f39/fwACFAEFYXJlbmEGbWVtb3J5AgMBgIAEAwIBAAcIAQRzY2FuAAAKuQIBtgICBH8EeyADIARBAnRq',
    'IQYgACACaiEJAkADQCADIAZPDQEgASADKAIAIAJsaiEHIAAhCP0MAAAAAAAAAAAAAAAAAAAAACEK/QwAAAAAAAAAAAAAAAAAAAAA',
    'IQv9DAAAAAAAAAAAAAAAAAAAAAAhDP0MAAAAAAAAAAAAAAAAAAAAACENA0AgCiAI/QAEACAH/QAEAP3mAf3kASEKIAsgCP0ABBAg',
    'B/0ABBD95gH95AEhCyAMIAj9AAQgIAf9AAQg/eYB/eQBIQwgDSAI/QAEMCAH/QAEMP3mAf3kASENIAdBwABqIQcgCEHAAGohCCAI',
    'IAlJDQALIAogC/3kASAMIA395AH95AEhCiAFIAr9HwAgCv0fAZIgCv0fAiAK/R8DkpI4AgAgBUEEaiEFIANBBGohAwwACwsL',
  ].join(''),
  'base64',
);

// What is used of WebAssembly, said here because its types come with the DOM's, which a library for Node is not built with.
declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => SharedMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: { readonly scan: Scan } };
};

/** Its `buffer` is another one after each growth, over the same bytes. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

/** Fills `scores` with the dot products of the query and the rows in these slots; all places are addresses in bytes. */
export type Scan = (
  query: number,
  rows: number,
  rowBytes: number,
  slots: number,
  count: number,
  scores: number,
) => void;

/** Bytes in a page of memory. */
export const PAGE = 65_536;

export const createMemory = (initial: number, maximum: number): SharedMemory =>
  new WebAssembly.Memory({ initial, maximum, shared: true });

const kernel = new WebAssembly.Module(BYTES);

/** The kernel over that memory. */
export const scanOf = (memory: SharedMemory): Scan =>
  new WebAssembly.Instance(kernel, { arena: { memory } }).exports.scan;
