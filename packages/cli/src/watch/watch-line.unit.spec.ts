import picocolors from 'picocolors';
import { factsOf, formatMoney } from './facts.js';
import { passes } from './filters.js';
import { StoryClock } from './story-clock.js';
import { clockTime, nameOf, serviceOf, watchLine } from './watch-line.js';

const plain = picocolors.createColors(false);

describe('watch line', () => {
  it('tells time, story, service, event, outcome and milliseconds', () => {
    const time = '2026-01-31T12:00:00.123Z';
    const text = watchLine(
      {
        time,
        story: '85a91ab2-20bf-5e65-b18c-424344ebdd06',
        service: 'fraud',
        type: 'fraud.v1.PaymentApproved',
        subject: 'pi_1',
        facts: ['20.00 USD', 'score 0'],
        ms: 273,
        id: 'x',
        topic: 'fraud.events',
        partition: 0,
        offset: '0',
      },
      plain,
    );
    expect(text).toBe(
      `${clockTime(time)}  85a91ab2  fraud     PaymentApproved           pi_1 · 20.00 USD · score 0  +273 ms`,
    );
  });

  it('shortens names and sources', () => {
    expect(nameOf('payments.v1.ChargeSucceeded')).toBe('ChargeSucceeded');
    expect(serviceOf('/services/fraud')).toBe('fraud');
  });
});

describe('facts', () => {
  it.each([
    [1234, 'usd', '12.34 USD'],
    [1234, 'JPY', '1234 JPY'],
    [1234, 'KWD', '1.234 KWD'],
  ])('write %i %s as %s', (amount, currency, text) => {
    expect(formatMoney(amount, currency)).toBe(text);
  });

  it('name the signals that counted, and what was missing', () => {
    const signals = [
      { name: 'velocity', points: 4 },
      { name: 'device', points: 0 },
    ];
    expect(factsOf({ amountMinor: 100, currency: 'EUR', score: 4, signals, missing: ['ip'] })).toEqual([
      '1.00 EUR',
      'score 4',
      'signals velocity',
      'missing ip',
    ]);
  });

  it('never show what is encrypted, nor control characters', () => {
    expect(factsOf({ reason: 'enc1:abc', detail: 'x', status: 'a\u001b[31mb' })).toEqual(['a [31mb']);
  });

  it('of data that could not be read are none', () => {
    expect(factsOf(undefined)).toEqual([]);
  });
});

describe('filters', () => {
  const record = {
    key: Buffer.from('pi_1'),
    headers: {
      ce_type: 'fraud.v1.PaymentApproved',
      ce_source: '/services/fraud',
      ce_correlationid: 'abc',
      ce_subject: 's',
    },
  };

  it.each([
    [{}, true],
    [{ type: 'paymentapproved' }, true],
    [{ type: 'fraud.v1.PaymentApproved' }, true],
    [{ type: 'Approved' }, false],
    [{ service: 'fraud' }, true],
    [{ service: 'triage' }, false],
    [{ story: 'ab' }, true],
    [{ story: 'b' }, false],
    [{ key: 'pi_1' }, true],
    [{ key: 's' }, true],
    [{ key: 'pi' }, false],
    [{ service: 'fraud', key: 'x' }, false],
  ])('%j lets the record through: %s', (filters, passed) => {
    expect(passes(filters, record)).toBe(passed);
  });
});

describe('story clock', () => {
  it('counts from the first step of each story and never below 0', () => {
    const clock = new StoryClock();
    expect([clock.since('a', 100), clock.since('b', 150), clock.since('a', 170), clock.since('a', 90)]).toEqual([
      0, 0, 70, 0,
    ]);
  });
});
