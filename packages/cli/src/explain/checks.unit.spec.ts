import { createHash } from 'node:crypto';
import picocolors from 'picocolors';
import { canonicalJson } from '@towpath/event-store/canonical-json';
import { MASK } from '../reveal/mask.js';
import { checkHashes } from './checks.js';
import { checksText, partText } from './explain-text.js';
import type { Part } from './explain.js';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const statesOf = (data: object): Record<string, string> =>
  Object.fromEntries(checkHashes(data).map(({ field, state }) => [field, state]));

describe('the hashes of an explanation', () => {
  it('match the text they are of, to the byte', () => {
    const prompt = 'Weigh this application:\n{"income": 1}';
    expect(statesOf({ prompt, promptHash: hash(prompt) })).toEqual({ prompt: 'matches' });
    expect(statesOf({ prompt: `${prompt} `, promptHash: hash(prompt) })).toEqual({ prompt: 'differs' });
    expect(statesOf({ prompt, promptHash: hash(prompt).replace(/^./, 'x') })).toEqual({ prompt: 'differs' });
  });

  it('are not called right when the text can not be seen', () => {
    expect(statesOf({ inputs: MASK, inputsHash: hash('a') })).toEqual({ inputs: 'sealed' });
    expect(statesOf({ inputs: 'erased', inputsHash: hash('a') })).toEqual({ inputs: 'erased' });
    expect(statesOf({ reasons: [], inputsHash: hash('a') })).toEqual({ inputs: 'elsewhere' });
  });

  it("of an agent's steps are those of the canonical JSON, in plain fields, too", () => {
    const given = { b: 1, a: [2, 'x'] };
    const data = { plainInput: JSON.stringify(given), inputHash: hash(canonicalJson(given)) };
    expect(statesOf(data)).toEqual({ input: 'matches' });
    expect(statesOf({ ...data, plainInput: '{"b":1}' })).toEqual({ input: 'differs' });
  });

  it('are told beside the text, and what differs stands out', () => {
    const data = {
      reasons: [{ code: 'DEBT', pointsLost: 12 }],
      prompt: 'one\ntwo',
      promptHash: hash('three'),
      runId: null,
    };
    const event = { id: 'e1', type: 'lending.v1.LoanDeclined', schema: 'lending', stream: 'loan-1', version: 2 };
    const part = {
      ...{ role: 'decision', data, checks: checkHashes(data) },
      event: { ...event, occurredAt: new Date(0), metadata: { causationId: 'c' } },
    } as unknown as Part;
    const colors = picocolors.createColors(false);
    const text = partText(part, colors);
    expect(text).toContain('LoanDeclined  loan-1 v2 of lending');
    expect(text).toContain('code "DEBT", pointsLost 12');
    expect(text).toContain('is NOT that of this text\n    one\n    two');
    expect(text).not.toContain('runId');
    const streams = [{ schema: 'lending', stream: 'loan-1', mismatches: [] }];
    expect(checksText([part], streams, colors)).toContain(
      '0 of 1 hashes are those of the texts beside them; 1 are NOT',
    );
  });
});
