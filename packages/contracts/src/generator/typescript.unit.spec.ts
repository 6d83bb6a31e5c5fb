import { sound, soundFile, sourcesOf, withField } from './fixture.js';
import { generate } from './generate.js';

const output = 'src/generated/shop/OrderPlaced.v1.ts';
const doc = 'what it means';

describe('the generated module', () => {
  it('holds the data type and the contract', () => {
    const text = moduleOf(sound);
    expect(text).toContain(`/** An order was placed. */
export interface OrderPlaced {
  /** the order */
  readonly orderId: string;
  /** the buyer */
  readonly buyerId: string;
  /** where to write to */
  readonly email: string | null;
  /** minor units of the currency */
  readonly totalMinor: number;
}
`);
    expect(text).toContain(`export const OrderPlaced: Contract<OrderPlaced, 'shop.v1.OrderPlaced'> = {
  type: 'shop.v1.OrderPlaced',
  name: 'OrderPlaced',
  kind: 'event',
  topic: 'shop.events',
  stream: 'order',
  key: 'orderId',
  producers: ['shop'],
  retention: 'forever',
  pii: [
    {
      name: 'email',
      subject: 'buyerId',
    },
  ],
  prompt: {
    email: 'masked',
  },
`);
  });

  it('says never of a personal field without a prompt rule', () => {
    expect(moduleOf(withField({ name: 'phone', type: 'string', doc, pii: 'buyerId' }))).toContain(
      "    phone: 'never',\n",
    );
  });

  it('has an interface per nested record and a union per enum', () => {
    const size = { type: 'enum', name: 'Size', doc: 'how large', symbols: ['SMALL', 'LARGE'] };
    const line = {
      type: 'record',
      name: 'Line',
      doc: 'one line',
      fields: [{ name: 'size', type: ['null', size], default: null, doc }],
    };
    const text = moduleOf(withField({ name: 'lines', type: { type: 'array', items: ['null', line] }, doc }));
    expect(text).toContain('readonly lines: readonly (Line | null)[];');
    expect(text).toContain(
      `/** one line */\nexport interface Line {\n  /** ${doc} */\n  readonly size: Size | null;\n}`,
    );
    expect(text).toContain("/** how large */\nexport type Size = 'SMALL' | 'LARGE';");
  });

  it.each([
    ['string', 'string'],
    ['bytes', 'Buffer'],
    ['int', 'number'],
    ['double', 'number'],
    ['boolean', 'boolean'],
    [{ type: 'map', values: 'bytes' }, 'Readonly<Record<string, Buffer>>'],
    [{ type: 'array', items: 'string' }, 'readonly string[]'],
  ])('writes %j as %s', (type, expected) => {
    expect(moduleOf(withField({ name: 'x', type, doc }))).toContain(`readonly x: ${expected};`);
  });

  it('stays one comment and one string whatever a doc says', () => {
    const text = moduleOf({ ...sound, doc: `it's "odd" */ \\ \n and long` });
    expect(text).toContain(`/** it's "odd" *\\/ \\ and long */`);
    expect(text).toContain(`doc: 'it\\'s "odd" */ \\\\ \\n and long',`);
  });

  it('is the same whatever order the files come in', () => {
    const paid = { 'schemas/shop/OrderPaid.v1.avsc': { ...sound, name: 'OrderPaid' } };
    const sources = sourcesOf(paid);
    const turned = { ...sources, schemas: [...sources.schemas].reverse() };
    expect(generate(turned).files).toEqual(generate(sources).files);
  });
});

function moduleOf(content: unknown): string {
  const { problems, files } = generate(sourcesOf({ [soundFile]: content }));
  expect(problems).toEqual([]);
  return files.get(output) ?? '';
}
