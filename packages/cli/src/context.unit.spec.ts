import { wantsColors } from './context.js';

describe('colours', () => {
  it('are for terminals only', () => {
    expect(wantsColors({}, true)).toBe(true);
    expect(wantsColors({}, false)).toBe(false);
    expect(wantsColors({ CI: 'true' }, undefined)).toBe(false);
  });

  it('are off when NO_COLOR is set or the terminal has none', () => {
    expect(wantsColors({ NO_COLOR: '1' }, true)).toBe(false);
    expect(wantsColors({ TERM: 'dumb' }, true)).toBe(false);
  });
});
