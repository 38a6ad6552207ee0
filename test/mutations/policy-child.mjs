// Prints, as JSON, which example policies find the router out with the mutation that is named by the argument, if any.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const load = async (name, plugins = []) => {
  const file = fileURLToPath(new URL(name, import.meta.url));
  return (await runnerImport(file, { configFile: false, logLevel: 'error', plugins })).module;
};

const [name] = process.argv.slice(2);
const { POLICY_MUTATIONS } = await load('patches.ts');
const { patchPlugin } = await load('patch-plugin.ts');
const mutation = POLICY_MUTATIONS.find((one) => one.mutation === name);
const { caughtBy } = await load('policy.ts', mutation === undefined ? [] : [patchPlugin(mutation)]);
process.stdout.write(JSON.stringify(await caughtBy()));
