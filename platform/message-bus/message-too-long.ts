/** The longest message, in bytes of UTF-8: what a NOTIFY of PostgreSQL carries. */
export const maxMessageBytes = 7_999;

/** A message is to say what to look at, not to carry it. */
export class MessageTooLong extends RangeError {
  override readonly name = 'MessageTooLong';

  constructor(message: string) {
    super(
      `A message has ${Buffer.byteLength(message)} bytes; ${maxMessageBytes} are allowed. Send where to find it instead.`,
    );
  }
}
