import { Echo } from '@towpath/contracts/echo/Echo.v1';
import { Echoed } from '@towpath/contracts/echo/Echoed.v1';
import { EchoRefused } from '@towpath/contracts/echo/EchoRefused.v1';
import { EchoRequested } from '@towpath/contracts/echo/EchoRequested.v1';
import { EchoUndone } from '@towpath/contracts/echo/EchoUndone.v1';
import { UndoEcho } from '@towpath/contracts/echo/UndoEcho.v1';
import { ask } from '@towpath/sagas/ask';
import { saga } from '@towpath/sagas/saga';

/** Longer than a benchmark's busiest moment. */
const ANSWER_MS_MAX = 120_000;

/** Three steps of a participant that calls nobody: what it takes is what sagas themselves take. Benchmarks start it, nobody else. */
export const echoSaga = saga('echo', { version: 1 })
  .startsWith(EchoRequested, ({ echoId }) => echoId)
  .step('first', echoed('first'))
  .step('second', echoed('second'))
  .step('third', echoed('third'))
  .build();

function echoed(step: string) {
  return {
    do: ({ start: { echoId, refuses } }: { readonly start: EchoRequested }) =>
      ask(Echo, { echoId, step, refuse: refuses === step }),
    done: Echoed,
    failed: EchoRefused,
    undo: ({ start: { echoId } }: { readonly start: EchoRequested }) => ask(UndoEcho, { echoId, step }),
    undone: EchoUndone,
    timeoutMs: ANSWER_MS_MAX,
  };
}
