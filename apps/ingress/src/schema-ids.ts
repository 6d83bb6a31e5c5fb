import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Contract } from '@towpath/contracts/contract';
import { z } from 'zod';

/** Schema ids by contract type. */
export type SchemaIds = ReadonlyMap<string, number>;

const storedSchema = z.record(z.string(), z.int().positive());

/**
 * The ids under which the registry knows the contracts. What the registry says is kept in `cacheFile`; while it is away
 * the kept ids are used, for an id once given never changes. Throws when neither has an id for each contract.
 * @param lookUp asks the registry; rejects when it is away or a contract isn't registered
 */
export async function schemaIdsOf(
  contracts: readonly Contract[],
  cacheFile: string,
  lookUp: (contract: Contract) => Promise<number>,
): Promise<SchemaIds> {
  try {
    const entries = await Promise.all(
      contracts.map(async (contract) => [contract.type, await lookUp(contract)] as const),
    );
    keep(cacheFile, Object.fromEntries(entries));
    return new Map(entries);
  } catch (error) {
    const kept = new Map(Object.entries(keptIn(cacheFile)));
    if (contracts.every(({ type }) => kept.has(type))) return kept;
    throw error;
  }
}

function keptIn(cacheFile: string): Record<string, number> {
  try {
    return storedSchema.parse(JSON.parse(readFileSync(cacheFile, 'utf8')));
  } catch {
    // No file yet, or one that a power cut left half-written: as good as none.
    return {};
  }
}

function keep(cacheFile: string, ids: Record<string, number>): void {
  mkdirSync(dirname(cacheFile), { recursive: true });
  const temporary = `${cacheFile}.${process.pid}.tmp`;
  writeFileSync(temporary, JSON.stringify(ids));
  renameSync(temporary, cacheFile);
}
