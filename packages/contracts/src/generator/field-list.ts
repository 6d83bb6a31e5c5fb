import { isObject, type ContractField } from './contract-source.js';

/** A field of a contract, or of a record within it, in the words of people. */
export interface ListedField {
  /** `signals.name` for the field of a record in the field `signals` */
  readonly path: string;
  /** such as `string or null` or `list of Signal` */
  readonly type: string;
  readonly doc: string;
  readonly default?: unknown;
  /** the field that holds the id of the person whose key encrypts this one */
  readonly pii?: string;
  readonly prompt?: string;
}

/** Every field in the order of the schema, those of records within it below theirs. */
export function listFields(fields: readonly ContractField[], prefix = ''): ListedField[] {
  return fields.flatMap(({ name, type, ...rest }) => {
    const path = `${prefix}${name}`;
    const { doc, default: fallback, pii, prompt } = rest;
    const listed: ListedField = {
      path,
      type: labelOf(type),
      doc,
      ...(fallback !== undefined && { default: fallback }),
      ...(pii !== undefined && { pii }),
      ...(prompt !== undefined && { prompt }),
    };
    return [listed, ...listFields(nestedFieldsOf(type), `${path}.`)];
  });
}

function nestedFieldsOf(type: unknown): readonly ContractField[] {
  if (Array.isArray(type)) return type.flatMap((branch) => nestedFieldsOf(branch));
  if (!isObject(type)) return [];
  if (type['type'] === 'record') return type['fields'] as readonly ContractField[];
  return nestedFieldsOf(type['items'] ?? type['values']);
}

function labelOf(type: unknown): string {
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) return type.map(labelOf).reverse().join(' or ');
  if (!isObject(type)) return '';
  if (type['type'] === 'array') return `list of ${labelOf(type['items'])}`;
  if (type['type'] === 'map') return `map of ${labelOf(type['values'])}`;
  return type['type'] === 'enum' ? (type['symbols'] as readonly string[]).join(', ') : String(type['name']);
}
