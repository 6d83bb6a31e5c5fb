import { fill, ownMigrations } from './migrate.js';
import { schemaOf } from './names.js';
import { isVerifierOf, scramVerifier } from './scram.js';

describe('set-up', () => {
  it('runs numbered migrations before repeatable ones', () => {
    const names = ownMigrations('store').map(({ name }) => name);
    const numbered = names.filter((name) => /^\d{3}_/.test(name));
    const repeatable = names.filter((name) => name.startsWith('R_'));
    expect([numbered[0], repeatable.includes('R_functions.sql')]).toEqual(['001_tables.sql', true]);
    expect(names).toEqual([...numbered.toSorted(), ...repeatable.toSorted()]);
  });

  it('refuses a placeholder without a value', () => {
    expect(fill({ name: 'a', sql: 'grant x to {{service}}' }, { service: 's' }).sql).toBe('grant x to s');
    expect(() => fill({ name: 'a', sql: '{{nothing}}' }, { service: 's' })).toThrow('PLACEHOLDER_UNKNOWN');
  });

  it('refuses a service name that could not name a schema', () => {
    expect(schemaOf('saga-orchestrator')).toBe('saga_orchestrator');
    expect(() => schemaOf('x"; drop')).toThrow('BAD_NAME');
  });

  it('knows the password a verifier is of, and no other', () => {
    const verifier = scramVerifier('secret');
    expect(isVerifierOf('secret', verifier)).toBe(true);
    expect(isVerifierOf('other', verifier)).toBe(false);
    expect(isVerifierOf('secret', null)).toBe(false);
    expect(verifier).not.toContain('secret');
  });
});
