// Made of kernel.wat by `npx --package wabt wat2wasm --enable-threads kernel.wat --output kernel.wasm`: change that file,
// assemble it, and put the base64 of the bytes and the SHA-256 of the text here.

/** SHA-256 of the text that the bytes were assembled from, so that a test sees when only one of the two was changed. */
export const ASSEMBLED_FROM = '45f87fb6c2c55f338fa745d048da637e0949627a72219fd63e8a4957ac3b248f';

export const BYTES: Uint8Array = Buffer.from(
  [
    'AGFzbQEAAAABDwJgBn9/f39/fwBgAXsBfQIUAQVhcmVuYQZtZW1vcnkCAwGAgAQDAwIAAQcIAQRzY2FuAAAKrgQCkQQCB38JeyAD',
    'IARBAnRqIQYgACACaiEIAkADQCADIAZPDQEgASADKAIAIAJsaiEJIAEgAygCBCACbGohCiABIAMoAgggAmxqIQsgASADKAIMIAJs',
    'aiEM/QwAAAAAAAAAAAAAAAAAAAAAIQ79DAAAAAAAAAAAAAAAAAAAAAAhEv0MAAAAAAAAAAAAAAAAAAAAACEP/QwAAAAAAAAAAAAA',
    'AAAAAAAAIRP9DAAAAAAAAAAAAAAAAAAAAAAhEP0MAAAAAAAAAAAAAAAAAAAAACEU/QwAAAAAAAAAAAAAAAAAAAAAIRH9DAAAAAAA',
    'AAAAAAAAAAAAAAAhFSAAIQcDQCAH/QAEACENIA4gDSAJ/QAEAP3mAf3kASEOIA8gDSAK/QAEAP3mAf3kASEPIBAgDSAL/QAEAP3m',
    'Af3kASEQIBEgDSAM/QAEAP3mAf3kASERIAf9AAQQIQ0gEiANIAn9AAQQ/eYB/eQBIRIgEyANIAr9AAQQ/eYB/eQBIRMgFCANIAv9',
    'AAQQ/eYB/eQBIRQgFSANIAz9AAQQ/eYB/eQBIRUgCUEgaiEJIApBIGohCiALQSBqIQsgDEEgaiEMIAdBIGohByAHIAhJDQALIAUg',
    'DiAS/eQBEAE4AgAgBSAPIBP95AEQATgCBCAFIBAgFP3kARABOAIIIAUgESAV/eQBEAE4AgwgBUEQaiEFIANBEGohAwwACwsLGQAg',
    'AP0fACAA/R8BkiAA/R8CIAD9HwOSkgs=',
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

/**
 * Fills `scores` with the dot products of the query and the rows in these slots, four at a time: `count` is a multiple
 * of four. All places are addresses in bytes.
 */
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
