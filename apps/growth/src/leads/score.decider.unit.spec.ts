import { hash } from 'node:crypto';
import fc from 'fast-check';
import { domainKind, seniority } from './enrich.decider.js';
import { SCORE_RULES } from './score-rules.js';
import { gradeOf, scoreOf, type Enriched } from './score.decider.js';

const somebody: Enriched = {
  ...{ contactId: 'c', signalId: 's', kind: 'form', code: 'contact-sales', product: null, domain: 'business' },
  ...{ country: 'DE', territory: 'dach', employees: 240, seniority: 'leads', interests: ['pricing'], plan: null },
  ...{ count: null, isCustomer: false, purchases: 0, signals: 1, wrote: true, mayMail: true },
};
const any = fc.record({
  code: fc.constantFrom('contact-sales', 'newsletter', 'limit_reached', 'never-heard-of'),
  kind: fc.constantFrom('form', 'product'),
  domain: fc.constantFrom('business', 'free', 'education', 'public', 'test'),
  employees: fc.option(fc.integer({ min: 0, max: 1_000_000 })),
  seniority: fc.constantFrom('decides', 'leads', 'works', 'unknown'),
  interests: fc.subarray(['pricing', 'sso', 'other']),
  count: fc.option(fc.integer({ min: 0, max: 1_000_000 })),
  isCustomer: fc.boolean(),
  purchases: fc.integer({ min: 0, max: 9 }),
  signals: fc.integer({ min: 1, max: 9 }),
  wrote: fc.boolean(),
});

describe('the score of a lead', () => {
  it('is the sum of factors that each say why, from 0 to 100, whatever is known', () => {
    fc.assert(
      fc.property(any, (over) => {
        const { score, grade, factors } = scoreOf({ ...somebody, ...over });
        expect(factors.reduce((sum, { points }) => sum + points, 0)).toBe(score);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(100);
        expect(factors.every(({ because }) => because.length > 5)).toBe(true);
        expect(grade).toBe(gradeOf(score));
      }),
    );
  });

  it('never falls because somebody tells more that speaks for them', () => {
    fc.assert(
      fc.property(any, (over) => {
        const before = scoreOf({ ...somebody, ...over }).score;
        const more = {
          wrote: true,
          isCustomer: true,
          signals: over.signals + 1,
          interests: [...over.interests, 'contract'],
        };
        expect(scoreOf({ ...somebody, ...over, ...more }).score).toBeGreaterThanOrEqual(before);
      }),
    );
  });

  it('makes hot who asks for sales from a company, and cold who has an address that nobody can have', () => {
    expect(scoreOf(somebody)).toMatchObject({ grade: 'hot' });
    expect(scoreOf({ ...somebody, domain: 'test' })).toMatchObject({ grade: 'cold' });
    expect(
      scoreOf({ ...somebody, code: 'newsletter', employees: null, seniority: 'unknown', interests: [], wrote: false })
        .grade,
    ).toBe('cold');
  });

  it('goes by rules that change only with their version', () => {
    const { version, ...rules } = SCORE_RULES;
    expect({ version, rules: hash('sha256', JSON.stringify(rules), 'hex').slice(0, 16) }).toMatchInlineSnapshot(`
     {
       "rules": "524588b364f1570e",
       "version": "2026-11-30.1",
     }
    `);
  });
});

describe('what an address and a title tell', () => {
  it.each([
    ['ada@gmail.com', 'free'],
    ['ada@GMX.de', 'free'],
    ['ada@works.dev', 'business'],
    ['ada@cs.stanford.edu', 'education'],
    ['ada@oxford.ac.uk', 'education'],
    ['ada@agency.gov.uk', 'public'],
    ['ada@example.com', 'test'],
    ['ada@shop.test', 'test'],
  ])('%s is %s', (email, kind) => expect(domainKind(email)).toBe(kind));

  it.each([
    ['Founder & CEO', 'decides'],
    ['Geschäftsführerin', 'decides'],
    ['VP Engineering', 'decides'],
    ['Head of Operations', 'leads'],
    ['Team lead', 'leads'],
    ['Developer', 'works'],
    ['Leadership coach', 'works'],
    ['', 'unknown'],
    [null, 'unknown'],
  ])('%s %s', (title, level) => expect(seniority(title)).toBe(level));
});
