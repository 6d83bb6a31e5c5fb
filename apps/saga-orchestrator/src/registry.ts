import type { Contract } from '@towpath/contracts/contract';
import { stepsOf, waitsOf, type SagaDefinition } from '@towpath/sagas/definition';
import { definitions as all } from './definitions/all.js';

/** Thrown for an instance whose definition is not part of this build: `SAGA_VERSION_MISSING`. */
export class SagaVersionMissing extends Error {
  readonly code = 'SAGA_VERSION_MISSING';

  constructor(name: string, version: number) {
    super(
      `SAGA_VERSION_MISSING: instances of ${name} run that began with version ${version}; keep that version in definitions/all.ts until they ended`,
    );
    this.name = 'SagaVersionMissing';
  }
}

/** What definitions there are, by what they hear of. */
export class Registry {
  private readonly byName = new Map<string, SagaDefinition>();
  private readonly byType = new Map<string, Contract>();
  private readonly started: ReadonlyMap<Contract, readonly SagaDefinition[]>;
  private readonly waiting: ReadonlyMap<Contract, readonly SagaDefinition[]>;

  constructor(definitions: readonly SagaDefinition[] = all) {
    for (const definition of definitions) {
      const name = nameOf(definition.name, definition.version);
      if (this.byName.has(name)) throw new Error(`DEFINITION_INVALID: ${name} is defined twice`);
      this.byName.set(name, definition);
      for (const contract of heardBy(definition)) this.byType.set(contract.type, contract);
    }
    const byContract = (of: (contract: Contract) => readonly SagaDefinition[]) =>
      new Map([...this.byType.values()].map((contract) => [contract, of(contract)]));
    this.started = byContract((contract) => newestOf(definitions).filter(({ starts }) => starts === contract));
    this.waiting = byContract((contract) => definitions.filter((definition) => listensTo(definition, contract)));
  }

  /** Throws `SagaVersionMissing`. */
  definitionOf(name: string, version: number): SagaDefinition {
    const found = this.byName.get(nameOf(name, version));
    if (!found) throw new SagaVersionMissing(name, version);
    return found;
  }

  has(name: string, version: number): boolean {
    return this.byName.has(nameOf(name, version));
  }

  /** Those that an event of this contract begins: of each name the newest version. */
  startedBy(contract: Contract): readonly SagaDefinition[] {
    return this.started.get(contract) ?? [];
  }

  /** Those that wait for an event of this contract, or that it ends; every version. */
  listening(contract: Contract): readonly SagaDefinition[] {
    return this.waiting.get(contract) ?? [];
  }

  /** Every contract that some saga hears of. */
  heard(): readonly Contract[] {
    return [...this.byType.values()];
  }

  /** The contract of a type that some saga hears of. */
  contractOf(type: string): Contract | undefined {
    return this.byType.get(type);
  }
}

function nameOf(name: string, version: number): string {
  return `${name} version ${version}`;
}

function newestOf(definitions: readonly SagaDefinition[]): readonly SagaDefinition[] {
  return definitions.filter(({ name, version }) =>
    definitions.every((other) => other.name !== name || other.version <= version),
  );
}

function listensTo(definition: SagaDefinition, contract: Contract): boolean {
  return (
    waitsOf(definition).some(({ event }) => event?.contract === contract) ||
    definition.ends.some((end) => end.contract === contract)
  );
}

function heardBy(definition: SagaDefinition): readonly Contract[] {
  const replies = stepsOf(definition).flatMap(({ ways }) =>
    ways.flatMap(({ done, failed, unknown, undone, undoFailed }) => [done, failed, unknown, undone, undoFailed].flat()),
  );
  const awaited = waitsOf(definition).flatMap(({ event }) => (event ? [event.contract] : []));
  return [definition.starts, ...replies, ...awaited, ...definition.ends.map(({ contract }) => contract)];
}
