import type { ViewProps } from '../app.tsx';

export function Timeline({ view, chosen }: ViewProps) {
  return <pre>{JSON.stringify({ chosen, models: view.models }, null, 1)}</pre>;
}
