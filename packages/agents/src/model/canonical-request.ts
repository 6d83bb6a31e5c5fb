import { createHash } from 'node:crypto';
import { canonicalJson } from '@towpath/event-store/canonical-json';
import { z } from 'zod';
import type { PromptPart } from '../prompt-part.js';
import type { ModelRequest } from './model-gateway.js';

/** All that decides what a model is asked, as plain JSON; run and step are not in it, so the same question has the same hash. */
export interface CanonicalRequest {
  /** how the texts are put into messages; rises when `chat-request.ts` changes what a model sees */
  readonly framing: number;
  readonly model: string;
  readonly instructions: { readonly version: string; readonly text: string };
  readonly parts: readonly PromptPart[];
  readonly schemaName: string;
  readonly schema: JsonSchema;
  readonly tools: readonly { readonly name: string; readonly description: string; readonly parameters: JsonSchema }[];
  readonly turns: readonly {
    readonly id: string;
    readonly name: string;
    readonly arguments: unknown;
    readonly result: string;
  }[];
  readonly outputTokensMax: number;
}

const FRAMING = 1;

export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a request asks of `model`. Throws when a schema can't be written as JSON Schema or is no object's: a mistake in code. */
export function canonicalRequest(
  request: ModelRequest,
  settings: { readonly model: string; readonly outputTokensMax: number },
): CanonicalRequest {
  const { instructions, parts, tools = [], turns = [], limits } = request;
  return {
    framing: FRAMING,
    model: settings.model,
    instructions: { version: instructions.version, text: instructions.text },
    parts: parts.map(({ label, text, taint, source }) => ({
      label,
      text,
      taint,
      ...(source !== undefined && { source }),
    })),
    schemaName: request.schemaName,
    schema: jsonSchemaOf(request.schema),
    tools: tools.map(({ name, description, parameters }) => ({
      name,
      description,
      parameters: jsonSchemaOf(parameters),
    })),
    turns: turns.map(({ call, result }) => ({ id: call.id, name: call.name, arguments: call.arguments, result })),
    outputTokensMax: Math.min(limits.outputTokensMax ?? settings.outputTokensMax, settings.outputTokensMax),
  };
}

/** SHA-256 of the request's RFC 8785 text, hexadecimal. */
export function requestHash(request: CanonicalRequest): string {
  return createHash('sha256').update(canonicalJson(request)).digest('hex');
}

/** Zod makes the same schema anew for each call; the schemas of agents are constants. */
const known = new WeakMap<z.ZodType, JsonSchema>();

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const before = known.get(schema);
  if (before) return before;
  const { $schema: _, ...made } = z.toJSONSchema(schema) as Record<string, unknown>;
  if (made['type'] !== 'object') throw new Error('a model is asked for an object; wrap the schema in z.object');
  known.set(schema, made);
  return made;
}

/**
 * The first place in which two requests differ, in the order in which a request is written: `parts[1].text`, or null when they
 * are equal. Names of fields only, never their content.
 */
export function firstDifference(asked: CanonicalRequest, recorded: CanonicalRequest): string | null {
  return differenceIn(asked, recorded, '');
}

function differenceIn(left: unknown, right: unknown, path: string): string | null {
  if (!isComposite(left) || !isComposite(right) || Array.isArray(left) !== Array.isArray(right)) {
    return Object.is(left, right) ? null : path;
  }
  for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const inside = Array.isArray(left) ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
    const found = differenceIn(left[name], right[name], inside);
    if (found !== null) return found;
  }
  return null;
}

function isComposite(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
