import { readFileSync } from 'node:fs';
import type { Inspector } from '@towpath/event-store/inspect';
import type { Projection } from '@towpath/event-store/projection';
import { nothingVerified } from '@towpath/event-store/verify-stores';
import { quietLogger } from '@towpath/cli/quiet-logger';
import { findingText } from '@towpath/cli/verify/verify';
import { anchorOf, verifyPlatform } from '@towpath/cli/verify/verify-platform';
import { inspect } from '@towpath/kafka/inspect';
import { ChainLinks } from './chain-links.js';
import { EffectsOnce } from './effects-once.js';
import { Findings, type Accepted, type EventRow, type SandboxLine, type Verdict } from './evidence.js';
import { OneOutcome, type InboxRow } from './one-outcome.js';
import { ReplayedProjections, type ProjectedRow } from './replayed-projections.js';
import { StreamOrder } from './stream-order.js';

/** Where the evidence lies. Nothing of it is what a service says about itself. */
export interface Evidence {
  /** from the sender's log */
  readonly accepted: Iterable<Accepted>;
  /** `effects.jsonl` of the sandbox */
  readonly sandboxLog: string;
  /** reads all stores and may write none */
  readonly inspector: Inspector;
  readonly brokers: readonly string[];
  /** topics that the relay writes */
  readonly topics: readonly string[];
  /** by schema, from the service's own files */
  readonly projections: ReadonlyMap<string, readonly Projection<unknown>[]>;
  /** `ce_id`s of records that a fault put on a topic by itself */
  readonly injected: ReadonlySet<string>;
}

const ROWS_PER_READ = 5_000;

/** Decides I1 to I6 from outside. Memory grows with the number of events, about 200 bytes each. */
export async function check(evidence: Evidence, report: (line: string) => void): Promise<Verdict[]> {
  const { inspector } = evidence;
  const [outcome, effects, order, chain] = [new OneOutcome(), new EffectsOnce(), new StreamOrder(), new ChainLinks()];
  const replays: ReplayedProjections[] = [];
  for (const schema of await inspector.schemas()) {
    const replay = new ReplayedProjections(schema, evidence.projections.get(schema) ?? []);
    replays.push(replay);
    let events = 0;
    for await (const row of eventsOf(inspector, schema)) {
      for (const one of [outcome, effects, replay]) one.event(row);
      for (const one of [order, chain]) one.event(schema, row);
      events += 1;
    }
    for await (const row of inboxOf(inspector, schema)) outcome.inbox(row);
    for await (const row of projectedOf(inspector, schema)) replay.row(row);
    report(`read ${events} events of ${schema}`);
  }
  for (const line of linesOf(evidence.sandboxLog)) effects.line(line);
  const records = await readTopics(evidence, order);
  report(`read ${records} records of ${evidence.topics.length} topics`);
  const own = await productVerify(evidence);
  return [
    outcome.verdict(evidence.accepted),
    ...effects.verdicts(),
    order.verdict(),
    chain.verdict(),
    own,
    ...replays.map((replay) => replay.verdict()),
  ];
}

async function readTopics({ brokers, topics, injected }: Evidence, order: StreamOrder): Promise<number> {
  let records = 0;
  for (const topic of topics) {
    const client = { brokers: [...brokers], clientId: 'towpath-checker', logger: quietLogger };
    for await (const record of inspect({ ...client, topic, from: 'beginning' })) {
      records += 1;
      if (!injected.has(record.headers['ce_id'] ?? '')) order.record(record);
    }
  }
  return records;
}

/** What the product's own verification says: chains, signed checkpoints, topics. */
async function productVerify({ inspector, brokers, topics, injected }: Evidence): Promise<Verdict> {
  const findings = new Findings('I4 verify finds nothing');
  const verified = nothingVerified();
  const target = { inspector, brokers, topics, schemas: await inspector.schemas(), verified };
  for await (const finding of verifyPlatform(target, await anchorOf(target))) {
    if (finding.eventId !== undefined && injected.has(finding.eventId)) continue;
    findings.check(false, () => findingText(finding));
  }
  for (let at = 0; at < verified.events + verified.covered; at += 1) findings.check(true, () => '');
  return findings.verdict();
}

async function* eventsOf(inspector: Inspector, schema: string): AsyncGenerator<EventRow> {
  let after = '0';
  for (;;) {
    const rows = await inspector.query<EventRow>(
      `select position, stream, version, id, type, kind, data, metadata, digest, hash, occurred_at
       from ${schema}.events where position > $1 order by position limit ${ROWS_PER_READ}`,
      [after],
    );
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < ROWS_PER_READ) return;
    after = last.position;
  }
}

async function* inboxOf(inspector: Inspector, schema: string): AsyncGenerator<InboxRow> {
  let after = '';
  for (;;) {
    const rows = await inspector.query<{ event_id: string; repeats: string }>(
      `select event_id, sum(repeats) as repeats from ${schema}.inbox where event_id > $1
       group by event_id order by event_id limit ${ROWS_PER_READ}`,
      [after],
    );
    for (const { event_id, repeats } of rows) yield { service: schema, eventId: event_id, repeats: Number(repeats) };
    const last = rows.at(-1);
    if (!last || rows.length < ROWS_PER_READ) return;
    after = last.event_id;
  }
}

async function* projectedOf(inspector: Inspector, schema: string): AsyncGenerator<ProjectedRow> {
  let after: readonly string[] = ['', ''];
  for (;;) {
    const rows = await inspector.query<ProjectedRow>(
      `select name, key, state from ${schema}.projections where (name, key) > ($1, $2)
       order by name, key limit ${ROWS_PER_READ}`,
      after,
    );
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < ROWS_PER_READ) return;
    after = [last.name, last.key];
  }
}

function linesOf(file: string): SandboxLine[] {
  // What follows the last newline is nothing, or a line that a kill cut off and nobody was answered for.
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as SandboxLine);
}
