import { isText, producersOf, type ContractSource, type Topology } from './contract-source.js';
import type { Problem } from './problem.js';

export function producersFitKind({ file, schema }: ContractSource): Problem[] {
  const { kind, producer, producers } = schema;
  if ((kind === 'event' || kind === 'internal') && !isOnes(schema) && !isAnybodys(schema)) {
    return [
      {
        file,
        problem: `an ${kind} contract has exactly one producer, this has ${producersOf(schema).join(', ') || 'none'}`,
        fix: 'set "producer": "<service>" and no "producers"; what several services send is a command or a platform contract',
      },
    ];
  }
  if (kind === 'command' && !(producer === undefined && isListOfNames(producers))) {
    return [
      {
        file,
        problem: 'a command names the services that may send it',
        fix: 'set "producers": ["<service>", …], each once, and no "producer"',
      },
    ];
  }
  if (kind === 'platform' && (producer !== undefined || producers !== undefined)) {
    return [
      {
        file,
        problem: 'any service may produce a platform contract',
        fix: 'remove "producer" and "producers", or make it an event or a command',
      },
    ];
  }
  return [];
}

export function producersExist({ file, schema }: ContractSource, { services }: Topology): Problem[] {
  return producersOf(schema)
    .filter((name) => !services.has(name))
    .map((name) => ({
      file,
      problem: `its producer "${name}" is no service`,
      fix: `add ${name} to services.yaml, or name one of ${[...services].join(', ')}`,
    }));
}

function isOnes({ producer, producers }: ContractSource['schema']): boolean {
  return typeof producer === 'string' && producers === undefined;
}

/** Any service may keep it in its own store: it is never published, so nobody takes it for another's. */
function isAnybodys({ kind, producer, producers }: ContractSource['schema']): boolean {
  return kind === 'internal' && producer === undefined && producers === undefined;
}

function isListOfNames(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isText) && new Set(value).size === value.length;
}
