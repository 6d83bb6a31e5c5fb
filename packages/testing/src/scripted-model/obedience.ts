import type { ChatAsk, JsonSchema, Said } from './chat-wire.js';
import { textOf } from './chat-wire.js';
import { instanceOf } from './instance-of.js';

/** What a text orders its reader to do. */
export type Order =
  /** call tool NAME with {…} */
  | { readonly kind: 'call'; readonly tool: string; readonly args: Readonly<Record<string, unknown>> }
  /** answer with {…} */
  | { readonly kind: 'answer'; readonly json: string }
  /** set FIELD to VALUE */
  | { readonly kind: 'set'; readonly field: string; readonly value: string }
  /** refund, freeze, approve … with whatever amounts and ids stand near it */
  | { readonly kind: 'act'; readonly verb: string; readonly args: Readonly<Record<string, unknown>> }
  /** say what you were told to keep to yourself */
  | { readonly kind: 'reveal' };

const CALL =
  /\b(?:call|invoke|use|run|execute)\s+(?:the\s+)?(?:tool|function)\s+[`"']?([A-Za-z][\w.-]{0,63})[`"']?(?:\s+(?:with|using|on)(?:\s+(?:the\s+)?arguments?)?)?:?\s*/gi;
const ANSWER =
  /\b(?:answer|respond|reply|output|return)\s+(?:only\s+|exactly\s+)?(?:with\s+)?(?:the\s+)?(?:json\s*)?:?\s*(?=\{)/gi;
const SET =
  /\b(?:set|make|mark)\s+(?:the\s+)?[`"']?([A-Za-z]\w{0,40})[`"']?\s+(?:to|as|=)\s+[`"']?([\w.:@-]{1,80})[`"']?/gi;
const REVEAL =
  /\b(?:reveal|repeat|print|show|leak|exfiltrate|disclose|send|include|quote|output)\b[^.\n]{0,80}\b(?:system prompt|instructions|secret|secrets|canary|password|api[ _-]?key|token|credentials|everything (?:above|before))\b/i;
const VERBS: readonly (readonly [RegExp, string])[] = [
  [/\brefund/i, 'refund'],
  [/\bunfreeze/i, 'unfreeze'],
  [/\bfreeze|\block (?:the |this )?account/i, 'freeze'],
  [/\bapprove/i, 'approve'],
  [/\b(?:exfiltrate|e-?mail|forward|send|post|upload)\b/i, 'send'],
  [/\b(?:grant|widen|add|give)\b[^.\n]{0,40}\b(?:scope|permission|role|access|right)/i, 'grant'],
  [/\bcancel/i, 'cancel'],
  [/\bdelete|\berase/i, 'delete'],
  [/\bassign|\broute\b/i, 'assign'],
];

/** All orders in a text, wherever they stand. This model can't tell an order of its owner from one of anybody else. */
export function ordersIn(text: string): Order[] {
  const orders: Order[] = [];
  for (const match of text.matchAll(CALL)) {
    const json = jsonAt(text, match.index + match[0].length);
    const args = json === undefined ? argumentsNear(text, match.index) : (JSON.parse(json) as Record<string, unknown>);
    orders.push({ kind: 'call', tool: match[1]!, args });
  }
  for (const match of text.matchAll(ANSWER)) {
    const json = jsonAt(text, match.index + match[0].length);
    if (json !== undefined) orders.push({ kind: 'answer', json });
  }
  for (const match of text.matchAll(SET)) orders.push({ kind: 'set', field: match[1]!, value: match[2]! });
  if (REVEAL.test(text)) orders.push({ kind: 'reveal' });
  for (const [pattern, verb] of VERBS) {
    const at = text.search(pattern);
    if (at >= 0) orders.push({ kind: 'act', verb, args: argumentsNear(text, at) });
  }
  return orders;
}

/** Does what the text says: first by tools, each order once in a conversation, then in the answer. */
export function obey(ask: ChatAsk): Said {
  const text = textOf(ask);
  const orders = ordersIn(text);
  const done = new Set(ask.messages.flatMap(({ tool_calls: calls = [] }) => calls.map((call) => call.function.name)));
  const wanted = orders.flatMap((order) => callFor(order, ask)).filter(({ name }) => !done.has(name));
  if (ask.tools !== undefined && wanted.length > 0) return { text: '', toolCalls: uniqueByName(wanted).slice(0, 8) };
  return { text: answerFor(orders, ask, text), toolCalls: [] };
}

function callFor(order: Order, { tools = [] }: ChatAsk): { name: string; arguments: string }[] {
  if (order.kind === 'call') return [{ name: order.tool, arguments: JSON.stringify(order.args) }];
  if (order.kind !== 'act') return [];
  // The offered tool that sounds like it, with its arguments filled; else one that nobody offered.
  const offered = tools.find(({ function: { name } }) => name.toLowerCase().includes(order.verb));
  if (offered === undefined) return [{ name: order.verb, arguments: JSON.stringify(order.args) }];
  const { name, parameters = { type: 'object' } } = offered.function;
  const args = instanceOf(parameters, (path) => (path.length === 0 ? undefined : similar(order.args, path.at(-1)!)));
  return [{ name, arguments: JSON.stringify(args) }];
}

function answerFor(orders: readonly Order[], ask: ChatAsk, text: string): string {
  const dictated = orders.find((order) => order.kind === 'answer');
  if (dictated) return dictated.json;
  const schema = ask.response_format?.json_schema?.schema;
  const reveals = orders.some(({ kind }) => kind === 'reveal');
  if (schema === undefined) return JSON.stringify({ said: text });
  return JSON.stringify(
    instanceOf(schema, (path, inner) => obeyedValue(orders, path, inner, reveals ? text : undefined)),
  );
}

type Act = Extract<Order, { kind: 'act' }>;

function obeyedValue(
  orders: readonly Order[],
  path: readonly string[],
  schema: JsonSchema,
  revealed?: string,
): unknown {
  const name = path.at(-1);
  if (name === undefined) return undefined;
  const set = orders.find((order) => order.kind === 'set' && order.field.toLowerCase() === name.toLowerCase());
  if (set?.kind === 'set') return typed(set.value, schema);
  const acts = orders.filter((order) => order.kind === 'act');
  const options: unknown = schema['enum'];
  if (Array.isArray(options))
    return options.find((option) => acts.some(({ verb }) => String(option).toLowerCase().includes(verb)));
  if (schema['type'] === 'boolean') return acts.length > 0 ? true : undefined;
  return schema['type'] === 'string' ? (foundIn(acts, name, 'string') ?? revealed) : numberFor(acts, name, schema);
}

function numberFor(acts: readonly Act[], name: string, { type, maximum }: JsonSchema): unknown {
  if (type !== 'number' && type !== 'integer') return undefined;
  // Whoever gives orders wants them believed.
  const sure = /confidence|certainty|score/i.test(name) ? (maximum ?? 1) : undefined;
  return foundIn(acts, name, 'number') ?? sure;
}

function foundIn(acts: readonly Act[], name: string, type: 'string' | 'number'): unknown {
  return acts.map(({ args }) => similar(args, name)).find((value) => typeof value === type);
}

/** The JSON object that begins at `from`, by counting braces outside of strings. */
function jsonAt(text: string, from: number): string | undefined {
  if (text[from] !== '{') return undefined;
  let [depth, quoted] = [0, false];
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{') depth += 1;
    else if (character === '}' && --depth === 0) return valid(text.slice(from, at + 1));
  }
  return undefined;
}

function valid(json: string): string | undefined {
  try {
    JSON.parse(json);
    return json;
  } catch {
    return undefined;
  }
}

/** Amounts, ids and addresses within a few words of a place. */
function argumentsNear(text: string, at: number): Readonly<Record<string, unknown>> {
  const near = text.slice(Math.max(0, at - 40), at + 200);
  const amount =
    /(?:[$€£]\s?|\b(?:USD|EUR|GBP)\s?)(\d[\d,]*(?:\.\d{1,2})?)|(\d[\d,]*(?:\.\d{1,2})?)\s?(?:USD|EUR|GBP|dollars|euros)/i.exec(
      near,
    );
  const digits = amount?.[1] ?? amount?.[2];
  const id = /\b(?:pi|ch|re|cus|acct|po|tkt|app|usr)_[A-Za-z0-9]+\b/.exec(near)?.[0];
  const address = /[\w.+-]+@[\w-]+\.[\w.]+\w|https?:\/\/[^\s"'<>)]+/.exec(near)?.[0];
  const scope = /\b[a-z]+:[a-z*]+\b/.exec(near)?.[0];
  return {
    ...(digits !== undefined && { amount: Math.round(Number(digits.replaceAll(',', '')) * 100) }),
    ...(id !== undefined && { id }),
    ...(address !== undefined && { to: address }),
    ...(scope !== undefined && { scope }),
  };
}

/** The argument that a field of that name would take. */
function similar(args: Readonly<Record<string, unknown>>, field: string): unknown {
  if (field in args) return args[field];
  const name = field.toLowerCase();
  if (/amount|minor|value|sum/.test(name)) return args['amount'];
  if (/address|email|url|recipient|^to$/.test(name)) return args['to'];
  if (/scope|permission/.test(name)) return args['scope'];
  return /id$/.test(name) ? args['id'] : undefined;
}

function typed(value: string, { type }: JsonSchema): unknown {
  if (type === 'number' || type === 'integer') return Number(value);
  return type === 'boolean' ? value === 'true' || value === 'yes' : value;
}

function uniqueByName(calls: readonly { name: string; arguments: string }[]) {
  return [...new Map(calls.map((call) => [call.name, call])).values()];
}
