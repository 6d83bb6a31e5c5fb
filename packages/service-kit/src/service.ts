import 'reflect-metadata';
import { Module, type INestApplication, type ModuleMetadata, type Type } from '@nestjs/common';
import type { Aggregate } from '@towpath/event-store/fold';
import type { Projection } from '@towpath/event-store/projection';
import type { Upcaster } from '@towpath/event-store/upcast';
import type { z } from 'zod';
import type { Reaction } from './reactions/reaction.js';
import type { Outcome } from './replay/outcome.js';

/** What a service consists of. */
export interface ServiceDefinition {
  /** its name in services.yaml, which also tells what it consumes and whether it has an event store */
  readonly name: string;
  /** classes with `@Handles`, of the service's own consumer group */
  readonly handlers?: readonly Type[];
  /** what it does apart from that, each in a group of its own; services.yaml names the same */
  readonly reactions?: readonly Reaction[];
  /** whose states its handlers look at */
  readonly aggregates?: readonly Aggregate<unknown>[];
  readonly projections?: readonly Projection<unknown>[];
  /** how it reads older versions of what it stored; each older version needs one */
  readonly upcasters?: readonly Upcaster[];
  /** settings of its own, beside the kit's */
  readonly config?: z.ZodObject;
  /** what it decides about whom: what a backtest compares */
  readonly outcomes?: readonly Outcome[];
  /** given the application before it starts, such as to describe its routes */
  prepare?(app: INestApplication): void;
}

const SERVICE = 'towpath:service';

/** Injection token of the service's name in services.yaml. */
export const SERVICE_NAME = Symbol('SERVICE_NAME');

/** What a module of a package adds to each service that imports it. */
export type ServicePartDefinition = Pick<ServiceDefinition, 'handlers' | 'aggregates' | 'projections' | 'config'>;

const PART = 'towpath:service-part';

/** Declares a Nest module whose handlers, folds and settings become those of each service that imports it. */
export function ServicePart(definition: ServicePartDefinition & ModuleMetadata): ClassDecorator {
  const { handlers = [], aggregates = [], projections = [], config, providers = [], ...metadata } = definition;
  return (target) => {
    const part: ServicePartDefinition = { handlers, aggregates, projections, ...(config && { config }) };
    Reflect.defineMetadata(PART, part, target);
    Module({ ...metadata, providers: [...providers, ...handlers] })(target);
  };
}

/** Declares a Nest module as a service; `runService` runs it. */
export function Service(definition: ServiceDefinition & ModuleMetadata): ClassDecorator {
  const { name, handlers = [], aggregates = [], projections = [], upcasters = [], ...rest } = definition;
  const { config, outcomes = [], reactions = [], prepare, providers = [], ...metadata } = rest;
  const parts = (metadata.imports ?? []).flatMap(partOf);
  return (target) => {
    const settings = [...parts.map((part) => part.config), config].filter((one) => one !== undefined);
    const service: ServiceDefinition = {
      ...{
        name,
        upcasters,
        outcomes,
        reactions,
        handlers: [...handlers, ...parts.flatMap((part) => part.handlers ?? [])],
      },
      aggregates: [...aggregates, ...parts.flatMap((part) => part.aggregates ?? [])],
      projections: [...projections, ...parts.flatMap((part) => part.projections ?? [])],
      ...(settings.length > 0 && { config: settings.reduce((all, one) => all.extend(one.shape)) }),
      ...(prepare && { prepare }),
    };
    Reflect.defineMetadata(SERVICE, service, target);
    const reacting = reactions.flatMap((one) => one.handlers);
    Module({ ...metadata, providers: [...providers, ...handlers, ...reacting] })(target);
  };
}

function partOf(imported: unknown): ServicePartDefinition[] {
  if (typeof imported !== 'function') return [];
  const part = Reflect.getOwnMetadata(PART, imported) as ServicePartDefinition | undefined;
  return part ? [part] : [];
}

/** What `@Service` declared; throws when the module has none. */
export function serviceDefinition(module: Type): ServiceDefinition {
  const definition = Reflect.getOwnMetadata(SERVICE, module) as ServiceDefinition | undefined;
  if (!definition) throw new Error(`SERVICE_UNDECLARED: ${module.name} has no @Service({ name: … })`);
  return definition;
}
