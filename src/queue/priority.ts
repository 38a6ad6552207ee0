/** The four classes of service, in falling order of importance. A request's class never changes. */
export const Priority = {
  CRITICAL: 'critical',
  HIGH: 'high',
  NORMAL: 'normal',
  LOW: 'low',
} as const;

export type PriorityClass = (typeof Priority)[keyof typeof Priority];

/** The classes from most to least important. */
export const PRIORITY_CLASSES: readonly PriorityClass[] = ['critical', 'high', 'normal', 'low'];

/** Milliseconds that a class is served ahead of its arrival. */
export type Boosts = Readonly<Record<PriorityClass, number>>;

/**
 * Critical and high stand ahead of normal and low that have waited less than 40 s, and nobody is overtaken for more
 * than 60 s, half the default deadline.
 */
export const DEFAULT_BOOSTS: Boosts = { critical: 60_000, high: 45_000, normal: 5_000, low: 0 };

/** Whether `a` is a less important class than `b`. */
export const isLowerClass = (a: PriorityClass, b: PriorityClass): boolean =>
  PRIORITY_CLASSES.indexOf(a) > PRIORITY_CLASSES.indexOf(b);
