import { inspected } from '../../../../src/inspected.ts';
import type { RequestDetail } from '../../../../src/inspector/protocol.ts';
import { RequestLog } from '../../../../src/inspector/request-log.ts';
import { type Sequence, sequenceOf } from '../../../../src/inspector/web/requests/sequence.ts';
import type { ModelOptions } from '../../../../src/model-options.ts';
import type { RouterOptions } from '../../../../src/router-options.ts';
import { createRig, type Rig } from '../../../support/rig.ts';

export interface DetailedRig<Name extends string> extends Rig<Name> {
  /** Of the request that settled last. */
  detail(): RequestDetail;
  /** Its sequence, a line for each step: `12 caller→router accepted`. */
  lines(): string[];
}

/** A rig whose settled requests are told in full, as an inspector tells them. */
export function createDetailedRig<Name extends string>(
  models: Readonly<Record<Name, Omit<ModelOptions, 'backend'>>>,
  options: RouterOptions = {},
): DetailedRig<Name> {
  const rig = createRig(models, options);
  const log = new RequestLog(false, () => ({ now: 0, wallTimeOf: (at) => at }));
  let last = '';
  rig.router[inspected].watch({
    settled(event) {
      log.add(event);
      last = event.id;
    },
    called() {},
  });
  const detail = (): RequestDetail => log.detail(last)!;
  return { ...rig, detail, lines: () => linesOf(sequenceOf(detail())) };
}

export const linesOf = ({ columns, steps }: Sequence): string[] =>
  steps.map(({ at, from, to, text }) => {
    const names = from === to ? columns[from]!.name : `${columns[from]!.name}→${columns[to]!.name}`;
    return `${at === null ? '?' : Math.round(at)} ${names} ${text}`;
  });
