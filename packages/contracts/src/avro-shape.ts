/** An Avro schema as it stands in our files: unions only with null, no fixed, no recursion (the generator sees to it). */
export type AvroShape = string | readonly AvroShape[] | AvroObject;

export interface AvroObject {
  readonly type: AvroShape;
  readonly name?: string;
  readonly fields?: readonly AvroField[];
  readonly items?: AvroShape;
  readonly values?: AvroShape;
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroShape;
}

/** What each kind of Avro type becomes, for code compiled once per schema. `undefined` = nothing to do for it. */
export interface ShapeVisitor<R> {
  /** `string`, `long`, … and `enum` */
  primitive(name: string): R | undefined;
  array(items: R): R | undefined;
  map(values: R): R | undefined;
  /** every field, with the result of those that have one */
  record(fields: readonly VisitedField<R>[]): R | undefined;
  /** a union of null and one type; without this method: the result of that type */
  nullable?(inner: R): R | undefined;
}

export interface VisitedField<R> {
  readonly name: string;
  readonly result: R | undefined;
}

/** Walks a schema bottom-up; a type that is named again gives the result of its definition. */
export function visitShape<R>(shape: AvroShape, visitor: ShapeVisitor<R>): R | undefined {
  return visit<R>(shape, visitor, new Map<string, R | undefined>());
}

type Named<R> = Map<string, R | undefined>;

function visit<R>(shape: AvroShape, visitor: ShapeVisitor<R>, named: Named<R>): R | undefined {
  if (typeof shape === 'string') return named.has(shape) ? named.get(shape) : visitor.primitive(shape);
  if (isUnion(shape)) return visitUnion(shape, visitor, named);
  if (shape.type === 'array') return within(shape.items, visitor, named, (items) => visitor.array(items));
  if (shape.type === 'map') return within(shape.values, visitor, named, (values) => visitor.map(values));
  const result = shape.type === 'record' ? visitRecord(shape, visitor, named) : visit(shape.type, visitor, named);
  if (shape.name !== undefined) named.set(shape.name, result);
  return result;
}

function visitRecord<R>(shape: AvroObject, visitor: ShapeVisitor<R>, named: Named<R>): R | undefined {
  return visitor.record((shape.fields ?? []).map(({ name, type }) => ({ name, result: visit(type, visitor, named) })));
}

function visitUnion<R>(union: readonly AvroShape[], visitor: ShapeVisitor<R>, named: Named<R>): R | undefined {
  const inner = union.find((branch) => branch !== 'null');
  return within(inner, visitor, named, (result) => (visitor.nullable ? visitor.nullable(result) : result));
}

function within<R>(
  inner: AvroShape | undefined,
  visitor: ShapeVisitor<R>,
  named: Named<R>,
  then: (result: R) => R | undefined,
): R | undefined {
  const result = inner === undefined ? undefined : visit(inner, visitor, named);
  return result === undefined ? undefined : then(result);
}

function isUnion(shape: AvroShape): shape is readonly AvroShape[] {
  return Array.isArray(shape);
}
