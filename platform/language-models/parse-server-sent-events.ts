/** One event of a stream, as far as it is needed here. */
export interface ServerSentEvent {
  /** The event's type; `message` where none was given. */
  readonly event: string;
  /** The lines of data, joined by line feeds. */
  readonly data: string;
}

/**
 * Reads `text/event-stream` as the HTML standard says: any of the three line ends, characters and line ends
 * cut anywhere by chunks, comments (such as keep-alives) left out, an event that the stream's end cuts off
 * not given. One event may have at most `maxChars` characters.
 *
 * @throws RangeError when an event is longer; TypeError when the bytes are no UTF-8.
 */
export async function* parseServerSentEvents(
  chunks: AsyncIterable<Uint8Array>,
  maxChars = 1_000_000,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let buffer = '';
  let data: string[] = [];
  let size = 0;
  let event = '';
  for await (const chunk of chunks) {
    buffer += decoder.decode(chunk, { stream: true });
    // A carriage return at the end may be the first half of a line end.
    const lines = buffer.split(/\r\n|\n|\r(?!$)/);
    buffer = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { event: event || 'message', data: data.join('\n') };
        data = [];
        size = 0;
        event = '';
        continue;
      }
      const colon = line.indexOf(':');
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'data') data.push(value);
      else if (field === 'event') event = value;
      size += line.length;
    }
    if (size + buffer.length > maxChars)
      throw new RangeError(`An event has more than ${maxChars} characters.`);
  }
  // The stream's last blank line may end in a carriage return alone.
  if (buffer === '\r' && data.length > 0) yield { event: event || 'message', data: data.join('\n') };
}
