import { describe, expect, it } from 'vitest';
import { readSvg } from './read-svg.ts';

const svg = (body: string, attributes = '') =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${body}</svg>`;
const reason = (source: string): string => {
  try {
    readSvg(source);
    return 'taken';
  } catch (error) {
    return (error as { reason: string }).reason;
  }
};

describe('references to what is outside', () => {
  it.each([
    ['a picture of the web', svg('<image href="http://example.com/a.png"/>')],
    ['a picture of this machine', svg('<image xlink:href="file:///etc/passwd"/>')],
    ['a file beside it', svg('<image href="../../etc/passwd"/>')],
    ['a part of another file', svg('<use xlink:href="other.svg#part"/>')],
    ['an address in character references', svg('<image href="&#104;ttp://example.com/a.png"/>')],
    ['an address with white space in it', svg('<image href=" h\tttp://example.com/a.png"/>')],
    ['an SVG in an SVG', svg('<image href="data:image/svg+xml;base64,PHN2Zy8+"/>')],
    ['a filter of the web', svg('<rect filter="url(http://example.com/f.svg#f)"/>')],
    ['a style of the web', svg('<rect style="fill: url( \'https://example.com/f.svg#f\' )"/>')],
    ['an escaped style of the web', svg('<rect style="fill: u\\72l(//example.com/a)"/>')],
    ['a style sheet that imports', svg('<style>@import "a.css";</style>')],
    ['a style sheet with a font', svg('<style><![CDATA[@font-face { src: url(a.woff) }]]></style>')],
    ['a style sheet of the file', `<?xml-stylesheet href="a.css"?>${svg('')}`],
    ['an inclusion', svg('<xi:include href="a.xml" xmlns:xi="http://www.w3.org/2001/XInclude"/>')],
    ['a base', svg('', 'xml:base="http://example.com/"')],
    ['a script', svg('<script>alert(1)</script>')],
    ['a script in an attribute', svg('<rect onclick="alert(1)"/>')],
    ['a script behind a link', svg('<a href="java&#9;script:alert(1)"><rect/></a>')],
    ['an entity', `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>${svg('<text>&x;</text>')}`],
    ['a billion laughs', `<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>${svg('&b;')}`],
    ['a script with a prefix', svg('<s:script xmlns:s="http://www.w3.org/2000/svg">1</s:script>')],
  ])('%s is refused', (_, source) => {
    expect(reason(source)).toBe('EXTERNAL_REFERENCE');
  });

  it('says what was found', () => {
    expect(() => readSvg(svg('<image href="http://example.com/a.png"/>'))).toThrow(
      'a reference to "http://example.com/a.png" in <image href>',
    );
  });
});

describe('what may stay', () => {
  it.each([
    [
      'its own parts',
      svg('<defs><g id="a"/></defs><use href="#a" style="fill:url(#b)" filter="url(&quot;#f&quot;)"/>'),
    ],
    ['pictures in it', svg('<image xlink:href="data:image/png;base64,iVBORw0KGgo="/>')],
    ['links', svg('<a xlink:href="https://example.com/pump"><text>P-101</text></a>')],
    ['styles and transforms', svg('<style>.a{fill:red}</style><g transform="translate(1)"/>')],
    ['comments', `<!-- made by hand --><!-- <script> -->${svg('<!-- http://example.com -->')}`],
    [
      'metadata of editors',
      svg('<sodipodi:namedview xmlns:sodipodi="http://s" id="x"/><metadata>x</metadata>'),
    ],
  ])('%s', (_, source) => {
    expect(readSvg(source).source).toBe(source);
  });

  it('the DOCTYPE of SVG, which is left out', () => {
    const doctype =
      '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">';
    const read = readSvg(`<?xml version="1.0" encoding="UTF-8"?>\n${doctype}\n${svg('')}`);
    expect(read.source.trim()).toBe(svg(''));
  });
});

describe('what it says', () => {
  it('gives titles and descriptions', () => {
    const { titles, descriptions, lines } = readSvg(
      svg(
        '<title>Cooling &amp; heating</title><g><title>Pump <tspan>P-101</tspan></title></g><g><g><title>a->b</title><text>P-101<tspan>A</tspan></text><text/></g><text>V-7</text></g><desc><![CDATA[a < b]]></desc>',
      ),
    );
    expect(titles).toEqual(['Cooling & heating', 'Pump P-101']);
    expect(descriptions).toEqual(['a < b']);
    expect(lines).toEqual(['P-101 A', 'V-7']);
  });
});

describe('what is no SVG', () => {
  it.each([
    ['cut off', svg('<g>').slice(0, -6)],
    ['cut off in a tag', '<svg xmlns="http://www.w3.org/2000/svg" wid'],
    ['HTML', '<html><svg/></html>'],
    ['tags that cross', svg('<g><rect></g></rect>')],
    ['values without quotes', '<svg width=10></svg>'],
    ['an entity nobody knows', svg('<text>&constructor;</text>')],
    ['nothing', '   '],
  ])('%s', (_, source) => {
    expect(reason(source)).toBe('BROKEN_PICTURE');
  });
});
