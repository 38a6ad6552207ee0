import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { build } from '../../support/build.ts';
import { MODELS, NO_MODELS } from './models.ts';

const FAKE = new URL('./fake-transformers.mjs', import.meta.url).href;
const built = build();

/** Runs a script that has `load(model)` and `signal`, and gives how its process ended. */
function run(script: string, env: Readonly<Record<string, string>> = {}): { status: number | null; output: string } {
  const code = `
    import { localEmbedder } from '${built.url('src/cache/embedders/local.js')}';
    import { startProcess, startThread } from '${built.url('src/cache/embedders/local-engine.js')}';
    const { signal } = new AbortController();
    // The embedder itself must not keep the process, so while it is awaited something else has to.
    const hold = setInterval(() => {}, 1_000);
    const fake = (start) => localEmbedder({ modelPath: '/nowhere' }, { packages: [{ name: '${FAKE}', start }] });
    ${script}
    clearInterval(hold);
    console.log('end of script');
  `;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    encoding: 'utf8',
    timeout: 20_000,
    env: { ...process.env, ...env },
  });
  return { status, output: stdout + stderr };
}

const ENDED = { status: 0, output: 'end of script\n' };

describe('a process with an embedder that is loaded and not closed', () => {
  it.each(['startThread', 'startProcess'])('ends by itself: %s', (start) => {
    expect(run(`await (await fake(${start}).load(() => {})).embed('hi', signal);`)).toEqual(ENDED);
  });

  it.each(['startThread', 'startProcess'])('closes it while nothing else keeps the process: %s', (start) => {
    const script = `const source = fake(${start}); await source.load(() => {}); clearInterval(hold); await source.close();`;
    expect(run(script)).toEqual(ENDED);
  });

  if (NO_MODELS === null) {
    const load = 'const embedder = await localEmbedder().load(() => {});';
    const env = { LLM_ROUTER_MODEL_PATH: MODELS };

    it('ends by itself with a real model', () => {
      expect(run(`${load} await embedder.embed('hi', signal);`, env)).toEqual(ENDED);
    });

    it('ends well in the midst of a text', () => {
      const script = `${load} for (let i = 0; i < 50; i++) embedder.embed('far away '.repeat(100) + i, signal);
        await embedder.embed('far', AbortSignal.timeout(60)).catch(() => {});`;
      expect(run(script, env)).toEqual(ENDED);
      expect(run(`${script} console.log('end of script'); process.exit(7);`, env)).toEqual({ ...ENDED, status: 7 });
    });

    // The session is made in native code, some time after its file has been read.
    it.each([0, 20, 40, 80, 120])('ends well in the midst of loading: %i ms after the weights', (ms) => {
      const script = `const areRead = new Promise((resolve) => {
          localEmbedder().load(({ file }) => file.endsWith('.onnx') && resolve()).catch(() => {});
        });
        await areRead;
        await new Promise((resolve) => setTimeout(resolve, ${ms}));`;
      expect(run(script, env)).toEqual(ENDED);
    });

    it('goes on when an embedder is closed in the midst of a text', () => {
      const script = `const source = localEmbedder(); const embedder = await source.load(() => {});
        for (let i = 0; i < 50; i++) embedder.embed('far away '.repeat(100) + i, signal).catch(() => {});
        await embedder.embed('far', AbortSignal.timeout(60)).catch(() => {});
        await source.close();`;
      expect(run(script, env)).toEqual(ENDED);
    });
  } else {
    it.skip(`ends well in the midst of a text: not run, because ${NO_MODELS}`, () => {});
  }
});
