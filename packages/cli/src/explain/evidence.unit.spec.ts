import type { InspectedEvent, Inspector } from '@towpath/event-store/inspect';
import type { Mismatch } from '@towpath/event-store/verify';
import { gatherEvidence } from './evidence.js';

const APPLICATION = 'loan_7';
const STREAM = `loan-${APPLICATION}`;

/** The event of a loan that came `order`th; each is caused by the one before. */
function event(order: number, type: string, data: object, more: Partial<InspectedEvent> = {}): InspectedEvent {
  const metadata = { correlationId: 'story', causationId: idOf(order - 1), hops: order, handler: 'h' };
  const place = { schema: 'lending', stream: STREAM, version: order, position: order, kind: 'event' };
  return { id: idOf(order), type, data, metadata, occurredAt: new Date(order), ...place, ...more } as InspectedEvent;
}

const idOf = (order: number): string => `00000000-0000-4000-8000-00000000000${order}`;

const received = event(
  1,
  'loans.v1.LoanApplicationReceived',
  {},
  { schema: 'triage', stream: `loan-application-${APPLICATION}`, version: 1 },
);
const opened = event(2, 'lending.v1.LoanCaseOpened', { purpose: 'car' });
const analyzed = event(3, 'lending.v1.CreditAnalyzed', {
  inputs: 'enc1:x',
  inputsHash: 'aa',
  decidedBy: 'analyst',
  runId: 'r1',
});
const declined = (data: object) => event(4, 'lending.v1.LoanDeclined', { reasons: [], decidedBy: 'analyst', ...data });
const step = event(
  5,
  'agents.v1.RunStepFinished',
  { inputHash: 'bb' },
  { kind: 'internal', stream: 'agent-run-r1', version: 1 },
);

/** Stores with these events, one of whose streams may be broken. */
function inspectorOf(events: readonly InspectedEvent[], broken?: Mismatch): Inspector {
  return {
    schemas: async () => ['triage', 'lending'],
    eventById: async (id: string) => events.find((one) => one.id === id),
    eventsByCorrelation: async (id: string) => (id === 'story' ? events : []),
    query: async (_text: string, [streams]: [string[]]) =>
      events.some(({ stream }) => Array.isArray(streams) && streams.includes(stream)) ? [{ story: 'story' }] : [],
    causes: async () => [received],
    async *events({ schema, stream, toVersion = Infinity }: { schema: string; stream?: string; toVersion?: number }) {
      yield* events.filter((one) => one.schema === schema && one.stream === stream && one.version <= toVersion);
    },
    async *verify({ stream }: { stream?: string }) {
      if (broken?.stream === stream) yield broken!;
    },
  } as unknown as Inspector;
}

describe('the evidence of a decision', () => {
  it('is the analysis whose hash it names, the steps of its agent, and what led to it', async () => {
    const events = [received, opened, analyzed, declined({ inputsHash: 'aa' }), step];
    const { decision, basis, steps, causes, streams } = await gatherEvidence(inspectorOf(events), idOf(4));
    expect(decision.type).toBe('lending.v1.LoanDeclined');
    expect([basis, steps, causes].map((all) => all.map(({ type }) => type.split('.')[2]))).toEqual([
      ['CreditAnalyzed'],
      ['RunStepFinished'],
      ['LoanApplicationReceived'],
    ]);
    expect(streams.map(({ stream }) => stream)).toEqual([STREAM, `loan-application-${APPLICATION}`, 'agent-run-r1']);
  });

  it('is found by what was decided about: the newest decision of its own stream', async () => {
    const events = [received, opened, analyzed, declined({ inputsHash: 'aa' }), step];
    const { decision } = await gatherEvidence(inspectorOf(events), APPLICATION);
    expect(decision.id).toBe(idOf(4));
  });

  it('of a person who named nothing is the newest analysis before', async () => {
    const { basis } = await gatherEvidence(inspectorOf([received, opened, analyzed, declined({})]), idOf(4));
    expect(basis.map(({ id }) => id)).toEqual([idOf(3)]);
  });

  it('is not taken from an analysis with another hash', async () => {
    const events = [received, opened, analyzed, declined({ inputsHash: 'cc' })];
    expect((await gatherEvidence(inspectorOf(events), idOf(4))).basis).toEqual([]);
  });

  it('says which stream was changed', async () => {
    const broken: Mismatch = { stream: STREAM, version: 3, reason: 'content' };
    const { streams } = await gatherEvidence(inspectorOf([received, analyzed, declined({})], broken), idOf(4));
    expect(streams.filter(({ mismatches }) => mismatches.length > 0)).toEqual([
      { schema: 'lending', stream: STREAM, mismatches: [broken] },
    ]);
  });

  it('of what no store knows is none', async () => {
    await expect(gatherEvidence(inspectorOf([]), 'loan_8')).rejects.toMatchObject({ code: 'EVENT_NOT_FOUND' });
  });
});
