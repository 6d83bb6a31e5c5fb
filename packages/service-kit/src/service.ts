import 'reflect-metadata';
import { Module, type ModuleMetadata, type Type } from '@nestjs/common';
import type { Projection } from '@towpath/event-store/projection';
import type { z } from 'zod';

/** What a service consists of. */
export interface ServiceDefinition {
  /** its name in services.yaml, which also tells what it consumes and whether it has an event store */
  readonly name: string;
  /** classes with `@Handles` */
  readonly handlers?: readonly Type[];
  readonly projections?: readonly Projection<unknown>[];
  /** settings of its own, beside the kit's */
  readonly config?: z.ZodObject;
}

const SERVICE = 'towpath:service';

/** Injection token of the service's name in services.yaml. */
export const SERVICE_NAME = Symbol('SERVICE_NAME');

/** Declares a Nest module as a service; `runService` runs it. */
export function Service(definition: ServiceDefinition & ModuleMetadata): ClassDecorator {
  const { name, handlers = [], projections = [], config, providers = [], ...metadata } = definition;
  return (target) => {
    const service: ServiceDefinition = { name, handlers, projections, ...(config && { config }) };
    Reflect.defineMetadata(SERVICE, service, target);
    Module({ ...metadata, providers: [...providers, ...handlers] })(target);
  };
}

/** What `@Service` declared; throws when the module has none. */
export function serviceDefinition(module: Type): ServiceDefinition {
  const definition = Reflect.getOwnMetadata(SERVICE, module) as ServiceDefinition | undefined;
  if (!definition) throw new Error(`SERVICE_UNDECLARED: ${module.name} has no @Service({ name: … })`);
  return definition;
}
