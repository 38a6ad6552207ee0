import type { RouterConfig } from '../config/router-config.ts';
import type { RuleMatch, Scalar } from '../routing/match.ts';
import type { PolicyEvent } from './policy-events.ts';

/** A value that is not to be shown, in a condition. */
interface Hidden {
  readonly key: string;
  readonly value: Scalar;
  readonly isPrefix: boolean;
  /** What stands for it. */
  readonly text: string;
}

/**
 * Events as they can be shown: where a request's metadata has a value that some rule writes in another way, as a
 * reference to a variable or as a redacted key, or begins with such a one, what is written stands for it.
 * @param written the same configuration as it can be shown
 */
export function shownEvents(
  config: RouterConfig,
  written: RouterConfig,
): (events: readonly PolicyEvent[]) => readonly PolicyEvent[] {
  const hidden = hiddenIn(config, written);
  const shown = (key: string, value: Scalar): Scalar => {
    const ofKey = hidden.filter((one) => one.key === key);
    const whole = ofKey.find((one) => one.value === value);
    if (whole !== undefined) return whole.text;
    const begun = ofKey.find(
      ({ isPrefix, value: prefix }) => isPrefix && typeof value === 'string' && value.startsWith(`${prefix}`),
    );
    return begun === undefined ? value : begun.text + `${value}`.slice(`${begun.value}`.length);
  };
  return (events) =>
    events.map((event) => {
      if (event.type !== 'request' || event.metadata === undefined) return event;
      const metadata = Object.entries(event.metadata).map(([key, value]) => [key, shown(key, value)] as const);
      return { ...event, metadata: Object.fromEntries(metadata) };
    });
}

function hiddenIn(config: RouterConfig, written: RouterConfig): readonly Hidden[] {
  return (config.rules ?? []).flatMap(({ match }, index) =>
    Object.entries(metadataIn(match)).flatMap(([key, condition]) => {
      const values = partsOf(condition);
      const texts = partsOf(metadataIn(written.rules![index]!.match)[key]!);
      return values.flatMap(({ value, isPrefix }, place) => {
        const text = texts[place]!.value;
        return text === value ? [] : [{ key, value, isPrefix, text: `${text}` }];
      });
    }),
  );
}

const metadataIn = (match: unknown): NonNullable<RuleMatch['metadata']> =>
  (match as RuleMatch | undefined)?.metadata ?? {};

/** The values that a condition names, or the prefix. */
function partsOf(condition: NonNullable<RuleMatch['metadata']>[string]): readonly Pick<Hidden, 'value' | 'isPrefix'>[] {
  if (typeof condition === 'object' && 'prefix' in condition) return [{ value: condition.prefix, isPrefix: true }];
  return [condition].flat().map((value) => ({ value: value as Scalar, isPrefix: false }));
}
