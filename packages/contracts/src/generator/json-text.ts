const widthMax = 120;

/** JSON the way the repository's formatter lays it out, so that a written file passes the format check as it is. */
export function jsonText(value: unknown): string {
  return `${textOf(value, '', 0)}\n`;
}

/** `before` is how many characters already stand on the line. */
function textOf(value: unknown, indent: string, before: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) return listText(value, indent, before);
  const entries = Object.entries(value);
  if (entries.length === 0) return '{}';
  const lines = entries.map(([key, entry]) => {
    const start = `${inner}${JSON.stringify(key)}: `;
    return `${start}${textOf(entry, inner, start.length)}`;
  });
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

function listText(list: readonly unknown[], indent: string, before: number): string {
  const inner = `${indent}  `;
  const items = list.map((item) => textOf(item, inner, inner.length));
  const short = `[${items.join(', ')}]`;
  const fits = before + short.length + 1 <= widthMax && !short.includes('\n');
  return fits ? short : `[\n${items.map((item) => `${inner}${item}`).join(',\n')}\n${indent}]`;
}
