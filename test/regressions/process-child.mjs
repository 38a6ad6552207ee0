// Arguments: the URL of the built package, and what to do. Prints what happened when.
const [, , url, mode] = process.argv;
const { BackendError, LLMRouter } = await import(url);

const startedAt = performance.now();
const print = (what) => process.stdout.write(`${JSON.stringify({ what, ms: performance.now() - startedAt })}\n`);
process.on('exit', () => print('exit'));

const backend = {
  async generate(request) {
    if (request.prompt === 'fail') throw new BackendError('down', { status: 500 });
    if (request.prompt === 'wait') {
      // Nothing of this promise keeps the process alive: its timer is unref'd, as an idle socket's would be.
      await new Promise((resolve) => setTimeout(resolve, 300).unref());
    }
    return { content: 'ok' };
  },
};
const clock = { now: () => 0, wallNow: () => 0, setTimeout() {}, clearTimeout() {}, isManual: true };
const router = new LLMRouter(mode === 'manual' ? { clock } : {});
router.addModel('m', { backend, breaker: { failureThreshold: 1, recoveryTimeoutMs: 60_000 }, maxConcurrency: 1 });

if (mode === 'idle') {
  await router.generate('hi');
} else if (mode === 'open') {
  await router.generate('fail').catch(() => {});
  print(router.getModelStatus().m.circuitBreaker.state);
} else if (mode === 'pending') {
  router.generate('wait').then(({ content }) => print(content));
} else if (mode === 'deadline') {
  // The backend never answers and holds nothing: only the deadline ends this.
  backend.generate = () => new Promise(() => {});
  router.generate('hi', { timeoutMs: 300 }).catch(({ code }) => print(code));
} else if (mode === 'manual') {
  // Nobody moves the clock any more, as in a test that has failed.
  backend.generate = () => new Promise(() => {});
  router.generate('hi').catch(({ code }) => print(code));
} else if (mode === 'stopped') {
  backend.generate = () => new Promise(() => {});
  router.generate('hi').catch(({ code }) => print(code));
  void router.stop({ graceMs: 300 });
}
