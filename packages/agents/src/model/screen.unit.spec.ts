import { secretsOf } from '../identity/service-identities.js';
import { canonicalRequest } from './canonical-request.js';
import { question } from './gateway.fixture.js';
import { secretScreen } from './screen.js';

const known = secretsOf({
  OPENAI_API_KEY: 'key-of-the-provider',
  DATABASE_URL: 'postgres://fraud_service:a-long-p%40ssword@127.0.0.1/towpath',
  OPENAI_MODEL: 'gpt-4.1-mini',
  PORT: 8080,
});
const screen = secretScreen(known);

function asked(text: string) {
  const parts = [{ label: 'ticket', text, taint: 'untrusted' as const }];
  return canonicalRequest(question({ parts }), { model: 'gpt-4.1-mini', outputTokensMax: 10 });
}

describe('the last guard before a prompt', () => {
  it.each([
    ['a secret of the process', 'it is key-of-the-provider, is it not'],
    ['the same in other words', Buffer.from('it is key-of-the-provider').toString('base64')],
    ['a password of an address', 'log in with a-long-p@ssword'],
    ['a key of somebody', 'my key sk-live-abcdefgh12345 does not work'],
  ])('lets through no %s', (_, text) => {
    expect(() => screen(asked(text))).toThrow(/^SECRET_IN_PROMPT: part 0 \(ticket\)/);
    expect(() => screen(asked(text))).not.toThrow(text);
  });

  it('lets through what people write', () => {
    expect(() => screen(asked('Where is my parcel? Order 4711, gpt-4.1-mini.'))).not.toThrow();
  });
});
