import { assertScopes, RESERVED_DOMAINS, scopeProblem } from './scope.js';

describe('scopes', () => {
  it('can not be what only people do', () => {
    for (const domain of RESERVED_DOMAINS) {
      expect(() => assertScopes(['tickets:reply', `${domain}:decide`])).toThrow('SCOPE_RESERVED');
    }
  });

  it.each(['*', 'tickets:*', '*:*', 'tickets', 'Tickets:Reply', 'tickets:reply ', 'tickets:reply tickets:assign', ''])(
    'can not be %j',
    (scope) => {
      expect(scopeProblem([scope])?.code).toBe('SCOPE_INVALID');
    },
  );

  it('stand there once each', () => {
    expect(scopeProblem(['tickets:reply', 'tickets:reply'])?.code).toBe('SCOPE_INVALID');
    expect(scopeProblem(['tickets:reply', 'tickets:assign'])).toBeNull();
  });
});
