import { fill, ownMigrations } from './migrate.js';
import { schemaOf } from './names.js';
import { isVerifierOf, scramVerifier } from './scram.js';

describe('set-up', () => {
  it('runs numbered migrations before repeatable ones', () => {
    expect(ownMigrations('store').map((migration) => migration.name)).toEqual(['001_tables.sql', 'R_functions.sql']);
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
