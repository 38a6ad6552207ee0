import { not } from 'xstate';
import { modelMachine } from '../../machines/model/model.machine.ts';
import { routerMachine } from '../../machines/router.machine.ts';

type Implementations = Record<'guards' | 'actions', Record<string, unknown>>;

const MACHINES = { model: modelMachine, router: routerMachine };

/** `router.guards.isOver`: negates that guard; `model.actions.report`: drops that action. */
function apply(mutant: string): void {
  const [machine, kind, name] = mutant.split('.') as [keyof typeof MACHINES, 'guards' | 'actions', string];
  // In place: a machine that is made by `provide` takes over what it finds here.
  const implementations = MACHINES[machine].implementations as unknown as Implementations;
  const original = implementations[kind][name];
  if (original === undefined) throw new Error(`MUTANT: given ${mutant}, which names nothing`);
  implementations[kind][name] = kind === 'actions' ? () => {} : not(original as never);
}

const { MUTANT } = process.env;
if (MUTANT !== undefined) apply(MUTANT);
