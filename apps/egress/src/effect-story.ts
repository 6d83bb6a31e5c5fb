import { stepOf } from '@towpath/service-kit/pipeline/story';
import { metadataOf } from '@towpath/service-kit/provider-story';
import type { OpenEffect } from './ledger.projection.js';

/**
 * What an effect leaves at its provider, so that a probe finds it again and what the provider reports of it continues the
 * story: one step on from the command, the provider's.
 * @param step what a path names for what happens there, such as `stripe`
 * @param signedFor what has to stand beside it for it to count; default: the effect's subject
 */
export function storyMetadata(
  effect: OpenEffect,
  step: string,
  storyKey: string | undefined,
  signedFor: string = effect.subjectId,
): Record<string, string> {
  const { origin, subjectId, effectId } = effect;
  const { id: causationId, correlationId, hops, path } = origin;
  const story = { correlationId, causationId, hops: hops + 1, path: [...path, stepOf(step, subjectId)] };
  return metadataOf(story, effectId, signedFor, storyKey);
}
