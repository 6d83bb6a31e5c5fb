import { taintOfProvider } from './taint-of-provider.js';

describe('the label of a delivery', () => {
  it('is endorsed for nothing but what a person signed', () => {
    expect(taintOfProvider('operator')).toBe('endorsed');
    for (const provider of ['stripe', 'platform', 'zendesk', 'email', 'github', 'toString', '']) {
      expect(taintOfProvider(provider)).not.toBe('endorsed');
    }
  });

  it('is untrusted for a provider that nobody labelled', () => {
    expect(taintOfProvider('unheard-of')).toBe('untrusted');
  });
});
