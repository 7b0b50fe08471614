import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PDFDocument, type PDFFont, type PDFPage, StandardFonts } from 'pdf-lib';

// Makes samples/commissioning-report.pdf: `tsx tools/samples/make-report.ts`. The same text always makes the same bytes.

interface Section {
  readonly heading: string;
  readonly paragraphs: readonly string[];
}

const title = 'Pump P-102 after its rebuilding: commissioning report';
const author = 'Dr Lena Brandt, Brandt & Osei Consulting Engineers';

const pages: readonly (readonly Section[])[] = [
  [
    {
      heading: title,
      paragraphs: [
        'Harrow Weir Pumping Station. Report BO-2022-118 of 9 December 2022, for the Tarn Drainage Board.',
        `Written by ${author}.`,
      ],
    },
    {
      heading: '1. Summary',
      paragraphs: [
        'Pump P-102 was taken out of service on 5 September 2022, rebuilt in the works of the maker, and tested on site from 28 November to 2 December 2022.',
        'The rebuilt pump P-102 meets the specification in every point but one: its noise level is 84 dB(A) at a distance of one metre, where 82 dB(A) were agreed. The Board has accepted this against a reduction of the price by 3,500 pounds.',
        'The rebuilding of pump P-102 cost 148,200 pounds, of which 96,000 pounds were for the new rotating assembly.',
      ],
    },
  ],
  [
    {
      heading: '2. What was changed',
      paragraphs: [
        'The shaft sleeve of pump P-102 is now of silicon carbide ceramic instead of bronze. The ceramic sleeve wears about five times more slowly than the bronze one did.',
        'The impeller was cast anew in duplex stainless steel 1.4517. Its diameter is 588 mm. The old impeller had lost 7 mm at the tips of its blades through sand.',
        'The upper bearing was replaced by a spherical roller bearing of the type 22320. Temperature and vibration sensors were built in at both bearings.',
      ],
    },
    {
      heading: '3. What was not changed',
      paragraphs: [
        'The motor of pump P-102 dates from 1987 and was only cleaned and dried. Its insulation resistance was 180 megaohms at 40 degrees. We recommend that the motor be rewound before 2030.',
      ],
    },
  ],
  [
    {
      heading: '4. Test results',
      paragraphs: [
        'The flow of pump P-102 was measured with an ultrasonic meter in the rising main. At a head of 11.5 m it was 652 litres per second, two per cent above the rated flow.',
        'The efficiency of pump P-102 at its best point is 83.4 per cent. Before the rebuilding it was 74.9 per cent.',
        'The highest vibration in a test of eight hours was 1.9 mm/s at the upper bearing. The bearing temperature settled at 61 degrees after three hours.',
        'From standstill to full speed pump P-102 needs 14 seconds. It draws 4.2 times its rated current at the start.',
      ],
    },
  ],
  [
    {
      heading: '5. Defects found during the tests',
      paragraphs: [
        'On 29 November 2022 the mechanical seal leaked 40 drops a minute. The cause was a scratch on the seal face, made when the seal was fitted. The seal was replaced the same day at the cost of the maker.',
        'On 30 November 2022 the flow switch FS-12 gave no signal. A cable had been crushed under the cover of the terminal box. The cable was replaced.',
        'No other defects were found.',
      ],
    },
  ],
  [
    {
      heading: '6. Recommendations',
      paragraphs: [
        'The oil of the upper bearing of pump P-102 should be changed for the first time after 300 operating hours, and then every 4,000 operating hours.',
        'Pump P-101 should be rebuilt in the same way. At the present rate of wear its impeller will reach its limit in the summer of 2026.',
        'The sand trap before the trash rack should be emptied twice a year instead of once. We estimate that this would lengthen the life of the impellers by 30 per cent.',
      ],
    },
    {
      heading: '7. Guarantee',
      paragraphs: [
        'The maker guarantees pump P-102 for 36 months or 12,000 operating hours, whichever comes first, from 2 December 2022. The mechanical seal is guaranteed for 12 months only.',
      ],
    },
  ],
];

const [width, height, margin] = [595.28, 841.89, 72];

function drawText(page: PDFPage, text: string, at: number, font: PDFFont, size: number): number {
  let line = '';
  let y = at;
  const flush = () => {
    page.drawText(line, { x: margin, y, font, size });
    y -= size * 1.4;
    line = '';
  };
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && font.widthOfTextAtSize(longer, size) > width - 2 * margin) {
      flush();
      line = word;
    } else line = longer;
  }
  flush();
  return y;
}

const document = await PDFDocument.create({ updateMetadata: false });
const when = new Date('2022-12-09T12:00:00Z');
document.setTitle(title);
document.setAuthor(author);
document.setCreationDate(when);
document.setModificationDate(when);
const regular = await document.embedFont(StandardFonts.Helvetica);
const bold = await document.embedFont(StandardFonts.HelveticaBold);
for (const [index, sections] of pages.entries()) {
  const page = document.addPage([width, height]);
  let y = height - margin;
  for (const { heading, paragraphs } of sections) {
    y = drawText(page, heading, y - 8, bold, heading === title ? 18 : 14) - 4;
    for (const paragraph of paragraphs) y = drawText(page, paragraph, y, regular, 11) - 6;
  }
  const footer = `BO-2022-118, page ${index + 1} of ${pages.length}`;
  page.drawText(footer, { x: margin, y: margin / 2, font: regular, size: 9 });
}
await writeFile(
  fileURLToPath(new URL('../../samples/commissioning-report.pdf', import.meta.url)),
  await document.save(),
);
