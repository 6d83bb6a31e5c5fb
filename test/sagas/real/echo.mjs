import { randomUUID } from 'node:crypto';
import { Echoed } from '@towpath/contracts/echo/Echoed.v1';
import { EchoRequested } from '@towpath/contracts/echo/EchoRequested.v1';
import { EchoUndone } from '@towpath/contracts/echo/EchoUndone.v1';

const REFUSED = /^(first|second|third)\/\1\/act$/;

/** Echoes call nobody: the participant's own store says what was done. */
export const echo = {
  definition: 'echo',
  prepare: () => Promise.resolve(),
  async begin(stack, key, { conducts }) {
    const refuses =
      Object.keys(conducts)
        .find((what) => conducts[what] === 'refused')
        ?.split('/')[0] ?? null;
    const id = randomUUID();
    const metadata = { correlationId: id, causationId: id, hops: 0, handler: 'matrix', taint: 'own' };
    const event = { id, type: EchoRequested.type, data: { echoId: key, refuses }, metadata, occurredAt: new Date() };
    await stack.echoStore.append([{ ...event, stream: `echo-request-${key}`, expectedVersion: 0 }]);
  },
  conducts: (what, conduct) => conduct === 'refused' && REFUSED.test(what),
  servedBy: () => 'echo',
  /** By step: how often it came to be done, and was taken back. What is answered once more changes neither. */
  async effectsOf(stack, key) {
    const rows = await stack.inspector.query(
      "select type, data ->> 'step' as step from echo.events where stream = $1 order by position",
      [`echo-${key}`],
    );
    return ['first', 'second', 'third'].map((step) => {
      const changes = rows
        .filter((row) => row.step === step && (row.type === Echoed.type || row.type === EchoUndone.type))
        .map(({ type }) => (type === Echoed.type ? 'done' : 'undone'))
        .filter((change, index, all) => change !== (all[index - 1] ?? 'undone'));
      const count = (wanted) => changes.filter((change) => change === wanted).length;
      return { step, done: count('done'), undone: count('undone') };
    });
  },
};
