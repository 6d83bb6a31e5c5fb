import { decode, encode, fromJson, toJson } from './codec.js';
import type { Contract } from './contract.js';
import { PaymentApproved } from './generated/fraud/PaymentApproved.v1.js';
import { AlertTriggered } from './generated/ops/AlertTriggered.v1.js';
import { ChargeSucceeded } from './generated/payments/ChargeSucceeded.v1.js';
import { DeadLettered } from './generated/platform/DeadLettered.v1.js';
import { WebhookReceived } from './generated/webhooks/WebhookReceived.v1.js';

const charge: ChargeSucceeded = {
  paymentId: 'pi_1',
  chargeId: 'ch_1',
  accountId: 'cus_1',
  customerId: 'cus_1',
  amountMinor: 1250,
  currency: 'EUR',
  captured: false,
  chargedAt: 1_790_000_000_000,
  captureBefore: null,
  cardFingerprint: null,
  cardCountry: 'DE',
  billingCountry: null,
  shippingCountry: null,
  ip: 'enc1:AAAA',
  ipHash: null,
  deviceHash: null,
  email: null,
  riskLevel: null,
  merchantId: null,
  customerCreatedAt: null,
  connectedAccountId: null,
  recoversPaymentId: null,
};

describe('encode', () => {
  it('gives bytes that decode to the same data', () => {
    expect(decode(ChargeSucceeded, encode(ChargeSucceeded, charge))).toEqual(charge);
  });

  it.each([2 ** 52 - 1, 1 - 2 ** 52])('keeps %d, the last long that survives, and refuses the next', (last) => {
    const largest = { ...charge, amountMinor: last };
    expect(decode(ChargeSucceeded, encode(ChargeSucceeded, largest))).toEqual(largest);
    const beyond = { ...charge, amountMinor: last + Math.sign(last) };
    expect(() => encode(ChargeSucceeded, beyond)).toThrow(/amountMinor: expected a long within/);
  });

  it('takes the default of a field that is left out', () => {
    const { email: _email, ...rest } = charge;
    expect(decode(ChargeSucceeded, encode(ChargeSucceeded as Contract, rest))).toEqual(charge);
  });

  it.each([
    [
      'a fraction in a long',
      { amountMinor: 12.5 },
      'amountMinor: expected long (an integer), got a number with a fraction',
    ],
    [
      'text in a long',
      { amountMinor: '1250' },
      'amountMinor: expected long (an integer), got a string of 4 characters',
    ],
    ['a required field that is missing', { paymentId: undefined }, 'paymentId: expected string, got nothing'],
    ['null where none may be', { currency: null }, 'currency: expected string, got null'],
    ['a number in a nullable string', { email: 5 }, 'email: expected null or string, got an integer'],
    ['a field that the contract lacks', { phone: '1' }, 'phone: no such field'],
  ])('refuses %s, naming contract and field', (_what, change, message) => {
    const wrong = { ...charge, ...change };
    expect(() => encode(ChargeSucceeded as Contract, wrong)).toThrow(
      expect.objectContaining({
        code: 'DATA_INVALID',
        message: expect.stringContaining(`payments.v1.ChargeSucceeded ${message}`),
      }),
    );
  });

  it.each([null, undefined, 7, 'text'])('refuses %p instead of data', (value) => {
    expect(() => encode(ChargeSucceeded as Contract, value)).toThrow(expect.objectContaining({ code: 'DATA_INVALID' }));
  });

  it('never repeats a value in an error, personal or not', () => {
    const secret = 'jane@example.com';
    for (const name of Object.keys(charge)) {
      for (const value of [[secret], { secret }, Buffer.from(secret)]) {
        expect(() => encode(ChargeSucceeded as Contract, { ...charge, [name]: value })).toThrow(
          expect.objectContaining({ message: expect.not.stringContaining('jane') }),
        );
      }
    }
  });

  it('names the place inside lists of records', () => {
    const signal = { name: 'velocity', value: '3', points: Number.NaN, evidence: 'three in a minute' };
    const decision = { paymentId: 'pi_1', signals: [{ ...signal, points: 1 }, signal] };
    expect(() => encode(PaymentApproved as Contract, decision)).toThrow(
      /signals\[1\]\.points: expected a finite number, got NaN/,
    );
  });

  it('refuses the map key that no reader could take', () => {
    const messageHeaders = JSON.parse('{"__proto__":"AA=="}') as unknown;
    expect(() => encode(DeadLettered as Contract, { messageHeaders })).toThrow(/messageHeaders: no reader can take/);
  });
});

describe('decode', () => {
  const bytes = encode(ChargeSucceeded, charge);

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['half a value', bytes.subarray(0, 20)],
    ['a value and more', Buffer.concat([bytes, Buffer.from([0])])],
    ['noise', Buffer.alloc(64, 0xff)],
  ])('refuses %s', (_what, buffer) => {
    expect(() => decode(ChargeSucceeded, buffer)).toThrow(expect.objectContaining({ code: 'UNDECODABLE' }));
  });

  it('refuses a long that another language wrote and that would come out wrong', () => {
    const contract = contractWith({ name: 'amount', type: 'long' });
    const minusTwoTo52MinusOne = Buffer.from('8180808080808010', 'hex');
    expect(() => decode(contract, minusTwoTo52MinusOne)).toThrow(expect.objectContaining({ code: 'UNDECODABLE' }));
  });

  it('refuses a list that claims more items than there are bytes, before it makes room for them', () => {
    const claimsAMillion = Buffer.from('80808001', 'hex');
    const list = contractWith({ name: 'items', type: { type: 'array', items: 'string' } });
    expect(() => decode(list, claimsAMillion)).toThrow(/UNDECODABLE.*1048576 items in 0 bytes/);
    expect(() => decode(contractWith(), claimsAMillion, list.schema)).toThrow(/1048576 items/);
  });

  it('refuses a map whose entry would replace its prototype', () => {
    const map = contractWith({ name: 'entries', type: { type: 'map', values: 'string' } });
    const hostile = Buffer.concat([Buffer.from([2, 18]), Buffer.from('__proto__'), Buffer.from([2, 97, 0])]);
    expect(() => decode(map, hostile)).toThrow(/UNDECODABLE.*__proto__/);
  });

  it('reads lists in several blocks, sized or not, as other languages write them', () => {
    const list = contractWith({ name: 'items', type: { type: 'array', items: 'string' } });
    const blocks = Buffer.from([2, 2, 97, 1, 4, 2, 98, 0]);
    expect(decode(list, blocks)).toEqual({ items: ['a', 'b'] });
  });

  it('takes a type that is named a second time', () => {
    const part = { type: 'record', name: 'Part', fields: [{ name: 'raw', type: 'bytes' }] };
    const twice = contractWith({ name: 'one', type: part }, { name: 'more', type: { type: 'array', items: 'Part' } });
    const data = { one: { raw: Buffer.from('a') }, more: [{ raw: Buffer.from('b') }] };
    expect(decode(twice, encode(twice, data))).toEqual(data);
    expect(toJson(twice, data)).toEqual({ one: { raw: 'YQ==' }, more: [{ raw: 'Yg==' }] });
  });

  it('reads what was written with an older schema, filling in defaults', () => {
    const writer = AlertTriggered.schema as { fields: object[] };
    const added = { name: 'runbook', type: ['null', 'string'], default: null, doc: 'where to look' };
    const newer: Contract = { ...AlertTriggered, schema: { ...writer, fields: [...writer.fields, added] } };
    const written = encode(AlertTriggered as Contract, sampleOf(AlertTriggered));
    expect(decode(newer, written, writer)).toMatchObject({ runbook: null });
  });
});

describe('the JSON form', () => {
  it('is the data itself where there are no bytes', () => {
    expect(toJson(ChargeSucceeded, charge)).toBe(charge);
    expect(fromJson(ChargeSucceeded, charge)).toBe(charge);
  });

  it('holds bytes as base64, in maps and nullable fields too, and leaves the data alone', () => {
    const letter = {
      ...(sampleOf(DeadLettered) as DeadLettered),
      messageKey: null,
      messageValue: Buffer.from([0, 255]),
      messageHeaders: { ce_id: Buffer.from('a') },
    };
    const json = toJson(DeadLettered, letter) as DeadLettered;
    expect(json).toMatchObject({ messageKey: null, messageValue: 'AP8=', messageHeaders: { ce_id: 'YQ==' } });
    expect(letter.messageValue).toEqual(Buffer.from([0, 255]));
    expect(fromJson(DeadLettered, json)).toEqual(letter);
  });

  it('survives Postgres: text of JSON and back', () => {
    const delivery = { ...(sampleOf(WebhookReceived) as WebhookReceived), body: Buffer.from('{"a":1}') };
    const stored = JSON.parse(JSON.stringify(toJson(WebhookReceived, delivery))) as unknown;
    expect(encode(WebhookReceived, fromJson(WebhookReceived, stored))).toEqual(encode(WebhookReceived, delivery));
  });
});

function contractWith(...fields: object[]): Contract {
  return { ...ChargeSucceeded, schema: { ...ChargeSucceeded.schema, fields } };
}

/** Data that fits a contract without nested records, the simplest there is. */
function sampleOf(contract: Contract): unknown {
  const empty: Record<string, unknown> = {
    string: 'x',
    long: 1,
    int: 1,
    double: 1,
    boolean: true,
    bytes: Buffer.alloc(1),
  };
  const { fields } = contract.schema as { fields: { name: string; type: unknown }[] };
  return Object.fromEntries(
    fields.map(({ name, type }) => [name, typeof type === 'string' ? empty[type] : Array.isArray(type) ? null : {}]),
  );
}
