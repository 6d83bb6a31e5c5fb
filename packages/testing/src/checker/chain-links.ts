import { createHash } from 'node:crypto';
import { Findings, type EventRow, type Verdict } from './evidence.js';

/**
 * I4: the hash chain of every stream, computed here anew from the rows and with nothing of the product: SHA-256 over the
 * RFC 8785 text of each event, linked by version. Rows come in the order of their positions.
 */
export class ChainLinks {
  private readonly heads = new Map<string, { version: number; hash: Buffer }>();
  private readonly findings = new Findings('I4 the chain of each stream follows from its events');

  event(schema: string, row: EventRow): void {
    const name = `${schema} ${row.stream}`;
    const head = this.heads.get(name) ?? { version: 0, hash: sha256(row.stream) };
    const version = Number(row.version);
    this.findings.check(version === head.version + 1, () => `${name}: version ${version} follows ${head.version}`);
    const digest = sha256(canonical(digested(row)));
    this.findings.check(
      digest.equals(row.digest),
      () => `${name} version ${version}: the content is not what was hashed`,
    );
    const place = Buffer.alloc(8);
    place.writeBigInt64BE(BigInt(version));
    const link = sha256(Buffer.concat([head.hash, place, digest]));
    this.findings.check(link.equals(row.hash), () => `${name} version ${version}: the link is broken`);
    this.heads.set(name, { version, hash: row.hash });
  }

  verdict(): Verdict {
    return this.findings.verdict();
  }
}

function digested({ data, id, metadata, occurred_at, stream, type }: EventRow): object {
  return { data, id, metadata, occurredAt: occurred_at.toISOString(), stream, type };
}

/** RFC 8785: members by UTF-16 code units, everything else as JSON.stringify writes it. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const object = value as Record<string, unknown>;
  const members = Object.keys(object).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(object[name])}`).join(',')}}`;
}

function sha256(content: string | Buffer): Buffer {
  return createHash('sha256').update(content).digest();
}
