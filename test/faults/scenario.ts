import type { Bench, Place, Setup } from './bench.ts';

/** A row: what the provider does, what the router must do, and how that is seen. */
export interface Scenario {
  readonly id: string;
  readonly provider: string;
  readonly router: string;
  /** Why it cannot be asked there. */
  readonly inapplicable?: (place: Place) => string | undefined;
  /** It passes when each of them does. Each has a router of its own. */
  readonly variants: readonly Variant[];
}

export interface Variant extends Setup {
  /** Where it is asked. Default: everywhere. */
  readonly isAsked?: (place: Place) => boolean;
  readonly run: (bench: Bench, place: Place) => Promise<void>;
}

export const streams = ({ surface }: Place): boolean => surface.streams;
export const takesMessages = ({ surface }: Place): boolean => surface.takesMessages;

/** Of a row about a stream's middle. */
export const wholeOnly = ({ surface }: Place): string | undefined =>
  surface.streams ? undefined : 'The answer is asked for whole: its caller reads no stream.';
