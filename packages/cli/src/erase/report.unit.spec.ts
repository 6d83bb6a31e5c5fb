import type { SubjectErased } from '@towpath/contracts/platform/SubjectErased.v1';
import type { SubjectForgotten } from '@towpath/contracts/platform/SubjectForgotten.v1';
import { reportOf, reportText } from './report.js';

const ERASED_AT = Date.UTC(2026, 10, 29, 10);
const DAY_MS = 86_400_000;

const erased: SubjectErased = {
  erasureId: 'er_1',
  subject: 'cus_1',
  names: ['cus_1'],
  namesOmitted: 0,
  keysDestroyed: 3,
  deliveries: 2,
  rawCopiesGoneAt: ERASED_AT + 8 * DAY_MS,
  firstErasedAt: ERASED_AT,
  erasedAt: ERASED_AT,
  actor: 'ada',
  reason: 'request 7',
};

function forgotten(service: string, more: Partial<SubjectForgotten> = {}): SubjectForgotten {
  const about = {
    forgottenId: `${service}:cus_1`,
    erasureId: 'er_1',
    subject: 'cus_1',
    service,
    forgottenAt: ERASED_AT,
  };
  return { ...about, rows: [], deadLetters: 0, expiredLetters: 0, waiting: 0, ...more };
}

const around = { expected: ['fraud', 'triage'], hasArchive: false };

const openOf = (forgottenBy: SubjectForgotten[], change: Partial<SubjectErased> = {}, hasArchive = false) =>
  reportOf('d1', { ...erased, ...change }, forgottenBy, { ...around, hasArchive }).open.map(({ code, until }) => [
    code,
    until,
  ]);

describe('the report of an erasure', () => {
  it('always names raw deliveries, cached keys and what is outside, each with its end', () => {
    expect(openOf([forgotten('fraud'), forgotten('triage')])).toEqual([
      ['RAW_COPIES', '2026-12-07T10:00:00.000Z'],
      ['KEY_CACHES', '2026-11-29T10:01:00.000Z'],
      ['OUTSIDE', null],
    ]);
  });

  it('names services that have not answered, messages that wait, names that were too many, and the archive', () => {
    const codes = openOf([forgotten('triage', { waiting: 2 })], { namesOmitted: 5 }, true).map(([code]) => code);
    expect(codes).toEqual(['UNANSWERED', 'RAW_COPIES', 'KEY_CACHES', 'WAITING', 'OLD_NAMES', 'ARCHIVE', 'OUTSIDE']);
  });

  it('says what each service dropped, and that it was not the first time', () => {
    const answers = [forgotten('triage', { deadLetters: 1 }), forgotten('fraud', { rows: ['customers', 'accounts'] })];
    const text = reportText(reportOf('d1', { ...erased, firstErasedAt: ERASED_AT - DAY_MS }, answers, around));
    expect(text.split('\n').slice(0, 4)).toEqual([
      'cus_1: erased 2026-11-29T10:00:00.000Z, first 2026-11-28T10:00:00.000Z',
      '  3 keys destroyed · 2 kept deliveries unreadable',
      '  fraud     dropped customers, accounts',
      '  triage    no rows · 1 dead letters sealed for ever',
    ]);
  });
});
