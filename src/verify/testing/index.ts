export { SimulatedBackend } from '../../backends/simulated.ts';
export type { RouterConfig } from '../../config/router-config.ts';
export {
  type AssertPolicyOptions,
  assertPolicy,
  type PolicyDecision,
  type PolicyProperty,
  type PolicyState,
  PolicyViolationError,
} from '../check/assert-policy.ts';
export { type CheckOptions, type CheckProgress, checkPolicy } from '../check/check-policy.ts';
export type {
  ClassFigures,
  DecisionOutcome,
  Finding,
  FindingCode,
  ModelFigures,
  PolicyReport,
} from '../check/finding.ts';
export type { RoutingState } from '../check/routing-state.ts';
export { type Policy, type PolicyModel, type PolicyRule, policyFrom as policyOf } from '../policy.ts';
export type {
  ModelObservation,
  OperatorEventType,
  PolicyEvent,
  PolicyObservation,
  PolicyOutcome,
} from '../policy-events.ts';
export type { PolicySource } from '../policy-source.ts';
export {
  arbitraryWorkload,
  type RunWorkloadOptions,
  runWorkload,
  type Workload,
  type WorkloadOptions,
  type WorkloadRun,
} from './arbitrary-workload.ts';
export type { ContractCase } from './backend-contract/contract.ts';
export type { BackendBehaviour, BackendContractOptions, ExpectedFailure } from './backend-contract/options.ts';
export { backendContract } from './backend-contract.ts';
export { type ChartCoverage, type MachineCoverage, machineCoverage, type Reached } from './coverage.ts';
export type { EventKind } from './event-kind.ts';
export { expectTrace, type TraceExpectation } from './expect-trace.ts';
export { type MatcherResult, type PolicyMatchers, policyMatchers } from './matchers.ts';
export type { Coverage } from './path-goals.ts';
export type { PolicyPath, PolicyPaths } from './paths-through.ts';
export { alphabetOf } from './policy-alphabet.ts';
export type { PolicyChoice } from './policy-choice.ts';
export {
  type PolicyCommand,
  type PolicyCommandModel,
  type PolicyCommands,
  type PolicyCommandsOptions,
  policyCommands,
} from './policy-commands.ts';
export { type CreateRouter, PolicyDriver } from './policy-driver.ts';
export { type Difference, PolicyMismatchError } from './policy-mismatch.ts';
export { type PolicyState as PolicyModelState, policyModel } from './policy-model.ts';
export { type PolicyPathOptions, policyPaths } from './policy-paths.ts';
export type { CallOutcome, PolicyAlphabet, PolicySpecification, RequestKind } from './policy-specification.ts';
export type { PolicyProgress } from './policy-step.ts';
export type { PreparedPolicyOptions } from './prepared-policy.ts';
export {
  ScriptedBackend,
  type ScriptedBackendOptions,
  type ScriptedCall,
  type ScriptedStream,
  ScriptedStreamingBackend,
} from './scripted-backend.ts';
export { type PolicySize, smallPolicy, testablePolicy } from './small-policy.ts';
export { type TestPolicyFigures, type TestPolicyOptions, testPolicy } from './test-policy.ts';
export { VirtualClock } from './virtual-clock.ts';
