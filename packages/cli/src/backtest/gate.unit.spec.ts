import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forbiddenBy, readGate } from './gate.js';
import { variantOf } from './variant.js';

const summary = {
  ...{
    messages: 1_000,
    compared: 200,
    flipped: 4,
    failed: 0,
    failedAsBefore: 2,
    erased: 1,
    p50Micros: 40,
    p99Micros: 900,
  },
  flips: { 'PaymentApproved → PaymentBlocked': 1, 'PaymentHeldForReview → PaymentApproved': 3 },
  ...{ costMicros: 0, recordedCostMicros: 0 },
};

function gateFile(content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'gate-')), 'gate.yaml');
  writeFileSync(path, content);
  return path;
}

describe('a gate', () => {
  it('allows what keeps every limit, also when it is just reached', () => {
    expect(forbiddenBy({ flippedShareMax: 0.02, comparedMin: 200, p99MicrosMax: 900 }, summary)).toEqual([]);
    expect(forbiddenBy({}, summary)).toEqual([]);
  });

  it('forbids with a reason for each limit that is passed', () => {
    const gate = { flippedShareMax: 0.01, flipsMax: { 'PaymentApproved -> PaymentBlocked': 0 }, p99MicrosMax: 500 };
    expect(forbiddenBy(gate, summary)).toEqual([
      'share of flipped decisions: 0.02, allowed 0.01',
      'p99 of a decision in µs: 900, allowed 500',
      'PaymentApproved → PaymentBlocked: 1, allowed 0',
    ]);
  });

  it('forbids what too few decisions prove', () => {
    expect(forbiddenBy({ comparedMin: 201 }, summary)).toEqual(['compared decisions: 200, at least 201 are needed']);
  });

  it('is read from YAML and from JSON, and refused with every field that is wrong', () => {
    expect(readGate(gateFile('flippedShareMax: 0.01'))).toEqual({ flippedShareMax: 0.01 });
    expect(readGate(gateFile('{"failedMax": 0}'))).toEqual({ failedMax: 0 });
    expect(() => readGate(gateFile('flippedShareMax: 2\nfailed: 1'))).toThrow(/GATE_INVALID|flippedShareMax/);
    expect(() => readGate('/nowhere/gate.yaml')).toThrow(/can't be read/);
  });
});

describe('a variant', () => {
  it('becomes settings of the service', () => {
    expect(variantOf('fraud', ['rules=v2'])).toEqual({ settings: { FRAUD_RULES: 'v2' }, runs: 'recorded' });
  });

  it('of triage’s classifier names the file of its model, wherever the program runs', () => {
    const file = gateFile('{}');
    expect(variantOf('triage', [`classifier=${file}`])).toEqual({
      settings: { TRIAGE_MODEL_FILE: file },
      runs: 'recorded',
    });
  });

  it('of a model or a prompt has agents run anew: what was recorded is the answer to another question', () => {
    const live = { MODEL_MODE: 'live' };
    expect(variantOf('fraud', ['model=small'])).toEqual({ settings: { OPENAI_MODEL: 'small', ...live }, runs: 'anew' });
    expect(variantOf('fraud', ['prompt=fraud-opinion:1'])).toEqual({
      settings: { MODEL_INSTRUCTIONS: 'fraud-opinion=1', ...live },
      runs: 'anew',
    });
  });

  it('is refused when its prompt is of an agent that the service does not have', () => {
    expect(() => variantOf('fraud', ['prompt=support:1'])).toThrow(/agents of fraud: .*fraud-opinion/);
    expect(() => variantOf('fraud', ['prompt=1'])).toThrow('prompt=AGENT:VERSION');
  });

  it('is refused when it says nothing known', () => {
    expect(() => variantOf('fraud', ['colour=red'])).toThrow(/rules=….*model=….*prompt=…/);
  });
});
