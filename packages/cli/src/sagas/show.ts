import { openInspector, type Inspector } from '@towpath/event-store/inspect';
import { schemaOf } from '@towpath/event-store/names';
import type { StoredEvent } from '@towpath/event-store/types';
import type { Addresses } from '../addresses.js';
import type { Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import { harmless } from '../readable.js';
import { declaredSaga } from './declared.js';
import { ORCHESTRATOR, sagaCalled } from './saga-rows.js';
import { timelineOf } from './timeline.js';
import { timelineText } from './timeline-text.js';

/** Shows one saga as a timeline. Throws SAGA_NOT_FOUND, SAGA_AMBIGUOUS. */
export async function showSaga(context: Context, addresses: Addresses, saga: string): Promise<void> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const row = await sagaCalled(inspector, saga);
    const declared = declaredSaga(row.definition, row.version);
    const steps = declared?.parts.map(({ name }) => name) ?? [];
    const timeline = timelineOf(await historyOf(inspector, row.sagaId), steps);
    context.show(harmless(timelineText(row, timeline, context.colors)), { ...row, ...timeline });
  } finally {
    await inspector.close();
  }
}

async function historyOf(inspector: Inspector, sagaId: string): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  const asked = { schema: schemaOf(ORCHESTRATOR), stream: `saga-${sagaId}` };
  for await (const event of inspector.events(asked)) events.push(event);
  return events;
}
