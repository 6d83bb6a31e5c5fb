import { Echoed } from '@towpath/contracts/echo/Echoed.v1';
import { EchoUndone } from '@towpath/contracts/echo/EchoUndone.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';

/** What became of the steps of one echo, by step. */
export interface EchoState {
  readonly steps: Readonly<Record<string, 'answered' | 'taken-back'>>;
}

export const echo = aggregate<EchoState>({
  stream: 'echo',
  initial: { steps: {} },
  evolve: ({ steps }, event) => {
    if (isOf(Echoed, event)) return { steps: { ...steps, [event.data.step]: 'answered' } };
    if (isOf(EchoUndone, event)) return { steps: { ...steps, [event.data.step]: 'taken-back' } };
    return { steps };
  },
});
