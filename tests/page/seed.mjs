// Batches as a tenant has them after a day: loaded, refused in part, corrupted, left halfway, and sent by somebody else.

import { guest, guests } from './service.mjs';

/** Guests that are taken, three without an identity, and two deletions of guests that are not there. */
const MIXED = [
  ...guests(90),
  ...[1, 2, 3].map(number => guest(number, { value: { guestType: 'customer', firstName: 'Yuki', lastName: 'Tanaka' } })),
  ...[4, 5].map(number => guest(number, { mode: 'delete', value: { identifiers: [{ provider: 'CRM', id: `nobody-${number}` }] } })),
];

/** Fills a service; gives the refs of what was sent. */
export async function seed(service) {
  const state = ['--state-dir', service.stateDir];
  const { report: elsewhere } = await service.upload([...guests(60), MIXED[90]], '--check', 'none');
  const { report: loaded } = await service.upload(guests(1200), ...state, '--run-id', 'nightly-guests', '--max-batch-records', '400');
  const { report: refused } = await service.upload(MIXED, ...state, '--run-id', 'crm-export', '--check', 'none');
  await service.faults({ on: 'upload', do: { type: 'corrupted' } });
  const { report: corrupted } = await service.upload(guests(20), ...state, '--run-id', 'broken-transfer');
  await service.faults({ on: 'upload', do: { type: 'status', status: 500 } });
  const { report: halfway } = await service.upload(guests(20), ...state, '--run-id', 'halfway');
  await service.faults();
  const of = report => report.batches.map(batch => batch.ref);
  return { elsewhere: of(elsewhere)[0], loaded: of(loaded), refused: of(refused)[0], corrupted: of(corrupted), halfway };
}
