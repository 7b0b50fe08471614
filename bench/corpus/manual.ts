/** Parts of sentences; what they say is made up, how they read is English. */
const parts = {
  subject: [
    'the seal of the pump',
    'the intake screen',
    'the control cabinet',
    'each bearing of the motor',
    'the pressure sensor on the outlet',
    'a standby generator',
    'the cooling circuit',
    'the operator on duty',
    'every valve below the gallery',
    'the inspection report',
  ],
  verb: [
    'must be serviced',
    'is to be replaced',
    'was measured',
    'should be cleaned',
    'has been rebuilt',
    'may be closed',
    'will be checked against the drawing',
    'is lubricated with grease of class two',
  ],
  time: [
    'before the season begins',
    'after every flood',
    'once the level has fallen',
    'while the second line is running',
    'at the end of a shift',
    'when vibration exceeds the limit',
    'during the yearly shutdown',
  ],
  reason: [
    'because sand wears the blades down',
    'so that no water enters the shaft',
    'as the supplier recommends',
    'which keeps the temperature low',
    'even if no fault has been noticed',
    'unless the manager decides otherwise',
  ],
} as const;

/** Text of about so many words, in paragraphs, as a manual might have it; every call another one. */
export function writeManual(random: () => number, words: number): string {
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)] ?? '';
  const number = (below: number) => 1 + Math.floor(random() * below);
  const sentences: string[] = [];
  let count = 0;
  while (count < words) {
    const subject = pick(parts.subject);
    const sentence = `${subject.charAt(0).toUpperCase()}${subject.slice(1)} P-${number(900)} ${pick(parts.verb)} every ${number(5000)} hours ${pick(parts.time)}, ${pick(parts.reason)}.`;
    sentences.push(sentences.length % 6 === 5 ? `${sentence}\n\n` : sentence);
    count += sentence.split(' ').length;
  }
  return sentences.join(' ');
}
