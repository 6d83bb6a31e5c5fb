import type { Contract } from '@towpath/contracts/contract';

type Fields = Readonly<Record<string, unknown>>;
interface Field {
  readonly name: string;
  readonly type: unknown;
}

/** Data that a contract takes: `known` where it has fields of these names, else something plausible that says which field it is. */
export function sampleOf(contract: Contract, known: Fields = {}): Fields {
  const { fields } = contract.schema as { readonly fields: readonly Field[] };
  return Object.fromEntries(fields.map(({ name, type }) => [name, known[name] ?? valueOf(type, name)]));
}

function valueOf(type: unknown, name: string): unknown {
  // A union with null: what is there is harder to handle than what is not.
  if (Array.isArray(type))
    return valueOf(
      type.find((one) => one !== 'null'),
      name,
    );
  if (typeof type === 'string') return plain(type, name);
  const {
    type: kind,
    items,
    fields,
    symbols,
  } = type as {
    readonly type: unknown;
    readonly items?: unknown;
    readonly fields?: readonly Field[];
    readonly symbols?: readonly string[];
  };
  if (kind === 'array') return [valueOf(items, name)];
  if (kind === 'record')
    return Object.fromEntries((fields ?? []).map((field) => [field.name, valueOf(field.type, field.name)]));
  if (kind === 'enum') return symbols?.[0];
  if (kind === 'map') return {};
  return valueOf(kind, name);
}

function plain(type: string, name: string): unknown {
  if (type === 'string') return name === 'currency' ? 'EUR' : `${name}-1`;
  if (type === 'boolean') return false;
  if (type === 'bytes') return Buffer.alloc(0);
  return type === 'null' ? null : 1;
}
