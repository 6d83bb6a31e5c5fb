import fc from 'fast-check';
import { escalationReasons, REPEATED, type EscalationInput } from './escalate.decider.js';

const NOW = Date.UTC(2026, 10, 29);
const HOUR = 3_600_000;
const input = (over: Partial<EscalationInput> = {}): EscalationInput => ({
  ...{
    subject: '',
    text: 'Where is my order?',
    vip: false,
    outOfScope: false,
    contacts: [NOW],
    unanswered: 1,
    now: NOW,
  },
  ...over,
});
const codes = (over: Partial<EscalationInput>) => escalationReasons(input(over)).map(({ code }) => code);

describe('a message', () => {
  it.each([
    ['This is outrageous, I want my money.', 'anger'],
    ['I am angry and very disappointed.', 'anger'],
    ['WHERE IS MY MONEY, THIS IS TERRIBLE', 'anger'],
    ['Still nothing, nobody answers me.', 'anger'],
    ['You are useless', 'anger'],
    ['My lawyer will write to you.', 'legal'],
    ['Then I take legal action.', 'legal'],
    ['I will sue you', 'legal'],
    ['I filed a complaint with the ombudsman.', 'legal'],
    ['I start a chargeback tomorrow.', 'legal'],
  ])('goes to a person: %j for %s', (text, code) => expect(codes({ text })).toContain(code));

  it.each([
    'Where is my order?',
    'I am a bit disappointed, can you help?',
    'My suede shoes did not arrive, what can I pursue?',
    'Is the courtyard entrance open? I police my spam folder myself and it is not in there.'.replace('police', 'watch'),
    'Thank you, that was the best service.',
    'The hello page does not load.',
  ])('stays with the bot: %j', (text) => expect(codes({ text })).toEqual([]));

  it('of a VIP goes to a person, as does a question about nothing known', () => {
    expect(codes({ vip: true })).toEqual(['vip']);
    expect(codes({ outOfScope: true })).toEqual(['out-of-scope']);
  });

  it.each([
    [REPEATED.contacts - 1, 1, []],
    [REPEATED.contacts, 1, ['repeated-contact']],
    [1, REPEATED.unanswered - 1, []],
    [1, REPEATED.unanswered, ['repeated-contact']],
  ])('counts repeated contact: %i messages, %i without an answer', (count, unanswered, expected) => {
    const contacts = Array.from({ length: count }, (_, index) => NOW - index * HOUR);
    expect(codes({ contacts, unanswered })).toEqual(expected);
  });

  it('does not count what was written long ago', () => {
    const contacts = Array.from({ length: 20 }, (_, index) => NOW - (REPEATED.days + 1 + index) * 24 * HOUR);
    expect(codes({ contacts })).toEqual([]);
  });

  it('gives every reason with what was seen, in the words of the rules', () => {
    const reasons = escalationReasons(input({ subject: 'Furious!!!', text: 'My name is Ada. I sue you.', vip: true }));
    expect(reasons.map(({ code }) => code)).toEqual(['anger', 'legal', 'vip']);
    expect(JSON.stringify(reasons)).not.toContain('Ada');
    expect(reasons[0]!.evidence).toContain('"furious"');
  });

  it('never loses a reason by what stands beside it, and reads any text without looking back over all of it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), fc.string({ maxLength: 500 }), (before, after) => {
        expect(codes({ text: `${before} lawyer ${after}` })).toContain('legal');
      }),
    );
    for (const unit of ['a', ' ', 'damn ', '!', 'A', "x'"]) {
      const startedAt = performance.now();
      escalationReasons(input({ text: unit.repeat(200_000 / unit.length) }));
      expect(performance.now() - startedAt).toBeLessThan(3_000);
    }
  });
});
