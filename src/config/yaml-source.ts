import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import type { Place } from './place.ts';
import { MAX_DEPTH, type Raw, type RawEntry, type Source } from './plain.ts';

/** Why a text could not be read as YAML. */
export interface YamlFault {
  readonly text: string;
  readonly place?: Place | undefined;
}

export type YamlNode = Yaml.ParsedNode | null;

export type YamlReading =
  | { readonly root: YamlNode; readonly source: Source<YamlNode> }
  | { readonly fault: YamlFault };

const require = createRequire(import.meta.url);

/** Words and marks: what takes longest to read has nothing else. */
const MAX_TOKENS = 100_000;
/**
 * The package composes nodes by recursion, and its regular expressions do not survive a stack that is nearly full. What
 * lies less deep than this, but deeper than `MAX_DEPTH`, is refused when it is read, which can tell the path to it.
 */
const MAX_COMPOSED_DEPTH = 100;
const NOT_CLOSED = 'a text in quotes begins here and is never closed; accepted: the same quote where it ends';
/** Tags of what JSON has too. */
const CORE_TAG = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/;

/** Reads YAML 1.2, of which JSON is a part: one document, core schema, no tags of its own. */
export function readYaml(text: string): YamlReading {
  // Loaded only now: a router that is made without a file does without it.
  const yaml = require('yaml') as typeof Yaml;
  const lines = new yaml.LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const fail = (message: string, offset?: number): YamlReading => ({
    fault: { text: message, place: offset === undefined ? undefined : placeAt(offset) },
  });

  const tokens: Yaml.CST.Token[] = [];
  const parser = new yaml.Parser(lines.addNewLine);
  lines.addNewLine(0);
  let count = 0;
  let offset = 0;
  let quote = 0;
  // What the lexer says besides the text itself.
  const signs: readonly string[] = [yaml.CST.DOCUMENT, yaml.CST.FLOW_END, yaml.CST.SCALAR];
  for (const lexeme of new yaml.Lexer().lex(text)) {
    if (++count > MAX_TOKENS) {
      return fail(`it has more than ${MAX_TOKENS.toLocaleString('en-US')} words and marks; accepted: at most as many`);
    }
    if (lexeme.startsWith('"') || lexeme.startsWith("'")) quote = offset;
    if (!signs.includes(lexeme)) offset += lexeme.length;
    tokens.push(...parser.next(lexeme));
  }
  tokens.push(...parser.end());
  const deep = tooDeep(tokens);
  if (deep !== null) return fail(`nested too deeply; accepted: at most ${MAX_DEPTH} levels`, deep.offset);

  const [document, next] = composed(yaml, tokens, text.length);
  if (next !== undefined) {
    return fail('a second document begins here; accepted: one document a file', next.range[0]);
  }
  const [error] = document?.errors ?? [];
  // A text in quotes that is not closed goes on to the end of the file, which is where it would be told.
  if (error?.message.startsWith('Missing closing') === true) return fail(NOT_CLOSED, quote);
  if (error !== undefined) return fail(wordsFor(error) + hintAt(text, error.pos[0]), error.pos[0]);
  if (document === undefined || document.contents === null || isNothing(yaml, document.contents)) {
    return fail("it is empty; accepted: at least 'models:' with a model below");
  }
  return { root: document.contents, source: sourceOf(yaml, document, placeAt) };
}

const isNothing = (yaml: typeof Yaml, node: Yaml.ParsedNode): boolean =>
  yaml.isScalar(node) && node.value === null && node.source === '';

function composed(yaml: typeof Yaml, tokens: readonly Yaml.CST.Token[], length: number): Yaml.Document.Parsed[] {
  // Keys are compared by whoever reads the nodes: the package compares each with all before it.
  const composer = new yaml.Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
  });
  // Each of possibly 100,000 errors would look at the stack, which takes ten times as long as all the rest.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    const documents: Yaml.Document.Parsed[] = [];
    for (const document of composer.compose(tokens, true, length)) {
      documents.push(document as Yaml.Document.Parsed);
      if (documents.length === 2) break;
    }
    return documents;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

interface Nested {
  readonly offset?: number;
  readonly value?: unknown;
  readonly items?: readonly { readonly key?: unknown; readonly value?: unknown }[];
}

/** The first token that lies too deep. */
function tooDeep(tokens: readonly Yaml.CST.Token[]): { readonly offset: number } | null {
  const left: { readonly token: Nested; readonly depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { token, depth } = next;
    if (depth > MAX_COMPOSED_DEPTH) return { offset: token.offset ?? 0 };
    const inside = token.items?.flatMap(({ key, value }) => [key, value]) ?? [token.value];
    for (const one of inside) {
      if (typeof one === 'object' && one !== null) left.push({ token: one, depth: depth + 1 });
    }
  }
  return null;
}

/** Braces are YAML's own inside brackets. */
const hintAt = (text: string, offset: number): string =>
  /[[{].*\$\{[^'"]*$/.test(text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset + 1))
    ? '; inside [ ] and { } a reference stands in quotes'
    : '';

/** The package's own words where they quote nothing of the text. */
function wordsFor({ code, message }: Yaml.YAMLParseError): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'a tab stands where the line is indented; accepted: spaces';
    case 'BAD_DQ_ESCAPE':
      return 'a backslash stands before a character that it cannot; accepted in double quotes: the escapes of JSON';
    case 'BAD_SCALAR_START':
      return 'a text begins with a reserved character; accepted: such a text in quotes';
    case 'TAG_RESOLVE_FAILED':
      return 'a value does not fit its tag, or the tag is unknown; accepted: values without tags';
    case 'UNEXPECTED_TOKEN':
    case 'BAD_DIRECTIVE':
    case 'BAD_PROP_ORDER':
      return 'something stands here that cannot; look at quotes, brackets, colons and the indentation before it';
    default:
      return `not valid YAML: ${message}`;
  }
}

function sourceOf(
  yaml: typeof Yaml,
  document: Yaml.Document.Parsed,
  placeAt: (offset: number) => Place,
): Source<YamlNode> {
  // Looked for only when there is an alias.
  let targets: Map<unknown, YamlNode> | null = null;
  const behind = (node: YamlNode): YamlNode | undefined => {
    if (!yaml.isAlias(node)) return node;
    targets ??= targetsOf(yaml, document);
    return targets.get(node);
  };
  return {
    identityOf: behind,
    placeOf: (node) => (node === null ? undefined : placeAt(node.range[0])),
    look(node): Raw<YamlNode> {
      const target = behind(node);
      if (target === undefined) {
        return {
          kind: 'unfit',
          text: 'given an alias without an anchor before it; accepted: an anchor that stands above',
        };
      }
      if (target === null) return { kind: 'scalar', value: null };
      if (target.tag !== undefined && !CORE_TAG.test(target.tag)) {
        return { kind: 'unfit', text: 'given a value with a tag; accepted: values without tags' };
      }
      if (yaml.isMap(target)) return { kind: 'map', entries: target.items.map((pair) => entryOf(yaml, pair, placeAt)) };
      if (yaml.isSeq(target)) return { kind: 'list', items: target.items as YamlNode[] };
      return { kind: 'scalar', value: (target as Yaml.Scalar.Parsed).value as string };
    },
  };
}

function entryOf(
  yaml: typeof Yaml,
  { key, value }: Yaml.Pair<Yaml.ParsedNode, YamlNode>,
  placeAt: (offset: number) => Place,
): RawEntry<YamlNode> {
  const isText = yaml.isScalar(key) && key.value !== null;
  return {
    // As it is written: `1.0` is not the key `1`.
    key: isText ? String(key.source ?? key.value) : '',
    unfit: isText ? (key.source === MERGE ? NO_MERGE : undefined) : NO_TEXT,
    value,
    place: placeAt(key.range[0]),
  };
}

const MERGE = '<<';
const NO_MERGE = 'given a merge key (<<); accepted: the options themselves, or an alias for a whole value';
const NO_TEXT = 'given a key that is no text; accepted: texts as keys';

/** What each alias stands for: an anchor can be given again further down. */
function targetsOf(yaml: typeof Yaml, document: Yaml.Document.Parsed): Map<unknown, YamlNode> {
  const anchors = new Map<string, YamlNode>();
  const targets = new Map<unknown, YamlNode>();
  yaml.visit(document, {
    Node(_key, node) {
      if (yaml.isAlias(node)) {
        const target = anchors.get(node.source);
        if (target !== undefined) targets.set(node, target);
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node as YamlNode);
    },
  });
  return targets;
}
