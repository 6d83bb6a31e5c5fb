/** Pieces of one article. */
export interface StockLine {
  readonly sku: string;
  readonly quantity: number;
}

/** Each article once. */
export function skusOf(lines: readonly StockLine[]): string[] {
  return [...new Set(lines.map(({ sku }) => sku))];
}

/** Pieces of an article in all its lines. */
export function piecesOf(lines: readonly StockLine[], sku: string): number {
  return lines.reduce((sum, line) => (line.sku === sku ? sum + line.quantity : sum), 0);
}

/** True when both are the same pieces of the same articles, in whatever order and division. */
export function isSame(one: readonly StockLine[], other: readonly StockLine[]): boolean {
  return skusOf([...one, ...other]).every((sku) => piecesOf(one, sku) === piecesOf(other, sku));
}
