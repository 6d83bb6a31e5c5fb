import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SagaPaused } from '@towpath/contracts/sagas/SagaPaused.v1';
import { SagaResumed } from '@towpath/contracts/sagas/SagaResumed.v1';
import { SagaStepRetried } from '@towpath/contracts/sagas/SagaStepRetried.v1';
import { SagaStepSkipped } from '@towpath/contracts/sagas/SagaStepSkipped.v1';
import { changed, DECLARED, ended, event, order789, SAGA_ID, started, STARTED_AT } from './order-789.fixture.js';
import type { SagaRow } from './saga-rows.js';
import { timelineText } from './timeline-text.js';
import { timelineOf } from './timeline.js';

const plain = new Proxy({}, { get: () => (text: string) => text }) as never;
const row: SagaRow = {
  ...{ sagaId: SAGA_ID, definition: 'order-fulfilment', version: 1, key: 'order_789', state: 'compensated' },
  ...{ reason: 'ship failed: Carrier API timeout', at: 'charge undo completed', stuck: false, dueAt: null },
  ...{ startedAt: new Date(STARTED_AT), changedAt: new Date(STARTED_AT), correlationId: 'story' },
};
const by = { actor: 'ada', reason: 'looked at it' };

function statesOf(events: Parameters<typeof timelineOf>[0]): Record<string, string> {
  return Object.fromEntries(timelineOf(events, DECLARED).steps.map(({ step, state }) => [step, state]));
}

describe('the timeline of a saga', () => {
  it('shows the order of the seed as it is written down: each undo beneath the step it undoes', () => {
    const text = timelineText(row, timelineOf(order789, DECLARED), plain);
    expect(`${text}\n`).toBe(readFileSync(join(import.meta.dirname, 'order-789.golden.txt'), 'utf8'));
  });

  it('knows each step as pending, running, completed, failed or compensated, at every point of its history', () => {
    const seen = order789.map((_, index) => Object.values(statesOf(order789.slice(0, index + 1))).join(' '));
    expect(seen).toEqual([
      'pending pending pending pending',
      'running pending pending pending',
      'completed running pending pending',
      'completed completed running pending',
      'completed completed running pending',
      'completed compensating failed pending',
      'compensating compensated failed pending',
      'compensated compensated failed pending',
      'compensated compensated failed pending',
    ]);
  });

  it('tells who had an undo tried again or took it as settled, beneath its step', () => {
    const failed = changed(9, 'compensating', { step: 'charge', side: 'undo', state: 'failed', code: 'REFUSED' });
    const again = event(SagaStepRetried.type, { ...by, step: 'charge', side: 'undo', retriedAt: STARTED_AT + 20 }, 20);
    const skip = event(SagaStepSkipped.type, { ...by, step: 'charge', side: 'undo', skippedAt: STARTED_AT + 30 }, 30);
    const done = changed(1, 'running', { step: 'charge', side: 'act', state: 'completed' });
    const needs = ended(9, { outcome: 'needs_human' });
    const { steps, tookMs } = timelineOf([started(), done, failed, needs, again, skip], DECLARED);
    expect(tookMs).toBeNull();
    expect(steps[0]).toMatchObject({
      state: 'skipped',
      undo: [
        { state: 'failed', code: 'REFUSED', actor: null },
        { state: 'retried', actor: 'ada', why: 'looked at it', afterMs: 20 },
        { state: 'skipped', actor: 'ada', why: 'looked at it', afterMs: 30 },
      ],
    });
  });

  it('tells what people did to the whole, with name and reason', () => {
    const paused = event(SagaPaused.type, { ...by, pausedAt: STARTED_AT + 1_500 }, 1_500);
    const resumed = event(SagaResumed.type, { ...by, resumedAt: STARTED_AT + 2_500 }, 2_500);
    const text = timelineText(row, timelineOf([started(), paused, resumed], DECLARED), plain);
    expect(text).toContain('+1.500 s  paused by ada: looked at it');
    expect(text).toContain('+2.500 s  resumed by ada: looked at it');
  });

  it('names the alternative and the attempt with which a step was asked', () => {
    const other = { step: 'charge', side: 'act', state: 'running', way: 'other-gateway', attempt: 2 };
    const asked = changed(4, 'running', { ...other, command: 'payments.v1.ChargeAtAlternateGateway' });
    const text = timelineText(row, timelineOf([started(), asked], DECLARED), plain);
    expect(text).toContain('running  ChargeAtAlternateGateway by other-gateway, attempt 2');
  });
});
