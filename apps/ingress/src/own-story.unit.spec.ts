import { metadataOf } from '@towpath/service-kit/provider-story';
import { markedBody, marker, withText } from '@towpath/service-kit/story-marker';
import { ownStoryOf } from './own-story.js';

const KEY = 'a key of egress and ingress';
const story = { correlationId: 'c-1', causationId: 'cmd-1', hops: 4, path: ['A@00000001'] };
const metadata = metadataOf(story, 'e1', 'pi_1', KEY);

const event = (type: string, object: object, idempotencyKey: string | null = null) => ({
  id: 'evt_1',
  type,
  request: { id: null, idempotency_key: idempotencyKey },
  data: { object },
});
const intent = { object: 'payment_intent', id: 'pi_1', metadata };

describe('a delivery that an effect of ours caused', () => {
  it.each([
    ['a capture, by its request', event('payment_intent.succeeded', intent, 'towpath-e1')],
    ['a capture that was told later', event('payment_intent.succeeded', intent)],
    ['a refund', event('refund.created', { object: 'refund', id: 're_1', payment_intent: 'pi_1', metadata })],
    [
      'what becomes of a refund',
      event('refund.failed', { object: 'refund', id: 're_1', payment_intent: 'pi_1', metadata }),
    ],
  ])('continues the story of the effect: %s', (_, body) => {
    expect(ownStoryOf('stripe', body, KEY)).toEqual(story);
  });

  it.each([
    ['somebody else asked for it', event('payment_intent.succeeded', intent, 'dashboard-1')],
    ['no effect leads to it', event('payment_intent.payment_failed', intent)],
    ['the story is of another payment', event('payment_intent.succeeded', { ...intent, id: 'pi_2' })],
    [
      'a field was changed',
      event('payment_intent.succeeded', { ...intent, metadata: { ...metadata, towpath_hops: '63' } }),
    ],
    [
      'it names only a correlation id',
      event('payment_intent.succeeded', { ...intent, metadata: { towpath_correlation_id: 'c-1' } }),
    ],
    ['it has no metadata', event('payment_intent.succeeded', { object: 'payment_intent', id: 'pi_1' })],
  ])('is no such delivery when %s', (_, body) => {
    expect(ownStoryOf('stripe', body, KEY)).toBeUndefined();
  });

  it('is known to nobody without the key, and to no other provider', () => {
    expect(ownStoryOf('stripe', event('payment_intent.succeeded', intent), undefined)).toBeUndefined();
    expect(ownStoryOf('platform', event('payment_intent.succeeded', intent), KEY)).toBeUndefined();
  });

  describe('at Zendesk', () => {
    const WORDS = 'Your order is on its way.';
    const marks = metadataOf(story, 'e1', withText('42', WORDS), KEY);
    const told = (comment: object = {}, ticket: object = {}) => ({
      type: 'ticket.message',
      ticket: { id: '42', requester: { id: '7' }, story: marker(marks), ...ticket },
      comment: { author_id: '900', public: true, body: WORDS, ...comment },
    });

    it('continues the story of the comment that we wrote, however its lines are broken', () => {
      expect(ownStoryOf('zendesk', told(), KEY)).toEqual(story);
      expect(ownStoryOf('zendesk', told({ body: ` ${WORDS.replace('is on', 'is\r\non')}\n` }), KEY)).toEqual(story);
    });

    it.each([
      ['somebody writes after us, and the field still stands there', told({ body: 'Thanks!' })],
      ['the customer writes our words back', told({ author_id: '7' })],
      ['the field was copied to another ticket', told({}, { id: '43' })],
      ['the field is empty', told({}, { story: '' })],
      ['the field is somebody else’s', told({}, { story: 'e30' })],
    ])('is no such delivery when %s', (_, body) => {
      expect(ownStoryOf('zendesk', body, KEY)).toBeUndefined();
    });
  });

  describe('at GitHub', () => {
    const marks = metadataOf(story, 'e1', 'acme/shop#7', KEY);
    const comment = (over: object = {}, number = 7) => ({
      ...{ action: 'created', repository: { full_name: 'acme/shop' }, issue: { number } },
      ...{ comment: { id: 1, body: markedBody('Looks good', marks) }, ...over },
    });

    it('continues the story of the comment that we made', () => {
      expect(ownStoryOf('github', comment(), KEY)).toEqual(story);
    });

    it.each([
      ['it is edited', comment({ action: 'edited' })],
      ['somebody copied it to another issue', comment({}, 8)],
      ['somebody quotes it', comment({ comment: { body: `${markedBody('Looks good', marks)}\n> and more` } })],
      ['it has no marker', comment({ comment: { body: 'Looks good' } })],
      ['its marker is of nobody', comment({ comment: { body: 'x\n\n<!-- towpath:bm8 -->' } })],
    ])('is no such delivery when %s', (_, body) => {
      expect(ownStoryOf('github', body, KEY)).toBeUndefined();
    });
  });
});
