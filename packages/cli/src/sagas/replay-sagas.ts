import { openInspector, type InspectedEvent, type Inspector } from '@towpath/event-store/inspect';
import { schemaOf } from '@towpath/event-store/names';
import type { Addresses } from '../addresses.js';
import type { Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import { verdictLines, verdictsOf, type ServiceVerdict } from '../replay/replay-story.js';
import { messageIn } from '../replay/story-messages.js';
import type { ReplayMessage } from '../replay/verdict.js';
import { ORCHESTRATOR, sagaCalled, sagaRows, type SagaFilter } from './saga-rows.js';

/**
 * Holds stored histories against the code that is here: all that sagas heard is decided again, from their histories as they were, and compared
 * with what was decided then. The exit code is 1 when something differs or can't be decided. Throws SAGA_NOT_FOUND, SAGA_AMBIGUOUS.
 */
export async function replaySagas(
  context: Context,
  addresses: Addresses,
  { saga, limit, ...filter }: SagaFilter & { readonly saga?: string; readonly limit: number },
  signal: AbortSignal,
): Promise<void> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const rows = saga === undefined ? await sagaRows(inspector, filter, limit) : [await sagaCalled(inspector, saga)];
    const heard = await heardBy(
      inspector,
      rows.map(({ sagaId }) => sagaId),
    );
    context.note(`deciding again what ${rows.length} sagas heard: ${heard.length} messages …`);
    const verdicts: ServiceVerdict[] = [];
    for await (const verdict of verdictsOf(addresses, ORCHESTRATOR, heard, signal)) verdicts.push(verdict);
    show(context, rows.length, verdicts);
    if (verdicts.some(isWrong)) process.exitCode = 1;
  } finally {
    await inspector.close();
  }
}

/** Every message that led to an event of these sagas, each once; their own timers follow from what is decided of these. */
async function heardBy(inspector: Inspector, sagaIds: readonly string[]): Promise<ReplayMessage[]> {
  const rows = await inspector.query<{ id: string }>(
    `select metadata ->> 'causationId' as id from ${schemaOf(ORCHESTRATOR)}.events
     where stream = any($1) and archived_at is null group by 1 order by min(position)`,
    [sagaIds.map((sagaId) => `saga-${sagaId}`)],
  );
  const messages: ReplayMessage[] = [];
  for (const { id } of rows) {
    const event: InspectedEvent | undefined = await inspector.eventById(id);
    const message = event && messageIn(event);
    if (message) messages.push(message);
  }
  return messages;
}

function isWrong({ verdict }: ServiceVerdict): boolean {
  return verdict === 'differs' || verdict === 'failed';
}

function show(context: Context, sagas: number, verdicts: readonly ServiceVerdict[]): void {
  const { colors } = context;
  const count = (wanted: ServiceVerdict['verdict']) => verdicts.filter(({ verdict }) => verdict === wanted).length;
  const counts = { same: count('same'), differs: count('differs'), failed: count('failed') };
  const wrong = verdicts.filter(isWrong);
  const paint = wrong.length > 0 ? colors.red : colors.green;
  const said = `${verdicts.length} decisions: ${counts.same} same, ${counts.differs} differ, ${counts.failed} failed`;
  const lines = wrong.flatMap((verdict) => verdictLines(verdict, colors));
  context.show([`${colors.bold(`${sagas} sagas`)}  ${paint(said)}`, ...lines].join('\n'), {
    ...{ sagas, decisions: verdicts.length, ...counts, wrong },
  });
}
