import { commandRef } from '../command-id.js';
import { partsOf, type SagaDefinition } from '../definition.js';

/** What a command of a saga asks for, for people: `ship`, `undo of charge`, `outcome of ship by other-carrier (2)`. */
export function labelOf(definition: SagaDefinition, commandId: string): string {
  const ref = commandRef(commandId);
  const part = ref && partsOf(definition)[ref.part];
  if (!part) return 'unknown command';
  const way = part.kind === 'step' ? (part.ways[ref.way]?.name ?? part.name) : part.name;
  const act = way === part.name ? part.name : `${part.name} by ${way}`;
  const side = ref.side === 'undo' ? `undo of ${act}` : act;
  const probed = ref.probe ? `outcome of ${side}` : side;
  return ref.attempt > 1 ? `${probed} (${ref.attempt})` : probed;
}
