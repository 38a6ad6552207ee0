import { isSecretLike, SECRET_NAME } from '../options.ts';
import type { RouterConfig } from './router-config.ts';

const HIDDEN = '[redacted]';
/** What stands around and between the names of variables: a default is text like any other. */
const REFERENCES = /((?<!\$)\$\{[A-Za-z_]\w*(?::-)?|\})/;
/** What an address ends with: no provider takes one with a name and a password before its host. */
const QUERY = /(:\/\/[^?]*\?).*/s;
/** What says in a header which kind of key follows. */
const SCHEME = /^(?:Bearer|Basic|Token) +$/i;

/**
 * A configuration as it is written, without the keys that stand in it: a reference to a variable stays. Of texts that
 * only look like a key, different ones stay different, because a policy may depend on that; names of models stay.
 */
export function withoutSecrets(written: RouterConfig): RouterConfig {
  const known = new Map<string, string>();
  const numbered = (text: string): string => {
    const shown = known.get(text) ?? (known.size === 0 ? HIDDEN : `[redacted ${known.size + 1}]`);
    known.set(text, shown);
    return shown;
  };
  const shownText = (text: string, isSecret: boolean): string => {
    if (!isSecret && Object.hasOwn(written.models, text)) return text;
    const pieces = text.split(REFERENCES).map((piece, index) => {
      if (index % 2 === 1 || piece === '') return piece;
      if (isSecret) return SCHEME.test(piece) ? piece : HIDDEN;
      return isSecretLike(piece) ? numbered(piece) : piece.replace(QUERY, `$1${HIDDEN}`);
    });
    return pieces.join('');
  };
  const shown = (value: unknown, path: readonly string[]): unknown => {
    if (typeof value === 'string') return shownText(value, isSecretPath(path));
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => shown(item, path));
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shown(inner, [...path, key])]));
  };
  return shown(written, []) as RouterConfig;
}

/** Whether its text is a key, whatever it looks like. Below `models` stands a name first; of rules only names of metadata could look so. */
const isSecretPath = ([part, ...rest]: readonly string[]): boolean =>
  part !== 'rules' && (part === 'models' ? rest.slice(1) : rest).some((key) => SECRET_NAME.test(key));
