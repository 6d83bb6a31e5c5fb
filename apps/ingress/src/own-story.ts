import { storyIn, type ProviderStory } from '@towpath/service-kit/provider-story';
import { marksIn, marksOf, withText } from '@towpath/service-kit/story-marker';
import { idAt, objectAt, type Json } from './object-keys/object-key.js';

/** What our effects lead to by themselves; anything else about the same object may be another's doing. */
const OF_EFFECTS = new Set(['payment_intent.succeeded', 'charge.captured', 'account.updated']);

/**
 * The story that a verified delivery continues, because an effect of ours caused it; undefined for all others. What it is about
 * carries the story, signed: Stripe's object in its metadata, GitHub's comment in a hidden marker, Zendesk's ticket in a field. A request of somebody else on the
 * same object, or an event that no effect leads to, is none of ours.
 */
export function ownStoryOf(provider: string, body: Json, key: string | undefined): ProviderStory | undefined {
  if (key === undefined) return undefined;
  return STORIES[provider]?.(body, key);
}

const STORIES: Readonly<Record<string, (body: Json, key: string) => ProviderStory | undefined>> = {
  stripe: storyAtStripe,
  github: storyAtGithub,
  zendesk: storyAtZendesk,
};

function storyAtStripe(body: Json, key: string): ProviderStory | undefined {
  const object = objectAt(objectAt(body['data'])['object']);
  const subjects = [idAt(object), idAt(object['payment_intent']), idAt(object['charge'])].filter((id) => id !== null);
  const story = storyIn(objectAt(object['metadata']), subjects, key);
  if (!story) return undefined;
  const request = idempotencyKeyOf(body);
  // Egress calls with this key; see `effectOf`.
  const isOurs = request === null ? causedByItself(body, object) : request === `towpath-${story.effectId}`;
  return isOurs ? withoutEffect(story) : undefined;
}

/** The comment that we made; what somebody changes in it, or quotes of it elsewhere, is theirs. */
function storyAtGithub(body: Json, key: string): ProviderStory | undefined {
  const text = objectAt(body['comment'])['body'];
  if (body['action'] !== 'created' || typeof text !== 'string') return undefined;
  const repository = objectAt(body['repository'])['full_name'];
  const number = objectAt(body['issue'])['number'];
  const story = storyIn(marksIn(text), [`${String(repository)}#${String(number)}`], key);
  return story && withoutEffect(story);
}

/** The comment that we wrote. The field keeps its story, so what anybody writes afterwards comes with it, too: other words are theirs. */
function storyAtZendesk(body: Json, key: string): ProviderStory | undefined {
  const [ticket, comment] = [objectAt(body['ticket']), objectAt(body['comment'])];
  const [id, text, field] = [ticket['id'], comment['body'], ticket['story']];
  const isRequesters = String(comment['author_id']) === String(objectAt(ticket['requester'])['id']);
  if (typeof text !== 'string' || typeof field !== 'string' || isRequesters) return undefined;
  const story = storyIn(marksOf(field), [withText(String(id), text)], key);
  return story && withoutEffect(story);
}

function withoutEffect({ effectId: _, ...own }: ProviderStory & { readonly effectId: string }): ProviderStory {
  return own;
}

/** A refund with our signature is our refund, whatever becomes of it. */
function causedByItself(body: Json, object: Json): boolean {
  return object['object'] === 'refund' || OF_EFFECTS.has(String(body['type']));
}

function idempotencyKeyOf(body: Json): string | null {
  const key = objectAt(body['request'])['idempotency_key'];
  return typeof key === 'string' ? key : null;
}
