import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { EchoRequested } from '@towpath/contracts/echo/EchoRequested.v1';
import { databaseUrl } from '@towpath/cli/local/service-environment';
import { openStore } from '@towpath/event-store/pool';
import { sagaOf } from './echo.mjs';

const TICK_MS = 20;

/**
 * Asks for `sagas` sagas, evenly over `withinSeconds`, as the participant itself would: it appends to its store, and the relay
 * publishes. Answers when the first was asked for and when the last was committed, in ms since the epoch.
 */
export async function ask({ around, sagas, withinSeconds }) {
  const store = openStore({ url: databaseUrl(around, 'echo_service'), schema: 'echo', poolSize: 2 });
  const startedAt = Date.now();
  const perMs = sagas / (withinSeconds * 1_000);
  try {
    for (let asked = 0; asked < sagas;) {
      const due = Math.min(sagas, Math.ceil((Date.now() - startedAt + TICK_MS) * perMs));
      if (due > asked) await store.append(Array.from({ length: due - asked }, (_, index) => requestOf(asked + index)));
      asked = Math.max(asked, due);
      const early = asked / perMs - (Date.now() - startedAt) - TICK_MS;
      if (early > 0) await delay(Math.min(early, TICK_MS));
    }
    return { startedAt, endedAt: Date.now() };
  } finally {
    await store.close();
  }
}

function requestOf(n) {
  const id = randomUUID();
  const echoId = randomUUID();
  return {
    id,
    stream: `echo-request-${echoId}`,
    type: EchoRequested.type,
    data: { echoId, refuses: sagaOf(n).refuses },
    metadata: { correlationId: id, causationId: id, hops: 0, handler: 'bench', taint: 'own' },
    occurredAt: new Date(),
    expectedVersion: 0,
  };
}
