import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configTemplate } from '../../src/cli/config-template.ts';
import { foundModels } from '../../src/cli/found-models.ts';
import { init } from '../../src/cli/init.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { RouterConfig } from '../../src/config/router-config.ts';
import type { Surroundings } from '../../src/server/autodetect.ts';
import { checkPolicy } from '../../src/verify/check/check-policy.ts';

const NOTHING: Surroundings = {
  ollamaUrl: 'http://127.0.0.1:11434',
  ollamaModels: null,
  openAIKey: undefined,
  openAIBaseUrl: undefined,
};
const OPENAI = { OPENAI_API_KEY: 'sk-secret-openai' };
const ANTHROPIC = { ANTHROPIC_API_KEY: 'sk-secret-anthropic' };
const AZURE = {
  AZURE_OPENAI_API_KEY: 'secret-azure',
  AZURE_OPENAI_ENDPOINT: 'https://secret-resource.openai.azure.com',
  AZURE_OPENAI_DEPLOYMENT: 'secret-deployment',
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'llm-router-init-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a file that was written from these says, once it is read again. */
function written(surroundings: Partial<Surroundings>, environment: Record<string, string> = {}) {
  const found = foundModels({ ...NOTHING, ...surroundings }, environment);
  const text = configTemplate(found);
  const file = join(folder, 'llm-router.yaml');
  writeFileSync(file, text);
  return { found, text, loaded: loadConfig(file, { environment }) };
}

/** Where the models are, in a file and in the order in which they are asked. */
const orderOf = ({ rules = [] }: RouterConfig): string[][] =>
  rules.map(({ targets, fallback = [] }) => [...targets, ...fallback]);

describe('a file that is written over what is found', () => {
  it.each<[string, Partial<Surroundings>, Record<string, string>, string[]]>([
    ['nothing', {}, {}, ['sim-fast', 'sim-good', 'sim-flaky']],
    ['one model of Ollama', { ollamaModels: ['llama3:8b'] }, {}, ['llama3:8b']],
    ['many models of Ollama', { ollamaModels: ['a:1', 'b:1', 'c:1', 'd:1'] }, {}, ['a:1', 'b:1', 'c:1']],
    ['a key of OpenAI', {}, OPENAI, ['gpt-4o-mini']],
    ['Ollama and a key', { ollamaModels: ['a:1', 'b:1', 'c:1'] }, OPENAI, ['a:1', 'b:1', 'gpt-4o-mini']],
    ['every key', {}, { ...OPENAI, ...ANTHROPIC, ...AZURE }, ['gpt-4o-mini', 'claude', 'azure']],
    [
      'Ollama and every key',
      { ollamaModels: ['a:1', 'b:1'] },
      { ...OPENAI, ...ANTHROPIC, ...AZURE },
      ['a:1', 'gpt-4o-mini', 'claude'],
    ],
  ])('asks the local ones first, and has no key in it: %s', (_, surroundings, environment, names) => {
    const { loaded, text } = written(surroundings, environment);
    expect(Object.keys(loaded.config.models)).toEqual(names);
    expect(orderOf(loaded.config)).toEqual([names, names]);
    expect(text).not.toMatch(/secret/);
  });

  // The simulated models are checked by the command itself, in the test of `serve --config`.
  it.each<[string, Partial<Surroundings>, Record<string, string>]>([
    ['one model', { ollamaModels: ['a:1'] }, {}],
    ['three models', { ollamaModels: ['a:1'] }, { ...OPENAI, ...ANTHROPIC }],
  ])('has neither an error nor a warning: %s', (_, surroundings, environment) => {
    const { loaded } = written(surroundings, environment);
    expect(checkPolicy(loaded).findings).toEqual([]);
  });

  it('leaves out a model whose options are refused, and says why without what the variable holds', () => {
    const { found, loaded, text } = written({ ollamaModels: ['a:1'] }, { ...OPENAI, OPENAI_BASE_URL: 'secret place' });
    expect(Object.keys(loaded.config.models)).toEqual(['a:1']);
    expect(found.leftOut).toHaveLength(1);
    expect(found.leftOut[0]).toMatch(
      /^"gpt-4o-mini" \(models\.gpt-4o-mini\.baseUrl: given "\$\{OPENAI_BASE_URL\}"; accepted: /,
    );
    expect(text).not.toContain('secret');
  });

  it('has no name twice, and none that a file refuses', () => {
    const ollamaModels = ['gpt-4o-mini', '123', 'interactive', 'a b\n', 'auto', 'b:1'];
    const { found, loaded } = written({ ollamaModels }, OPENAI);
    expect(Object.keys(loaded.config.models)).toEqual(['b:1', 'gpt-4o-mini']);
    expect(loaded.config.models['gpt-4o-mini']!.provider).toBe('openai');
    expect(found.leftOut.map((text) => text.split(' (')[0])).toEqual([
      '"gpt-4o-mini"',
      '"123"',
      '"interactive"',
      '"a b\\n"',
      '"auto"',
    ]);
  });

  it('is of simulated models where all that is found is refused', () => {
    const { found, loaded } = written({ ollamaModels: ['123'] }, { OPENAI_API_KEY: 'a b' });
    expect(found).toMatchObject({ isSimulated: true, leftOut: { length: 2 } });
    expect(Object.keys(loaded.config.models)).toEqual(['sim-fast', 'sim-good', 'sim-flaky']);
  });

  it('refers to keys, and resolves to them', () => {
    const { loaded } = written({}, { ...OPENAI, OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' });
    expect(loaded.config.models['gpt-4o-mini']).toMatchObject({
      apiKey: 'sk-secret-openai',
      baseUrl: 'http://127.0.0.1:9/v1',
    });
    expect(loaded.written.models['gpt-4o-mini']).toMatchObject({
      apiKey: `\${${'OPENAI_API_KEY'}}`,
      baseUrl: `\${${'OPENAI_BASE_URL'}}`,
    });
  });

  it('asks Ollama where it was found', () => {
    const { loaded } = written({ ollamaUrl: 'http://gpu.local:1234', ollamaModels: ['a:1'] });
    expect(loaded.config.models['a:1']).toMatchObject({
      provider: 'ollama',
      model: 'a:1',
      baseUrl: 'http://gpu.local:1234',
    });
  });

  it('has no model of Azure OpenAI while part of what it needs is missing', () => {
    const { AZURE_OPENAI_DEPLOYMENT: _, ...rest } = AZURE;
    expect(Object.keys(written({}, rest).loaded.config.models)).not.toContain('azure');
    const { loaded } = written({}, { ...AZURE, AZURE_OPENAI_API_VERSION: '2024-10-21' });
    expect(loaded.config.models['azure']).toMatchObject({ model: 'secret-deployment', apiVersion: '2024-10-21' });
  });

  it('quotes what YAML would take for something else', () => {
    const names = ['null', '1e3', 'a:1'];
    expect(Object.keys(written({ ollamaModels: names }).loaded.config.models)).toEqual(names);
  });

  it('begins with the schema for editors, and names every section of a file', () => {
    const { text } = written({});
    expect(text.split('\n')[0]).toBe(
      '# yaml-language-server: $schema=./node_modules/llm-router/docs/reference/config.schema.json',
    );
    const sections = [...text.matchAll(/^(?:# )?(\w+):(?: |$)/gm)].map((match) => match[1]!);
    const sorted = [...new Set(sections)].sort();
    expect(sorted).toEqual(
      [
        'breaker',
        'cache',
        'models',
        'queue',
        'readerTimeoutMs',
        'retries',
        'rules',
        'seed',
        'server',
        'timeoutMs',
      ].sort(),
    );
  });

  it('loads with every comment made a setting', () => {
    const { text } = written({}, {});
    const all = text.replaceAll(/^( *)# ( *)((?:- )?[a-zA-Z]+:)/gm, '$1$2$3');
    const file = join(folder, 'all.yaml');
    writeFileSync(file, all);
    const { config } = loadConfig(file, { environment: { LLM_ROUTER_ADMIN_KEY: 'k-1' } });
    expect(config.server).toEqual({ host: '127.0.0.1', port: 8000, adminKey: 'k-1' });
    expect(config.queue?.boostMs).toEqual({ critical: 60_000, high: 45_000, normal: 5_000, low: 0 });
    expect(config).toMatchObject({ seed: 1, timeoutMs: 120_000, cache: { ttlHours: 24 } });
  });
});

describe('llm-router init', () => {
  const run = async (file: string, flags: { force?: boolean; stdout?: boolean } = {}, environment = {}) => {
    const said = { out: '', err: '' };
    await init(
      file,
      { force: false, stdout: false, ...flags },
      {
        environment: { OLLAMA_HOST: '127.0.0.1:1', ...environment },
        out: (text) => {
          said.out += text;
        },
        err: (text) => {
          said.err += text;
        },
      },
    );
    return said;
  };

  it('writes the file, and says what it found and what to do next', async () => {
    const file = join(folder, 'my.yaml');
    const { out, err } = await run(file, {}, OPENAI);
    expect(out).toBe(
      [
        'Found: gpt-4o-mini (OPENAI_API_KEY)',
        `Written: ${file}`,
        'Next:',
        `  llm-router check ${file}`,
        `  llm-router serve --config ${file}`,
        '',
      ].join('\n'),
    );
    expect(err).toBe('');
    expect(readFileSync(file, 'utf8')).toContain('provider: openai');
  });

  it('finds the models of Ollama, and says which are left out', async () => {
    const models = ['a:1', 'b:1', 'c:1', 'd:1'].map((name) => ({ name }));
    const ollama = createServer((_request, response) => response.end(JSON.stringify({ models })));
    await new Promise<void>((resolve) => ollama.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(ollama.address() as AddressInfo).port}`;
    const { out } = await run(join(folder, 'a.yaml'), {}, { OLLAMA_HOST: host });
    expect(out).toContain(`Found: a:1 (Ollama at ${host})\n`);
    expect(out).toContain('Left out: d:1\n');
    ollama.closeAllConnections();
    ollama.close();
  });

  it('says so when the models are simulated', async () => {
    expect((await run(join(folder, 'a.yaml'))).out).toMatch(/OPENAI_API_KEY.*\n.*SIMULATED\.\n/);
  });

  it('leaves a file alone that is there, unless it is forced', async () => {
    const file = join(folder, 'a.yaml');
    writeFileSync(file, 'mine');
    await expect(run(file)).rejects.toThrow(`init: ${file} is there already; --force overwrites it`);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    await run(file, { force: true });
    expect(readFileSync(file, 'utf8')).toContain('models:');
  });

  it('says why a file cannot be written', async () => {
    const file = join(folder, 'no-such-folder', 'a.yaml');
    await expect(run(file)).rejects.toThrow(/^init: .*a\.yaml cannot be written: ENOENT/);
  });

  it('only prints with --stdout, and tells what it found elsewhere', async () => {
    const file = join(folder, 'a.yaml');
    const { out, err } = await run(file, { stdout: true }, OPENAI);
    expect(out).toMatch(/^# yaml-language-server: /);
    expect(err).toBe('Found: gpt-4o-mini (OPENAI_API_KEY)\n');
    expect(() => readFileSync(file)).toThrow('ENOENT');
  });
});
