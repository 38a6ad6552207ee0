import { takeIn } from './desk.ts';
import { createRouter } from './models.ts';

const TICKETS = [
  { id: 'T-1', text: 'How do I change my name?' },
  { id: 'T-2', text: 'I was charged twice on the last invoice.' },
  { id: 'T-3', text: 'Your service is down in Europe!' },
];

const router = createRouter();
const inWork = TICKETS.map((ticket) => takeIn(router, ticket, console.log).handled);
for (const { ticket, outcome, reason, draft } of await Promise.all(inWork)) {
  console.log(`\n${ticket.id}: ${ticket.text}\n  ${outcome}${reason ? ` (${reason})` : ''}: ${draft}`);
}
await router.stop();
