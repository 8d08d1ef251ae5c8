import type { ProgressEvent } from '../model/events.ts';
import { estimateLine } from './lines.ts';
import { createPlanTeller, receiptText, teardownPlanLines } from './plan-lines.ts';

type MessageEvent = Extract<
  ProgressEvent,
  { type: 'note' | 'warning' | 'deploy-plan' | 'teardown-plan' | 'receipt' | 'work-estimate' }
>;

/** Gives the lines of the events that every listener without a live display writes in full. A plan is told again only after a change. */
export function createMessageTeller(): (event: MessageEvent) => readonly string[] {
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
    }
  };
}
