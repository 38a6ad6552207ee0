import type { Backend } from './backends/backend.ts';
import type { Clock } from './clock.ts';
import { isError } from './is-error.ts';

/** `unknown`: the backend cannot tell. */
export interface BackendHealth {
  readonly status: 'healthy' | 'unhealthy' | 'unknown';
  readonly ms?: number;
  /** What the backend said, when it is not healthy. */
  readonly error?: string;
}

const HEALTH_TIMEOUT_MS = 2_000;

export async function checkHealth(
  backends: ReadonlyMap<string, Backend>,
  clock: Clock,
): Promise<Readonly<Record<string, BackendHealth>>> {
  const checks = [...backends].map(async ([name, backend]) => [name, await check(backend, clock)] as const);
  return Object.fromEntries(await Promise.all(checks));
}

async function check(backend: Backend, clock: Clock): Promise<BackendHealth> {
  if (backend.healthCheck === undefined) return { status: 'unknown' };
  const startedAt = clock.now();
  const controller = new AbortController();
  let timer: unknown;
  const timeout = new Promise<never>((_, reject) => {
    timer = clock.setTimeout(() => {
      const error = new Error(`no answer within ${HEALTH_TIMEOUT_MS} ms`);
      controller.abort(error);
      reject(error);
    }, HEALTH_TIMEOUT_MS);
  });
  try {
    await Promise.race([backend.healthCheck({ signal: controller.signal }), timeout]);
    return { status: 'healthy', ms: clock.now() - startedAt };
  } catch (error) {
    return {
      status: 'unhealthy',
      ms: clock.now() - startedAt,
      error: isError(error) ? error.message : String(error),
    };
  } finally {
    clock.clearTimeout(timer);
  }
}
