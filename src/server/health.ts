import { requestDesk } from '../../machines/request.ts';
import type { BackendHealth } from '../health.ts';
import type { Router } from '../router.ts';

const FRESH_MS = 5_000;

export interface HealthReport {
  /** `degraded`: some of the models are unhealthy; `unhealthy`: all of them, or there is none. */
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly models: Readonly<Record<string, BackendHealth>>;
}

/** Asks the backends at most once in 5 s, however many ask here: a probe must not become load for the providers. */
export function createHealthCheck(router: Router): () => Promise<HealthReport> {
  let report: Promise<HealthReport> | null = null;
  let staleAt = 0;
  const check = async (): Promise<HealthReport> => {
    const models = await router.health();
    staleAt = router[requestDesk].now() + FRESH_MS;
    return { status: overall(Object.values(models)), models };
  };
  return () => {
    if (report === null || router[requestDesk].now() >= staleAt) {
      staleAt = Number.POSITIVE_INFINITY;
      report = check();
    }
    return report;
  };
}

function overall(models: readonly BackendHealth[]): HealthReport['status'] {
  const sick = models.filter(({ status }) => status === 'unhealthy').length;
  if (sick === models.length) return 'unhealthy';
  return sick === 0 ? 'healthy' : 'degraded';
}
