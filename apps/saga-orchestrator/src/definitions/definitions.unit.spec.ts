import 'reflect-metadata';
import { handlerTable } from '@towpath/service-kit/handler-table';
import { EMITS } from '../emissions.js';
import { LookAtSaga } from '../look-at-saga.handler.js';
import { Registry } from '../registry.js';
import { RunSagas } from '../run-sagas.handler.js';
import { definitions } from './all.js';

const registry = new Registry();

describe('the definitions of sagas', () => {
  it('hear only of what the orchestrator consumes, each contract by one handler', () => {
    const make = (handler: unknown) =>
      handler === RunSagas ? new RunSagas(registry) : (new LookAtSaga(registry) as unknown);
    const table = handlerTable('saga-orchestrator', [RunSagas, LookAtSaga], make);
    for (const contract of registry.heard()) expect([...table.keys()]).toContain(contract.type);
    for (const { starts } of definitions) expect(table.get(starts.type)?.decrypts).toBe(starts.pii.length > 0);
  });

  it('have names and versions of their own, and every contract that the orchestrator may send is declared', () => {
    const names = definitions.map(({ name, version }) => `${name} ${version}`);
    expect(new Set(names).size).toBe(names.length);
    expect(EMITS.map(({ kind }) => kind)).toContain('command');
  });
});
