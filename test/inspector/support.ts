import type { Inspector, Watching } from '../../src/inspector/inspector.ts';
import type { Frame } from '../../src/inspector/protocol.ts';
import { apply, EMPTY, type View } from '../../src/inspector/web/view.ts';
import type { LLMRouter } from '../../src/llm-router.ts';

/** Somebody who watches as the page does. */
export interface TestViewer extends Watching {
  readonly frames: Frame[];
  /** What the page would show now. */
  view: View;
  /** How many further frames it takes until it is behind. */
  patience: number;
}

export function watch(inspector: Inspector, onFrame: (view: View, frame: Frame) => void = () => {}): TestViewer {
  const viewer = { frames: [] as Frame[], view: EMPTY, patience: Number.POSITIVE_INFINITY };
  const watching = inspector.watch({
    send(json) {
      const frame = JSON.parse(json) as Frame;
      viewer.frames.push(frame);
      viewer.view = apply(viewer.view, frame);
      onFrame(viewer.view, frame);
      return --viewer.patience > 0;
    },
  });
  return Object.assign(viewer, watching);
}

interface Countable {
  readonly eventListeners: Map<string, Set<unknown>>;
  readonly observers: Set<unknown>;
}

/** Everything that is attached to a router's actors: inspectors, listeners and subscribers. */
export function attachmentsOf(router: LLMRouter): { count(): number; readonly inspectors: number } {
  const { system } = router.actor;
  let inspectors = 0;
  const inspect = system.inspect;
  system.inspect = (observer) => {
    const subscription = inspect(observer);
    inspectors++;
    return {
      unsubscribe() {
        inspectors--;
        subscription.unsubscribe();
      },
    };
  };
  const of = (ref: unknown): number => {
    const { eventListeners, observers } = ref as Countable;
    return [...eventListeners.values()].reduce((sum, { size }) => sum + size, observers.size);
  };
  return {
    count: () => {
      const { children } = router.actor.getSnapshot();
      return inspectors + of(router.actor) + Object.values(children).reduce((sum, ref) => sum + of(ref), 0);
    },
    get inspectors() {
      return inspectors;
    },
  };
}
