/** `840 ms`, `1.8 s`, `41 s`, `3 min 20 s`; `–` for null. */
export function duration(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 1) return ms <= 0 ? '0 ms' : '< 1 ms';
  // Rounded first, so that none is told in a unit that it no longer fits.
  if (Math.round(ms) < 1_000) return `${Math.round(ms)} ms`;
  const tenths = Math.round(ms / 100);
  if (tenths < 100) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `99.2 %`; `–` of nothing. Only all is `100 %`, and only none `0 %`: nearly all is `99.9 %`, nearly none `0.1 %`. */
export function share(part: number, whole: number): string {
  if (whole === 0) return '–';
  if (part === 0) return '0 %';
  if (part === whole) return '100 %';
  const tenths = Math.min(999, Math.max(1, Math.round((1_000 * part) / whole)));
  return `${(tenths / 10).toFixed(1)} %`;
}

/** `1,204` */
export const count = (value: number): string => value.toLocaleString('en');

/** A time of day, `14:03:07.250`, in the viewer's own zone. */
export function clockTime(at: number): string {
  const time = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

/** A code as words: `half_open` → `half-open`, `queue_full` → `queue full`. */
export const words = (code: string): string => (code === 'half_open' ? 'half-open' : code.replaceAll('_', ' '));

/** `1st`, `2nd`, `3rd`, `11th`, `21st`. */
export function ordinal(value: number): string {
  const isTeen = value % 100 >= 11 && value % 100 <= 13;
  return `${value}${(!isTeen && ['th', 'st', 'nd', 'rd'][value % 10]) || 'th'}`;
}

/** `19 s ago`, `4 min ago`; `just now` within a second. */
export function ago(ms: number): string {
  return ms < 1_000 ? 'just now' : `${coarse(ms)} ago`;
}

/** What is left of a time, in whole seconds and never less than is left: `41 s`; `0 s` when it is over. */
export const remaining = (ms: number): string => (ms <= 0 ? '0 s' : coarse(Math.ceil(ms / 1_000) * 1_000));

/** The two greatest units are told as long as they matter: `59 s`, `3 min 20 s`, `12 min`, `2 h 5 min`. */
function coarse(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return minutes >= 10 || seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
}

/** `1 request`, `2,000 requests`. */
export const counted = (value: number, noun: string, plural = `${noun}s`): string =>
  `${count(value)} ${value === 1 ? noun : plural}`;
