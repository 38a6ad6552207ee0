/** Two numbers shared with a thread: whether it is in native code, and whether it may enter it no more. */
const BUSY = 0;
const CLOSED = 1;

/** More than a text or the start of a small model takes. */
const LONGEST_WAIT_MS = 2_000;

const guarded = new Set<Int32Array>();

/**
 * Makes the end of the process wait until a thread has left native code: onnxruntime aborts the process, with a core
 * dump and whatever exit code was meant lost, when its thread is taken away while it computes.
 * @returns `gate` for the thread, and what ends the guard
 */
export function guardAtExit(): { readonly gate: Int32Array; readonly release: () => void } {
  const gate = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  if (guarded.size === 0) process.on('exit', closeAll);
  guarded.add(gate);
  return {
    gate,
    release: () => {
      guarded.delete(gate);
      if (guarded.size === 0) process.off('exit', closeAll);
    },
  };
}

function closeAll(): void {
  for (const gate of guarded) Atomics.store(gate, CLOSED, 1);
  for (const gate of guarded) Atomics.wait(gate, BUSY, 1, LONGEST_WAIT_MS);
}
