import { randomUUID } from 'node:crypto';
import { EchoRequested } from '@towpath/contracts/echo/EchoRequested.v1';

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
  /** It is over before a person's command comes through ingress. */
  waitsAt: () => false,
  servedBy: () => 'echo',
  firstOf: () => 'first',
  /** Its time-outs are longer than anybody wants to wait. */
  timesOut: () => false,
  /** by step: how often it was done, and taken back */
  async effectsOf(stack, key) {
    const rows = await stack.inspector.query(
      "select type, data ->> 'step' as step, count(*)::int as n from echo.events where stream = $1 group by 1, 2",
      [`echo-${key}`],
    );
    return ['first', 'second', 'third'].map((step) => ({
      step,
      done: rows.find((row) => row.step === step && row.type === 'echo.v1.Echoed')?.n ?? 0,
      undone: rows.find((row) => row.step === step && row.type === 'echo.v1.EchoUndone')?.n ?? 0,
    }));
  },
};
