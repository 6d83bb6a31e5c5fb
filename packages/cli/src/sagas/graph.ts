import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { declaredSagas } from './declared.js';

/** Shows a definition, in its newest version, as a Mermaid diagram; all of them without a name. Throws SAGA_UNKNOWN. */
export function showGraph(context: Context, name?: string): void {
  const newest = new Map(
    declaredSagas()
      .toReversed()
      .map((saga) => [saga.name, saga]),
  );
  const chosen = name === undefined ? [...newest.values()].reverse() : [newest.get(name)];
  for (const saga of chosen) {
    if (!saga) {
      const known = [...newest.keys()].sort().join(', ');
      throw new CliError('SAGA_UNKNOWN', `no saga is called ${name}; there are ${known}.`);
    }
    context.show(saga.mermaid, saga);
  }
}
