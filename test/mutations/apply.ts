import { not } from 'xstate';
import { cacheMachine } from '../../machines/cache.machine.ts';
import { modelMachine } from '../../machines/model/model.machine.ts';
import { routerMachine } from '../../machines/router.machine.ts';

type Implementations = Record<'guards' | 'actions', Record<string, unknown>>;

interface Machine {
  readonly implementations: Implementations;
  provide(given: Partial<Implementations>): Machine;
}

const MACHINES = { cache: cacheMachine, model: modelMachine, router: routerMachine };

/** `router.guards.isOver`: negates that guard; `model.actions.report`: drops that action. */
function apply(mutant: string): void {
  const [name, kind, member] = mutant.split('.') as [keyof typeof MACHINES, 'guards' | 'actions', string];
  const machine = MACHINES[name] as unknown as Machine;
  if (machine.implementations[kind][member] === undefined) {
    throw new Error(`MUTANT: given ${mutant}, which names nothing`);
  }
  const mutate = ({ implementations }: Machine): void => {
    const original = implementations[kind][member];
    implementations[kind][member] = kind === 'actions' ? () => {} : not(original as never);
  };
  // What `provide` puts in place of an implementation is mutated too.
  const provide = machine.provide.bind(machine);
  machine.provide = (given) => {
    const { [member]: replacement } = given[kind] ?? {};
    const provided = provide(given);
    if (replacement !== undefined) mutate(provided);
    return provided;
  };
  mutate(machine);
}

const { MUTANT } = process.env;
if (MUTANT !== undefined) apply(MUTANT);
