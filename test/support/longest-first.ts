import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Which files take longest, longest first: begun last, one of them would keep a single core busy at the end. */
const LONG = [/faults\.test/, /exploration/, /policy-(?:walks|paths)/, /conformance\.test/, /soak/, /browser/];

function rankOf({ moduleId, project }: TestSpecification): number {
  // Side by side, because a worker is handed on only from one such file to the next.
  if (!project.config.isolate) return LONG.length + 1;
  const rank = LONG.findIndex((pattern) => pattern.test(moduleId));
  return rank === -1 ? LONG.length : rank;
}

/** Begins with what takes longest, also in a fresh clone, where vitest does not know durations yet. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}
