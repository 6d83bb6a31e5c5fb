/** A form body as Stripe's clients write it: `metadata[order]=7&expand[0]=customer`. Nothing is read from prototypes. */
export type FormFields = ReadonlyMap<string, string>;

export function parseForm(body: string): FormFields {
  return new Map(new URLSearchParams(body));
}

/** The fields of `name[…]`, such as all metadata. */
export function nested(fields: FormFields, name: string): Record<string, string> {
  const found: [string, string][] = [];
  for (const [field, value] of fields) {
    const match = /^([^[]+)\[([^\]]+)\]$/.exec(field);
    if (match?.[1] === name && match[2] !== undefined) found.push([match[2], value]);
  }
  return Object.fromEntries(found);
}

/** A whole number of minor units, or undefined when the field is absent or no such number. */
export function minorUnits(fields: FormFields, name: string): number | undefined {
  const value = fields.get(name);
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}
