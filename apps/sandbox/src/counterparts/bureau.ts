import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { CALM } from '../behaviour.js';
import { tokenOf, type Acts } from './acts.js';
import { CounterpartRefusal, headerOf, jsonOf, textIn, type CounterpartRoutes } from './counterpart-routes.js';

const reportSchema = z.strictObject({
  score: z.number().int().optional(),
  openAccounts: z.number().int().optional(),
  delinquencies24m: z.number().int().optional(),
  utilisationPercent: z.number().optional(),
  inquiries6m: z.number().int().optional(),
  bankruptcies: z.number().int().optional(),
  monthsOfHistory: z.number().int().optional(),
  monthlyDebtMinor: z.number().int().optional(),
});

type Report = z.output<typeof reportSchema>;

/** A credit bureau with a report on everybody but those whose reference begins with `unknown`. Each inquiry is kept. */
export function addBureau(routes: CounterpartRoutes, app: FastifyInstance, acts: Acts): void {
  routes.act(
    'POST',
    '/v1/reports',
    (request) => {
      const body = jsonOf(request);
      const subject = textIn(body, 'applicantRef') ?? '';
      if (subject === '') throw new CounterpartRefusal(422, 'applicantRef is missing');
      if (subject.startsWith('unknown')) throw new CounterpartRefusal(404, 'no such applicant');
      const key = headerOf(request, 'idempotency-key');
      return { action: 'inquiry', subject, key, effectId: null, body };
    },
    (act) => ({
      body: {
        reportId: `rep_${tokenOf(`${act.subject}/${act.seq}`)}`,
        ...{ scoreMin: 300, scoreMax: 850, currency: 'EUR' },
        ...usualReport(act.subject),
        ...toldOf(acts, act.subject),
      },
    }),
  );
  app.put('/sandbox/bureau/:applicantRef', async (request) => {
    const subject = String((request.params as { applicantRef?: string }).applicantRef);
    const body = reportSchema.parse(JSON.parse(String(request.body)));
    await acts.call({ provider: 'bureau', action: 'told', subject, key: null, effectId: null, body }, CALM);
    return body;
  });
}

function toldOf(acts: Acts, subject: string): Report {
  return acts.of('bureau', subject).findLast(({ action }) => action === 'told')?.body ?? {};
}

/** A report that follows from the reference alone. */
function usualReport(subject: string): Required<Report> {
  const bytes = createHash('sha256').update(subject).digest();
  const pick = (index: number, from: number, to: number): number =>
    from + (bytes.readUInt16BE(index * 2) % (to - from + 1));
  return {
    score: pick(0, 520, 810),
    openAccounts: pick(1, 1, 14),
    delinquencies24m: pick(2, 0, 9) > 7 ? pick(3, 1, 4) : 0,
    utilisationPercent: pick(4, 3, 92),
    inquiries6m: pick(5, 0, 6),
    bankruptcies: pick(6, 0, 40) === 0 ? 1 : 0,
    monthsOfHistory: pick(7, 6, 280),
    monthlyDebtMinor: pick(8, 0, 1_800) * 100,
  };
}
