import fc from 'fast-check';
import { factsOf } from '../history/facts.js';
import { draftByAnalyst } from './analyst.js';
import { chooseMacros } from './choose-macros.js';
import { objectionsTo } from './draft-policy.decider.js';
import { assembled, citations, type DraftSentence, type Evidence } from './evidence.js';
import { loadMacros } from './load-macros.js';
import { plainText } from './plain-text.js';
import { polish } from './polish.js';
import { exampleTickets, type ExampleTicket } from './tickets.fixture.js';

const macros = loadMacros();

function evidenceOf({ body, history = [] }: Pick<ExampleTicket, 'body' | 'history'>): Evidence {
  const facts = factsOf({ changes: [...history] }, undefined, 'ticket-1');
  return { macros, message: { messageId: 'm1', text: plainText(body).text }, facts };
}

function draftOf(ticket: Pick<ExampleTicket, 'body' | 'history' | 'intent'>) {
  const evidence = evidenceOf(ticket);
  const choices = chooseMacros(macros, evidence.message.text, ticket.intent);
  return { evidence, sentences: polish(draftByAnalyst(evidence, choices)) };
}

const refund = draftOf({ body: 'Where is my refund for order 4711?', intent: 'refund_status' });

describe('a draft without a model', () => {
  it('is tried with fifty tickets', () => expect(exampleTickets).toHaveLength(50));

  it.each(exampleTickets)('holds every fact that answers "$body"', (ticket) => {
    const { sentences } = draftOf(ticket);
    const { text } = assembled(sentences);
    expect(ticket.facts.filter((fact) => !text.includes(fact))).toEqual([]);
  });

  it.each(exampleTickets)('has no sentence without a source for "$body"', (ticket) => {
    const { sentences, evidence } = draftOf(ticket);
    const cited = citations(evidence);
    for (const { text, sources } of sentences) {
      expect(sources.length).toBeGreaterThan(0);
      const words = sources.map(cited);
      expect(words).not.toContain(undefined);
      // The number of an order stands in the message, everything else in macro or history, word for word.
      const plain = words.slice(1).reduce((known, word) => known!.replaceAll('{order}', word!), words[0]);
      expect(plain).toBe(text);
    }
    expect(objectionsTo(sentences, evidence)).toEqual([]);
  });

  it('says nothing of what was not asked: at most three answers', () => {
    const body = exampleTickets.map((ticket) => ticket.body).join(' ');
    expect(chooseMacros(macros, body, 'none').length).toBeLessThanOrEqual(3);
  });

  it.each(['', 'asdf qwer', 'What do you think about the weather?', '🙂🙂🙂', 'Wo bleibt meine Bestellung?'])(
    'is none when nothing is known: %j',
    (body) => expect(draftOf({ body, intent: 'unknown' }).sentences).toEqual([]),
  );

  it('tells one fact once, although two answers could', () => {
    const history = [{ paymentId: 'pi_1', change: 'refunded', amountMinor: 100, currency: 'EUR', at: 0 }];
    const { sentences } = draftOf({
      body: 'Where is my refund? I was charged twice.',
      intent: 'refund_status',
      history,
    });
    expect(sentences.filter(({ text }) => text.includes('pi_1'))).toHaveLength(1);
  });
});

describe('the policy check', () => {
  const first = refund.sentences[1]!;
  const changed = (sentence: DraftSentence) => [refund.sentences[0]!, sentence, ...refund.sentences.slice(2)];
  const codes = (sentences: readonly DraftSentence[]) =>
    objectionsTo(sentences, refund.evidence).map(({ code }) => code);
  const days = refund.sentences.find(({ text }) => text.includes('10 business days'))!;

  it.each<[string, DraftSentence, string]>([
    ['a sentence that cites nothing', { text: 'We will call you.', sources: [] }, 'UNCITED'],
    [
      'a macro that does not exist',
      { ...first, sources: [{ ...days.sources[0]!, id: 'free-money' }] },
      'SOURCE_UNKNOWN',
    ],
    ['an old version of a macro', { ...days, sources: [{ ...days.sources[0]!, version: '0' }] }, 'SOURCE_UNKNOWN'],
    ['a span beyond the text', { ...days, sources: [{ ...days.sources[0]!, end: 9_999 }] }, 'SOURCE_UNKNOWN'],
    ['an empty span', { ...days, sources: [{ ...days.sources[0]!, end: days.sources[0]!.start }] }, 'SOURCE_UNKNOWN'],
    [
      "another ticket's message",
      { text: '4711', sources: [{ kind: 'message', id: 'm2', version: '', start: 0, end: 4 }] },
      'SOURCE_UNKNOWN',
    ],
    ['another number', { ...days, text: days.text.replace('10', '2') }, 'MADE_UP'],
    [
      'a link',
      { ...days, text: 'A refund reaches the card by https://evil.example within 5 to 10 business days.' },
      'MADE_UP',
    ],
    [
      'words that the source does not say',
      { ...days, text: 'Your parcel was eaten by wolves near Berlin.' },
      'UNSUPPORTED',
    ],
    ['the contrary of the source', { ...days, text: `${days.text.slice(0, -1)} or not.` }, 'UNSUPPORTED'],
    ['markup', { ...days, text: `<b>${days.text}</b>` }, 'NOT_PLAIN'],
    ['hidden characters', { ...days, text: `${days.text}\u200b` }, 'NOT_PLAIN'],
    ['a secret', { ...days, text: 'The key is sk_live_abcdefgh12345678.' }, 'SECRET'],
    ['a card number', { ...days, text: 'Your card 4242 4242 4242 4242 is fine.' }, 'SECRET'],
  ])('refuses %s', (_what, sentence, code) => {
    expect(codes(changed(sentence))).toEqual([code]);
  });

  it('refuses what says nothing beside greeting and closing, and what is too long', () => {
    expect(codes([refund.sentences[0]!, refund.sentences.at(-1)!])).toEqual(['NOTHING_SAID']);
    expect(codes(Array.from({ length: 60 }, () => days))).toContain('TOO_LONG');
  });

  it('lets a shorter wording of the sources pass', () => {
    expect(codes(changed({ ...days, text: 'Refunds reach your card within 5 to 10 business days.' }))).toEqual([]);
  });

  it('never lets a sentence pass whose number, link or address is in none of its sources', () => {
    const text = fc.oneof(
      fc.integer({ min: 11, max: 1e9 }).map((number) => `A refund reaches the card within ${number} days.`),
      fc.webUrl().map((url) => `A refund reaches the card by ${url} within days.`),
      fc.emailAddress().map((address) => `A refund reaches the card by ${address} within days.`),
    );
    fc.assert(fc.property(text, (invented) => codes(changed({ ...days, text: invented })).length > 0));
  });
});

describe('polishing', () => {
  it('adds no word, takes none away, keeps every source, and is done after once', () => {
    const sentence = fc.record({
      text: fc.string({ minLength: 1 }),
      sources: fc.constant(refund.sentences[0]!.sources),
    });
    fc.assert(
      fc.property(fc.array(sentence, { maxLength: 10 }), (sentences) => {
        const polished = polish(sentences);
        expect(polish(polished)).toEqual(polished);
        const words = (list: readonly DraftSentence[]) =>
          new Set(list.flatMap(({ text }) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []));
        expect(words(polished)).toEqual(words(sentences));
        for (const { sources } of polished) expect(sources.length).toBeGreaterThan(0);
      }),
    );
  });
});
