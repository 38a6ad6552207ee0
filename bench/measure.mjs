// One design at one load, alone in this process: prints microseconds of CPU per request.
// Arguments: design, requests in flight, requests of warm-up, requests measured, and a feature of the router.
const [design, inFlight, warmUp, measured] = [process.argv[2], ...process.argv.slice(3, 6).map(Number)];
const { create } = await import(`./designs/${design}.mjs`);
const target = create({ backend: async () => ({ content: 'x' }), inFlight, feature: process.argv[6] });

async function run(requests) {
  let left = requests;
  const caller = async () => {
    while (left-- > 0) await target.generate('hi');
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
}

await run(warmUp);
const before = process.cpuUsage();
await run(measured);
const { user, system } = process.cpuUsage(before);
await target.stop();
process.stdout.write(`${(user + system) / measured}\n`);
