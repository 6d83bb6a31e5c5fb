import { marker, withText } from '@towpath/service-kit/story-marker';
import type { Ask } from '../../http-adapter.js';
import type { ZendeskSettings } from './zendesk.adapter.js';

/**
 * The story in a field of the ticket that only agents see, because a trigger can tell fields and no metadata. It is signed for this
 * comment's words: the field keeps it while others write.
 */
export function storyField(
  { settings, marksFor }: Pick<Ask<unknown, ZendeskSettings>, 'settings' | 'marksFor'>,
  ticket: string,
  comment: string,
): object {
  const id = settings.ZENDESK_STORY_FIELD;
  return id === undefined ? {} : { custom_fields: [{ id, value: marker(marksFor(withText(ticket, comment))) }] };
}
