import { hash, randomBytes } from 'node:crypto';
import type { Type } from '@nestjs/common';
import { MemoryJournal } from '@towpath/agents/testing/agent-kit';
import { Runner } from '@towpath/agents/runner';
import { all, contractOf } from '@towpath/contracts/catalogue';
import type { Contract } from '@towpath/contracts/contract';
import { CreditReportFetched } from '@towpath/contracts/egress/CreditReportFetched.v1';
import { CreditAnalyzed } from '@towpath/contracts/lending/CreditAnalyzed.v1';
import { LoanApproved } from '@towpath/contracts/lending/LoanApproved.v1';
import { LoanApplicationReceived } from '@towpath/contracts/loans/LoanApplicationReceived.v1';
import { decryptPii } from '@towpath/event-store/cipher';
import { openStore } from '@towpath/event-store/pool';
import { setupDatabase } from '@towpath/event-store/setup';
import { createSpecDatabase, type SpecDatabase } from '@towpath/event-store/spec-database';
import type { EventStore } from '@towpath/event-store/types';
import { openVault, type Vault } from '@towpath/event-store/vault';
import { foldsOf } from '@towpath/service-kit/folds';
import { handlerTable } from '@towpath/service-kit/handler-table';
import { createLogger } from '@towpath/service-kit/logger';
import { Metrics } from '@towpath/service-kit/metrics';
import { GroupProcessor } from '@towpath/service-kit/pipeline/group-processor';
import type { Item } from '@towpath/service-kit/pipeline/item';
import { PipelineMetrics } from '@towpath/service-kit/pipeline/pipeline-metrics';
import { fourEyesLimits } from '@towpath/service-kit/reviews/four-eyes';
import { ReviewDesk } from '@towpath/service-kit/reviews/review-desk';
import { AnalyzeCredit } from './analyze-credit.handler.js';
import { byScorecard } from './credit-analyst.agent.js';
import { creditInputs, type LoanFacts } from './credit-facts.js';
import { DecideLoanReview } from './decide-loan-review.handler.js';
import { aggregates, handlers } from './lending.module.js';
import { loanCase } from './loan-case.js';
import { anApplication, aReport, NOON } from './lending-world.fixture.js';
import { readReport } from './read-report.js';

let database: SpecDatabase;
let store: EventStore;
let vault: Vault;
/** Roles belong to the cluster, so the spec's service has a name of its own. */
const schema = `l${randomBytes(4).toString('hex')}`;

beforeAll(async () => {
  database = await createSpecDatabase();
  const contracts = all().map((one) => ({ ...one, producers: one.producers.includes('lending') ? [schema] : [] }));
  const passwords = { [`${schema}_service`]: 'spec' };
  await setupDatabase({ adminUrl: database.adminUrl, services: [schema], contracts, passwords, slot: null });
  store = openStore({ url: database.urlOf(`${schema}_service`), schema });
  vault = await openVault({ url: database.urlOf(`${schema}_service`) });
}, 120_000);

afterAll(async () => {
  await store?.close();
  await vault?.close();
  await database?.drop();
});

const runner = new Runner({ store: new MemoryJournal() });
const table = handlerTable('lending', handlers as readonly Type[], (handler) => {
  if (handler === DecideLoanReview) return new DecideLoanReview(new ReviewDesk('lending', fourEyesLimits()));
  return handler === AnalyzeCredit ? new AnalyzeCredit(runner) : (new handler() as object);
});

function processor(): GroupProcessor {
  return new GroupProcessor({
    ...{ service: schema, store, vault, folds: foldsOf({ aggregates, projections: [] }) },
    metrics: new PipelineMetrics(new Metrics('lending')),
    logger: createLogger('lending', 'error').logger,
    onTimer: () => undefined,
    now: () => new Date(NOON),
  });
}

/** The message as a handler gets it that reads what is personal. */
function itemOf(contract: Contract, data: object, work?: { readonly result: unknown }): Item {
  const id = `${contract.name}-${randomBytes(4).toString('hex')}`;
  const story = { correlationId: id, causationId: null, hops: 0, path: [], traceparent: null };
  return {
    message: {
      id,
      type: contract.type,
      data: data,
      subject: 'loan-1',
      source: '/services/x',
      time: new Date(),
      ...story,
    },
    handler: table.get(contract.type)!,
    orderKey: 'loan-1',
    inbox: { id, fingerprint: randomBytes(32) },
    attempts: 0,
    ...(work && { work }),
  };
}

describe('lending on Postgres', () => {
  it('keeps inputs, prompt and raw output unreadable without the key, each the text that its hash stands for', async () => {
    const pipeline = processor();
    await pipeline.process([itemOf(LoanApplicationReceived, anApplication())]);
    const [opened] = await store.read(loanCase.of('loan-1'));
    const facts = opened!.data as LoanFacts;
    const inputs = creditInputs(facts, readReport(aReport().report, 'EUR')!);
    const result = {
      inputs,
      analysis: byScorecard(inputs),
      decidedBy: 'analyst',
      reasons: [],
      runId: 'run-1',
      instructions: '1',
    };
    await pipeline.process([itemOf(CreditReportFetched, aReport(), { result })]);

    const events = await store.read(loanCase.of('loan-1'));
    const stored = events.find(({ type }) => type === CreditAnalyzed.type)!.data as CreditAnalyzed;
    expect(events.map(({ type }) => type)).toContain(LoanApproved.type);
    expect(JSON.stringify(stored)).not.toContain('monthlyIncomeMinor');
    const contract = contractOf(CreditAnalyzed.type);
    const open = decryptPii(contract, stored, await vault.keysFor(['contact_1'])) as CreditAnalyzed;
    expect(JSON.parse(open.inputs)).toEqual(inputs);
    expect(hash('sha256', open.inputs, 'hex')).toBe(stored.inputsHash);
    expect(hash('sha256', open.prompt, 'hex')).toBe(stored.promptHash);
    expect(hash('sha256', open.rawOutput, 'hex')).toBe(stored.rawOutputHash);
  });
});
