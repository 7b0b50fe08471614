import { z } from 'zod';

/** One run of the subscriber: so many subscriptions over a socket for each key, of so many events each. */
export const subscriptionRequestSchema = z.object({
  /** `ws://…` */
  url: z.url(),
  query: z.string(),
  subscriptions: z.number().int().positive(),
  events: z.number().int().positive(),
  /** The keys that the sockets show, each one of its own. */
  keys: z.array(z.string()),
});
export type SubscriptionRequest = z.infer<typeof subscriptionRequestSchema>;

/** Events a second, from the first subscription's being sent to the last event's arrival. */
export const subscriptionResultSchema = z.object({ events: z.number(), perSecond: z.number() });
export type SubscriptionResult = z.infer<typeof subscriptionResultSchema>;
