import avsc from 'avsc';
import type { AvroShape } from './avro-shape.js';
import { boundsOf, type Walk } from './bounds.js';
import type { Contract } from './contract.js';
import { ContractError } from './contract-error.js';
import { jsonFormOf, type JsonForm } from './json-form.js';
import { strictnessOf, type Refuse } from './strictness.js';

/**
 * The data as plain Avro, without any wire header. `pii` fields take whatever string they are given: the plain text, or
 * the ciphertext once the store has encrypted it. A long lies within ±(2^52 - 1); a field with a default may be left out.
 * @throws ContractError `DATA_INVALID` naming the contract, the field, what was expected and what came
 */
export function encode<T>(contract: Contract<T>, data: T): Buffer {
  const codec = codecOf(contract);
  const problem = codec.refuse(data, '');
  if (problem !== undefined) throw dataInvalid(contract, problem);
  try {
    return codec.type.toBuffer(data);
  } catch {
    throw dataInvalid(contract, misfitOf(codec.type, data));
  }
}

/**
 * Refuses what `encode` would refuse, for a tenth of its time: nothing is written.
 * @throws ContractError `DATA_INVALID` as `encode` does
 */
export function check<T>(contract: Contract<T>, data: T): void {
  const codec = codecOf(contract);
  const problem = codec.refuse(data, '') ?? (codec.type.isValid(data) ? undefined : misfitOf(codec.type, data));
  if (problem !== undefined) throw dataInvalid(contract, problem);
}

/**
 * The data of a plain Avro value. `writer` is the schema it was written with, when that is another version of the
 * contract's own; fields it lacks get their defaults.
 * @throws ContractError `UNDECODABLE` when the bytes are not one whole value with nothing after it
 */
export function decode<T>(contract: Contract<T>, buffer: Buffer, writer?: object): T {
  const codec = codecOf(contract);
  try {
    const reading = writer === undefined || writer === contract.schema ? codec.own : readingOf(codec, writer);
    reading.bounds?.(buffer, 0);
    const data: unknown = codec.type.fromBuffer(buffer, reading.resolver);
    const problem = codec.refuse(data, '');
    if (problem !== undefined) throw new Error(problem);
    return data as T;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new ContractError(
      'UNDECODABLE',
      `${buffer.length} bytes are not a ${contract.type} (${cause}). Decode them with the schema they were written with.`,
    );
  }
}

/** The data as JSON values: bytes become base64 strings, the rest stays. The same object when the contract has no bytes. */
export function toJson<T>(contract: Contract<T>, data: T): unknown {
  const { json } = codecOf(contract);
  return json ? json.toJson(data) : data;
}

/** The inverse of `toJson`. It does not check the data against the schema: `encode` does. */
export function fromJson<T>(contract: Contract<T>, data: unknown): T {
  const { json } = codecOf(contract);
  return (json ? json.fromJson(data) : data) as T;
}

interface Codec {
  readonly type: avsc.Type;
  readonly refuse: Refuse;
  readonly json: JsonForm | undefined;
  readonly own: Reading;
  /** by writer's schema */
  readonly readings: WeakMap<object, Reading>;
}

/** How values written with one schema are read. */
interface Reading {
  readonly bounds: Walk | undefined;
  /** absent for the contract's own schema */
  readonly resolver?: object;
}

/** By contract, not by type name: a contract built from a schema of the registry may share its name with ours. */
const codecs = new WeakMap<object, Codec>();

function codecOf(contract: Contract): Codec {
  const known = codecs.get(contract);
  if (known) return known;
  const shape = contract.schema as AvroShape;
  const codec: Codec = {
    type: avroTypeOf(contract.schema),
    refuse: strictnessOf(shape),
    json: jsonFormOf(shape),
    own: { bounds: boundsOf(shape) },
    readings: new WeakMap(),
  };
  codecs.set(contract, codec);
  return codec;
}

function readingOf(codec: Codec, writer: object): Reading {
  const known = codec.readings.get(writer);
  if (known) return known;
  const reading = {
    bounds: boundsOf(writer as AvroShape),
    resolver: codec.type.createResolver(avroTypeOf(writer)),
  };
  codec.readings.set(writer, reading);
  return reading;
}

function avroTypeOf(schema: object): avsc.Type {
  return avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: false, omitRecordMethods: true });
}

function dataInvalid(contract: Contract, problem: string): ContractError {
  return new ContractError('DATA_INVALID', `${contract.type} ${problem}. Nothing was encoded.`);
}

function misfitOf(type: avsc.Type, data: unknown): string {
  let misfit: string | undefined;
  type.isValid(data, {
    errorHook: (path, value, expected) => {
      misfit ??= `${path.join('.') || '(the whole value)'}: expected ${nameOf(expected)}, got ${kindOf(value)}`;
    },
  });
  return misfit ?? 'does not fit its schema';
}

function nameOf(type: avsc.Type): string {
  if (avsc.Type.isType(type, 'union')) {
    return (type as avsc.types.UnwrappedUnionType).types.map((branch) => nameOf(branch)).join(' or ');
  }
  return numberNames[type.typeName] ?? type.typeName;
}

const numberNames: Readonly<Record<string, string>> = { int: 'int (32 bits)', long: 'long (an integer)' };

/** Never the value: it may be personal, whichever field it was put in by mistake. */
function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string') return `a string of ${value.length} characters`;
  if (Buffer.isBuffer(value)) return `${value.length} bytes`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'number') return numberKindOf(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function numberKindOf(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return Number.isInteger(value) ? 'an integer' : 'a number with a fraction';
}
