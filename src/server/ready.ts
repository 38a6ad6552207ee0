import { viewOf } from '../../machines/model/view.ts';
import { requestDesk } from '../../machines/request.ts';
import type { Router } from '../router.ts';
import { type Applicant, refusal } from '../routing/admission.ts';

/** Where the process is in its life; whoever runs the server moves it on, closing the server sets `draining`. */
export interface Readiness {
  phase: 'starting' | 'running' | 'draining';
}

export type ReadyStatus = 'ready' | 'starting' | 'draining' | 'no_model_admits';

/** Whether a new request of normal priority would be taken, by the very function that selects; calls no backend. */
export function readyStatus(router: Router, { phase }: Readiness): ReadyStatus {
  if (phase !== 'running') return phase;
  if (router.isStopped) return 'draining';
  return admits(router) ? 'ready' : 'no_model_admits';
}

function admits(router: Router): boolean {
  const at = router[requestDesk].now();
  const newcomer: Applicant = {
    id: '',
    seq: Number.MAX_SAFE_INTEGER,
    class: 'normal',
    arrival: at,
    deadline: Number.POSITIVE_INFINITY,
    attempts: [],
  };
  const models = Object.values(router.actor.getSnapshot().context.models);
  return models.some((ref) => refusal(viewOf(ref.getSnapshot()), newcomer, at) === null);
}
