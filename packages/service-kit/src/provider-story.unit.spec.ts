import fc from 'fast-check';
import { metadataOf, storyIn, type ProviderStory } from './provider-story.js';

const KEY = 'a key of egress and ingress';
const story: ProviderStory = {
  correlationId: 'c-1',
  causationId: 'cmd-1',
  hops: 4,
  path: ['A@00000001', 'B@00000002'],
};

describe('the story that an effect leaves at its provider', () => {
  it('comes back as it was given, for any story that fits', () => {
    const step = fc.stringMatching(/^[A-Za-z-]{1,30}@[0-9a-f]{8}$/);
    const stories = fc.record({
      correlationId: fc.uuid(),
      causationId: fc.uuid(),
      hops: fc.nat({ max: 64 }),
      path: fc.array(step, { maxLength: 45 }),
    });
    fc.assert(
      fc.property(stories, (one) => {
        const metadata = metadataOf(one, 'e-1', 'pi_1', KEY);
        expect(Object.values(metadata).every((value) => value.length <= 500)).toBe(true);
        expect(storyIn(metadata, ['ch_1', 'pi_1'], KEY)).toEqual({ ...one, effectId: 'e-1' });
      }),
    );
  });

  it('keeps the newest steps of a path that is too long', () => {
    const path = Array.from({ length: 64 }, (_, n) => `AHandlerWithAVeryLongNameIndeed${n}@0123abcd`);
    const kept = storyIn(metadataOf({ ...story, path }, 'e-1', 'pi_1', KEY), ['pi_1'], KEY)?.path ?? [];
    expect(kept.length).toBeGreaterThan(30);
    expect(kept).toEqual(path.slice(-kept.length));
  });

  it.each(Object.keys(metadataOf(story, 'e-1', 'pi_1', KEY)))(
    'counts for nothing once %s is changed or gone',
    (name) => {
      const metadata = metadataOf(story, 'e-1', 'pi_1', KEY);
      expect(storyIn({ ...metadata, [name]: `${metadata[name]}0` }, ['pi_1'], KEY)).toBeUndefined();
      expect(storyIn({ ...metadata, [name]: undefined }, ['pi_1'], KEY)).toBeUndefined();
    },
  );

  it('counts for nothing on another object, or under another key', () => {
    const metadata = metadataOf(story, 'e-1', 'pi_1', KEY);
    expect(storyIn(metadata, ['pi_2', 'ch_1'], KEY)).toBeUndefined();
    expect(storyIn(metadata, ['pi_1'], 'another key')).toBeUndefined();
  });

  it('is two ids for people where there is no key', () => {
    expect(metadataOf(story, 'e-1', 'pi_1', undefined)).toEqual({
      towpath_correlation_id: 'c-1',
      towpath_effect_id: 'e-1',
    });
  });
});
