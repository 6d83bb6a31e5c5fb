import type { DraftSentence } from './evidence.js';

/**
 * The last step: the same sentences once each, spaced and ended as sentences are. It takes no word away and adds none, so every
 * sentence still stands on its sources.
 */
export function polish(sentences: readonly DraftSentence[]): DraftSentence[] {
  const seen = new Set<string>();
  const polished: DraftSentence[] = [];
  for (const { text, sources } of sentences) {
    const spaced = text
      .replace(/\s+/g, ' ')
      .replace(/ ([.,;:!?])/g, '$1')
      .trim();
    const ended = /[.!?]$/.test(spaced) ? spaced : `${spaced}.`;
    const key = ended.toLowerCase();
    if (spaced === '' || seen.has(key)) continue;
    seen.add(key);
    polished.push({ text: ended, sources });
  }
  return polished;
}
