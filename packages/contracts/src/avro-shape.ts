/** An Avro schema as it stands in our files: named types in line, unions only with null. */
export type AvroShape = string | readonly AvroShape[] | AvroObject;

export interface AvroObject {
  readonly type: AvroShape;
  readonly name?: string;
  readonly fields?: readonly AvroField[];
  readonly items?: AvroShape;
  readonly values?: AvroShape;
  readonly symbols?: readonly string[];
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroShape;
}

/** What each kind of Avro type becomes, for code compiled once per schema. `undefined` = nothing to do for it. */
export interface ShapeVisitor<R> {
  primitive(name: string): R | undefined;
  array(items: R): R | undefined;
  map(values: R): R | undefined;
  /** every field, with the result of those that have one */
  record(fields: readonly { readonly name: string; readonly result: R | undefined }[]): R | undefined;
  /** a union of null and one type; without this method: the result of that type */
  nullable?(inner: R, nullFirst: boolean): R | undefined;
}

/** Walks a schema bottom-up. Recursive schemas are refused by the generator, so the walk ends. */
export function visitShape<R>(shape: AvroShape, visitor: ShapeVisitor<R>): R | undefined {
  if (typeof shape === 'string') return visitor.primitive(shape);
  if (isUnion(shape)) return visitUnion(shape, visitor);
  if (shape.type === 'array')
    return present(visitShape(shape.items ?? 'null', visitor), (items) => visitor.array(items));
  if (shape.type === 'map')
    return present(visitShape(shape.values ?? 'null', visitor), (values) => visitor.map(values));
  if (shape.type === 'record') {
    const fields = (shape.fields ?? []).map(({ name, type }) => ({ name, result: visitShape(type, visitor) }));
    return visitor.record(fields);
  }
  return typeof shape.type === 'string' ? visitor.primitive(shape.type) : visitShape(shape.type, visitor);
}

function visitUnion<R>(union: readonly AvroShape[], visitor: ShapeVisitor<R>): R | undefined {
  const inner = union.find((branch) => branch !== 'null');
  if (inner === undefined) return visitor.primitive('null');
  return present(visitShape(inner, visitor), (result) =>
    visitor.nullable ? visitor.nullable(result, union[0] === 'null') : result,
  );
}

function present<A, B>(value: A | undefined, then: (value: A) => B | undefined): B | undefined {
  return value === undefined ? undefined : then(value);
}

function isUnion(shape: AvroShape): shape is readonly AvroShape[] {
  return Array.isArray(shape);
}
