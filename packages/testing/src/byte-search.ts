/** How bytes of a text may lie somewhere: as they are, as hexadecimal digits, or in base64 of either alphabet, whatever stood before them. */
export function formsOf(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    // The first and the last characters hold bits of the neighbours, too.
    const own = encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
  const hex = bytes.toString('hex');
  return [...new Set([text, hex, hex.toUpperCase(), ...base64])].map((form) => Buffer.from(form));
}

/** Looks for texts in bytes and remembers where each was found. */
export class ByteSearch {
  private readonly forms: readonly (readonly [text: string, forms: readonly Buffer[]])[];
  private readonly places = new Map<string, Set<string>>();

  constructor(texts: readonly string[]) {
    this.forms = texts.map((text) => [text, formsOf(text)]);
  }

  look(place: string, bytes: Buffer | string | null | undefined): void {
    if (bytes === null || bytes === undefined) return;
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    for (const [text, forms] of this.forms) {
      if (!forms.some((form) => buffer.includes(form))) continue;
      const places = this.places.get(text) ?? new Set();
      this.places.set(text, places.add(place));
    }
  }

  /** Each text that was found, with the places. */
  found(): Record<string, string[]> {
    return Object.fromEntries([...this.places].map(([text, places]) => [text, [...places].sort()]));
  }
}
