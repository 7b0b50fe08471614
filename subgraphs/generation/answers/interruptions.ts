/** The answer is to be stopped; the message says why. */
export class StopRequested extends Error {
  override readonly name = 'StopRequested';
}

/** This process is going; another one is to go on with the answer. */
export class HandOver extends Error {
  override readonly name = 'HandOver';
}

/** The lease was lost: another process makes the answer now, or nobody does any more. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}
