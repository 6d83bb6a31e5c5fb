const pagePositions = 65_536;

/** Which positions of each store were seen: one bit each, in pages, because positions are nearly dense. */
export class PositionSet {
  private readonly pages = new Map<string, Uint8Array>();

  add(schema: string, position: number): void {
    const key = pageOf(schema, position);
    let page = this.pages.get(key);
    if (!page) this.pages.set(key, (page = new Uint8Array(pagePositions / 8)));
    const bit = position % pagePositions;
    page[bit >> 3]! |= 1 << (bit & 7);
  }

  has(schema: string, position: number): boolean {
    const page = this.pages.get(pageOf(schema, position));
    const bit = position % pagePositions;
    return page !== undefined && (page[bit >> 3]! & (1 << (bit & 7))) !== 0;
  }

  /** Takes over what another set has. */
  addAll(other: PositionSet): void {
    for (const [key, page] of other.pages) {
      const own = this.pages.get(key);
      if (!own) this.pages.set(key, page);
      else for (let at = 0; at < page.length; at += 1) own[at]! |= page[at]!;
    }
  }
}

function pageOf(schema: string, position: number): string {
  return `${schema} ${Math.floor(position / pagePositions)}`;
}
