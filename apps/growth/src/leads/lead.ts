import { LeadAssigned } from '@towpath/contracts/growth/LeadAssigned.v1';
import { LeadClosed } from '@towpath/contracts/growth/LeadClosed.v1';
import { LeadScored } from '@towpath/contracts/growth/LeadScored.v1';
import { LeadSignalNoted } from '@towpath/contracts/growth/LeadSignalNoted.v1';
import { LeadTaken } from '@towpath/contracts/growth/LeadTaken.v1';
import { LeadWaiting } from '@towpath/contracts/growth/LeadWaiting.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';
import type { DomainEvent } from '@towpath/event-store/types';
import type { Grade } from './score.decider.js';

/** With whom a lead is. */
export interface Assignment {
  readonly rep: string;
  /** the how-manieth rep of the lead, from 1 */
  readonly turn: number;
  /** the person who said that they have it; null until one does */
  readonly takenBy: string | null;
}

/** How far a lead is. Once it is closed, its next signal opens it again. */
export interface Lead {
  readonly signalIds: readonly string[];
  /** when its signals were, milliseconds since the epoch */
  readonly signaledAt: readonly number[];
  readonly score: { readonly value: number; readonly grade: Grade; readonly territory: string } | null;
  readonly assignment: Assignment | null;
  /** the reps who had it since it was opened */
  readonly tried: readonly string[];
  /** since when it waits for a rep */
  readonly waitsSince: number | null;
}

const SIGNALS_MAX = 100;

const initial: Lead = {
  ...{ signalIds: [], signaledAt: [], score: null, assignment: null, tried: [], waitsSince: null },
};

export const leads = aggregate<Lead>({ stream: 'lead', initial, evolve });

function evolve(lead: Lead, event: DomainEvent): Lead {
  if (isOf(LeadSignalNoted, event)) {
    const { signalId, signaledAt } = event.data;
    return {
      ...lead,
      signalIds: [...lead.signalIds, signalId].slice(-SIGNALS_MAX),
      signaledAt: [...lead.signaledAt, signaledAt].slice(-SIGNALS_MAX),
    };
  }
  if (isOf(LeadScored, event)) {
    const { score: value, grade, territory } = event.data;
    return { ...lead, score: { value, grade: grade as Grade, territory } };
  }
  if (isOf(LeadAssigned, event)) {
    const { rep, turn } = event.data;
    return { ...lead, assignment: { rep, turn, takenBy: null }, tried: [...lead.tried, rep], waitsSince: null };
  }
  if (isOf(LeadTaken, event)) {
    return { ...lead, assignment: lead.assignment && { ...lead.assignment, takenBy: event.data.actor } };
  }
  if (isOf(LeadWaiting, event)) return { ...lead, waitsSince: event.data.waitsSince };
  if (isOf(LeadClosed, event)) return { ...lead, assignment: null, tried: [], waitsSince: null };
  return lead;
}
