import { BreakerChanged } from '@towpath/contracts/platform/BreakerChanged.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';

/** How each way out of a service stands, as far as it ever changed. */
export const breakers = projection<BreakerChanged>({
  name: 'breakers',
  keysOf: (event) => (isOf(BreakerChanged, event) ? [event.data.breakerId] : []),
  evolve: (row, event) => (isOf(BreakerChanged, event) ? event.data : row),
});

/** A breaker of a service as `towpath breakers list` shows it. */
export function breakerIdOf(service: string, name: string): string {
  return `${service}/${name}`;
}
