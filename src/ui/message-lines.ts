import type { ProgressEvent } from '../model/events.ts';
import { estimateLine } from './lines.ts';
import { createPlanTeller, receiptText, teardownPlanLines } from './plan-lines.ts';

/**
 * Returns a function that gives the lines of notes, warnings, plans, receipts and estimates, which every listener
 * without a live display writes in full. Other events have no lines. A plan has lines again only if it has changed.
 */
export function createMessageTeller(): (event: ProgressEvent) => readonly string[] {
  const planLines = createPlanTeller();
  return (event) => {
    switch (event.type) {
      case 'note':
        return [event.message];
      case 'warning':
        return [`warning: ${event.message}`, ...(event.hint === undefined ? [] : [`  ${event.hint}`])];
      case 'deploy-plan':
        return planLines(event.plan);
      case 'teardown-plan':
        return teardownPlanLines(event.plan);
      case 'receipt':
        return receiptText(event);
      case 'work-estimate':
        return [estimateLine(event)];
      default:
        return [];
    }
  };
}
