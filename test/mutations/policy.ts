import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../src/config/load.ts';
import { PolicyMismatchError } from '../../src/verify/testing/policy-mismatch.ts';
import { testPolicy } from '../../src/verify/testing/test-policy.ts';

/** The example policies, and what their own suites hand to `testPolicy`. */
const POLICIES = ['local-first', 'batch-and-interactive', 'two-regions'];
const OPTIONS = { coverage: 'none' } as const;

/** What they read: nobody is called there. */
const environment = {
  OPENAI_API_KEY: 'none',
  ANTHROPIC_API_KEY: 'none',
  AZURE_EU_KEY: 'none',
  AZURE_US_KEY: 'none',
  AZURE_EU_ENDPOINT: 'http://localhost',
  AZURE_US_ENDPOINT: 'http://localhost',
};

/** How an example policy has found the router out. */
export interface Caught {
  readonly policy: string;
  readonly steps: number;
  /** The first thing that is not as the policy says. */
  readonly difference: string;
}

/** Which of the example policies find the router out, as it is loaded here. */
export async function caughtBy(): Promise<readonly Caught[]> {
  const caught: Caught[] = [];
  for (const policy of POLICIES) {
    const file = fileURLToPath(new URL(`../../examples/policies/${policy}/llm-router.yaml`, import.meta.url));
    const { config } = loadConfig(file, { environment });
    const error = await testPolicy(config, OPTIONS).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (error === null) continue;
    if (!(error instanceof PolicyMismatchError)) throw error;
    caught.push({ policy, steps: error.path.length, difference: firstOf(error) });
  }
  return caught;
}

function firstOf({ differences: [first], cause }: PolicyMismatchError): string {
  if (first === undefined) return String(cause);
  const { where, expected, happened } = first;
  return `${where}: ${JSON.stringify(expected)} expected, ${JSON.stringify(happened)} happened`;
}
