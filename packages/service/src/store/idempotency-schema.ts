// The rows of answers that are kept for requests with a key; what one means is in management-ports-idempotency.ts.
import type { Generated } from 'kysely';

/** Table by table. */
export interface IdempotencyDatabase {
  kept_answers: {
    id: Generated<number>;
    person: string;
    /** The organization; empty: the service. */
    scope: string;
    key: string;
    request: string;
    status: number;
    answer: string | null;
    time: number;
  };
}
