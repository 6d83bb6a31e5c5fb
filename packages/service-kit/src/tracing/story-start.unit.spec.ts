import { storyStartOf, withStoryStart } from './story-start.js';

const AT = Date.UTC(2026, 0, 31, 12);

describe('the start of a story in its tracestate', () => {
  it('comes back as it was put in, in front of what others put in', () => {
    const state = withStoryStart('vendor=a1,other=b2', AT);
    expect(state).toMatch(/^towpath=s:[0-9a-z]+,vendor=a1,other=b2$/);
    expect(storyStartOf(state)).toBe(AT);
    expect(storyStartOf(`vendor=a1,${withStoryStart(undefined, AT)}`)).toBe(AT);
  });

  it('is never taken from outside', () => {
    expect(storyStartOf(withStoryStart('towpath=s:1,vendor=a1', AT))).toBe(AT);
    expect(withStoryStart('vendor=a1, towpath=s:1', AT)).toMatch(/^towpath=s:\w+,vendor=a1$/);
  });

  it('is unknown where nothing or something else stands', () => {
    for (const state of [undefined, '', 'vendor=a1', 'towpath=x', 'nottowpath=s:abc'])
      expect(storyStartOf(state)).toBeUndefined();
  });

  it('drops the oldest entries of others when all together are too long', () => {
    const state = withStoryStart(`a=1,b=${'x'.repeat(490)}`, AT);
    expect(state).toMatch(/^towpath=s:\w+,a=1$/);
  });
});
