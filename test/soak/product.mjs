/** What the soak needs of the built package. @param dist the URL of its folder, ending in a slash */
export async function loadProduct(dist) {
  const [main, machines, admission] = await Promise.all(
    ['src/index.js', 'machines/index.js', 'src/routing/admission.js'].map((path) => import(new URL(path, dist).href)),
  );
  return {
    LLMRouter: main.LLMRouter,
    BackendError: main.BackendError,
    systemClock: main.systemClock,
    createRequest: machines.createRequest,
    viewOf: machines.viewOf,
    refusal: admission.refusal,
    hasRoom: admission.hasRoom,
  };
}
